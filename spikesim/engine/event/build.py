"""The records and tables of one worker of the event engine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...neurons.sources import Poisson, SpikeTimes
from ...program.bundles import Bundle, build
from ...program.part import Part, positions
from ...program.program import Cell
from ...program.program import Program as Plan
from ...random import key
from ..growing import Coefficients, Rows
from . import flow as adaptive
from . import records as e
from .affine import affine, analytic, responses
from .deliver import BLOCK
from .electrodes import Drives
from .entries import entry
from .queue import BUCKETS, NONE, POOL_SIZE
from .records import EventWorker

__all__ = ["EventWorkerProgram"]

#: Numbers in a cache line; buckets of the queue are from ... to ... wide (ms).
LINE, NARROWEST, WIDEST = 8, 2.0**-5, 4.0
#: Longest step of a nonlinear neuron (ms), and its first one.
LONGEST, FIRST_STEP = 20.0, 0.05


def aligned(size: int) -> np.ndarray:
    """Return zeros that start on a cache line (of `empty` NumPy makes large pages, where there are any)."""
    room = np.empty(size + LINE)
    room[:] = 0.0
    first = -(room.ctypes.data // 8) % LINE
    return room[first : first + size]


class EventWorkerProgram:
    """The tables of one worker: the neurons lo <= gid < hi, numbered from 0."""

    def __init__(self, plan: Plan, lo: int, hi: int, accuracy: tuple[float, float]) -> None:
        self.plan, self.lo, self.hi, self.accuracy = plan, lo, hi, accuracy
        self.n = hi - lo
        self.parts = [Part(c, lo, hi, 0) for c in plan.cells if c.first < hi and c.first + c.size > lo]
        self.part = Rows(e.PART_COLUMNS)
        self.train, self.train_key, self.train_weight = Rows(e.TR_COLUMNS), [], []  # type: ignore[var-annotated]
        self.train_rate: list[np.ndarray] = []
        self.train_size = 0
        self.listed: list[np.ndarray] = []
        self.par, self.desc = Coefficients(), Coefficients()
        self._tables: dict[bytes, int] = {}
        #: What `link` writes into the tables: (part, column, kernel), (part, model), kernel of each bundle.
        self._wanted: list[tuple[int, int, str]] = []
        self._models: list[tuple[int, str]] = []
        self._volleys: list[str] = []
        self._records: list[tuple[slice, np.ndarray]] = []
        self.drives = Drives(plan)
        self.par_at = np.zeros(self.n, np.int64)
        self.part_of = np.zeros(self.n, np.int64)
        self.port_at = np.full((max(1, len(self.parts)), max(1, len(plan.ports))), -1, np.int64)
        self.listed_at, self.listed_end = np.zeros(self.n, np.int64), np.zeros(self.n, np.int64)
        self.port_index = np.full((max(1, len(plan.ports)), self.n), -1, np.int32)
        self.deepest = 2
        for number, part in enumerate(self.parts):
            part.number = number
            self._write(part)

    def _write(self, part: Part) -> None:
        cell, row = part.cell, [0] * e.PART_COLUMNS
        own = slice(part.first - self.lo, part.first - self.lo + part.size)
        row[e.FIRST], row[e.SIZE] = own.start, part.size
        self.part_of[own] = part.number
        row[e.TRAIN_LO] = len(self.train)
        row[e.DRIVE_LO] = len(self.drives)
        if cell.source:
            self._source(part, row, own)
        else:
            self._neurons(part, row, own)
        row[e.TRAIN_HI], row[e.DRIVE_HI] = len(self.train), len(self.drives)
        self.part.add(row)

    # -- sources
    # ------------------------------------------------------------------------------------------------------

    def _source(self, part: Part, row: list[int], own: slice) -> None:
        model = part.cell.model
        self._wanted.append((part.number, e.CATCH, "catch source"))
        if isinstance(model, SpikeTimes):
            row[e.KIND] = e.TIMES
            for k in range(part.size):
                times = model.times[part.own.start + k]
                self.listed_at[own.start + k] = sum(t.size for t in self.listed)
                self.listed.append(times)
                self.listed_end[own.start + k] = self.listed_at[own.start + k] + times.size
            return
        assert isinstance(model, Poisson)
        row[e.KIND] = e.POISSON
        rate = part.cell.parameters["rate"]
        self._train(
            ("source", part.cell.name), part, np.broadcast_to(np.asarray(rate, np.float64), (part.cell.size,)), -1, 0.0
        )

    def _train(self, purpose: tuple[str, ...], part: Part, rate: np.ndarray, column: int, weight: float) -> None:
        stream = key(self.plan.noise_seed, *purpose)
        self.train.add((column, self.train_size, 0, part.own.start))
        self.train_key.append((int(stream.a), int(stream.b)))
        self.train_weight.append(weight)
        self.train_rate.append(rate[part.own] / 1000.0)
        self.train_size += part.size

    # -- neurons
    # ------------------------------------------------------------------------------------------------------

    def _neurons(self, part: Part, row: list[int], own: slice) -> None:
        cell = part.cell
        exact = analytic(cell)
        row[e.KIND] = e.LINEAR if exact else e.FLOW
        states = cell.model.states
        jump = states.index("v") if "v" in states else 0
        part.row = {state: e.V + i for i, state in enumerate(states)}
        at = e.V + len(states)
        kept = any(not len(port.matrix) and port.refractory_input for port in cell.ports)  # type: ignore[attr-defined]
        keep, at = (at, at + 2) if kept else (-1, at)
        move, step, at = (at, at + 1, at + 4) if not exact else (-1, -1, at)
        lines, sines = self.drives.count(part)
        lines_at, at = at, at + lines * e.LINE_WIDTH
        sines_at, at = at, at + sines * e.SINE_WIDTH
        ports: list[float] = []
        for number, port in enumerate(self.plan.ports):
            if port not in cell.ports:
                continue
            self.port_index[number, own] = np.arange(own.start, own.stop)
            stages = len(port.matrix)
            if stages:
                part.filters[number] = list(range(at, at + stages))
                conductance = port.E_rev is not None
                ports += [at, stages, -port.matrix[0, 0], port.gain, port.E_rev or 0.0, float(conductance)]
                self.port_at[part.number, number] = at
                at += stages
                self.deepest = max(self.deepest, stages)
            else:
                once = move if move >= 0 else e.V
                self.port_at[part.number, number] = keep if port.refractory_input else once  # type: ignore[attr-defined]
                part.filters[number] = [int(self.port_at[part.number, number])]
        longest = self.drives.add(part, lines_at, sines_at, LONGEST)
        row[e.DESC], row[e.DESC_SIZE] = self._put(
            self.desc,
            [*self.accuracy, len(states), jump, at, keep, step, lines, lines_at, sines, sines_at,
             "t_ref" in cell.model._fields, cell.model.reset is not None, longest, move,
             len(ports) // e.PORT_WIDTH, *ports]
        )  # fmt: skip
        table = self._parameters(cell, ports, exact)
        row[e.PAR_SIZE] = len(table)
        shared = table.shape[1] == 1
        first, _ = self._put(self.par, (table if shared else table[:, part.own]).T)
        self.par_at[own] = first + np.arange(part.size) * (0 if shared else len(table))
        if not exact:
            self._models.append((part.number, adaptive.register(cell.model)))
        leak = exact and not ports and not lines and keep < 0
        for column, verb in ((e.CATCH, "catch"), (e.ARRIVE, "arrive"), (e.BRING, "bring")):
            kind = "leak" if leak else "linear" if exact else "flow"
            self._wanted.append((part.number, column, f"{verb} {kind}"))
        self._trains(part)
        x = np.zeros((part.size, at))
        x[:, e.REF] = -np.inf
        x[:, e.V : e.V + len(states)] = cell.initial[:, part.own].T
        if step >= 0:
            x[:, step + 1], x[:, step + 2] = FIRST_STEP, 1.0
        self._records.append((own, x))

    def _put(self, table: Coefficients, values: Any) -> tuple[int, int]:
        """Where values stand in a table, and how many; what stands there already is not put again."""
        block = np.asarray(values, np.float64).ravel()
        known = (str(id(table)) + ":").encode() + block.tobytes()
        if known not in self._tables:
            self._tables[known] = table.put(block)
        return self._tables[known], block.size

    def _parameters(self, cell: Cell, ports: list[float], exact: bool) -> np.ndarray:
        if exact:
            rows = affine(cell)
            a, b_in = rows[e.A], rows[e.B]
            for q in range(0, len(ports), e.PORT_WIDTH):
                rows += responses(
                    a, b_in, ports[q + e.PORT_GAIN], ports[q + e.PORT_RATE], int(ports[q + e.PORT_STAGES])
                )
        else:
            values = [np.atleast_1d(np.asarray(cell.parameters[name], np.float64)) for name in cell.model._fields]
            rows = [np.zeros(1)] * e.PAR_OF_MODEL + values
            rows[e.TREF] = np.atleast_1d(np.asarray(cell.parameters.get("t_ref", 0.0), np.float64))
        return np.stack(np.broadcast_arrays(*rows))

    def _trains(self, part: Part) -> None:
        for given in self.plan.backgrounds:
            if part.cell.population not in given.target.populations:
                continue
            index = positions(self.plan.ids(given.target), part.cell.first, part.cell.size)
            rates = np.broadcast_to(given.rate, (given.target.size,))
            rate = np.where(index >= 0, rates[np.maximum(index, 0)], 0.0)
            self._train(
                ("background", given.name, part.cell.name),
                part,
                rate,
                int(self.port_at[part.number, self.plan.ports.index(given.synapse)]),
                given.weight,
            )

    # -- all together
    # -------------------------------------------------------------------------------------------------

    def build(self) -> list[Bundle]:
        """Build the synapses of this worker's neurons (long; releases the GIL)."""
        if not self.plan.wirings:
            return []
        return build(self.plan.wirings, self.plan.wiring_ports, self.port_index, self.plan.n, self.lo, self.hi)

    def finish(self, bundles: list[Bundle]) -> None:
        """Make `tables`, with the initial state."""
        self.bundles = bundles
        n = self.n
        part = self.part.array()
        table = np.zeros((len(bundles), e.BUNDLE_COLUMNS), np.int64)
        for b, bundle in enumerate(bundles):
            volley, shared = self._volley(bundle, part)
            table[b] = [
                bundle.source_ptr.ctypes.data, bundle.seg_delay.ctypes.data, bundle.seg_start.ctypes.data,
                bundle.target.ctypes.data, 0 if bundle.weight is None else bundle.weight.ctypes.data,
                bundle.target.dtype == np.uint32, bundle.weight is not None and bundle.weight.dtype == np.float64,
                bundle.port, bundle.source_ptr.size - 1, bundle.seg_delay.size, bundle.target.size,
                0, shared,
            ]  # fmt: skip
            self._volleys.append(f"volley {volley}")
        width = max([e.V + 1, *(x.shape[1] for _, x in self._records)])
        stride = -(-width // LINE) * LINE
        x = aligned(n * stride).reshape(n, stride)
        for own, rows in self._records:
            x[own, : rows.shape[1]] = rows
        self._records = []
        state, clock = np.zeros(e.STATE_SIZE, np.int64), np.zeros(e.CLOCK_SIZE)
        state[e.STRIDE] = stride
        clock[e.C_WIDTH] = 2.0 ** math.floor(math.log2(min(max(self.plan.shortest_delay, NARROWEST), WIDEST)))
        state[e.POOL : e.POOL + POOL_SIZE] = 0, 0, NONE, 0
        empty = np.zeros(0, np.int64)
        self.tables = EventWorker(
            x=x,
            part_of=self.part_of,
            part=part,
            par=self.par.array(),
            par_at=self.par_at,
            desc=self.desc.array(),
            port_at=self.port_at,
            head=np.full(BUCKETS, NONE, np.int32),
            filed=np.full(n, NONE, np.int32),
            todo=np.zeros(n, np.int64),
            train=self.train.array(),
            train_weight=np.array(self.train_weight, np.float64),
            train_next=np.full(self.train_size, np.inf),
            train_rate=np.concatenate([np.zeros(0), *self.train_rate]),
            train_count=np.zeros(self.train_size, np.int64),
            train_key=np.array(self.train_key, np.uint64).reshape(-1, 2),
            listed=np.concatenate([np.zeros(0), *self.listed]),
            listed_at=self.listed_at,
            listed_end=self.listed_end,
            **self.drives.tables(),
            bundle=table,
            constant=np.array([b.const for b in bundles] or [0.0]),
            target=np.zeros(BLOCK, np.int64),
            weight=np.zeros(BLOCK),
            time=np.zeros(BLOCK),
            to_port=np.zeros(BLOCK, np.int64),
            work=np.zeros((6 + 2 * len(self.plan.ports)) * BLOCK),
            probe=np.zeros((0, e.PR_COLUMNS), np.int64),
            probe_index=empty,
            term=np.zeros((0, 5)),
            scratch=np.zeros(stride),
            room=np.zeros(self.deepest + 1),
            answer=np.zeros(4),
            state=state,
            clock=clock,
            entry=np.zeros(e.ENTRIES, np.int64),
            earliest=np.zeros(1),
            published=np.zeros((1, 8), np.int64),
            barrier=np.zeros(8, np.int64),
        )

    def _volley(self, bundle: Bundle, part: np.ndarray) -> tuple[str, int]:
        """How the spikes of a bundle arrive, and a part that stands for all its targets (-1: none does)."""
        reached = [k for k in range(len(part)) if self.port_at[k, bundle.port] >= 0]
        ports = {tuple(self.port_at[k]) for k in reached}
        kinds = {(*part[k, [e.DESC, e.PAR_SIZE]], part[k, e.TRAIN_LO] < part[k, e.TRAIN_HI]) for k in reached}
        own = np.concatenate([np.zeros(0, np.int64), *(self.par_at[self._stretch(part[k])] for k in reached)])
        plain = all(part[k, e.KIND] == e.LINEAR and part[k, e.DRIVE_LO] == part[k, e.DRIVE_HI] for k in reached)
        if not (plain and len(ports) == len(kinds) == 1 and np.all(own == own[0])):
            return "any", -1
        row = part[reached[0]]
        d = self.desc.array()[row[e.DESC] : row[e.DESC] + row[e.DESC_SIZE]]
        if d[e.D_KEEP] >= 0.0 or self.par.array()[own[0] + e.A] <= 0.0:
            return "any", -1
        if d[e.D_PORTS] == 0.0:
            return "leak", reached[0]
        if all(d[e.PORTS_AT + e.PORT_STAGES :: e.PORT_WIDTH] == 1.0):
            # only where a Delta synapse ends there, too, v itself is a column
            return ("any", -1) if self.port_at[reached[0], bundle.port] == e.V else ("currents", reached[0])
        return "any", -1

    @staticmethod
    def _stretch(row: np.ndarray) -> slice:
        return slice(row[e.FIRST], row[e.FIRST] + row[e.SIZE])

    def link(self) -> None:
        """Write the addresses of all kernels; they are compiled now, where they are not on disk."""
        tables = self.tables
        for part, column, name in self._wanted:
            tables.part[part, column] = entry(name)
        for part, model in self._models:
            tables.part[part, e.KERNEL] = adaptive.build(model)
        for bundle, name in enumerate(self._volleys):
            tables.bundle[bundle, e.VOLLEY] = entry(name)
        wanted = {e.BEGIN: "begin", e.ARRIVALS: "arrivals", e.SERVE: "serve", e.CLOSE: "close"}
        if self.bundles:
            wanted |= {e.DECODE: "decode", e.LAUNCH: "launch"}
        if tables.earliest.size > 1:
            wanted[e.MERGE] = "merge"
        if tables.drive_next.size:
            wanted[e.DRIVES] = "drives"
        if tables.probe.size:
            wanted[e.SAMPLE] = "sample"
        for place, name in wanted.items():
            tables.entry[place] = entry(name)

    def begin(self, start: float, step: int) -> None:
        """Let the run begin at `start` (ms; that step): what was listed before is over."""
        tables = self.tables
        tables.state[e.SAMPLED] = step
        for i in np.flatnonzero(self.listed_end > self.listed_at):
            at, end = int(self.listed_at[i]), int(self.listed_end[i])
            # a spike at the beginning itself belongs to the run before, where there was one
            self.listed_at[i] = at + np.searchsorted(tables.listed[at:end], start, "right" if start > 0.0 else "left")
        for q, row in enumerate(tables.drive):
            times = tables.drive_time[row[e.DR_TIMES] : row[e.DR_TIMES] + row[e.DR_COUNT]]
            if row[e.DR_KIND] == e.NOISE:
                row[e.DR_CURSOR] = math.floor(start / times[0])
                tables.drive_next[q] = start
            elif times.size and times[0] < start:
                row[e.DR_CURSOR] = np.searchsorted(times, start, "right") - 1
                tables.drive_next[q] = start

    def name(self, i: int) -> str:
        """Return in words which neuron number i is."""
        part = self.parts[int(self.part_of[i])]
        return f"neuron {i + self.lo - part.cell.first} of {part.cell.name!r}"
