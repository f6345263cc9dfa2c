"""What to say of a call that failed in words that are not the package's: which argument, what came, what was wanted.

First the kinds of the arguments are looked at, as the signature and the documentation name them; then whether a number
is so large that nothing can come of it.  Where all that is as it should be, the words of NumPy or Python stay, after
the name of the call and before what it was given, in an error of the package of the same kind.
An error of the user's own, raised in what a call was given, is left alone.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from .docstrings import sections
from .errors import (
    IndexRangeError,
    InvalidTypeError,
    InvalidValueError,
    MemoryLimitError,
    NumericalError,
    SpikesimError,
    UnknownNameError,
)
from .kinds import annotated, described, fits, is_described, shown, typed, wanted

__all__ = ["explained", "is_the_users", "judged"]

#: An attribute of errors of other processes: whether they are the user's own.
JUDGED = "_spikesim_of_the_user"

#: Beyond this nothing is counted or measured: what it leads to is no result.
HUGE = 1e15
#: Packages whose errors are no user's: what the package stands on.
OURS = {"spikesim", "numpy", "scipy", "h5py", "numba", "llvmlite", "matplotlib", "tqdm", "pyarrow", "nir", "pandas"}
#: The error of the package for one of Python's, the first that it is one of.
OF_THEIRS: tuple[tuple[type[Exception], type[SpikesimError]], ...] = (
    (MemoryError, MemoryLimitError),
    (IndexError, IndexRangeError),
    (KeyError, UnknownNameError),
    (ArithmeticError, NumericalError),
    (ValueError, InvalidValueError),
    (TypeError, InvalidTypeError),
    (AttributeError, InvalidTypeError),
)


def is_the_users(error: BaseException) -> bool:
    """Whether an error was raised in what is neither of the package nor of what it stands on, or is its own kind."""
    told = vars(error).get(JUDGED)
    if told is not None:
        return bool(told)
    if not _is_known(type(error).__module__):
        return True
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if not _is_known(str(trace.tb_frame.f_globals.get("__name__", ""))):
            return True
        trace = trace.tb_next
    return False


def judged(error: BaseException, of_the_user: bool) -> BaseException:
    """Return an error that another process raised, and said whose it is: its trace is not here."""
    vars(error)[JUDGED] = of_the_user
    return error


def _is_known(module: str) -> bool:
    """Whether a module is of the package, of what it stands on, or of Python."""
    room = module.split(".")[0]
    return room in OURS or (room != "__main__" and room in sys.stdlib_module_names)


def explained(
    whose: str,
    function: Callable[..., Any],
    args: Any,
    kwargs: Mapping[str, Any],
    error: Exception,
    documentation: str | None,
) -> SpikesimError | None:
    """Return what the package says in place of an error; None: the error itself."""
    signature = inspect.signature(function)
    given = signature.bind(*args, **kwargs).arguments
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    given = {name: value for name, value in given.items() if signature.parameters[name].kind not in several}
    if args and next(iter(signature.parameters), "") in ("self", "cls"):
        given.pop(next(iter(signature.parameters)), None)
    said = _documented(function, args, documentation)
    return (
        _misfit(whose, signature, given, getattr(function, "__globals__", {}), said)
        or _large(whose, given)
        or _translated(whose, given, error)
    )


def _misfit(
    whose: str,
    signature: inspect.Signature,
    given: Mapping[str, Any],
    names: Mapping[str, Any],
    said: Mapping[str, str],
) -> SpikesimError | None:
    """The first argument that is not of the kind that its signature or its documentation names."""
    for name, value in given.items():
        parameter = signature.parameters[name]
        kinds = annotated(parameter.annotation)
        if kinds and not any(fits(kind, value, names) for kind in kinds):
            return InvalidTypeError(f"{whose}: {name}: wanted {wanted(kinds)}, got {typed(value)}")
        if name in said and value is not parameter.default and not is_described(said[name], value):
            return InvalidTypeError(f"{whose}: {name}: wanted {said[name]}, got {typed(value)}")
    return None


def _documented(function: Callable[..., Any], args: Any, documentation: str | None) -> dict[str, str]:
    """The kinds of its parameters, from its docstring, or from that of the class that it makes."""
    texts = [documentation]
    if function.__name__ in ("__init__", "__new__") and args:
        texts = [cls.__doc__ for cls in (args[0] if isinstance(args[0], type) else type(args[0])).__mro__]
    found = (sections(inspect.cleandoc(text or "")).get("Parameters") for text in texts)
    return described(next((text for text in found if text), ""))


def _large(whose: str, given: Mapping[str, Any]) -> SpikesimError | None:
    for name, value in given.items():
        if isinstance(value, (int, float)) and not abs(value) <= HUGE:
            words = "a number, got nan" if value != value else f"a number that is not as large, got {shown(value)}"
            return InvalidValueError(f"{whose}: {name}: wanted {words}")
    return None


def _translated(whose: str, given: Mapping[str, Any], error: Exception) -> SpikesimError | None:
    """The words of others, in an error of the package that is one of the same kind."""
    kind = next((ours for theirs, ours in OF_THEIRS if isinstance(error, theirs)), None)
    if kind is None and any(c.__name__ == "NumbaError" for c in type(error).__mro__):
        kind = InvalidTypeError
    if kind is None:
        return None
    said = " ".join(str(error).split())
    listed = ", ".join(f"{name} = {shown(value)}" for name, value in given.items())
    return kind(f"{whose}: {type(error).__name__}: {said:.200}{f'; given {listed}' if listed else ''}")
