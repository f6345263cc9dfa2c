"""What an equation may be: one expression of values that compiles, the same for a neuron, an array and a tape.

Checked where it is declared, in the words of who wrote it: the byte code is walked for what cannot be compiled
(branches, lists, objects, names of nothing, random numbers), and the equation is evaluated once.
"""

from __future__ import annotations

import dis
import inspect
import math
import os
from collections.abc import Callable
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numba.extending import register_jitable

from ..errors import InvalidTypeError, UnknownNameError, UnknownParameterError, did_you_mean, suggestion
from ..jit.reads import MISSING, Read, code_of, codes, instructions, line_of, plain, reads

__all__ = ["check_observed", "check_result", "compilable", "evaluated"]

KNOWN_TO_NUMBA = ("spikesim", "numpy", "numba", "math")
BUILTINS = ("abs", "min", "max", "float", "int", "bool", "round", "pow", "sum", "divmod", "len")
JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs) | frozenset(getattr(dis, "hasjump", ()))
KINDS = {"BUILD_LIST": "list", "BUILD_MAP": "dict", "BUILD_SET": "set"}
OUTSIDE = ("STORE_GLOBAL", "STORE_ATTR", "STORE_SUBSCR", "IMPORT_NAME")
BRANCH = "it must run on whole arrays too: choose with spikesim.jit.where(condition, a, b), join conditions by & and |"
CHANCE = "random numbers come from the seed: use ss.Noise, net.background, or draw a parameter (V_th=ss.normal(...))"


def compilable(where: str, function: Callable[..., Any]) -> None:
    """Refuse an equation that cannot be compiled, and make it and the functions that it calls known to the compiler.

    Inlined by force: one call left in a loop keeps it from being vectorised (Hodgkin-Huxley: 93 ns, not 18).

    Raises
    ------
    InvalidTypeError
        For a branch, a loop, a list, an object, a random number; with the line.
    UnknownNameError
        For a name that is not defined.
    """
    _walk(where, function, set())


def _walk(where: str, function: Callable[..., Any], seen: set[CodeType]) -> None:
    code = code_of(function)
    if code is None or code in seen:
        return
    seen.add(code)
    for inner in codes(code):
        _check_instructions(where, inner)
    for read in reads(function):
        at = f"{where}, {_place(code, read.line)}"
        helper = _checked(at, function, read)
        if helper is not None:
            _walk(where, helper, seen)
    register_jitable(forceinline=True)(plain(function))


def _place(code: CodeType, line: int) -> str:
    return f"line {line} of {os.path.basename(code.co_filename)}"


def _check_instructions(where: str, code: CodeType) -> None:
    found = instructions(code)
    unpacks = any("LIST_TO_TUPLE" in i.opname + i.argrepr for i in found)  # (*a, *b) goes through a list
    for i in found:
        wrong = _wrong(i, unpacks)
        if wrong:
            raise InvalidTypeError(f"{where}, {_place(code, line_of(code, i.offset))}: {wrong}")


def _wrong(i: dis.Instruction, unpacks: bool) -> str:
    """What is wrong with an instruction, if anything is."""
    if i.opcode in JUMPS:
        return f"an equation has no `if`, `and`, `or` or loop; {BRANCH}"
    if i.opname in KINDS and not unpacks:
        return f"a {KINDS[i.opname]} cannot be compiled into a loop over neurons; write a tuple of numbers"
    if i.opname in OUTSIDE:
        return "an equation only returns values: it sets no names outside and imports nothing"
    return ""


def _checked(at: str, function: Any, read: Read) -> Any:
    """Refuse what cannot be compiled; return a function that must be compiled along, or None."""
    value, chain = read.value, read.chain
    if value is MISSING:
        known = {**plain(function).__globals__}
        base, _, rest = chain.rpartition(".")
        hint = suggestion(chain, known) if not base else f"; {base} has no {rest!r}"
        raise UnknownNameError(f"{at}: nothing is called {chain!r}{hint}; define it above the model")
    if _draws(value):
        raise InvalidTypeError(f"{at}: {chain} draws other numbers at every run; {CHANCE}")
    if read.through:
        raise InvalidTypeError(
            f"{at}: {chain} stands in the class {read.through}, where the compiler does not look; write "
            f"{chain.split('.')[-1]} = {chain} above the model, and use that"
        )
    if isinstance(value, (bool, int, float, np.number, np.bool_, ModuleType)) or _numbers(value):
        return None
    if isinstance(value, type) and (value in (bool, int, float) or issubclass(value, (np.generic, tuple))):
        return None
    if code_of(value) is not None and isinstance(plain(value), FunctionType):
        room = (plain(value).__module__ or "").split(".")[0]
        return None if room in KNOWN_TO_NUMBA else plain(value)
    name = getattr(value, "__name__", "")
    if callable(value) and (value is getattr(np, name, None) or value is getattr(math, name, None)):
        return None
    if isinstance(value, BuiltinFunctionType) and chain in BUILTINS:
        return None
    what = f"of type {type(value).__name__}"
    hint = (
        "use arithmetic, functions of NumPy and functions of your own"
        if callable(value)
        else ("use a parameter, a number, or a tuple of numbers")
    )
    if read.written != chain:
        hint = f"write {read.written.split('.')[-1]} = {read.written} above the model, and use that number"
    raise InvalidTypeError(f"{at}: {chain} is {what}, which cannot be compiled; {hint}")


def _numbers(value: Any) -> bool:
    """Whether a value is a tuple of numbers, or of such tuples."""
    return isinstance(value, tuple) and all(isinstance(v, (int, float, np.number)) or _numbers(v) for v in value)


def _draws(value: Any) -> bool:
    """Whether calling a value draws random numbers from a state of its own."""
    owner = getattr(value, "__self__", value)
    module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or ""
    rooms = (module, type(owner).__module__)
    return any(room in ("random", "secrets") or room.startswith("numpy.random") for room in rooms)


def evaluated(where: str, verb: str, function: Callable[..., Any], given: tuple[Any, ...], cls: Any, p: Any) -> Any:
    """Return what an equation gives for some values; None where it has no value there (a division by zero).

    Raises
    ------
    UnknownParameterError
        If it names a parameter that the model does not have.
    InvalidTypeError
        If it fails in another way.
    """
    try:
        with np.errstate(all="ignore"):
            return function(*given)
    except ArithmeticError:
        return None
    except AttributeError as error:
        if error.obj is p:
            known = did_you_mean(str(error.name), cls._fields)
            raise UnknownParameterError(f"{where}: {verb} uses p.{error.name}{known}") from error
        if isinstance(error.obj, tuple) and hasattr(error.obj, "_fields"):  # what the verb is given, under its names
            taken = list(inspect.signature(function).parameters)
            name = next((n for n, value in zip(taken, given) if value is error.obj), type(error.obj).__name__)
            known = did_you_mean(str(error.name), error.obj._fields)
            raise InvalidTypeError(f"{where}: {verb} uses {name}.{error.name}{known}") from error
        raise InvalidTypeError(f"{where}: {verb} failed: {error}") from error
    except Exception as error:
        text = f"{where}: {verb} failed on a state of {len(cls.states)} value(s) {cls.states}: {error}"
        raise InvalidTypeError(text) from error


def check_result(where: str, verb: str, result: Any, states: tuple[str, ...]) -> None:
    """Refuse another number of values than the verb must return."""
    if verb in ("margin", "hazard"):
        if np.ndim(result) or isinstance(result, tuple):
            raise InvalidTypeError(f"{where}: {verb} must return one number, got {result!r:.60}")
    elif not isinstance(result, tuple) or len(result) != len(states):
        raise InvalidTypeError(
            f"{where}: {verb} must return a tuple of {len(states)} value(s), one for each of {states}, "
            f"got {result!r:.60}"
        )
    for value in result if isinstance(result, tuple) else (result,):
        if not isinstance(value, (int, float, np.number, np.bool_)) or isinstance(value, np.complexfloating):
            raise InvalidTypeError(f"{where}: {verb} must return numbers, got {type(value).__name__} {value!r:.60}")


def check_observed(where: str, result: Any, taken: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of derived quantities; refuse what is no dictionary of numbers under names of their own."""
    if not isinstance(result, dict):
        raise InvalidTypeError(
            f'{where}: observe must return a dict of named quantities, as in {{"I_Na": ...}}, got {result!r:.60}'
        )
    for name, value in result.items():
        if not isinstance(name, str) or name in (*taken, "spikes", "I_syn", "g_syn"):
            raise InvalidTypeError(f"{where}: observe names {name!r}; wanted a name that nothing else has")
        if not isinstance(value, (int, float, np.number)) or isinstance(value, np.complexfloating):
            raise InvalidTypeError(f"{where}: observe must give numbers, got {name} = {value!r:.60}")
    return tuple(result)
