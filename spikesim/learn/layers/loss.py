"""What a loss is (section 2.3): L of one sample, and E, its mean over the samples."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...errors import InvalidValueError, SpikesimWarning
from ...keywords import named
from ..autodiff.tape import Var, as_array
from .module import Module

__all__ = ["Loss", "over_entries"]


@named
class Loss(Module):
    """A loss: call it with (output, target), and optionally a weight for every sample.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples (the first axis); entries of one sample are always summed.  With weights w the mean is
        sum(w L) / sum(w).

    Examples
    --------
    >>> from spikesim import learn
    >>> class Cubic(learn.Loss):
    ...     def each(self, y, t):
    ...         return abs(y - t) ** 3
    >>> Cubic()(learn.Var([1.0, 3.0]), [0.0, 1.0]).item()
    4.5
    """

    arguments: tuple[str, ...] = ("reduction",)
    classifies = False  # whether targets are classes, or probabilities of them

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum", "none"):
            raise InvalidValueError(f'{type(self).__name__}: reduction = {reduction!r}, wanted "mean", "sum" or "none"')
        self.reduction = reduction
        self.told = False

    def each(self, y: Var, t: np.ndarray) -> Var:
        """Return L of every sample.

        Parameters
        ----------
        y : Var
            Outputs, a sample a row.
        t : array
            Targets, as the loss takes them.

        Returns
        -------
        Var, shape (N,)
            One number a sample.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.MSELoss().each(learn.Var([[1.0], [3.0]]), np.zeros((2, 1))).tolist()
        [0.5, 4.5]
        """
        raise NotImplementedError

    def target(self, y: Var, t: np.ndarray) -> np.ndarray:
        """Return the targets as :meth:`each` reckons with them: checked, in the precision of the output.

        Parameters
        ----------
        y : Var
            Outputs, a sample a row; only their shape and dtype are looked at.
        t : array
            Targets.

        Returns
        -------
        array
            `t` itself where nothing is to be done, so also of what was returned.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.MSELoss().target(learn.Var([[1.0], [3.0]]), np.array([[1], [2]])).tolist()
        [[1.0], [2.0]]
        """
        return t

    def counts(self, y: Var, t: np.ndarray) -> np.ndarray | None:
        """Return what every sample counts in the mean, if not 1.

        Parameters
        ----------
        y : Var
            Outputs, a sample a row.
        t : array
            Targets, as the loss takes them.

        Returns
        -------
        array, shape (N,), or None
            None: each counts 1.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> loss = learn.NLLLoss(weight=[1.0, 3.0])
        >>> loss.counts(learn.Var(np.log([[0.5, 0.5]])), np.array([1])).tolist()
        [3.0]
        """
        return None

    @named
    def forward(self, y: Any, t: Any, weights: Any = None) -> Var:
        """Return the loss: what a call returns.

        Parameters
        ----------
        y : array_like, Var or Tensor
            Outputs, a sample a row.
        t : array_like
            Targets.
        weights : array_like, shape (N,), optional
            What each sample counts.

        Returns
        -------
        Var
            A scalar; one number a sample with reduction "none".

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.MSELoss().forward(learn.Var([[1.0], [3.0]]), [[0.0], [0.0]]).item()
        2.5
        """
        y, t = y if isinstance(y, Var) else Var(y, requires_grad=False), np.asarray(as_array(t))
        losses = self.each(y, t)
        counts = self.counts(y, t)
        if weights is not None:
            w = self._weights(weights, losses)
            losses = losses * w
            counts = w if counts is None else counts * w
        if losses.ndim == 0 or self.reduction == "none":
            return losses
        if self.reduction == "sum":
            return losses.sum()
        if not losses.size:
            raise InvalidValueError(
                f"{type(self).__name__}: no samples (output of shape {np.shape(as_array(y))}), no mean"
            )
        return losses.mean() if counts is None else losses.sum() / self._total(counts, losses)

    def _weights(self, weights: Any, losses: Var) -> np.ndarray:
        w = np.asarray(as_array(weights), dtype=losses.dtype)
        if w.shape != losses.shape[: w.ndim] or w.ndim == 0 or not (np.isfinite(w).all() and (w >= 0.0).all()):
            raise InvalidValueError(
                f"{type(self).__name__}: weights of shape {w.shape} for losses of shape {tuple(losses.shape)}; wanted"
                " one finite number >= 0 a sample"
            )
        return np.broadcast_to(w.reshape(w.shape + (1,) * (losses.ndim - w.ndim)), losses.shape)

    def _total(self, counts: np.ndarray, losses: Var) -> Any:
        total = counts.sum()
        if not total > 0.0:
            raise InvalidValueError(f"{type(self).__name__}: all weights are 0, there is no mean")
        return losses.dtype.type(total)

    def _tell(self, what: str) -> None:
        """Warn, once a loss, of what is allowed but hardly meant."""
        if not self.told:
            self.told = True
            warnings.warn(f"{type(self).__name__}: {what}", SpikesimWarning, stacklevel=5)

    def _same_shape(self, y: Var, t: np.ndarray) -> np.ndarray:
        if y.shape != t.shape:
            raise InvalidValueError(
                f"{type(self).__name__}: output of shape {tuple(y.shape)} and target of shape {t.shape} differ;"
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


def over_entries(losses: Var) -> Var:
    """Return the sum over the entries of every sample."""
    return losses.sum(axis=tuple(range(1, losses.ndim))) if losses.ndim > 1 else losses
