"""Where a run puts what it records: the protocol between an engine and a store.

An engine calls, in this order: `begin` once; then for every batch of steps `spikes` and `samples` for what
happened in it and `commit` when it is complete; `pause` when a piece of the run has ended; and `end`.  `result` may
be asked for at any time and shows exactly what has been committed: a run interrupted anywhere leaves whole batches
and nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..docstrings import inherit
from ..errors import StateError
from .layout import Layout

__all__ = ["Sink"]


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

    def at_spike(self, population: str, values: np.ndarray) -> None:
        """Take states of the spikes that were just given, float64 (n, k): a row a spike, just before its reset.

        Called right after `spikes`, of populations that the layout says keep some (``layout.at_spike``).

        Parameters
        ----------
        population : str
            That of the spikes.
        values : array of float, shape (n, k)
            A row a spike, a column a state.

        Raises
        ------
        StateError
            By a sink that keeps none.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim.grid import Grid
        >>> from spikesim.record import Layout, MemorySink
        >>> sink = MemorySink()
        >>> sink.begin(Layout(Grid(0.1), 0, {"cells": 10}, {"cells": None}, at_spike={"cells": ("v",)}))
        >>> sink.spikes("cells", np.array([10]), np.array([3]))
        >>> sink.at_spike("cells", np.array([[-50.0]]))
        >>> sink.commit(100)
        >>> sink.result().spikes["cells"].at_spike["v"].tolist()
        [-50.0]
        """
        raise StateError(f"{self}: keeps no states of spikes; leave at_spike= out, or record into memory or a file")

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
