"""What a rule of plasticity is: a small frozen value that says how the weights of a projection change by themselves.

Every rule of the package is made of traces that spikes leave, and of changes at spikes (Morrison, Diesmann and
Gerstner 2008, Biol. Cybern. 98:459-478):

    arrival of a presynaptic spike at the synapse     w <- w + F(dw),  dw = A_pre  - y (A_minus + A3_minus x2)
                                                      then x <- x + 1, x2 <- x2 + 1   (nearest: x <- 1, x2 <- 1)
    postsynaptic spike                                w <- w + F(dw),  dw = A_post + x (A_plus  + A3_plus  y2)
                                                      then y <- y + 1, y2 <- y2 + 1   (nearest: y <- 1, y2 <- 1)
    in between                                        x, y, x2, y2 decay with tau_plus, tau_minus, tau_x, tau_y

with the dependence on the weight of Guetig et al. (2003, J. Neurosci. 23:3697-3714), u = (w - w_min) / (w_max - w_min):

    F(dw) = dw (1 - u)^mu_plus  for dw > 0,   dw u^mu_minus  for dw < 0;   and w stays within w_min ... w_max.

Conventions
-----------
- The delay of a projection is **axonal**: a spike reaches the synapse `delay` after it was emitted, acts on the neuron
  there and then, and is paired at that time with the neuron's own spikes, which reach their synapses at once.  The lag
  of a pair is t_post - (t_pre + delay).
- Where ``connect(dendritic_delay=d)`` says that d of it lies between synapse and soma, a spike reaches the synapse at
  delay - d, and the weight it finds there acts d later; the neuron's spikes and states reach the synapse d after they
  came.  The lag is t_post + d - (t_pre + delay - d); d = delay is the convention of NEST.  Weights are shown, set,
  frozen, normalised and rewarded as they act, which is d after they changed.
- In one step **arrivals come before the spikes of the neuron**: a pair at lag 0 is causal (+A_plus), as it is with
  Delta, whose arrival may cause that very spike.
- An arriving spike transmits the weight that it finds; its own change is felt by the next one.
- "all": every spike is paired with every earlier one of the other side.  "nearest": with the latest one only
  (the symmetric scheme of Morrison et al., their figure 7A).
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass, fields
from typing import Any

from ..errors import InvalidValueError
from ..kinds import one_of
from ..plausibility import warn_of_unit
from ..scalars import real

__all__ = ["Law", "Plasticity"]

_SHARED = "; a rule is shared by all synapses of its projection, use several projections for several rules"


@dataclass(frozen=True)
class Law:
    """The numbers of the equations above; rates and amplitudes as the loops take them (tau in ms)."""

    A_plus: float
    A_minus: float
    w_min: float
    w_max: float
    tau_plus: float
    tau_minus: float
    A3_plus: float = 0.0
    A3_minus: float = 0.0
    tau_x: float = 1.0
    tau_y: float = 1.0
    A_pre: float = 0.0
    A_post: float = 0.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0
    nearest: bool = False
    w_total: float = 0.0
    every: float = 0.0  # 0: never
    tau_c: float = 0.0  # 0: no eligibility trace, changes are made at once
    tau_d: float = 1.0
    baseline: float = 0.0
    rewards: tuple[tuple[float, float], ...] = ()


class Plasticity(ABC):
    """Base of the rules: frozen dataclasses that check themselves and say their :class:`Law`.

    Rules with equations of their own (:mod:`.declared`) count as it, and have none.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.plasticity import Plasticity
    >>> isinstance(ss.STDP(A_plus=0.01, A_minus=0.01, w_max=1.0), Plasticity)
    True
    """

    w_min: float
    w_max: float

    @property
    def law(self) -> Law | None:
        """The rule in the terms of the equations of this module; None: it has its own."""
        raise NotImplementedError

    def _check(self, *, positive: tuple[str, ...], nonnegative: tuple[str, ...] = ()) -> None:
        """Turn every number into a float, or refuse it; `pairing` too."""
        where = type(self).__name__
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.name in ("pairing", "rewards") or (value is None and field.default is None):
                continue
            value = number(f"{where}: {field.name}", value)
            if field.name in positive and value <= 0:
                raise InvalidValueError(f"{where}: {field.name} must be > 0, got {value!r}")
            if field.name in nonnegative and value < 0:
                raise InvalidValueError(
                    f"{where}: {field.name} must be >= 0, got {value!r}"
                    + ("; A_minus is the size of a decrease" if field.name == "A_minus" else "")
                )
            if field.name.startswith("tau"):
                warn_of_unit("time constant", f"{where}: {field.name}", value)
            object.__setattr__(self, field.name, value)
        if not self.w_min < self.w_max:
            raise InvalidValueError(
                f"{where}: w_min must be below w_max, got w_min = {self.w_min!r} and w_max = {self.w_max!r}"
            )
        pairing = getattr(self, "pairing", "all")
        one_of(f"{where}: pairing", pairing, ("all", "nearest"))

    def _law(self, **other: Any) -> Law:
        """The law with the rule's values of the same names, and others."""
        own = {f.name: getattr(self, f.name) for f in fields(Law) if hasattr(self, f.name)}
        return Law(**own | {"nearest": getattr(self, "pairing", "all") == "nearest"} | other)

    def _check_total(self) -> None:
        """The two numbers of the normalisation, which come together."""
        where, total, every = type(self).__name__, getattr(self, "w_total", None), getattr(self, "every", None)
        if (total is None) != (every is None):
            given, missing = ("w_total", "every") if every is None else ("every", "w_total")
            raise InvalidValueError(
                f"{where}: {given} is given without {missing}; the weights onto a neuron are brought to the sum "
                "w_total every `every` ms: give both or neither"
            )
        if total is None or every is None:
            return
        for name, value in (("w_total", total), ("every", every)):
            if value <= 0:
                raise InvalidValueError(f"{where}: {name} must be > 0, got {value!r}")
        if self.w_min < 0:
            raise InvalidValueError(f"{where}: w_total needs weights that are not negative, got w_min = {self.w_min!r}")


def number(where: str, value: Any) -> float:
    """Return one finite number as float, or refuse."""
    return real(where, value, hint=_SHARED)
