"""What a run will record, before it does: populations, whose spikes, which variables how often."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import IndexRangeError, InvalidValueError
from ..grid import Grid
from ..keywords import all_named

__all__ = ["Layout", "ProbeLayout", "checked_name"]


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
    window : (float, float)
        Samples at start < t <= stop are kept (ms).

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
    window: tuple[float, float] = (0.0, math.inf)


@all_named
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
    at_spike : dict
        Of the populations whose spikes are recorded: the states that are kept with each spike, if any.

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
    at_spike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
        for name, states in self.at_spike.items():
            if name not in spikes:
                raise InvalidValueError(f"record at_spike: spikes of {name!r} are not recorded")
            for state in states:
                checked_name(state, f"record at_spike of {name!r}")
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
            probes.append(ProbeLayout(p.population, p.variable, ids, int(p.every_steps), p.unit, p.window))
        json.dumps(self.description)  # a TypeError now and not at the end of the run
        for name, value in (
            ("populations", {k: int(v) for k, v in sorted(self.populations.items())}),
            ("projections", {k: int(v) for k, v in sorted(self.projections.items())}),
            ("spikes", spikes),
            ("probes", tuple(probes)),
            ("start_step", int(self.start_step)),
            ("at_spike", {name: tuple(states) for name, states in sorted(self.at_spike.items()) if states}),
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
