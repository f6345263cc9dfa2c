"""What a worker's loops are told about its neurons: records and coefficients, the same for a whole run."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...network.stimulus import Held, Noise, WhiteNoise
from ...neurons.train import is_of_time
from ...program.part import Part, positions
from ...program.propagator import as_linear, joint, propagator
from ...random import key
from ...synapses.equations import additive
from ..equations import register
from ..growing import Coefficients, Table
from ..outside import extra_rows
from ..synaptic import register_synapse
from . import flow, gaps, kept, synaptic
from . import records as t
from .drives import Drift, Driven
from .entries import entry, step
from .fuse import fuse_inputs, fuse_rest, fuse_step
from .gauss import Draws
from .layout import Layout
from .operations import Operations
from .rates import RARE, RateClasses
from .sources import Trains

__all__ = ["Tables"]


class Tables(dict[str, Any]):
    """The fields of WORKER that are the program's, but for its synapses.

    Attributes
    ----------
    driven : list of Driven
        External input.
    trains : Trains
    bound : int
        Most spikes in one step.
    rows : int
        Rows that the scratch must have.
    states : int
        Most states of a synapse that is no linear filter.
    """

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout, self.program, self.grid = layout, layout.program, layout.program.grid
        self.coef = Coefficients()
        self.ops = Operations(self.coef)
        self.background, self.noise = Table(t.BACKGROUND), Table(t.NOISE)
        self.rates = RateClasses()
        self.trains = Trains(self.program, self.coef)
        self.draws = Draws(layout, self.coef)
        self.noise_index: list[np.ndarray] = [np.zeros(0, np.int64)]
        self.listed: list[tuple[np.ndarray, np.ndarray]] = [(np.zeros(0, np.int64),) * 2]
        self.t_ref: list[np.ndarray] = []
        self.driven: list[Driven] = []
        self.general, self.states = Table(t.GENERAL), 1
        self.move = Table(t.MOVE)
        self.bound, self.rows = 0, 4
        self._kept_states: list[int] = []
        parts = [self._part(part) for part in layout.parts]
        table = Table(t.PART)
        for part in parts:
            table.add(**part)
        self.rows += len(self.draws.numbers) > 0  # room for the numbers themselves
        group, ptr, least, threshold, chance = self.rates.arrays()
        self |= {
            "part": table.array(), "op": self.ops.array(), "coef": self.coef.array(),
            "t_ref": np.concatenate([*self.t_ref, np.zeros(1, np.int32)]),
            "background": self.background.array(), "train": self.trains.table.array(), "noise": self.noise.array(),
            "general": self.general.array(), "move": self.move.array(),
            "kept_state": np.array(self._kept_states, np.int64),
            "noise_index": np.concatenate(self.noise_index),
            "gauss": self.draws.numbers.array(), "kick": self.draws.kicks.array(),
            "rate_group": group, "rate_ptr": ptr, "rate_least": least, "rate_threshold": threshold,
            "rate_chance": chance,
            "listed_step": np.concatenate([steps for steps, _ in self.listed]),
            "listed_id": np.concatenate([ids for _, ids in self.listed]),
            **dict(zip(("junction_ptr", "junction_other", "junction"), self.program.junctions or [np.zeros(0)] * 3)),
        }  # fmt: skip
        by_operations = any(
            part["kind"] in (t.LINEAR, t.FLOW) and (part["restful"] or not part["fused"]) for part in parts
        )
        needed = {
            "do_noise": len(self.noise) > 0, "do_apply": by_operations, "do_learn": bool(self.program.plastic),
        }  # fmt: skip
        self |= {name: entry(name) if some else t.NONE for name, some in needed.items()}

    def _part(self, part: Part) -> dict[str, Any]:
        row: dict[str, Any] = dict.fromkeys(t.PART.names or (), 0)
        row |= {"n": part.size, "first_id": part.first, "delta": -1, "keep": -1}
        if part.cell.source:
            self._write_source(part, row)
        else:
            self._write_neurons(part, row)
        row["advance"] = row["advance"] or step(row["kind"])
        if row["kept_n"]:
            row |= {"bare": row["advance"], "advance": kept.keeping()}
        if part.cell.coupled:
            row |= {"inner": row["advance"], "advance": gaps.around(), "trend": self.layout.trend[part.number]}
            row["leaps"] = type(part.cell.model).reset is not None
        return row

    def _write_source(self, part: Part, row: dict[str, Any]) -> None:
        model = part.cell.model
        if getattr(model, "fed", False):
            row["kind"] = t.TIMES  # of which none is listed
            return
        if part.cell.lists:
            steps, ids, _ = self.program.listed_spikes(part.cell)
            own = (ids >= part.own.start) & (ids < part.own.stop)
            steps, ids = steps[own], ids[own] + part.cell.first
            row["kind"] = t.TIMES
            row["listed_lo"] = sum(s.size for s, _ in self.listed)
            row["listed_hi"] = row["listed_lo"] + steps.size
            self.listed.append((steps, ids))
            if steps.size:
                self.bound += int(np.unique(steps, return_counts=True)[1].max())
            return
        if part.cell.trains:
            self._write_trains(part, row)
            return
        means = np.broadcast_to(np.asarray(part.cell.parameters["rate"]) * self.grid.dt / 1000.0, (part.cell.size,))
        row["kind"] = t.POISSON
        window = {"since": self._step(model.start), "until": self._step(model.stop)}
        row["source"] = self._background(("source", part.cell.name), part, means, **window)
        row["background_lo"] = row["background_hi"] = len(self.background)
        self.bound += sum(self.rates.most(m) * int(n) for m, n in zip(*np.unique(means[part.own], return_counts=True)))

    def _write_trains(self, part: Part, row: dict[str, Any]) -> None:
        row["kind"], row["train_lo"] = t.TRAINS, len(self.trains.table)
        index = np.arange(part.own.start, part.own.stop)
        for train in part.cell.trains:
            rate = part.cut(1.0 if is_of_time(train.rate) else part.cell.parameters["rate"])
            self.bound += self.trains.add(("source", part.cell.name), train, part, rate, index)[1]
        row["train_hi"] = len(self.trains.table)

    def _background(self, purpose: tuple[str, ...], part: Part, means: np.ndarray, **fields: Any) -> int:
        stream = key(self.program.noise_seed, *purpose)
        group, rate = self.rates.each(means[part.own])
        rare = bool(np.any((means[part.own] > 0.0) & (means[part.own] < RARE)))
        return self.background.add(
            kernel=entry("background"),
            first=part.own.start,
            group=group,
            rate=rate,
            rare=rare,
            key_a=stream.a,
            key_b=stream.b,
            **fields,
        )

    def _write_neurons(self, part: Part, row: dict[str, Any]) -> None:
        cell = part.cell
        states, clamped = cell.model.states, cell.model.clamped
        row["state"], row["states"] = part.row[states[0]], len(states)
        row["refractory"] = self.layout.refractory[part.number]
        steps, _ = cell.t_ref
        row["t_ref"], row["own_t_ref"] = sum(s.size for s in self.t_ref), steps.size > 1
        self.t_ref.append(part.cut(steps).astype(np.int32))
        row["v"] = states.index("v") if "v" in states else 0
        row["v_held"] = states[row["v"]] in clamped
        row["clamped"] = sum(int(state in clamped) << i for i, state in enumerate(states))
        at_spike = self.program.net.at_spike.get(cell.name, ())
        row["kept_at"], row["kept_n"] = len(self._kept_states), len(at_spike)
        self._kept_states += [states.index(state) for state in at_spike]
        for number, rows in part.filters.items():
            port = self.program.ports[number]
            if port.to is not None:
                held = row["refractory"] if port.to in clamped else -1
                self.move.add(row=rows[0], state=part.row[port.to], n=part.size, held=held)
            elif not len(port.matrix):
                row["keep" if port.refractory_input else "delta"] = rows[0]  # type: ignore[attr-defined]
        self.bound += part.size
        self.rows = max([self.rows, 2 * len(states), *(len(port.matrix) for port in cell.ports)])
        self._write_backgrounds(part, row)
        self._write_noise(part)
        row["draw_lo"] = len(self.draws.numbers)
        if cell.linear is not None:
            self._write_linear(part, row)
        else:
            self._write_flow(part, row)

    def _write_backgrounds(self, part: Part, row: dict[str, Any]) -> None:
        row["background_lo"] = len(self.background)
        for background in self.program.backgrounds:
            if part.cell.population not in background.target.populations:
                continue
            index = positions(self.program.ids(background.target), part.cell.first, part.cell.size)
            rate = background.rates
            means = np.where(index >= 0, rate[np.maximum(index, 0)], 0.0) * self.grid.dt / 1000.0
            number = self.program.ports.index(background.synapse)
            jumps = not len(background.synapse.matrix) and not background.synapse.to
            early = 0 if jumps else 1  # currents that arrive at t act from t on, jumps end the step before
            rows = part.filters[number]
            into = {"row": rows[0], "weight": background.weight, "jump": t.JUMPS if jumps else t.CURRENTS}
            synapse: Any = background.synapse
            if not additive(synapse):
                tell = synaptic.telling(register_synapse(synapse))
                into |= {"tell": tell, "stride": rows[1] - rows[0], "law": self.coef.put([*synapse] or [0.0])}
            where = ("background", background.name, part.cell.name)
            for train in background.trains:
                rates = np.where(index >= 0, rate[np.maximum(index, 0)], 0.0) if rate.size > 1 else rate
                self.background.add(
                    kernel=entry("train"), train=self.trains.add(where, train, part, rates, index)[0], **into
                )
            if background.trains:
                continue
            if part.cell.linear is not None and not jumps and "tell" not in into:
                into["jump"] = t.AHEAD
            for begin, end, factor in background.pieces or [(0.0, np.inf, 1.0)]:
                self._background(
                    where, part, means * factor, since=self._step(begin) - early, until=self._step(end) - early, **into
                )
        row["background_hi"] = len(self.background)

    def _step(self, time: float) -> int:
        """The step of a time that is known to be on the grid; after all steps if there is no end."""
        return self.grid.steps(time, "time") if time < np.inf else t.PLENTY

    def _write_noise(self, part: Part) -> None:
        injections = {i.name: i for i in self.program.injections}
        for name, at in self.layout.noise[part.number]:
            injection = injections[name]
            stimulus: Any = injection.stimulus
            if isinstance(stimulus, Held):
                continue
            index = positions(self.program.ids(injection.target), part.first, part.size)
            law = []
            for value in (stimulus.mean, stimulus.sd):
                values = np.broadcast_to(value, (injection.target.size,))
                law.append(np.where(index >= 0, values[np.maximum(index, 0)], 0.0))
            stream = key(self.program.noise_seed, "noise", name)
            self.noise.add(
                row=at, n=part.size, period=self.grid.steps(stimulus.dt, name, least=1),
                index=sum(i.size for i in self.noise_index), law=self.coef.put(*law), key_a=stream.a, key_b=stream.b,
            )  # fmt: skip
            self.noise_index.append(index)

    def _filters(self, part: Part) -> list[tuple[Any, list[int]]]:
        """The ports of a part that have filter states, with their rows."""
        ports = self.program.ports
        return [
            (ports[n], rows)
            for n, rows in sorted(part.filters.items())
            if len(ports[n].matrix) and not ports[n].general
        ]

    def _write_filters(self, part: Part, row: dict[str, Any]) -> None:
        row["filter_lo"] = len(self.ops)
        for port, rows in self._filters(part):
            self.ops.filter(rows, port.matrix, self.grid.dt)
        row["filter_hi"] = len(self.ops)

    def _keep(self, part: Part, row: dict[str, Any], factor: np.ndarray) -> None:
        """By what a jump that refractoriness keeps decays in a step."""
        factor = part.cut(factor)
        row["keep_factor"], row["own_keep"] = self.coef.put(factor), factor.size > 1

    def _write_linear(self, part: Part, row: dict[str, Any]) -> None:
        cell, linear = part.cell, part.cell.linear
        assert linear is not None
        n = len(cell.model.states)
        filters = self._filters(part)
        drifts = self.layout.drifts[part.number]
        # a current that drifts is one more filter
        ports = [port for port, _ in filters] + [Drift(injection.stimulus.tau) for injection, _ in drifts]
        M = joint(linear, ports)
        P = np.moveaxis(propagator(M, self.grid.dt), 0, -1)  # (N, N, width)
        clamped = [s in cell.model.clamped for s in cell.model.states]
        H = np.moveaxis(propagator(joint(linear, ports, clamped), self.grid.dt), 0, -1)
        free = [i for i in range(n) if not clamped[i]]
        held = any(not np.array_equal(H[i], P[i]) for i in free)
        sources = [part.row[s] for s in cell.model.states] + [r for _, rows in filters for r in rows]
        sources += [at for _, at in drifts]
        row["kind"], row["held"] = t.LINEAR, int(held)
        row["update_lo"] = len(self.ops)
        for matrix, rows, shift in ((P, range(n), 0), (H, free if held else [], n)):
            for i in rows:
                terms = [(source, part.cut(matrix[i, j])) for j, source in enumerate(sources)]
                self.ops.combine(shift + i, part.cut(matrix[i, -2]), terms)
                for noise in part.noise:
                    self.ops.accumulate(shift + i, noise, part.cut(matrix[i, -1]))
        row["update_hi"] = len(self.ops)
        self._write_filters(part, row)
        self._write_threshold(part, row)
        reset = part.cut(np.concatenate([linear.R, linear.r[:, None]], axis=1))  # (n, n + 1, width)
        row["reset_stride"] = reset.shape[-1]
        row["reset"] = self.coef.put(reset)
        if row["kept_n"]:  # the step itself leaves all as it is
            row |= {"leap": row["reset"], "leap_stride": row["reset_stride"], "late_reset": kept.linear_reset()}
            row["reset"], row["reset_stride"] = self.coef.put(np.eye(n, n + 1)), 1
        self._keep(part, row, P[row["v"], row["v"]])
        self.draws.linear(part, linear, held)
        row["draw_hi"] = len(self.draws.numbers)
        inputs = [(i, i, 0) for i in range(n)] + ([(i, n + i, 1) for i in free] if held else [])
        self._drive(part, row, M, inputs, clamped)
        if not row["own_threshold"]:
            fuse_step(part, row, P, -linear.m, filters, self.coef, self.grid.dt)
            if not row["kept_n"]:
                fuse_rest(part, row, P, -linear.m, self.coef)

    def _write_threshold(self, part: Part, row: dict[str, Any]) -> None:
        linear = part.cell.linear
        assert linear is not None
        row["margin_lo"] = len(self.ops)
        only_v = all(np.all(linear.a[j] == (1.0 if j == row["v"] else 0.0)) for j in range(len(linear.a)))
        threshold = part.cut(-linear.m) if only_v else np.zeros(1)
        if not only_v:
            states = part.cell.model.states
            self.ops.combine(
                0, part.cut(linear.m), [(part.row[s], part.cut(linear.a[j])) for j, s in enumerate(states)]
            )
        row["margin_hi"] = len(self.ops)
        row["threshold"], row["own_threshold"] = self.coef.put(threshold), threshold.size > 1

    def _write_flow(self, part: Part, row: dict[str, Any]) -> None:
        cell = part.cell
        row["kind"] = t.FLOW
        row["update_lo"] = len(self.ops)
        for port, rows in self._filters(part):
            half = port.output @ propagator(port.matrix[None], 0.5 * self.grid.dt)[0]  # the input at mid-step
            for j, source in enumerate(rows):
                if port.E_rev is None:
                    self.ops.accumulate(0, source, np.array([half[j]]))
                else:
                    self.ops.accumulate(0, source, np.array([half[j] * port.E_rev]))
                    self.ops.accumulate(1, source, np.array([half[j]]))
        into = {injection.name: self._input_row(part, injection.into) for injection in self.program.injections}
        for name, at in self.layout.noise[part.number]:
            self.ops.accumulate(into[name], at, np.ones(1))
        for injection, at in self.layout.drifts[part.number]:  # its mean over the step
            z = self.grid.dt / injection.stimulus.tau
            self.ops.accumulate(into[injection.name], at, np.array([-np.expm1(-z) / z]))
        row["update_hi"] = len(self.ops)
        self._write_filters(part, row)
        self._write_general(part, row)
        values = [cell.parameters[name] for name in cell.model._fields]
        vector = tuple(np.ndim(v) > 0 for v in values)
        known = register(cell.model, vector)
        row["kernel"] = flow.build(known, resets=not row["kept_n"])
        row["late_reset"] = kept.reset_by(known) if row["kept_n"] else 0
        row["named"], _, extra = extra_rows(known)
        self.rows = max(self.rows, flow.EXTRA + extra)
        self.draws.nonlinear(part, lambda name: self._input_row(part, name), flow.EXTRA + row["named"])
        row["draw_hi"] = len(self.draws.numbers)
        row["shared"] = self.coef.put([0.0 if v else float(x) for x, v in zip(values, vector)] or [0.0])
        row["vector"] = self.coef.put(*[part.cut(x) for x, v in zip(values, vector) if v])
        if row["keep"] >= 0:  # what is kept decays as v does, where v decays linearly
            linear, v = as_linear(cell.model, cell.parameters), row["v"]
            self._keep(part, row, np.ones(1) if linear is None else np.exp(self.grid.dt * linear.A[v, v]))
        fuse_inputs(part, row, self._filters(part), self.coef, self.grid.dt)
        self._drive(part, row, None, [(0, 0, 0)], [])

    @staticmethod
    def _input_row(part: Part, into: str | None) -> int:
        """The row of the scratch that a current, or an input that the model names, goes to."""
        inputs = part.cell.model.inputs
        return flow.EXTRA + inputs.index(into) if into in inputs else 0

    def _write_general(self, part: Part, row: dict[str, Any]) -> None:
        """The synapses that are no linear filters."""
        row["general_lo"] = len(self.general)
        for number, rows in sorted(part.filters.items()):
            port: Any = self.program.ports[number]
            if port.general:
                name = register_synapse(port)
                self.general.add(
                    feel=synaptic.feel(name), show=synaptic.show(name), row=rows[0], stride=rows[1] - rows[0],
                    v=part.row["v"], shared=self.coef.put([*port] or [0.0]),
                )  # fmt: skip
                self.states = max(self.states, 1 + len(port.states))
        if part.cell.coupled:
            self.general.add(feel=gaps.coupled(), show=gaps.shown(), row=part.first)
        row["general_hi"] = len(self.general)

    def _drive(
        self, part: Part, row: dict[str, Any], M: np.ndarray | None, rows: list[tuple[int, int, int]],
        clamped: list[bool],
    ) -> None:  # fmt: skip
        own = None if M is None else M[part.own] if len(M) > 1 else M
        for injection in self.program.injections:
            if (
                isinstance(injection.stimulus, (Noise, Held, WhiteNoise))
                or part.cell.population not in injection.target.populations
            ):
                continue
            index = positions(self.program.ids(injection.target), part.first, part.size)
            if np.any(index >= 0):
                to = rows if injection.into is None else [(0, self._input_row(part, injection.into), 0)]
                self.driven.append(Driven(part, injection.stimulus, index, own, to, clamped, self.grid))
                row["driven"] = 1
