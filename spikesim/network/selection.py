"""Which neurons: ``pop[3:10]``, ``pop[[1, 5]]``, ``pop[mask]`` select and ``a + b`` groups.

A selection is an ordered list of distinct neurons, kept as runs of (population, ids).  Its k-th neuron is the
k-th one that was named: column k of a weight matrix, entry k of an array of rates.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import IndexRangeError, InvalidTypeError, InvalidValueError
from ..keywords import freeze
from . import checked

if TYPE_CHECKING:
    from .network import Network
    from .population import Population

__all__ = ["Parts", "Selection", "positions"]

Parts = tuple[tuple["Population", np.ndarray], ...]


class Selection:
    """Some neurons of a network in a given order; made by indexing populations and by ``+``.

    Parameters
    ----------
    parts : tuple of (Population, array of int)
        Populations and the ids of their neurons that are meant.

    Attributes
    ----------
    parts : tuple of (Population, int64 array)
        Runs of neurons: their population and their ids (zero-based) in it.
    size : int
        Number of neurons.
    network : Network
        The network that the neurons belong to.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> exc, inh = net.population("exc", 80, ss.LIF()), net.population("inh", 20, ss.LIF())
    >>> some = exc[:10] + inh[[0, 5]]
    >>> type(some).__name__, some.size
    ('Selection', 12)
    """

    parts: Parts
    size: int
    network: Network

    def __init__(self, parts: Parts) -> None:
        for _, ids in parts:
            ids.setflags(write=False)
        self.__dict__.update(parts=parts, size=sum(ids.size for _, ids in parts), network=parts[0][0].network)

    @property
    def populations(self) -> tuple[Population, ...]:
        """The populations that have a part in the selection, each once, in the order they were named."""
        return tuple(dict.fromkeys(population for population, ids in self.parts if ids.size))

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Selection]:
        return (self[k] for k in range(self.size))

    def __getitem__(self, index: Any) -> Selection:
        """Select by position: an int, a slice, a list or array of ints, or a boolean mask of one entry a
        neuron.

        Raises
        ------
        IndexRangeError
            If a position lies outside the selection (also the end of a slice), a slice steps backward, or a
            mask has not one entry a neuron.
        InvalidValueError
            If a neuron is named twice.
        InvalidTypeError
            If the index is no index.
        """
        wanted = positions(index, self.size, str(self))
        ends = np.cumsum([ids.size for _, ids in self.parts])
        part = np.searchsorted(ends, wanted, side="right")
        runs = []
        for run in np.split(wanted, np.flatnonzero(np.diff(part)) + 1):
            # an empty selection keeps the first part with no ids: it still knows its network
            k = int(np.searchsorted(ends, run[0], side="right")) if run.size else 0
            population, ids = self.parts[k]
            runs.append((population, ids[run - (ends[k] - ids.size)]))
        return Selection(tuple(runs))

    def __add__(self, other: Any) -> Selection:
        """Group two selections of one network; a neuron stands in a group only once.

        Raises
        ------
        InvalidValueError
            If the other selection belongs to another network or shares a neuron with this one.
        """
        if not isinstance(other, Selection):
            return NotImplemented
        if other.network is not self.network:
            raise InvalidValueError(
                f"'{self}' + '{other}': they belong to two networks, {self.network!r} and {other.network!r}; "
                "group neurons of one network"
            )
        runs = list(self.parts)
        for population, ids in other.parts:
            for _, present in (part for part in self.parts if part[0] is population):
                twice = np.intersect1d(present, ids, assume_unique=True)
                if twice.size:
                    raise InvalidValueError(
                        f"'{self}' + '{other}': neuron {twice[0]} of {population.name!r} stands in both "
                        f"({twice.size} such neurons); a group holds each neuron once"
                    )
            if runs[-1][0] is population:
                runs[-1] = (population, np.concatenate([runs[-1][1], ids]))
            else:
                runs.append((population, ids))
        return Selection(tuple(run for run in runs if run[1].size) or tuple(runs[:1]))

    def __radd__(self, other: Any) -> Selection:
        return self if isinstance(other, int) and other == 0 else NotImplemented  # sum([a, b, c]) begins with 0

    def __str__(self) -> str:
        return "+".join(dict.fromkeys(population.name for population, _ in self.parts))

    def __repr__(self) -> str:
        runs = (f"{population.name!r}: {ids.size} of {population.size}" for population, ids in self.parts)
        return f"<Selection {', '.join(runs)}>"


freeze(Selection, "describe another population or projection, in another network")


def positions(index: Any, size: int, whose: str) -> np.ndarray:
    """Return an index as distinct int64 positions in 0 ... size - 1, in the order they were named."""
    if isinstance(index, slice):
        return _from_slice(whose, index, size)
    where = f"'{whose}'[{checked.short(index)}]"
    if isinstance(index, (str, bytes, bool, np.bool_, tuple)) or index is None:
        raise InvalidTypeError(
            f"{where}: wanted an int, a slice, a list of ints or a boolean mask, got {type(index).__name__}"
        )
    try:
        array = np.asarray(index)
    except ValueError:
        raise InvalidTypeError(f"{where}: wanted a flat list of whole numbers") from None
    if isinstance(index, list) and not index:
        array = array.astype(np.int64)
    if array.dtype.kind not in "biu":
        raise InvalidTypeError(f"{where}: wanted whole numbers or a boolean mask, got {array.dtype} values")
    if array.ndim > 1:
        raise IndexRangeError(f"{where}: wanted a flat list of neurons, got shape {array.shape}")
    if array.dtype.kind == "b":
        if array.shape != (size,):
            raise IndexRangeError(f"{where}: a mask has one entry for each of the {size} neurons, got {array.size}")
        return np.flatnonzero(array)
    if isinstance(index, list) and any(isinstance(k, (bool, np.bool_)) for k in index):
        raise InvalidTypeError(f"{where}: bools among whole numbers; give either a mask or a list of ints")
    return _within(where, np.atleast_1d(array), size)


def _within(where: str, given: np.ndarray, size: int) -> np.ndarray:
    """Count negative positions from the end; refuse what lies outside or comes twice."""
    outside = np.flatnonzero((given < -size) | (given >= size) if given.dtype.kind == "i" else given >= size)
    if outside.size:
        raise IndexRangeError(
            f"{where}: position {given[outside[0]]} at index {outside[0]} is outside ({outside.size} such): "
            f"{_all(size)}"
        )
    flat = given.astype(np.int64)
    flat[flat < 0] += size
    distinct, times = np.unique(flat, return_counts=True)
    if distinct.size != flat.size:
        double = np.flatnonzero(times > 1)
        raise InvalidValueError(
            f"{where}: position {distinct[double[0]]} comes {times[double[0]]} times ({double.size} such); "
            "name each neuron once"
        )
    return flat


def _from_slice(whose: str, index: slice, size: int) -> np.ndarray:
    text = ":".join("" if bound is None else checked.short(bound) for bound in (index.start, index.stop, index.step))
    where = (
        f"'{whose}'[{text.removesuffix(':')}]" if text.count(":") > 1 and index.step is None else f"'{whose}'[{text}]"
    )
    for what, bound in (("start", index.start), ("stop", index.stop), ("step", index.step)):
        whole = isinstance(bound, (int, np.integer)) and not isinstance(bound, bool)
        if bound is not None and not whole:
            raise InvalidTypeError(f"{where}: {what} must be a whole number, got {type(bound).__name__}")
        if bound is not None and what == "step" and bound <= 0:
            raise IndexRangeError(f"{where}: step must be >= 1, got {bound}; list the neurons for another order")
        if bound is not None and what != "step" and not -size <= bound <= size:
            raise IndexRangeError(f"{where}: {what} {bound} is outside: {_all(size)}")
    return np.arange(*index.indices(size), dtype=np.int64)


def _all(size: int) -> str:
    return f"there are {size} neurons, 0 ... {size - 1}" if size else "there are no neurons"
