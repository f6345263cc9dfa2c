"""More losses, L of one sample: their entries are averaged, as PyTorch does.

| loss      | L(y, t) |
| --------- | --- |
| L1Loss    | mean_k |y_k - t_k| |
| HuberLoss | mean_k of d^2/2 for |d| <= delta, else delta (|d| - delta/2), d = y_k - t_k (Huber 1964) |
| KLLoss    | sum_k t_k (ln t_k - y_k), y = ln p: the divergence of p from t |
| HingeLoss | mean_{k != c} max(0, margin + y_k - y_c) for the class c (Weston and Watkins 1999) |
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from ...keywords import named
from ...network import checked
from ..autodiff.tape import Var, apply
from .losses import ClassLoss, Loss

__all__ = ["HingeLoss", "HuberLoss", "KLLoss", "L1Loss"]


def _mean_of_entries(entries: Var) -> Var:
    return entries.mean(axis=tuple(range(1, entries.ndim))) if entries.ndim > 1 else entries


@named
class L1Loss(Loss):
    """Absolute error, which outliers pull at less than at the squared one.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.L1Loss()([[1.0], [4.0]], [[0.0], [1.0]])
    tensor(2.)
    """

    repeatable = True

    def target(self, y: Var, t: np.ndarray) -> np.ndarray:
        return self._same_shape(y, t)

    def each(self, y: Var, t: np.ndarray) -> Var:
        return _mean_of_entries(apply("absolute", y - self.target(y, t)))


@named
class HuberLoss(Loss):
    """Squared error near the target, absolute error beyond `delta`.

    Parameters
    ----------
    delta : float
        Where the error becomes absolute, > 0.
    reduction : {"mean", "sum", "none"}
        Over the samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.HuberLoss(delta=1.0, reduction="none")([0.5, 3.0], [0.0, 0.0])
    tensor([0.125, 2.500])
    """

    arguments: tuple[str, ...] = ("delta", "reduction")
    repeatable = True

    def __init__(self, delta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.delta = checked.number("HuberLoss: delta", delta, above=0.0)

    def target(self, y: Var, t: np.ndarray) -> np.ndarray:
        return self._same_shape(y, t)

    def each(self, y: Var, t: np.ndarray) -> Var:
        d = apply("absolute", y - self.target(y, t))
        near = apply("minimum", d, self.delta)
        return _mean_of_entries(near * (d - 0.5 * near))


@named
class KLLoss(Loss):
    """Kullback-Leibler divergence of probabilities p = e^y from the distribution t, rows of probabilities.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.KLLoss()(np.log([[0.5, 0.5]]), [[0.5, 0.5]])
    tensor(0.)
    """

    def each(self, y: Var, t: np.ndarray) -> Var:
        t = self._between_0_and_1(y, t)
        return apply("expected", y, t=t) + special.xlogy(t, t).sum(axis=-1).astype(y.dtype)


@named
class HingeLoss(ClassLoss):
    """Every wrong class's score must stay a `margin` below that of the right one.

    The mean over the K - 1 wrong classes k of max(0, margin - y_right + y_k).

    Parameters
    ----------
    margin : float
        By which a wrong score must be lower.
    reduction : {"mean", "sum", "none"}
        Over the samples.
    weight : array_like, shape (K,), optional
        What each class counts.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.HingeLoss()([[3.0, 1.0, 2.5]], [0])
    tensor(0.25)
    """

    arguments: tuple[str, ...] = ("margin", "reduction", "weight")

    def __init__(self, margin: float = 1.0, reduction: str = "mean", weight: Any = None) -> None:
        super().__init__(reduction, weight)
        self.margin = checked.number("HingeLoss: margin", margin, least=0.0)

    def each(self, y: Var, t: np.ndarray) -> Var:
        classes = self._classes(y, t)
        hot = np.eye(y.shape[-1], dtype=y.dtype)[classes]
        right = (y * hot).sum(axis=-1, keepdims=True)
        wrong = (apply("relu", y - right + self.margin) * (1.0 - hot)).sum(axis=-1)
        losses = wrong / float(max(y.shape[-1] - 1, 1))
        return losses if self.weight is None else losses * self._of_classes(y)[classes]
