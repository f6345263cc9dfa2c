"""What an activation is: a rule of the table as a Module without parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import all_named, verbs_named
from ..autodiff.tape import Var, apply, as_array
from .module import Module

__all__ = ["Activation", "AlongAxis", "Scaled", "floating"]


def floating(x: Any) -> Any:
    """Numbers and integer arrays become float64, all else stays."""
    if isinstance(x, Var):
        return x
    array = as_array(x)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


@verbs_named
class Activation(Module):
    """An activation function without parameters: the rule of its name in the table."""

    rule = ""
    repeatable = True

    def forward(self, x: Any) -> Var:
        return apply(self.rule, floating(x))


@all_named
class Scaled(Activation):
    """A sigmoid between -1 and 1, or between 0 and 1 if `scaled`.

    Parameters
    ----------
    scaled : bool
        Whether the output is brought to 0 ... 1.
    """

    arguments: tuple[str, ...] = ("scaled",)
    repeatable = True
    reach = 1.0

    def __init__(self, scaled: bool = False) -> None:
        self.scaled = bool(scaled)

    def forward(self, x: Any) -> Var:
        y = super().forward(x)
        return y * (0.5 / self.reach) + 0.5 if self.scaled else y


@all_named
class AlongAxis(Activation):
    """A function of all entries along an axis.

    Parameters
    ----------
    dim : int
        Along which axis.
    """

    arguments: tuple[str, ...] = ("dim",)
    repeatable = True

    def __init__(self, dim: int = -1) -> None:
        self.dim = int(dim)

    def forward(self, x: Any) -> Var:
        x = floating(x)
        if not -np.ndim(as_array(x)) <= self.dim < np.ndim(as_array(x)):
            raise InvalidValueError(
                f"{type(self).__name__}: dim = {self.dim} for an input of shape {np.shape(as_array(x))}"
            )
        return apply(self.rule, x, axis=self.dim)
