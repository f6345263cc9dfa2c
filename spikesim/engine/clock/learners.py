"""The plastic projections of one worker, each a bundle of its own: their rules in the form that `plastic` takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...jit.records import span
from ...program.program import Program
from ...program.wiring import Wiring
from .. import rules
from ..learning import Learning
from . import own
from . import plastic as k
from .entries import plastic_delivery
from .layout import Layout

__all__ = ["Learner"]

#: A trace is referred to a new step before it has grown by e^64.
FURTHEST = 64.0
#: A trace that falls by more than e^-64 in a step is none.
SHORTEST = 1.0 / 64.0


class Learner(Learning):
    """One plastic projection on one worker.

    Attributes
    ----------
    key : str or None
        Of the equations of a rule that has its own.
    rewarded : bool
        Whether synapses have eligibility.
    late : int
        Steps by which spikes and states of targets are felt later than they come: twice the dendritic delay.
    """

    def __init__(
        self, wiring: Wiring, program: Program, rule: Any, port: int, column: np.ndarray, width: int,
        dendritic_delay: float = 0.0,
    ) -> None:  # fmt: skip
        self.key = rules.register(type(rule)) if rule.law is None else None
        kernel = plastic_delivery() if self.key is None else own.delivery(self.key)
        super().__init__(wiring, program, rule, column, width, port, kernel)
        self.synapse = np.append(self.synapse, np.zeros(k.AHEAD, np.uint32))
        behind = program.grid.steps(dendritic_delay, f"projection {wiring.name!r}: dendritic_delay")
        self.late = 2 * behind
        shortest = int(self.bundle.seg_delay.min(initial=behind))
        self.require_share(program.grid.time(behind), program.grid.time(shortest))

    def require_finite(self, weight: np.ndarray, begin: int, end: int) -> None:
        """Refuse weights that equations of one's own made infinite or not a number between two steps."""
        if self.key is not None:
            super().require_finite(weight, begin, end)

    def look(self, traces: np.ndarray, x: np.ndarray) -> None:
        """Let what follows states of targets begin at these."""
        kept = len(self.follows)
        traces[kept:] = x[self.states]
        for i, row in enumerate(self.follows):
            if row >= 0:
                traces[i] = traces[row]

    @property
    def awaits(self) -> bool:
        """Whether a third factor does something here."""
        return self.rewarded if self.key is None else rules.registered[self.key].evented

    @property
    def rows(self) -> dict[str, int]:
        """How many numbers of each kind there are: of a synapse ("weight"), a segment and a column."""
        late = {"late": self.late + 1 if self.late else 0, "late_count": self.late, "past": 0}
        if self.key is None:
            return {"weight": 1, "x": 1, "y": 1, "eligible": int(self.rewarded), "sources": 0, "targets": 0} | late
        names = rules.registered[self.key].names
        n = {what: len(names[what]._fields) for what in ("synapse", "pre", "post")}
        late |= {"past": (self.late + 1) * len(self.rule.watched)} if self.late else {}
        return {
            "weight": n["synapse"], "x": 0, "y": 0, "eligible": 0, "sources": n["pre"], "targets": n["post"], **late,
        }  # fmt: skip

    def record(self, rule: Any, layout: Layout) -> dict[str, Any]:
        """Return the fields of PLASTIC that a rule and these synapses give."""
        self.rule, grid = rule, self.program.grid
        self.where = f"projection {self.wiring.name!r}: plasticity"
        found = {
            "column": span(self.column), "rev_ptr": span(self.ptr), "rev_synapse": span(self.synapse),
            "rev_segment": span(self.segment), "width": self.width, "synapses": self.synapses,
            "segments": self.segments, "late": self.late, "w_min": rule.w_min, "w_max": rule.w_max, "dt": grid.dt,
        }  # fmt: skip
        return found | (self._fused() if self.key is None else self._own(layout))

    def _rate(self, name: str, tau: float) -> float:
        """dt / tau, of a time constant that is not far below dt."""
        dt = self.program.grid.dt
        if tau < SHORTEST * dt:
            raise InvalidValueError(
                f"{self.where}: {name} = {tau!r} ms is far below dt = {dt:g} ms; choose a smaller dt"
            )
        return dt / tau

    def _fused(self) -> dict[str, Any]:
        law, grid = self.rule.law, self.program.grid
        taus = {name: getattr(law, name) for name in ("tau_plus", "tau_minus", "tau_x", "tau_y")}
        rates = {name.replace("tau", "rate"): self._rate(name, tau) for name, tau in taus.items()}
        self.rewarded = bool(law.tau_c)
        for name in ("tau_c", "tau_d"):
            tau = getattr(law, name)
            rates[name.replace("tau", "rate")] = self._rate(name, tau) if self.rewarded else 0.0
        self.pulse_at, self.pulse_size, c_period = self.rewards(law)
        triplet = bool(law.A3_plus or law.A3_minus)
        fastest = min(taus.values()) if triplet else min(law.tau_plus, law.tau_minus)
        same = ("A_plus", "A_minus", "A3_plus", "A3_minus", "A_pre", "A_post", "mu_plus", "mu_minus")
        return {
            "pulse_at": span(self.pulse_at), "pulse_size": span(self.pulse_size), "rewarded": self.rewarded,
            "triplet": triplet, "nearest": law.nearest, "soft": bool(law.mu_plus or law.mu_minus),
            "period": max(1, int(FURTHEST * fastest / grid.dt)),
            "every": grid.steps(law.every, f"{self.where}: every") if law.every else 0,
            "c_period": c_period,
            **{name: getattr(law, name) for name in same}, "w_total": law.w_total, "baseline": law.baseline, **rates,
        }  # fmt: skip

    def _own(self, layout: Layout) -> dict[str, Any]:
        rule, grid = self.rule, self.program.grid
        assert self.key is not None
        equations = rules.registered[self.key]

        def pace(tau: Any) -> float:
            return 0.0 if tau is None else self._rate(tau, getattr(rule, tau))

        post = list(rule.post.values())
        decaying = [0.0, *map(pace, rule.synapse.values()), *(map(pace, rule.pre.values()) if rule.pre else [0.0])]
        decaying += [0.0 if isinstance(tau, tuple) else pace(tau) for tau in post]
        decaying += [0.0] * (len(equations.names["post"]._fields) - len(post))
        self.rates = np.array(decaying)
        self.paces = np.array([pace(tau[1]) if isinstance(tau, tuple) else 0.0 for tau in post], np.float64)
        row = {name: len(post) + i for i, name in enumerate(rule.watched)}
        self.follows = np.array([row[tau[0]] if isinstance(tau, tuple) else -1 for tau in post], np.int64)
        self.parameters = self.numbers(rule)
        self.states = np.zeros((len(rule.watched), self.width), np.int64)
        for part in layout.parts:
            column = self.column[part.first : part.first + part.size]
            for i, name in enumerate(rule.watched):
                if name in part.row:
                    self.states[i, column[column >= 0]] = part.row[name] + np.flatnonzero(column >= 0)
        self.felt = np.arange(self.states.size)
        self.rewarded = False
        self.pulse_at = np.zeros(0, np.int64)
        fastest = self.rates.max()
        return {
            "learn": own.learning(self.key), "event": own.event(self.key) if equations.evented else 0,
            "parameters": span(self.parameters), "rates": span(self.rates), "paces": span(self.paces),
            "follows": span(self.follows), "states": span(self.states), "felt": span(self.felt),
            "period": max(1, int(FURTHEST / fastest)) if fastest > 0.0 else 2**62,
            "every": grid.steps(rule.every, f"{self.where}: every", least=1) if hasattr(rule, "every") else 1,
        }  # fmt: skip
