"""Memory of a running engine beside its state: scratch and logs of each worker, what workers tell each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...jit.records import SPAN, span
from ...network.probe import widest
from ..arena import Arena
from ..equations import BLOCK as FLOW_BLOCK
from ..probes import Share
from . import poisson, resting
from .delays import FLIGHTS, lay, stretches
from .entries import entry
from .exchange import polling, telling
from .propagate import BLOCK
from .records import NONE, REPORT, REST, RUNNING, WORKER
from .sample import install
from .worker import LONGEST_SLAB, Worker

__all__ = ["exchange", "grow", "link", "logged", "room"]


def exchange(bounds: np.ndarray, slab: int, own: slice) -> dict[str, Any]:
    """Return the arrays through which workers tell each other what happened in a slab of so many steps.

    `bounds`: most spikes of each worker in a step; `own`: the workers of this process, who alone need room beforehand.
    """
    n = bounds.size
    room = np.zeros(n + 1, np.int64)
    room[1:][own] = bounds[own] * slab + 1
    offset = np.cumsum(room)
    return {
        "slab_id": np.zeros((2, int(offset[-1])), np.int64), "slab_offset": offset,
        "slab_ptr": np.zeros((2, n, slab + 1), np.int64), "report": np.zeros((2, n), REPORT),
        "barrier": np.zeros(8, np.int64), "exchange": 0,
    }  # fmt: skip


def room(worker: Worker, bounds: np.ndarray, shares: Sequence[Share], log: int, told: bool, lag: int) -> dict[str, Any]:
    """Return what a worker needs for itself: the tables of its samples, scratch, and a log of so many spikes.

    `told`: there are other ranks; `lag`: how many slabs it goes on for before it hears of theirs.
    """
    running = np.zeros(1, RUNNING)
    running["lag"] = lag
    parts = worker.layout.parts
    states = max([worker.tables.states, *(len(part.cell.model.states) for part in parts)])
    vectors = max([0, *(len(getattr(part.cell.model, "_fields", ())) for part in parts)])
    return {
        **install(shares),
        **worker.drive.batch(0, 0),
        **worker.tables.trains.batch(0, 0),
        "marks": np.zeros(worker.tables.trains.marks + 1, np.int64),
        **{name: entry(name) for name in ("do_receive", "do_launch", "do_report")},
        "do_sample": entry("do_sample") if shares else NONE,
        **{name: entry(name) if bounds.size > 1 else NONE for name in ("do_meet", "do_merge")},
        "do_tell": telling() if told else NONE,
        "do_poll": polling() if lag else NONE,
        "scratch": np.zeros((worker.tables.rows, BLOCK)),
        "workspace": np.zeros((2 * states + vectors + 1) * FLOW_BLOCK),
        "fired": np.zeros(BLOCK + 8, np.uint8),
        "draw": np.zeros(poisson.SCRATCH, np.uint64),
        "drawn": np.zeros(poisson.RUN, np.int32),
        "work": np.zeros(FLIGHTS, np.int64),
        "strength": np.zeros(max(FLIGHTS, int(bounds.sum()))),
        "log_id": np.zeros(log, np.int64),
        "log_kept": np.zeros(log * widest(worker.program.net)),
        "log_count": np.zeros(0, np.int64),
        "running": running,
        **(rest(worker) if worker.restful and not shares else {"do_rest": NONE}),
        "merged": np.zeros(3 * bounds.size + int(bounds.sum()) + 1, np.int64),
    }


def rest(worker: Worker) -> dict[str, Any]:
    """Return what a worker needs to let neurons sleep."""
    number = int(np.flatnonzero(worker.tables["part"]["restful"])[0])
    n = int(worker.tables["part"]["n"][number])
    control = np.zeros(1, REST)
    control["part"] = number
    return {
        "do_rest": resting.entry(), "rest": control,
        "slot": np.zeros(n, np.int32), "who": np.zeros(n, np.int32),
        "awake_x": np.zeros(2 * n), "awake_left": np.zeros(n, np.int32),
        "event_key": np.zeros(resting.EVENTS, np.int64), "event_weight": np.zeros(resting.EVENTS),
        "event_order": np.zeros(resting.EVENTS, np.int64), "event_ptr": np.zeros(n // resting.LANES + 1, np.int64),
        "hits": np.zeros(LONGEST_SLAB, np.int64), "spiked": np.zeros(LONGEST_SLAB * (n // 64 + 1), np.uint64),
    }  # fmt: skip


def link(tables: Mapping[str, Any], arena: Arena, own: dict[str, Any], common: Mapping[str, Any]) -> np.ndarray:
    """Return the record that says where everything of a worker stands; `own` gets room for all flights of a bundle."""
    most = int(arena["queue"]["capacity"].max(initial=0))
    if most > own["work"].size:
        own["work"] = np.zeros(most, np.int64)
        own["strength"] = np.zeros(max(most, own["strength"].size))
    made = np.zeros(1, WORKER)
    for owner in (tables, arena, own, common):
        for name, value in owner.items():
            made[name] = span(value) if WORKER[name] == SPAN else value
    return made


def grow(arena: Arena, flights: int) -> bool:
    """Make room for so many more flights in every bundle; whether anything moved."""
    queue = arena["queue"].copy()
    capacity = queue["tail"] + 2 * flights + FLIGHTS
    if np.all(capacity <= queue["capacity"]):
        return False
    old = {name: arena[name].copy() for name in ("due", "next", "last", "factor")}
    capacity = np.maximum(capacity, queue["capacity"])
    lay(arena, capacity)
    for before, after in zip(queue, arena["queue"]):
        for (name, was), (_, at) in zip(stretches(before), stretches(after)):
            arena[name][at : at + before["tail"]] = old[name][was : was + before["tail"]]
    return True


def logged(own: Mapping[str, Any], begin: int, end: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the steps and ids of the spikes that a worker has logged from step `begin` to `end`, what they kept."""
    when = np.repeat(np.arange(begin + 1, end + 1), own["log_count"][: end - begin])
    n, room = own["running"]["logged"][0], own["log_id"].size
    return when, own["log_id"][:n], own["log_kept"].reshape(room, -1)[:n]
