"""Rules, weights and delays made of distance.  Truth: an all-pairs twin (check_rule), closed forms, binomial laws."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.grid import Grid
from spikesim.network.geometry import Geometry
from spikesim.program.wiring import Wiring
from spikesim.testing import check_rule


def close(pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> np.ndarray:
    return 0.5 * (distance < 0.3) * ((pre + post) % 3 != 0)


RULES = {
    "gaussian": ss.fixed_probability(ss.gaussian(sigma=0.15)),
    "gaussian on a torus": ss.fixed_probability(0.7 * ss.gaussian(sigma=0.15), boundary="torus"),
    "exponential": ss.fixed_probability(ss.exponential(0.2), allow_autapses=False, boundary="torus"),
    "box": ss.fixed_probability(ss.box(0.25), allow_autapses=False),
    "a ring": ss.fixed_probability((1.0 - ss.gaussian(0.1)) * ss.box(0.4), boundary="torus"),
    "a line": ss.fixed_probability((1.0 - ss.distance / 0.5).clip(0.0, 1.0)),
    "one's own": ss.fixed_probability(ss.distance_law(lambda d: 1.0 / (1.0 + (d / 0.1) ** 2), reach=0.5)),
    "a function": ss.from_function(close, block=100, boundary="torus"),
    "in-degree": ss.fixed_indegree(7, kernel=ss.gaussian(0.3), allow_multapses=False),
    "in-degree, multapses": ss.fixed_indegree(9, kernel=ss.exponential(0.1), boundary="torus"),
    "in-degree, box": ss.fixed_indegree(3, kernel=ss.box(0.6), allow_autapses=False, allow_multapses=False),
    "in-degree, box, multapses": ss.fixed_indegree(5, kernel=ss.box(0.4), boundary="torus"),
    "out-degree": ss.fixed_outdegree(4, kernel=ss.gaussian(0.2), allow_autapses=False, allow_multapses=False),
    "out-degree, multapses": ss.fixed_outdegree(4, kernel=ss.gaussian(0.2), boundary="torus"),
    "all": ss.all_to_all(allow_autapses=False, boundary="torus"),
    "one to one": ss.one_to_one(),
    "number": ss.fixed_probability(0.2, boundary="torus"),
    "none": ss.fixed_probability(0.0 * ss.distance),
    "degree": ss.fixed_indegree(6, allow_autapses=False, allow_multapses=False, boundary="torus"),
    "outgoing": ss.fixed_outdegree(6),
    "total": ss.fixed_total(99, allow_multapses=False),
    "pairs": ss.from_pairs([3, 1, 4, 1, 5], [9, 2, 6, 5, 3]),
    "matrix": ss.from_matrix(np.diag(np.arange(1.0, 51.0))),
}


@pytest.mark.parametrize("name", RULES)
def test_rules_keep_the_contract(name: str) -> None:
    check_rule(RULES[name], n_pre=50, n_post=50)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_one_and_three_dimensions(dimensions: int) -> None:
    for name in ("gaussian on a torus", "box", "in-degree, box, multapses"):
        check_rule(RULES[name], n_pre=300, n_post=40, dimensions=dimensions, seed=4)


def test_battery_finds_what_is_wrong() -> None:
    """A rule whose synapses depend on the order that targets are asked for in, and one that gives autapses."""

    class Counting(type(RULES["gaussian"])):  # type: ignore[misc]
        def plan(self, *arguments):
            plan = super().plan(*arguments)
            return plan._replace(law=ss.distance_law(lambda d: (np.arange(d.size) % 2).astype(float)))

    with pytest.raises(AssertionError, match="depends on how targets are divided"):
        check_rule(Counting(ss.gaussian(0.3)), n_pre=61)

    class Itself(type(RULES["box"])):  # type: ignore[misc]
        def _left_out(self, own):
            return np.full_like(own, -1)

    with pytest.raises(AssertionError, match="autapse"):
        check_rule(Itself(ss.box(0.5), allow_autapses=False), n_pre=40, n_post=40)


def layer(n: int = 20, **given):
    net = ss.Network(seed=5)
    return net, net.population("e", n * n, ss.LIF(), positions=ss.lattice((n, n), extent=(2.0, 2.0)), **given)


def edges(net: ss.Network) -> tuple[np.ndarray, ...]:
    from spikesim.grid import Grid
    from spikesim.program.program import Program

    return Program(net, Grid(0.1), net.seed).wirings[0].edges()


def test_probability_of_distance() -> None:
    """Counts in bins of distance against the binomial law, and on a torus as many for every neuron on average."""
    net, e = layer(40)
    net.connect(
        e, e, ss.fixed_probability(0.9 * ss.gaussian(0.2), boundary="torus"), weight=1, delay=1, synapse=ss.Delta()
    )
    pre, post, _, _ = edges(net)
    p = e.positions
    delta = np.abs(p[:, None, :] - p[None, :, :])
    apart = np.sqrt((np.minimum(delta, 2.0 - delta) ** 2).sum(axis=2))
    made = np.zeros(apart.shape, int)
    made[post, pre] = 1
    chance = 0.9 * np.exp(-0.5 * (apart / 0.2) ** 2)
    bins = np.digitize(apart, np.linspace(0, 1, 11))
    for k in np.unique(bins):
        among = bins == k
        expected, variance = chance[among].sum(), (chance * (1 - chance))[among].sum()
        assert abs(made[among].sum() - expected) <= 4.5 * np.sqrt(variance) + 1.0, k


def test_degree_in_proportion_to_a_kernel() -> None:
    """Three sources with weights 1, 2, 5: draws with replacement are multinomial, without as the urn gives."""
    n = 40_000
    for distinct, wanted in ((False, np.array([1, 2, 5]) / 8 * 2), (True, None)):
        net = ss.Network(seed=2)
        a = net.population("a", 3, ss.LIF(), positions=[[0.0], [1.0], [2.0]])
        b = net.population("b", n, ss.LIF(), positions=np.zeros((n, 1)))
        kernel = ss.distance_law(lambda d: np.array([1.0, 2.0, 5.0])[np.rint(d).astype(int)])
        rule = ss.fixed_indegree(2, kernel=kernel, allow_multapses=not distinct)
        net.connect(a, b, rule, weight=1.0, delay=1.0, synapse=ss.Delta())
        got = np.bincount(edges(net)[0], minlength=3) / n
        if wanted is None:  # P(i) + sum over j != i of P(j) P(i) / (1 - P(j))
            P = np.array([1, 2, 5]) / 8
            wanted = np.array([P[i] + sum(P[j] * P[i] / (1 - P[j]) for j in range(3) if j != i) for i in range(3)])
        np.testing.assert_allclose(got, wanted, atol=5 * np.sqrt(0.5 / n))


def test_both_engines_deliver_by_distance() -> None:
    """Spikes of one source arrive at 0.5 + d / 0.3 with the weight 10 d: on the grid to the step, exactly without."""
    net = ss.Network(seed=1)
    source = net.population("source", 1, ss.SpikeTimes([[1.0]]), positions=[[0.0]])
    d = np.array([0.15, 0.3, 0.6, 0.93])
    cell = ss.LIF(tau_m=10.0, E_L=0.0, V_th=1e3, V_reset=0.0)
    cells = net.population("cells", 4, cell, positions=d)
    net.connect(
        source, cells, ss.all_to_all(), weight=10.0 * ss.distance, delay=0.5 + ss.distance / 0.3, synapse=ss.Delta()
    )
    net.record(cells, "v", every=0.1)
    for engine in ("clock", "event"):
        trace = net.run(10.0, engine=engine, progress=False).traces["cells"]["v"]
        arrival = 1.0 + 0.5 + d / 0.3
        wanted = 10.0 * d * np.exp(-(10.0 - arrival) / 10.0)
        np.testing.assert_allclose(trace.values[-1], wanted, rtol=1e-9)
        first = [trace.times[np.flatnonzero(trace.values[:, k])[0]] for k in range(4)]
        np.testing.assert_allclose(first, np.ceil(arrival * 10 - 1e-6) / 10, atol=1e-9)


def test_weights_of_distance_can_be_set_and_read() -> None:
    net, e = layer()
    p = net.connect(e, e, ss.fixed_probability(ss.box(0.3)), weight=ss.distance, delay=1.0, synapse=ss.Delta())
    with ss.Simulation(net) as sim:
        listed = sim.weights[p.name]
        synapses = sim.synapses(p.name)
        np.testing.assert_allclose(
            synapses.weight, np.linalg.norm(e.positions[synapses.pre] - e.positions[synapses.post], axis=1), atol=1e-12
        )
        sim.weights[p.name] = 2.0 * listed
        np.testing.assert_allclose(
            (sim.weights[p.name] - 2.0 * listed).toarray()
            if hasattr(listed, "toarray")
            else sim.weights[p.name] - 2.0 * listed,
            0.0,
        )


def test_drawn_delays_and_plasticity_go_with_places() -> None:
    net, e = layer(10, v=-60.0)
    plastic = ss.STDP(A_plus=0.01, A_minus=0.01, w_max=1.0)
    rule = ss.fixed_probability(ss.gaussian(0.4), boundary="torus")
    net.connect(
        e,
        e,
        rule,
        weight=(0.2 * ss.distance).clip(0, 1),
        delay=ss.uniform(1.0, 3.0),
        synapse=ss.Exponential(5.0),
        plasticity=plastic,
    )
    net.background(e, rate=20_000.0, weight=60.0, synapse=ss.Exponential(5.0))
    net.record(e, "spikes")
    one, two = (net.run(50.0, threads=k, progress=False) for k in (1, 2))
    assert one.spikes["e"].count() > 10
    assert np.array_equal(one.spikes["e"].times, two.spikes["e"].times)
    assert abs(one.weights["e to e"] - two.weights["e to e"]).max() == 0.0


@pytest.mark.parametrize(
    ("rule", "given", "said"),
    [
        (ss.fixed_probability(ss.gaussian(0.1) * 2.0), {}, "must be in \\[0, 1\\]"),
        (ss.fixed_probability(ss.distance - 1.0), {}, "must be in \\[0, 1\\]"),
        (ss.fixed_probability(0.1 / ss.distance), {}, "must be finite"),
        (ss.fixed_probability(ss.distance_law(lambda d: d[:1])), {}, "one number for each distance"),
        (ss.from_function(lambda i, j, d: "x"), {}, "one number a pair"),
        (ss.fixed_indegree(3, kernel=ss.distance - 0.5), {}, "kernel must be >= 0"),
        (ss.all_to_all(), {"weight": 1.0 / ss.distance}, "weight must be finite"),
    ],
)
def test_laws_that_cannot_be(rule, given, said: str) -> None:
    net, e = layer()
    with pytest.raises(InvalidValueError, match=said):
        net.connect(e, e, rule, **{"weight": 1.0, "delay": 1.0, "synapse": ss.Delta(), **given})
    assert not net.projections


def test_what_is_found_only_when_built() -> None:
    net, e = layer()
    net.connect(e, e, ss.all_to_all(), weight=1.0, delay=ss.distance / 0.3, synapse=ss.Delta())
    with pytest.raises(InvalidValueError, match=r"delay .* must be > 0"):
        net.run(1.0, progress=False)
    net, e = layer()
    rule = ss.fixed_indegree(30, kernel=ss.box(0.2), allow_multapses=False)
    net.connect(e, e, rule, weight=1.0, delay=1.0, synapse=ss.Delta())
    with pytest.raises(InvalidValueError, match=r"wants 30 sources, but the kernel box\(0\.2\) is above 0 for"):
        net.run(1.0, progress=False)


def test_distance_without_places() -> None:
    net = ss.Network()
    a, b = net.population("a", 3, ss.LIF()), net.population("b", 3, ss.LIF(), positions=ss.lattice(3))
    c = net.population("c", 3, ss.LIF(), positions=[[0, 0], [1, 0], [2, 0]])
    given = {"weight": 1.0, "delay": 1.0, "synapse": ss.Delta()}
    for pre, post, rule, said in (
        (a, b, ss.fixed_probability(ss.gaussian(0.1)), "'a' have no places"),
        (b, c, ss.fixed_probability(ss.gaussian(0.1)), "one number of dimensions"),
        (c, c, ss.fixed_probability(ss.gaussian(0.1), boundary="torus"), "wants one extent"),
    ):
        with pytest.raises(InvalidValueError, match=said):
            net.connect(pre, post, rule, **given)
    with pytest.raises(InvalidTypeError, match="kernel: wanted a law"):
        ss.fixed_indegree(3, kernel=0.1)
    with pytest.raises(InvalidValueError, match="boundary"):
        ss.fixed_probability(0.1, boundary="torsu")
    with pytest.raises(InvalidValueError, match="wanted 4 places"):
        net.population("d", 4, ss.LIF(), positions=ss.lattice((2, 3)))
    with pytest.raises(InvalidValueError, match="1 to 3 coordinates"):
        net.population("d", 4, ss.LIF(), positions=np.zeros((4, 4)))


def test_places() -> None:
    """Positions are part of the description: the middles of boxes; drawn ones by the name, within the extent."""
    assert ss.lattice((2, 1), extent=(4.0, 2.0)).points.tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    net = ss.Network(seed=3)
    a = net.population("a", 2000, ss.LIF(), positions=ss.uniform_positions((2.0, 1.0, 0.5)))
    b = net.population("b", 2000, ss.LIF(), positions=ss.uniform_positions((2.0, 1.0, 0.5)))
    assert a.positions.shape == (2000, 3) and not np.array_equal(a.positions, b.positions)
    assert np.all(np.abs(a.positions) < [1.0, 0.5, 0.25])
    np.testing.assert_allclose(a.positions.std(axis=0), np.array([2.0, 1.0, 0.5]) / np.sqrt(12), rtol=0.05)
    from spikesim.network.described import described, difference, network_of

    net.connect(
        a, b, ss.fixed_probability(0.01 * ss.gaussian(0.1)), weight=1.0, delay=1 + ss.distance, synapse=ss.Delta()
    )
    again = network_of(described(net))
    assert difference(described(net), described(again)) is None
    assert all(np.array_equal(x, y) for x, y in zip(edges(net), edges(again)))
    assert "fixed_probability((0.01 * gaussian(0.1)))" in str(net) and "delay (1 + distance) ms" in str(net)


def test_function_without_places() -> None:
    """A ring by indices: neighbours, whatever the block is."""
    for block in (7, 2**20):
        net = ss.Network()
        e = net.population("e", 30, ss.LIF())
        rule = ss.from_function(lambda i, j, d: (i - j) % 30 == 1, block=block)
        weight = ss.from_function(lambda i, j, d: i * 100.0 + j)
        net.connect(e, e, rule, weight=weight, delay=1.0, synapse=ss.Delta())
        pre, post, weight, _ = edges(net)
        assert np.array_equal(pre, (post + 1) % 30) and post.size == 30
        np.testing.assert_array_equal(weight, pre * 100.0 + post)


def placed(rule, delay=1.0, grid=None, boundary="open") -> tuple[Wiring, np.ndarray]:
    """The wiring of 40 sources and 30 targets on a plane; the distances of all pairs, (30, 40)."""
    rng = np.random.default_rng(5)
    points = np.zeros((70, 3))
    points[:, :2] = rng.uniform(-0.5, 0.5, (70, 2))
    period = np.array([1.0, 1.0, np.inf]) if boundary == "torus" else np.full(3, np.inf)
    places = Geometry(points[:40], points[40:], period, 2)
    far = places.distances(np.tile(np.arange(40), 30), np.repeat(np.arange(30), 40)).reshape(30, 40)
    return Wiring("w", rule, np.arange(40), np.arange(40, 70), 1.0, delay, grid, 3, places), far


@pytest.mark.parametrize("boundary", ["open", "torus"])
def test_the_expected_number_is_the_sum_over_pairs(boundary: str) -> None:
    """Brute force: all pairs of p(d).  It is a forecast: for each target alike."""
    wiring, far = placed(ss.fixed_probability(0.8 * ss.gaussian(0.2), boundary=boundary), boundary=boundary)
    expected = 0.8 * np.exp(-0.5 * (far / 0.2) ** 2)
    assert wiring.expected == pytest.approx(expected.sum(), rel=1e-9)
    assert np.allclose(wiring.plan.expected, expected.sum() / 30)


@pytest.mark.parametrize("grid", [None, Grid(0.01)])
def test_bounds_of_delays_of_distance(grid: Grid | None) -> None:
    """Closed form: 0.5 + 2 d lies within 0.5 and 0.5 + 2 longest; all pairs: each has its own."""
    wiring, far = placed(ss.all_to_all(), 0.5 + 2.0 * ss.distance, grid)
    longest = wiring.places.longest
    pre, post, _, delay = wiring.edges()
    dt = 1.0 if grid is None else grid.dt
    assert wiring.min_delay <= delay.min() and delay.max() <= wiring.max_delay
    tolerance = {"rel": 1e-9} if grid is None else {"abs": 0.5001 * dt}
    assert wiring.min_delay * dt == pytest.approx(0.5, **tolerance)
    assert wiring.max_delay * dt == pytest.approx(0.5 + 2.0 * longest, **tolerance)
    np.testing.assert_allclose(delay * dt, 0.5 + 2.0 * far[post, pre], atol=0.5001 * dt if grid else 1e-12)
