"""Which neurons: ``pop[3:10]``, ``pop[[1, 5]]``, ``pop[mask]`` select and ``a + b`` groups.

A selection is an ordered list of distinct neurons, kept as runs of (population, ids).  The k-th neuron of a selection is the
k-th one that was named: column k of a weight matrix, entry k of an array of rates.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import IndexRangeError, InvalidTypeError, InvalidValueError, StateError
from . import checked

if TYPE_CHECKING:
    from .network import Network
    from .population import Population

__all__ = ["Selection", "positions"]

Parts = tuple[tuple["Population", np.ndarray], ...]


class Selection:
    """Some neurons of a network in a given order; made by indexing populations and by ``+``.

    Attributes
    ----------
    parts : tuple of (Population, int64 array)
        Runs of neurons: their population and their ids (zero-based) in it.
    size : int
        Number of neurons.
    network : Network
        The network that the neurons belong to.
    """

    parts: Parts
    size: int
    network: Network

    def __init__(self, parts: Parts) -> None:
        size = sum(ids.size for _, ids in parts)
        self.__dict__.update(parts=parts, size=size, network=parts[0][0].network)

    def __setattr__(self, name: str, value: object) -> None:
        raise StateError(f"{self!r} is frozen: {name} cannot be set; describe another one")

    @property
    def populations(self) -> tuple[Population, ...]:
        """The populations that have a part in the selection, each once, in the order they were named."""
        return tuple(dict.fromkeys(population for population, _ in self.parts))

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Selection]:
        return (self[k] for k in range(self.size))

    def __getitem__(self, index: Any) -> Selection:
        """Select by position: an int, a slice, a list or array of ints, or a boolean mask of one entry a neuron.

        Raises
        ------
        IndexRangeError
            If a position lies outside the selection (also the end of a slice), a slice steps backward, or a mask has
            not one entry a neuron.
        InvalidValueError
            If a neuron is named twice.
        InvalidTypeError
            If the index is no index.
        """
        wanted = positions(index, self.size, str(self))
        ends = np.cumsum([ids.size for _, ids in self.parts])
        part = np.searchsorted(ends, wanted, side="right")
        cuts = np.flatnonzero(np.diff(part)) + 1
        runs = []
        for run in np.split(wanted, cuts):
            # an empty selection still knows its network: it keeps the first part, with no ids
            k = int(np.searchsorted(ends, run[0], side="right")) if run.size else 0
            population, ids = self.parts[k]
            runs.append((population, ids[run - (ends[k] - ids.size)]))
        return Selection(_frozen(runs))

    def __add__(self, other: Any) -> Selection:
        """Group two selections of one network; a neuron may stand in a group only once."""
        if not isinstance(other, Selection):
            return NotImplemented
        if other.network is not self.network:
            raise InvalidValueError(f"'{self}' + '{other}': they belong to two different networks; a group has one network")
        runs = list(self.parts)
        for population, ids in other.parts:
            for mine, present in self.parts:
                if mine is population:
                    twice = np.intersect1d(present, ids)
                    if twice.size:
                        raise InvalidValueError(
                            f"'{self}' + '{other}': neuron {twice[0]} of {population.name!r} stands in both "
                            f"({twice.size} such neurons); a group holds each neuron once"
                        )
            if runs[-1][0] is population:
                runs[-1] = (population, np.concatenate([runs[-1][1], ids]))
            else:
                runs.append((population, ids))
        full = [run for run in runs if run[1].size]
        return Selection(_frozen(full or runs[:1]))

    def __radd__(self, other: Any) -> Selection:
        return self if isinstance(other, int) and other == 0 else NotImplemented  # sum([a, b, c]) begins with 0

    def __str__(self) -> str:
        return "+".join(population.name for population in self.populations)

    def __repr__(self) -> str:
        runs = (f"{population.name!r}: {ids.size} of {population.size}" for population, ids in self.parts)
        return f"<Selection {', '.join(runs)}>"


def _frozen(runs: list[tuple[Population, np.ndarray]]) -> Parts:
    for _, ids in runs:
        ids.setflags(write=False)
    return tuple(runs)


def positions(index: Any, size: int, whose: str) -> np.ndarray:
    """Return an index as distinct int64 positions in 0..size-1, in the order they were named."""
    where = f"'{whose}'[{checked.short(index)}]"
    if isinstance(index, slice):
        return _from_slice(where, index, size)
    if isinstance(index, (str, bytes, float, bool, np.bool_)) or index is None or isinstance(index, tuple):
        raise InvalidTypeError(
            f"{where}: wanted an int, a slice, a list of ints or a boolean mask, got {type(index).__name__}"
        )
    try:
        array = np.asarray(index)
    except ValueError:  # lists of unequal lengths
        raise InvalidTypeError(f"{where}: wanted a flat list of whole numbers") from None
    if array.size == 0 and array.ndim == 1 and array.dtype.kind == "f" and not isinstance(index, np.ndarray):
        array = array.astype(np.int64)  # the empty list
    if array.dtype.kind not in "biu":
        raise InvalidTypeError(f"{where}: neurons are counted by whole numbers, got {array.dtype} values")
    if array.ndim > 1:
        raise IndexRangeError(f"{where}: wanted a flat list of neurons, got shape {array.shape}")
    if array.dtype.kind == "b":
        if array.shape != (size,):
            raise IndexRangeError(f"{where}: a mask needs one entry for each of the {size} neurons, got {array.size}")
        return np.flatnonzero(array)
    if isinstance(index, (list, set, range)) and any(isinstance(k, (bool, np.bool_)) for k in index):
        raise InvalidTypeError(f"{where}: mixes bools with whole numbers")
    flat = np.atleast_1d(array)
    outside = (flat < -size) | (flat >= size) if array.dtype.kind == "i" else flat >= size
    if outside.any():
        first = int(np.flatnonzero(outside)[0])
        at = f" at index {first} of the list ({int(outside.sum())} such)" if array.ndim else ""
        raise IndexRangeError(f"{where}: neuron {flat[first]}{at} is outside; there are {size}: {_range(size)}")
    flat = flat.astype(np.int64)
    flat = np.where(flat < 0, flat + size, flat)
    distinct, first_seen, times = np.unique(flat, return_index=True, return_counts=True)
    if distinct.size != flat.size:
        double = int(np.flatnonzero(times > 1)[0])
        raise InvalidValueError(
            f"{where}: neuron {distinct[double]} is named {times[double]} times ({int((times > 1).sum())} neurons are named more "
            "than once); name each once"
        )
    return flat


def _from_slice(where: str, index: slice, size: int) -> np.ndarray:
    start = 0 if index.start is None else checked.count(f"{where}: start", index.start, least=-(2**62), most=2**62)
    stop = size if index.stop is None else checked.count(f"{where}: stop", index.stop, least=-(2**62), most=2**62)
    step = 1 if index.step is None else checked.count(f"{where}: step", index.step, least=-(2**62), most=2**62)
    if step <= 0:
        raise IndexRangeError(f"{where}: the step must be >= 1, got {step}; name the neurons in a list for another order")
    for what, bound in (("start", start), ("stop", stop)):
        if not -size <= bound <= size:
            raise IndexRangeError(f"{where}: {what} {bound} is outside; there are {size} neurons: {_range(size)}")
    return np.arange(*slice(start, stop, step).indices(size), dtype=np.int64)


def _range(size: int) -> str:
    return f"0 to {size - 1}" if size else "none"
