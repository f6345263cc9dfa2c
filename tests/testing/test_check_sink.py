"""The battery passes what is a sink and fails what is not quite one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikesim.record import HDF5Sink, MemorySink, Result
from spikesim.testing import check_sink
from spikesim.trains import SpikeTrains, Traces


def test_ours(tmp_path: Path) -> None:
    count = iter(range(100))
    check_sink(MemorySink)
    check_sink(lambda: HDF5Sink(tmp_path / f"{next(count)}.h5"))
    check_sink(MemorySink())
    check_sink(HDF5Sink(tmp_path / "one.h5"))


class TextSink:
    """A sink of a user's, without a class of ours: lines of text, a Result made from them."""

    def begin(self, layout: Any) -> None:
        self.layout, self.lines, self.safe, self.step, self.stats = layout, [], [], layout.start_step, {}

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        self.lines += [f"s|{population}|{float(t)!r}|{i}" for t, i in zip(self.layout.times(steps), ids)]

    def samples(self, probe: int, first_step: int, values: np.ndarray) -> None:
        every = self.layout.probes[probe].every_steps
        self.lines += [f"v|{probe}|{first_step + k * every}|{row.tolist()}" for k, row in enumerate(values)]

    def commit(self, step: int) -> None:
        self.safe, self.lines, self.step = self.safe + self.lines, [], step

    def flush(self) -> None:
        pass

    def end(self, stats: Mapping[str, Any] | None = None, interrupted: bool = False) -> None:
        self.stats = {**(stats or {}), "interrupted": interrupted}

    def result(self) -> Result:
        layout, stop = self.layout, self.layout.grid.time(self.step)
        rows = [line.split("|") for line in self.safe]
        trains, traces = {}, {}
        for name, chosen in layout.spikes.items():
            own = [(float(t), int(i)) for kind, who, t, i in rows if (kind, who) == ("s", name)]
            times, ids = np.array([t for t, _ in own]), np.array([i for _, i in own], np.int64)
            trains[name] = SpikeTrains(times, ids, layout.populations[name], layout.start, stop, name, chosen)
        for k, p in enumerate(layout.probes):
            own = [
                (int(s), [float(x) for x in v[1:-1].split(",")]) for kind, n, s, v in rows if (kind, n) == ("v", f"{k}")
            ]
            values = np.array([v for _, v in own]).reshape(-1, p.ids.size)
            times = layout.grid.times(np.array([s for s, _ in own], np.int64))
            traces[p.population, p.variable] = Traces(times, values, p.ids, p.variable, p.unit, p.population)
        about = {"stats": self.stats, "description": layout.description}
        return Result.of(trains, traces, start=layout.start, stop=stop, dt=layout.grid.dt, **about)


def test_a_users() -> None:
    check_sink(TextSink)
    check_sink(TextSink())


class Keeps(TextSink):
    """Keeps the caller's arrays."""

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        self.kept = [*getattr(self, "kept", []), (population, steps, ids)]

    def commit(self, step: int) -> None:
        for entry in self.__dict__.pop("kept", []):
            super().spikes(*entry)
        super().commit(step)


class Eager(TextSink):
    """Shows what was not committed."""

    def result(self) -> Result:
        self.safe, self.lines = self.safe + self.lines, []
        return super().result()


class Forgets(TextSink):
    """Loses the statistics."""

    def end(self, stats: Any = None, interrupted: bool = False) -> None:
        pass


class Rounds(TextSink):
    """Thinks that spikes are steps."""

    def spikes(self, population: str, steps: np.ndarray, ids: np.ndarray) -> None:
        super().spikes(population, np.round(self.layout.times(steps) / 0.1).astype(int), ids)


class Half:
    begin = spikes = samples = commit = print


@pytest.mark.parametrize(
    ("sink", "message"),
    [
        (Keeps, "spikes of 'a ä'"),
        (Eager, "with a batch that was not committed"),
        (Forgets, "interrupted|events"),
        (Rounds, "spikes of"),
        (Half, "lacks flush, end, result"),
        (Half(), "lacks flush, end, result"),
    ],
)
def test_not_quite(sink: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_sink(sink, run=False)
