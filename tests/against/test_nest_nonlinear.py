"""Truth: another simulator.  HodgkinHuxley, conductance LIF, AdEx and Izhikevich against NEST 3.10.

NEST integrates these adaptively within a grid of 0.01 ms (izhikevich: Euler at 0.0001 ms), spikesim by fixed
schemes.  Both round a spike, and with it the reset, up to the grid: in models that are not clamped for long
the delays add up from spike to spike, so AdEx and Izhikevich run at 0.001 ms here, where the two must meet.
The networks and NEST's answers stand in data/nest_nonlinear.npz (written by make_nest_nonlinear.py).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

import spikesim as ss

from .rebuilt import rebuild, spikes_of
from .stored import Recipe, Reference, load

REFERENCES = load("nest_nonlinear")
pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="a million steps: minutes in plain Python")


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


def run(reference: Reference, dt: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spike times (ms), their cells, and V at the stored samples."""
    recipe = reference.recipe
    result = build(recipe).run(recipe.steps * recipe.dt, dt=dt)
    steps, ids = spikes_of(result, dt)
    return steps * dt, ids, result.traces["cells"]["v"].values


@pytest.mark.parametrize("name", [n for n in REFERENCES if n.startswith("hh/")])
def test_hodgkin_huxley(name: str) -> None:
    """Upward crossings of 0 mV within 0.02 ms; V within 0.1 mV wherever it moves by less than 50 mV/ms."""
    reference = REFERENCES[name]
    dt = reference.recipe.dt
    times, _, v = run(reference, dt)
    theirs = reference.v[:, 0]
    crossings = (np.flatnonzero((theirs[1:] >= 0) & (theirs[:-1] < 0)) + 2) * dt
    assert crossings.size > 2
    np.testing.assert_allclose(times, crossings, rtol=0, atol=0.0201)
    slow = np.abs(np.gradient(theirs, dt)) < 50.0
    assert slow.mean() > 0.9
    np.testing.assert_allclose(v[slow, 0], theirs[slow], rtol=0, atol=0.1)


def test_conductance_network() -> None:
    """Twenty recurrent conductance-based cells: every spike within two steps, V within 0.01 mV before."""
    reference = REFERENCES["cond/recurrent"]
    recipe = reference.recipe
    times, ids, v = run(reference, recipe.dt)
    for cell in range(recipe.size):
        theirs = reference.spike_steps[reference.spike_ids == cell] * recipe.dt
        np.testing.assert_allclose(times[ids == cell], theirs, rtol=0, atol=2.01 * recipe.dt)
    close = np.abs(v - reference.v) < 0.01
    assert close.mean() > 0.999  # all but the samples between a spike here and the same spike there


@pytest.mark.parametrize("name", [n for n in REFERENCES if n.startswith("adex/")])
def test_adex(name: str) -> None:
    """The same number of spikes, each within 0.06 ms: NEST's own rounding to 0.01 ms adds up over a burst."""
    reference = REFERENCES[name]
    times, _, _ = run(reference, 0.001)
    theirs = reference.spike_steps * reference.recipe.dt
    assert theirs.size > 5
    np.testing.assert_allclose(times, theirs, rtol=0, atol=0.06)


@pytest.mark.parametrize("name", [n for n in REFERENCES if n.startswith("izhikevich/")])
def test_izhikevich(name: str) -> None:
    """The same number of spikes, half within 0.03 ms, those that hover at the edge of firing within 0.15."""
    reference = REFERENCES[name]
    times, _, _ = run(reference, 0.001)
    theirs = reference.spike_steps * reference.recipe.dt
    assert theirs.size > 5
    np.testing.assert_allclose(times, theirs, rtol=0, atol=0.15)
    assert np.median(np.abs(times - theirs)) < 0.03
