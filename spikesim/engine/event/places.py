"""The state of the event engine as a value: where each entry stands, and how an engine goes on from one.

======================================== ===============================================================================
neurons/<population>/<state>             states at the time of the neuron's last event
input/<population>/<synapse>/<k>         state k of its filter at that time
events/<population>/<column>             that time, end of refractoriness, what is known of the next spike, its step
drive/<name>/<population>/next, count    Poisson trains: next event (ms), intervals drawn
spikes/when, spikes/id                   on their way: emitted (ms), global id; in this order
synapses/<projection>/release/<state>    at the last spike of each source; emitted/when (ms), count: that spike
synapses/<projection>/flights/factor     of the spikes on their way
synapses/<projection>/...                of one that learns: see learnt
counts/until                             all before this time has happened (ms); and spikes, events so far
======================================== ===============================================================================

Cursors in lists, electrodes, the queue and the heap follow from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...program.program import Program
from ..protocol import restore, state
from ..releasing import Sources
from ..state import Moved, Place
from .build import Tables
from .closed import awake
from .learnt import of_synapses

if TYPE_CHECKING:
    from .engine import EventEngine

__all__ = ["NOBODY", "Flying", "flying", "places", "rebuilt"]


class Flying(NamedTuple):
    """Spikes on their way: emitted when (ms) and by whom, in this order; and their factors in each projection that has
    a release (nan: they are emitted now; 0: of those that fly elsewhere)."""

    when: np.ndarray
    ids: np.ndarray
    factors: dict[str, np.ndarray]


NOBODY = Flying(np.zeros(0), np.zeros(0, np.int64), {})


def flying(engine: EventEngine) -> Flying:
    """Return the spikes on their way."""
    rows = [w.arena["heap"][: int(w.counts["flights"])] for w in engine.workers]
    found = [w.arena["flight"][own] for w, own in zip(engine.workers, rows)]
    every = np.concatenate(found)
    ranks, first = np.unique(every["rank"], return_index=True)  # in the order (time, gid), on all workers
    factors = {}
    for number, sources in enumerate(engine.workers[0].tables.sources):
        factors[sources.name] = np.zeros(ranks.size)
        for w, own, flights in zip(engine.workers, rows, found):
            mine = w.tables.arrays["bundle"]["release"][flights["bundle"]] == number
            factors[sources.name][np.searchsorted(ranks, flights["rank"][mine])] = w.arena["factor"][own[mine]]
    return Flying(every["emitted"][first].copy(), every["gid"][first].astype(np.int64), factors)


def places(engine: EventEngine) -> dict[str, Place]:
    """Return where the numbers of the state stand, by name."""
    found: dict[str, Place] = {}
    shares: dict[str, list[tuple[Any, Any]]] = {}
    for w in engine.workers:
        for part in w.parts:
            shares.setdefault(part.cell.name, []).append((w, part))

    def stretch(w: Any, part: Any) -> slice:
        return slice(part.first - w.tables.lo, part.first - w.tables.lo + part.size)

    def place(views: list[Callable[[], np.ndarray]], unit: str = "") -> Place:
        def get() -> np.ndarray:
            return np.concatenate([view() for view in views])

        def put(values: np.ndarray) -> None:
            engine.touch()
            at = 0
            for view in views:
                own = view()
                own[:] = values[at : at + own.size]
                at += own.size

        return Place(get, put, unit)

    def column(held: list[tuple[Any, Any]], at: int) -> list[Callable[[], np.ndarray]]:
        return [partial(lambda w, part: w.x[stretch(w, part), at], w, part) for w, part in held]

    def rows(own: list[tuple[Any, slice]], field: str) -> list[Callable[[], np.ndarray]]:
        return [partial(lambda w, some: w.arena[field][some], w, some) for w, some in own]

    for population, held in shares.items():
        for name, at in held[0][0].tables.columns.get(population, ()):
            found[name] = place(column(held, at), "mV" if name == f"neurons/{population}/v" else "")
    trains: dict[tuple[str, str], list[tuple[Any, slice]]] = {}
    for w in engine.workers:
        for name, part, row in w.tables.trains.rows:
            trains.setdefault((name, part.cell.name), []).append((w, slice(row, row + part.size)))
    for (name, population), own in trains.items():
        for entry, field, unit in (("next", "train_next", "ms"), ("count", "train_count", "")):
            found[f"drive/{name}/{population}/{entry}"] = place(rows(own, field), unit)

    def put_when(values: np.ndarray) -> None:
        engine.touch(when=values)

    def put_id(values: np.ndarray) -> None:
        engine.touch(ids=values)

    found["spikes/when"] = Place(lambda: flying(engine).when, put_when, "ms")
    found["spikes/id"] = Place(lambda: flying(engine).ids, put_id)
    for sources, row in zip(engine.workers[0].tables.sources, engine.workers[0].tables.arrays["release"]):
        found.update(of_sources(engine, sources, int(row["at"])))
    for p in range(len(engine.workers[0].tables.wired.learners)):
        found.update(of_synapses(engine, p))

    def total(field: str) -> Place:
        def get() -> np.ndarray:
            return np.array([sum(int(w.counts[field]) for w in engine.workers)])

        def put(value: np.ndarray) -> None:
            for k, w in enumerate(engine.workers):
                w.counts[field] = int(value[0]) if k == 0 else 0

        return Place(get, put)

    found["counts/spikes"], found["counts/events"] = total("spikes"), total("events")

    def put_until(value: np.ndarray) -> None:
        engine.touch()
        for w in engine.workers:
            w.counts["until"] = float(value[0])

    found["counts/until"] = Place(lambda: np.array([float(engine.workers[0].counts["until"])]), put_until, "ms")
    return found


def of_sources(engine: EventEngine, sources: Sources, at: int) -> Iterator[tuple[str, Place]]:
    """What the sources of a release hold, from `at` on; all workers have the same."""
    n, width = sources.start.shape

    def column(c: int) -> Place:
        def put(values: np.ndarray) -> None:
            engine.touch()
            for w in engine.workers:
                w.arena["released"][at + c : at + n * width : width] = values

        return Place(lambda: engine.workers[0].arena["released"][at + c : at + n * width : width].copy(), put)

    def put_factors(values: np.ndarray) -> None:
        assert engine._flying is not None
        engine.touch(factors=engine._flying.factors | {sources.name: values})

    for c, name in enumerate(sources.states):
        yield f"synapses/{sources.name}/release/{name}", column(c)
    yield f"synapses/{sources.name}/emitted/when", column(width - 2)
    yield f"synapses/{sources.name}/emitted/count", column(width - 1)
    yield f"synapses/{sources.name}/flights/factor", Place(lambda: flying(engine).factors[sources.name], put_factors)


def otherwise_on(before: Tables, now: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of trains are drawn anew, and the rates that all had before.

    Anew: those on at times only that have other times or another rate, and renewal trains of which anything is another.
    """
    old, new = before.arrays, now.arrays
    rate, anew = new["train_rate"].copy(), np.zeros(new["train_rate"].size, bool)
    known = {(name, part.number): k for k, (name, part, _) in enumerate(before.trains.rows)}
    for is_, (name, part, row) in zip(new["train"], now.trains.rows):
        k = known.get((name, part.number))
        if k is None:
            continue  # what is new begins anew already
        was, own = old["train"][k], slice(row, row + part.size)
        rate[own] = old["train_rate"][before.trains.rows[k][2] :][: part.size]
        changed = rate[own] != new["train_rate"][own]
        first = old["train_piece"][was["piece_lo"] : was["piece_hi"]]
        second = new["train_piece"][is_["piece_lo"] : is_["piece_hi"]]
        if is_["renew"] or was["renew"]:
            same = all(was[name] == is_[name] for name in ("a", "b", "order", "share", "common", "renew"))
            anew[own] = changed | (not (same and paces(before, was) == paces(now, is_)))
        elif first.size or second.size:
            anew[own] = changed | (not np.array_equal(first, second))
    return anew, rate


def paces(tables: Tables, train: np.void) -> list[bytes]:
    """All numbers of the pace of a train."""
    some = tables.arrays["pace"][train["pace_lo"] : train["pace_hi"]]
    values = tables.arrays["pace_value"]
    rows = [values[p["at"] : p["at"] + (1, 2, 4)[p["form"]] * p["width"]].tobytes() for p in some]
    return [some[["form", "begin", "end", "since", "until", "width"]].tobytes(), *rows]


def at_one_word(engine: EventEngine, anew: list[np.ndarray]) -> None:
    """Let all neurons read a common train that begins anew from one word on: behind the last that any has read."""
    rows: dict[str, list[tuple[Any, slice]]] = {}
    for w, some in zip(engine.workers, anew):
        for train, (name, part, row) in zip(w.tables.arrays["train"], w.tables.trains.rows):
            if train["common"] and some[row : row + part.size].any():
                rows.setdefault(name, []).append((w, slice(row, row + part.size)))
    for own in rows.values():
        last = max(int(w.arena["train_count"][mine].max()) for w, mine in own)
        for w, mine in own:
            w.arena["train_count"][mine] = last


def rebuilt(engine: EventEngine, program: Program, moved: Moved | None = None) -> EventEngine:
    """Return an engine at the state of another for a program that differs in numbers, or in some synapses."""
    from .engine import EventEngine

    old = engine.fork()
    old.settle()
    same = [a is b for a, b in zip(program.wirings, engine.program.wirings)]
    kept = all(same) and len(program.wirings) == len(engine.program.wirings)
    kept = kept and program.wiring_ports == engine.program.wiring_ports
    tables = []
    for w in old.workers:
        made = Tables(program, w.tables.lo, w.tables.hi, w.tables.accuracy)
        made.wire(w.tables if kept else None)
        made.finish()
        tables.append(made)
    for w, made in zip(old.workers, tables):
        for k in range(len(w.parts)):
            if numbers(w.tables, k) != numbers(made, k):
                awake(w, k, float(w.counts["until"]))
    new = EventEngine(program, tables, engine.step, engine.reason, engine.tolerances)
    restore(new, state(old).completed(new.places, moved))
    changes = [otherwise_on(before.tables, w.tables) for w, before in zip(new.workers, old.workers)]
    at_one_word(new, [anew for anew, _ in changes])
    for w, (anew, was) in zip(new.workers, changes):
        rate, following, until = w.tables.arrays["train_rate"], w.arena["train_next"], float(w.counts["until"])
        with np.errstate(divide="ignore", invalid="ignore"):  # a process without memory: what is left scales
            left = np.where(rate == was, following, until + (following - until) * (was / rate))
        left = np.where((was == 0.0) & (rate > 0.0), np.nan, left)  # nan: drawn anew
        left = np.where(anew, np.nan, left)
        following[:] = np.where(rate == 0.0, np.inf, left)
    new.settle()
    return new


def numbers(tables: Tables, k: int) -> tuple[bytes, ...]:
    """All numbers that the future of the neurons of part k depends on, beside their state and their trains."""
    d, arrays = tables.part[k], tables.arrays
    n = int(d["parameters"])
    own = tables.par_at[int(d["first"]) :][: int(d["n"])]
    found = [arrays["par"][own[:, None] + np.arange(n)].tobytes(), tables.ports_of(k).tobytes()]
    found += [repr(d[name]).encode() for name in ("longest", "rtol", "atol")]
    for q in range(int(d["drive_lo"]), int(d["drive_hi"])):
        drive = arrays["drive"][q]
        times = arrays["drive_time"][int(drive["times"]) :][: int(drive["count"])]
        per = 3 if drive["kind"] == 1 else 2
        values = arrays["drive_value"][int(drive["values"]) :][: per * times.size * int(drive["width"])]
        index = arrays["drive_index"][int(drive["index"]) :][: int(d["n"])]
        found += [times.tobytes(), values.tobytes(), index.tobytes()]
    return tuple(found)
