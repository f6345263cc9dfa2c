"""What a run leaves: spikes, traces, weights and statistics, the same from memory and from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from ..errors import UnknownNameError, did_you_mean
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
    """

    spikes: Mapping[str, SpikeTrains]
    start: float
    stop: float
    dt: float
    traces: Mapping[str, Mapping[str, Traces]] = field(default_factory=_no_traces)
    weights: Mapping[str, Any] = field(default_factory=_no_weights)
    stats: Mapping[str, Any] = field(default_factory=dict)
    description: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        spikes: Mapping[str, SpikeTrains | Made],
        traces: Mapping[tuple[str, str], Traces | Made],
        **rest: Any,
    ) -> Result:
        """Return the result with its mappings made from plain ones, traces by (population, variable)."""
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

    def with_weights(self, weights: Mapping[str, Callable[[], Any]]) -> Result:
        """Return the same with the weights that these functions make each time they are asked for, by projection."""
        made = {name: Made(make, keep=False) for name, make in weights.items()}
        return replace(self, weights=Named("weights of projection", made))

    def __repr__(self) -> str:
        lines = [f"Result of {self.start:g} ... {self.stop:g} ms at dt = {self.dt:g} ms"]
        lines += [f"  {trains!r}" for trains in self.spikes.values()]
        lines += [f"  {trace!r}" for of in self.traces.values() for trace in of.values()]
        return "\n".join(lines)
