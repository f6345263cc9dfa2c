"""Plasticity that waits for a reward (Izhikevich 2007, Cerebral Cortex 17:2443-2452, equations 2 and 3):

    dc/dt = -c / tau_c + STDP     the eligibility trace: what pairs of spikes would have changed, remembered
    dw/dt = c d                   the weight changes while there is dopamine
    d = baseline + phasic part,   which jumps at rewards and decays with tau_d

Between the spikes of a synapse all three have a closed form, so nothing is done for a synapse that is silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from .contract import Law, Plasticity, number

__all__ = ["RewardSTDP"]


@named
@dataclass(frozen=True, kw_only=True)
class RewardSTDP(Plasticity):
    """Spike-timing-dependent plasticity modulated by reward.

    Parameters
    ----------
    A_plus, A_minus : float
        What one pair at lag 0 adds to the eligibility trace c, in the unit of the weight; see :class:`STDP`.
    w_min, w_max : float
        Bounds of the weight, in its unit; they are kept at the spikes of a synapse and whenever it is read.
    tau_plus, tau_minus : float
        Time constants of the window (ms).
    tau_c : float
        Time constant of the eligibility trace (ms): how long a pair waits for its reward.
    tau_d : float
        Time constant of dopamine (ms).
    baseline : float
        Dopamine without reward (1/ms).
    rewards : sequence of (time, amount)
        When (ms) and by how much (1/ms) dopamine jumps; an amount may be negative.  A reward of `amount` changes a
        weight by amount c / (1/tau_c + 1/tau_d) in all, with c the eligibility at that time.  Rewards that depend on
        what the network does are given by :meth:`Simulation.reward` between two pieces of a run.
    pairing : {"all", "nearest"}
        See :class:`STDP`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        On what is no finite number, a time constant that is not > 0, a reward before 0, w_min not below w_max.

    Examples
    --------
    >>> import spikesim as ss
    >>> rule = ss.RewardSTDP(A_plus=0.01, A_minus=0.012, w_max=1.0, rewards=[(1000.0, 0.1)])
    >>> rule.tau_c
    1000.0
    """

    A_plus: float
    A_minus: float
    w_max: float
    w_min: float = 0.0
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    tau_c: float = 1000.0
    tau_d: float = 200.0
    baseline: float = 0.0
    rewards: Sequence[tuple[float, float]] = ()
    pairing: str = "all"

    def __post_init__(self) -> None:
        self._check(positive=("tau_plus", "tau_minus", "tau_c", "tau_d"))
        object.__setattr__(self, "rewards", _pulses(self.rewards))

    @property
    def law(self) -> Law:
        """The rule in the terms of :mod:`.contract`."""
        return self._law()


def _pulses(given: Any) -> tuple[tuple[float, float], ...]:
    """Return the rewards as pairs of floats in order of time."""
    try:
        pairs = [(time, amount) for time, amount in given]
    except (TypeError, ValueError):
        raise InvalidTypeError(
            f"RewardSTDP: rewards must be pairs (time in ms, amount), got {type(given).__name__} {given!r:.60}"
        ) from None
    pulses = []
    for k, (time, amount) in enumerate(pairs):
        pulses.append((number(f"RewardSTDP: time of reward {k}", time), number(f"RewardSTDP: reward {k}", amount)))
        if pulses[-1][0] < 0:
            raise InvalidValueError(f"RewardSTDP: reward {k} comes before t = 0: {pulses[-1][0]!r} ms")
    return tuple(sorted(pulses, key=lambda pulse: pulse[0]))
