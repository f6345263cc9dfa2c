"""One worker of one engine: its constant tables, the arena with all that changes, and what its loop needs beside.

:meth:`Worker.link` writes where they stand into the record that the kernels take; after growth it does so again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import MemoryLimitError
from ...machine import require_memory
from ...network.probe import widest
from ...program.bundles import Bundle
from ..arena import Arena
from ..eligibility import rewards_until
from .build import FIRST_STEP, Tables
from .deliver import BLOCK
from .entries import entry
from .exchange import telling
from .queue import BUCKETS, NEURONS, NONE
from .records import (
    ARENA,
    BEGIN,
    CHUNK,
    COUNTS,
    DONE,
    ENGINE,
    FLIGHT,
    LEARNT,
    NO_ROOM,
    NOISE,
    PROGRAM,
    QUEUE,
    REACH,
    RUN,
    WORKER,
)
from .run import LONGEST

__all__ = ["Worker"]


def room_to_reach(n: int) -> dict[str, np.ndarray]:
    """Return room for the segments that one window reaches."""
    return {"reach": np.zeros(n, REACH), "order": np.zeros(n, np.int64), "filled": np.zeros(n + 1, np.int64)}


class Worker:
    """One worker of one engine: its tables, its arena, its loop's own memory."""

    def __init__(self, tables: Tables, arena: Arena | None = None) -> None:
        self.tables = tables
        self.parts = tables.parts
        n = tables.n
        released = sum(sources.start.size for sources in tables.sources)
        self.arena = arena or Arena(
            [
                ("counts", COUNTS, 1),
                ("queue", QUEUE, 1),
                ("x", np.float64, n * tables.stride),
                ("filed", np.int32, n),
                ("head", np.int32, BUCKETS),
                ("train_next", np.float64, tables.trains.size),
                ("train_count", np.int64, tables.trains.size),
                ("listed_at", np.int64, n),
                ("drive_next", np.float64, len(tables.drives)),
                ("drive_cursor", np.int64, len(tables.drives)),
                ("released", np.float64, released),
                ("learnt", LEARNT, len(tables.wired.learners)),
                *((name, np.float64, size) for name, size in tables.wired.sizes.items()),
                ("heap", np.int64, 0),
                ("due", np.float64, 0),
                ("flight", FLIGHT, 0),
                ("factor", np.float64, 0),
                ("chunks", CHUNK, n // NEURONS + min(n, BUCKETS) + BLOCK + 64),
            ]
        )
        self.own: dict[str, np.ndarray] = {
            "run": np.zeros(1, RUN),
            "todo": np.zeros(n, np.int64),
            **room_to_reach(1024),
            "target": np.zeros(BLOCK, np.int64),
            "weight": np.zeros(BLOCK),
            "arrived": np.zeros(BLOCK),
            "to_port": np.zeros(BLOCK, np.int64),
            "work": np.zeros((6 + 2 * tables.filters) * BLOCK),
            "looked": np.zeros(tables.stride),
            "room": np.zeros(3 * tables.deepest + 1),
            "answer": np.zeros(2 + 3 * tables.stride),
            "log_time": np.zeros(1024),
            "log_id": np.zeros(1024, np.int64),
            "kept_time": np.zeros(1024),
            "kept_id": np.zeros(1024, np.int64),
            "kept": np.zeros(1024 * widest(tables.plan.net)),
            "all_time": np.zeros(0),
            "all_id": np.zeros(0, np.int64),
            "strength": np.zeros(self.arena["factor"].size),
            **tables.drives.streamed(np.zeros(len(tables.drives), np.int64), -np.inf),
        }
        self.exchange = 0  # address of EXCHANGE, where there are other ranks
        self.record = np.zeros(1, WORKER)
        self.run["longest"] = LONGEST / 16.0

    @property
    def run(self) -> Any:
        """Where the loop stands."""
        return self.own["run"][0]

    @property
    def counts(self) -> Any:
        """What is counted."""
        return self.arena["counts"][0]

    @property
    def x(self) -> np.ndarray:
        """The records of the neurons, (n, stride)."""
        return self.arena["x"].reshape(self.tables.n, self.tables.stride)

    def link(self) -> None:
        """Write where everything stands; to be repeated after any part of it has moved."""
        w = self.record[0]
        for names, arrays in ((PROGRAM, self.tables.arrays), (ARENA, self.arena), (ENGINE, self.own)):
            for name in names:
                w[name]["at"], w[name]["n"] = arrays[name].ctypes.data if arrays[name].size else 0, arrays[name].size
        w["stride"], w["ports"] = self.tables.stride, self.tables.port_at.shape[1]
        w["width"], w["first"], w["exchange"] = self.tables.width, self.tables.lo, self.exchange

    def stream(self, end: float) -> None:
        """Read what stays in files and is injected from now until `end` (ms)."""
        if self.tables.drives.streams:
            self.own.update(self.tables.drives.streamed(self.arena["drive_cursor"], end))
            self.link()

    @property
    def bundles(self) -> list[Bundle]:
        """The synapses onto this worker's neurons."""
        return self.tables.bundles

    def call(self, workers: int, launches: bool) -> None:
        """Compile the kernels of the loop that this network needs, and write their addresses."""
        self.tables.link()
        carried = " carried" if self.tables.sources else ""
        learning = " learning" if self.tables.wired.learners else ""
        wanted = {"begin": "", "arrivals": carried + learning, "serve": "", "close": learning}
        wanted |= {"ready": ""} if learning else {}
        wanted |= {"decode": carried} if self.bundles else {}
        late = " late" if any(learner.late for learner in self.tables.wired.learners) else ""
        wanted |= {"launch": carried + late} if launches else {}
        wanted |= {"merge": ""} if launches and workers > 1 else {}
        wanted |= {"drives": ""} if len(self.tables.drives) else {}
        wanted |= {"sample": ""} if self.own["probe"].size else {}
        for name, variant in wanted.items():
            self.record[0]["call"][name] = entry(name + variant)
        if self.exchange:
            self.record[0]["call"]["tell"] = telling()

    def start(self, time: float, step: int) -> None:
        """Let a fresh state begin."""
        for own, values in self.tables.initial:
            self.x[own, 5 : 5 + values.shape[1]] = values
        for own, at in self.tables.steps:
            self.x[own, at + 4], self.x[own, at + 5] = FIRST_STEP, 1.0
        if self.tables.sources:
            self.arena["released"][:] = np.concatenate([sources.start.ravel() for sources in self.tables.sources])
        for row, learner in zip(self.tables.arrays["plastic"], self.tables.wired.learners):
            stands = {name: int(row[f"at_{name[:-1]}"]) for name in learner.sizes}
            learner.begin(**{name: self.arena[name][at:][: learner.sizes[name]] for name, at in stands.items()})
        state = self.arena["learnt"]
        state["c_ref"] = state["d_ref"] = time
        for p, learner in enumerate(self.tables.wired.learners):
            state["pulse"][p] = np.searchsorted(learner.pulse_at, time)
            if learner.pulse_at.size:
                rewards_until(self.tables.arrays["plastic"], state, p, learner.pulse_at, time)
        self.counts["until"], self.counts["sampled"] = time, step
        self.run["fresh"] = 1

    def derive(self) -> None:
        """Find all that follows from the time: what is listed, what electrodes do; nobody is filed, nothing flies."""
        tables, arena, until = self.tables, self.arena, float(self.counts["until"])
        listed, ends = tables.arrays["listed"], tables.arrays["listed_end"]
        arena["listed_at"][:] = tables.listed_from
        for i in np.flatnonzero(ends > tables.listed_from):
            at, end = int(tables.listed_from[i]), int(ends[i])
            arena["listed_at"][i] = at + np.searchsorted(listed[at:end], until, "left")
        for q, drive in enumerate(tables.arrays["drive"]):
            at, n = int(drive["times"]), int(drive["count"])
            times = tables.arrays["drive_time"][at : at + n]
            if drive["kind"] == NOISE:
                done = max(0, int(until / times[0]) - 1)
                while done * times[0] < until:
                    done += 1
                following = done * times[0]
            else:
                done = int(np.searchsorted(times, until, "left"))
                following = times[done] if done < n else np.inf
            arena["drive_cursor"][q], arena["drive_next"][q] = done, following
        for p, learner in enumerate(tables.wired.learners):
            arena["learnt"]["pulse"][p] = np.searchsorted(learner.pulse_at, until, "right")
        arena["head"][:], arena["filed"][:] = NONE, NONE
        arena["queue"][0] = (0, 0, 0, NONE, 0, 0)
        arena["heap"][:] = np.arange(arena["heap"].size)
        self.counts["flights"] = self.counts["sequence"] = 0
        self.run["phase"], self.run["status"] = BEGIN, DONE
        self.run["reached"] = self.run["taken"] = 0

    def grow(self) -> None:
        """Give the loop what it asked for."""
        r, own, arena = self.run, self.own, self.arena
        try:
            width = own["kept"].size // own["kept_id"].size
            logs = ("log_time", "log_id", "kept", "kept_time", "kept_id")[: 5 if width else 2]
            for names, need in ((logs, "need_log"), (("all_time", "all_id"), "need_all")):
                more = int(r[need])
                if more > own[names[0]].size:
                    require_memory({"spikes of one batch": 8.0 * (len(names) + width) * more})
                    for name in names:
                        longer = np.zeros(more * (width if name == "kept" else 1), own[name].dtype)
                        longer[: own[name].size] = own[name]
                        own[name] = longer
            reach, listed = int(r["need_reach"]), own["reach"]
            if reach > listed.size:
                require_memory({"arrivals of one window": 64.0 * reach})
                own.update(room_to_reach(reach))
                own["reach"][: listed.size] = listed
            flights, chunks = int(r["need_flights"]), int(r["need_chunks"])
            if flights > arena["heap"].size:
                require_memory({"spikes on their way": 56.0 * flights})
                known = arena["heap"].size
                carried = flights if self.tables.sources else 0
                arena.resize(heap=flights, due=flights, flight=flights, factor=carried)
                own["strength"] = np.append(own["strength"], np.zeros(carried - own["strength"].size if carried else 0))
                arena["heap"][known:] = np.arange(known, flights)
            if chunks > arena["chunks"].size:
                arena.resize(chunks=chunks)
            r["status"] = DONE
        except (MemoryError, MemoryLimitError):
            r["status"], r["fault"], r["fault_time"] = NO_ROOM, 0, float(r["stop"])
        self.link()
