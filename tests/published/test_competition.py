"""Naming neurons after the classes that they answer to.  Truth: means by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.published import names_of, votes

FIRED = np.array([[5.0, 0.0, 1.0, 0.0], [1.0, 4.0, 0.0, 0.0], [3.0, 6.0, 1.0, 0.0]])  # (pattern, neuron)


def test_a_class_is_that_of_the_largest_mean() -> None:
    """Means of class 0: 5, 0, 1, 0; of class 1: 2, 5, 0.5, 0."""
    assert names_of(FIRED, np.array([0, 1, 1]), 2).tolist() == [0, 1, 0, 0]
    assert names_of(FIRED, [0.0, 1.0, 1.0], 2).tolist() == [0, 1, 0, 0]


def test_nobody_stands_for_what_was_not_shown() -> None:
    """Classes without a pattern have no mean: the neurons are those of the classes that were shown."""
    found = names_of(FIRED, np.array([3, 7, 7]), 10)
    assert found.tolist() == [3, 7, 3, 3]
    assert names_of(FIRED, np.array([3, 7, 7]), 10**18).tolist() == [3, 7, 3, 3]


def test_a_vote_is_the_largest_mean() -> None:
    """Means of names 3 (neurons 0, 2) and 7 (1, 3): 3 and 0; 0.5 and 2; 2 and 3; nobody: 0."""
    fired = np.vstack([FIRED, np.zeros(4)])
    for classes in (8, 10**18):
        assert votes(fired, np.array([3, 7, 3, 7]), classes).tolist() == [3, 7, 7, 0]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: names_of(FIRED, [0, 1, 7], 3), InvalidValueError, "from 0 to 2, got 7 at index 2"),
        (lambda: names_of(FIRED, [-1, 1, 0], 3), InvalidValueError, "from 0 to 2, got -1 at index 0"),
        (lambda: names_of(FIRED, [0, 0.5, 1], 3), InvalidValueError, "whole numbers, got 0.5"),
        (lambda: names_of(FIRED, [0, 1], 3), InvalidValueError, r"wanted 3 classes, one each, got shape \(2,\)"),
        (lambda: names_of(FIRED, [0, 0, 0], 0), InvalidValueError, "classes"),
        (lambda: names_of(FIRED[:0], [], 3), InvalidValueError, "no pattern was shown"),
        (lambda: names_of(FIRED * np.nan, [0, 1, 1], 3), InvalidValueError, "fired: wanted numbers of spikes"),
        (lambda: names_of(FIRED, "abc", 3), InvalidTypeError, "labels"),
        (lambda: votes(FIRED, [0, 1, 9, 1], 3), InvalidValueError, "from 0 to 2, got 9"),
        (lambda: votes(FIRED, [0, 1], 3), InvalidValueError, "wanted 4 classes"),
        (lambda: votes(FIRED[0], [0, 1, 1, 1], 3), InvalidValueError, "fired: wanted numbers of spikes of shape"),
        (lambda: votes(FIRED[:, :0], [], 3), InvalidValueError, "no neurons"),
    ],
)
def test_what_is_no_class_is_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
