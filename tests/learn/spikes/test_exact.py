"""Exact gradients.  Truths: central differences with the number and order of spikes unchanged; a closed form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError, UnknownNameError

N, DURATION = 6, 60.0
FAST, SLOW = ss.Exponential(5.0, normalize="area"), ss.Exponential(8.0)


def start() -> dict[str, Any]:
    """The numbers of a recurrent network with a delay, a weight and parameters for each."""
    rng = np.random.default_rng(11)
    return {
        "times": [np.sort(rng.uniform(1.0, 50.0, 4)) for _ in range(4)],
        "w_in": rng.normal(25.0, 8.0, 4 * N),
        "d_in": rng.uniform(0.5, 4.0, 4 * N),
        "w": rng.normal(1.0, 4.0, (N, N)),
        "d": rng.uniform(1.0, 6.0, (N, N)),
        "tau_in": 5.0,
        "tau": 8.0,
        "tau_m": rng.uniform(15.0, 25.0, N),
        "C_m": 20.0,
        "V_th": 1.0,
        "V_reset": rng.uniform(-0.2, 0.1, N),
        "E_L": 0.1,
        "t_ref": 2.0,
        "I_e": rng.uniform(0.3, 0.7, N),
        "v": rng.uniform(0.0, 0.5, N),
        "amplitude": 0.2,
    }


def build(p: dict[str, Any]) -> ss.Network:
    net = ss.Network(seed=3)
    source = net.population("in", 4, ss.SpikeTimes(p["times"]))
    names = ("tau_m", "C_m", "V_th", "V_reset", "E_L", "t_ref", "I_e")
    cells = net.population("cells", N, ss.LIF(**{name: p[name] for name in names}), v=p["v"])
    pre, post = np.divmod(np.arange(4 * N), N)
    net.connect(
        source, cells, ss.from_pairs(pre, post), weight=p["w_in"], delay=p["d_in"], name="input",
        synapse=ss.Exponential(p["tau_in"], normalize="area"),
    )  # fmt: skip
    net.connect(
        cells, cells, ss.all_to_all(), weight=p["w"], delay=p["d"], synapse=ss.Exponential(p["tau"]), name="loop"
    )
    net.inject(cells, ss.DC(p["amplitude"]), name="current")
    return net


def loss(run: Any) -> Any:
    """Spike times of different weight, first spikes, sampled potentials and the integral."""
    r = run["cells"]
    return (
        (np.sin(r.times) * (1.0 + r.ids)).sum()
        + (r.first() ** 2).sum() / 100.0
        + (r.v([20.0, 41.3]) ** 2).sum()
        + (r.integral() * np.arange(1.0, N + 1.0)).sum() / 10.0
    )


NAMES = {
    "input.weight": "w_in",
    "input.delay": "d_in",
    "input.tau": "tau_in",
    "loop.weight": "w",
    "loop.delay": "d",
    "loop.tau": "tau",
    "in.times": "times",
    "cells.v": "v",
    "current.amplitude": "amplitude",
    **{f"cells.{name}": name for name in ("tau_m", "C_m", "V_th", "V_reset", "E_L", "t_ref", "I_e")},
}


def value(p: dict[str, Any], spikes: np.ndarray | None) -> float:
    g = learn.gradients(build(p), loss, [], duration=DURATION)
    if spikes is not None:
        np.testing.assert_array_equal(g.ids["cells"], spikes)  # as many, in the same order
    return g.loss


@pytest.fixture(scope="module")
def exact() -> Any:
    return learn.gradients(build(start()), loss, list(NAMES), duration=DURATION)


def test_there_is_much_to_differentiate(exact: Any) -> None:
    assert len(exact.ids["cells"]) >= 30
    assert len(set(exact.ids["cells"])) == N
    assert exact.clipped == 0


@pytest.mark.parametrize("name", NAMES)
def test_central_differences(exact: Any, name: str) -> None:
    """Of order 4, h = 1e-4: to 1e-7 of the largest entry."""
    p = start()
    given, h = p[NAMES[name]], 1e-4
    found: Any = exact[name]
    if name == "in.times":
        given, found = given[1], found[1]
    flat, got = np.atleast_1d(np.asarray(given, float)).ravel(), np.atleast_1d(found).ravel()
    assert flat.shape == got.shape
    chosen = np.unique(np.linspace(0, flat.size - 1, 3).astype(int))
    scale = np.abs(got).max()
    assert scale > 0.0
    for k in chosen:
        total = 0.0
        for shift, factor in ((-2, 1.0), (-1, -8.0), (1, 8.0), (2, -1.0)):
            moved = flat.copy()
            moved[k] += shift * h
            changed: Any = moved.reshape(np.shape(given)) if np.ndim(given) else float(moved[0])
            if name == "in.times":
                changed = [p["times"][0], changed, *p["times"][2:]]
            total += factor * value({**p, NAMES[name]: changed}, exact.ids["cells"])
        assert abs(got[k] - total / (12.0 * h)) <= 1e-7 * scale


def test_closed_form() -> None:
    """One spike into one neuron of tau_m = 2 tau_s: the crossing solves a quadratic equation, and so its derivative."""
    tau_m, tau_s, w, at = 20.0, 10.0, 60.0, 3.0
    net = ss.Network()
    source = net.population("in", 1, ss.SpikeTimes([[2.0]]))
    cell = net.population("out", 1, ss.LIF.normalized(tau_m=tau_m))
    net.connect(
        source, cell, ss.all_to_all(), weight=w, delay=1.0, synapse=ss.Exponential(tau_s, normalize="area"), name="w"
    )

    def crossing(w: float) -> float:
        # v = w / tau_s tau_s / (tau_s - tau_m) (x^2 - x), x = e^(-s / tau_m); v = 1
        return at - tau_m * math.log((1.0 + math.sqrt(1.0 - 4.0 * tau_m * 0.5 / w)) / 2.0)

    g = learn.gradients(net, lambda run: run["out"].first().sum(), ["w.weight", "w.delay", "in.times"], duration=20.0)
    assert g.loss == pytest.approx(crossing(w), rel=1e-12)
    root = math.sqrt(1.0 - 2.0 * tau_m / w)
    slope = -tau_m / ((1.0 + root) / 2.0) * 0.5 * (tau_m / (w * w * root))
    assert g["w.weight"] == pytest.approx(slope, rel=1e-10)
    assert g["w.delay"] == pytest.approx(1.0, rel=1e-12)
    assert g["in.times"][0] == pytest.approx([1.0], rel=1e-12)


def test_closed_form_of_a_constant_current() -> None:
    """t = tau ln(R I / (R I - theta)); of the second of two neurons, which has currents from two injections."""
    tau, R, theta, I = 10.0, 10.0 / 250.0, 15.0, 500.0
    net = ss.Network()
    cells = net.population("cells", 2, ss.LIF(tau_m=tau, C_m=250.0, E_L=-70.0, V_th=-55.0, t_ref=50.0), v=-70.0)
    net.inject(cells[1:], ss.DC(200.0), name="some")
    net.inject(cells[1:], ss.DC(I - 200.0), name="rest")
    g = learn.gradients(net, lambda run: run["cells"].first()[1], ["some.amplitude", "rest.amplitude"], duration=40.0)
    assert g.ids["cells"].tolist() == [1]
    assert g.loss == pytest.approx(tau * math.log(R * I / (R * I - theta)), rel=1e-12)
    wanted = tau * (1.0 / I - R / (R * I - theta))
    assert [float(np.sum(g[f"{name}.amplitude"])) for name in ("some", "rest")] == pytest.approx(
        [wanted] * 2, rel=1e-10
    )


def test_grazing_spikes_are_clipped_and_counted() -> None:
    net = ss.Network()
    source = net.population("in", 1, ss.SpikeTimes([[2.0]]))
    cell = net.population("out", 1, ss.LIF.normalized(tau_m=20.0))
    net.connect(
        source, cell, ss.all_to_all(), weight=40.0 * (1.0 + 1e-9), delay=1.0, name="w",
        synapse=ss.Exponential(10.0, normalize="area"),
    )  # fmt: skip
    g = learn.gradients(net, lambda run: run["out"].first().sum(), ["w.weight"], duration=30.0, limit=100.0)
    assert g.clipped == 1
    assert abs(g["w.weight"]) < 10.0


def test_sparse_networks_with_drawn_weights() -> None:
    """A rule's own synapses: one gradient a synapse, in the order of `edges`; one for a number."""
    net = ss.Network(seed=5)
    source = net.population("in", 20, ss.Poisson(60.0))
    cells = net.population("cells", 30, ss.LIF.normalized(v_in=0.8))
    net.connect(
        source,
        cells,
        ss.fixed_probability(0.3),
        weight=ss.normal(12.0, 3.0),
        delay=ss.uniform(1.0, 3.0),
        synapse=FAST,
        name="input",
    )
    net.connect(cells, cells, ss.fixed_indegree(5), weight=3.0, delay=2.0, synapse=SLOW, name="loop")
    names = ["input.weight", "input.delay", "loop.weight", "loop.delay"]
    g = learn.gradients(net, lambda run: (run["cells"].times ** 2).sum(), names, duration=40.0)
    assert len(g.ids["cells"]) > 30
    assert g["input.weight"].ndim == 1 and g["input.weight"].shape == g["input.delay"].shape
    assert isinstance(g["loop.weight"], float) and g["loop.weight"] != 0.0


def test_mistakes() -> None:
    net = build(start())
    with pytest.raises(UnknownNameError, match=r"did you mean 'loop.weight'"):
        learn.gradients(net, loss, ["loop.wieght"])
    with pytest.raises(InvalidTypeError, match="wanted a list"):
        learn.gradients(net, loss, "loop.weight")
    net.background(net["cells"], rate=100.0, weight=1.0, synapse=FAST)
    with pytest.raises(InvalidValueError, match="background"):
        learn.gradients(net, loss, ["loop.weight"])
    other = ss.Network()
    a = other.population("a", 2, ss.LIF())
    other.connect(a, a, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.Delta())
    with pytest.raises(InvalidValueError, match="wanted Exponential"):
        learn.gradients(other, lambda run: 0.0, [])
