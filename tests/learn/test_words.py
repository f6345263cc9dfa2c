"""What a user of `learn` reads who takes one thing for another: what was wanted, and what came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import SpikesimError

X, Y = np.ones((4, 2)), np.ones((4, 1))


def fitted(data: Any = (X, Y), loss: Any = None) -> Any:
    model = learn.Sequential(learn.Linear(2, 1, seed=1))
    return learn.fit(
        model, data, loss=loss or learn.MSELoss(), optimizer=learn.SGD(model.parameters(), lr=0.1), epochs=1,
        progress=False,
    )  # fmt: skip


CASES = [
    (lambda: learn.Var(1.0) + "a", TypeError, r"add: wanted numbers, got str"),
    (
        lambda: learn.tensor(X[0]) + learn.tensor(np.ones(3)),
        ValueError,
        r"add: arguments of shape \(2,\) and \(3,\) do",
    ),
    (lambda: learn.tensor(X) @ learn.tensor(X), ValueError, r"matmul: arguments of shape \(4, 2\) and \(4, 2\) do"),
    (lambda: fitted(X), TypeError, r"wanted samples \(input, target\), got .*; arrays are given as \(X, y\)"),
    (lambda: fitted("digits"), TypeError, r"data: wanted a Dataset or a pair \(inputs, targets\), got str .digits"),
    (lambda: fitted(loss=lambda y, t: 1.0), TypeError, r"fit: loss\(output, target\) must return a Var, .* got 1\.0"),
    (lambda: fitted(loss=learn.MSELoss), TypeError, r"fit: loss must be callable .* make one: MSELoss\(\)"),
]


@pytest.mark.parametrize(("call", "kind", "words"), CASES)
def test_words(call: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, SpikesimError)


def test_an_error_of_an_operation_of_ones_own_is_left_alone() -> None:
    def forward(x: Any) -> Any:
        raise ValueError("mine")

    own = learn.operation(forward, lambda s, x: s)
    with pytest.raises(ValueError, match=r"^mine$") as caught:
        own(learn.Var(1.0))
    assert type(caught.value) is ValueError
