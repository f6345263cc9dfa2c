"""Gap junctions.  Truth: matrix exponentials, SciPy's integrator, closed forms; bits that no division shows in."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import spikesim as ss
from spikesim.errors import SpikesimWarning
from spikesim.jit import JIT

PASSIVE = ss.LIF(tau_m=10.0, C_m=100.0, E_L=-70.0, V_th=1000.0)
long = pytest.mark.skipif(not JIT, reason="takes minutes in plain Python")


def final(net: ss.Network, duration: float, dt: float, **given: Any) -> np.ndarray:
    """The potentials of the population "cells" at the end."""
    with ss.Simulation(net, dt=dt, **given) as sim:
        sim.run(duration, progress=False)
        return sim.state["cells"]["v"]


def orders(errors: list[float]) -> np.ndarray:
    """The order between each step and its half."""
    return np.log2(np.array(errors[:-1]) / np.array(errors[1:]))


def test_eigenmodes_of_passive_cells() -> None:
    """C v' = -(C / tau) (v - E) - L v, with the Laplacian L of any conductances: order 2, measured."""
    rng = np.random.default_rng(1)
    G = np.triu(rng.uniform(0.0, 4.0, (6, 6)), 1)
    G = G + G.T
    C, tau = rng.uniform(80.0, 200.0, 6), rng.uniform(8.0, 20.0, 6)
    v = rng.uniform(-75.0, -60.0, 6)
    A = (G - np.diag(G.sum(axis=1))) / C[:, None] - np.diag(1.0 / tau)
    exact = -70.0 + expm(A * 12.0) @ (v + 70.0)
    errors = []
    for dt in (0.4, 0.2, 0.1, 0.05):
        net = ss.Network()
        cells = net.population("cells", 6, PASSIVE._replace(C_m=C, tau_m=tau), v=v)
        net.couple(cells, cells, ss.from_matrix(G))
        errors.append(float(np.abs(final(net, 12.0, dt) - exact).max()))
    assert errors[-1] < 1e-4
    assert np.all(np.abs(orders(errors) - 2.0) < 0.1), errors


def test_jumps_of_v_are_no_trend() -> None:
    """Spikes arrive at one of two cells: exact up to the arrival, order 2 across it."""
    A = np.array([[-0.15, 0.05], [0.05, -0.15]])
    x = expm(A * 4.0) @ np.array([2.0, -1.0]) + np.array([3.0, 0.0])
    exact = -70.0 + expm(A * 4.0) @ x
    errors = []
    for dt in (0.4, 0.2, 0.1):
        net = ss.Network()
        cells = net.population("cells", 2, PASSIVE, v=np.array([-68.0, -71.0]))
        source = net.population("source", 1, ss.SpikeTimes([[2.0]]))
        net.connect(source, cells[:1], ss.all_to_all(), weight=3.0, delay=2.0, synapse=ss.Delta())
        net.couple(cells[:1], cells[1:], ss.one_to_one(), conductance=5.0)
        errors.append(float(np.abs(final(net, 8.0, dt) - exact).max()))
    assert np.all(np.abs(orders(errors) - 2.0) < 0.15), errors


def strongest_error(share: float, dt: float = 0.1) -> float:
    """The largest error of two cells, g dt / C = share: of the difference that they begin with, at any time."""
    g = share * 100.0 / dt
    A = np.array([[-g, g], [g, -g]]) / 100.0 - np.eye(2) / 10.0
    net = ss.Network()
    cells = net.population("cells", 2, PASSIVE, v=np.array([-60.0, -70.0]))
    net.couple(cells, cells, ss.all_to_all(), conductance=g)
    net.record(cells, "v")
    traces = net.run(30 * dt, dt=dt, progress=False).traces["cells"]["v"]
    exact = -70.0 + np.array([expm(A * t) @ [10.0, 0.0] for t in traces.times])
    return float(np.abs(traces.values - exact).max() / 10.0)


def test_as_strong_as_is_right() -> None:
    """Matrix exponential: within 2.6 % without a warning; then the warning; then the refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpikesimWarning)
        assert strongest_error(0.05) < 0.002
        assert 0.02 < strongest_error(0.25) < 0.026
        assert strongest_error(0.25, dt=0.01) < 0.026
    with pytest.warns(SpikesimWarning, match=r"0\.26 of its difference .* more than a few percent; use dt <= 0\.05 \["):
        assert strongest_error(0.26) < 0.03
    with pytest.warns(SpikesimWarning):
        assert 0.06 < strongest_error(0.5) < 0.09
    with pytest.raises(ValueError, match=r"0\.51 of its .* to and fro; choose dt <= 0\.02 ms, or smaller"):
        strongest_error(0.51)


@pytest.mark.parametrize("g", [255.0, 505.0, 1234.0, 20_000.0])
@pytest.mark.parametrize("dt", [0.1, 0.05, 1.0])
def test_the_step_that_is_told_is_right(g: float, dt: float) -> None:
    def build(step: float) -> None:
        net = ss.Network()
        cells = net.population("cells", 2, PASSIVE)
        net.couple(cells, cells, ss.all_to_all(), conductance=g)
        ss.Simulation(net, dt=step).close()

    with warnings.catch_warnings():
        warnings.simplefilter("error", SpikesimWarning)
        if g * dt / 100.0 <= 0.25:
            build(dt)
            return
        with pytest.raises((ValueError, SpikesimWarning)) as told:
            build(dt)
        step = float(re.search(r"dt <= ([\d.e-]+)", str(told.value))[1])
        assert 0.08 < g * step / 100.0 <= 0.25
        build(step)


def test_the_neuron_that_moves_most_counts() -> None:
    """Not the one of most conductance, if another has a smaller membrane."""
    net = ss.Network()
    cells = net.population("cells", 3, PASSIVE._replace(C_m=np.array([1000.0, 1000.0, 10.0])))
    net.couple(cells, cells, ss.from_pairs([0, 0], [1, 2]), conductance=60.0)
    with pytest.raises(ValueError, match="gap junctions of neuron 2 of 'cells': 60 nS"):
        ss.Simulation(net)


def test_models_without_a_step_of_their_own() -> None:
    """Two Izhikevich cells below threshold, against SciPy: order 2."""
    model, g, duration = ss.Izhikevich(), 0.2, 8.0

    def slope(t: float, y: np.ndarray) -> np.ndarray:
        s = y.reshape(2, -1)
        return np.ravel(
            [model.slope(tuple(s[i]), ss.neurons.Input(g * (s[1 - i, 0] - s[i, 0]), 0.0, t), model) for i in range(2)]
        )

    start = np.array([-75.0, -13.0, -62.0, -13.0])
    told = solve_ivp(slope, (0.0, duration), start, method="DOP853", rtol=1e-11, atol=1e-11)
    errors = []
    for dt in (0.2, 0.1, 0.05):
        net = ss.Network()
        cells = net.population("cells", 2, model, v=start[::2], u=start[1::2])
        net.couple(cells, cells, ss.all_to_all(), conductance=g)
        errors.append(float(np.abs(final(net, duration, dt) - told.y[::2, -1]).max()))
    assert np.all(np.abs(orders(errors) - 2.0) < 0.25), errors


@long
def test_two_hodgkin_huxley_cells_against_scipy() -> None:
    """Both spike; order 2 from step to half step, measured at the end of the second spike."""
    model, drive, g, duration = ss.HodgkinHuxley(), (900.0, 300.0), 15.0, 14.0
    start = np.array([float(x) for x in ss.HodgkinHuxley.rest(model)])

    def slope(t: float, y: np.ndarray) -> np.ndarray:
        s = y.reshape(2, -1)
        found = [
            model.slope(tuple(s[i]), ss.neurons.Input(drive[i] + g * (s[1 - i, 0] - s[i, 0]), 0.0, t), model)
            for i in range(2)
        ]
        return np.ravel(found)

    told = solve_ivp(slope, (0.0, duration), np.tile(start, 2), method="DOP853", rtol=1e-11, atol=1e-11)
    assert told.y[0].max() > 0.0 and told.y[len(start)].max() > 0.0
    exact = told.y[:, -1].reshape(2, -1)[:, 0]
    errors = []
    for dt in (0.05, 0.025, 0.0125):
        net = ss.Network()
        cells = net.population("cells", 2, model)
        net.inject(cells, ss.DC(np.array(drive)))
        net.couple(cells[:1], cells[1:], ss.one_to_one(), conductance=g)
        errors.append(float(np.abs(final(net, duration, dt) - exact).max()))
    assert errors[-1] < 0.05
    assert np.all(np.abs(orders(errors) - 2.0) < 0.25), errors


@long
def test_coupled_cells_synchronise() -> None:
    """Two fast-spiking cells, one ahead of the other: together with gap junctions (Chow and Kopell 2000), else not."""

    def lag(g: float) -> float:
        net = ss.Network()
        cells = net.population("cells", 2, ss.WangBuzsaki(I_e=100.0), v=np.array([-64.0, -55.0]))
        net.couple(cells, cells, ss.all_to_all(), conductance=g)
        net.record(cells, "spikes")
        trains = net.run(400.0, dt=0.05, progress=False).spikes["cells"]
        one, two = (trains.times[trains.ids == i] for i in range(2))
        assert min(one.size, two.size) > 5
        return float(np.abs(two - one[-2]).min())

    assert lag(0.0) > 1.0
    assert lag(5.0) < 0.1


def test_an_integrate_and_fire_cell_pulls_another() -> None:
    """A cell that fires is reset, and its reset is felt: the other one stays below where it would be alone."""

    def mean(g: float) -> float:
        net = ss.Network()
        cells = net.population("cells", 2, ss.LIF(I_e=np.array([500.0, 0.0])))
        net.couple(cells, cells, ss.all_to_all(), conductance=g)
        net.record(cells, "v")
        net.record(cells, "spikes")
        result = net.run(200.0, progress=False)
        assert (result.spikes["cells"].ids == 0).sum() > 5
        return float(result.traces["cells"]["v"].values[:, 1].mean())

    assert -70.0 == mean(0.0) < mean(2.0) < mean(6.0) < -60.0


# -- who is coupled with whom -----------------------------------------------------------------------------------------


def conductances(rule: Any, conductance: Any = 2.0, sizes: tuple[int, int] | None = None) -> np.ndarray:
    """The matrix of conductances of a network, of one population (or two)."""
    net = ss.Network(seed=3)
    a = net.population("a", sizes[0] if sizes else 8, PASSIVE)
    b = net.population("b", sizes[1], PASSIVE) if sizes else a
    net.couple(a, b, rule, conductance=conductance)
    with ss.Simulation(net) as sim:
        made = sim.engine.program.junctions
        n = sim.engine.program.n
    G = np.zeros((n, n))
    np.add.at(G, (np.repeat(np.arange(n), np.diff(made.ptr)), made.other), made.conductance)
    assert np.array_equal(G, G.T) and not np.diag(G).any()
    return G


def test_a_pair_has_one_junction() -> None:
    assert np.array_equal(conductances(ss.all_to_all()), 2.0 * (1 - np.eye(8)))
    assert np.array_equal(conductances(ss.from_pairs([0, 1, 3, 3], [1, 0, 5, 5]))[[0, 3], [1, 5]], [2.0, 4.0])
    G = np.zeros((8, 8))
    G[2, 5] = G[5, 2] = 3.0
    assert np.array_equal(conductances(ss.from_matrix(G), None), G)
    two = conductances(ss.all_to_all(), np.arange(6.0).reshape(2, 3), (3, 2))
    assert np.array_equal(two[3:, :3], np.arange(6.0).reshape(2, 3)) and not two[:3, :3].any()


def test_a_probability_is_that_of_a_pair() -> None:
    G = conductances(ss.fixed_probability(0.3), 1.0, None)
    big = ss.Network(seed=4)
    cells = big.population("cells", 400, PASSIVE)
    big.couple(cells, cells, ss.fixed_probability(0.1), conductance=ss.uniform(0.1, 0.2))
    with ss.Simulation(big) as sim:
        found = sim.engine.program.junctions.other.size / 2
    expected = 400 * 399 / 2 * 0.1
    assert abs(found - expected) < 4 * np.sqrt(expected)
    assert set(np.unique(G)) == {0.0, 1.0}


# -- mistakes, and what is said ---------------------------------------------------------------------------------------


def network(**given: Any) -> ss.Network:
    net = ss.Network()
    cells = net.population("cells", 4, PASSIVE)
    net.population("source", 4, ss.Poisson(10.0))
    call = {"a": cells, "b": cells, "rule": ss.all_to_all(), "conductance": 1.0, **given}
    for side in ("a", "b"):
        call[side] = net[call[side]] if isinstance(call[side], str) else call[side]
    if call["rule"].__class__.__name__ == "FromMatrix":
        call["conductance"] = None
    net.couple(**call)
    return net


def test_mistakes() -> None:
    with pytest.raises(ValueError, match=r"'source' is a source"):
        network(b="source")
    with pytest.raises(ValueError, match=r"conductance \(nS\) must be >= 0, got -1"):
        network(conductance=-1.0)
    with pytest.raises(
        ValueError, match=r"but normal\(1, 0.1\) draws values below 0; bound the distribution with low=0"
    ):
        network(conductance=ss.normal(1.0, 0.1))
    for itself in (ss.from_pairs([2, 1], [0, 1]), ss.one_to_one()):
        with pytest.raises(ValueError, match=r"pair \((0, 0|1, 1)\) couples a neuron with itself \([14] such\)"):
            network(rule=itself)
    with pytest.raises(ValueError, match=r"entry \(2, 2\) couples a neuron with itself \(1 such\)"):
        network(rule=ss.from_matrix(np.diag([0.0, 0.0, 1.0, 0.0])))
    with pytest.raises(TypeError, match=r"no parameter 'weight'; did you mean 'conductance'\?"):
        network(weight=1.0)
    with pytest.raises(ValueError, match=r"wanted one number or one a pair in shape \(1,\)"):
        network(rule=ss.from_pairs([0], [1]), conductance=[1.0, 2.0])
    with pytest.raises(TypeError, match=r"conductance is missing: .* one value a pair"):
        network(conductance=None)
    with pytest.raises(TypeError, match=r"wanted a rule of connection"):
        network(rule=3)
    with pytest.raises(ValueError, match=r"'cells with cells' run on the clock engine"):
        network().run(1.0, engine="event")
    with pytest.raises(ValueError, match=r"1 and 2 nS between the neurons 0 and 1 .*symmetric matrix"):
        network(rule=ss.from_pairs([0, 1], [1, 0]), conductance=np.array([1.0, 2.0])).run(1.0)
    with pytest.raises(ValueError, match=r"gap junctions of neuron 0 of 'cells': 3000 nS .* choose dt <= 0\.005 ms"):
        network(conductance=1000.0).run(1.0)
    network(conductance=1000.0).run(0.1, dt=0.005, progress=False)
    net = network()
    with pytest.raises(ValueError, match=r"the name .*cells with cells.* is taken"):
        net.couple(net["cells"], net["cells"], ss.all_to_all(), conductance=1.0, name="cells with cells")


def test_a_network_says_it() -> None:
    net = network()
    assert "cells with cells  6  all_to_all()  conductance 1 nS" in str(net)
    assert net.run(1.0, progress=False).description["couplings"][0]["conductance"] == "1.0"
    assert "gap junctions" in [text.get_text() for text in ss.plot.network(net).get_legend().get_texts()]


def test_threads_and_pieces_change_no_bit() -> None:
    def run(threads: int, pieces: list[float]) -> bytes:
        net = ss.Network(seed=7)
        size = 192 if JIT else 6
        cells = net.population("cells", size, ss.LIF(I_e=ss.uniform(300.0, 500.0)), v=ss.uniform(-70.0, -55.0))
        net.couple(cells, cells, ss.fixed_probability(0.1), conductance=ss.uniform(0.0, 0.5))
        with ss.Simulation(net, threads=threads) as sim:
            for piece in pieces:
                sim.run(piece, progress=False)
            return sim.state["cells"]["v"].tobytes()

    assert run(1, [20.0]) == run(3, [20.0]) == run(2, [0.1, 7.3, 12.6])
