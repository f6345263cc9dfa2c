"""What one worker runs on: its neurons' tables, its synapses, and the arena of its state at the start."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...jit.aside import side_by_side
from ...jit.records import span
from ...program import bundles
from ...program.bundles import Bundle
from ...program.cell import Cell
from ...program.program import Program
from ...synapses.equations import additive
from ..arena import Arena
from ..growing import Table
from ..releasing import Sources
from ..synaptic import register_synapse
from . import records as t
from .delays import FLIGHTS, lay
from .deliver import delivery
from .drives import Drive
from .layout import Layout
from .learners import Learner
from .release import releasing
from .resting import collecting
from .synaptic import jumping, telling
from .tables import Tables

__all__ = ["Worker", "longest_slab", "slab_of", "wire"]

LONGEST_SLAB = 64
#: What of the synapses is no float64.
KINDS = {"late": np.int64, "late_count": np.int64, "train_count": np.int64}
MOST_SPIKES = 2**18  # of one slab, where a shorter slab can help


def longest_slab(program: Program) -> int:
    """Return how many steps no spike emitted inside can matter inside."""
    longest = LONGEST_SLAB if program.junctions is None else 1  # gap junctions are felt in the next step
    for made, port in zip(program.wirings, program.wiring_ports):
        current = len(program.ports[port].matrix) and not program.plastic
        longest = min(longest, int(made.min_delay) + (1 if current else 0))
    return longest


def slab_of(program: Program, bound: int, lag: int) -> int:
    """Return how many steps workers take between two meetings; `bound`: most spikes of any of them in a step.

    `lag`: how many slabs they go on for before they hear of one.
    """
    return max(1, min(longest_slab(program) // (1 + lag), MOST_SPIKES // max(1, bound)))


def wire(workers: Sequence[Worker], before: Sequence[Worker | None] = ()) -> None:
    """Build the synapses of all workers, each on a thread of its own; what `before` has of the same wirings is kept."""
    side_by_side(Worker.wire, workers, before or [None] * len(workers))


class Worker:
    """What one worker runs on and a run does not change; shared by all engines on the same synapses.

    Attributes
    ----------
    layout : Layout
    tables : Tables
        Of its neurons.
    bundles : list of Bundle
        Synapses; those of projections with a release behind the others, those of plastic ones last.
    sources : dict of int to Sources
        The sources of projections with a release, by the number of their bundle.
    learners : list of Learner
        Plastic projections.
    drive : Drive
    """

    def __init__(self, program: Program, stretches: Sequence[tuple[Cell, int, int]]) -> None:
        self.program = program
        self.layout = Layout(program, stretches)
        self.tables = Tables(self.layout)
        self.drive = Drive(self.tables.driven, len(self.layout.parts))
        self.bundles: list[Bundle] = []
        self.sources: dict[int, Sources] = {}
        self.learners: list[Learner] = []

    def wire(self, before: Worker | None = None) -> None:
        """Build the synapses onto this worker's neurons (long; releases the GIL), or take those of the same wirings."""
        program, layout = self.program, self.layout
        fixed, released = self.fixed()
        if before is not None and before.fixed() == (fixed, released):
            self.bundles += before.bundles[: len(before.bundles) - len(before.learners)]
        else:
            for group in ([fixed] if fixed else []) + [[one] for one in released]:
                wirings, ports = [made for made, _ in group], [port for _, port in group]
                found = bundles.build(wirings, ports, layout.port_index, program.n, 0, program.n)
                self.bundles += found if found or group is fixed else [bundles.empty(ports[0], program.n)]
        known = {learner.wiring: learner for learner in before.learners} if before is not None else {}
        for i, rule in program.plastic.items():
            made, port = program.wirings[i], program.wiring_ports[i]
            if made in known and known[made].bundle.port == port and type(known[made].rule) is type(rule):
                learner = copy.copy(known[made])
                learner.program = program
            else:
                learner = Learner(
                    made, program, rule, port, layout.port_index[port], layout.port_width[port],
                    program.projections[i].dendritic_delay,
                )  # fmt: skip
            self.learners.append(learner)
            self.bundles.append(learner.bundle)
        with_bundle = [*program.released(plastic=False), *program.plastic]
        first = len(self.bundles) - len(with_bundle)
        for b, i in enumerate(with_bundle, first):
            if program.projections[i].release is not None:
                self.sources[b] = Sources(program.projections[i], program, program.start)
        self._write()

    @property
    def restful(self) -> bool:
        """Whether what it has may sleep (see `resting`)."""
        part, program = self.tables["part"], self.program
        neurons = part[(part["kind"] == t.LINEAR) | (part["kind"] == t.FLOW)]
        taught = program.plastic or any(p.release is not None for p in program.projections)
        return len(neurons) == 1 and bool(neurons["restful"][0]) and not neurons["inner"][0] and not taught

    def fixed(self) -> tuple[list[tuple[Any, int]], list[tuple[Any, int]]]:
        """The wirings that do not learn, and their ports: those without a release, those with one."""
        program = self.program
        released = program.released(plastic=False)
        pairs = list(zip(program.wirings, program.wiring_ports))
        rest = [pair for i, pair in enumerate(pairs) if i not in program.plastic and i not in released]
        return rest, [pairs[i] for i in released]

    def _write(self) -> None:
        before = len(self.bundles) - len(self.learners)
        table, plastic, release = Table(t.BUNDLE), Table(t.PLASTIC), Table(t.RELEASE)
        numbers = {b: r for r, b in enumerate(self.sources)}
        self.laws: list[np.ndarray] = []  # kept alive
        for b, bundle in enumerate(self.bundles):
            weight, delays = bundle.weight, bundle.seg_delay
            port: Any = self.program.ports[bundle.port]
            kinds = bundle.target.dtype.name, None if weight is None else weight.dtype.name
            kernel = bundle.kernel or (
                delivery(*kinds, b in numbers) if additive(port) else jumping(register_synapse(port), *kinds)
            )
            self.laws.append(np.zeros(1) if additive(port) else np.array([*port] or [0.0], np.float64))
            tell = 0 if additive(port) else telling(register_synapse(port))
            table.add(
                source_ptr=span(bundle.source_ptr), seg_delay=span(delays), seg_start=span(bundle.seg_start),
                target=span(bundle.target), weight=(0, 0) if weight is None else span(weight), constant=bundle.const,
                kernel=kernel, law=self.laws[-1].ctypes.data, tell=tell,
                row=self.layout.port_row[bundle.port], width=self.layout.port_width[bundle.port],
                jump=t.CURRENTS if len(port.matrix) or port.to else t.JUMPS,
                ordered=delays.size == 0 or delays.min() == delays.max(), plastic=max(b - before, -1),
                release=numbers.get(b, -1), collect=collecting(*kinds) if self.restful else t.NONE,
            )  # fmt: skip
        stands = dict.fromkeys(("weight", "eligible", "x", "y", "sources", "targets", "late", "late_count", "past"), 0)
        for number, (learner, rule) in enumerate(zip(self.learners, self.program.plastic.values())):
            fields = learner.record(rule, self.layout)
            plastic.add(
                bundle=before + number, at_synapse=stands["weight"], at_eligible=stands["eligible"],
                at_segment=stands["x"], at_target=stands["y"], at_sources=stands["sources"],
                at_targets=stands["targets"], at_late=stands["late"], at_count=stands["late_count"],
                at_past=stands["past"], **fields,
            )  # fmt: skip
            each = {"weight": learner.synapses, "eligible": learner.synapses, "x": learner.segments}
            each |= {"y": learner.width, "sources": learner.segments, "targets": learner.width}
            each |= {"late": learner.width, "late_count": 1, "past": learner.width}
            for name, rows in learner.rows.items():
                stands[name] += rows * each[name]
        self.sizes = {name: stands[name] for name in stands if name not in ("x", "y")}
        self.sizes |= {"x1": stands["x"], "x2": stands["x"], "y1": stands["y"], "y2": stands["y"]}
        self.sizes |= {
            "train_left": self.tables.trains.size,
            "train_count": self.tables.trains.size,
            "released": sum(sources.start.size for sources in self.sources.values()),
        }
        at = 0
        for sources in self.sources.values():
            release.add(
                kernel=releasing(sources.key), index=span(sources.index), parameters=span(sources.table),
                own=len(sources.table) > 1, columns=sources.table.shape[1], at=at, width=sources.start.shape[1],
                dt=self.program.grid.dt, key_a=sources.stream.a, key_b=sources.stream.b,
            )  # fmt: skip
            at += sources.start.size
        self.tables |= {"bundle": table.array(), "plastic": plastic.array(), "release": release.array()}

    @property
    def longest(self) -> int:
        """Most steps of one batch."""
        return min(self.drive.longest, self.tables.trains.longest)

    def batch(self, begin: int, steps: int) -> dict[str, Any]:
        """Return what is put in from outside in the steps begin ... begin + steps - 1, where anything is."""
        driven = self.drive.batch(begin, steps) if self.drive.driven else {}
        return {**driven, **(self.tables.trains.batch(begin, steps) if self.tables.trains.changing else {})}

    def blank(self) -> Arena:
        """Return an arena in which nothing stands yet but where flights have room, and trains begin."""
        n = len(self.bundles)
        arena = Arena(
            [
                ("status", t.STATUS, 1),
                ("queue", t.QUEUE, n),
                ("learnt", t.LEARNT, len(self.learners)),
                ("cursor", np.int64, len(self.layout.parts)),
                ("refractory", np.int32, self.layout.refractories),
                ("x", np.float64, self.layout.size + 1),
                ("trend", np.float64, self.layout.trends),
                *((name, KINDS.get(name, np.float64), size) for name, size in self.sizes.items()),
                *((name, np.int64, 0) for name in ("due", "next", "last")),
                ("factor", np.float64, 0),
            ]
        )
        arena["queue"]["carried"] = [-(b not in self.sources) for b in range(n)]
        lay(arena, np.full(n, FLIGHTS))
        self.tables.trains.start(arena["train_left"], arena["train_count"])
        return arena

    def arena(self) -> Arena:
        """Return the initial state (weights that learn are given out once)."""
        arena = self.blank()
        arena["x"][:] = self.layout.initial()
        for record, sources in zip(self.tables["release"], self.sources.values()):
            arena["released"][record["at"] :][: sources.start.size] = sources.start.ravel()
        for name in ("ref", "c_ref", "d_ref"):
            arena["learnt"][name] = self.program.start
        self.teach(arena)
        for record, learner in zip(self.tables["plastic"], self.learners):
            if learner.key is not None and learner.rule.watched:
                traces = arena["targets"][record["at_targets"] :][: learner.rows["targets"] * learner.width]
                learner.look(traces.reshape(learner.rows["targets"], learner.width), arena["x"])
                past = arena["past"][record["at_past"] :][: learner.rows["past"] * learner.width]
                past[:] = np.resize(arena["x"][learner.states].ravel(), past.size)
        return arena

    def teach(self, arena: Arena) -> None:
        """Give out what synapses that learn start with, where that was not done: weights, and chances."""
        for record, learner in zip(self.tables["plastic"], self.learners):
            if learner.initial is None:
                continue
            arena["weight"][record["at_synapse"] :][: learner.synapses] = learner.initial
            learner.initial = None
            for name, values in learner.chance().items() if learner.key is not None and learner.rule.draws else ():
                row = 1 + list(learner.rule.synapse).index(name)
                arena["weight"][record["at_synapse"] + row * learner.synapses :][: learner.synapses] = values
