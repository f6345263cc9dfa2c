"""Trains: what random sources are made of.

A train is a renewal process: intervals of mean 1, drawn from a gamma law, are used up at the rate that there is,

    integral of rate(t) dt from one spike to the next  =  E,     E ~ Gamma(shape) / shape,

so that shape = 1 is the Poisson process of that rate (Cox and Isham 1980, Point Processes, ch. 3).  It begins in
equilibrium: as if it had gone on for ever.  Every neuron has its own, or all hear one, of which each takes every spike
or, by chance, a share.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..plausibility import warn_of_unit
from ..random import Distribution
from ..scalars import real
from .parameters import as_parameter, require

__all__ = ["Source", "Train", "check_rate", "check_window", "is_of_time", "one_rate", "rate_of", "window_of", "within"]

HIGHEST = 1e9  # Hz


class Train(NamedTuple):
    """A renewal process; see the module."""

    rate: Any  # Hz: a number, one a neuron, a distribution, or a function of time
    scale: float = 1.0  # by which the rate is multiplied
    shape: float = 1.0
    common: bool = False  # one for all neurons
    copy: float = 1.0  # the probability with which a neuron takes a spike of it
    start: float = 0.0
    stop: float = math.inf


class Source:
    """A population that fires by itself: a frozen dataclass that says of which trains it is made, or lists its times.

    Attributes
    ----------
    trains : tuple of Train
        Of the sources that draw as they go on.
    """

    source = True
    states: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    trains: tuple[Train, ...] = ()

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, f.name) for f in dataclasses.fields(self))  # type: ignore[arg-type]

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _replace(self, **changed: Any) -> Any:
        return dataclasses.replace(self, **changed)  # type: ignore[type-var]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(map(np.array_equal, self._values(), other._values()))

    def __hash__(self) -> int:
        values = (v.tobytes() if isinstance(v, np.ndarray) else v for v in self._values())
        return hash((type(self).__name__, *values))


def is_of_time(rate: object) -> bool:
    """Whether a rate is a function of time (a stimulus)."""
    return bool(getattr(rate, "of_time", False))


def check_rate(where: str, value: Any) -> None:
    """Refuse rates (Hz) that are negative, or so high that a step holds more spikes than are worth telling apart."""
    if is_of_time(value):
        try:
            low, high = value.range()
        except InvalidTypeError as error:
            raise InvalidTypeError(f"{where}: {error.args[0]}") from None
        if not (low >= 0.0 and high <= HIGHEST):
            bad = low if low < 0.0 else high
            raise InvalidValueError(
                f"{where}: a rate must lie from 0 to {HIGHEST:g} Hz at all times, but {type(value).__name__} goes to "
                f"{bad:g} Hz; a Sine needs an offset of at least its amplitude"
            )
        return
    require(where, value, np.asarray(value) >= 0, ">= 0 Hz")
    require(where, value, np.asarray(value) <= HIGHEST, f"at most {HIGHEST:g} Hz")


def rate_of(where: str, rate: Any) -> Any:
    """Return a checked rate: a number, one a neuron, a distribution, or a function of time."""
    value = rate if is_of_time(rate) else as_parameter(where, rate)
    if not isinstance(value, Distribution):
        check_rate(where, value)
    if not is_of_time(value):
        warn_of_unit("rate of a source", where, value.median if isinstance(value, Distribution) else value)
    return value


def one_rate(where: str, rate: Any) -> Any:
    """Return a checked rate that all neurons have in common: a number or a function of time."""
    value = rate_of(where, rate)
    if isinstance(value, (np.ndarray, Distribution)) or (is_of_time(value) and value.targets is not None):
        raise InvalidTypeError(
            f"{where}: neurons that hear one train have one rate: wanted a number, or a function of time with one "
            f"value for all, got {type(rate).__name__} {rate!r:.60}"
        )
    return value


def check_window(where: str, start: Any, stop: Any) -> tuple[float, float]:
    """Return the times (ms) between which something is on, 0 <= start < stop <= inf."""
    begin, end = real(f"{where}: start", start), real(f"{where}: stop", stop, infinite=True)
    if not 0.0 <= begin < end:
        raise InvalidValueError(
            f"{where}: stop must be after start, and start >= 0, got start = {begin!r} and stop = {end!r} ms"
        )
    return begin, end


def window_of(source: Any) -> tuple[float, float]:
    """Return the times (ms) from which on, and up to which, a source fires."""
    made = getattr(source, "of", source)
    return getattr(made, "start", 0.0), getattr(made, "stop", math.inf)


def within(times: np.ndarray, start: float, stop: float) -> np.ndarray:
    """Return the times (ms) from `start` on and before `stop`, ascending."""
    return np.sort(times[(times >= start) & (times < stop)])
