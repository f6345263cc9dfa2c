"""Truth: another simulator.  HodgkinHuxley, conductance LIF, AdEx and Izhikevich against NEST 3.10.

NEST integrates these adaptively (izhikevich: Euler at 0.001 ms), spikesim by fixed schemes of second order at
dt = 0.01 ms.  Both round a spike, and with it the reset, up to the grid, so the k-th spike of a cell that is
not clamped afterwards may be k steps off; the tolerances say what is granted on top of that.
The networks and NEST's answers stand in data/nest_nonlinear.npz (written by make_nest_nonlinear.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss

from .rebuilt import rebuild, spikes_of
from .stored import Recipe, Reference, load

REFERENCES = load("nest_nonlinear")
DT = 0.01


def build(recipe: Recipe) -> ss.Network:
    """The recipe with spikesim's names for states and parameters."""
    cell = recipe.cell
    if recipe.model == "hh_psc_alpha":
        gates = {"Act_m": "m", "Inact_h": "h", "Act_n": "n"}
        ports = (ss.Alpha(tau=cell["tau_syn_ex"]), ss.Alpha(tau=cell["tau_syn_in"]))
        return rebuild(recipe, ss.HodgkinHuxley, *ports, names=gates)
    if recipe.model == "izhikevich":
        return rebuild(recipe, ss.Izhikevich, ss.Delta(), ss.Delta(), names={"U_m": "u", "V_th": "V_peak"})
    ports = (
        ss.ConductanceExponential(tau=cell["tau_syn_ex"], E_rev=cell["E_ex"]),
        ss.ConductanceExponential(tau=cell["tau_syn_in"], E_rev=cell["E_in"]),
    )
    model = {"iaf_cond_exp": _leaky, "aeif_cond_exp": _adaptive}[recipe.model]
    return rebuild(recipe, model, *ports, sign=-1.0)


def _leaky(*, C_m: float, g_L: float, **other: float) -> Any:
    return ss.LIF(C_m=C_m, tau_m=C_m / g_L, **other)


def _adaptive(*, gsl_error_tol: float, **other: float) -> Any:
    return ss.AdEx(**other)


def run(reference: Reference) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spike times (ms), their cells, and V at the stored samples."""
    recipe = reference.recipe
    result = build(recipe).run(recipe.steps * recipe.dt, dt=DT)
    steps, ids = spikes_of(result, DT)
    return steps * DT, ids, result.traces["cells"]["v"].values


@pytest.mark.parametrize("name", [n for n in REFERENCES if n.startswith("hh/")])
def test_hodgkin_huxley(name: str) -> None:
    """Upward crossings of 0 mV within 0.02 ms; V within 0.1 mV wherever it moves by less than 1 mV a step."""
    reference = REFERENCES[name]
    times, _, v = run(reference)
    theirs = reference.v[:, 0]
    crossings = (np.flatnonzero((theirs[1:] >= 0) & (theirs[:-1] < 0)) + 2) * DT
    assert crossings.size > 2
    np.testing.assert_allclose(times, crossings, rtol=0, atol=0.0201)
    slow = np.abs(np.gradient(theirs)) < 1.0
    np.testing.assert_allclose(v[slow, 0], theirs[slow], rtol=0, atol=0.1)


def test_conductance_network() -> None:
    """Twenty recurrent conductance-based cells: every spike within two steps, V within 0.01 mV before."""
    reference = REFERENCES["cond/recurrent"]
    times, ids, v = run(reference)
    recipe = reference.recipe
    for cell in range(recipe.size):
        theirs = reference.spike_steps[reference.spike_ids == cell] * recipe.dt
        np.testing.assert_allclose(times[ids == cell], theirs, rtol=0, atol=2.01 * DT)
    close = np.abs(v - reference.v) < 0.01
    assert close.mean() > 0.999  # the samples between a spike here and the same spike there


@pytest.mark.parametrize("name", [n for n in REFERENCES if n.startswith(("adex/", "izhikevich/"))])
def test_two_variable_models(name: str) -> None:
    """The same number of spikes; the k-th within k + 2 steps of the grid."""
    reference = REFERENCES[name]
    times, _, _ = run(reference)
    theirs = reference.spike_steps * reference.recipe.dt
    assert times.size == theirs.size > 2
    late = np.abs(times - theirs) / DT
    assert np.all(late <= np.arange(1, late.size + 1) + 2), f"steps off: {np.round(late, 1)}"
