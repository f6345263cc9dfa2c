"""The rule that a function of the pair makes: f(pre, post, distance), on arrays, is the probability of a synapse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..random import Key
from . import checked
from .law import Law
from .rule import ByPair, Rule, boundary_value, flag

__all__ = ["FromFunction", "from_function"]


@dataclass(frozen=True, repr=False)
class FromFunction(Law, Rule):
    """See :func:`from_function`."""

    f: Callable[[np.ndarray, np.ndarray, np.ndarray], Any]
    block: int = 2**16
    allow_autapses: bool = True
    boundary: str = "open"
    of_distance = False  # it may do without: then all distances are NaN

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        pieces = [slice(k, k + self.block) for k in range(0, max(pre.size, 1), self.block)]
        found = [np.asarray(self.f(pre[s], post[s], distance[s])) for s in pieces]
        for one, s in zip(found, pieces):
            if one.shape != pre[s].shape:
                raise InvalidValueError(
                    f"{self!r}: f must return one number a pair, shape {pre[s].shape}, got shape {one.shape}; use "
                    "NumPy functions of the whole arrays"
                )
        return np.concatenate(found)

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> ByPair:
        return ByPair(self, stream, self._left_out(own), block=self.block)

    def __repr__(self) -> str:
        return self._text(getattr(self.f, "__name__", "f"))


@named
def from_function(
    f: Callable[[np.ndarray, np.ndarray, np.ndarray], Any],
    block: int = 2**16,
    allow_autapses: bool = True,
    boundary: str = "open",
) -> FromFunction:
    """Return what a vectorised function of pairs says: as a rule probabilities; as weight= or delay= those.

    Parameters
    ----------
    f : callable
        ``f(pre, post, distance)``: indices int64 (n,) within the two selections and distances float64 (n,) in mm (NaN
        where neurons have no places); returns n numbers. As a rule: probabilities in [0, 1], or booleans.
    block : int
        How many pairs one call takes at most.
    allow_autapses : bool
        As a rule: whether a neuron may be joined to itself.
    boundary : {"open", "torus"}
        Whether the edges of the layer are periodic.

    Returns
    -------
    FromFunction
        A rule, a weight or a delay.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If these are no such values; where it is used, if f returns something else.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> ring = net.population("ring", 100, ss.LIF())
    >>> def neighbours(pre, post, distance):
    ...     return (pre - post) % 100 == 1
    >>> p = net.connect(ring, ring, ss.from_function(neighbours), weight=0.5, delay=1.0, synapse=ss.Delta())
    """
    if not callable(f):
        raise InvalidTypeError(f"from_function: f: wanted f(pre, post, distance), got {type(f).__name__} {f!r:.60}")
    size = checked.count("from_function: block", block)
    if size == 0:
        raise InvalidValueError("from_function: block: wanted at least one pair a call, got 0")
    edges = boundary_value("from_function", boundary)
    return FromFunction(f, size, flag("from_function: allow_autapses", allow_autapses), edges)
