"""Networks as graphs of NIR.  Truth: closed forms of first spikes, PyTorch's sums, our own spikes."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import errors, learn

nir = pytest.importorskip("nir")

TAU, SYN, R, LEAK, TH, RESET = 0.02, 0.005, 0.1, -70.0, -55.0, -65.0


def full(*values: float, n: int = 2) -> list[np.ndarray]:
    return [np.full(n, v) for v in values]


def save(path: Path, nodes: dict[str, Any], *edges: tuple[str, str], n: int = 2, m: int = 2) -> str:
    """A graph between an input of n and an output of m."""
    first, last = next(iter(nodes)), list(nodes)[-1]
    ends = {"input": nir.Input({"input": np.array([n])}), "output": nir.Output({"output": np.array([m])})}
    links = list(edges) or list(itertools.pairwise(nodes))
    graph = nir.NIRGraph(nodes={**nodes, **ends}, edges=[("input", first), *links, (last, "output")])
    nir.write(str(path), graph)
    return str(path)


def first_spike(net: ss.Network, name: str, current: float) -> float:
    """When the first neuron fires under a constant current, exactly."""
    net.inject(net[name], ss.DC(current))
    return float(net.run(200.0, engine="event", progress=False).spikes[name].times[0])


def test_lif(tmp_path: Path) -> None:
    """tau v' = v_leak - v + R I:  t = tau ln(R I / (R I - (v_th - v_leak)))."""
    lif = nir.LIF(*full(TAU, R, LEAK, TH, RESET))
    net = ss.from_nir(save(tmp_path / "a.nir", {"lif": lif}))
    wanted = 1e3 * TAU * math.log(R * 200.0 / (R * 200.0 - (TH - LEAK)))
    assert first_spike(net, "lif", 200.0) == pytest.approx(wanted, rel=1e-12)
    times = net.run(200.0, engine="event", progress=False).spikes["lif"].lists()[0]
    period = 1e3 * TAU * math.log((R * 200.0 - (RESET - LEAK)) / (R * 200.0 - (TH - LEAK)))
    assert np.diff(times) == pytest.approx(np.full(times.size - 1, period), rel=1e-9)  # no refractory time


def test_if(tmp_path: Path) -> None:
    """v' = R I:  t = (v_th - v_reset) / (R I); the same from spike to spike."""
    net = ss.from_nir(save(tmp_path / "a.nir", {"if": nir.IF(*full(R, 3.0, 1.0))}))
    net.inject(net["if"], ss.DC(200.0))
    times = net.run(1000.0, engine="event", progress=False).spikes["if"].lists()[0]
    assert times[:3] == pytest.approx(1e3 * 2.0 / (R * 200.0) * np.arange(1, 4), rel=1e-9)


def test_cubalif(tmp_path: Path) -> None:
    """One input spike: I = w_in w / tau_syn exp(-t / tau_syn), and v is the difference of two exponentials."""
    cuba = nir.CubaLIF(
        tau_syn=np.full(2, SYN), tau_mem=np.full(2, TAU), r=np.full(2, R), v_leak=np.full(2, LEAK),
        v_threshold=np.full(2, TH), v_reset=np.full(2, RESET), w_in=np.full(2, 0.5),
    )  # fmt: skip
    w = np.array([[16.0, 0.0], [0.0, 0.0]])
    path = save(tmp_path / "a.nir", {"w": nir.Linear(w), "cuba": cuba})
    net = ss.from_nir(path, delay=1.0)
    net.record(net["input"], "spikes")
    sim = ss.Simulation(net, engine="event")
    sim.step(0.1, spikes={"input": [0]})
    sim.run(59.9, progress=False)
    train = sim.result().spikes["cuba"]

    def v(t: float) -> float:  # t in s after arrival
        peak = R * 0.5 * 16.0 / SYN
        return LEAK + peak * SYN / (TAU - SYN) * (math.exp(-t / TAU) - math.exp(-t / SYN))

    assert len(train) >= 1 and train.ids[0] == 0
    (sent,) = sim.result().spikes["input"].times
    assert v((train.times[0] - sent - 1.0) / 1e3) == pytest.approx(TH, abs=1e-6)


def test_filters_and_readout(tmp_path: Path) -> None:
    """LI as a synapse and as a read-out; CubaLI; I."""
    li = nir.LI(*full(TAU, R, 1.5))
    cuba = nir.CubaLI(
        tau_syn=np.full(2, SYN), tau_mem=np.full(2, TAU), r=np.full(2, R), v_leak=np.zeros(2), w_in=np.full(2, SYN)
    )
    filters = {"f": nir.LI(*full(SYN, 2.0, 0.0)), "g": nir.LI(*full(SYN, 1.0, 0.0))}
    lif = nir.LIF(*full(TAU, R, LEAK, TH, RESET))
    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    one = ss.from_nir(save(tmp_path / "1.nir", {"w": nir.Linear(W), "li": li}))
    assert one["li"].model.V_th == math.inf and one["li"].model.E_L == 1.5 and one.projections[0].synapse == ss.Delta()
    assert np.allclose(one.projections[0].rule.values, (W * R / TAU).ravel())  # r w / tau
    assert one.probes and not one.spike_targets
    two = ss.from_nir(save(tmp_path / "2.nir", {"w": nir.Linear(W), "cuba": cuba}))
    assert two.projections[0].synapse == ss.Exponential(5.0) and np.allclose(two.projections[0].rule.values, W.ravel())
    three = ss.from_nir(save(tmp_path / "3.nir", {"w": nir.Linear(W), **filters, "lif": lif}))
    (p,) = three.projections
    assert p.synapse == ss.Gamma(1, 5.0) and set(three.populations) == {"input", "lif"}
    # 2 w / tau (t / tau) exp(-t / tau): its area (pA ms) is 2 w in s
    assert np.allclose(p.rule.values, 2.0 * 1e3 * W.ravel())
    four = ss.from_nir(save(tmp_path / "4.nir", {"i": nir.I(np.full(2, R))}))
    assert four["i"].model.gain == R / 1e3 and four["i"].model.V_th == math.inf


def test_what_is_linear(tmp_path: Path) -> None:
    """Affine, scale, delays and a recurrent loop: products of matrices with their delays."""
    rng = np.random.default_rng(1)
    A, B, bias, s = rng.normal(size=(3, 2)), rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    nodes = {
        "a": nir.Affine(A, bias), "s": nir.Scale(s), "d": nir.Delay(np.array([1e-3, 2e-3, 1e-3])),
        "lif": nir.LIF(*full(TAU, R, 0.0, 1.0, 0.0, n=3)), "b": nir.Linear(B),
    }  # fmt: skip
    ends = {"input": nir.Input({"input": np.array([2])}), "output": nir.Output({"output": np.array([3])})}
    edges = [("input", "a"), ("a", "s"), ("s", "d"), ("d", "lif"), ("lif", "b"), ("b", "lif"), ("lif", "output")]
    nir.write(str(tmp_path / "a.nir"), nir.NIRGraph(nodes={**nodes, **ends}, edges=edges))
    net = ss.from_nir(tmp_path / "a.nir", delay=0.3)
    assert np.allclose(net["lif"].model.I_e, s * bias)
    found = {(str(p.pre), p.delay): matrix(p) for p in net.projections}
    wanted = R / TAU * s[:, None] * A
    keep = np.array([1.0, 0.0, 1.0])[:, None]
    assert np.allclose(found["input", 1.0], wanted * keep) and np.allclose(found["input", 2.0], wanted * (1.0 - keep))
    assert np.allclose(found["lif", 0.3], R / TAU * B) and len(found) == 3


def matrix(p: Any) -> np.ndarray:
    W = np.zeros(p.rule.shape)
    W[p.rule.post, p.rule.pre] = p.rule.values
    return W


@pytest.mark.parametrize("padding", [0, (1, 2), "same", "valid"])
@pytest.mark.parametrize(("stride", "dilation", "groups"), [(1, 1, 1), (2, 1, 2), (1, 2, 1)])
def test_convolution(padding: Any, stride: int, dilation: int, groups: int) -> None:
    """Against the sum itself, one output after the other."""
    from spikesim.formats.nir.linear import matrix_of

    if padding == "same" and stride > 1:
        pytest.skip("not defined in PyTorch")
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(4, 6, 7)), rng.normal(size=(2, 4 // groups, 3, 2)), rng.normal(size=2)
    node = nir.Conv2d(None, w, stride, padding, dilation, groups, b)
    M, bias, shape = matrix_of("c", node, x.shape)
    reach = np.array([dilation * 2, dilation])
    before = reach // 2 if padding == "same" else np.array(padding if isinstance(padding, tuple) else (0, 0))
    after = reach - before if padding == "same" else before
    padded = np.pad(x, ((0, 0), (before[0], after[0]), (before[1], after[1])))
    wanted = np.zeros(shape)
    for o, r, c in np.ndindex(shape):
        total = b[o]
        for i, k, m in np.ndindex(w.shape[1:]):
            channel = i + (o // (2 // groups)) * w.shape[1]
            total += w[o, i, k, m] * padded[channel, r * stride + k * dilation, c * stride + m * dilation]
        wanted[o, r, c] = total
    assert np.allclose((M @ x.ravel() + bias).reshape(shape), wanted)
    pool = nir.AvgPool2d(np.array([2, 3]), np.array([2, 2]), np.array([0, 1]))
    M, bias, shape = matrix_of("p", pool, x.shape)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1)))
    wanted = np.array([[[padded[a, 2 * r : 2 * r + 2, 2 * c : 2 * c + 3].mean() for c in range(shape[2])]
                        for r in range(shape[1])] for a in range(4)])  # fmt: skip
    assert np.allclose((M @ x.ravel() + bias).reshape(shape), wanted)


def test_a_network_of_images(tmp_path: Path) -> None:
    """Conv2d, SumPool2d, Flatten, Linear in a row."""
    rng = np.random.default_rng(2)
    w, V = rng.normal(size=(2, 1, 3, 3)), rng.normal(size=(5, 8))
    nodes = {
        "input": nir.Input({"input": np.array([1, 6, 6])}),
        "conv": nir.Conv2d((6, 6), w, 1, 0, 1, 1, np.zeros(2)),
        "if": nir.IF(*(np.full((2, 4, 4), v) for v in (1.0, 1.0, 0.0))),
        "pool": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "flat": nir.Flatten({"input": np.array([2, 2, 2])}, 0, -1),
        "fc": nir.Linear(V),
        "last": nir.IF(*(np.full(5, v) for v in (1.0, 1.0, 0.0))),
        "output": nir.Output({"output": np.array([5])}),
    }
    names = list(nodes)
    nir.write(str(tmp_path / "a.nir"), nir.NIRGraph(nodes=nodes, edges=list(itertools.pairwise(names))))
    net = ss.from_nir(tmp_path / "a.nir")
    assert {n: p.size for n, p in net.populations.items()} == {"input": 36, "if": 32, "last": 5}
    pooled = np.zeros((8, 32))
    for c, y, x in np.ndindex(2, 4, 4):
        pooled[c * 4 + (y // 2) * 2 + x // 2, c * 16 + y * 4 + x] = 1.0
    assert np.allclose(matrix(net.projections[1]), V @ pooled)
    assert net.run(1.0, progress=False).stats


def networks() -> dict[str, ss.Network]:
    """What NIR can express."""
    found = {}
    for name, synapses in {
        "delta": (ss.Delta(),), "exponential": (ss.Exponential(5.0),), "area": (ss.Exponential(5.0, normalize="area"),),
        "two": (ss.Exponential(5.0), ss.Exponential(3.0)), "gamma": (ss.Alpha(3.0), ss.Delta()),
    }.items():  # fmt: skip
        net = ss.Network(seed=4)
        trains = [[1.0 + k, 7.0 + k / 2, 9.0, 15.0] for k in range(4)]
        source = net.population("source", 4, ss.SpikeTimes(trains))
        cell = ss.LIF(
            tau_m=20.0, C_m=200.0, E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=0.0, I_e=ss.uniform(80.0, 95.0)
        )
        cells = net.population("cells", 6, cell, v=ss.uniform(-60.0, -52.0))
        for k, synapse in enumerate(synapses):
            size = {"Delta": 5.0, "Exponential": 120.0 * (5.0 if name == "area" else 1.0), "Alpha": 90.0}
            weight = ss.uniform(0.8, 1.0)
            net.connect(source, cells, ss.fixed_probability(0.7), weight=size[type(synapse).__name__], delay=1.0,
                        synapse=synapse, name=f"in {k}")  # fmt: skip
            net.connect(cells, cells, ss.fixed_indegree(2), weight=weight, delay=ss.uniform(0.5, 1.5), synapse=synapse)
        net.inject(cells, ss.DC(10.0))
        net.record(cells, "spikes")
        found[name] = net
    return found


@pytest.mark.parametrize("name", ["delta", "exponential", "area", "two", "gamma"])
def test_round_trip(name: str, tmp_path: Path) -> None:
    """The same spikes from the same trains, whatever way the synapses took."""
    net = networks()[name]
    path = ss.to_nir(net, tmp_path / "a.nir")
    again = ss.from_nir(path)
    assert set(again.populations) == {"source", "cells"}
    fed = ss.Network(seed=4)
    for n, p in again.populations.items():
        fed.population(n, p.size, net["source"].model if n == "source" else p.model, **p.initial)
    for p in again.projections:
        rule = p.rule
        fed.connect(fed[str(p.pre)], fed[str(p.post)][p.post.parts[0][1]], rule, delay=p.delay, synapse=p.synapse)
    fed.record(fed["cells"], "spikes")
    a, b = (n.run(40.0, engine="event", progress=False).spikes["cells"] for n in (net, fed))
    assert len(a) > 10 and np.array_equal(a.ids, b.ids) and np.allclose(a.times, b.times, rtol=0, atol=1e-6)
    graph = nir.read(path)
    for node in graph.nodes.values():  # arrays of the layer's shape, never scalars
        for key, value in vars(node).items():
            if isinstance(value, np.ndarray) and key != "weight" and True:
                assert value.shape in ((6,), (4,)), key
    kind = "CubaLIF" if name in ("exponential", "area") else "LIF"
    cells = graph.nodes["cells"]
    assert type(cells).__name__ == kind and np.allclose(cells.tau_mem if kind == "CubaLIF" else cells.tau, 0.02)
    assert np.allclose(cells.r, 0.1) and np.allclose(cells.v_threshold, -50.0) and np.allclose(cells.v_reset, -60.0)


def test_a_model(tmp_path: Path) -> None:
    """A model that learns, there and back."""
    cell = ss.LIF.normalized(t_ref=0.0)
    model = learn.Sequential(learn.Spiking(6, cell, ss.Exponential(5.0, normalize="area")), learn.Readout(3))
    rng = np.random.default_rng(0)
    x = (rng.random((1, 20, 4)) < 0.3).astype(float)
    model(x)
    path = ss.to_nir(model, tmp_path / "a.nir")
    kinds = [type(node).__name__ for node in nir.read(path).nodes.values()]
    assert kinds.count("Input") == 1 and {"CubaLIF", "CubaLI"} <= set(kinds)


def test_refused(tmp_path: Path) -> None:
    """All that cannot be expressed, in one message; what may be left out with a warning."""
    net = ss.Network()
    a, b = net.population("adex", 2, ss.AdEx()), net.population("lif", 2, ss.LIF())
    net.connect(a, b, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.AMPA(), name="p")
    net.background(b, rate=10.0, weight=1.0, synapse=ss.Exponential(2.0), name="drive")
    net.inject(b, ss.Sine(5.0, 10.0), name="sine")
    with pytest.raises(errors.InvalidValueError) as found:
        ss.to_nir(net, tmp_path / "a.nir")
    for part in (
        "population 'adex': AdEx",
        "projection 'p': AMPA",
        "t_ref",
        "background 'drive'",
        "inject 'sine': Sine",
    ):
        assert part in str(found.value)
    assert not (tmp_path / "a.nir").exists()
    lif = ss.Network()
    lif.population("lif", 2, ss.LIF())
    with pytest.raises(errors.InvalidValueError, match="'lif': t_ref; allow_loss=True goes on"):
        ss.to_nir(lif, tmp_path / "a.nir")
    with pytest.warns(errors.SpikesimWarning, match="left out, as NIR cannot express it: population 'lif': t_ref"):
        ss.to_nir(lif, tmp_path / "a.nir", allow_loss=True)
    with pytest.raises(errors.OutputFileError, match="exists already"):
        ss.to_nir(lif, tmp_path / "a.nir", allow_loss=True)
    for wrong in (3, "model"):
        with pytest.raises(errors.InvalidTypeError, match="wanted a Network or a model"):
            ss.to_nir(wrong, tmp_path / "b.nir")
    with pytest.raises(errors.InvalidTypeError, match="wanted a path"):
        ss.to_nir(lif, 3)


def test_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.nir").write_bytes(b"nothing" * 100)
    with pytest.raises(errors.FileFormatError, match="is no NIR file"):
        ss.from_nir(tmp_path / "a.nir")
    with pytest.raises(FileNotFoundError):
        ss.from_nir(tmp_path / "none.nir")
    lif = nir.LIF(*full(TAU, R, LEAK, TH, RESET))
    path = str(tmp_path / "b.nir")
    ends = {"input": nir.Input({"input": np.array([3])}), "output": nir.Output({"output": np.array([2])})}
    wrong = {"w": nir.Linear(np.ones((4, 3))), "lif": lif, **ends}
    edges = [("input", "w"), ("w", "lif"), ("lif", "output")]
    graph = nir.NIRGraph(nodes=wrong, edges=edges, type_check=False)
    nir.write(path, graph)
    with pytest.raises(errors.FileFormatError):
        ss.from_nir(path)
    nodes = {"t": nir.Threshold(np.ones(2)), "lif": lif}
    with pytest.raises(errors.InvalidValueError, match=r"no network here has 't' \(Threshold\)"):
        ss.from_nir(save(tmp_path / "c.nir", nodes))
    cuba = nir.CubaLIF(**dict(zip(("tau_syn", "tau_mem", "r", "v_leak", "v_threshold", "v_reset"),
                                  full(SYN, TAU, R, LEAK, TH, RESET))))  # fmt: skip
    path = save(tmp_path / "d.nir", {"a": nir.Affine(np.eye(2), np.ones(2)), "cuba": cuba})
    with pytest.raises(errors.InvalidValueError, match="a constant into 'cuba'"):
        ss.from_nir(path)
    with pytest.warns(errors.SpikesimWarning, match="not expressed exactly"):
        assert ss.from_nir(path, allow_loss=True)["cuba"].model.I_e == 1.0
