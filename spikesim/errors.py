"""What can go wrong, by kind.

Every error of the package is a :class:`SpikesimError` and the built-in error of its kind, so that ``except ValueError``
catches it, too.  A message says where, what came, what was wanted and what to do, and ends with the short name under
which docs/errors.md explains its class: ``[invalid-value]``.
"""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Iterable
from dataclasses import FrozenInstanceError

from .frames import users_frame
from .glossary import ELSEWHERE, MEANT

__all__ = [
    "FileFormatError",
    "FrozenError",
    "IndexRangeError",
    "InputFileError",
    "InvalidTypeError",
    "InvalidValueError",
    "MemoryLimitError",
    "MissingFileError",
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


def _with_short_name(said: Exception) -> str:
    """Return the message, and the words of its class: InvalidValueError is invalid-value."""
    kind = next(c for c in type(said).__mro__ if c.__module__ == __name__)  # that the page of errors knows
    words = re.findall("[A-Z][a-z]*", kind.__name__.removesuffix("Error"))
    return " ".join([*map(str, said.args[:1]), f"[{'-'.join(words).lower()}]"])


class SpikesimError(Exception):
    """Any error raised by spikesim on purpose.

    Examples
    --------
    >>> import spikesim as ss
    >>> try:
    ...     ss.LIF(tau_m=-1.0)
    ... except ss.SpikesimError as error:
    ...     print(type(error).__name__)
    InvalidValueError
    """

    __str__ = _with_short_name  # KeyError would print the repr of its message


class InvalidValueError(SpikesimError, ValueError):
    """A value outside what is allowed (NaN, wrong sign, wrong length, off the grid...).

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import InvalidValueError
    >>> try:
    ...     ss.uniform(1.0, 0.0)
    ... except InvalidValueError as error:
    ...     print(error)
    uniform: low must not be above high, got low = 1.0, high = 0.0 [invalid-value]
    """


class InvalidTypeError(SpikesimError, TypeError):
    """A value of the wrong kind (a string for a number, a bool for a size...).

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import InvalidTypeError
    >>> try:
    ...     ss.Network(seed="one")
    ... except InvalidTypeError as error:
    ...     print(error)
    Network: seed must be a whole number >= 0, got str 'one' [invalid-type]
    """


class UnknownNameError(SpikesimError, KeyError):
    """A name that nothing carries: a population, a projection, a variable to record.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import UnknownNameError
    >>> net = ss.Network()
    >>> try:
    ...     net.record(net.population("cells", 1, ss.LIF()), "w")
    ... except UnknownNameError as error:
    ...     print(type(error).__name__)
    UnknownNameError
    """


class UnknownParameterError(UnknownNameError, TypeError):
    """A parameter that a model does not have.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import UnknownParameterError
    >>> try:
    ...     ss.LIF(tau=10.0)
    ... except UnknownParameterError as error:
    ...     print(str(error).split(";")[0])
    LIF: no parameter 'tau'
    """


class IndexRangeError(SpikesimError, IndexError):
    """A neuron index outside its population.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import IndexRangeError
    >>> try:
    ...     ss.Network().population("cells", 10, ss.LIF())[10]
    ... except IndexRangeError as error:
    ...     print(type(error).__name__)
    IndexRangeError
    """


class MemoryLimitError(SpikesimError, MemoryError):
    """More memory needed than there is; raised before it is taken.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import MemoryLimitError
    >>> try:
    ...     ss.Network().population("cells", 10**14, ss.LIF())
    ... except MemoryLimitError as error:
    ...     print(type(error).__name__)
    MemoryLimitError
    """


class MissingPackageError(SpikesimError, ImportError):
    """An optional package that is not installed.

    Examples
    --------
    >>> from spikesim.errors import MissingPackageError
    >>> issubclass(MissingPackageError, ImportError)
    True
    """


class NumericalError(SpikesimError, ArithmeticError):
    """A state became NaN or infinite during a run.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import NumericalError
    >>> net = ss.Network()
    >>> a, b = net.population("a", 1, ss.SpikeTimes([[1.0]])), net.population("b", 1, ss.LIF(V_th=float("inf")))
    >>> synapses = net.connect(a, b, ss.one_to_one(), weight=1e308, delay=1.0, synapse=ss.Exponential(tau=5.0))
    >>> more = net.connect(a, b, ss.one_to_one(), weight=1e308, delay=1.0, synapse=ss.Exponential(tau=5.0))
    >>> try:
    ...     net.run(50.0, progress=False)
    ... except NumericalError as error:
    ...     print(type(error).__name__)
    NumericalError
    """


class StateError(SpikesimError, RuntimeError):
    """A call at the wrong moment.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import StateError
    >>> net = ss.Network()
    >>> cells = net.population("cells", 1, ss.LIF())
    >>> sim = ss.Simulation(net)
    >>> sim.close()
    >>> try:
    ...     sim.run(10.0)
    ... except StateError as error:
    ...     print(type(error).__name__)
    StateError
    """


class FrozenError(StateError, FrozenInstanceError):
    """An attribute of a value that does not change.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import FrozenError
    >>> cell = ss.LIF()
    >>> try:
    ...     cell.tau_m = 20.0
    ... except FrozenError as error:
    ...     print(type(error).__name__)
    FrozenError
    """


class FileFormatError(SpikesimError, ValueError):
    """A file that is not what it claims to be, or that must not be trusted.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import FileFormatError
    >>> _ = open("run.h5", "w").write("not what it says")
    >>> try:
    ...     ss.load("run.h5")
    ... except FileFormatError as error:
    ...     print(type(error).__name__)
    FileFormatError
    """


class InputFileError(SpikesimError, OSError):
    """A file that cannot be read: it is missing, a folder, or forbidden; also the built-in error of that kind.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import InputFileError
    >>> try:
    ...     ss.load(".")
    ... except InputFileError as error:
    ...     print(isinstance(error, IsADirectoryError))
    True
    """


class MissingFileError(InputFileError, FileNotFoundError):
    """A file that is not there.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import MissingFileError
    >>> try:
    ...     ss.load("no such file.h5")
    ... except MissingFileError as error:
    ...     print(type(error).__name__)
    MissingFileError
    """


class OutputFileError(SpikesimError, OSError):
    """A file that cannot be written: it exists, the disk is full, the folder is missing.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.errors import OutputFileError
    >>> net = ss.Network()
    >>> cells = net.population("cells", 1, ss.LIF())
    >>> try:
    ...     net.run(1.0, out="no such folder/run.h5", progress=False)
    ... except OutputFileError as error:
    ...     print(type(error).__name__)
    OutputFileError
    """


class SpikesimWarning(UserWarning):
    """Any warning of the package.

    Examples
    --------
    >>> import spikesim as ss
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", ss.SpikesimWarning)  # as errors, to find the line
    ...     cell = ss.LIF()
    """

    __str__ = _with_short_name


class UnitWarning(SpikesimWarning):
    """A value that looks as if it was given in another unit.

    Examples
    --------
    >>> import spikesim as ss
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as said:
    ...     warnings.simplefilter("always")
    ...     cell = ss.LIF(tau_m=0.02)  # seconds
    >>> said[0].category.__name__
    'UnitWarning'
    """


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return what was probably meant (see :func:`suggestion`) and the known names, as the end of a message.

    Parameters
    ----------
    name : str
        What nothing carries.
    known : iterable of str
        What there is.

    Returns
    -------
    str
        Begins with "; ".

    Examples
    --------
    >>> from spikesim.errors import did_you_mean
    >>> did_you_mean("taum", ["tau_m", "C_m"])
    "; did you mean 'tau_m'? Known: C_m, tau_m"
    """
    names = sorted(map(str, known))
    meant, listed = suggestion(name, names), f"nown: {', '.join(names) or 'none'}"
    return f"{meant} K{listed}" if meant.endswith("?") else f"{meant}; k{listed}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name that was probably meant, or "".

    Of other letter case, cut short or drawn out, another simulator's, or spelt most alike; in this order.

    Parameters
    ----------
    name : str
        What nothing carries.
    known : iterable of str
        What there is.

    Returns
    -------
    str
        Empty where nothing is like it.

    Examples
    --------
    >>> from spikesim.errors import suggestion
    >>> suggestion("V_TH", ["V_th", "C_m"])
    "; did you mean 'V_th'?"
    """
    names, word = list(map(str, known)), str(name).lower()
    same = [n for n in names if n.lower() == word]
    meant = [MEANT[name]] if MEANT.get(name) in names else []
    longer = [n for n in names if len(word) > 1 and n.lower().startswith(word)]
    shorter = sorted((n for n in names if len(n) > 1 and word.startswith(n.lower())), key=len, reverse=True)
    alike = difflib.get_close_matches(str(name), names, n=1) if name not in ELSEWHERE else []
    for near in [*same, *meant, *longer, *shorter, *alike]:
        return f"; did you mean {near!r}?"
    return f"; {ELSEWHERE[name]}" if name in ELSEWHERE else ""


def warn(message: str, kind: type[Warning] = SpikesimWarning) -> None:
    """Warn at the line of the user's that led here: the nearest one outside the package.

    Parameters
    ----------
    message : str
        What, where, and what to do.
    kind : type of Warning
        Its class.

    Examples
    --------
    >>> import warnings
    >>> from spikesim.errors import warn
    >>> with warnings.catch_warnings(record=True) as said:
    ...     warnings.simplefilter("always")
    ...     warn("dt: 10.0 ms is longer than the shortest time constant")
    >>> len(said)
    1
    """
    frame = users_frame()
    file, names = frame.f_code.co_filename, frame.f_globals
    seen = names.setdefault("__warningregistry__", {})
    warnings.warn_explicit(message, kind, file, frame.f_lineno, names.get("__name__"), seen)
