"""Dual numbers a + b epsilon: the least that an equation may demand of a number which is no float."""

from __future__ import annotations

from typing import Any

import numpy as np


class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    """A value and its derivative."""

    def __init__(self, value: float, slope: float) -> None:
        self.value, self.slope = float(value), float(slope)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        x = [i.value if isinstance(i, Dual) else i for i in inputs]
        d = [derivative(i) for i in inputs]
        value = ufunc(*x)
        if ufunc in (np.less, np.greater, np.greater_equal, np.less_equal):
            return bool(value)
        rules = {
            np.add: lambda: d[0] + d[1],
            np.subtract: lambda: d[0] - d[1],
            np.multiply: lambda: d[0] * x[1] + x[0] * d[1],
            np.true_divide: lambda: (d[0] - value * d[1]) / x[1],
            np.exp: lambda: value * d[0],
            np.negative: lambda: -d[0],
            np.absolute: lambda: np.sign(x[0]) * d[0],
        }
        return Dual(value, rules[ufunc]())


def derivative(x: Any) -> float:
    """The derivative that a result carries."""
    return x.slope if isinstance(x, Dual) else 0.0
