"""Writes data/brian_fly.npz: spikes of the fly's brain (Shiu et al. 2024) in Brian 2, on a connectome that is made up.

Equations, parameters and order as in the authors' code: (unless refractory) on v and g, weights of 0.275 mV a synapse,
neurons that are activated without a refractory period, silenced ones with weights of 0.  Their Poisson input is
replaced by trains that are listed (steps), each spike of which moves v by 68.75 mV as Brian's own PoissonInput does:
among the synapses, unless the neuron is refractory.

Made with brian2 2.9.0 (numpy target, no compiler), numpy 2.3, Python 3.11; the connectome by spikesim:

    python -m venv brian && brian/bin/pip install brian2 "numpy<2.4" numba scipy h5py
    PYTHONPATH=. brian/bin/python tests/against/make_brian_fly.py
"""

from __future__ import annotations

from pathlib import Path

import brian2 as b2
import numpy as np
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, StateMonitor, Synapses, ms, mV

from spikesim.published import synthetic_connectome

FILE = Path(__file__).parent / "data" / "brian_fly.npz"
N, CONNECTIONS, STEPS, DT = 400, 16_000, 10_000, 0.1
ACTIVATED, SILENCED, TRACED = np.arange(12), np.array([5, 60, 61, 62]), np.array([0, 5, 100, 399])
EQUATIONS = """
dv/dt = (v_0 - v + g) / t_mbr : volt (unless refractory)
dg/dt = -g / tau : volt (unless refractory)
rfc : second
"""
PARAMETERS = {"v_0": -52 * mV, "v_rst": -52 * mV, "v_th": -45 * mV, "t_mbr": 20 * ms, "tau": 5 * ms}


def main() -> None:
    """Run it once."""
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = DT * ms
    brain = synthetic_connectome(N, CONNECTIONS, seed=3)
    weight = brain.weight * 3.0  # so few neurons need stronger synapses to go on
    weight[np.isin(brain.pre, SILENCED)] = 0.0
    draw = np.random.default_rng(1)
    steps, who = np.nonzero(draw.random((STEPS, ACTIVATED.size)) < 0.015)

    neurons = NeuronGroup(
        N, EQUATIONS, method="exact", threshold="v > v_th", reset="v = v_rst; g = 0*mV", refractory="rfc",
        namespace=PARAMETERS,
    )  # fmt: skip
    neurons.v, neurons.g, neurons.rfc = -52 * mV, 0 * mV, 2.2 * ms
    neurons.rfc[ACTIVATED] = 0 * ms
    synapses = Synapses(neurons, neurons, "w : volt", on_pre="g += w", delay=1.8 * ms)
    synapses.connect(i=brain.pre, j=brain.post)
    synapses.w = weight * 0.275 * mV
    trains = SpikeGeneratorGroup(ACTIVATED.size, who, steps * DT * ms)
    input_ = Synapses(trains, neurons, on_pre="v += 68.75*mV")
    input_.connect(i=np.arange(ACTIVATED.size), j=ACTIVATED)
    spikes, states = SpikeMonitor(neurons), StateMonitor(neurons, ["v", "g"], record=TRACED, when="end")
    Network(neurons, synapses, trains, input_, spikes, states).run(STEPS * DT * ms)
    np.savez_compressed(
        FILE, pre=brain.pre.astype(np.uint16), post=brain.post.astype(np.uint16),
        weight=brain.weight.astype(np.int16) * 3, activated=ACTIVATED, silenced=SILENCED, steps=STEPS, dt=DT,
        train_step=steps.astype(np.uint16), train_of=who.astype(np.uint8),
        spike_step=np.rint(np.asarray(spikes.t / ms) / DT).astype(np.uint16), spike_id=np.asarray(spikes.i, np.uint16),
        traced=TRACED, v=np.asarray(states.v / mV).T[::5], g=np.asarray(states.g / mV).T[::5],
        version=b2.__version__,
    )  # fmt: skip
    counts = np.bincount(np.asarray(spikes.i), minlength=N)
    print(f"{spikes.num_spikes} spikes of {np.sum(counts > 0)} neurons; {FILE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
