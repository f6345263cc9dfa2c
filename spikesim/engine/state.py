"""The state of a run as a value: all that decides its future, by name, whatever workers hold it.

An engine keeps its numbers in arenas, one a worker.  A :class:`Place` knows where the numbers of one name stand in them
and brings them into an order that depends on the description alone: neurons by id, synapses by (pre, post, delay),
spikes on their way by (time, id).  So a state can be compared, saved, and gone on with by any number of workers.

======================================== ===============================================================================
name                                     what
======================================== ===============================================================================
neurons/<population>/<variable>          float64 (n,)
input/<population>/<synapse>/<k>         float64 (n,): state k of the filter of a synapse; what arrived for its jump
synapses/<projection>/<variable>         one a synapse, of those that change; one a source or target of traces
synapses/<projection>/release/<state>    float64 (sources,): at the last spike of each; emitted/when, count: that spike
synapses/<projection>/flights/factor     float64, one a spike on its way: by which its weights are multiplied
gaps/<population>/trend                  float64 (n,): by how much v moved in the last step, for gap junctions
spikes/when, spikes/id                   emitted and not yet arrived everywhere: step or ms, global id; sorted
drive/...                                held noise, positions of trains
trains/<name>/<population>/left, count   of renewal trains: what is left of the interval, words drawn
counts/<what>                            spikes and events so far
======================================== ===============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Moved", "Place", "State"]

#: What is put in from outside, which may be of another kind from one moment on.
DRIVE = ("drive/", "trains/")


@dataclass(frozen=True)
class Place:
    """Where the numbers of one name stand: `get` copies them out, `put` writes them back.

    `derived` ones follow from the others (they are written, but two states that differ there alone are equal).  `of`:
    ("synapses" or "sources", projection) where there is one number a synapse, or one a source and delay, of it.
    """

    get: Callable[[], np.ndarray]
    put: Callable[[np.ndarray], None]
    unit: str = ""
    derived: bool = False
    of: tuple[str, str] | None = None


class Moved(NamedTuple):
    """Where the numbers of a projection stood before some of its synapses came or went.

    Attributes
    ----------
    projection : str
    origin : dict of str to int64 array
        Of each "synapses", by (pre, post, delay), and of each "sources", by (source, delay), that there are now: its
        place before, or -1: it is new.
    """

    projection: str
    origin: Mapping[str, np.ndarray]


class State(Mapping[str, np.ndarray]):
    """All that decides the future of a run.

    Parameters
    ----------
    step : int
        Where it stands, in steps of the grid.
    entries : mapping of str to array
        The numbers by name (see the module).
    """

    def __init__(self, step: int, entries: Mapping[str, Any]) -> None:
        self.step = int(step)
        self._entries = {name: np.array(value) for name, value in sorted(entries.items())}

    def __getitem__(self, name: str) -> np.ndarray:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def copy(self) -> State:
        """Return another one with the same numbers."""
        return State(self.step, self._entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.difference(other) is None

    __hash__ = None  # type: ignore[assignment]

    def difference(self, other: State) -> str | None:
        """Return in words the first number that differs, by bits; None where both are the same."""
        if self.step != other.step:
            return f"step {self.step} and {other.step}"
        for name in sorted({*self, *other}):
            if name not in self or name not in other:
                return f"{name}: only in the {'first' if name in self else 'second'}"
            a, b = np.ascontiguousarray(self[name]), np.ascontiguousarray(other[name])
            if a.dtype != b.dtype or a.shape != b.shape:
                return f"{name}: {a.dtype} {a.shape} and {b.dtype} {b.shape}"
            width = a.dtype.itemsize
            bits = [np.atleast_1d(v).view(np.uint8).reshape(v.size, width) for v in (a, b)]
            differ = np.flatnonzero(np.any(bits[0] != bits[1], axis=1))
            if differ.size:
                k = int(differ[0])
                values = f"{a.ravel()[k].item()!r} and {b.ravel()[k].item()!r}"
                return f"{name}[{k}]: {values} ({differ.size} of {a.size} differ)"
        return None

    def completed(self, places: Mapping[str, Place], moved: Moved | None = None) -> State:
        """Return the same with what an engine has more than it, as it stands there, and without drive that it lacks.

        `moved`: some synapses came or went; new ones are as they stand there, too.
        """
        kept = {name: value for name, value in self._entries.items() if name in places or not name.startswith(DRIVE)}
        for name, place in places.items():
            if moved is not None and place.of is not None and place.of[1] == moved.projection:
                origin, values = moved.origin[place.of[0]], place.get()
                values[origin >= 0] = self[name][origin[origin >= 0]]
                kept[name] = values
        return State(self.step, {**{name: places[name].get() for name in places if name not in self}, **kept})

    @property
    def nbytes(self) -> int:
        """Size of the numbers (bytes)."""
        return sum(value.nbytes for value in self._entries.values())

    def __repr__(self) -> str:
        return f"<State at step {self.step}: {len(self)} entries, {self.nbytes} bytes>"
