"""Rules of connection: what each promises, for any sizes, and that its draws are uniform.

Kinds of truth: the definition of each rule (hypothesis), uniformity (chi-square at fixed seeds), the
catalogue of bad input.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chisquare, hypergeom

from spikesim.errors import SpikesimError
from spikesim.grid import Grid
from spikesim.network import rules as r
from spikesim.program.wiring import Wiring

sizes, seeds = st.integers(1, 12), st.integers(0, 10**6)


def pairs(rule, n_pre, n_post, seed, first=0):
    """(pre, post) of one realisation; sources have ids 0 ..., targets first ...: the overlap is known."""
    weight = None if rule.weights is not None else 1.0
    wiring = Wiring("w", rule, np.arange(n_pre), first + np.arange(n_post), weight, 1.0, Grid(0.1), seed)
    return wiring.edges()[:2]


def table(rule, n_pre, n_post, seed, first=0):
    """How many synapses each pair has, (n_post, n_pre)."""
    pre, post = pairs(rule, n_pre, n_post, seed, first)
    count = np.zeros((n_post, n_pre), np.int64)
    np.add.at(count, (post, pre), 1)
    return count


def autapses(count, first=0):
    return sum(count[t, t + first] for t in range(count.shape[0]) if t + first < count.shape[1])


# -- what each rule promises ----------------------------------------------------------------------------


@given(sizes, sizes, seeds, st.booleans(), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_all_to_all(n_pre, n_post, seed, own, first):
    count = table(r.all_to_all(own), n_pre, n_post, seed, first)
    expected = np.ones((n_post, n_pre), int)
    for t in range(n_post if not own else 0):
        expected[t, t + first : t + first + 1] = 0
    np.testing.assert_array_equal(count, expected)


@given(sizes, sizes, seeds, st.booleans(), st.booleans(), st.integers(0, 6), st.data())
@settings(max_examples=150, deadline=None)
def test_degrees_and_totals(n_pre, n_post, seed, own, multi, first, data):
    shared = max(0, min(n_pre - first, n_post))
    less = 1 if shared and not own else 0

    def degree(n):
        return data.draw(st.integers(0, (n - less) if not multi else 3 * n * (n > less)))

    options = {"allow_autapses": own, "allow_multapses": multi}
    k_in, k_out = degree(n_pre), degree(n_post)
    room = n_pre * n_post - shared * less
    n = data.draw(st.integers(0, room if not multi else 3 * room))
    for rule, axis, wanted in (
        (r.fixed_indegree(k_in, **options), 1, k_in),
        (r.fixed_outdegree(k_out, **options), 0, k_out),
        (r.fixed_total(n, **options), None, n),
    ):
        count = table(rule, n_pre, n_post, seed, first)
        assert np.all(count.sum(axis) == wanted)
        assert own or autapses(count, first) == 0
        assert multi or count.max(initial=0) <= 1


@given(sizes, sizes, seeds, st.floats(0, 1), st.booleans())
@settings(max_examples=60, deadline=None)
def test_fixed_probability_makes_each_pair_at_most_once(n_pre, n_post, seed, p, own):
    count = table(r.fixed_probability(p, own), n_pre, n_post, seed)
    assert count.max(initial=0) <= 1 and (own or autapses(count) == 0)
    assert p not in (0.0, 1.0) or count.sum() == p * (n_pre * n_post - (0 if own else min(n_pre, n_post)))


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 6)), max_size=30), seeds)
@settings(max_examples=60, deadline=None)
def test_from_pairs_makes_the_pairs(given_pairs, seed):
    pre, post = ([p[i] for p in given_pairs] for i in (0, 1))
    got = pairs(r.from_pairs(pre, post), 9, 7, seed)
    assert list(zip(*(x.tolist() for x in got))) == sorted(given_pairs, key=lambda pair: pair[1])


def test_one_to_one():
    pre, post = pairs(r.one_to_one(), 5, 5, 1)
    assert pre.tolist() == post.tolist() == [0, 1, 2, 3, 4]


def test_matrix_zeros_and_duplicates():
    entries = ([0.5, 0.25, 0.0, 1.0, -1.0], ([0, 0, 1, 1, 1], [1, 1, 0, 2, 2]))
    W = scipy.sparse.coo_array(entries, shape=(2, 3))
    rule, kept = r.from_matrix(W), r.from_matrix(W, keep_zeros=True)
    assert (rule.pre.tolist(), rule.post.tolist(), rule.weights.tolist()) == ([1], [0], [0.75])
    assert (kept.pre.tolist(), kept.weights.tolist()) == ([1, 0, 2], [0.75, 0.0, 0.0])
    assert W.nnz == 5, "the user's matrix was changed"


def test_a_rule_does_not_change_with_the_arrays_it_was_made_from():
    ids, W = np.array([0, 1]), np.ones((2, 2))
    rules = r.from_pairs(ids, ids), r.from_matrix(W)
    ids[:], W[:] = 7, 9.0
    assert rules[0].pre.tolist() == [0, 1] and set(rules[1].weights) == {1.0}
    with pytest.raises(ValueError, match="read-only"):
        rules[0].pre[0] = 3


def test_a_sparse_matrix_stays_as_it_was_given():
    """One that SciPy would put in order in place: float64, unsorted, an entry twice, a zero."""
    W = scipy.sparse.csr_array((np.array([2.0, 1.0, 0.5, 0.0]), np.array([2, 0, 2, 1]), np.array([0, 3, 4])), (2, 3))
    rule = r.from_matrix(W)
    assert (W.data.tolist(), W.indices.tolist(), W.indptr.tolist()) == ([2.0, 1.0, 0.5, 0.0], [2, 0, 2, 1], [0, 3, 4])
    assert (rule.pre.tolist(), rule.post.tolist(), rule.weights.tolist()) == ([0, 2], [0, 0], [1.0, 2.5])


# -- uniformity -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        r.fixed_indegree(4),
        r.fixed_indegree(4, allow_multapses=False),
        r.fixed_indegree(4, allow_autapses=False),
        r.fixed_outdegree(3, allow_autapses=False, allow_multapses=False),
        r.fixed_total(17),
        r.fixed_total(17, allow_multapses=False),
        r.fixed_total(25, allow_autapses=False, allow_multapses=False),
        r.fixed_probability(0.3),
        r.fixed_probability(0.9, allow_autapses=False),
    ],
    ids=repr,
)
def test_every_pair_is_equally_likely(rule):
    n, repeats = 6, 400
    total = sum(table(rule, n, n, seed) for seed in range(repeats))
    off = ~np.eye(n, dtype=bool)
    counts = total.ravel() if rule.allow_autapses else total[off]
    # without replacement the counts vary less than multinomial ones: the test is then conservative upwards
    assert chisquare(counts).pvalue > 1e-3


def test_all_subsets_are_equally_likely():
    """3 of 5 without multapses: each of the 10 sets as often (Floyd), and sets of fixed_total as well."""
    for rule, n_post in ((r.fixed_indegree(3, allow_multapses=False), 3000), (None, 0)):
        rule = rule or r.fixed_total(3, allow_multapses=False)
        if n_post:
            count = table(rule, 5, n_post, 1)
        else:
            count = np.array([table(rule, 5, 1, seed)[0] for seed in range(2000)])
        sets = (count * 2 ** np.arange(5)).sum(1)
        _, often = np.unique(sets, return_counts=True)
        assert often.size == 10 and chisquare(often).pvalue > 1e-3


def test_fixed_probability_has_binomial_degrees():
    n, p = 20, 0.15
    degree = table(r.fixed_probability(p), n, 20_000, 3).sum(1)
    law = binom.pmf(np.arange(8), n, p)
    law = np.append(law, 1 - law.sum())
    assert chisquare(np.bincount(np.minimum(degree, 8), minlength=9), law * degree.size).pvalue > 1e-3


@pytest.mark.parametrize("n", [12, 51])
def test_fixed_total_of_distinct_pairs_has_hypergeometric_degrees(n):
    """Both sides of the correction: the in-degree of one target over many seeds."""
    repeats, n_pre, n_post = 2000, 8, 8
    degree = np.array(
        [
            Wiring(
                "w",
                r.fixed_total(n, allow_multapses=False),
                np.arange(8),
                np.arange(8, 16),
                1.0,
                1.0,
                Grid(0.1),
                s,
            ).in_degree()[0]
            for s in range(repeats)
        ]
    ).astype(int)
    law = hypergeom.pmf(np.arange(n_pre + 1), n_pre * n_post, n_pre, n)
    often = np.bincount(degree, minlength=n_pre + 1)
    likely = law * repeats > 5
    observed = np.append(often[likely], often[~likely].sum())
    expected = np.append(law[likely], law[~likely].sum()) * repeats
    assert chisquare(observed[expected > 0], expected[expected > 0]).pvalue > 1e-3


def test_more_pairs_than_32_bits_count():
    """2^40 pairs, drawn without a list of them."""
    n = 2**20
    for multi in (True, False):
        rule = r.fixed_total(1000, allow_multapses=multi)
        wiring = Wiring("w", rule, np.arange(n), np.arange(n, 2 * n), 1.0, 1.0, Grid(0.1), 1)
        assert wiring.in_degree().sum() == wiring.expected == 1000
    assert Wiring("w", r.all_to_all(), np.arange(n), np.arange(n), 1.0, 1.0, Grid(0.1), 1).expected == 2.0**40


# -- bad input ------------------------------------------------------------------------------------------

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: r.fixed_indegree(-1), ValueError, "fixed_indegree: k.*-1"),
        (lambda: r.fixed_indegree(1.5), TypeError, "fixed_indegree: k.*1.5"),
        (lambda: r.fixed_indegree(NAN), TypeError, "fixed_indegree: k.*nan"),
        (lambda: r.fixed_indegree(True), TypeError, "fixed_indegree: k.*True"),
        (lambda: r.fixed_outdegree("3"), TypeError, "fixed_outdegree: k.*'3'"),
        (lambda: r.fixed_outdegree(2**31), ValueError, "2147483647"),
        (lambda: r.fixed_total(-1), ValueError, "fixed_total: n.*-1"),
        (lambda: r.fixed_total(None), TypeError, "fixed_total: n.*None"),
        (lambda: r.fixed_total(3, allow_multapses=1), TypeError, "allow_multapses.*True or False.*1"),
        (lambda: r.fixed_probability(-0.1), ValueError, "p.*-0.1"),
        (lambda: r.fixed_probability(1.1), ValueError, r"p must be in \[0, 1\], got 1.1"),
        (lambda: r.fixed_probability(NAN), ValueError, "p.*nan"),
        (lambda: r.fixed_probability([0.1]), TypeError, "p.*list"),
        (lambda: r.all_to_all(allow_autapses="no"), TypeError, "allow_autapses.*'no'"),
        (lambda: r.from_pairs([0, 1], [0]), ValueError, "as many pre_ids as post_ids, got 2 and 1"),
        (lambda: r.from_pairs([0, -1, -2], [0, 0, 0]), ValueError, r"got -1 at pair 1 \(2 out of range\)"),
        (lambda: r.from_pairs([0.0], [0]), TypeError, "pre_ids: wanted integers.*float64"),
        (lambda: r.from_pairs([True], [0]), TypeError, "pre_ids: wanted integers.*bool"),
        (lambda: r.from_pairs([[0]], [[0]]), ValueError, r"shape \(1, 1\)"),
        (lambda: r.from_pairs([2**40], [0]), ValueError, "at pair 0"),
        (
            lambda: r.from_pairs([1, 2, 1, 1], [3, 3, 3, 3], allow_multapses=False),
            ValueError,
            r"pair 2, \(1, 3\), repeats an earlier one \(2 repeated\)",
        ),
        (
            lambda: r.from_matrix([[1.0, NAN], [INF, 0.0]]),
            ValueError,
            r"got nan at \[0, 1\] \(2 such values\)",
        ),
        (lambda: r.from_matrix(scipy.sparse.csr_array([[0.0, INF]])), ValueError, r"got inf at \[0, 1\]"),
        (lambda: r.from_matrix([1.0, 2.0]), ValueError, r"shape \(2,\)"),
        (lambda: r.from_matrix([["a"]]), TypeError, "real numbers"),
        (lambda: r.from_matrix([[1j]]), TypeError, "real numbers.*complex"),
        (lambda: r.from_matrix([[True]]), TypeError, "real numbers.*bool"),
    ],
)
def test_bad_rules_are_refused_when_made(make, error, says):
    with pytest.raises(error, match=says) as caught:
        make()
    assert isinstance(caught.value, SpikesimError)


ANY = r.all_to_all()


def test_rules_are_values_and_show_how_they_were_written():
    written = [
        "all_to_all(allow_autapses=False)", "one_to_one()", "fixed_probability(0.1)", "fixed_outdegree(7)",
        "fixed_indegree(3, allow_autapses=False, allow_multapses=False)",
        "fixed_total(5, allow_multapses=False)",
    ]  # fmt: skip
    for text in written:
        rule = eval(text, vars(r))
        assert repr(rule) == text and rule == eval(text, vars(r)) and hash(rule) == hash(eval(text, vars(r)))
        with pytest.raises(AttributeError):
            rule.allow_autapses = True
    assert re.fullmatch(r"from_matrix\(2 x 3, 6 entries\)", repr(r.from_matrix(np.ones((2, 3)))))


@pytest.mark.parametrize("rule", [r.all_to_all(boundary="torus"), r.fixed_probability(0.25, boundary="torus")])
def test_a_boundary_that_is_not_the_usual_one_is_shown(rule):
    assert repr(rule).count("boundary='torus'") == 1 and "boundary" not in repr(
        dataclasses.replace(rule, boundary="open")
    )
