"""A network in continuous time: every delay is kept as it was given or drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...grid import Grid
from ...jit import compiled
from ...network.projection import Projection
from ...network.rules import from_pairs
from ...program.program import Program as Plan
from ...program.wiring import Wiring
from ...random import Distribution, key, quantile, unit, word

__all__ = ["EventPlan"]

#: The wiring counts delays in steps; here a step is an index into the table of delays.
INDEX = Grid(1.0)


@compiled
def draw(a, b, law, post, rank, out):
    """out[s] = delay of the rank[s]-th synapse of target post[s]: what the wiring would round to its grid."""
    for s in range(post.size):
        out[s] = quantile(law, unit(word(a, b, (post[s] << 32) + rank[s])))


class EventPlan(Plan):
    """A network before it is divided among workers; `delays[k]` (ms) is what k steps of its wirings stand for."""

    def _wire(self) -> list[Wiring]:
        #: What stands behind each projection: rule, weights and delays (one, or one a synapse).
        given = [self._resolve(p) for p in self.projections]
        every = [np.zeros(0), *(np.ravel(delay) for _, _, delay in given)]
        self.delays = np.concatenate(([0.0], np.unique(np.concatenate(every))))
        wirings = []
        for p, (rule, weight, delay) in zip(self.projections, given):
            index = np.searchsorted(self.delays, delay).astype(np.float64)
            steps = index if np.ndim(index) else float(index)
            wirings.append(Wiring(p.name, rule, self.ids(p.pre), self.ids(p.post), weight, steps, INDEX, self.seed))
        return wirings

    def check(self) -> None:
        """Nothing has to fit a grid."""

    def _resolve(self, p: Projection) -> tuple[Any, Any, Any]:
        """Rule, weight and delay, with drawn delays listed (one a synapse)."""
        where = f"projection {p.name!r}: delay (ms)"
        if not isinstance(p.delay, Distribution):
            return p.rule, p.weight, np.asarray(p.delay, np.float64)
        if p.delay.low == p.delay.high:
            return p.rule, p.weight, np.asarray(p.delay.low)
        pre, post, weight, _ = Wiring(
            p.name, p.rule, self.ids(p.pre), self.ids(p.post), p.weight, 1.0, INDEX, self.seed
        ).edges()
        rank = np.arange(post.size) - np.searchsorted(post, post)
        stream = key(self.seed, "delays", p.name)
        delay = np.empty(post.size)
        draw(stream.a, stream.b, p.delay.law, post, rank, delay)
        if delay.size and not delay.min() > 0.0:
            k = int(np.argmin(delay))
            raise InvalidValueError(
                f"{where} must be > 0, but {p.delay!r} drew {delay[k]!r} for the synapse from {pre[k]} to {post[k]} "
                f"({np.count_nonzero(delay <= 0)} such synapses); give low= above 0"
            )
        return from_pairs(pre, post), weight, delay

    @property
    def window(self) -> float:
        """The smallest delay (ms); inf without synapses."""
        return min((float(self.delays[w.min_delay]) for w in self.wirings if w.expected > 0), default=np.inf)
