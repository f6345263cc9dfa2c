"""The constant tables of one worker of the event engine: shared by all engines on the same wiring."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...program.cell import Cell
from ...program.part import Part
from ...program.program import Program
from ...program.propagator import as_linear
from ...random import key
from ..growing import Coefficients
from ..probes import port_names
from . import flow as adaptive
from .affine import affine, analytic, behind, cascade, responses
from .electrodes import Drives
from .entries import entry
from .records import (
    BEHIND,
    CHANCE,
    FLOW,
    KEPT,
    LINE_SLOT,
    LINEAR_PART,
    MODEL_AT,
    PART,
    POISSON,
    PORT,
    SINE_SLOT,
    STATES,
    STEP,
    TIMES,
)
from .slopes import register
from .sources import Trains
from .synaptic import receiving, showing
from .wired import Wired

__all__ = ["FIRST_STEP", "Tables"]

#: Numbers in a cache line; buckets of the queue are from ... to ... wide (ms).
LINE, NARROWEST, WIDEST = 8, 2.0**-5, 4.0
#: Longest step of a nonlinear neuron (ms), and its first one.
LONGEST, FIRST_STEP = 20.0, 0.05
#: The longest step after an arrival, in times of the fastest filter: the error of a longer one may be 0 by chance.
QUICK = 4.0


def columns(kind: np.dtype) -> int:
    """How many float64 a record is."""
    return kind.itemsize // 8


def span_of(array: np.ndarray) -> tuple[int, int]:
    """Where an array stands (0: it is empty)."""
    return (array.ctypes.data if array.size else 0), array.size


class Tables:
    """The constant tables of one worker: the neurons lo <= gid < hi, numbered from 0.

    Attributes
    ----------
    arrays : dict
        Those that stand in WORKER, by name.
    parts : list of Part
    columns : dict
        Of each population: what stands in each column of its neurons' records, (name of the state's entry, column).
    trains : Trains
    wired : Wired
        The synapses, after `wire`.
    """

    wired: Wired

    def __init__(self, plan: Program, lo: int, hi: int, accuracy: tuple[float, float]) -> None:
        self.plan, self.lo, self.hi, self.accuracy = plan, lo, hi, accuracy
        self.n = hi - lo
        self.parts = [Part(c, lo, hi, 0) for c in plan.cells if c.first < hi and c.first + c.size > lo]
        self.columns: dict[str, list[tuple[str, int]]] = {}
        self.trains = Trains(plan)
        self._listed: list[np.ndarray] = []
        self._listed_n = np.zeros(self.n, np.int64)
        self.par = Coefficients()
        self._tables: dict[bytes, int] = {}
        self._kept: list[np.ndarray] = []
        #: What `link` writes: kernels of each part, model of each FLOW.
        self._wanted: list[tuple[int, str, str]] = []
        self._models: list[tuple[int, str]] = []
        #: First values of the states: (neurons, (n, states)).
        self.initial: list[tuple[slice, np.ndarray]] = []
        self.steps: list[tuple[slice, int]] = []
        self.drives = Drives(plan)
        self.par_at = np.zeros(self.n, np.int64)
        self._kept_columns: list[int] = []
        self.part_of = np.zeros(self.n, np.int64)
        self.part = np.zeros(len(self.parts), PART)
        self.port_at = np.full((max(1, len(self.parts)), max(1, len(plan.ports))), -1, np.int64)
        self.port_index = np.full((max(1, len(plan.ports)), self.n), -1, np.int32)
        self.deepest, self.filters = 2, 0
        widest = STATES + 1
        for number, part in enumerate(self.parts):
            part.number = number
            self._write(part, self.part[number])
            widest = max(widest, int(self.part[number]["width"]))
        self.stride = -(-widest // LINE) * LINE
        self.width = 2.0 ** math.floor(math.log2(min(max(plan.shortest_delay, NARROWEST), WIDEST)))

    def _write(self, part: Part, d: Any) -> None:
        own = slice(part.first - self.lo, part.first - self.lo + part.size)
        d["first"], d["n"] = own.start, part.size
        d["keep"] = d["step"] = d["moves"] = d["chance"] = -1
        self.part_of[own] = part.number
        d["train_lo"], d["drive_lo"] = len(self.trains), len(self.drives)
        if part.cell.source:
            self._source(part, d, own)
        else:
            self._neurons(part, d, own)
        d["train_hi"], d["drive_hi"] = len(self.trains), len(self.drives)

    # -- sources
    # ------------------------------------------------------------------------------------------------------

    def _source(self, part: Part, d: Any, own: slice) -> None:
        model = part.cell.model
        self._wanted.append((part.number, "catch", "catch source"))
        d["width"] = STATES
        if getattr(model, "fed", False):
            d["kind"] = TIMES  # of which none is listed
            return
        if part.cell.lists:
            d["kind"] = TIMES
            times = part.cell.listed[part.own]
            self._listed_n[own] = [t.size for t in times]
            self._listed += times
            return
        d["kind"] = POISSON
        self.trains.emitted(part)

    # -- neurons
    # ------------------------------------------------------------------------------------------------------

    def _neurons(self, part: Part, d: Any, own: slice) -> None:
        cell = part.cell
        exact = analytic(cell)
        states = cell.model.states
        d["kind"], d["states"] = LINEAR_PART if exact else FLOW, len(states)
        part.row = {state: STATES + i for i, state in enumerate(states)}
        d["jump"] = part.row["v" if "v" in states else states[0]]
        d["clamped"] = sum(int(state in cell.model.clamped) << i for i, state in enumerate(states))
        d["running"] = not d["clamped"] >> (d["jump"] - STATES) & 1
        d["rtol"], d["atol"] = self.accuracy
        d["refractory"], d["resets"] = "t_ref" in cell.model._fields, cell.model.reset is not None
        named = [(f"events/{cell.name}/{name}", i) for i, name in enumerate(("time", "free", "next", "bound", "known"))]
        del named[2]  # `next` follows from the others
        named += [(f"neurons/{cell.name}/{state}", column) for state, column in part.row.items()]
        verbs = [port for port in cell.ports if port.general]
        at = self._by_verbs(part, d, verbs, STATES + len(states), named)
        if cell.model.hazard is not None:  # its kernel has `left` for one more state
            d["chance"], d["entity"] = at, part.own.start
            d["chance_a"], d["chance_b"] = key(self.plan.noise_seed, "hazard", cell.name)
            named += [(f"events/{cell.name}/chance.{name}", at + i) for i, name in enumerate(CHANCE.names or ())]
            at += columns(CHANCE)
        if any(not len(port.matrix) and port.refractory_input for port in cell.ports):  # type: ignore[attr-defined]
            d["keep"] = at
            named += [(f"events/{cell.name}/kept.{name}", at + i) for i, name in enumerate(KEPT.names or ())]
            at += columns(KEPT)
        if not exact:
            d["step"] = at
            named += [(f"events/{cell.name}/step.{name}", at + i) for i, name in enumerate(STEP.names or ())]
            self.steps.append((own, at))
            at += columns(STEP)
        if not exact and any(port.to is not None for port in cell.ports):
            d["moves"] = at
            named += [(f"events/{cell.name}/moves.{state}", at + i) for i, state in enumerate(states)]
            at += len(states)
        slots = self.drives.slots(part, at)
        at += int(slots["lines"].sum()) * columns(LINE_SLOT) + int(slots["sines"].sum()) * columns(SINE_SLOT)
        self._kept.append(slots)
        for name in slots.dtype.names or ():
            d[name] = slots[0][name]
        d["inputs"] = span_of(slots[1:])
        d["longest"] = self.drives.add(part, int(d["lines_at"]), int(d["sines_at"]), LONGEST)
        fastest = max((np.abs(port.matrix).sum(axis=1).max(initial=0.0) for port in cell.ports), default=0.0)
        d["quick"] = QUICK / fastest if fastest > 0.0 else np.inf
        held = self.drives.held(part, int(d["lines_at"]))
        named += [(f"drive/{name}/{cell.name}", column) for name, column in held]
        ports, at = self._ports(part, d, own, at, named)
        d["shown"], d["width"] = at, at + 2 * len(verbs)  # behind all that is state
        for k, port in enumerate(verbs):
            part.filters[self.plan.ports.index(port)] += [at + 2 * k, at + 2 * k + 1]
        table = self._parameters(cell, ports, exact)
        d["parameters"] = len(table)
        own_table = np.ascontiguousarray((table if table.shape[1] == 1 else table[:, part.own]).T)
        rows, index = np.unique(own_table.view(np.int64), axis=0, return_inverse=True)  # neurons alike share a row
        if 2 * len(rows) > len(own_table):
            rows, index = own_table, np.arange(len(own_table))
        first = self._put(self.par, rows.view(np.float64))
        self.par_at[own] = first + index.reshape(-1) * len(table)
        if not exact:
            self._models.append((part.number, register(cell.model, verbs)))
        leak = exact and not ports.size and not d["lines"] and d["keep"] < 0
        kind = "leak" if leak else "linear" if exact else "flow"
        more, by_verbs = " moved" * int(d["moves"] >= 0) + " chance" * int(d["chance"] >= 0), " verbs" * bool(verbs)
        self._wanted += [(part.number, "catch", f"catch {kind}{more}{by_verbs}")]
        self._wanted += [(part.number, task, f"{task} {kind}{by_verbs}") for task in ("arrive", "bring")]
        self.trains.received(part, dict(enumerate(self.port_at[part.number].tolist())))
        self.initial.append((own, cell.initial[:, part.own].T))
        at_spike = self.plan.net.at_spike.get(cell.name, ())
        d["kept_at"], d["kept_n"] = len(self._kept_columns), len(at_spike)
        self._kept_columns += [part.row[state] for state in at_spike]
        self.columns[cell.name] = named

    def _by_verbs(self, part: Part, d: Any, synapses: list[Any], at: int, named: list[tuple[str, int]]) -> int:
        """The states of synapses that are no linear filters, from column `at` on; return the next free column."""
        cell, first = part.cell, at
        label = {port: name for name, port in port_names(cell).items()}
        for port in synapses:
            number, own = self.plan.ports.index(port), range(at, at + len(type(port).states))
            self.port_at[part.number, number] = at
            part.filters[number] = [-1, *own]  # (nothing waits to arrive, see `rows_of`)
            named += [(f"input/{cell.name}/{label[port]}/{k}", column) for k, column in enumerate(own)]
            at += len(own)
        d["synaptic"] = at - first
        return at

    def _ports(self, part: Part, d: Any, own: slice, at: int, named: list[tuple[str, int]]) -> tuple[np.ndarray, int]:
        """The synaptic filters of a part from column `at` on; return them and the next free column."""
        cell, rows = part.cell, []
        label = {port: name for name, port in port_names(cell).items()}
        for number, port in enumerate(self.plan.ports):
            if port not in cell.ports:
                continue
            self.port_index[number, own] = np.arange(own.start, own.stop)
            matrix = np.ascontiguousarray(port.matrix, np.float64)
            stages = len(matrix)
            if port.general:
                continue
            if port.to is not None:
                column = part.row[port.to] + (d["moves"] - STATES if d["moves"] >= 0 else 0)
                self.port_at[part.number, number] = column
                continue
            if not stages:
                once = int(d["step"] if d["step"] >= 0 else STATES)
                self.port_at[part.number, number] = d["keep"] if port.refractory_input else once  # type: ignore[attr-defined]
                part.filters[number] = [int(self.port_at[part.number, number])]
                continue
            rate, output = cascade(port), np.ascontiguousarray(port.output, np.float64)
            if rate is None:
                self._kept += [matrix, output]
            reversal = 0.0 if port.E_rev is None else port.E_rev
            given = [(0, 0) if rate is not None else span_of(array) for array in (matrix, output)]
            rows.append((at, stages, rate or 0.0, port.gain, reversal, port.E_rev is not None, *given))
            part.filters[number] = list(range(at, at + stages))
            named += [(f"input/{cell.name}/{label[port]}/{k}", at + k) for k in range(stages)]
            self.port_at[part.number, number] = at
            at += stages
            self.deepest = max(self.deepest, stages)
        going, states = len(rows), []
        for own_state in (behind(cell) or []) if d["kind"] == LINEAR_PART else []:
            column, name = part.row[own_state.state], own_state.state
            row = (column, 1, own_state.rate, own_state.gain, 0.0, False, (0, 0), (0, 0))
            states.append((column, own_state.r, own_state.r0))
            rows.insert(len(rows) if name in cell.model.clamped else going, row)
            going += name not in cell.model.clamped
        ports, table = np.array(rows, PORT), np.array(states, BEHIND)
        self._kept += [ports, table]
        d["ports"], d["behind"] = span_of(ports), span_of(table)
        d["going"] = span_of(ports[:going])
        self.filters = max(self.filters, len(ports))
        return ports, at

    def _put(self, table: Coefficients, values: Any) -> int:
        """Where values stand in a table; what stands there already is not put again."""
        block = np.asarray(values, np.float64).ravel()
        known = block.tobytes()
        if known not in self._tables:
            self._tables[known] = table.put(block)
        return self._tables[known]

    def _parameters(self, cell: Cell, ports: np.ndarray, exact: bool) -> np.ndarray:
        if exact:
            rows = affine(cell)
            a, b_in = rows[0], rows[2]
            for port in ports:
                rows += responses(a, b_in, float(port["gain"]), float(port["rate"]), int(port["stages"]))
        else:
            values = [np.atleast_1d(np.asarray(cell.parameters[name], np.float64)) for name in cell.model._fields]
            for port in cell.ports:
                if port.general:  # (who has no parameters has one all the same)
                    values = [*(values or [np.zeros(1)]), *([np.atleast_1d(p) for p in port] or [np.zeros(1)])]  # type: ignore[attr-defined]
            rows = [np.zeros(1)] * MODEL_AT + values
            linear = as_linear(cell.model, cell.parameters)
            if linear is not None and "v" in cell.model.states:  # as v decays, so does what refractoriness keeps
                v = cell.model.states.index("v")
                rows[0] = -linear.A[v, v]
            rows[6] = np.atleast_1d(np.asarray(cell.parameters.get("t_ref", 0.0), np.float64))
        return np.stack(np.broadcast_arrays(*rows))

    # -- all together
    # -------------------------------------------------------------------------------------------------

    def wire(self, before: Tables | None = None) -> None:
        """Build the synapses of this worker's neurons (long; releases the GIL), or take those of the same wirings."""
        self.wired = Wired(self, None if before is None else before.wired)

    def finish(self) -> None:
        """Make `arrays`."""
        par = self.par.array()
        self.wired.finish(par)
        self.bundles, self.sources = self.wired.bundles, self.wired.sources
        listed_end = np.cumsum(self._listed_n)
        self.listed_from = listed_end - self._listed_n
        self.arrays: dict[str, np.ndarray] = {
            "part": self.part,
            "part_of": self.part_of,
            "par": par,
            "par_at": self.par_at,
            "port_at": self.port_at.ravel(),
            "kept_column": np.array(self._kept_columns, np.int64),
            **self.trains.arrays(),
            "listed": np.concatenate([np.zeros(0), *self._listed]),
            "listed_end": listed_end,
            **self.drives.tables(),
            **self.wired.arrays,
        }
        self._listed = []

    def ports_of(self, k: int) -> np.ndarray:
        """Return the synaptic filters of part k."""
        at = int(self.part[k]["ports"]["at"])
        return next((p for p in self._kept if p.dtype == PORT and p.size and p.ctypes.data == at), np.zeros(0, PORT))

    def link(self) -> None:
        """Write the addresses of the kernels of parts and bundles; compiled now, where they are not on disk."""
        for part, verb, name in self._wanted:
            self.part[part][verb] = entry(name)
        for part, model in self._models:
            d = self.part[part]
            d["kernel"] = adaptive.build(model)
            if d["synaptic"]:
                d["receive"], d["show"] = receiving(model), showing(model)
        self.wired.link()

    def name(self, i: int) -> str:
        """Return in words which neuron number i is."""
        part = self.parts[int(self.part_of[i])]
        return f"neuron {i + self.lo - part.cell.first} of {part.cell.name!r}"
