"""Loss functions (section 2.3): L of one sample, E its mean over the samples.

| loss                        | L(y, t)                             | goes with     | gradient there |
| --------------------------- | ----------------------------------- | ------------- | --- |
| MSELoss                     | 1/2 ||y - t||^2                     | linear, ReLU  | dE/dy = (y - t)/N |
| BCELoss                     | -(t ln y + (1-t) ln(1-y))           | logistic      | dE/dz = (y - t)/N |
| CategoricalCrossEntropyLoss | -sum_k t_k ln y_k                   | softmax       | dE/dz = (y - t)/N |
| CrossEntropyLoss            | from z itself           | no activation | dE/dz = (softmax z - t)/N |
| NLLLoss                     | -y_k for the true class k, y = ln p | log-softmax   | as above |

Where y was made by Logistic (Softmax), BCELoss (CategoricalCrossEntropyLoss) is computed from z, the input of
that activation: exact for any z, while y itself rounds to 0 or 1.  For a plain y, logarithms are floored, so
that E and its gradient are finite at 0 and 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ..autodiff.tape import Var, apply, as_array
from .module import Module

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CategoricalCrossEntropyLoss",
    "CrossEntropyLoss",
    "Loss",
    "MSELoss",
    "NLLLoss",
]


class Loss(Module):
    """A loss: call it with (output, target).

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples (the first axis); entries of one sample are always summed.
    """

    arguments: tuple[str, ...] = ("reduction",)

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum", "none"):
            raise InvalidValueError(f'{type(self).__name__}: reduction = {reduction!r}, wanted "mean", "sum" or "none"')
        self.reduction = reduction

    def each(self, y: Var, t: np.ndarray) -> Var:
        """Return L of every sample."""
        raise NotImplementedError

    def forward(self, y: Any, t: Any) -> Var:
        losses = self.each(y if isinstance(y, Var) else Var(y, requires_grad=False), np.asarray(as_array(t)))
        if losses.ndim == 0 or self.reduction == "none":
            return losses
        if self.reduction == "sum":
            return losses.sum()
        if not losses.size:
            raise InvalidValueError(
                f"{type(self).__name__}: no samples (output of shape {np.shape(as_array(y))}), no mean"
            )
        return losses.mean()

    def _same_shape(self, y: Var, t: np.ndarray) -> np.ndarray:
        if y.shape != t.shape:
            raise InvalidValueError(
                f"{type(self).__name__}: output of shape {y.shape} and target of shape {t.shape} differ;"
                " reshape one of them ((N,) against (N, 1) would compare every pair)"
            )
        return t.astype(y.dtype, copy=False)

    def _between_0_and_1(self, y: Var, t: np.ndarray) -> np.ndarray:
        """Return targets that are probabilities, of the output's shape and dtype."""
        t = self._same_shape(y, t)
        if t.size and not (t.min() >= 0.0 and t.max() <= 1.0):
            raise InvalidValueError(
                f"{type(self).__name__}: targets range over [{t.min():g}, {t.max():g}], wanted probabilities in [0, 1]"
            )
        return t

    def _classes(self, y: Var, t: np.ndarray) -> np.ndarray:
        name = type(self).__name__
        if t.dtype.kind not in "iu":
            raise InvalidTypeError(
                f"{name}: class indices must be integers, got {t.dtype}; for one-hot rows give {y.shape}"
            )
        if t.shape != y.shape[:-1]:
            raise InvalidValueError(
                f"{name}: {t.shape} class indices for an output of shape {y.shape}, wanted {y.shape[:-1]}"
            )
        n = y.shape[-1]
        t = t.astype(np.int64, copy=False)
        if t.size and t.view(np.uint64).max().item() >= n:  # a negative one is huge
            bad = np.flatnonzero((t.ravel() < 0) | (t.ravel() >= n))
            raise InvalidValueError(
                f"{name}: class {int(t.ravel()[bad[0]])} of sample {int(bad[0])} ({bad.size} such), wanted"
                f" 0 ... {n - 1}"
            )
        return t


def _over_entries(losses: Var) -> Var:
    return losses.sum(axis=tuple(range(1, losses.ndim))) if losses.ndim > 1 else losses


class MSELoss(Loss):
    """Squared error, L = 1/2 ||y - t||^2 (section 2.3.1).

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.
    half : bool
        True is the notes' definition.  ``half=False`` is PyTorch's: the mean of (y - t)^2 over all entries,
        the one behind the numbers of chapter 5 (0.018, 0.01728, ...).
    """

    arguments: tuple[str, ...] = ("reduction", "half")

    def __init__(self, reduction: str = "mean", half: bool = True) -> None:
        super().__init__(reduction)
        self.half = bool(half)

    def each(self, y: Var, t: np.ndarray) -> Var:
        squares = apply("square", y - self._same_shape(y, t))
        return 0.5 * _over_entries(squares) if self.half else squares

    def forward(self, y: Any, t: Any) -> Var:
        if isinstance(t, Var) and t.requires_grad:  # both sides may be learnt
            t, y = t.detach(), (y - t) + t.detach()
        return super().forward(y, t)


class BCELoss(Loss):
    """Bernoulli cross entropy of y in [0, 1], t in {0, 1} (section 2.3.2)."""

    def each(self, y: Var, t: np.ndarray) -> Var:
        t = self._between_0_and_1(y, t)
        if y.creator is not None and y.creator.name == "logistic":
            return _over_entries(apply("bernoulli_logits", y.creator.args[0], t=t))
        if y.size and not (np.min(y.val) >= 0.0 and np.max(y.val) <= 1.0):
            raise InvalidValueError(
                f"BCELoss: outputs range over [{np.min(y.val):g}, {np.max(y.val):g}], wanted probabilities"
                f" in [0, 1];"
                " put Logistic before it, or use BCEWithLogitsLoss"
            )
        return _over_entries(apply("bernoulli", y, t=t))


class BCEWithLogitsLoss(Loss):
    """Bernoulli cross entropy of logistic(z), from z: L = max(z, 0) - z t + ln(1 + e^-|z|)."""

    def each(self, y: Var, t: np.ndarray) -> Var:
        return _over_entries(apply("bernoulli_logits", y, t=self._between_0_and_1(y, t)))


def _expected(log_p: Var, t: np.ndarray) -> Var:
    return -(log_p * t).sum(axis=-1)


class NLLLoss(Loss):
    """Negative log-likelihood of log-probabilities y: -y at the true class, given by index or one-hot row
    (5.1.3)."""

    def each(self, y: Var, t: np.ndarray) -> Var:
        if t.shape == y.shape:
            return _expected(y, self._between_0_and_1(y, t))
        return apply("nll", y, classes=self._classes(y, t))


class CrossEntropyLoss(Loss):
    """Categorical cross entropy of softmax(z), from z itself; targets are class indices or rows of
    probabilities.

    Equal to LogSoftmax followed by NLLLoss.
    """

    def each(self, y: Var, t: np.ndarray) -> Var:
        if t.shape == y.shape:
            return _expected(apply("log_softmax", y), self._between_0_and_1(y, t))
        return apply("cross_entropy", y, classes=self._classes(y, t))


class CategoricalCrossEntropyLoss(Loss):
    """L = -sum_k t_k ln y_k of a distribution y (section 2.3.3); targets are one-hot rows or class indices.

    Examples
    --------
    >>> CategoricalCrossEntropyLoss()([0.2, 0.1, 0.4, 0.3], [0, 0, 1, 0])
    tensor(0.9163)
    """

    def each(self, y: Var, t: np.ndarray) -> Var:
        rows = t.shape == y.shape
        if y.creator is not None and y.creator.name == "softmax" and y.creator.options["axis"] in (-1, y.ndim - 1):
            log_p = apply("log_softmax", y.creator.args[0])
        else:
            tiny = np.sqrt(np.finfo(y.dtype).tiny)
            log_p = apply("log", apply("maximum", y, tiny))
        return (
            _expected(log_p, self._between_0_and_1(y, t)) if rows else apply("nll", log_p, classes=self._classes(y, t))
        )
