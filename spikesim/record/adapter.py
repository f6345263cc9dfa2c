"""From what a user gives as ``out=`` to a sink."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InvalidTypeError
from .layout import Layout
from .memory import MemorySink
from .sink import Sink

__all__ = ["VERBS", "Elsewhere", "sink_of"]

#: What makes anything a sink.
VERBS = ("begin", "spikes", "samples", "commit", "flush", "end", "result")


def sink_of(out: Any, overwrite: bool = False, resumed: int | None = None) -> Sink:
    """Return the sink to record into: memory (None), a file (a path), or what is one already.

    `resumed`: the step at which a saved state goes on; a recording that exists is then continued from there.

    Raises
    ------
    OutputFileError
        If the path cannot be written to.
    InvalidTypeError
        If it is neither a path nor has a sink's verbs.
    """
    if out is None:
        return MemorySink()
    if isinstance(out, Sink):
        return out
    if isinstance(out, type) and all(hasattr(out, verb) for verb in VERBS):
        raise InvalidTypeError(f"out: wanted a sink, got the class {out.__name__}; call it: out={out.__name__}()")
    missing = [verb for verb in VERBS if not callable(getattr(out, verb, None))]
    if not missing:
        return _Adapter(out)
    if isinstance(out, (str, os.PathLike)):
        from .hdf5 import HDF5Sink

        if (
            resumed is not None
            and not overwrite
            and (os.path.exists(out) or os.path.exists(f"{os.fspath(out)}.previous"))
        ):
            from .continued import ContinuedSink

            return ContinuedSink(out, resumed)
        return HDF5Sink(out, overwrite=overwrite)
    lacks = f", which lacks {', '.join(missing)}" if len(missing) < len(VERBS) else ""
    raise InvalidTypeError(
        f"out: wanted a path or a sink (with {', '.join(VERBS)}), got {type(out).__name__} {out!r:.60}{lacks}"
    )


class Elsewhere(Sink):
    """Stands for a recording that another process makes: keeps nothing, and its result is None."""

    def __init__(self, out: Any) -> None:
        if isinstance(out, (str, os.PathLike)):
            self.path = os.fspath(out)

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        pass

    def at_spike(self, population: str, values: np.ndarray) -> None:
        pass

    def samples(self, probe: int, first_step: int, values: np.ndarray) -> None:
        pass

    def commit(self, step: int) -> None:
        pass

    def end(self, stats: Mapping[str, Any] | None = None, interrupted: bool = False) -> None:
        pass

    def result(self) -> None:
        pass

    def __repr__(self) -> str:
        return "<recorded by rank 0>"


class _Adapter(Sink):
    """A sink for anything that has its verbs without being of its class."""

    def __init__(self, sink: Any) -> None:
        self._sink = sink

    def begin(self, layout: Layout) -> None:
        super().begin(layout)
        self._sink.begin(layout)

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        self._sink.spikes(population, steps, ids)

    def at_spike(self, population: str, values: np.ndarray) -> None:
        if not callable(getattr(self._sink, "at_spike", None)):
            super().at_spike(population, values)
        self._sink.at_spike(population, values)

    def samples(self, probe: int, first_step: int, values: np.ndarray) -> None:
        self._sink.samples(probe, first_step, values)

    def commit(self, step: int) -> None:
        self._sink.commit(step)

    def flush(self) -> None:
        self._sink.flush()

    def end(self, stats: Mapping[str, Any] | None = None, interrupted: bool = False) -> None:
        self._sink.end(stats, interrupted)

    def result(self) -> Any:
        return self._sink.result()

    def __repr__(self) -> str:
        return repr(self._sink)
