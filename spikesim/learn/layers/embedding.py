"""Embeddings: vectors that stand for whole numbers, and for the recent past of a time series."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import all_named, named
from ..autodiff.tape import Var, as_array
from .initialise import generator
from .module import Module, Parameter

__all__ = ["Embedding", "delay_embedding"]


@all_named
class Embedding(Module):
    """A learnt vector of `n_out` numbers for each of `n_in` symbols, given by whole numbers of any shape.

    Parameters
    ----------
    n_in : int
        Symbols, 0 ... n_in - 1.
    n_out : int
        Numbers of a vector.
    seed : int, optional
        Of the vectors, which start as N(0, 1).

    Examples
    --------
    >>> from spikesim import learn
    >>> tuple(learn.Embedding(10, 4, seed=1)([[1, 2, 3], [0, 0, 9]]).shape)
    (2, 3, 4)
    """

    arguments: tuple[str, ...] = ("n_in", "n_out")

    def __init__(self, n_in: int, n_out: int, seed: int | None = None) -> None:
        if n_in < 1 or n_out < 1:
            raise InvalidValueError(f"Embedding: {n_in!r} symbols, {n_out!r} numbers; wanted at least 1")
        self.n_in, self.n_out = int(n_in), int(n_out)
        self.weight = Parameter(generator(seed).normal(size=(self.n_in, self.n_out)))

    def forward(self, symbols: Any) -> Var:
        """Return the vectors of symbols.

        Parameters
        ----------
        symbols : array_like of int
            Of any shape.

        Returns
        -------
        Var
            Shape ``(*symbols.shape, n_out)``.

        Examples
        --------
        >>> from spikesim import learn
        >>> tuple(learn.Embedding(10, 4, seed=1).forward([1, 2]).shape)
        (2, 4)
        """
        index = as_array(symbols)
        if index.dtype.kind not in "iu":
            raise InvalidTypeError(f"Embedding: symbols of {index.dtype}, wanted whole numbers")
        if index.size and not 0 <= index.min() <= index.max() < self.n_in:
            raise InvalidValueError(f"Embedding: symbols {index.min()} ... {index.max()}, wanted 0 ... {self.n_in - 1}")
        return self.weight[index]


@named
def delay_embedding(series: Any, order: int, lag: int = 1) -> np.ndarray:
    """Return the states (x_t, x_{t - lag}, ..., x_{t - (order - 1) lag}) of a time series (Takens 1981).

    Parameters
    ----------
    series : array_like, shape (T,) or (T, k)
        Values at even intervals.
    order : int
        Values a state.
    lag : int
        Intervals between them.

    Returns
    -------
    ndarray, shape (T - (order - 1) lag, order k)

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.delay_embedding([1, 2, 3, 4], order=2).tolist()
    [[2, 1], [3, 2], [4, 3]]
    """
    x = as_array(series)
    x = x[:, None] if x.ndim == 1 else x
    length = len(x) - (order - 1) * lag
    if x.ndim != 2 or order < 1 or lag < 1 or length < 1:
        raise InvalidValueError(
            f"delay_embedding: series of shape {x.shape}, order = {order!r}, lag = {lag!r}; wanted (T,) or (T, k) with"
            " T > (order - 1) lag"
        )
    first = (order - 1) * lag
    return np.concatenate([x[first - k * lag : first - k * lag + length] for k in range(order)], axis=1)
