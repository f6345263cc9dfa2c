"""The background: what reaches a neuron from outside the network, one independent Poisson train a neuron."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import freeze
from ..neurons.contract import is_model
from ..neurons.train import Train, check_rate, check_window, is_of_time
from ..plausibility import warn_of_unit
from ..random import Distribution
from ..synapses.contract import Synapse
from . import checked
from .projection import selected, synapse_value, unique, warn_of_weight
from .selection import Selection
from .stimulus import Steps

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Background", "background", "rate_of"]


@dataclass(frozen=True, eq=False)
class Background:
    """Trains of `rate` (Hz; one number, one a target, a function of time, or of a source), each spike with `weight`."""

    name: str
    target: Selection
    rate: Any
    weight: float
    synapse: Synapse
    start: float = 0.0
    stop: float = math.inf

    @property
    def rates(self) -> np.ndarray:
        """Rate of every target (Hz); 1 where it changes in time, which its pace makes a rate."""
        rate = getattr(self.rate, "rate", self.rate)
        return np.broadcast_to(np.asarray(1.0 if is_of_time(rate) else rate, np.float64), (self.target.size,))

    @property
    def trains(self) -> tuple[Train, ...]:
        """The renewal trains of which it is made; none: plain Poisson trains, at a rate that is `pieces`."""
        made = getattr(self.rate, "trains", ())
        if not made and (not is_of_time(self.rate) or _in_steps(self.rate)):
            return ()
        made = made or (Train(self.rate),)
        cut = [t._replace(start=max(t.start, self.start), stop=min(t.stop, self.stop)) for t in made]
        return tuple(t if t.start < t.stop else t._replace(start=self.start, stop=self.stop, scale=0.0) for t in cut)

    @property
    def pieces(self) -> list[tuple[float, float, float]]:
        """(begin, end, factor): when (ms) it is on, by how much `rates` is multiplied; empty: always, by 1."""
        if not _in_steps(self.rate):
            always = self.start == 0.0 and math.isinf(self.stop)
            return [] if always or self.trains else [(self.start, self.stop, 1.0)]
        ends = np.append(self.rate.times[1:], math.inf)
        found = [
            (max(float(begin), self.start), min(float(end), self.stop), float(factor))
            for begin, end, factor in zip(self.rate.times, ends, self.rate.amplitudes)
        ]
        return [piece for piece in found if piece[0] < piece[1]] or [(self.start, self.stop, 0.0)]


def _in_steps(rate: Any) -> bool:
    """Whether a rate is one for all that changes in steps."""
    return isinstance(rate, Steps) and rate.targets is None


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
    rate = rate_of(where, rate, target.size)
    begin, end = check_window(where, start, stop)
    weight = checked.number(f"{where}: weight", weight)
    synapse = synapse_value(where, synapse, target)
    warn_of_weight(where, weight, synapse)
    return Background(title, target, rate, weight, synapse, begin, end)


def rate_of(where: str, rate: Any, size: int) -> Any:
    """Return the rate of the trains: a number, one a target, a function of time, or a source that makes them."""
    if getattr(rate, "trains", ()) and not isinstance(rate, type):
        given = getattr(rate, "rate", 0.0)
        if isinstance(given, Distribution):
            raise InvalidTypeError(f"{where}: rate: the rates of {rate!r:.80} are drawn; list one a target")
        _check_size(where, given, size)
        return rate
    if getattr(rate, "source", False) and not isinstance(rate, type):
        raise InvalidTypeError(
            f"{where}: rate: {type(rate).__name__} lists its spikes; connect a population of it, or give a source with "
            "a rate (Poisson, GammaTrain, Correlated, shared)"
        )
    if is_of_time(rate) and not isinstance(rate, type):
        check_rate(f"{where}: rate", rate)
    else:
        if is_model(rate) or isinstance(rate, type):
            raise InvalidTypeError(
                f"{where}: rate: wanted a number (Hz), one a target, a function of time (Steps, Waveform, Sine, DC) or "
                f"a source (Poisson, GammaTrain, Correlated, shared), got {checked.short(rate)}"
            )
        rate = checked.values(f"{where}: rate", rate, least=0.0)
        check_rate(f"{where}: rate", rate)
        warn_of_unit("rate of a background", f"{where}: rate", rate)
    _check_size(where, rate, size)
    return rate


def _check_size(where: str, rate: Any, size: int) -> None:
    if not is_of_time(rate):
        checked.one_each(f"{where}: rate", rate, size)
    elif rate.targets not in (None, size):
        raise InvalidValueError(
            f"{where}: rate: {type(rate).__name__} lists rates for {rate.targets} neurons, but there are {size}"
        )
