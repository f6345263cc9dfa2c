"""Rules of one's own: the package's rules written with the public mechanism, mistakes, what a paper found."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.jit import JIT

GIVEN = {"A_plus": 0.02, "A_minus": 0.021, "w_max": 1.0}

long = pytest.mark.skipif(not JIT, reason="takes minutes in plain Python")


@ss.plasticity
class Pairs(NamedTuple):
    """STDP by pairs (Song, Miller and Abbott 2000)."""

    A_plus: float
    A_minus: float
    w_max: float
    w_min: float = 0.0
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    pre = {"x": "tau_plus"}
    post = {"y": "tau_minus"}

    @ss.equation
    def on_pre(s, pre, post, p):
        return s.w - p.A_minus * post.y, pre.x + 1.0

    @ss.equation
    def on_post(s, pre, post, p):
        return s.w + p.A_plus * pre.x, post.y + 1.0


@ss.plasticity
class Triplets(NamedTuple):
    """Pfister and Gerstner (2006)."""

    A2_plus: float
    A3_plus: float
    A2_minus: float
    A3_minus: float
    w_max: float
    w_min: float = 0.0
    tau_plus: float = 16.8
    tau_minus: float = 33.7
    tau_x: float = 101.0
    tau_y: float = 125.0
    pre = {"r1": "tau_plus", "r2": "tau_x"}
    post = {"o1": "tau_minus", "o2": "tau_y"}

    @ss.equation
    def on_pre(s, pre, post, p):
        return s.w - post.o1 * (p.A2_minus + p.A3_minus * pre.r2), (pre.r1 + 1.0, pre.r2 + 1.0)

    @ss.equation
    def on_post(s, pre, post, p):
        return s.w + pre.r1 * (p.A2_plus + p.A3_plus * post.o2), (post.o1 + 1.0, post.o2 + 1.0)


def learnt(rule: Any) -> np.ndarray:
    net = ss.Network(seed=9)
    pre = net.population("pre", 40, ss.Poisson(30.0))
    post = net.population("post", 12, ss.LIF(I_e=390.0))
    net.connect(
        pre, post, ss.fixed_indegree(25), weight=ss.uniform(0.1, 0.6), delay=ss.uniform(0.5, 4.0), synapse=ss.Delta(),
        plasticity=rule, name="learns",
    )  # fmt: skip
    return net.run(300.0 if JIT else 30.0, progress=False).weights["learns"].toarray()


@pytest.mark.parametrize(
    ("fused", "own"),
    [
        (ss.STDP(**GIVEN), Pairs(**GIVEN)),
        (
            ss.TripletSTDP(A2_plus=0.005, A3_plus=0.02, A2_minus=0.007, A3_minus=0.001, w_max=1.0),
            Triplets(A2_plus=0.005, A3_plus=0.02, A2_minus=0.007, A3_minus=0.001, w_max=1.0),
        ),
    ],
)
def test_twins(fused: Any, own: Any) -> None:
    """The fused loops and the same rule with equations of its own."""
    np.testing.assert_allclose(learnt(own), learnt(fused), rtol=0, atol=1e-12)


@long
def test_vogels_brings_targets_to_their_rate() -> None:
    """Vogels et al. (2011): inhibition settles the rate of each neuron at the target, whatever excites it."""
    net = ss.Network(seed=2)
    inhibition = net.population("inhibition", 50, ss.Poisson(20.0))
    cells = net.population("cells", 20, ss.LIF(I_e=np.linspace(450.0, 650.0, 20)))
    net.connect(
        inhibition, cells, ss.all_to_all(), weight=0.1, delay=1.0, name="learns",
        synapse=ss.ConductanceExponential(tau=10.0, E_rev=-80.0), plasticity=ss.Vogels2011(eta=0.2, target=8.0),
    )  # fmt: skip
    net.record(cells, "spikes")
    result = net.run(30_000.0, progress=False)
    early, late = (result.spikes["cells"].rate(start=t, stop=t + 10_000.0) for t in (0.0, 20_000.0))
    assert late == pytest.approx(8.0, rel=0.1) and early > late


def declared(base: dict[str, Any], **equations: Any) -> Any:
    cls: Any = NamedTuple("Rule", [("eta", float), ("tau", float)])
    for name, value in base.items():
        setattr(cls, name, value)
    for name, function in equations.items():
        setattr(cls, name, staticmethod(function))
    return ss.plasticity(cls)


@pytest.mark.parametrize(
    ("base", "equations", "error", "says"),
    [
        ({}, {}, TypeError, "has no equation"),
        ({"pre": {"x": "taux"}}, {"on_pre": lambda s, pre, post, p: (s.w, pre.x)}, LookupError, "no parameter 'taux'"),
        ({"pre": ["x"]}, {"on_pre": lambda s, pre, post, p: s.w}, TypeError, r'wanted pre = {"x": "tau"}'),
        ({}, {"on_pre": lambda s, post: s.w}, TypeError, r"wanted on_pre\(s, pre, post, p\), got a function of 2"),
        ({}, {"on_pre": lambda s, pre, post, p: s.w + p.etta}, LookupError, r"uses p\.etta.*eta"),
        ({}, {"on_pre": lambda s, pre, post, p: s.w + post.y}, TypeError, r"uses post\.y"),
        ({"pre": {"x": "tau"}}, {"on_pre": lambda s, pre, post, p: s.w}, TypeError, r"must return \(s, pre\)"),
        ({}, {"on_pre": lambda s, pre, post, p: s.w if s.w > 0 else 0.0}, TypeError, "an equation has no `if`"),
        (
            {"pre": {"x": "tau"}},
            {"on_pre": lambda s, pre, post, p: (s.w, pre.x + s.w)},
            TypeError,
            "the new pre depends on the synapse",
        ),
        ({"synapse": {"w": None}}, {"on_pre": lambda s, pre, post, p: s.w}, TypeError, "names 'w', the weight"),
    ],
)
def test_mistakes_at_the_declaration(base: Any, equations: Any, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        declared(base, **equations)


def test_mistakes_of_values() -> None:
    with pytest.raises(ValueError, match="w_min must be below w_max"):
        ss.Vogels2011(eta=1.0, target=5.0, w_min=2.0, w_max=1.0)
    with pytest.raises(ValueError, match="tau must be > 0"):
        ss.Vogels2011(eta=1.0, target=5.0, tau=0.0)
    with pytest.raises(TypeError, match="eta is missing"):
        ss.Vogels2011(target=5.0)
    net = ss.Network()
    sources, cells = net.population("a", 2, ss.Poisson(5.0)), net.population("b", 2, ss.HodgkinHuxley())
    with pytest.raises(ValueError, match="weights must lie within the bounds"):
        net.connect(sources, cells, ss.all_to_all(), weight=-1.0, delay=1.0, synapse=ss.Exponential(5.0),
                    plasticity=ss.Vogels2011(eta=1.0, target=5.0))  # fmt: skip

    @ss.plasticity(reads=("x",))
    class Reads(NamedTuple):
        @ss.equation
        def on_pre(s, pre, post, p):
            return s.w + post.x

    with pytest.raises(ValueError, match="reads 'x' of its targets, which HodgkinHuxley of 'b' does not have"):
        net.connect(sources, cells, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.Exponential(5.0),
                    plasticity=Reads())  # fmt: skip


def test_weights_that_are_no_numbers_stop_the_run() -> None:
    @ss.plasticity
    class Grows(NamedTuple):
        @ss.equation
        def on_pre(s, pre, post, p):
            return s.w * 1e300

    net = ss.Network()
    sources, cells = net.population("a", 2, ss.SpikeTimes([[1.0, 2.0, 3.0], []])), net.population("b", 2, ss.LIF())
    net.connect(sources, cells, ss.one_to_one(), weight=1.0, delay=6.0, synapse=ss.Exponential(5.0), plasticity=Grows())
    with pytest.raises(ArithmeticError, match="the weight from 0 to 0 became inf between"):
        net.run(20.0, progress=False)
