"""Classes of outputs and targets, and how often each is taken for each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import named
from ..autodiff.tape import as_array

__all__ = ["classes_of", "confusion_matrix", "target_classes"]


def classes_of(outputs: np.ndarray, boundary: float = 0.5) -> np.ndarray:
    """Return the class of every sample: the largest of several outputs, or whether a single one is above `boundary`."""
    if outputs.ndim > 1 and outputs.shape[-1] > 1:
        return np.argmax(outputs, axis=-1)
    return (np.ravel(outputs) > boundary).astype(np.int64)


def target_classes(targets: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Return the classes that targets stand for: indices, a column of them, or one-hot rows; one for each output.

    Raises
    ------
    InvalidValueError
        If there are not as many targets as outputs.
    """
    n = outputs.shape[:-1] if outputs.ndim > 1 else outputs.shape
    if outputs.ndim > 1 and outputs.shape[-1] > 1 and targets.shape == outputs.shape:
        return np.argmax(targets, axis=-1)
    if targets.size != int(np.prod(n)):
        raise InvalidValueError(
            f"targets of shape {targets.shape} for outputs of shape {outputs.shape}; wanted one class a sample: an"
            " index, or a row of the outputs' length"
        )
    found = targets.reshape(n)
    single = outputs.ndim < 2 or outputs.shape[-1] == 1
    return np.ravel(found > 0.5).astype(np.int64) if single else found


@named
def confusion_matrix(outputs: Any, targets: Any, n_classes: int | None = None) -> np.ndarray:
    """Return how often each class (row: the right one) was taken for each (column: the one judged).

    Parameters
    ----------
    outputs : array_like
        Outputs (N, K), or class indices (N,) of whole numbers.
    targets : array_like
        Class indices (N,) or (N, 1), or one-hot rows.
    n_classes : int, optional
        Side of the table; by default as many as occur.

    Returns
    -------
    ndarray of int, shape (n_classes, n_classes)

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.confusion_matrix([0, 1, 1, 2], [0, 1, 2, 2])
    array([[1, 0, 0],
           [0, 1, 0],
           [0, 1, 1]])
    """
    y, t = as_array(outputs), as_array(targets)
    judged = y if y.ndim == 1 and y.dtype.kind in "iu" else classes_of(y)
    wanted = np.argmax(t, axis=-1) if t.ndim == 2 and t.shape[1] > 1 else np.ravel(t).astype(np.int64)
    if judged.shape != wanted.shape:
        raise InvalidValueError(f"confusion_matrix: {judged.shape} outputs for {wanted.shape} targets")
    least = int(max(judged.max(initial=-1), wanted.max(initial=-1))) + 1
    n = max(least, y.shape[1] if y.ndim == 2 and y.shape[1] > 1 else 0) if n_classes is None else int(n_classes)
    if n < least or min(judged.min(initial=0), wanted.min(initial=0)) < 0:
        raise InvalidValueError(f"confusion_matrix: classes up to {least - 1}, wanted 0 ... {n - 1}")
    table = np.zeros((n, n), dtype=np.int64)
    np.add.at(table, (wanted, judged), 1)
    return table
