"""Laws of distance.  Truth: their formulas, and that no value leaves its bounds."""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidValueError

D = np.array([0.0, 0.2, 0.5, 0.5000001, 1.0, 3.0, 400.0])


def value(law: ss.network.law.Law, d: np.ndarray = D) -> np.ndarray:
    return np.broadcast_to(law.value(np.zeros(d.size, int), np.ones(d.size, int), d), d.shape)


def test_formulas() -> None:
    np.testing.assert_allclose(value(ss.gaussian(0.4)), np.exp(-(D**2) / (2 * 0.16)), rtol=1e-14)
    np.testing.assert_allclose(value(ss.exponential(0.4)), np.exp(-D / 0.4), rtol=1e-14)
    assert value(ss.box(0.5)).tolist() == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert value(ss.distance_law(np.square, reach=0.5)).tolist() == [*(D[:3] ** 2), 0.0, 0.0, 0.0, 0.0]
    assert value(ss.distance_law(np.square)).tolist() == (D**2).tolist()
    np.testing.assert_allclose(value(2.0 - ss.distance / 4.0 + ss.box(1.0) * 3.0), 2.0 - D / 4.0 + 3.0 * (D <= 1.0))
    np.testing.assert_allclose(value((1.0 + ss.distance) ** 2), (1.0 + D) ** 2)


@pytest.mark.parametrize("make", [ss.gaussian, ss.exponential, ss.box])
def test_widths(make: object) -> None:
    assert value(make(1e-3), np.zeros(1))[0] == 1.0  # type: ignore[operator]
    for wrong in (-1.0, -1e-9) if make is ss.box else (-1.0, 0.0):
        with pytest.raises(InvalidValueError):
            make(wrong)  # type: ignore[operator]


#: Each with what may make a corner no bound: a denominator that reaches 0, a base that is negative.
LAWS = {
    "gaussian": ss.gaussian(0.5),
    "exponential": 3.0 * ss.exponential(0.5),
    "box": 1.0 - ss.box(0.5),
    "function": ss.distance_law(lambda d: np.sin(9.0 * d), reach=0.6),
    "difference": 2.0 * ss.distance - ss.gaussian(0.5),
    "product of signs": (ss.distance - 0.5) * (ss.distance - 1.0),
    "over what passes 0": 1.0 / (ss.distance - 0.5),
    "over what comes to 0": 1.0 / (ss.distance - 1.0),
    "over what leaves 0": (ss.distance + 1.0) / ss.distance,
    "over what is above 0": (ss.distance - 0.3) / (1.0 + ss.distance),
    "even power": (ss.distance - 0.5) ** 2,
    "power": (1.0 + ss.distance) ** 0.5,
    "exponent": (0.5 + ss.distance) ** (2.0 * ss.distance - 1.0),
}


@pytest.mark.parametrize("name", LAWS)
def test_no_value_leaves_its_bounds(name: str) -> None:
    law, edges = LAWS[name], np.linspace(0.0, 2.0, 9)
    for low in edges:
        for high in edges[edges >= low]:
            inside = np.linspace(low, high, 41)
            found = value(law, inside)
            least, most = (np.broadcast_to(b, 1)[0] for b in law.bounds(np.array([low]), np.array([high])))
            found = found[np.isfinite(found)]
            assert np.all(found >= least - 1e-12) and np.all(found <= most + 1e-12), (low, high)


def test_bounds_are_tight_where_they_can_be() -> None:
    """Nothing is left of a box beyond it, nor of a function beyond its reach; a product of one sign has its corners."""
    for law in (ss.box(0.5), ss.distance_law(np.cos, reach=0.5)):
        assert [float(np.ravel(b)[0]) for b in law.bounds(np.array([0.6]), np.array([2.0]))] == [0.0, 0.0]
        assert law.bounds(np.array([0.5]), np.array([2.0]))[1][0] > 0.0
    for law, ends in (
        (2.0 * ss.exponential(1.0), (2.0 * np.exp(-2.0), 2.0 * np.exp(-1.0))),
        (1.0 / (1.0 + ss.distance), (1.0 / 3.0, 0.5)),
        (1.0 / (0.5 * ss.distance), (1.0, 2.0)),
        (1.0 / (0.5 * ss.distance - 3.0), (-0.5, -0.4)),
        ((1.0 + ss.distance) ** 2, (4.0, 9.0)),
    ):
        found = [float(np.ravel(b)[0]) for b in law.bounds(np.array([1.0]), np.array([2.0]))]
        np.testing.assert_allclose(found, ends, rtol=1e-14)


def test_the_first_bad_pair_is_named() -> None:
    law = 1.0 / (ss.distance - 0.5)
    for d, said in (
        ([0.5], r"inf for the pair from 0 to 10, 0\.5 mm apart \(1 such"),
        ([1.0, 0.5, 0.5], "from 1 to 11"),
    ):
        pre = np.arange(len(d))
        with pytest.raises(InvalidValueError, match=said):
            ss.network.law.evaluated("weight", law, pre, pre + 10, np.array(d))
