"""The same script with pyNN.nest, where NEST is installed.  Truth: NEST's spikes and potentials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

DT = 0.01

#: Cell type, weights onto it (uS, nA), largest difference of its potential (mV).
CELLS = {
    "IF_curr_exp": (0.5, -0.5, 1e-10),
    "IF_curr_alpha": (0.5, -0.5, 1e-10),
    "IF_cond_exp": (0.01, 0.02, 1e-6),
    "IF_cond_alpha": (0.01, 0.02, 1e-4),
    "EIF_cond_exp_isfa_ista": (0.003, 0.004, 3e-4),
    "EIF_cond_alpha_isfa_ista": (0.002, 0.004, 3e-4),
}


def run(sim: Any, cell: str, excitation: float, inhibition: float, synapse: str) -> np.ndarray:
    """The potential of a cell that spikes of both signs reach."""
    sim.setup(timestep=DT, min_delay=DT)
    cells = sim.Population(1, getattr(sim, cell)(v_thresh=-45.0))
    more = {"U": 0.3, "tau_rec": 50.0, "tau_facil": 30.0} if synapse == "TsodyksMarkramSynapse" else {}
    for times, weight, receptor in (
        ([5.0, 8.0, 9.5, 20.0], excitation, "excitatory"),
        ([15.0, 16.0], inhibition, "inhibitory"),
    ):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
        kind = getattr(sim, synapse)(weight=weight, delay=1.0, **more)
        sim.Projection(source, cells, sim.AllToAllConnector(), kind, receptor_type=receptor)
    cells.record("v")
    sim.run(40.0)
    found = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0].copy()
    sim.end()
    return found


@pytest.mark.parametrize("synapse", ["StaticSynapse", "TsodyksMarkramSynapse"])
@pytest.mark.parametrize("cell", CELLS)
def test_potentials_are_nests(sim: Any, cell: str, synapse: str) -> None:
    pytest.importorskip("nest")
    nest = pytest.importorskip("pyNN.nest")
    excitation, inhibition, most = CELLS[cell]
    own, theirs = (run(module, cell, excitation, inhibition, synapse) for module in (sim, nest))
    assert own.shape == theirs.shape and np.ptp(own) > 0.2
    assert np.abs(own - theirs).max() < most
