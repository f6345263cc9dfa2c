"""What can go wrong, by kind.

Every error of the package is a :class:`SpikesimError` and the built-in error of its kind, so that both
``except SpikesimError`` and ``except ValueError`` catch it.  A message says where, what came, what was wanted
and what to do.
"""

from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Iterable
from dataclasses import FrozenInstanceError

from .glossary import ELSEWHERE

__all__ = [
    "FileFormatError",
    "FrozenError",
    "IndexRangeError",
    "InvalidTypeError",
    "InvalidValueError",
    "MemoryLimitError",
    "MissingPackageError",
    "NumericalError",
    "OutputFileError",
    "SpikesimError",
    "SpikesimWarning",
    "StateError",
    "UnitWarning",
    "UnknownNameError",
    "UnknownParameterError",
    "did_you_mean",
    "suggestion",
    "warn",
]

_PACKAGE = __name__.split(".")[0]


class SpikesimError(Exception):
    """Any error raised by spikesim on purpose."""

    def __str__(self) -> str:  # KeyError would print the repr of its message
        return str(self.args[0]) if self.args else ""


class InvalidValueError(SpikesimError, ValueError):
    """A value outside what is allowed (NaN, wrong sign, wrong length, off the grid...)."""


class InvalidTypeError(SpikesimError, TypeError):
    """A value of the wrong kind (a string for a number, a bool for a size...)."""


class UnknownNameError(SpikesimError, KeyError):
    """A name that nothing carries: a population, a projection, a variable to record."""


class UnknownParameterError(UnknownNameError, TypeError):
    """A parameter that a model does not have."""


class IndexRangeError(SpikesimError, IndexError):
    """A neuron index outside its population."""


class MemoryLimitError(SpikesimError, MemoryError):
    """More memory needed than there is; raised before it is taken."""


class MissingPackageError(SpikesimError, ImportError):
    """An optional package that is not installed."""


class NumericalError(SpikesimError, ArithmeticError):
    """A state became NaN or infinite during a run."""


class StateError(SpikesimError, RuntimeError):
    """A call at the wrong moment."""


class FrozenError(StateError, FrozenInstanceError):
    """An attribute of a value that does not change."""


class FileFormatError(SpikesimError, ValueError):
    """A file that is not what it claims to be, or that must not be trusted."""


class OutputFileError(SpikesimError, OSError):
    """A file that cannot be written: it exists, the disk is full, the folder is missing."""


class SpikesimWarning(UserWarning):
    """Any warning of the package."""


class UnitWarning(SpikesimWarning):
    """A value that looks as if it was given in another unit."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return what was probably meant (see :func:`suggestion`) and the known names, as the end of a message."""
    names = sorted(map(str, known))
    meant = suggestion(name, names)
    listed = f"nown: {', '.join(names) or 'none'}"
    return f"{meant} K{listed}" if meant.endswith("?") else f"{meant}; k{listed}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name that was probably meant, or "".

    That is one of other letter case, one cut short or drawn out, what another simulator's name is called here, or the
    one that is spelt most alike; in this order.
    """
    names, word = list(map(str, known)), str(name).lower()
    same = [n for n in names if n.lower() == word]
    longer = [n for n in names if len(word) > 1 and n.lower().startswith(word)]
    shorter = sorted((n for n in names if len(n) > 1 and word.startswith(n.lower())), key=len, reverse=True)
    alike = difflib.get_close_matches(str(name), names, n=1) if name not in ELSEWHERE else []
    for near in [*same, *longer, *shorter, *alike]:
        return f"; did you mean {near!r}?"
    return f"; {ELSEWHERE[name]}" if name in ELSEWHERE else ""


def warn(message: str, kind: type[Warning] = SpikesimWarning) -> None:
    """Warn at the line of the user's that led here: the nearest one outside the package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == _PACKAGE:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, kind, stacklevel=level)
