"""The plastic projections of one worker: their synapses, and their rules in the form that `plastic` takes.

Each has a bundle of its own.  Its synapses are in the order (source, delay, target, j), those of a target in the order
(source, delay, j): neither depends on how neurons were divided among workers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...jit.records import span
from ...plasticity import Plasticity
from ...program.bundles import Bundle
from ...program.program import Program
from ...program.wiring import Wiring
from . import plastic as k
from .entries import plastic_delivery

__all__ = ["Edges", "Learner"]

Edges = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

#: A trace is referred to a new step before it has grown by e^64, an eligibility by e^4 (what it gained stays exact).
FURTHEST, FURTHEST_ELIGIBLE = 64.0, 4.0
#: A trace that falls by more than e^-64 in a step is none.
SHORTEST = 1.0 / 64.0


class Learner:
    """One plastic projection on one worker.

    Attributes
    ----------
    bundle : Bundle
    initial : float64 array or None
        Weights at the start, in the order of the bundle; until they have been given to an arena.
    synapse, segment : uint32 arrays
        Those of each target, `ptr` int64 (width + 1).
    segments : int
    rewarded : bool
        Whether synapses have eligibility.
    """

    def __init__(self, wiring: Wiring, program: Program, port: int, column: np.ndarray, width: int) -> None:
        self.wiring, self.program, self.column, self.width = wiring, program, np.ascontiguousarray(column), width
        targets = np.flatnonzero(column[wiring.post_ids] >= 0)
        pre, post, weight, delay = wiring.edges(targets)
        source = wiring.pre_ids[pre]
        order = np.lexsort((delay, source))
        source, delay = source[order], delay[order]
        self.initial: np.ndarray | None = weight[order]
        target = self.column[wiring.post_ids[post[order]]]
        first = np.flatnonzero(np.diff(source, prepend=-1) | np.diff(delay, prepend=-1))
        self.bundle = Bundle(
            port=port,
            const=0.0,
            source_ptr=np.searchsorted(source[first], np.arange(program.n + 1)),
            seg_delay=delay[first].astype(np.int32),
            seg_start=np.append(first, source.size),
            target=target.astype(np.uint32),
            weight=None,
            kernel=plastic_delivery(),
        )
        order = np.argsort(target, kind="stable")
        self.synapse = np.concatenate([order, np.zeros(k.AHEAD, np.int64)]).astype(np.uint32)
        self.segment = (np.searchsorted(first, order, side="right") - 1).astype(np.uint32)
        self.ptr = np.searchsorted(target[order], np.arange(width + 1))
        self.synapses, self.segments = source.size, first.size

    def posts(self) -> np.ndarray:
        """Return which target stands in each column: its position among the targets, or -1."""
        post, neuron = np.full(self.program.n, -1, np.int64), np.zeros(self.width, np.int64)
        post[self.wiring.post_ids] = np.arange(self.wiring.n_post)
        mine = np.flatnonzero(self.column >= 0)
        neuron[self.column[mine]] = mine
        return post[neuron]

    def sources(self) -> np.ndarray:
        """Return the gid of the source of each segment."""
        return np.repeat(np.arange(self.program.n), np.diff(self.bundle.source_ptr))

    def edges(self, weight: np.ndarray) -> Edges:
        """Return the synapses with these weights: positions in the two sides, weights, delays in steps."""
        bundle, wiring = self.bundle, self.wiring
        pre = np.empty(self.program.n, np.int64)
        pre[wiring.pre_ids] = np.arange(wiring.n_pre)
        sizes = np.diff(bundle.seg_start)
        delay = np.repeat(bundle.seg_delay.astype(np.int64), sizes)
        return pre[np.repeat(self.sources(), sizes)], self.posts()[bundle.target], weight, delay

    def record(self, rule: Plasticity) -> dict[str, Any]:
        """Return the fields of PLASTIC that a rule and these synapses give."""
        law, grid = rule.law, self.program.grid
        dt, where = grid.dt, f"projection {self.wiring.name!r}: plasticity"
        taus = {name: getattr(law, name) for name in ("tau_plus", "tau_minus", "tau_x", "tau_y")}
        for name, tau in (*taus.items(), *([("tau_c", law.tau_c), ("tau_d", law.tau_d)] if law.tau_c else [])):
            if tau < SHORTEST * dt:
                raise InvalidValueError(
                    f"{where}: {name} = {tau!r} ms is far below dt = {dt:g} ms; choose a smaller dt"
                )
        self.rewarded = bool(law.tau_c)
        steps, _ = grid.nearest([time for time, _ in law.rewards], least=0)
        self.pulse_step, self.pulse_size = steps, np.array([amount for _, amount in law.rewards], np.float64)
        triplet = bool(law.A3_plus or law.A3_minus)
        fastest = min(taus.values()) if triplet else min(law.tau_plus, law.tau_minus)
        same = ("A_plus", "A_minus", "A3_plus", "A3_minus", "A_pre", "A_post", "w_min", "w_max", "mu_plus", "mu_minus")
        return {
            "column": span(self.column), "rev_ptr": span(self.ptr), "rev_synapse": span(self.synapse),
            "rev_segment": span(self.segment), "pulse_step": span(self.pulse_step),
            "pulse_size": span(self.pulse_size), "width": self.width, "synapses": self.synapses,
            "segments": self.segments, "rewarded": self.rewarded, "triplet": triplet, "nearest": law.nearest,
            "soft": bool(law.mu_plus or law.mu_minus), "period": max(1, int(FURTHEST * fastest / dt)),
            "every": grid.steps(law.every, f"{where}: every") if law.every else 0,
            "c_period": max(1, int(FURTHEST_ELIGIBLE * law.tau_c / dt)),
            **{name: getattr(law, name) for name in same}, "w_total": law.w_total, "baseline": law.baseline, "dt": dt,
            "rate_plus": dt / law.tau_plus, "rate_minus": dt / law.tau_minus, "rate_x": dt / law.tau_x,
            "rate_y": dt / law.tau_y, "rate_c": dt / law.tau_c if law.tau_c else 0.0, "rate_d": dt / law.tau_d,
        }  # fmt: skip
