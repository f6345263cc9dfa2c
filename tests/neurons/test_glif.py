"""Generalised leaky integrate-and-fire, level 5, against SciPy from spike to spike."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.neurons import GLIF, Input

FULL = {
    "f_v": 0.2, "delta_V": 3.0, "delta_I_1": -20.0, "delta_I_2": -60.0, "r_2": 0.5, "delta_theta": 2.0, "a_v": 0.01,
    "I_e": 450.0,
}  # fmt: skip


def spikes_by_scipy(p: Any, until: float) -> list[float]:
    """SciPy with the reset and the refractory time by hand."""
    t, s, found = 0.0, np.array(GLIF.rest(p)), []
    crossing = lambda t, s: GLIF.margin(tuple(s), p)  # noqa: E731
    crossing.terminal, crossing.direction = True, 1.0  # type: ignore[attr-defined]
    while True:
        run = solve_ivp(
            lambda t, s: GLIF.slope(tuple(s), Input(), p), (t, until), s, "DOP853", rtol=1e-11, atol=1e-11,
            events=crossing,
        )  # fmt: skip
        if run.status != 1:
            return found
        t, s = float(run.t[-1]), np.array(GLIF.reset(tuple(run.y[:, -1]), p))
        found.append(t)
        s[1:4] *= np.exp(-p.t_ref / np.array([p.tau_1, p.tau_2, p.tau_s]))
        t += p.t_ref


def test_spikes_against_scipy() -> None:
    """Level 5 on the clock, which is exact but for the grid."""
    p = GLIF(**FULL)
    wanted = spikes_by_scipy(p, 150.0)
    net = ss.Network(seed=1)
    cell = net.population("cell", 1, p)
    net.record(cell, "spikes")
    times = net.run(150.0, dt=0.01, progress=False).spikes["cell"].times
    assert len(wanted) > 3
    np.testing.assert_allclose(times, wanted, atol=0.01 * (len(wanted) + 1))


def test_adaptation() -> None:
    """Each mechanism alone slows the cell."""

    def count(**given: float) -> int:
        net = ss.Network(seed=1)
        cell = net.population("cell", 1, GLIF(I_e=450.0, **given))
        net.record(cell, "spikes")
        return net.run(300.0, progress=False).spikes["cell"].count()

    plain = count()
    assert plain > 20
    for given in ({"delta_I_1": -20.0}, {"delta_theta": 2.0}, {"a_v": 0.02}, {"delta_V": 5.0}):
        assert 0 < count(**given) < plain
