"""Where the numbers of a state stand on the clock, by name (see `engine.state`): gathered from all workers.

Neurons are in the order of their ids, synapses in that of (pre, post, delay), traces of sources in that of (source,
delay), traces of targets in that of the targets: orders that the description alone decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import StateError
from ...network.stimulus import Held, Noise, OrnsteinUhlenbeck
from ...program.cell import Cell
from ...synapses.contract import Synapse
from ..state import Place
from .delays import LANDED, emitted
from .layout import injected
from .learnt import positions
from .sources import labels_of

if TYPE_CHECKING:
    from .engine import ClockEngine

__all__ = ["places"]

#: Worker, where its entries stand in its field, and where in the whole.
Share = tuple[int, Any, np.ndarray]


def places(engine: ClockEngine) -> dict[str, Place]:
    """Return all entries of the state of an engine."""
    found: dict[str, Place] = {}
    for cell in engine.program.cells:
        if not cell.source:
            found.update(_of_neurons(engine, cell))
        found.update(_of_trains(engine, cell))
    for i in engine.program.plastic:
        found.update(_of_synapses(engine, engine.program.wirings[i].name))
    put: list[tuple[np.ndarray, np.ndarray]] = []
    found.update(_of_spikes(engine, put))
    for r, bundles in enumerate(zip(*(worker.sources for worker in engine.workers))):
        found.update(_of_sources(engine, r, bundles, put))
    for what in ("spikes", "events"):
        found[f"counts/{what}"] = _count(engine, what)
    return found


def labels(cell: Cell) -> list[str]:
    """Return a name of its own for each port of a population."""
    names: list[str] = []
    for port in cell.ports:
        stem = port.label or type(port).__name__
        k = 1 + sum(name.split(" ")[0] == stem for name in names)
        names.append(stem if k == 1 else f"{stem} {k}")
    return names


class Entries:
    """Entries of the state as `variables` reads and sets them."""

    def __init__(self, engine: ClockEngine) -> None:
        self.places = engine.places

    def name(self, cell: Cell, port: Synapse, j: int) -> str:
        """Return the entry of number j of a synapse."""
        return f"input/{cell.name}/{labels(cell)[cell.ports.index(port)]}/{j}"

    def get(self, cell: Cell, name: str) -> np.ndarray:
        """Return an entry as it is now."""
        return self.places[name].get()

    def put(self, cell: Cell, name: str, values: np.ndarray) -> None:
        """Set an entry from now on."""
        self.places[name].put(values)


def _array(
    engine: ClockEngine, field: str, kind: type, size: int, shares: Sequence[Share], unit: str = "", of: Any = None
) -> Place:
    """A field of the arenas, each of whose entries one worker has or several have alike."""

    def get() -> np.ndarray:
        whole: np.ndarray = np.zeros(size, kind)
        mine = [(index, engine.arenas[k][field][at]) for k, at, index in shares]
        for told in engine.ranks.every("read the state", mine):
            for index, values in told:
                whole[index] = values
        return whole

    def put(whole: np.ndarray) -> None:
        for k, at, index in shares:
            engine.arenas[k][field][at] = _sized(whole, size)[index]

    return Place(get, put, unit, of=of)


def _sized(values: np.ndarray, size: int) -> np.ndarray:
    if values.shape != (size,):
        raise StateError(f"the state has {values.size} numbers where this network has {size}: it is of another network")
    return values


def _of_neurons(engine: ClockEngine, cell: Cell) -> Iterator[tuple[str, Place]]:
    having = [(k, part) for k, w in enumerate(engine.workers) for part in w.layout.parts if part.cell is cell]

    def rows(field: str, kind: type, at: Sequence[int], unit: str = "") -> Place:
        shares = [
            (k, slice(first, first + part.size), np.arange(part.own.start, part.own.stop))
            for (k, part), first in zip(having, at)
        ]
        return _array(engine, field, kind, cell.size, shares, unit)

    for state in cell.model.states:
        at = [part.row[state] for _, part in having]
        yield f"neurons/{cell.name}/{state}", rows("x", np.float64, at, "mV" if state == "v" else "")
    at = [engine.workers[k].layout.refractory[part.number] for k, part in having]
    yield f"neurons/{cell.name}/refractory", rows("refractory", np.int32, at, "steps")
    if cell.coupled:
        at = [engine.workers[k].layout.trend[part.number] for k, part in having]
        yield f"gaps/{cell.name}/trend", rows("trend", np.float64, at, "mV")
    for label, port in zip(labels(cell), cell.ports):
        number = engine.program.ports.index(port)
        for stage in range(max(1, len(port.matrix))):
            at = [part.filters[number][stage] for _, part in having]
            yield f"input/{cell.name}/{label}/{stage}", rows("x", np.float64, at)
    for order, injection in enumerate(injected(engine.program, cell, Noise, Held)):
        yield (
            f"drive/{injection.name}/{cell.name}",
            rows("x", np.float64, [part.noise[order] for _, part in having], "pA"),
        )
    for order, injection in enumerate(injected(engine.program, cell, OrnsteinUhlenbeck)):
        at = [part.drifts[order] for _, part in having]
        yield f"drive/{injection.name}/{cell.name}", rows("x", np.float64, at, "pA")


def _of_synapses(engine: ClockEngine, name: str) -> Iterator[tuple[str, Place]]:
    p = [learner.wiring.name for learner in engine.workers[0].learners].index(name)
    learners = [worker.learners[p] for worker in engine.workers]
    rules = [worker.tables["plastic"][p] for worker in engine.workers]
    keys = [
        np.stack([learner.sources(), learner.bundle.seg_delay.astype(np.int64)], axis=1).reshape(-1, 2)
        for learner in learners
    ]
    told = engine.ranks.every("find the segments", [(learner.synapses, key) for learner, key in zip(learners, keys)])
    parts = [part for one in told for part in one]
    own = slice(first := sum(len(one) for one in told[: engine.ranks.rank]), first + len(learners))
    rank = positions(engine, name)
    assert rank is not None  # all ranks are told
    synapse = np.split(rank, np.cumsum([n for n, _ in parts])[:-1])[own]
    different, back = np.unique(np.concatenate([key for _, key in parts]), axis=0, return_inverse=True)
    segment = np.split(back.reshape(-1), np.cumsum([len(key) for _, key in parts])[:-1])[own]
    n_post = learners[0].wiring.n_post

    def entry(field: str, at: str, size: int, index: Sequence[np.ndarray], row: int = 0) -> Place:
        shares: list[Share] = []
        for k, (rule, some) in enumerate(zip(rules, index)):
            lo = int(rule[at]) + row * some.size
            shares.append((k, slice(lo, lo + some.size), some))
        return _array(engine, field, np.float64, size, shares, of=("synapses" if index is synapse else "sources", name))

    rule, fused = learners[0].rule, learners[0].key is None
    yield f"synapses/{name}/weight", entry("weight", "at_synapse", rank.size, synapse)
    if learners[0].rewarded:
        yield f"synapses/{name}/eligible", entry("eligible", "at_eligible", rank.size, synapse)
    if fused:
        for trace in ("x1", "x2"):
            yield f"synapses/{name}/{trace}", entry(trace, "at_segment", len(different), segment)
        for trace in ("y1", "y2"):
            yield f"synapses/{name}/{trace}", _targets(engine, p, trace, "at_target", n_post)
    else:
        for row, variable in enumerate(rule.synapse, 1):
            yield f"synapses/{name}/synapse {variable}", entry("weight", "at_synapse", rank.size, synapse, row)
        for row, trace in enumerate(rule.pre):
            yield f"synapses/{name}/pre {trace}", entry("sources", "at_sources", len(different), segment, row)
        for row, trace in enumerate(rule.seen["post"]):
            yield f"synapses/{name}/post {trace}", _targets(engine, p, "targets", "at_targets", n_post, row)
    if learners[0].late:
        yield f"synapses/{name}/late spikes", _late_spikes(engine, p)
        for row, trace in enumerate(rule.watched if not fused else ()):
            yield f"synapses/{name}/late {trace}", _late_states(engine, p, row)
    for field in ("ref", "frozen", *(("c_ref", "d_ref", "dopamine", "gained") if fused else ())):
        yield f"synapses/{name}/{field}", _alike(engine, "learnt", field, p)


def _of_trains(engine: ClockEngine, cell: Cell) -> Iterator[tuple[str, Place]]:
    """What is left of the intervals of renewal trains; one that is common stands alike on all workers."""
    for label, common in labels_of(engine.program, cell):
        size = 1 if common else cell.size
        shares = [
            (k, slice(r.at, r.at + r.size), np.arange(1) if common else np.arange(r.part.own.start, r.part.own.stop))
            for k, worker in enumerate(engine.workers)
            for r in worker.tables.trains.rows
            if r.label == label and r.part.cell is cell
        ]
        yield f"trains/{label}/{cell.name}/left", _array(engine, "train_left", np.float64, size, shares)
        yield f"trains/{label}/{cell.name}/count", _array(engine, "train_count", np.int64, size, shares)


def _of_sources(
    engine: ClockEngine, r: int, bundles: Sequence[int], put: Sequence[tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[str, Place]]:
    """What the sources of a release hold.

    `bundles`: of each worker, that of the projection;  `put`: the spikes that were put on their way before.
    """
    worker = engine.workers[0]
    sources, at = worker.sources[bundles[0]], int(worker.tables["release"]["at"][r])
    n, width = sources.start.shape

    def column(c: int) -> Place:
        def put(values: np.ndarray) -> None:
            for arena in engine.arenas:
                arena["released"][at + c : at + n * width : width] = _sized(values, n)

        return Place(lambda: engine.arenas[0]["released"][at + c : at + n * width : width].copy(), put)

    def on_the_way(whole: np.ndarray | None) -> np.ndarray:
        """Return the factors of all spikes on their way (of those that fly elsewhere, 0), or set them."""
        when, ids = flying(engine) if whole is None or not put else put[0]
        spikes = when * engine.program.n + ids
        found = np.zeros(spikes.size) if whole is None else _sized(whole, spikes.size)
        for worker, arena, b in zip(engine.workers, engine.arenas, bundles):
            queue = arena["queue"][b]
            some = slice(queue["first"] + queue["head"], queue["first"] + queue["tail"])
            own = np.flatnonzero(arena["due"][some] != LANDED)
            emission, source = emitted(worker.bundles[b], arena["due"][some], arena["next"][some])
            mine = emission * engine.program.n + source
            among = np.searchsorted(spikes, mine) + np.arange(mine.size) - np.searchsorted(mine, mine)
            factor = arena["factor"][queue["carried"] + queue["head"] :]
            if whole is None:
                found[among] = factor[own]
            else:
                factor[own] = found[among]
        for told in engine.ranks.every("read the state", found) if whole is None else ():
            found = np.where(told == 0.0, found, told)
        return found

    def put_factors(whole: np.ndarray) -> None:
        on_the_way(whole)

    for c, state in enumerate(sources.states):
        yield f"synapses/{sources.name}/release/{state}", column(c)
    yield f"synapses/{sources.name}/emitted/when", column(width - 2)
    yield f"synapses/{sources.name}/emitted/count", column(width - 1)
    yield f"synapses/{sources.name}/flights/factor", Place(lambda: on_the_way(None), put_factors)


def _targets(engine: ClockEngine, p: int, trace: str, at: str, n_post: int, row: int = 0) -> Place:
    """A trace of the targets; columns of other neurons at the same port have none."""
    shares: list[Share] = []
    for k, worker in enumerate(engine.workers):
        post = worker.learners[p].posts()
        mine = np.flatnonzero(post >= 0)
        first = int(worker.tables["plastic"][p][at]) + row * post.size
        shares.append((k, first + mine, post[mine]))
    return _array(engine, trace, np.float64, n_post, shares)


def _late_spikes(engine: ClockEngine, p: int) -> Place:
    """Who of the targets fired in the last steps, uint8 (steps x targets), by step modulo how many there are."""
    late, n_post = engine.workers[0].learners[p].late, engine.workers[0].learners[p].wiring.n_post

    def own(k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The ids of the targets; what a worker keeps of each step, and how many."""
        learner, arena, rule = engine.workers[k].learners[p], engine.arenas[k], engine.workers[k].tables["plastic"][p]
        kept = arena["late"][rule["at_late"] :][: late * learner.width].reshape(late, learner.width)
        return learner.wiring.post_ids, kept, arena["late_count"][rule["at_count"] :][:late]

    def get() -> np.ndarray:
        mine = np.zeros((late, n_post), np.uint8)
        for k in range(len(engine.workers)):
            ids, kept, count = own(k)
            position = np.full(engine.program.n, -1, np.int64)
            position[ids] = np.arange(n_post)
            for slot in range(late):
                mine[slot, position[kept[slot, : count[slot]]]] = 1
        return np.max(engine.ranks.every("read the state", mine.ravel()), axis=0)

    def put(whole: np.ndarray) -> None:
        fired = _sized(whole, late * n_post).reshape(late, n_post) != 0
        for k, worker in enumerate(engine.workers):
            ids, kept, count = own(k)
            mine = worker.learners[p].column[ids] >= 0
            for slot in range(late):
                found = np.sort(ids[fired[slot] & mine])
                kept[slot, : found.size], count[slot] = found, found.size

    return Place(get, put)


def _late_states(engine: ClockEngine, p: int, row: int) -> Place:
    """A state of the targets in the last steps, (steps x targets)."""
    learner = engine.workers[0].learners[p]
    steps = [
        _targets(engine, p, "past", "at_past", learner.wiring.n_post, slot * len(learner.rule.watched) + row)
        for slot in range(learner.late)
    ]

    def put(whole: np.ndarray) -> None:
        values = _sized(whole, len(steps) * learner.wiring.n_post).reshape(len(steps), -1)
        for place, some in zip(steps, values):
            place.put(some)

    return Place(lambda: np.concatenate([place.get() for place in steps]), put)


def _alike(engine: ClockEngine, record: str, field: str, number: int) -> Place:
    """A field of a record that is the same on all workers."""

    def put(value: np.ndarray) -> None:
        for arena in engine.arenas:
            arena[record][field][number] = _sized(value, 1)[0]

    return Place(lambda: engine.arenas[0][record][field][number : number + 1].copy(), put)


def _count(engine: ClockEngine, what: str) -> Place:
    """A number that workers count each for itself."""

    def put(value: np.ndarray) -> None:
        for k, arena in enumerate(engine.arenas):
            arena["status"][what] = _sized(value, 1)[0] if k == 0 == engine.ranks.rank else 0

    def get() -> np.ndarray:
        mine = sum(int(arena["status"][what][0]) for arena in engine.arenas)
        return np.array([sum(engine.ranks.every("read the state", mine))], np.int64)

    return Place(get, put)


def _of_spikes(engine: ClockEngine, put: list[tuple[np.ndarray, np.ndarray]]) -> Iterator[tuple[str, Place]]:
    """Spikes on their way, and in `put` all that were put there; and whether the run has begun.

    On that it depends what comes at its very first step.
    """
    waiting: list[np.ndarray] = []

    def put_ids(ids: np.ndarray) -> None:
        put[:] = [(waiting.pop(), ids)]
        engine.fly(*put[0])

    def put_begun(value: np.ndarray) -> None:
        for arena in engine.arenas:
            arena["status"]["begun"] = _sized(value, 1)[0]
        engine.settle()

    begun = _alike(engine, "status", "begun", 0)
    yield "drive/begun", Place(begun.get, put_begun)
    yield "spikes/when", Place(lambda: flying(engine)[0], waiting.append, "steps")
    yield "spikes/id", Place(lambda: flying(engine)[1], put_ids)


def flying(engine: ClockEngine) -> tuple[np.ndarray, np.ndarray]:
    """Return (step of emission, id) of all spikes that have not arrived everywhere, sorted.

    A spike is on its way in every bundle that has a synapse it has not reached, as often as it was emitted.
    """
    found: list[np.ndarray] = [np.zeros((0, 3), np.int64)]
    for worker, arena in zip(engine.workers, engine.arenas):
        for bundle, queue in zip(worker.bundles, arena["queue"]):
            some = slice(queue["first"] + queue["head"], queue["first"] + queue["tail"])
            when, ids = emitted(bundle, arena["due"][some], arena["next"][some])
            pairs, times = np.unique(np.stack([when, ids], axis=1).reshape(-1, 2), axis=0, return_counts=True)
            found.append(np.column_stack([pairs, times]))
    found = [part for told in engine.ranks.every("read the state", found) for part in told]
    pairs, of = np.unique(np.concatenate(found)[:, :2], axis=0, return_inverse=True)
    times = np.zeros(len(pairs), np.int64)
    np.maximum.at(times, of.reshape(-1), np.concatenate(found)[:, 2])
    whole = np.repeat(pairs, times, axis=0).astype(np.int64)
    return whole[:, 0].copy(), whole[:, 1].copy()
