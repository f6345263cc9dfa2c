"""From a network to the records and tables of the event engine."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..grid import Grid
from ..kernels import adaptive
from ..kernels import event_tables as e
from ..kernels.event_tables import EventWorker
from ..network.memory import expected_synapses, require_memory
from ..network.network import Network
from ..network.wiring import Bundle, build
from ..neurons.contract import Input
from ..neurons.sources import Poisson, SpikeTimes
from ..random import key
from .event_drive import Drives
from .event_plan import EventPlan
from .layout import Cell
from .program import cut_evenly, threads_for
from .tables import Coefficients, Rows
from .worker import Part, positions

__all__ = ["EventProgram", "compile_events"]

#: Neurons below which threads are not used unless asked for.
SMALL = 5000
#: Longest step of a nonlinear neuron (ms), and its first one.
LONGEST, FIRST_STEP = 20.0, 0.05


def analytic(cell: Cell) -> bool:
    """Whether a population is advanced in closed form: one state v, a leak, a threshold on v, synaptic currents."""
    linear = cell.linear
    if linear is None or cell.model.states != ("v",) or cell.model.clamped != ("v",):
        return False
    return bool(np.all(linear.a == 1.0) and np.all(linear.B >= 0.0) and np.all(linear.A <= 0.0))


def affine(cell: Cell) -> list[np.ndarray]:
    """Return A, C, B, TH, R, R0, TREF of :mod:`event_tables`, each (1,) or (n,).

    Differences over 2^40 mV (pA) lose no digit to E_L.
    """
    cls, p, large = type(cell.model), SimpleNamespace(**cell.parameters), 2.0**40

    def slope(v: float, current: float) -> np.ndarray:
        return np.atleast_1d(np.asarray(cls.slope((v,), Input(current, 0.0), p)[0], np.float64))

    linear = cell.linear
    assert linear is not None
    drive = slope(0.0, 0.0)
    return [
        -(slope(large, 0.0) - drive) / large,
        drive,
        (slope(0.0, large) - drive) / large,
        -linear.m,
        linear.R[0, 0],
        linear.r[0],
        np.atleast_1d(np.asarray(cell.parameters.get("t_ref", 0.0), np.float64)),
    ]


def responses(a: np.ndarray, b_in: np.ndarray, gain: float, rate: float, stages: int) -> list[np.ndarray]:
    """Return (largest response, largest and smallest second derivative) of v to a unit of each filter state.

    With p_j(t) = (rate t)^j / j! exp(-rate t) <= peak_j and integral 1 / rate:  dr/dt = -a r + B gain p_j and
    dp_j/dt = rate (p_(j-1) - p_j) bound everything; for j = 0 the maximum of r is known.
    """
    rows = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(stages):
            j = stages - 1 - k
            peak = [math.exp(i * math.log(i) - i - math.lgamma(i + 1)) if i else 1.0 for i in (j, max(j - 1, 0))]
            size = np.minimum(1.0 / rate, peak[0] / a)
            if j == 0:
                close = np.abs(rate - a) < 1e-3 * rate
                size = np.where(close, size, np.exp(-a * np.log(rate / a) / (rate - a)) / rate)
                size = np.where(a == 0.0, 1.0 / rate, size) * (1.0 + 1e-12)
            unit = b_in * gain
            rows.append(unit * size)
            rows.append(unit * (a * a * size + (rate * peak[1] if j else 0.0)))
            rows.append(-unit * (a + rate) * peak[0])
    return rows


class EventWorkerProgram:
    """The tables of one worker: the neurons lo <= gid < hi, numbered from 0."""

    def __init__(self, plan: EventPlan, lo: int, hi: int, accuracy: tuple[float, float]) -> None:
        self.plan, self.lo, self.hi, self.accuracy = plan, lo, hi, accuracy
        self.n = hi - lo
        self.parts = [Part(c, lo, hi, 0) for c in plan.cells if c.first < hi and c.first + c.size > lo]
        self.part = Rows(e.PART_COLUMNS)
        self.train, self.train_key, self.train_weight = Rows(e.TR_COLUMNS), [], []  # type: ignore[var-annotated]
        self.train_rate: list[np.ndarray] = []
        self.train_size = 0
        self.listed: list[np.ndarray] = []
        self.par, self.desc = Coefficients(), Coefficients()
        self.x: list[np.ndarray] = []
        self.drives = Drives(plan)
        self.width = np.zeros(self.n, np.int64)
        self.par_at = np.zeros(self.n, np.int64)
        self.part_of = np.zeros(self.n, np.int64)
        self.port_at = np.full((max(1, len(self.parts)), max(1, len(plan.ports))), -1, np.int64)
        self.listed_at, self.listed_end = np.zeros(self.n, np.int64), np.zeros(self.n, np.int64)
        self.extra = 0  # spikes of one neuron at one time
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
        row[e.DESC] = self.desc.size
        if cell.source:
            self._source(part, row, own)
        else:
            self._neurons(part, row, own)
        row[e.DESC_SIZE] = self.desc.size - row[e.DESC]
        row[e.TRAIN_HI], row[e.DRIVE_HI] = len(self.train), len(self.drives)
        self.part.add(row)

    # -- sources
    # ------------------------------------------------------------------------------------------------------

    def _source(self, part: Part, row: list[int], own: slice) -> None:
        model = part.cell.model
        if isinstance(model, SpikeTimes):
            row[e.KIND] = e.TIMES
            for k in range(part.size):
                times = model.times[part.own.start + k]
                self.listed_at[own.start + k] = sum(t.size for t in self.listed)
                self.listed.append(times)
                self.listed_end[own.start + k] = self.listed_at[own.start + k] + times.size
                self.extra += times.size - np.unique(times).size
            return
        assert isinstance(model, Poisson)
        row[e.KIND] = e.POISSON
        rate = model.rate
        if not isinstance(rate, (float, np.ndarray)):
            rate = rate.sample(key(self.plan.seed, "parameter", part.cell.name, "rate"), np.arange(part.cell.size))
        self._train(
            ("source", part.cell.name), part, np.broadcast_to(np.asarray(rate, np.float64), (part.cell.size,)), -1, 0.0
        )
        self.extra += part.size

    def _train(self, purpose: tuple[str, ...], part: Part, rate: np.ndarray, port: int, weight: float) -> None:
        stream = key(self.plan.seed, *purpose)
        self.train.add((port, self.train_size, 0, part.own.start))
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
        step, at = (at, at + 3) if not exact else (-1, at)
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
                self.port_at[part.number, number] = keep if port.refractory_input else e.JUMP  # type: ignore[attr-defined]
                part.filters[number] = [int(self.port_at[part.number, number])]
        longest = self.drives.add(part, lines_at, sines_at, LONGEST)
        self.desc.put(
            [*self.accuracy, len(states), jump, at, keep, step, lines, lines_at, sines, sines_at,
             "t_ref" in cell.model._fields, cell.model.reset is not None, longest, len(ports) // e.PORT_WIDTH, *ports]
        )  # fmt: skip
        row[e.LEAK] = int(exact and not ports and not lines and keep < 0)
        table = self._parameters(cell, ports, exact)
        row[e.PAR_SIZE] = len(table)
        shared = table.shape[1] == 1
        self.par_at[own] = self.par.size + np.arange(part.size) * (0 if shared else len(table))
        self.par.put((table if shared else table[:, part.own]).T)
        if not exact:
            row[e.KERNEL] = adaptive.build(adaptive.register(cell.model))
        self._trains(part)
        x = np.zeros((part.size, at))
        x[:, e.REF] = -np.inf
        x[:, e.V : e.V + len(states)] = cell.initial[:, part.own].T
        if step >= 0:
            x[:, step + 1], x[:, step + 2] = FIRST_STEP, 1.0
        self.width[own] = at
        self.x.append(x.ravel())

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
        for entry in sorted(self.plan.net.backgrounds, key=lambda b: b.name):
            if part.cell.population not in entry.target.populations:
                continue
            index = positions(self.plan.ids(entry.target), part.cell.first, part.cell.size)
            given = np.broadcast_to(entry.rate, (entry.target.size,))
            rate = np.where(index >= 0, given[np.maximum(index, 0)], 0.0)
            self._train(
                ("background", entry.name, part.cell.name),
                part,
                rate,
                self.plan.ports.index(entry.synapse),
                entry.weight,
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
        table = np.zeros((len(bundles), e.BUNDLE_COLUMNS), np.int64)
        for b, bundle in enumerate(bundles):
            table[b] = [
                bundle.source_ptr.ctypes.data, bundle.seg_delay.ctypes.data, bundle.seg_start.ctypes.data,
                bundle.target.ctypes.data, 0 if bundle.weight is None else bundle.weight.ctypes.data,
                bundle.target.dtype == np.uint32, bundle.weight is not None and bundle.weight.dtype == np.float64,
                bundle.port, bundle.source_ptr.size - 1, bundle.seg_delay.size, bundle.target.size,
            ]  # fmt: skip
        empty = np.zeros(0, np.int64)
        self.tables = EventWorker(
            x=np.concatenate([*self.x, np.zeros(1)]),
            at=np.concatenate(([0], np.cumsum(self.width))).astype(np.int64),
            part_of=self.part_of,
            part=self.part.array(),
            par=self.par.array(),
            par_at=self.par_at,
            desc=self.desc.array(),
            port_at=self.port_at,
            bound=np.full(n, np.inf),
            known=np.zeros(n, np.uint8),
            mark=np.zeros(n, np.uint8),
            key=np.full(n, np.inf),
            slot=np.zeros(n, np.int64),
            place=np.zeros(n, np.int64),
            touched=np.zeros(n, np.int64),
            fired=np.zeros(n + self.extra, np.int64),
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
            delay=self.plan.delays,
            probe=np.zeros((0, e.PR_COLUMNS), np.int64),
            probe_index=empty,
            term=np.zeros((0, 5)),
            scratch=np.zeros(int(self.width.max(initial=1)) + 1),
            room=np.zeros(self.deepest + 1),
            answer=np.zeros(4),
            state=np.zeros(e.STATE_SIZE, np.int64),
            earliest=np.zeros(1),
            published=np.zeros((1, 8), np.int64),
            barrier=np.zeros(8, np.int64),
        )

    def name(self, i: int) -> str:
        """Return in words which neuron number i is."""
        part = self.parts[int(self.part_of[i])]
        return f"neuron {i + self.lo - part.cell.first} of {part.cell.name!r}"


class EventProgram:
    """A network compiled for the event engine."""

    def __init__(self, plan: EventPlan, workers: list[EventWorkerProgram], reason: str) -> None:
        self.plan, self.workers, self.reason, self.grid, self.window = plan, workers, reason, plan.grid, plan.window
        n = len(workers)
        shared: dict[str, Any] = {
            "earliest": np.zeros(n),
            "published": np.zeros((n, 8), np.int64),
            "barrier": np.zeros(8, np.int64),
        }
        for w in workers:
            w.tables = w.tables._replace(**shared)

    @property
    def synapses(self) -> int:
        """Number of synapses built."""
        return sum(b.target.size for w in self.workers for b in w.bundles)


def predicted(net: Network) -> dict[str, float]:
    """Return the bytes of a run by projection and by population.

    A synapse takes 2 to 4 bytes and its weight of 0 to 8; with a delay of its own a segment more (12) and, while it is
    arranged, its ends and both numbers once more; a neuron its record and its places in the tables.
    """
    items = {
        f"projection {p.name!r}": expected_synapses(p) * (8.0 if is_number(p.delay) else 60.0) for p in net.projections
    }
    return items | {f"population {p.name!r}": 300.0 * p.size for p in net.populations.values()}


def is_number(delay: Any) -> bool:
    """Whether all synapses of a projection have one delay."""
    return isinstance(delay, (int, float))


def compile_events(net: Network, grid: Grid, seed: int, threads: Any, rtol: float, atol: float) -> EventProgram:
    """Compile a network for the event engine; `grid` counts the samples and the ends of runs.

    Raises
    ------
    InvalidValueError
        If a tolerance is not > 0, a drawn delay is not > 0, or a stimulus is not known exactly.
    MemoryLimitError
        If the synapses would not fit into memory.
    """
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not (isinstance(value, (int, float)) and 1e-14 <= value < 1.0):
            raise InvalidValueError(f"{name} must be a number from 1e-14 to 1, got {value!r}")
    for p in net.projections:
        if p.plasticity is not None:
            raise InvalidValueError(
                f"projection {p.name!r}: plasticity ({type(p.plasticity).__name__}) runs on the clock engine; "
                'use engine="clock"'
            )
    require_memory(predicted(net))
    plan = EventPlan(net, grid, seed)
    n, reason = threads_for(1 if threads is None and plan.n < SMALL else threads, math.inf)
    if threads is None and plan.n < SMALL:
        reason = f"one thread: fewer than {SMALL} neurons"
    edges = cut_evenly(plan.costs(), n)
    workers = [EventWorkerProgram(plan, int(lo), int(hi), (rtol, atol)) for lo, hi in pairwise(edges)]
    with ThreadPoolExecutor(n) as pool:
        for w, bundles in zip(workers, list(pool.map(EventWorkerProgram.build, workers))):
            w.finish(bundles)
    return EventProgram(plan, workers, reason)
