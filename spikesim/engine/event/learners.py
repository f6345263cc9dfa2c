"""A plastic projection on one worker of the event engine: its synapses, its rule in the form that `plastic` takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...jit.records import span
from ...network.projection import Projection
from ...plasticity.contract import Law
from ...plasticity.declared import reading
from ...plasticity.pairs import as_equations
from ...program.bundles import Bundle
from ...program.part import Part
from ...program.program import Program
from ...program.wiring import Wiring
from .. import rules
from ..learning import Learning
from .held import REWARDED, STEADY, TIMED, columns

__all__ = ["Learner", "unfit"]


def unfit(projection: Projection) -> str | None:
    """Say why a projection that learns does not run from event to event; None: it does."""
    rule: Any = projection.plasticity
    if rule.law is not None or not rule.watched:
        return None
    followed = [name for name, tau in rule.post.items() if isinstance(tau, tuple)]
    if followed:
        return f"its trace {followed[0]!r} follows a state of the target all the time"
    elsewhere = [verb for verb in reading(rule) if verb != "on_pre"]
    states = ", ".join(rule.watched)
    if elsewhere:
        read = "reads" if len(elsewhere) == 1 else "read"
        return (
            f"its {' and '.join(elsewhere)} {read} {states} of the target, which from event to event is known where a "
            "spike arrives (on_pre) only"
        )
    if projection.dendritic_delay:
        return f"it reads {states} of the target, and that is not known any more when a dendritic_delay has passed"
    return None


class Learner(Learning):
    """One plastic projection on one worker.

    Attributes
    ----------
    key : str
        Of the equations.
    kind : int
        What synapses hold, see `held`.
    late : float
        By how many ms synapses are told later of spikes of targets: twice the dendritic delay.
    pace : int
        Every how many steps something is done to all synapses: `on_step`, or the scaling of a law; 0: never.
    """

    def __init__(
        self, wiring: Wiring, program: Program, rule: Any, port: int, column: np.ndarray, width: int, start: float,
        dendritic_delay: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(wiring, program, rule, column, width, port)
        self.start, self.late = start, 2.0 * dendritic_delay
        self.require_share(dendritic_delay, float(self.bundle.seg_delay.astype(np.float64).min(initial=np.inf)))
        self.set_rule(rule)

    def set_rule(self, rule: Any) -> None:
        """Learn by this rule."""
        self.law, self.rule = rule.law, rule if rule.law is None else as_equations(rule.law)
        self.key = rules.register(type(self.rule))
        self.pace = self._pace(f"projection {self.wiring.name!r}: plasticity: every")

        def rates(side: dict[str, str | None]) -> list[float]:
            return [0.0 if tau is None else 1.0 / getattr(self.rule, tau) for tau in side.values()]

        variables, states = [0.0, *rates(self.rule.synapse)], [0.0] * rules.registered[self.key].reads
        rewarded = self.law is not None and self.law.tau_c > 0.0
        self.kind = REWARDED if rewarded else TIMED if any(variables) else STEADY
        self._set_rewards(self.law if rewarded else None)
        post = [*rates(self.rule.post), *states] or [0.0]
        self.rates = np.array([*variables, *(rates(self.rule.pre) or [0.0]), *post])
        self.parameters = self.numbers(self.rule)

    def _pace(self, where: str) -> int:
        every = self.law.every if self.law is not None else getattr(self.rule, "every", None)
        if self.law is None and not rules.registered[self.key].stepped:
            return 0
        if every is None:
            return 1
        return self.program.grid.steps(every, where, least=1) if every else 0

    def _set_rewards(self, law: Law | None) -> None:
        """When rewards come: on the grid, as on the clock engine."""
        self.pulse_step, self.pulse_size, self.refers = np.zeros(0, np.int64), np.zeros(0), 0
        if law is not None:
            self.pulse_step, self.pulse_size, self.refers = self.rewards(law)
        self.pulse_at = np.array([self.program.grid.time(int(step)) for step in self.pulse_step], np.float64)

    @property
    def evented(self) -> bool:
        """Whether a third factor does something here."""
        return self.kind == REWARDED or rules.registered[self.key].evented

    def rest(self, step: int) -> int:
        """Return how many steps after this one something is done to all synapses, at most; 2^62: nothing is."""
        paces = [pace - step % pace for pace in (self.pace, self.refers) if pace]
        return min([*paces, *(int(at) - step for at in self.pulse_step if at > step)], default=2**62)

    @property
    def columns(self) -> dict[str, int]:
        """How many numbers stand side by side: of a synapse, a segment and a target; when they changed is the last."""
        names = rules.registered[self.key].names
        n_s, n_pre, n_post = (len(names[what]._fields) for what in ("synapse", "pre", "post"))
        return {"synapses": columns(self.kind, n_s), "sources": n_pre + 1, "targets": n_post + 1}

    @property
    def sizes(self) -> dict[str, int]:
        """How many numbers that are in all."""
        each = {"synapses": self.synapses, "sources": self.segments, "targets": self.width}
        return {name: each[name] * count for name, count in self.columns.items()}

    def record(self, parts: Sequence[Part]) -> dict[str, Any]:
        """Return the fields of PLASTIC that a rule and these synapses give."""
        states = self.rule.watched if self.law is None else ()
        columns = [part.row.get(state, -1) for part in parts for state in states]
        self.watched = np.array(columns, np.int64)
        return {
            "reads": len(states), "watched": span(self.watched), "seen_at": len(self.rule.post),
            "of_target": self.columns["targets"],
            "ptr": span(self.ptr), "synapse": span(self.synapse), "segment": span(self.segment),
            "parameters": span(self.parameters), "rates": span(self.rates),
            "w_min": self.rule.w_min, "w_max": self.rule.w_max, "late": self.late,
            "pulse_size": span(self.pulse_size), "dt": 1.0, **self._waiting(),
        }  # fmt: skip

    def _waiting(self) -> dict[str, float]:
        law = self.law
        if law is None:
            return {}
        rates = {} if not law.tau_c else {"rate_c": 1.0 / law.tau_c, "rate_d": 1.0 / law.tau_d}
        return {"w_total": law.w_total, "baseline": law.baseline, **rates}

    def back(self) -> Bundle:
        """Return the way on which spikes of targets come back to their synapses: to each itself, `late` later."""
        used = self.column >= 0
        used[used] = np.diff(self.ptr)[self.column[used]] > 0
        target = self.column[used].astype(np.uint32)
        source_ptr = np.concatenate(([0], np.cumsum(used))).astype(np.int64)
        delay, start = np.full(target.size, self.late), np.arange(target.size + 1)
        return Bundle(self.bundle.port, 0.0, source_ptr, delay, start, target, None)

    def begin(self, synapses: np.ndarray, sources: np.ndarray, targets: np.ndarray) -> None:
        """Write the state at the start."""
        each = self.columns
        if self.initial is not None:
            synapses[:: each["synapses"]] = self.initial
            self.initial = None
        for name, values in self.chance().items() if self.rule.draws else ():
            synapses[1 + list(self.rule.synapse).index(name) :: each["synapses"]] = values
        for values, count in ((sources, each["sources"]), (targets, each["targets"])):
            values[count - 1 :: count] = self.start
        if self.kind == TIMED:
            synapses[each["synapses"] - 1 :: each["synapses"]] = self.start
