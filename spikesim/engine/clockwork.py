"""What is to happen between whole steps of a run: calls every so often, conditions, states saved."""

from __future__ import annotations

import contextlib
import inspect
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidTypeError, InvalidValueError
from ..grid import Grid
from ..network import checked

__all__ = ["Autosave", "Schedule", "every_of", "seconds_of"]

Watch = Callable[[Any], Any]
UNITS = {"s": 1.0, "sec": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0}


@dataclass
class Schedule:
    """Calls at the multiples of their intervals, in the order in which they were given."""

    calls: list[tuple[int, Watch]] = field(default_factory=list)

    def next(self, step: int, end: int) -> int:
        """Return the next step after `step` at which something is to be called, at most `end`."""
        return min([end, *((step // every + 1) * every for every, _ in self.calls)])

    def due(self, step: int) -> list[Watch]:
        """Return what is to be called at a step."""
        return [call for every, call in self.calls if step % every == 0]


def every_of(given: Any, grid: Grid, where: str) -> list[tuple[int, Watch]]:
    """Return (steps, function) for ``every=(10.0, watch)`` or a list of such pairs; none for None.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is neither, the interval is no multiple of dt, or what is to be called cannot be.
    """
    if given is None:
        return []
    pairs = given if isinstance(given, list) else [given]
    calls = []
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2):
            raise InvalidTypeError(
                f"{where}: wanted (interval in ms, function of the simulation) or a list of such pairs, as in "
                f"every=(10.0, watch), got {checked.short(pair)}"
            )
        steps = grid.steps(pair[0], f"{where}: interval", least=1)
        calls.append((steps, callable_of(pair[1], where)))
    return calls


def callable_of(function: Any, where: str) -> Watch:
    """Return what can be called with the simulation, or refuse."""
    if not callable(function):
        raise InvalidTypeError(f"{where}: wanted a function of the simulation, got {checked.short(function)}")
    with contextlib.suppress(ValueError):  # some of Python's own say no signature
        form = inspect.signature(function)
        try:
            form.bind(None)
        except TypeError as error:
            raise InvalidTypeError(
                f"{where}: the function is called with one value, the simulation, and takes {form}: {error}"
            ) from None
    return function


def seconds_of(given: Any) -> float:
    """Return an interval of real time in seconds: a number, or a text such as "10 min".

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is neither, or not > 0.
    """
    wanted = 'autosave: wanted seconds or a text such as "10 min", "30 s", "1 h"'
    if isinstance(given, str):
        found = re.fullmatch(r"\s*([0-9.]+(?:e-?[0-9]+)?)\s*([a-z]+?)s?\s*", given.strip().lower() + " ")
        if not found or found[2] not in UNITS:
            raise InvalidValueError(f"{wanted}, got {given!r}")
        return checked.number("autosave", float(found[1]) * UNITS[found[2]], above=0.0)
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise InvalidTypeError(f"{wanted}, got {checked.short(given)}")
    return checked.number("autosave", float(given), above=0.0)


class Autosave:
    """Calls `save` when `seconds` of real time have passed since it was last called."""

    def __init__(self, seconds: float, save: Callable[[], None]) -> None:
        self._seconds, self._save, self._last = seconds, save, time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._last >= self._seconds

    def save(self) -> None:
        """Save now."""
        self._save()
        self._last = time.monotonic()
