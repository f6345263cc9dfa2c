"""The background: what reaches a neuron from outside the network, one independent Poisson train a neuron."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import freeze
from ..neurons.sources import check_rate, check_window
from ..plausibility import warn_of_unit
from ..synapses.contract import Synapse
from ..synapses.equations import additive
from . import checked
from .projection import selected, synapse_value, unique, warn_of_weight
from .selection import Selection
from .stimulus import Steps, Stimulus

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Background", "background"]


@dataclass(frozen=True, eq=False)
class Background:
    """Poisson trains of `rate` (Hz; one number, one a target, or steps in time), each spike with `weight`."""

    name: str
    target: Selection
    rate: float | np.ndarray | Steps
    weight: float
    synapse: Synapse
    start: float = 0.0
    stop: float = math.inf

    @property
    def rates(self) -> np.ndarray:
        """Rate of every target (Hz); for steps in time 1, which the factors of `pieces` make a rate."""
        one = 1.0 if isinstance(self.rate, Steps) else self.rate
        return np.broadcast_to(np.asarray(one, np.float64), (self.target.size,))

    @property
    def pieces(self) -> list[tuple[float, float, float]]:
        """(begin, end, factor): when (ms) it is on, by how much `rates` is multiplied; empty: always, by 1."""
        if not isinstance(self.rate, Steps):
            always = self.start == 0.0 and math.isinf(self.stop)
            return [] if always else [(self.start, self.stop, 1.0)]
        ends = np.append(self.rate.times[1:], math.inf)
        found = [
            (max(float(begin), self.start), min(float(end), self.stop), float(factor))
            for begin, end, factor in zip(self.rate.times, ends, self.rate.amplitudes)
        ]
        return [piece for piece in found if piece[0] < piece[1]] or [(self.start, self.stop, 0.0)]


freeze(Background, "describe another one with net.background(...)")


def background(
    network: Network,
    target: Any,
    rate: Any,
    weight: Any,
    synapse: Any,
    name: str | None,
    start: Any = 0.0,
    stop: Any = math.inf,
) -> Background:
    """Return a checked background (see :meth:`Network.background`)."""
    target = selected("background: target", network, target, receives=True)
    title = unique(name, f"background of {target}", (b.name for b in network.backgrounds), "background")
    where = f"background {title!r}" if name is not None else title
    rate = _rate(where, rate, target.size)
    begin, end = check_window(where, start, stop)
    weight = checked.number(f"{where}: weight", weight)
    synapse = synapse_value(where, synapse, target)
    if not additive(synapse):
        raise InvalidValueError(
            f"{where}: the trains of a background are added up, which needs a synapse whose jump is f + b w; that of "
            f"{synapse!r} is not; connect a population of ss.Poisson(rate) instead"
        )
    warn_of_weight(where, weight, synapse)
    return Background(title, target, rate, weight, synapse, begin, end)


def _rate(where: str, rate: Any, size: int) -> Any:
    """Return the rate of the trains: a number, one a target, or steps in time that all targets have in common."""
    if isinstance(rate, Stimulus):
        if not isinstance(rate, Steps) or rate.targets is not None:
            what = f"{type(rate).__name__} for each target" if isinstance(rate, Steps) else type(rate).__name__
            raise InvalidTypeError(
                f"{where}: rate: wanted a number, one a target, or Steps(times, rates) for all, got {what}; a rate "
                "that changes smoothly is listed in steps, as fine as need be"
            )
        check_rate(f"{where}: rate", rate.amplitudes)
        return rate
    rate = checked.values(f"{where}: rate", rate, least=0.0)
    check_rate(f"{where}: rate", rate)
    warn_of_unit("rate of a background", f"{where}: rate", rate)
    checked.one_each(f"{where}: rate", rate, size)
    return rate
