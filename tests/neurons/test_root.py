"""The lowest root of a current.  Truth: roots that were chosen, in every part of the interval."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim.neurons.root import lowest_root

LOW, HIGH = -90.0, 50.0


def test_roots_all_over_the_interval_are_found_at_once() -> None:
    roots = np.linspace(LOW + 0.5, HIGH - 0.5, 700)
    found = lowest_root(lambda v: roots > v, [LOW, HIGH])
    assert np.abs(found - roots).max() < 1e-13


@pytest.mark.parametrize("roots", [(-80.0, -50.0, 20.0), (10.0, 30.0, 45.0)])
def test_the_lowest_of_three_is_taken(roots: tuple[float, float, float]) -> None:
    a, b, c = roots
    found = lowest_root(lambda v: -(v - a) * (v - b) * (v - c) > 0.0, [HIGH, LOW])
    assert np.ndim(found) == 0 and found == pytest.approx(a, abs=1e-13)
