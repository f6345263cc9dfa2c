"""Degrees that a total is shared out in.  Truth: binomial means; who has no possible source gets none."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim.errors import InvalidValueError
from spikesim.network.rules import fixed_indegree, fixed_outdegree, fixed_total
from spikesim.random import key


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("autapses", [True, False])
def test_a_total_is_shared_in_proportion_to_possible_sources(autapses: bool, multapses: bool) -> None:
    """Mean of each target over 400 streams: n room_t / sum(room), within 5 standard errors."""
    own = np.array([0, -1, 1, -1, 2])  # the source that is the target itself
    room = 3.0 - (own >= 0) * (not autapses)
    n, times = 6, 400
    rule = fixed_total(n, allow_autapses=autapses, allow_multapses=multapses)
    degrees = np.array([rule.plan(3, 5, own, key(k, "sources", "w")).expected for k in range(times)])
    assert np.all(degrees.sum(axis=1) == n)
    if not multapses:
        assert np.all(degrees <= room)
    share = room / room.sum()
    np.testing.assert_allclose(degrees.mean(axis=0), n * share, atol=5.0 * np.sqrt(n * share.max() / times))


def test_who_can_have_no_source_gets_none() -> None:
    """One source: the target that is the source itself has no room."""
    plan = fixed_total(50, allow_autapses=False).plan(1, 3, np.array([-1, 0, -1]), key(1, "sources", "w"))
    assert plan.expected[1] == 0.0 and plan.expected.sum() == 50.0 and plan.most == plan.expected.max()


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize(("k", "n"), [(0, 0), (1, 0), (3, 2), (3, 3), (3, 4), (1, 1), (2, 1)])
@pytest.mark.parametrize("make", [fixed_indegree, fixed_outdegree])
def test_a_degree_needs_as_many_others(make, k: int, n: int, autapses: bool, multapses: bool) -> None:
    """By hand: k of n others, of which a neuron's own is none; with multapses one is enough."""
    possible = n - (not autapses and n > 0)
    enough = k == 0 or (possible > 0 if multapses else k <= possible)
    rule, sides = (
        make(k, allow_autapses=autapses, allow_multapses=multapses),
        (n, 5) if make is fixed_indegree else (5, n),
    )
    if enough:
        rule.check("here", *sides, shared=min(n, 5))
        return
    with pytest.raises(InvalidValueError, match="here: fixed_"):
        rule.check("here", *sides, shared=min(n, 5))
