"""What a run leaves: spikes, traces, weights and statistics, the same from memory and from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from .. import export, html
from ..errors import UnknownNameError, did_you_mean
from ..keywords import named
from ..scalars import real
from ..trains import SpikeTrains, Traces

__all__ = ["Made", "Named", "Result"]

T = TypeVar("T")


@dataclass(frozen=True)
class Made:
    """An entry of :class:`Named` that is made when it is asked for, and if `keep` is there from then on."""

    make: Callable[[], Any]
    keep: bool = True


class Named(Mapping[str, T], Generic[T]):
    """A read-only mapping whose error for an unknown name says which ones there are.

    Parameters
    ----------
    what : str
        What the names stand for, e.g. "spikes of population".
    entries : mapping
        The values; or :class:`Made`, what makes them.
    absent : str
        What to say where there are no entries at all.
    """

    def __init__(self, what: str, entries: Mapping[str, Any], *, absent: str = "none was recorded") -> None:
        self._what, self._entries, self._absent = what, dict(entries), absent

    def __getitem__(self, name: str) -> T:
        try:
            entry = self._entries[name]
        except (KeyError, TypeError):
            why = did_you_mean(str(name), self._entries) if self._entries else f"; {self._absent}"
            raise UnknownNameError(f"no {self._what} {name!r}{why}") from None
        if not isinstance(entry, Made):
            return entry
        value = entry.make()
        if entry.keep:
            self._entries[name] = value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._entries)

    def __repr__(self) -> str:
        return f"<{self._what}: {', '.join(map(repr, self._entries)) or 'none'}>"


def _no_traces() -> Named[Named[Traces]]:
    return Named("traces of population", {})


def _no_weights() -> Named[Any]:
    return Named("weights of projection", {}, absent="a file of spikes holds no weights")


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """What was recorded of a run.

    Parameters
    ----------
    spikes : mapping of SpikeTrains
        By population.
    start, stop : float
        What the recording covers, ms.
    dt : float
        Time step, ms.
    traces : mapping of mappings of Traces
        By population, then by variable.
    weights : mapping of scipy.sparse matrices (n_post, n_pre)
        By projection, as they are now; made when asked for.
    stats : dict
        Seed, versions, seconds, counts.
    description : dict
        The network.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 10, ss.LIF(I_e=500.0))
    >>> net.record(cells, "spikes")
    >>> net.record(cells, "v", every=10.0)
    >>> result = net.run(50.0, progress=False)
    >>> result.stop, result.spikes["cells"].size, result.traces["cells"]["v"].values.shape
    (50.0, 10, (5, 10))
    """

    spikes: Mapping[str, SpikeTrains]
    start: float
    stop: float
    dt: float
    traces: Mapping[str, Mapping[str, Traces]] = field(default_factory=_no_traces)
    weights: Mapping[str, Any] = field(default_factory=_no_weights)
    stats: Mapping[str, Any] = field(default_factory=dict)
    description: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("start", "stop", "dt"):
            object.__setattr__(self, name, real(f"Result: {name}", getattr(self, name), "a time (ms)"))

    @classmethod
    @named
    def of(
        cls,
        spikes: Mapping[str, SpikeTrains | Made],
        traces: Mapping[tuple[str, str], Traces | Made],
        **rest: Any,
    ) -> Result:
        """Return the result with its mappings made from plain ones, traces by (population, variable).

        Parameters
        ----------
        spikes : mapping of SpikeTrains
            By population.
        traces : mapping of Traces
            By (population, variable).
        **rest
            The other parameters of the class: start, stop, dt, stats, ...

        Returns
        -------
        Result
            Whose mappings answer a wrong name with those that there are.

        Examples
        --------
        >>> import spikesim as ss
        >>> trains = ss.SpikeTrains.from_lists([[1.0]], stop=10.0, name="cells")
        >>> ss.Result.of({"cells": trains}, {}, start=0.0, stop=10.0, dt=0.1).spikes["cells"].count()
        1
        """
        nested: dict[str, dict[str, Traces | Made]] = {}
        for (population, variable), trace in traces.items():
            nested.setdefault(population, {})[variable] = trace
        return cls(
            spikes=Named("spikes of population", spikes),
            traces=Named(
                "traces of population",
                {name: Named(f"trace of {name!r} of variable", found) for name, found in nested.items()},
            ),
            **rest,
        )

    @named
    def with_weights(self, weights: Mapping[str, Callable[[], Any]]) -> Result:
        """Return the same with the weights that these functions make each time they are asked for, by projection.

        Parameters
        ----------
        weights : mapping of functions
            By projection: return its matrix (n_post, n_pre).

        Returns
        -------
        Result
            The same spikes and traces.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> plain = ss.Result.of({}, {}, start=0.0, stop=10.0, dt=0.1)
        >>> plain.with_weights({"a to b": lambda: np.eye(2)}).weights["a to b"].tolist()
        [[1.0, 0.0], [0.0, 1.0]]
        """
        made = {name: Made(make, keep=False) for name, make in weights.items()}
        return replace(self, weights=Named("weights of projection", made))

    @named
    def to_pandas(self) -> Any:
        """Return all spikes as a DataFrame of pandas; traces have a ``to_pandas`` of their own.

        Returns
        -------
        pandas.DataFrame
            A row a spike, by time: ``time`` (ms), ``population`` (categorical), ``id``.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("exc", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> table = net.run(100.0).to_pandas()                                  # doctest: +SKIP
        >>> table.groupby("population").size()                                  # doctest: +SKIP
        """
        return export.spikes_frame(self)

    @named
    def to_csv(self, folder: Any, overwrite: bool = False) -> Path:
        """Write tables of text: ``spikes.csv``, a file a trace, and ``recording.json``, which says what stands where.

        Parameters
        ----------
        folder : str or path
            Made if it is not there.
        overwrite : bool
            Whether files of these names may be replaced.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputFileError
            If a file is there already or cannot be written.

        Examples
        --------
        >>> import tempfile, spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("exc", 10, ss.LIF(I_e=500.0)), "spikes", "v", every=1.0)
        >>> with tempfile.TemporaryDirectory() as place:
        ...     folder = net.run(20.0).to_csv(place + "/run")
        ...     sorted(file.name for file in folder.iterdir())
        ['exc.v.csv', 'recording.json', 'spikes.csv']
        """
        return export.result_to_csv(self, folder, overwrite)

    @named
    def to_neo(self) -> Any:
        """Return a Block of Neo, for Elephant: a SpikeTrain a recorded neuron, an AnalogSignal a trace.

        Returns
        -------
        neo.Block
            One segment.  Trains are annotated with ``population`` and ``id``; silent neurons have one too.

        Raises
        ------
        MissingPackageError
            If Neo is not installed.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("exc", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> segment = net.run(100.0).to_neo().segments[0]                       # doctest: +SKIP
        """
        return export.result_to_neo(self)

    @named
    def to_nwb(self, path: Any, **how: Any) -> str:
        """Write a file of Neurodata Without Borders: a unit a recorded neuron, a time series a trace, in SI units.

        Parameters
        ----------
        path : str or path
            The file.
        **how
            ``session_start_time`` (with its time zone; now unless given), ``session_description``, ``overwrite``.

        Returns
        -------
        str
            The path.

        Raises
        ------
        MissingPackageError
            If pynwb is not installed.
        OutputFileError
            If the file exists or cannot be written.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("exc", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> net.run(100.0).to_nwb("run.nwb")                                    # doctest: +SKIP
        """
        return export.result_to_nwb(self, path, **how)

    def __repr__(self) -> str:
        title, *items = self._said()
        return "\n".join([title, *(f"  {item}" for item in items)])

    def _repr_html_(self) -> str:
        title, *items = self._said()
        return html.listing(title, items)

    def _said(self) -> list[str]:
        lines = [f"Result of {self.start:g} ... {self.stop:g} ms at dt = {self.dt:g} ms"]
        lines += [repr(trains) for trains in self.spikes.values()]
        return lines + [repr(trace) for of in self.traces.values() for trace in of.values()]
