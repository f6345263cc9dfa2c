"""Synapses: the built against the plain list for every rule and partition, and their laws.

Kinds of truth: naive twins (definition by single words), closed forms (normal law), chi-square.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.sparse
from scipy.stats import chisquare, norm

from spikesim.errors import InvalidValueError
from spikesim.grid import Grid
from spikesim.network import rules as r
from spikesim.program.bundles import build
from spikesim.program.wiring import Wiring
from spikesim.program.wiring_plans import order_by_source, sorted_by_source
from spikesim.random import lognormal, normal, uniform

from . import naive_wiring as naive

GRID = Grid(0.1)
PRE, POST, N = np.arange(5, 22), np.concatenate((np.arange(30, 14, -1), [3, 40])), 45
MATRIX = np.where(np.random.default_rng(0).random((POST.size, PRE.size)) < 0.3, 1.1, 0.0)
RULES = [
    r.all_to_all(),
    r.all_to_all(allow_autapses=False),
    r.fixed_probability(0.0),
    r.fixed_probability(0.2),
    r.fixed_probability(0.7, allow_autapses=False),
    r.fixed_probability(1.0, allow_autapses=False),
    r.fixed_indegree(0),
    r.fixed_indegree(30),
    r.fixed_indegree(9, allow_autapses=False),
    r.fixed_indegree(12, allow_multapses=False),
    r.fixed_indegree(16, allow_autapses=False, allow_multapses=False),
    r.fixed_outdegree(5),
    r.fixed_outdegree(17, allow_autapses=False, allow_multapses=False),
    r.fixed_total(500),
    r.fixed_total(200, allow_autapses=False, allow_multapses=False),
    r.from_pairs([3, 0, 3, 16, 3], [1, 1, 0, 17, 1]),
    r.from_matrix(MATRIX),
]
DRAWN = {"FixedProbability", "AllToAll", "FixedIndegree", "FixedTotal"}


def wire(rule, weight=1.5, delay=1.0, pre=PRE, post=POST, seed=7, name="w", grid=GRID):
    return Wiring(name, rule, pre, post, None if rule.weights is not None else weight, delay, grid, seed)


def columns(n_ports, lo, hi):
    return np.tile(np.arange(hi - lo, dtype=np.int32), (n_ports, 1))


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_every_rule_draws_what_its_naive_twin_draws(rule):
    wiring = wire(rule, normal(3.0, 1.0), normal(2.0, 0.5))
    pre, post, weight, delay = wiring.edges()
    counts = np.bincount(post, minlength=POST.size)
    if type(rule).__name__ in DRAWN:
        assert list(zip(pre.tolist(), post.tolist())) == naive.edges(wiring, 7, counts)
    if type(rule).__name__ != "FixedProbability":
        np.testing.assert_array_equal(wiring.in_degree(), counts)
    if rule.weights is None:
        expected = naive.normal_values(wiring, 7, "weights", post.tolist(), 3.0, 1.0)
        np.testing.assert_allclose(weight, expected, rtol=1e-7)
        np.testing.assert_array_equal(weight, weight.astype(np.float32))
    times = naive.normal_values(wiring, 7, "delays", post.tolist(), 2.0, 0.5)
    np.testing.assert_array_equal(delay, np.maximum(np.rint(times * 10), 1))
    assert delay.size == 0 or wiring.min_delay <= delay.min() <= delay.max() <= wiring.max_delay


@pytest.mark.parametrize("cuts", [(0, N), (0, 16, N), (0, 3, 4, 20, 30, N)], ids=str)
@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_bundles_hold_the_plain_list_for_every_partition(rule, cuts):
    wiring = wire(rule, uniform(-2.0, 2.0), lognormal(2.0, 1.0))
    pre, post, weight, delay = wiring.edges()
    order = np.lexsort((np.arange(pre.size), delay, PRE[pre]))  # by source, delay, then (target, j)
    for lo, hi in itertools.pairwise(cuts):
        bundles = build([wiring], [0], columns(1, lo, hi), N, lo, hi)
        mine = [k for k in order if lo <= POST[post[k]] < hi]
        wanted = [(PRE[pre[k]], POST[post[k]], weight[k], delay[k]) for k in mine]
        assert naive.unpack(bundles, [range(lo, hi)]) == wanted
        for b in bundles:
            assert all(np.all(np.diff(b.seg_delay[s:e]) > 0) for s, e in zip(b.source_ptr, b.source_ptr[1:]))
            assert np.all(np.diff(b.seg_start) > 0), "an empty segment is stored"


def test_wirings_share_a_bundle_by_port_and_kind_of_weight_in_the_order_given():
    wirings = [
        wire(r.fixed_indegree(5), 0.5, 1.5, name="a"),
        wire(r.fixed_indegree(4), normal(1.0, 0.1), 0.3, name="b"),
        wire(r.all_to_all(), 0.5, uniform(1.0, 2.0), name="c"),
        wire(r.all_to_all(), 0.5, 1.5, name="d"),
        wire(r.one_to_one(), np.full(10, 0.1), 40.0, PRE[:10], POST[:10], name="e"),
        wire(r.one_to_one(), np.full(10, 0.25), 0.1, PRE[:10], POST[:10], name="f"),
    ]
    ports = [0, 0, 0, 1, 1, 0]
    bundles = build(wirings, ports, columns(2, 0, N), N, 0, N)
    kinds = [(b.port, None if b.weight is None else b.weight.dtype.name, b.const) for b in bundles]
    assert kinds == [(0, None, 0.5), (0, "float32", 0.0), (1, None, 0.5), (1, "float64", 0.0)]
    for bundle, members in zip(bundles, ([0, 2], [1, 5], [3], [4])):
        rows = []
        for order, w in enumerate(wirings[m] for m in members):
            pre, post, weight, delay = w.edges()
            rows += [
                (w.pre_ids[p], d, order, k, w.post_ids[q], x)
                for k, (p, q, x, d) in enumerate(zip(pre, post, weight, delay))
            ]
        wanted = [(gid, target, x, d) for gid, d, _, _, target, x in sorted(rows)]
        assert naive.unpack([bundle], {bundle.port: range(N)}) == wanted


@pytest.mark.parametrize("n_delays", [1, 256, 257, 70_000])
def test_any_number_of_delays(n_delays):
    """One byte, two and three a slot: the radix sort in as many passes."""
    grid, n = Grid(1.0), 400
    times = np.random.default_rng(1).permutation(np.linspace(1, n_delays, n).round())
    rule = r.from_pairs(np.arange(n) % 3, np.arange(n) % 7)
    spread = wire(r.all_to_all(), 1.0, uniform(0.6, n_delays + 0.4), np.arange(3), np.arange(7), grid=grid)
    wirings = [wire(rule, np.arange(n) * 0.5, times, np.arange(3), np.arange(7), grid=grid), spread]
    assert spread.max_delay - spread.min_delay + 1 == n_delays
    (listed, drawn) = build(wirings, [0, 0], columns(1, 0, 7), 7, 0, 7)
    assert [len(naive.unpack([b], [range(7)])) for b in (listed, drawn)] == [n, 21]
    pre, post, weight, delay = wirings[0].edges()
    wanted = sorted(zip(pre, delay, post, range(n), weight))
    assert naive.unpack([listed], [range(7)]) == [(s, t, w, d) for s, d, t, _, w in wanted]
    _, _, _, delay = spread.edges()
    assert sorted(d for *_, d in naive.unpack([drawn], [range(7)])) == sorted(delay)


def test_targets_take_two_bytes_up_to_65536_columns():
    n = 65_537
    wiring = wire(r.one_to_one(), 1.0, 1.0, np.arange(n), np.arange(n))
    (wide,) = build([wiring], [0], columns(1, 0, n), n, 0, n)
    (narrow,) = build([wiring], [0], columns(1, 1, n), n, 1, n)
    assert (wide.target.dtype, narrow.target.dtype) == (np.uint32, np.uint16)
    np.testing.assert_array_equal(wide.target, np.arange(n))
    np.testing.assert_array_equal(narrow.target, np.arange(n - 1))


def test_the_columns_of_the_port_are_used():
    index = np.full((2, N), -1, np.int32)
    index[1, POST] = np.arange(POST.size)[::-1]
    (bundle,) = build([wire(r.all_to_all())], [1], index, N, 0, N)
    gid = {int(index[1, p]): int(p) for p in POST}
    assert sorted(t for _, t, _, _ in naive.unpack([bundle], [None, gid])) == sorted(POST.tolist() * PRE.size)


def test_nothing_to_build():
    assert build([wire(r.fixed_indegree(0))], [0], columns(1, 0, N), N, 0, N) == []
    assert build([wire(r.all_to_all())], [0], columns(1, 41, N), N, 41, N) == []
    none = wire(r.all_to_all(), np.zeros((0, PRE.size)), np.zeros((0, PRE.size)), PRE, np.zeros(0, int))
    assert none.edges()[0].size == 0 and none.min_delay == none.max_delay == 1
    assert wire(r.all_to_all(), pre=np.zeros(0, int)).expected == 0


# -- listed values --------------------------------------------------------------------------------------


def test_listed_values_follow_the_users_order():
    pre, post = [2, 0, 1, 2], [1, 1, 0, 0]
    w, d = np.array([0.1, 0.2, 0.3, 0.4]), np.array([4.0, 3.0, 2.0, 1.0])
    got = wire(r.from_pairs(pre, post), w, d, PRE, POST).edges()
    np.testing.assert_array_equal(np.array(got), [[1, 2, 2, 0], [0, 0, 1, 1], [0.3, 0.4, 0.1, 0.2], [20, 10, 40, 30]])


def test_a_matrix_is_row_target_and_listed_delays_take_its_places():
    W, D = np.array([[0.0, 2.0, 0.1], [3.0, 0.0, 0.0]]), np.arange(1.0, 7.0).reshape(2, 3)
    for given in (W, scipy.sparse.csc_matrix(W), scipy.sparse.coo_array(W)):
        for delays in (D, D[W != 0]):
            wiring = wire(r.from_matrix(given), None, delays, np.arange(3), np.arange(2))
            pre, post, weight, delay = wiring.edges()
            made = np.zeros((2, 3))
            made[post, pre] = weight
            np.testing.assert_array_equal(made, W)
            np.testing.assert_array_equal(delay, D[post, pre] * 10)
    assert wiring.weight_type is np.float64, "0.1 is no float32"


@pytest.mark.parametrize("autapses", [True, False])
def test_all_to_all_takes_matrices(autapses):
    W = np.arange(16.0).reshape(4, 4) + 0.5
    wiring = wire(r.all_to_all(autapses), W, W + 1, np.arange(4), np.array([2, 3, 4, 5]))
    pre, post, weight, delay = wiring.edges()
    np.testing.assert_array_equal(weight, W[post, pre])
    np.testing.assert_array_equal(delay, np.rint((W[post, pre] + 1) * 10))
    assert pre.size == (16 if autapses else 14) and wiring.weight_type is np.float32


def test_a_list_of_float32_numbers_is_stored_as_float32_and_others_exactly():
    for value, kind in ((0.25, np.float32), (0.1, np.float64), (1e300, np.float64)):
        wiring = wire(r.one_to_one(), np.full(3, value), 1.0, PRE[:3], POST[:3])
        (bundle,) = build([wiring], [0], columns(1, 0, N), N, 0, N)
        assert bundle.weight.dtype == kind and np.all(bundle.weight == value)


# -- delays on the grid ---------------------------------------------------------------------------------


def test_what_rounding_did_is_on_record():
    listed = wire(r.one_to_one(), 1.0, np.array([0.0, 0.14, 0.3, 25.0]), PRE[:4], POST[:4])
    assert listed.edges()[3].tolist() == [1, 1, 3, 250]
    assert (listed.moved, listed.min_delay, listed.max_delay) == (2, 1, 250)
    assert listed.largest_shift == pytest.approx(0.1, abs=1e-12)
    drawn = wire(r.fixed_indegree(10), 1.0, normal(1.5, 0.75))
    assert drawn.moved == 180 and drawn.min_delay == 1
    assert drawn.largest_shift == pytest.approx(0.1 - (1.5 + 0.75 * norm.ppf(2.0**-53)), rel=1e-9)
    assert wire(r.fixed_indegree(10), 1.0, normal(1.5, 0.1, low=1.0)).largest_shift == 0.05
    single = wire(r.all_to_all())
    assert (single.moved, single.largest_shift, single.min_delay, single.max_delay) == (0, 0.0, 10, 10)


def test_drawn_delays_have_the_exact_probabilities_of_their_steps():
    mean, sd = 1.5, 0.75
    wiring = wire(r.fixed_indegree(2000), 1.0, normal(mean, sd, low=0.1), np.arange(50), np.arange(100))
    steps = wiring.edges()[3]
    edges = np.concatenate(([0.1], (np.arange(1, 40) + 0.5) / 10, [np.inf]))
    law = np.diff(norm.cdf(edges, mean, sd)) / norm.sf(0.1, mean, sd)
    assert chisquare(np.bincount(np.minimum(steps, 40), minlength=41)[1:], law * steps.size).pvalue > 1e-3


def test_drawn_weights_have_their_truncated_law():
    wiring = wire(r.fixed_indegree(2000), normal(1.0, 1.0, low=0.0, high=2.5), 1.0, np.arange(50), np.arange(100))
    weight = wiring.edges()[2]
    edges = np.linspace(0.0, 2.5, 51)
    law = np.diff(norm.cdf(edges, 1.0, 1.0)) / (norm.cdf(2.5, 1.0, 1.0) - norm.cdf(0.0, 1.0, 1.0))
    assert weight.min() >= 0.0 and weight.max() <= 2.5
    assert chisquare(np.histogram(weight, edges)[0], law * weight.size).pvalue > 1e-3


def test_a_law_of_one_value_is_a_constant():
    assert wire(r.all_to_all(), normal(2.0, 0.0), normal(1.0, 0.0)).constant == 2.0
    assert wire(r.all_to_all(), uniform(2.0, 2.0), uniform(1.2, 1.2)).min_delay == 12


def test_streams_differ_by_seed_name_and_purpose_and_not_by_anything_else():
    def of(**given):
        return np.array(wire(r.fixed_indegree(20), normal(1, 1), normal(9, 2), **given).edges()[0:4:2])

    assert np.array_equal(of(), of(pre=PRE + 100, post=POST + 100))
    for other in ({"seed": 8}, {"name": "v"}):
        assert np.all(np.any(of() != of(**other), axis=1))


@pytest.mark.parametrize(
    ("delay", "says"),
    [
        (0.15, "nearest valid values are 0.1 or 0.2"),
        (0.05, "no multiple of dt"),
        (0.0, "minimum is 0.1"),
        (1e9, "at most 2147483646 steps"),
        (np.array([1.0] * 17 + [1e300]), "at most 2147483646 steps"),
        (uniform(1.0, 1e6), "reaches over"),
        (lognormal(1.0, 1e6), "at most"),
    ],
)
def test_delays_that_the_grid_cannot_have(delay, says):
    with pytest.raises(InvalidValueError, match=f"projection 'w': delay.*{says}"):
        wire(r.one_to_one(), 1.0, delay, np.arange(18), POST)


def test_without_a_grid_delays_are_kept_in_ms():
    """Truth: the listed numbers, the law's quantile at the same draw, and a grid fine enough to round nothing away."""
    given = np.array([20.0, 1.5, 7.0, 0.3, 1.5])
    pairs = r.from_pairs([0, 1, 2, 3, 0], [1, 0, 2, 2, 1])
    listed = Wiring("w", pairs, np.arange(4), np.arange(4, 8), 1.0, given, None, 1)
    pre, post, _, delay = listed.edges()
    assert sorted(zip(pre, post, delay)) == sorted(zip([0, 1, 2, 3, 0], [1, 0, 2, 2, 1], given))
    assert (listed.min_delay, listed.max_delay, listed.moved) == (0.3, 20.0, 0)
    law = uniform(0.5, 3.0)
    kept, fine = (
        Wiring("d", r.fixed_indegree(5), np.arange(9), np.arange(9, 20), uniform(0.0, 1.0), law, grid, 3)
        for grid in (None, Grid(1e-3))
    )
    exact, rounded = kept.edges(), fine.edges()
    for a, b in zip(exact[:3], rounded[:3]):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(exact[3], rounded[3] * 1e-3, atol=0.51e-3)
    assert np.any(exact[3] != rounded[3] * 1e-3)


@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_lists_are_sorted_by_source(kind: type) -> None:
    """As NumPy sorts them: several synapses of a pair by delay, equal ones as they stood; float delays too."""
    rng = np.random.default_rng(1)
    pre, post = rng.integers(0, 5, 400), np.sort(rng.integers(0, 12, 400))
    delay, value = rng.integers(1, 4, 400).astype(kind) / (1 if kind is np.int64 else 3.0), rng.normal(size=400)
    delay = delay.astype(kind)
    order = np.lexsort((delay, post, pre))
    for found, column in zip(sorted_by_source(pre, post, delay, value), (pre, post, delay, value)):
        assert found.dtype == column.dtype and np.array_equal(found, column[order])
    assert np.array_equal(order_by_source(pre, post, delay), order)
    assert all(one.size == 0 for one in sorted_by_source(pre[:0], post[:0], delay[:0], value[:0]))
