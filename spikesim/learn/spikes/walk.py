"""A network of linear neurons resolved, its spikes found by the event engine, its events listed: forward, then back."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ...engine.event.affine import affine, analytic
from ...errors import InvalidValueError, NumericalError, StateError, UnknownNameError, did_you_mean
from ...grid import Grid
from ...network import DC, Network
from ...network.rule_lists import FromPairs
from ...program.program import Program
from .adjoint import ARRIVAL, END, SAMPLE, SPIKE, replay, retrace
from .chain import by_parameter, by_synapse_tau
from .recording import Recording

__all__ = ["Walk", "rows"]


class Walk:
    """The network resolved, its spikes, its events; forward, then back."""

    def __init__(self, net: Network, duration: float, seed: int) -> None:
        self.net, self.duration = net, float(duration)
        if not 0.0 < self.duration < np.inf:
            raise InvalidValueError(f"gradients: duration = {duration!r} ms, wanted a finite number > 0")
        self.program = Program(net, Grid(1.0), seed, exact=True)
        self._refuse()
        own = copy.copy(net)
        own.spike_targets, own.probes, own.windows = list(net.populations.values()), [], {}
        result = own.run(self.duration, engine="event", seed=seed, progress=False)
        names = [cell.name for cell in self.program.cells]
        trains = [result.spikes[name] for name in names]
        self.t = np.concatenate([np.zeros(0), *(np.asarray(tr.times) for tr in trains)])
        self.who = np.concatenate(
            [np.zeros(0, np.int64), *(np.asarray(tr.ids) + c.first for tr, c in zip(trains, self.program.cells))]
        )
        self.span = dict(zip(names, np.cumsum([0, *(len(tr.times) for tr in trains)])))
        self.amount = {name: len(tr.times) for name, tr in zip(names, trains)}
        self._wire()
        self.neuron = self._neurons()
        self._list_events(np.zeros(0), np.zeros(0, np.int64))

    def _refuse(self) -> None:
        where = "gradients"
        if self.net.backgrounds:
            raise InvalidValueError(
                f"{where}: a background's spikes are not listed; give a population ss.Poisson(rate) instead"
            )
        for p in self.net.projections:
            if p.plasticity is not None:
                raise InvalidValueError(f"{where}: projection {p.name!r} has plasticity")
            if p.release is not None:
                raise InvalidValueError(f"{where}: projection {p.name!r} has a release")
            if p.synapse.E_rev is not None or len(p.synapse.matrix) != 1:
                raise InvalidValueError(
                    f"{where}: projection {p.name!r} has {type(p.synapse).__name__} synapses, whose adjoint is not"
                    " known here; wanted Exponential"
                )
        for cell in self.program.cells:
            if not cell.source and not analytic(cell):
                raise InvalidValueError(
                    f"{where}: population {cell.name!r}: {type(cell.model).__name__} is no linear neuron of one state"
                )
        for injection in self.net.injections:
            s = injection.stimulus
            if not isinstance(s, DC) or s.start > 0.0 or s.stop < self.duration:
                raise InvalidValueError(f"{where}: {injection.name!r} is no current that is constant for the whole run")

    def _wire(self) -> None:
        """All synapses, sorted by source: what arrives of every spike is a stretch."""
        lists: list[list[np.ndarray]] = [[], [], [], []]
        self.edges = {}
        for q, wiring in enumerate(self.program.wirings):
            pre, post, weight, delay = wiring.edges()
            self.edges[wiring.name] = (q, len(pre))
            for made, one in zip(lists, (wiring.pre_ids[pre], wiring.post_ids[post], weight, np.asarray(delay, float))):
                made.append(one)
        self.port = np.array([[-p.synapse.matrix[0, 0], p.synapse.gain] for p in self.program.projections]).reshape(
            -1, 2
        )
        sizes = [len(one) for one in lists[0]]
        self.through = np.repeat(np.arange(len(sizes)), sizes)
        self.first = np.cumsum([0, *sizes])
        pre, self.post, self.weight, self.delay = (np.concatenate([np.zeros(0), *one]) for one in lists)
        self.post = self.post.astype(np.int64)
        self.by_source = np.argsort(pre, kind="stable")
        self.indptr = np.searchsorted(pre[self.by_source], np.arange(self.program.n + 1))

    def _neurons(self) -> np.ndarray:
        table = np.zeros((self.program.n, 8))
        table[:, 3] = np.inf
        for cell in self.program.cells:
            if cell.source:
                continue
            table[cell.first : cell.first + cell.size] = rows(cell)
        for injection in self.program.injections:
            table[self.program.ids(injection.target), 1] += (
                table[self.program.ids(injection.target), 2] * injection.stimulus.amplitude  # type: ignore[attr-defined]
            )
        return table

    def _list_events(self, sample_times: np.ndarray, sample_cells: np.ndarray) -> None:
        """Every spike, its arrivals, the end of the refractory time; samples."""
        is_cell = np.isfinite(self.neuron[:, 3]) | np.isin(np.arange(self.program.n), self._cells())
        k = np.flatnonzero(is_cell[self.who])
        fan = self.indptr[self.who + 1] - self.indptr[self.who]
        origin = np.repeat(np.arange(len(self.t)), fan)
        at = np.repeat(self.indptr[self.who] - np.concatenate([[0], np.cumsum(fan)[:-1]]), fan) + np.arange(fan.sum())
        synapse = self.by_source[at.astype(np.int64)]
        arrival = self.t[origin] + self.delay[synapse]
        end = self.t[k] + self.neuron[self.who[k], 5]
        when = np.concatenate([self.t[k], end, arrival, sample_times])
        kind = np.repeat([SPIKE, END, ARRIVAL, SAMPLE], [len(k), len(k), len(arrival), len(sample_times)])
        cell = np.concatenate([self.who[k], self.who[k], self.post[synapse], sample_cells]).astype(np.int64)
        ref = np.concatenate([k, k, synapse, np.arange(len(sample_times))]).astype(np.int64)
        source = np.concatenate([k, k, origin, np.zeros(len(sample_times), np.int64)]).astype(np.int64)
        kept = np.flatnonzero(when <= self.duration)
        order = kept[np.lexsort((kind[kept], when[kept]))]
        self.events = when[order], kind[order], cell[order], ref[order], source[order]
        E, Q = len(order), len(self.port)
        self.v, self.f, self.free = np.empty(E), np.empty((E, Q)), np.empty(E, np.uint8)
        self.sampled = np.zeros(len(sample_times))
        when, kind, cell, ref, _ = self.events
        off = replay(
            when, kind, cell, ref, self.weight, self.through, self.neuron, self.port, self.v, self.f, self.free,
            self.sampled,
        )  # fmt: skip
        if off > 1e-6:
            raise NumericalError(
                f"gradients: at a spike the potential is {off:g} of the way from reset to threshold off it:"
                " the replay between the spikes misses something that the network has; please report it"
            )

    def _cells(self) -> np.ndarray:
        return np.concatenate(
            [np.zeros(0, np.int64), *(np.arange(c.first, c.first + c.size) for c in self.program.cells if not c.source)]
        )

    # -- the loss -----------------------------------------------------------------------------------------------------

    def recordings(self) -> dict[str, Recording]:
        found = {}
        for cell in self.program.cells:
            part = slice(self.span[cell.name], self.span[cell.name] + self.amount[cell.name])

            def sample(when: np.ndarray | None, who: np.ndarray, cell: Any = cell) -> np.ndarray:
                if cell.source:
                    raise StateError(f"gradients: {cell.name!r} is a source, which has no potential")
                return self._integral(cell) if when is None else self._potentials(when, cell.first + who)

            found[cell.name] = Recording(
                self.t[part].copy(), self.who[part] - cell.first, cell.size, self.duration, sample
            )
        return found

    def _potentials(self, when: np.ndarray, who: np.ndarray) -> np.ndarray:
        self._list_events(np.repeat(when, len(who)), np.tile(who, len(when)))
        return self.sampled.reshape(len(when), len(who)).copy()

    def _integral(self, cell: Any) -> np.ndarray:
        """The integral of v, by Gauss and Legendre on every stretch between samples at all events."""
        nodes, weights = np.polynomial.legendre.leggauss(10)
        own = (self.events[2] >= cell.first) & (self.events[2] < cell.first + cell.size)
        ends = np.unique(np.concatenate([[0.0], self.events[0][own], [self.duration]]))
        fastest = max([self.neuron[cell.first, 0], *self.port[:, 0], 1e-3])
        ends = np.unique(np.concatenate([ends, np.arange(0.0, self.duration, 1.0 / fastest)]))
        h = np.diff(ends)
        when = (ends[:-1, None] + 0.5 * h[:, None] * (nodes + 1.0)).ravel()
        v = self._potentials(when, cell.first + np.arange(cell.size))
        total: np.ndarray = ((0.5 * h[:, None] * weights).ravel()[:, None] * v).sum(axis=0)
        return total

    # -- back ---------------------------------------------------------------------------------------------------------

    def back(self, recordings: dict[str, Recording], wrt: list[str], limit: float) -> tuple[dict[str, Any], int]:
        times, cells, slopes = [np.zeros(0)], [np.zeros(0, np.int64)], [np.zeros(0)]
        gt = np.zeros(len(self.t))
        self.neuron[:, 7] = 0.0
        for cell in self.program.cells:
            r = recordings[cell.name]
            part = slice(self.span[cell.name], self.span[cell.name] + self.amount[cell.name])
            gt[part] += np.asarray(r.times.grad)
            for when, who, made in r.samples:
                times.append(np.repeat(when, len(who)))
                cells.append(np.tile(cell.first + who, len(when)))
                slopes.append(np.asarray(made.grad).ravel())
            if r.whole is not None:
                self.neuron[cell.first : cell.first + cell.size, 7] = np.asarray(r.whole.grad)
        self._list_events(np.concatenate(times), np.concatenate(cells))
        gw, gd = np.zeros(len(self.weight)), np.zeros(len(self.weight))
        gp, gq = np.zeros((self.program.n, 8)), np.zeros((len(self.port), 2))
        asked = any(self._kind(name)[0] in ("parameter", "tau", "amplitude") for name in wrt)
        when, kind, cell_of, ref, origin = self.events
        clipped = retrace(
            when, kind, cell_of, ref, origin, self.weight, self.through, self.neuron, self.port, self.v, self.f,
            self.free, self.duration, asked, limit, np.concatenate(slopes), gt, gw, gd, gp, gq,
        )  # fmt: skip
        return {name: self._named(name, gt, gw, gd, gp, gq) for name in wrt}, clipped

    def _kind(self, name: str) -> tuple[str, Any, str]:
        owner, _, what = name.rpartition(".")
        for projection in self.program.projections:
            if projection.name == owner and what in ("weight", "delay", "tau"):
                return what, projection, what
        for injection in self.program.injections:
            if injection.name == owner and what == "amplitude":
                return "amplitude", injection, what
        cell = self.program.by_name.get(owner)
        if cell is not None:
            if cell.source and what == "times":
                return "times", cell, what
            if not cell.source and what == "v":
                return "initial", cell, what
            if not cell.source and what in cell.parameters:
                return "parameter", cell, what
        return "", None, what

    def check(self, name: str) -> None:
        """Refuse a name that nothing carries."""
        if self._kind(name)[0]:
            return
        known = [f"{p.name}.{what}" for p in self.program.projections for what in ("weight", "delay", "tau")]
        known += [f"{i.name}.amplitude" for i in self.program.injections]
        for cell in self.program.cells:
            known += [f"{cell.name}.{what}" for what in (["times"] if cell.source else [*cell.parameters, "v"])]
        raise UnknownNameError(f"gradients: wrt names {name!r}{did_you_mean(name, known)}")

    def _named(self, name: str, gt: Any, gw: Any, gd: Any, gp: Any, gq: Any) -> Any:
        kind, owner, what = self._kind(name)
        if kind in ("weight", "delay"):
            q, size = self.edges[owner.name]
            each = (gw if kind == "weight" else gd)[self.first[q] : self.first[q] + size]
            return _as_given(each, getattr(owner, kind), self.program.wirings[q])
        if kind == "tau":
            return by_synapse_tau(owner.synapse, gq[self.edges[owner.name][0]])
        if kind == "times":
            part = slice(self.span[owner.name], self.span[owner.name] + self.amount[owner.name])
            ids = self.who[part] - owner.first
            return [gt[part][ids == i] for i in range(owner.size)]
        rows = gp[owner.first : owner.first + owner.size] if kind != "amplitude" else gp[self.program.ids(owner.target)]
        if kind == "initial":
            given = owner.population.initial.get("v")
            return (
                float(rows[:, 6].sum())
                if given is not None and np.ndim(given) == 0 and not callable(given)
                else rows[:, 6]
            )
        if kind == "amplitude":
            b = self.neuron[self.program.ids(owner.target), 2]
            return rows[:, 1] * b if np.ndim(owner.stimulus.amplitude) else float((rows[:, 1] * b).sum())
        return by_parameter(owner, what, rows, self._currents(owner))

    def _currents(self, cell: Any) -> np.ndarray:
        """The injected current of every neuron of a population."""
        total = np.zeros(self.program.n)
        for injection in self.program.injections:
            total[self.program.ids(injection.target)] += injection.stimulus.amplitude  # type: ignore[attr-defined]
        return total[cell.first : cell.first + cell.size]


def rows(cell: Any) -> np.ndarray:
    """Return the numbers of linear neurons, (n, 8): the columns that `adjoint` names, the last of them 0."""
    a, c, b, theta, R, r_0, t_ref, _ = affine(cell)
    reset = np.where(R == 0.0, r_0, R * np.where(np.isfinite(theta), theta, 0.0) + r_0)
    table = np.zeros((cell.size, 8))
    for k, values in enumerate((a, c, b, theta, reset, t_ref, cell.initial[0])):
        table[:, k] = values
    return table


def _as_given(each: np.ndarray, given: Any, wiring: Any) -> Any:
    """Gradients in the order (target, j) in the form that the description has."""
    if given is not None and np.ndim(given) == 0 and isinstance(given, (int, float)):
        return float(each.sum())
    if isinstance(given, np.ndarray) and given.ndim == 2:
        pre, post, _, _ = wiring.edges()
        table = np.zeros(given.shape)
        np.add.at(table, (post, pre), each)
        return table
    if isinstance(given, np.ndarray) and isinstance(wiring.rule, FromPairs):
        listed = np.empty_like(each)
        listed[np.argsort(wiring.rule.post, kind="stable")] = each
        return listed
    return each
