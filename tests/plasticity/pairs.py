"""The obvious plasticity: one synapse, all its events in order of time, every sum over earlier spikes written out.

It shares no code with the engine: no traces, no references, no weights of many synapses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from spikesim.plasticity import Plasticity
from spikesim.plasticity.contract import Law


class History(NamedTuple):
    """One synapse: what each arrival transmitted, and the changes (time, size) that spikes made to it."""

    weight: float
    transmitted: list[float]
    changes: list[tuple[float, float]]


def events(arrivals: Sequence[int], spikes: Sequence[int]) -> list[tuple[int, int]]:
    """Steps of arrivals (0) and of the target's spikes (1) in their order: arrivals first."""
    return sorted([(s, 0) for s in arrivals] + [(s, 1) for s in spikes])


def trace(earlier: list[int], step: int, tau: float, dt: float, nearest: bool) -> float:
    """Sum of what the earlier spikes have left."""
    return sum(math.exp(-(step - s) * dt / tau) for s in (earlier[-1:] if nearest else earlier))


def bounded(w: float, change: float, law: Law) -> float:
    """w + F(change), within the bounds."""
    u = (w - law.w_min) / (law.w_max - law.w_min)
    factor = (1.0 - u) ** law.mu_plus if change > 0 else u**law.mu_minus
    return min(max(w + change * factor, law.w_min), law.w_max)


def history(
    rule: Plasticity, w: float, arrivals: Sequence[int], spikes: Sequence[int], dt: float, stop: int
) -> History:
    """What becomes of a synapse of weight w until step `stop`, without normalisation."""
    law = rule.law
    before: list[list[int]] = [[], []]
    start, transmitted, changes = w, [], []
    for step, kind in events(arrivals, spikes):
        if step > stop:
            break
        mine, other = before[kind], before[1 - kind]
        if kind == 0:
            pair, own = (law.A_minus, law.tau_minus), (law.A3_minus, law.tau_x)
            sign, alone = -1.0, law.A_pre
            transmitted.append(start + gained(law, changes, step * dt) if law.tau_c else w)
        else:
            pair, own = (law.A_plus, law.tau_plus), (law.A3_plus, law.tau_y)
            sign, alone = 1.0, law.A_post
        size = pair[0] + own[0] * trace(mine, step, own[1], dt, law.nearest)
        change = alone + sign * size * trace(other, step, pair[1], dt, law.nearest)
        changes.append((step * dt, change))
        if not law.tau_c:
            w = bounded(w, change, law)
        mine.append(step)
    return History(start + gained(law, changes, stop * dt) if law.tau_c else w, transmitted, changes)


def gained(law: Law, changes: list[tuple[float, float]], t: float) -> float:
    """Sum over changes and rewards of the integral of c d up to t; no bound may have been reached."""
    total = 0.0
    for begin, size in changes:
        total += size * law.baseline * law.tau_c * (1.0 - math.exp(-(t - begin) / law.tau_c))
        for reward, amount in law.rewards:
            first = max(begin, reward)
            if first >= t:
                continue
            rate = 1.0 / law.tau_c + 1.0 / law.tau_d
            c, d = math.exp(-(first - begin) / law.tau_c), math.exp(-(first - reward) / law.tau_d)
            total += size * amount * c * d * (1.0 - math.exp(-rate * (t - first))) / rate
    return total
