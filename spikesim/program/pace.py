"""How fast a train goes: its rate, a number or a function of time, from start to stop."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..network.pieces import HOLD, Piece, breaks_of
from ..neurons.train import Train, is_of_time
from ..random import key

__all__ = ["Pace", "Streams"]


class Streams:
    """The numbers of a train: of its intervals, and of who takes a spike of a common one.

    Parameters
    ----------
    seed : int
    where : tuple of str
        ("source", population) or ("background", name, population).
    train : Train

    Attributes
    ----------
    label : str
        By which its state is called.
    own, copies : Key
    """

    def __init__(self, seed: int, where: tuple[str, ...], train: Train) -> None:
        self.label = f"{where[1]} common" if train.common else where[1]
        # one that is common is the same in all populations
        self.own = key(seed, where[0], self.label, *(() if train.common else where[2:]))
        self.copies = key(seed, "copy", *where)


class Pace:
    """What the rates of a train are multiplied by: 1 or, of a rate in time, that rate (Hz); 0 outside its window.

    Attributes
    ----------
    changes : bool
        Whether it is not 1 at all times.
    targets : int or None
        For how many neurons it is listed; None: one for all.
    peak : float
        The largest that it ever is.
    """

    def __init__(self, train: Train) -> None:
        self.rate: Any = train.rate if is_of_time(train.rate) else None
        self.start, self.stop = train.start, train.stop
        self.changes = self.rate is not None or self.start > 0.0 or np.isfinite(self.stop)
        self.targets: int | None = None if self.rate is None else self.rate.targets
        self.peak = 1.0 if self.rate is None else self.rate.range()[1]

    def mean(self, edges: np.ndarray, where: str) -> np.ndarray:
        """Return the means between times (ms, float64 (T + 1,), ascending): (T,) or (T, targets).

        Raises
        ------
        InvalidValueError
            If it is not from 0 to the largest value that it says it has.
        """
        breaks = np.zeros(0) if self.rate is None else breaks_of(self.rate)
        cuts = np.append([self.start, self.stop], breaks)
        at = np.union1d(edges, cuts[(cuts > edges[0]) & (cuts < edges[-1])])
        begin, end = at[:-1], at[1:]
        middle = 0.5 * (begin + end)
        share = (end - begin) * ((middle >= self.start) & (middle < self.stop))
        value = np.ones(begin.size) if self.rate is None else self.rate.averaged(begin, end)
        if not (np.all(value >= -1e-9 * self.peak) and np.all(value <= self.peak * (1.0 + 1e-9))):
            low, high = float(value.min()), float(value.max())
            raise InvalidValueError(
                f"{where}: rate: {type(self.rate).__name__} is {low if low < 0.0 else high:g} Hz between {begin[0]:g} "
                f"and {end[-1]:g} ms, but says that it lies from 0 to {self.peak:g} Hz"
            )
        weighted = np.maximum(value, 0.0) * (share if value.ndim == 1 else share[:, None])
        total = np.add.reduceat(weighted, np.searchsorted(at, edges[:-1]), axis=0)
        length = np.diff(edges)
        return total / (length if value.ndim == 1 else length[:, None])

    def pieces(self) -> list[tuple[Piece, float, float]]:
        """Return its pieces in closed form, each with the times (ms) between which it holds; none: it is always 1."""
        if not self.changes:
            return []
        whole = [Piece(HOLD, 0.0, np.inf, (1.0,))] if self.rate is None else self.rate.pieces()
        found = [(p, max(p.begin, self.start), min(p.end, self.stop)) for p in whole]
        return [(p, begin, end) for p, begin, end in found if begin < end] or [
            (Piece(HOLD, self.start, self.stop, (0.0,)), self.start, self.stop)
        ]
