"""Where a run puts what it records: the protocol between an engine and a store.

An engine calls, in this order: `begin` once; then for every batch of steps `spikes` and `samples` for what
happened in it and `commit` when it is complete; `pause` when a piece of the run has ended; and `end`.  `result` may
be asked for at any time and shows exactly what has been committed: a run interrupted anywhere leaves whole batches
and nothing else.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..docstrings import inherit
from ..errors import IndexRangeError, InvalidValueError, StateError
from ..grid import Grid

__all__ = ["Layout", "ProbeLayout", "Sink", "checked_name", "versions"]

#: Packages whose versions decide what a run computes.
_PACKAGES = ("spikesim", "numpy", "numba", "scipy", "h5py")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages a result depends on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:  # run from its source, not installed
            found[package] = "unknown"
    return found


def checked_name(name: Any, where: str) -> str:
    """Return `name` if it may name a group in a file and is no path: 1-200 printable characters."""
    if not isinstance(name, str) or not 0 < len(name) <= 200 or not name.strip():
        raise InvalidValueError(f"{where}: wanted a name of 1 to 200 characters, got {str(name)[:60]!r}")
    bad = [c for c in name if c == "/" or unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    if bad or name in (".", ".."):
        raise InvalidValueError(
            f"{where}: {name[:60]!r} cannot name a recording; leave out '/', control and invisible characters"
        )
    return name


def _ids(ids: np.ndarray, size: int, where: str) -> np.ndarray:
    array = np.array(ids, np.int64).reshape(-1)
    bad = (array < 0) | (array >= size)
    if bad.any():
        raise IndexRangeError(f"{where}: neuron {array[bad][0]} is outside 0 ... {size - 1}")
    if np.unique(array).size != array.size:
        raise IndexRangeError(f"{where}: a neuron is recorded twice")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class ProbeLayout:
    """One variable of some neurons of a population, sampled every so many steps.

    Parameters
    ----------
    population, variable, unit : str
        What; one probe a variable of a population.
    ids : int64 (k,)
        Neurons of the population, one a column of the samples.
    every_steps : int
        Steps from one sample to the next.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim.record import ProbeLayout
    >>> ProbeLayout("cells", "v", np.array([0, 5]), every_steps=10, unit="mV").variable
    'v'
    """

    population: str
    variable: str
    ids: np.ndarray
    every_steps: int
    unit: str = ""


@dataclass(frozen=True, eq=False)
class Layout:
    """What a run will record.

    Parameters
    ----------
    grid : Grid
        The clock that steps count.
    start_step : int
        Where the recording begins.
    populations : dict
        Size of every population of the network, by name.
    spikes : dict
        Of the populations whose spikes are recorded: the ids, or None for all.
    probes : sequence of ProbeLayout
        The sampled variables.
    seed : int
        Of the run.
    description : dict
        The network in words and numbers that JSON can hold.
    exact : bool
        Spikes come as times in ms (float64) and not as steps: they lie between the points of the grid.
    projections : dict
        How many synapses there are of every projection whose weights are recorded, by name: such a probe names the
        projection in place of a population, and its ids are positions in the list of synapses.

    Raises
    ------
    InvalidValueError, IndexRangeError
        On names that a file cannot hold, unknown populations, ids out of range, a variable probed twice.

    Examples
    --------
    >>> from spikesim.grid import Grid
    >>> from spikesim.record import Layout
    >>> layout = Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={"cells": None})
    >>> list(layout.spikes)
    ['cells']
    """

    grid: Grid
    start_step: int
    populations: Mapping[str, int]
    spikes: Mapping[str, np.ndarray | None]
    probes: tuple[ProbeLayout, ...] = ()
    seed: int = 0
    description: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = False
    projections: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sizes = {**self.projections, **self.populations}
        for name, size in sizes.items():
            checked_name(name, f"population {str(name)[:60]!r}")
            if not 0 <= int(size) < 2**40:
                raise InvalidValueError(f"population {name!r}: wanted a size below 2^40, got {size!r}")
        unknown = [n for n in (*self.spikes, *(p.population for p in self.probes)) if n not in sizes]
        if unknown:
            raise InvalidValueError(f"record: {unknown[0]!r} is no population; known: {', '.join(self.populations)}")
        spikes = {
            name: None if ids is None else _ids(ids, self.populations[name], f"record spikes of {name!r}")
            for name, ids in sorted(self.spikes.items())
        }
        seen: set[tuple[str, str]] = set()
        probes = []
        for p in self.probes:
            where = f"record {p.variable!r} of {p.population!r}"
            checked_name(p.variable, where)
            if (p.population, p.variable) in seen:
                raise InvalidValueError(f"{where}: already recorded; record all its neurons in one call")
            if int(p.every_steps) < 1:
                raise InvalidValueError(f"{where}: wanted at least one step between samples, got {p.every_steps!r}")
            seen.add((p.population, p.variable))
            ids = _ids(p.ids, sizes[p.population], where)
            probes.append(ProbeLayout(p.population, p.variable, ids, int(p.every_steps), p.unit))
        json.dumps(self.description)  # a TypeError now and not at the end of the run
        for name, value in (
            ("populations", {k: int(v) for k, v in sorted(self.populations.items())}),
            ("projections", {k: int(v) for k, v in sorted(self.projections.items())}),
            ("spikes", spikes),
            ("probes", tuple(probes)),
            ("start_step", int(self.start_step)),
        ):
            object.__setattr__(self, name, value)

    def times(self, moments: np.ndarray) -> np.ndarray:
        """Return spikes' steps (or, if exact, times) as times in ms, float64 (n,).

        Parameters
        ----------
        moments : array of int or float, shape (n,)
            As a sink is given them: steps, or times in ms of an exact run.

        Returns
        -------
        array of float, shape (n,)
            In ms.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout
        >>> Layout(Grid(0.1), 0, populations={}, spikes={}).times(np.array([10, 25])).tolist()
        [1.0, 2.5]
        """
        return np.asarray(moments, np.float64) if self.exact else self.grid.times(moments)

    @property
    def start(self) -> float:
        """Where the recording begins, ms."""
        return self.grid.time(self.start_step)


class Sink(ABC):
    """A store for one recording.  Arrays given to it are the caller's again when the call returns.

    One of your own derives from this class, or merely has its verbs, and is given to a run: ``run(out=MySink())``.
    :func:`spikesim.testing.check_sink` holds it to the protocol.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.record import Sink
    >>> class Counter(Sink):
    ...     '''Counts spikes and keeps nothing else.'''
    ...     spikes_so_far = 0
    ...     def spikes(self, population, steps, ids):
    ...         self.spikes_so_far += len(ids)
    ...     def samples(self, probe, first_step, values):
    ...         pass
    ...     def commit(self, step):
    ...         pass
    ...     def end(self, stats=None, interrupted=False):
    ...         pass
    ...     def result(self):
    ...         return self.spikes_so_far
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
    >>> net.run(100.0, out=Counter(), progress=False) > 10
    True
    """

    layout: Layout | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        inherit(cls)

    def expect(self, layout: Layout, steps: int) -> None:  # noqa: B027 (nothing to do is an answer)
        """Hear, before `begin` and before each piece of a run, that so many steps are to come.

        The moment to refuse a recording that has no room, with a MemoryLimitError or an OutputFileError.

        Parameters
        ----------
        layout : Layout
            What will be recorded.
        steps : int
            How many steps of the grid the piece has.

        Examples
        --------
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink
        >>> layout = Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={"cells": None})
        >>> MemorySink().expect(layout, 1000)  # it fits
        """

    def begin(self, layout: Layout) -> None:
        """Make room for what `layout` announces; called once.

        Parameters
        ----------
        layout : Layout
            What will be recorded.

        Raises
        ------
        StateError
            If it holds a recording already.

        Examples
        --------
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink
        >>> sink = MemorySink()
        >>> sink.begin(Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={"cells": None}))
        >>> sink.result().spikes["cells"].count()
        0
        """
        if self.layout is not None:
            raise StateError(f"{self}: already holds a recording; a sink serves one run")
        self.layout = layout

    @property
    def opened(self) -> Layout:
        """The layout; refuses a sink that has not begun."""
        if self.layout is None:
            raise StateError(f"{self}: the recording has not begun")
        return self.layout

    @abstractmethod
    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        """Take spikes of a population, steps int64 (n,) and ids int64 (n,), sorted by step, then id.

        Batches come in order of time.  Steps are times in ms, float64, where the layout is exact.

        Parameters
        ----------
        population : str
            One whose spikes the layout announces.
        steps : array of int, shape (n,)
            When, in steps of the grid, not descending; times in ms (float64) if the layout is exact.
        ids : array of int, shape (n,)
            Who.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink
        >>> sink = MemorySink()
        >>> sink.begin(Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={"cells": None}))
        >>> sink.spikes("cells", np.array([10, 25]), np.array([3, 4]))
        >>> sink.commit(100)
        >>> sink.result().spikes["cells"].times.tolist()
        [1.0, 2.5]
        """

    @abstractmethod
    def samples(self, probe: int, first_step: int, values: np.ndarray) -> None:
        """Take rows of the layout's probe, float64 (T, k), at first_step + 0, 1, ... every_steps.

        Parameters
        ----------
        probe : int
            Which of ``layout.probes``.
        first_step : int
            Of the first row.
        values : array of float, shape (samples, k)
            A row a sample, a column a neuron of the probe.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink, ProbeLayout
        >>> probe = ProbeLayout("cells", "v", np.array([0]), every_steps=1, unit="mV")
        >>> sink = MemorySink()
        >>> sink.begin(Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={}, probes=(probe,)))
        >>> sink.samples(0, 1, np.array([[-70.0], [-69.0]]))
        >>> sink.commit(2)
        >>> sink.result().traces["cells"]["v"].values.ravel().tolist()
        [-70.0, -69.0]
        """

    @abstractmethod
    def commit(self, step: int) -> None:
        """Declare everything up to and including `step` complete.

        Parameters
        ----------
        step : int
            Of the grid.

        Examples
        --------
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink
        >>> sink = MemorySink()
        >>> sink.begin(Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={"cells": None}))
        >>> sink.commit(500)
        >>> sink.result().stop
        50.0
        """

    def flush(self) -> None:  # noqa: B027 (nothing to do is an answer)
        """Make what has been committed safe against a crash of the program, now (where it could be lost).

        Examples
        --------
        >>> from spikesim.record import MemorySink
        >>> MemorySink().flush()  # memory has nothing to make safe
        """

    def pause(self, stats: Mapping[str, Any], interrupted: bool = False) -> None:
        """Hear that a piece of the run has ended: what stands here is whole.  More may come, or nothing ever.

        `stats` are the run's statistics so far.

        Parameters
        ----------
        stats : mapping
            The run's statistics so far.
        interrupted : bool
            Whether somebody stopped it before its end.

        Examples
        --------
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink
        >>> sink = MemorySink()
        >>> sink.begin(Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={"cells": None}))
        >>> sink.commit(500)
        >>> sink.pause({"seed": 1})
        >>> sink.result().stats["seed"]
        1
        """
        self.flush()

    @abstractmethod
    def end(self, stats: Mapping[str, Any] | None = None, interrupted: bool = False) -> None:
        """Finish: nothing comes after this.  `stats` are the run's statistics.

        Parameters
        ----------
        stats : mapping, optional
            The run's statistics.
        interrupted : bool
            Whether somebody stopped it before its end.

        Examples
        --------
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink
        >>> sink = MemorySink()
        >>> sink.begin(Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={"cells": None}))
        >>> sink.end({"seed": 1}, interrupted=True)
        >>> sink.result().stats["interrupted"]
        True
        """

    @abstractmethod
    def result(self) -> Any:
        """Return what has been committed so far, which is then what `run` returns.

        A :class:`Result` is given the run's weights and statistics on its way; anything else is passed on as it is.

        Returns
        -------
        Result or anything
            Handed to whoever called ``run``.

        Examples
        --------
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink
        >>> sink = MemorySink()
        >>> sink.begin(Layout(Grid(0.1), 0, populations={"cells": 10}, spikes={"cells": None}))
        >>> sink.result().spikes["cells"].size
        10
        """
