"""The plastic projections of one worker: their synapses, traces and rules in the form that `kernels.plastic` takes.

Each has a bundle of its own.  Its synapses are in the order (source, delay, target, j), those of a target in the order
(source, delay, j): neither depends on how neurons were divided among workers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...errors import InvalidValueError
from ...grid import Grid
from ...plasticity import Plasticity
from ...plasticity.contract import Law
from ...program.bundles import Bundle
from ...program.program import Program as Plan
from ...program.wiring import Wiring
from . import plastic as k
from .entries import plastic_delivery

if TYPE_CHECKING:
    from .build import WorkerProgram

__all__ = ["Learner", "Learners", "Synapses", "learnt", "reward_projections"]

Edges = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

#: A trace is referred to a new step before it has grown by e^64, an eligibility by e^4 (what it gained stays exact).
FURTHEST, FURTHEST_ELIGIBLE = 64.0, 4.0
#: A trace that falls by more than e^-64 in a step is none.
SHORTEST = 1.0 / 64.0


class Synapses(NamedTuple):
    """All synapses of a projection as lists, in the order (pre, post, delay).

    Attributes
    ----------
    pre, post : int64 arrays (n,)
        Positions in the two sides: the ids, where these are whole populations.
    weight : float64 array (n,)
        In the unit of the synapse.
    delay : float64 array (n,)
        In ms.
    """

    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    delay: np.ndarray

    @classmethod
    def listed(cls, edges: Edges, grid: Grid | None) -> Synapses:
        """Return the edges of a projection, sorted; synapses that are equal keep their order.

        Without a grid their delays are in ms already.
        """
        pre, post, weight, delay = edges
        order = np.lexsort((delay, post, pre))
        times = delay if grid is None else grid.times(delay)
        return cls(pre[order], post[order], weight[order], times[order])


class Learner:
    """One plastic projection on one worker: the arrays behind a record of `plastic`."""

    def __init__(self, wiring: Wiring, rule: Plasticity, plan: Plan, port: int, column: np.ndarray, width: int) -> None:
        self.wiring, self.plan, self.column, self.width = wiring, plan, np.ascontiguousarray(column), width
        targets = np.flatnonzero(column[wiring.post_ids] >= 0)
        pre, post, weight, delay = wiring.edges(targets)
        source = wiring.pre_ids[pre]
        order = np.lexsort((delay, source))
        source, delay, self.weight = source[order], delay[order], weight[order]
        target = self.column[wiring.post_ids[post[order]]]
        first = np.flatnonzero(np.diff(source, prepend=-1) | np.diff(delay, prepend=-1))
        self.bundle = Bundle(
            port=port,
            const=0.0,
            source_ptr=np.searchsorted(source[first], np.arange(plan.n + 1)),
            seg_delay=delay[first].astype(np.int32),
            seg_start=np.append(first, source.size),
            target=target.astype(np.uint32),
            weight=self.weight,
            kernel=plastic_delivery(),
        )
        order = np.argsort(target, kind="stable")
        self.synapse = np.concatenate([order, np.zeros(k.AHEAD, np.int64)]).astype(np.uint32)
        self.segment = (np.searchsorted(first, order, side="right") - 1).astype(np.uint32)
        self.ptr = np.searchsorted(target[order], np.arange(width + 1))
        law = rule.law
        self.eligible = np.zeros(source.size if law.tau_c else 0)
        self.x = np.zeros((2, first.size))
        self.y = np.zeros((2, width))
        self._write(law)

    def edges(self, weight: np.ndarray) -> Edges:
        """Return the synapses with these weights: positions in the two sides, weights, delays in steps."""
        bundle, wiring = self.bundle, self.wiring
        pre, post = np.empty(self.plan.n, np.int64), np.empty(self.plan.n, np.int64)
        pre[wiring.pre_ids], post[wiring.post_ids] = np.arange(wiring.n_pre), np.arange(wiring.n_post)
        neuron = np.empty(self.width, np.int64)
        mine = np.flatnonzero(self.column >= 0)
        neuron[self.column[mine]] = mine
        sizes = np.diff(bundle.seg_start)
        source = np.repeat(np.repeat(np.arange(self.plan.n), np.diff(bundle.source_ptr)), sizes)
        delay = np.repeat(bundle.seg_delay.astype(np.int64), sizes)
        return pre[source], post[neuron[bundle.target]], weight, delay

    def _write(self, law: Law) -> None:
        dt, where = self.plan.grid.dt, f"projection {self.wiring.name!r}: plasticity"
        taus = {name: getattr(law, name) for name in ("tau_plus", "tau_minus", "tau_x", "tau_y")}
        for name, tau in (*taus.items(), *([("tau_c", law.tau_c), ("tau_d", law.tau_d)] if law.tau_c else [])):
            if tau < SHORTEST * dt:
                raise InvalidValueError(
                    f"{where}: {name} = {tau!r} ms is far below dt = {dt:g} ms; choose a smaller dt"
                )
        self.law = np.zeros(k.LAWS)
        for entry, value in {
            k.A_PLUS: law.A_plus, k.A_MINUS: law.A_minus, k.A3_PLUS: law.A3_plus, k.A3_MINUS: law.A3_minus,
            k.A_PRE: law.A_pre, k.A_POST: law.A_post, k.W_MIN: law.w_min, k.W_MAX: law.w_max,
            k.MU_PLUS: law.mu_plus, k.MU_MINUS: law.mu_minus, k.RATE_PLUS: dt / law.tau_plus,
            k.RATE_MINUS: dt / law.tau_minus, k.RATE_X: dt / law.tau_x, k.RATE_Y: dt / law.tau_y,
            k.TOTAL: law.w_total, k.RATE_C: dt / law.tau_c if law.tau_c else 0.0, k.RATE_D: dt / law.tau_d,
            k.DT: dt, k.BASELINE: law.baseline,
        }.items():  # fmt: skip
            self.law[entry] = value
        steps, _ = self.plan.grid.nearest([time for time, _ in law.rewards], least=0)
        self.pulse_step, self.pulse_size = steps, np.array([amount for _, amount in law.rewards])
        triplet = bool(law.A3_plus or law.A3_minus)
        fastest = min(taus.values()) if triplet else min(law.tau_plus, law.tau_minus)
        self.row = np.zeros(k.COLUMNS, np.int64)
        for column, value in {
            k.NEURONS: self.column.size, k.COLUMN: self.column.ctypes.data, k.WIDTH: self.width,
            k.REV_PTR: self.ptr.ctypes.data, k.REV_SYNAPSE: self.synapse.ctypes.data,
            k.REV_SEGMENT: self.segment.ctypes.data, k.SYNAPSES: self.weight.size, k.SEGMENTS: self.x.shape[1],
            k.WEIGHT: self.weight.ctypes.data, k.ELIGIBLE: self.eligible.ctypes.data if law.tau_c else 0,
            k.X1: self.x[0].ctypes.data, k.X2: self.x[1].ctypes.data, k.Y1: self.y[0].ctypes.data,
            k.Y2: self.y[1].ctypes.data, k.LAW: self.law.ctypes.data, k.TRIPLET: triplet, k.NEAREST: law.nearest,
            k.SOFT: bool(law.mu_plus or law.mu_minus), k.PERIOD: max(1, int(FURTHEST * fastest / dt)),
            k.EVERY: self.plan.grid.steps(law.every, f"{where}: every") if law.every else 0,
            k.C_PERIOD: max(1, int(FURTHEST_ELIGIBLE * law.tau_c / dt)), k.PULSE_STEP: self.pulse_step.ctypes.data,
            k.PULSE_SIZE: self.pulse_size.ctypes.data, k.PULSES: self.pulse_step.size,
        }.items():  # fmt: skip
            self.row[column] = int(value)


class Learners:
    """The plastic projections of one worker, in the order of their names; `table` is their records."""

    def __init__(self, learners: Sequence[Learner], before: int) -> None:
        self.learners = list(learners)
        for number, learner in enumerate(self.learners):
            learner.row[k.BUNDLE] = before + number
        rows = [learner.row for learner in self.learners]
        self.table = np.array(rows, np.int64).reshape(len(rows), k.COLUMNS)

    def start(self, step: int) -> None:
        """Begin at `step`; rewards before it are past."""
        for learner, row in zip(self.learners, self.table):
            row[[k.REF, k.C_REF, k.D_STEP]] = step
            row[k.PULSE] = np.searchsorted(learner.pulse_step, step)
            if row[k.ELIGIBLE]:
                k.rewards_until(row, learner.law, step)

    def reward(self, step: int, amount: float, name: str | None) -> None:
        """Let dopamine jump by `amount` at `step`, in the projection of that name or in all."""
        for learner, row in zip(self.learners, self.table):
            if row[k.ELIGIBLE] and name in (None, learner.wiring.name):
                k.reward(row, learner.law, step, amount)

    def weights(self, name: str, step: int) -> tuple[Learner, np.ndarray]:
        """Return the projection of that name on this worker, and its weights as they are at `step`."""
        number = [learner.wiring.name for learner in self.learners].index(name)
        learner = self.learners[number]
        out = np.empty(learner.weight.size)
        k.read(self.table, number, step, out)
        return learner, out


def learnt(workers: Sequence[WorkerProgram], name: str, step: int) -> Callable[[], Edges]:
    """Return a function that lists the synapses of a projection as they are now (delays in steps)."""
    found = [w.learners.weights(name, step) for w in workers]

    def edges() -> Edges:
        parts = [learner.edges(weight) for learner, weight in found]
        pre, post, weight, delay = (np.concatenate(column) for column in zip(*parts))
        return pre, post, weight, delay

    return edges


def reward_projections(plan: Plan) -> list[str]:
    """Return the names of the projections that wait for rewards."""
    return [plan.wirings[i].name for i, rule in plan.plastic.items() if rule.law.tau_c]
