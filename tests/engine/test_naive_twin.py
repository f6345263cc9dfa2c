"""Truth: an independent simulator, one neuron and one spike at a time (tests/engine/naive.py)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spikesim as ss
from spikesim.jit import JIT

from . import naive

DT = 0.1


def both(seed: int, n: int, steps: int, t_ref: float, ratio: float, threads: int) -> None:
    """Run one random network, sources, autapses and multapses included, in both simulators."""
    rng = np.random.default_rng(seed)
    tau_m = 10.0
    lif = {"C_m": 200.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -60.0}
    synapses = [
        ss.Exponential(tau=tau_m * ratio),
        ss.Alpha(tau=2.0),
        ss.Gamma(2, 3.0),
        ss.Delta(),
        ss.Exponential(tau=1.5, normalize="area"),
    ]
    ports = [
        naive.Port(1, tau_m * ratio, 1.0),
        naive.Port(2, 2.0, naive.gamma_gain(1, 2.0, "peak")),
        naive.Port(3, 3.0, naive.gamma_gain(2, 3.0, "area")),
        naive.Port(0, 1.0, 1.0),
        naive.Port(1, 1.5, 1 / 1.5),
    ]
    scale = [150.0, 150.0, 900.0, 3.0, 200.0]
    I_e = rng.uniform(200.0, 400.0, n)
    v = rng.uniform(-65.0, -45.0, n)
    times = [sorted(rng.integers(0, steps, 12).tolist()) for _ in range(2)]
    net = ss.Network()
    cells = net.population("cells", n, ss.LIF(tau_m=tau_m, t_ref=t_ref, I_e=I_e, **lif), v=v)
    source = net.population("source", 2, ss.SpikeTimes([[k * DT for k in t] for t in times]))
    edges = []
    for port, synapse in enumerate(synapses):
        for group, first, m in ((cells, 0, n), (source, n, 2)):
            k = 4 * n
            pre, post = rng.integers(0, m, k), rng.integers(0, n, k)
            weight = rng.normal(0.3, 1.0, k) * scale[port] * 0.3
            delay = rng.integers(1, 40, k)
            net.connect(
                group, cells, ss.from_pairs(pre, post), weight=weight, delay=delay * DT, synapse=synapse,
                name=f"{port} from {group.name}",
            )  # fmt: skip
            listed = zip(pre, post, weight, delay)
            edges += [naive.Edge(int(a) + first, int(b), w, int(d), port) for a, b, w, d in listed]
    net.record(cells + source, "spikes")
    net.record(cells, "v")
    result = net.run(steps * DT, threads=threads, progress=False)
    bodies = [naive.Cell(tau_m, t_ref=round(t_ref / DT), I_e=float(i), v=float(u), **lif) for i, u in zip(I_e, v)]
    spikes, trace = naive.simulate(bodies, ports, edges, {n: times[0], n + 1: times[1]}, steps, DT)
    mine = sorted(
        (round(t / DT), int(i) + first)
        for name, first in (("cells", 0), ("source", n))
        for t, i in zip(result.spikes[name].times, result.spikes[name].ids)
    )
    assert mine == sorted(spikes)
    np.testing.assert_allclose(result.traces["cells"]["v"].values, trace, rtol=0, atol=1e-9)
    assert len(spikes) >= 24


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("t_ref", [0.0, 0.1, 2.0])
@pytest.mark.parametrize("ratio", [0.3, 1.0, 1.0 + 1e-9])
def test_random_networks(threads: int, t_ref: float, ratio: float) -> None:
    both(int(10 * t_ref) + threads, 12 if JIT else 4, 400 if JIT else 60, t_ref, ratio, threads)


@settings(max_examples=15 if JIT else 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), n=st.integers(1, 9), threads=st.integers(1, 3), ratio=st.floats(0.02, 5.0))
def test_drawn_networks(seed: int, n: int, threads: int, ratio: float) -> None:
    both(seed, n, 150 if JIT else 60, 0.5, ratio, threads)
