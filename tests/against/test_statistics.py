"""Truth: other simulators.  Rates, irregularity and synchrony of published networks against NEST and Brian 2.

Two random networks are never the same, so means over seeds are compared: six or ten of the peer's (data/*.json, which
the scripts make_*.py write) and a few of spikesim.  They may differ by four standard errors (from the peer's
spread over seeds) and one per cent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

import spikesim as ss
from spikesim import published

from .firing import firing, stored

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(numba.config.DISABLE_JIT, reason="thousands of cells: hours in plain Python"),
]


def brunel(net: ss.Network, g: float, eta: float) -> None:
    """Brunel (2000), model A, 12,500 cells."""
    theta, j, delay = 20.0, 0.1, 1.5
    cell = ss.LIF(tau_m=20.0, C_m=250.0, E_L=0.0, V_th=theta, V_reset=10.0, t_ref=2.0)
    exc = net.population("exc", 10_000, cell, v=ss.uniform(0.0, theta))
    inh = net.population("inh", 2_500, cell, v=ss.uniform(0.0, theta))
    everyone = exc + inh
    net.background(everyone, rate=1000.0 * eta * theta / (j * 20.0), weight=j, synapse=ss.Delta())
    for pre, k, weight in ((exc, 1000, j), (inh, 250, -g * j)):
        net.connect(pre, everyone, ss.fixed_indegree(k), weight=weight, delay=delay, synapse=ss.Delta())


def pairs(net: ss.Network, cell: Any, low: float, high: float, dt: float, *kinds: tuple[float, Any]) -> None:
    """4,000 cells, 2 % of all pairs, (weight, synapse) for the excitatory and the inhibitory ones."""
    exc = net.population("exc", 3200, cell, v=ss.uniform(low, high))
    inh = net.population("inh", 800, cell, v=ss.uniform(low, high))
    rule = ss.fixed_probability(0.02, allow_autapses=False)
    for pre, (weight, synapse) in zip((exc, inh), kinds):
        net.connect(pre, exc + inh, rule, weight=weight, delay=dt, synapse=synapse)


def cuba(net: ss.Network) -> None:
    """Brette et al. (2007), benchmark 2."""
    cell = ss.LIF(tau_m=20.0, C_m=200.0, E_L=-49.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0)
    kinds = (16.2, ss.Exponential(tau=5.0)), (-90.0, ss.Exponential(tau=10.0))
    pairs(net, cell, -60.0, -50.0, 0.1, *kinds)


CONDUCTANCES = (6.0, 5.0, 0.0), (67.0, 10.0, -80.0)  # nS, ms, mV


def coba(net: ss.Network) -> None:
    """Brette et al. (2007), benchmark 1, started by 50 ms of 200 pA."""
    cell = ss.LIF(tau_m=20.0, C_m=200.0, E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0)
    kinds = [(w, ss.ConductanceExponential(tau=tau, E_rev=e)) for w, tau, e in CONDUCTANCES]
    pairs(net, cell, -60.0, -50.0, 0.1, *kinds)
    net.inject(net["exc"] + net["inh"], ss.DC(200.0, start=0.0, stop=50.0))


def cobahh(net: ss.Network) -> None:
    """Brette et al. (2007), benchmark 3, started like coba; one step of delay, of 0.05 ms."""
    kinds = [(w, ss.ConductanceExponential(tau=tau, E_rev=e)) for w, tau, e in CONDUCTANCES]
    pairs(net, ss.TraubMiles(), -70.0, -60.0, 0.05, *kinds)
    net.inject(net["exc"] + net["inh"], ss.DC(200.0, start=0.0, stop=50.0))


def measured(build: Callable[[ss.Network], None], seed: int, dt: float, window: tuple[float, float]) -> dict:
    """Population -> statistic -> value of one run of what `build` puts into an empty network."""
    net = ss.Network(seed=seed)
    build(net)
    for population in net.populations.values():
        net.record(population, "spikes")
    return of_run(net, dt, window)


def of_run(net: ss.Network, dt: float, window: tuple[float, float]) -> dict:
    """Population -> statistic -> value of one run."""
    trains = net.run(window[1], dt=dt).spikes
    sizes = {name: population.size for name, population in net.populations.items()}
    return {name: firing(trains[name].times, trains[name].ids, sizes[name], *window) for name in sizes}


def compare(runs: list[dict], peer: dict[str, dict[str, np.ndarray]], leave: tuple[str, ...] = ()) -> None:
    """Fail with a table of every statistic that lies outside, but for those to leave alone."""
    outside = []
    for population, statistics in peer.items():
        for key, theirs in statistics.items():
            if key in leave:
                continue
            ours = np.array([run[population][key] for run in runs])
            error = theirs.std(ddof=1) * np.sqrt(1 / ours.size + 1 / theirs.size)
            if not abs(ours.mean() - theirs.mean()) <= 4 * error + 0.01 * abs(theirs.mean()):
                ours_, theirs_ = np.round(ours, 4), f"{theirs.mean():.4f} +- {theirs.std(ddof=1):.4f} (sd)"
                outside.append(f"{population} {key}: ours {ours_}, peer {theirs_}")
    assert not outside, "\n".join(outside)


@pytest.mark.parametrize("build, seeds", [(cuba, 4), (coba, 2)])
def test_vogels_abbott(build: Callable[[ss.Network], None], seeds: int) -> None:
    """CUBA and COBA against NEST."""
    runs = [measured(build, seed, 0.1, (300.0, 1300.0)) for seed in range(1, seeds + 1)]
    compare(runs, stored("nest_statistics", build.__name__))


REGIMES = {"SR": (3.0, 2.0), "SI-fast": (6.0, 4.0), "AI": (5.0, 2.0), "SI-slow": (4.5, 0.9)}


@pytest.mark.parametrize("regime", REGIMES)
def test_brunel(regime: str) -> None:
    """The four regimes of figure 8 against NEST, at full size."""
    window = (200.0, 700.0) if regime == "SR" else (200.0, 1200.0)
    run = measured(lambda net: brunel(net, *REGIMES[regime]), 1, 0.1, window)
    leave: tuple[str, ...] = ()
    if regime == "SR":
        # every cell fires every 3 ms: all that is left of CV is a few in a thousand, and the correlation of
        # counts in bins of 5 ms says where the volleys fall in the bins
        leave = ("cv", "correlation")
        assert run["exc"]["cv"] < 0.01 and run["inh"]["cv"] < 0.01
    compare([run], stored("nest_statistics", f"brunel-{regime}"), leave)


def test_cobahh() -> None:
    """COBAHH at 0.05 ms against Brian 2 at 0.02 ms."""
    runs = [measured(cobahh, seed, 0.05, (300.0, 1300.0)) for seed in (1, 2)]
    compare(runs, stored("brian_statistics", "cobahh"))


def test_microcircuit() -> None:
    """All eight populations at a tenth against NEST, which was given the tables of microcircuit.py here."""
    runs = [of_run(published.microcircuit(0.1, seed=seed), 0.1, (500.0, 1500.0)) for seed in range(1, 4)]
    compare(runs, stored("nest_statistics", "microcircuit-0.1"))
