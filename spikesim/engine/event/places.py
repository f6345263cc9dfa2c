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

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...errors import StateError
from ...program.program import Program
from ..protocol import restore, state
from ..releasing import Sources
from ..state import Moved, Place
from .build import Tables
from .closed import awake
from .learnt import of_synapses
from .records import AFTER

if TYPE_CHECKING:
    from .engine import EventEngine

__all__ = ["NOBODY", "Flying", "Named", "flying", "named", "places", "rebuilt"]


class Flying(NamedTuple):
    """Spikes on their way: emitted when (ms) and by whom, in this order; and their factors in each projection that has
    a release (nan: they are emitted now; 0: of those that fly elsewhere)."""

    when: np.ndarray
    ids: np.ndarray
    factors: dict[str, np.ndarray]


NOBODY = Flying(np.zeros(0), np.zeros(0, np.int64), {})


class Named(NamedTuple):
    """What the state of neurons is called: entries and columns of each population, trains (label, population)."""

    columns: dict[str, list[tuple[str, int]]]
    trains: list[tuple[str, str]]

    @classmethod
    def of_all(cls, program: Program, told: Iterable[Named]) -> Named:
        """Return what any rank has of it, in the same order on all."""
        columns: dict[str, list[tuple[str, int]]] = {}
        for one in (told := list(told)):
            columns |= one.columns
        trains = dict.fromkeys(train for one in told for train in one.trains)
        return cls({cell.name: columns[cell.name] for cell in program.cells if cell.name in columns}, list(trains))


def named(workers: Sequence[Any]) -> Named:
    """Return what of it these workers have."""
    columns: dict[str, list[tuple[str, int]]] = {}
    for w in workers:
        columns |= w.tables.columns
    rows = [row for w in workers for row in w.tables.trains.rows]
    return Named(columns, list(dict.fromkeys((label, part.cell.name) for label, part, _ in rows)))


def flying(engine: EventEngine) -> Flying:
    """Return the spikes on their way."""
    rows = [w.arena["heap"][: int(w.counts["flights"])] for w in engine.workers]
    found = [w.arena["flight"][own] for w, own in zip(engine.workers, rows)]
    every = np.concatenate(found)
    ranks, first = np.unique(every["rank"] % AFTER, return_index=True)  # in the order (time, gid), on all workers
    factors = {}
    for number, sources in enumerate(engine.workers[0].tables.sources):
        factors[sources.name] = np.zeros(ranks.size)
        for w, own, flights in zip(engine.workers, rows, found):
            mine = w.tables.arrays["bundle"]["release"][flights["bundle"]] == number
            factors[sources.name][np.searchsorted(ranks, flights["rank"][mine])] = w.arena["factor"][own[mine]]
    one = Flying(every["emitted"][first].copy(), every["gid"][first].astype(np.int64), factors)
    told = engine.ranks.every("read the state", (ranks, one))
    if len(told) == 1:
        return one
    ranks, first = np.unique(np.concatenate([some for some, _ in told]), return_index=True)
    for name in factors:
        factors[name] = np.zeros(ranks.size)
        for some, other in told:
            at = np.searchsorted(ranks, some)
            factors[name][at] = np.where(other.factors[name] == 0.0, factors[name][at], other.factors[name])
    when, ids = (np.concatenate([other[k] for _, other in told])[first] for k in (0, 1))
    return Flying(when, ids, factors)


#: What one worker holds of an entry: its numbers, to read and to write, and where they stand in the whole.
Share = tuple[Callable[[], np.ndarray], slice]


def divided(engine: EventEngine, kind: type, size: int, shares: Sequence[Share], unit: str = "") -> Place:
    """An entry of which each number stands on one worker."""

    def get() -> np.ndarray:
        whole: np.ndarray = np.zeros(size, kind)
        for told in engine.ranks.every("read the state", [(index, view()) for view, index in shares]):
            for index, values in told:
                whole[index] = values
        return whole

    def put(whole: np.ndarray) -> None:
        if whole.shape != (size,):
            raise StateError(f"the state has {whole.size} numbers where this network has {size}: it is of another")
        engine.touch()
        for view, index in shares:
            view()[:] = whole[index]

    return Place(get, put, unit)


def places(engine: EventEngine) -> dict[str, Place]:
    """Return where the numbers of the state stand, by name."""
    found: dict[str, Place] = {}
    by_name = engine.program.by_name

    def column(w: Any, part: Any, at: int) -> np.ndarray:
        first = part.first - w.tables.lo
        return w.x[first : first + part.size, at]

    def stretch(w: Any, field: str, own: slice) -> np.ndarray:
        return w.arena[field][own]

    for population, columns in engine.named.columns.items():
        held = [(w, part) for w in engine.workers for part in w.parts if part.cell.name == population]
        for name, at in columns:
            shares: list[Share] = [(partial(column, w, part, at), part.own) for w, part in held]
            unit = "mV" if name == f"neurons/{population}/v" else ""
            found[name] = divided(engine, np.float64, by_name[population].size, shares, unit)
    for label, population in engine.named.trains:
        rows = [
            (w, slice(first, first + part.size), part.own)
            for w in engine.workers
            for name, part, first in w.tables.trains.rows
            if (name, part.cell.name) == (label, population)
        ]
        for entry, kind, unit in (("next", np.float64, "ms"), ("count", np.int64, "")):
            shares = [(partial(stretch, w, f"train_{entry}", at), own) for w, at, own in rows]
            found[f"drive/{label}/{population}/{entry}"] = divided(engine, kind, by_name[population].size, shares, unit)

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
            mine = sum(int(w.counts[field]) for w in engine.workers)
            return np.array([sum(engine.ranks.every("read the state", mine))])

        def put(value: np.ndarray) -> None:
            for k, w in enumerate(engine.workers):
                w.counts[field] = int(value[0]) if k == 0 == engine.ranks.rank else 0

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
    rows: dict[str, list[np.ndarray]] = {}
    for w, some in zip(engine.workers, anew):
        for train, (name, part, row) in zip(w.tables.arrays["train"], w.tables.trains.rows):
            if train["common"] and some[row : row + part.size].any():
                rows.setdefault(name, []).append(w.arena["train_count"][row : row + part.size])
    told = engine.ranks.every("set", {name: max(int(one.max()) for one in own) for name, own in rows.items()})
    for name, own in rows.items():
        for one in own:
            one[:] = max(some[name] for some in told if name in some)


def rebuilt(engine: EventEngine, program: Program, moved: Moved | None = None) -> EventEngine:
    """Return an engine at the state of another for a program that differs in numbers, or in some synapses."""
    from .engine import EventEngine

    old = engine.fork()
    old.settle()
    same = [a is b for a, b in zip(program.wirings, engine.program.wirings)]
    kept = all(same) and len(program.wirings) == len(engine.program.wirings)
    kept = kept and program.wiring_ports == engine.program.wiring_ports
    tables = []
    with engine.ranks.together("set"):
        for w in old.workers:
            made = Tables(program, w.tables.lo, w.tables.hi, w.tables.accuracy)
            made.wire(w.tables if kept else None)
            made.finish()
            tables.append(made)
    for w, made in zip(old.workers, tables):
        for k in range(len(w.parts)):
            if numbers(w.tables, k) != numbers(made, k):
                awake(w, k, float(w.counts["until"]))
    new = EventEngine(program, tables, engine.step, engine.reason, engine.tolerances, engine.ranks)
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
        found += [times.tobytes(), values.tobytes(), index.tobytes(), tables.drives.known(q)]
    return tuple(found)
