"""What can go wrong, by kind.

Every error of the package is a :class:`SpikesimError` and the built-in error of its kind, so that both
``except SpikesimError`` and ``except ValueError`` catch it.  A message says where, what came, what was wanted
and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "FileFormatError",
    "IndexRangeError",
    "InvalidTypeError",
    "InvalidValueError",
    "MemoryLimitError",
    "NumericalError",
    "OutputFileError",
    "SpikesimError",
    "SpikesimWarning",
    "StateError",
    "UnitWarning",
    "UnknownNameError",
    "UnknownParameterError",
    "did_you_mean",
]


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


class NumericalError(SpikesimError, ArithmeticError):
    """A state became NaN or infinite during a run."""


class StateError(SpikesimError, RuntimeError):
    """A call at the wrong moment."""


class FileFormatError(SpikesimError, ValueError):
    """A file that is not what it claims to be, or that must not be trusted."""


class OutputFileError(SpikesimError, OSError):
    """A file that cannot be written: it exists, the disk is full, the folder is missing."""


class SpikesimWarning(UserWarning):
    """Any warning of the package."""


class UnitWarning(SpikesimWarning):
    """A value that looks as if it was given in another unit."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` with the nearest known name, or the list of the known ones."""
    names = sorted(map(str, known))
    near = difflib.get_close_matches(str(name), names, n=1)
    if near:
        return f"; did you mean {near[0]!r}? Known: {', '.join(names)}"
    return f"; known: {', '.join(names) or 'none'}"
