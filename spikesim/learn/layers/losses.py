"""Loss functions (section 2.3): L of one sample, E its mean over the samples.

| loss                        | L(y, t)                             | goes with     | gradient there |
| --------------------------- | ----------------------------------- | ------------- | --- |
| MSELoss                     | 1/2 ||y - t||^2                     | linear, ReLU  | dE/dy = (y - t)/N |
| BCELoss                     | -(t ln y + (1-t) ln(1-y))           | logistic      | dE/dz = (y - t)/N |
| CategoricalCrossEntropyLoss | -sum_k t_k ln y_k                   | softmax       | dE/dz = (y - t)/N |
| CrossEntropyLoss            | from z itself           | no activation | dE/dz = (softmax z - t)/N |
| NLLLoss                     | -y_k for the true class k, y = ln p | log-softmax   | as above |

More of them are in :mod:`spikesim.learn.layers.more_losses`.  Where y was made by Logistic (Softmax), BCELoss
(CategoricalCrossEntropyLoss) is computed from z, the input of that activation: exact for any z, while y itself rounds
to 0 or 1.  For a plain y, logarithms are floored, so that E and its gradient are finite at 0 and 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...docstrings import complete
from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import named
from ..autodiff.loops import within
from ..autodiff.tape import Var, apply, as_array
from .loss import Loss, over_entries

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CategoricalCrossEntropyLoss",
    "ClassLoss",
    "CrossEntropyLoss",
    "Loss",
    "MSELoss",
    "NLLLoss",
    "over_entries",
]


@named
class MSELoss(Loss):
    """Squared error, L = 1/2 ||y - t||^2 (section 2.3.1).

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.
    half : bool
        True is the notes' definition.  ``half=False`` is PyTorch's: the mean of (y - t)^2 over all entries,
        the one behind the numbers of chapter 5 (0.018, 0.01728, ...).

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.MSELoss()(learn.Var([1.0]), [0.0]).item(), learn.MSELoss(half=False)(learn.Var([1.0]), [0.0]).item()
    (0.5, 1.0)
    """

    arguments: tuple[str, ...] = ("reduction", "half")
    repeatable = True

    def __init__(self, reduction: str = "mean", half: bool = True) -> None:
        super().__init__(reduction)
        self.half = bool(half)

    def target(self, y: Var, t: np.ndarray) -> np.ndarray:
        return self._same_shape(y, t)

    def each(self, y: Var, t: np.ndarray) -> Var:
        squares = apply("square", y - self.target(y, t))
        return 0.5 * over_entries(squares) if self.half else squares

    @named
    def forward(self, y: Any, t: Any, weights: Any = None) -> Var:
        if isinstance(t, Var) and t.requires_grad:  # both sides may be learnt
            t, y = t.detach(), (y - t) + t.detach()
        return super().forward(y, t, weights)


@named
class BCELoss(Loss):
    """Bernoulli cross entropy of y in [0, 1], t in {0, 1} (section 2.3.2).

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> round(learn.BCELoss()(learn.Var([[0.9]]), [[1.0]]).item(), 4)
    0.1054
    """

    classifies = True

    def each(self, y: Var, t: np.ndarray) -> Var:
        t = self._between_0_and_1(y, t)
        if y.creator is not None and y.creator.name == "logistic":
            return over_entries(apply("bernoulli_logits", y.creator.args[0], t=t))
        values = y._val
        if y.size and not (np.min(values) >= 0.0 and np.max(values) <= 1.0):
            raise InvalidValueError(
                f"BCELoss: outputs range over [{np.min(values):g}, {np.max(values):g}], wanted probabilities"
                f" in [0, 1];"
                " put Logistic before it, or use BCEWithLogitsLoss"
            )
        return over_entries(apply("bernoulli", y, t=t))


@named
class BCEWithLogitsLoss(Loss):
    """Bernoulli cross entropy of logistic(z), from z: ``L = max(z, 0) - z t + ln(1 + e^-|z|)``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> round(learn.BCEWithLogitsLoss()(learn.Var([[0.0]]), [[1.0]]).item(), 4)
    0.6931
    """

    classifies = True

    repeatable = True

    def target(self, y: Var, t: np.ndarray) -> np.ndarray:
        return self._between_0_and_1(y, t)

    def each(self, y: Var, t: np.ndarray) -> Var:
        if y.creator is not None and y.creator.name == "logistic":
            self._tell("its input was made by Logistic, which it applies itself; leave that out, or use BCELoss")
        return over_entries(apply("bernoulli_logits", y, t=self.target(y, t)))


def _native(classes: Any) -> Any:
    """Whole numbers of another machine as those of this one."""
    array = classes if isinstance(classes, np.ndarray) else np.asarray(as_array(classes))
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


class ClassLoss(Loss):
    """A loss whose targets are class indices (N,) or rows of probabilities (N, K).

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.
    weight : array_like, shape (K,), optional
        What each class counts; the mean is then over the weights, as PyTorch's.
    label_smoothing : float
        Share e of every target that is spread evenly over the classes: t <- (1 - e) t + e/K (Szegedy et al. 2016).
    """

    arguments: tuple[str, ...] = ("reduction", "weight", "label_smoothing")
    classifies = True

    def __init__(self, reduction: str = "mean", weight: Any = None, label_smoothing: float = 0.0) -> None:
        super().__init__(reduction)
        name = type(self).__name__
        if not 0.0 <= label_smoothing < 1.0:
            raise InvalidValueError(f"{name}: label_smoothing = {label_smoothing!r}, wanted a share in [0, 1)")
        self.label_smoothing = float(label_smoothing)
        try:
            w = np.asarray(as_array([] if weight is None else weight), dtype=np.float64)
        except (TypeError, ValueError):
            raise InvalidTypeError(f"{name}: weight: wanted one number a class, got {weight!r:.60}") from None
        self.weight = None if weight is None else w.tolist()
        if w.ndim != 1 or not (np.isfinite(w).all() and (w >= 0.0).all()):
            raise InvalidValueError(f"{name}: weight = {weight!r}, wanted one finite number >= 0 a class")

    def target(self, y: Var, t: np.ndarray) -> np.ndarray:
        if t.shape == y.shape:
            return self._between_0_and_1(y, t)
        return self._classes(y, t)

    @named
    def log_probabilities(self, y: Var) -> Var:
        """Return ln p of the classes from the output.

        Parameters
        ----------
        y : Var, shape (N, K)
            Outputs.

        Returns
        -------
        Var, shape (N, K)
            Logarithms of probabilities.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.CrossEntropyLoss().log_probabilities(learn.Var([[0.0, 0.0]]))
        tensor([[-0.6931, -0.6931]], grad_fn=<log_softmax>)
        """
        raise NotImplementedError

    @named
    def of_classes(self, y: Var, classes: np.ndarray, mean: bool = False) -> Var:
        """Return -ln p of the class of every sample, or their mean.

        Parameters
        ----------
        y : Var, shape (N, K)
            Outputs.
        classes : array of int, shape (N,)
            The true ones.
        mean : bool
            Whether the mean is wanted.

        Returns
        -------
        Var
            One number a sample, or their mean.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.CrossEntropyLoss().of_classes(learn.Var([[0.0, 0.0]]), np.array([1]), mean=True)
        tensor(0.6931, grad_fn=<cross_entropy>)
        """
        return apply("nll", self.log_probabilities(y), classes=classes, mean=mean)

    @named
    def forward(self, y: Any, t: Any, weights: Any = None) -> Var:
        y, t = y if isinstance(y, Var) else Var(y, requires_grad=False), np.asarray(as_array(t))
        plain = weights is None and self.weight is None and not self.label_smoothing and self.reduction == "mean"
        if plain and t.ndim < np.ndim(y._val) and t.size and type(self).each is ClassLoss.each:
            self.inspect(y)
            return self.of_classes(y, self.target(y, t), mean=True)
        return super().forward(y, t, weights)

    def inspect(self, y: Var) -> None:
        """Warn of an output that is not what the loss is for.

        Parameters
        ----------
        y : Var, shape (N, K)
            Outputs.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.CrossEntropyLoss().inspect(learn.Var([[0.0, 0.0]]))  # nothing to say
        """

    def each(self, y: Var, t: np.ndarray) -> Var:
        self.inspect(y)
        classes = t = self.target(y, t)
        if t.shape != y.shape:
            if self.weight is None and not self.label_smoothing:
                return self.of_classes(y, classes)
            t = np.eye(y.shape[-1], dtype=y.dtype)[classes]
        if self.label_smoothing:
            t = (1.0 - self.label_smoothing) * t + self.label_smoothing / y.shape[-1]
        if self.weight is not None:
            t = t * self._of_classes(y)
        return apply("expected", self.log_probabilities(y), t=t.astype(y.dtype, copy=False))

    def counts(self, y: Var, t: np.ndarray) -> np.ndarray | None:
        if self.weight is None or t.shape == y.shape:
            return None
        return self._of_classes(y)[t.astype(np.int64)]

    def _of_classes(self, y: Var) -> np.ndarray:
        w = np.asarray(self.weight, dtype=y.dtype)
        if w.shape != y.shape[-1:]:
            raise InvalidValueError(f"{type(self).__name__}: {w.size} weights for {y.shape[-1]} classes")
        return w

    def _classes(self, y: Var, t: np.ndarray) -> np.ndarray:
        name = type(self).__name__
        if t.dtype.kind not in "iu":
            raise InvalidTypeError(
                f"{name}: class indices must be integers, got {t.dtype}; for one-hot rows give {tuple(y.shape)}"
            )
        shape = np.shape(y._val)
        if t.shape != shape[:-1]:
            raise InvalidValueError(
                f"{name}: {t.shape} class indices for an output of shape {tuple(y.shape)}, wanted {tuple(y.shape[:-1])}"
            )
        n = shape[-1]
        t = t.astype(np.int64, copy=False)
        if not within(t.reshape(-1), n):
            bad = np.flatnonzero((t.ravel() < 0) | (t.ravel() >= n))
            raise InvalidValueError(
                f"{name}: class {int(t.ravel()[bad[0]])} of sample {int(bad[0])} ({bad.size} such), wanted"
                f" 0 ... {n - 1}"
            )
        if n == 1:
            self._tell("one output has one class, of probability 1: nothing is learnt; use BCEWithLogitsLoss")
        return t


@named
class NLLLoss(ClassLoss):
    """Negative log-likelihood of log-probabilities y: -y at the true class, given by index or one-hot row
    (5.1.3).

    Examples
    --------
    >>> from spikesim import learn
    >>> round(learn.NLLLoss()(learn.log_softmax([[0.0, 0.0]]), [1]).item(), 4)
    0.6931
    """

    repeatable = True

    @named
    def log_probabilities(self, y: Var) -> Var:
        if not self.told and (y.creator is None or y.creator.name != "log_softmax") and y.size:
            total = np.exp(y._val[..., :].astype(np.float64)).sum(axis=-1)
            if not np.all(np.abs(total - 1.0) < 1e-2):
                self._tell(
                    f"its input is no logarithm of probabilities (they add up to {float(np.ravel(total)[0]):.3g});"
                    " put LogSoftmax before it, or use CrossEntropyLoss"
                )
        return y


@named
class CrossEntropyLoss(ClassLoss):
    """Categorical cross entropy of softmax(z), from z itself; targets are class indices or rows of
    probabilities.

    Equal to LogSoftmax followed by NLLLoss.

    Examples
    --------
    >>> from spikesim import learn
    >>> round(learn.CrossEntropyLoss()(learn.Var([[0.0, 0.0]]), [1]).item(), 4)
    0.6931
    """

    repeatable = True

    @named
    def log_probabilities(self, y: Var) -> Var:
        return apply("log_softmax", y)

    @named
    def of_classes(self, y: Var, classes: np.ndarray, mean: bool = False) -> Var:
        return apply("cross_entropy", y, classes=_native(classes), mean=mean)

    def inspect(self, y: Var) -> None:
        if y.creator is not None and y.creator.name == "softmax":
            self._tell(
                "its input was made by Softmax, which it applies itself; leave that out, or use"
                " CategoricalCrossEntropyLoss"
            )


@named
class CategoricalCrossEntropyLoss(ClassLoss):
    """L = -sum_k t_k ln y_k of a distribution y (section 2.3.3); targets are one-hot rows or class indices.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.CategoricalCrossEntropyLoss()([0.2, 0.1, 0.4, 0.3], [0, 0, 1, 0])
    tensor(0.9163)
    """

    @named
    def log_probabilities(self, y: Var) -> Var:
        if y.creator is not None and y.creator.name == "softmax" and y.creator.options["axis"] in (-1, y.ndim - 1):
            return apply("log_softmax", y.creator.args[0])
        return apply("log_probability", y)


for _kind in (NLLLoss, CrossEntropyLoss, CategoricalCrossEntropyLoss):
    complete(_kind, ClassLoss)
