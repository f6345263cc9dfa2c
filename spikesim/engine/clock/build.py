"""Write the tables of one worker: a stretch of each population or of some."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...network.stimulus import Noise
from ...neurons.sources import Poisson, SpikeTimes
from ...program.bundles import Bundle, build
from ...program.part import Part, positions
from ...program.program import Cell
from ...program.program import Program as Plan
from ...program.propagator import joint, propagator
from ...random import key
from ..equations import register
from ..growing import Coefficients, Operations, Rows
from . import flow, poisson
from . import records as t
from .delays import FLIGHTS, Flights
from .drives import Drive, Driven
from .entries import entry, step
from .fuse import fuse_inputs, fuse_step
from .learners import Learner, Learners
from .propagate import BLOCK
from .rates import RateClasses
from .records import Worker

__all__ = ["WorkerProgram"]


class WorkerProgram:
    """The tables of a worker under construction; `tables` is the finished set."""

    def __init__(self, plan: Plan, stretches: Iterable[tuple[Cell, int, int]]) -> None:
        self.plan = plan
        self.grid = plan.grid
        self.coef = Coefficients()
        self.ops = Operations(self.coef)
        self.part = Rows(t.PART_COLUMNS)
        self.background = Rows(t.BG_COLUMNS)
        self.background_key: list[tuple[int, int]] = []
        self.rates = RateClasses()
        self.noise, self.noise_key, self.noise_index = Rows(t.NO_COLUMNS), [], []  # type: ignore[var-annotated]
        self.noise_size = 0
        self.events: list[tuple[np.ndarray, np.ndarray]] = []
        self.event_size = 0
        self.t_ref: list[np.ndarray] = []
        self.t_ref_size = 0
        self.refractory = 0
        self.driven: list[Driven] = []
        self.bound = 0  # most spikes in one step
        self.early: list[np.ndarray] = []  # ids of listed spikes at the very start
        self.parts = [Part(cell, lo, hi, 0) for cell, lo, hi in stretches]
        self._lay_out()

    def _lay_out(self) -> None:
        at = 0
        for part in self.parts:
            for state in part.cell.model.states:
                part.row[state] = at
                at += part.size
        #: Column of each own neuron in the row of each port, or -1; and the x offset of the port's first filter row.
        self.port_index = np.full((max(1, len(self.plan.ports)), self.plan.n), -1, np.int32)
        self.port_row: list[int] = []
        self.port_width: list[int] = []
        for number, port in enumerate(self.plan.ports):
            width = 0
            for part in self.parts:
                if port in part.cell.ports:
                    self.port_index[number, part.first : part.first + part.size] = np.arange(width, width + part.size)
                    width += part.size
            stages = max(1, len(port.matrix))
            column = 0
            for part in self.parts:
                if port in part.cell.ports:
                    part.filters[number] = [at + i * width + column for i in range(stages)]
                    column += part.size
            self.port_row.append(at)
            self.port_width.append(width)
            at += stages * width
        for part in self.parts:
            for injection in self.plan.injections:
                if isinstance(injection.stimulus, Noise) and part.cell.population in injection.target.populations:
                    part.noise.append(at)
                    self._write_noise(part, injection, at)
                    at += part.size
        self.x_size = at

    def _write_noise(self, part: Part, injection: Any, at: int) -> None:
        index = positions(self.plan.ids(injection.target), part.first, part.size)
        stimulus = injection.stimulus
        law = []
        for value in (stimulus.mean, stimulus.sd):
            values = np.broadcast_to(value, (injection.target.size,))
            law.append(np.where(index >= 0, values[np.maximum(index, 0)], 0.0))
        stream = key(self.plan.noise_seed, "noise", injection.name)
        period = self.grid.steps(stimulus.dt, injection.name, least=1)
        self.noise.add((at, part.size, period, self.noise_size, self.coef.put(*law)))
        self.noise_key.append((int(stream.a), int(stream.b)))
        self.noise_index.append(index)
        self.noise_size += part.size

    # -- parts --------------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write all parts."""
        for number, part in enumerate(self.parts):
            part.number = number
            row = [0] * t.PART_COLUMNS
            row[t.SIZE], row[t.FIRST_ID] = part.size, part.first
            row[t.DELTA] = row[t.KEEP] = -1
            if part.cell.source:
                self._write_source(part, row)
            else:
                self._write_neurons(part, row)
            row[t.STEP] = row[t.STEP] or step(row[t.KIND])
            self.part.add(row)

    def _write_source(self, part: Part, row: list[int]) -> None:
        model = part.cell.model
        dt = self.grid.dt
        if isinstance(model, SpikeTimes):
            steps, ids, _ = self.plan.listed_spikes(part.cell)
            own = (ids >= part.own.start) & (ids < part.own.stop)
            steps, ids = steps[own], ids[own] + part.cell.first
            row[t.KIND] = t.TIMES
            row[t.EVENT], row[t.EVENT_END] = self.event_size, self.event_size + steps.size
            self.events.append((steps, ids))
            self.event_size += steps.size
            self.early.append(ids[steps == 0])
            if steps.size:
                self.bound += int(np.unique(steps, return_counts=True)[1].max())
            return
        assert isinstance(model, Poisson)
        rate = part.cell.parameters["rate"]
        means = np.broadcast_to(np.asarray(rate) * dt / 1000.0, (part.cell.size,))
        row[t.KIND] = t.POISSON
        row[t.SOURCE] = self._background(("source", part.cell.name), part, means, -1, 1.0, 0)
        row[t.BACKGROUND_LO] = row[t.BACKGROUND_HI] = len(self.background)
        self.bound += sum(self.rates.most(m) * int(n) for m, n in zip(*np.unique(means[part.own], return_counts=True)))

    def _background(
        self, purpose: tuple[str, ...], part: Part, means: np.ndarray, x_row: int, weight: float, jump: int
    ) -> int:
        stream = key(self.plan.noise_seed, *purpose)
        group, kind = self.rates.each(means[part.own])
        number = self.background.add((x_row, part.own.start, group, kind, self.coef.put(weight), jump))
        self.background_key.append((int(stream.a), int(stream.b)))
        return number

    def _write_neurons(self, part: Part, row: list[int]) -> None:
        cell = part.cell
        states = cell.model.states
        row[t.STATE], row[t.STATES] = part.row[states[0]], len(states)
        row[t.REFRACTORY] = self.refractory
        self.refractory += part.size
        steps, _ = cell.t_ref
        row[t.T_REF], row[t.T_REF_VECTOR] = self.t_ref_size, int(steps.size > 1)
        self.t_ref.append(part.cut(steps).astype(np.int32))
        self.t_ref_size += self.t_ref[-1].size
        row[t.V] = states.index("v") if "v" in states else 0
        for i, state in enumerate(states):
            row[t.CLAMPED] |= int(state in cell.model.clamped) << i
        for number, rows in part.filters.items():
            port = self.plan.ports[number]
            if not len(port.matrix):
                row[t.KEEP if port.refractory_input else t.DELTA] = rows[0]  # type: ignore[attr-defined]
        self.bound += part.size
        self._write_backgrounds(part, row)
        if cell.linear is not None:
            self._write_linear(part, row)
        else:
            self._write_flow(part, row)

    def _write_backgrounds(self, part: Part, row: list[int]) -> None:
        row[t.BACKGROUND_LO] = len(self.background)
        for background in self.plan.backgrounds:
            if part.cell.population not in background.target.populations:
                continue
            index = positions(self.plan.ids(background.target), part.cell.first, part.cell.size)
            rate = np.broadcast_to(background.rate, (background.target.size,))
            means = np.where(index >= 0, rate[np.maximum(index, 0)], 0.0) * self.grid.dt / 1000.0
            number = self.plan.ports.index(background.synapse)
            self._background(
                ("background", background.name, part.cell.name), part, means, part.filters[number][0],
                background.weight, int(not len(background.synapse.matrix)),
            )  # fmt: skip
        row[t.BACKGROUND_HI] = len(self.background)

    def _filters(self, part: Part) -> list[tuple[Any, list[int]]]:
        """The ports of a part that have filter states, with their rows."""
        return [
            (self.plan.ports[n], rows) for n, rows in sorted(part.filters.items()) if len(self.plan.ports[n].matrix)
        ]

    def _write_filters(self, part: Part, row: list[int]) -> None:
        row[t.FILTER_LO] = len(self.ops)
        for port, rows in self._filters(part):
            self.ops.filter(rows, propagator(port.matrix[None], self.grid.dt)[0])
        row[t.FILTER_HI] = len(self.ops)

    def _write_linear(self, part: Part, row: list[int]) -> None:
        cell, linear = part.cell, part.cell.linear
        assert linear is not None
        n = len(cell.model.states)
        filters = self._filters(part)
        ports = [port for port, _ in filters]
        M = joint(linear, ports)
        P = np.moveaxis(propagator(M, self.grid.dt), 0, -1)  # (N, N, width)
        clamped = [s in cell.model.clamped for s in cell.model.states]
        H = np.moveaxis(propagator(joint(linear, ports, clamped), self.grid.dt), 0, -1)
        free = [i for i in range(n) if not clamped[i]]
        held = any(not np.array_equal(H[i], P[i]) for i in free)
        sources = [part.row[s] for s in cell.model.states] + [r for _, rows in filters for r in rows]
        row[t.KIND], row[t.HELD] = t.LINEAR, int(held)
        row[t.UPDATE_LO] = len(self.ops)
        for matrix, rows, shift in ((P, range(n), 0), (H, free if held else [], n)):
            for i in rows:
                terms = [(source, part.cut(matrix[i, j])) for j, source in enumerate(sources)]
                self.ops.combine(shift + i, part.cut(matrix[i, -2]), terms)
                for noise in part.noise:
                    self.ops.accumulate(shift + i, noise, part.cut(matrix[i, -1]))
        row[t.UPDATE_HI] = len(self.ops)
        self._write_filters(part, row)
        self._write_threshold(part, row)
        reset = np.concatenate([linear.R, linear.r[:, None]], axis=1)  # (n, n + 1, width)
        reset = part.cut(reset)
        row[t.RESET_STRIDE] = reset.shape[-1]
        row[t.RESET] = self.coef.put(reset)
        v = row[t.V]
        row[t.KEEP_FACTOR] = self.coef.put(part.cut(P[v, v])[0] if len(P[v, v]) == 1 else np.mean(P[v, v]))
        inputs = [(i, i, 0) for i in range(n)] + ([(i, n + i, 1) for i in free] if held else [])
        self._drive(part, row, M, inputs, clamped)
        if not row[t.THRESHOLD_VECTOR]:
            fuse_step(part, row, P, -linear.m, filters, self.coef, self.grid.dt)

    def _write_threshold(self, part: Part, row: list[int]) -> None:
        linear = part.cell.linear
        assert linear is not None
        row[t.MARGIN_LO] = len(self.ops)
        v = row[t.V]
        only_v = all(np.all(linear.a[j] == (1.0 if j == v else 0.0)) for j in range(len(linear.a)))
        if only_v:
            threshold = part.cut(-linear.m)
        else:
            states = part.cell.model.states
            self.ops.combine(
                0, part.cut(linear.m), [(part.row[s], part.cut(linear.a[j])) for j, s in enumerate(states)]
            )
            threshold = np.zeros(1)
        row[t.MARGIN_HI] = len(self.ops)
        row[t.THRESHOLD], row[t.THRESHOLD_VECTOR] = self.coef.put(threshold), int(threshold.size > 1)

    def _write_flow(self, part: Part, row: list[int]) -> None:
        cell = part.cell
        row[t.KIND] = t.FLOW
        row[t.UPDATE_LO] = len(self.ops)
        for port, rows in self._filters(part):
            half = propagator(port.matrix[None], 0.5 * self.grid.dt)[0][-1] * port.gain  # the input at mid-step
            for j, source in enumerate(rows):
                if port.E_rev is None:
                    self.ops.accumulate(0, source, np.array([half[j]]))
                else:
                    self.ops.accumulate(0, source, np.array([half[j] * port.E_rev]))
                    self.ops.accumulate(1, source, np.array([half[j]]))
        for noise in part.noise:
            self.ops.accumulate(0, noise, np.ones(1))
        row[t.UPDATE_HI] = len(self.ops)
        self._write_filters(part, row)
        values = [cell.parameters[name] for name in cell.model._fields]
        vector = tuple(np.ndim(v) > 0 for v in values)
        row[t.KERNEL] = flow.build(register(cell.model, vector))
        row[t.SHARED] = self.coef.put([0.0 if v else float(x) for x, v in zip(values, vector)] or [0.0])
        row[t.VECTOR] = self.coef.put(*[part.cut(x) for x, v in zip(values, vector) if v])
        row[t.KEEP_FACTOR] = self.coef.put(1.0)
        fuse_inputs(part, row, self._filters(part), self.coef, self.grid.dt)
        self._drive(part, row, None, [(0, 0, 0)], [])

    def _drive(
        self, part: Part, row: list[int], M: np.ndarray | None, rows: list[tuple[int, int, int]], clamped: list[bool]
    ) -> None:
        own = None if M is None else M[part.own] if len(M) > 1 else M
        for injection in self.plan.injections:
            if isinstance(injection.stimulus, Noise) or part.cell.population not in injection.target.populations:
                continue
            index = positions(self.plan.ids(injection.target), part.first, part.size)
            if np.any(index >= 0):
                self.driven.append(Driven(part, injection.stimulus, index, own, rows, clamped, self.grid))
                row[t.DRIVEN] = 1

    # -- all together -------------------------------------------------------------------------------------------------

    def build(self) -> list[Bundle]:
        """Build the synapses of this worker's neurons (long; releases the GIL)."""
        plan = self.plan
        fixed = [i for i in range(len(plan.wirings)) if i not in plan.plastic]
        wirings, ports = [plan.wirings[i] for i in fixed], [plan.wiring_ports[i] for i in fixed]
        bundles = build(wirings, ports, self.port_index, plan.n, 0, plan.n) if fixed else []
        learners = []
        for i, rule in plan.plastic.items():
            port = plan.wiring_ports[i]
            place = port, self.port_index[port], self.port_width[port]
            learners.append(Learner(plan.wirings[i], rule, plan, *place))
        self.learners = Learners(learners, len(bundles))
        return bundles + [learner.bundle for learner in learners]

    def finish(self, bundles: list[Bundle]) -> None:
        """Make `tables`, with the initial state."""
        self.bundles = bundles
        self.drive = Drive(self.driven, len(self.parts))
        group, ptr, base, threshold = self.rates.arrays()
        self.flights = Flights(bundles, self.plan.ports, self.port_row, self.port_width)
        states = [len(p.cell.model.states) for p in self.parts]
        scratch = np.zeros((max([4, *(2 * n for n in states)]), BLOCK))
        vectors = max([0, *(len(getattr(p.cell.model, "_fields", ())) for p in self.parts)])
        e_steps = [s for s, _ in self.events] or [np.zeros(0, np.int64)]
        e_ids = [i for _, i in self.events] or [np.zeros(0, np.int64)]
        empty = np.zeros(0, np.int64)
        self.tables = Worker(
            x=self._initial(),
            refractory=np.zeros(self.refractory, np.int32),
            t_ref=np.concatenate([*self.t_ref, np.zeros(1, np.int32)]),
            part=self.part.array(),
            ops=self.ops.array(),
            coef=self.coef.array(),
            bundle=self.flights.table,
            constant=np.array([b.const for b in bundles] or [0.0]),
            background=self.background.array(),
            background_key=np.array(self.background_key, np.uint64).reshape(-1, 2),
            rate_group=group,
            rate_ptr=ptr,
            rate_base=base,
            rate_threshold=threshold,
            noise=self.noise.array(),
            noise_key=np.array(self.noise_key, np.uint64).reshape(-1, 2),
            noise_index=np.concatenate([empty, *self.noise_index]),
            event_step=np.concatenate(e_steps),
            event_id=np.concatenate(e_ids),
            probe=np.zeros((0, t.PR_COLUMNS), np.int64),
            probe_index=empty,
            term=np.zeros((0, 5)),
            drive_ptr=np.zeros((len(self.parts), 1), np.int64),
            drive_row=empty,
            drive_value=np.zeros(0),
            drive_vector=empty,
            drive_pool=np.zeros(0),
            scratch=scratch,
            block=np.zeros((max([1, *states]) + vectors) * flow.BLOCK),
            flags=np.zeros(BLOCK + 8, np.uint8),
            draw=np.zeros(poisson.SCRATCH, np.uint64),
            count=np.zeros(poisson.RUN, np.int32),
            work=np.zeros(FLIGHTS, np.int64),
            log_id=empty,
            log_count=empty,
            entry=self._entries(),
            state=np.zeros(t.STATE_SIZE, np.int64),
            slab_id=empty,
            slab_offset=empty,
            slab_ptr=empty,
            report=empty,
            barrier=empty,
            merged=empty,
            plastic=self.learners.table,
        )
        self.tables.state[[t.RECEIVED, t.JUMPED, t.SAMPLED]] = (-1, 0, 0)

    def _entries(self) -> np.ndarray:
        needed = set()
        if any(row[t.BACKGROUND_HI] > row[t.BACKGROUND_LO] for row in self.part.rows):
            needed.add(t.DO_BACKGROUND)
        if self.noise.rows:
            needed.add(t.DO_NOISE)
        if any(row[t.KIND] in (t.LINEAR, t.FLOW) and not row[t.FUSED] for row in self.part.rows):
            needed.add(t.DO_APPLY)
        needed |= {t.DO_LEARN} if self.plan.plastic else set()
        return np.array([entry(k) if k in needed else t.NONE for k in range(t.ENTRIES)], np.int64)

    def grow(self, room: int) -> None:
        """Make room for `room` more flights in every bundle."""
        due = self.flights.grow(room)
        if due > self.tables.work.size:
            self.tables = self.tables._replace(work=np.zeros(due, np.int64))

    def locate(self, at: int) -> str:
        """Return in words what stands at an offset of x."""
        return next((found for part in self.parts if (found := part.locate(at, self.plan.ports))), "a state")

    def _initial(self) -> np.ndarray:
        x = np.zeros(self.x_size + 1)
        for part in self.parts:
            if not part.cell.source:
                start = part.cell.initial
                for i, state in enumerate(part.cell.model.states):
                    x[part.row[state] : part.row[state] + part.size] = start[i, part.own]
        return x
