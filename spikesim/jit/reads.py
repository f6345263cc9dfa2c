"""What a function reads from around itself: the names in its byte code, followed to their values.

An equation is compiled with the values that its names have when it is first compiled.  So whoever keys a compiled
equation, or says whether it can be compiled at all, must see the same values: plain names, cells of a closure, and
chains of attributes (``constants.K``).
"""

from __future__ import annotations

import bisect
import builtins
import dis
import functools
from collections.abc import Callable, Iterator
from types import CodeType, ModuleType
from typing import Any, NamedTuple

__all__ = ["MISSING", "Read", "code_of", "codes", "instructions", "line_of", "plain", "reads"]

MISSING = object()  #: the value of a name that nothing defines


class Read(NamedTuple):
    """One name that is read."""

    chain: str  # "np.exp": the longest part of what is written that leads through modules, classes and tuples
    value: Any  # of the chain, or MISSING
    line: int
    written: str  # all of it
    through: str = ""  # the class that it leads through, if any: "Cell" of Cell.K


def plain(function: Any) -> Any:
    """Return the Python function behind a static method or a compiled function."""
    function = getattr(function, "__func__", function)
    return getattr(function, "py_func", function)


def code_of(function: Any) -> CodeType | None:
    """Return the byte code of a Python function, None for anything else."""
    code = getattr(plain(function), "__code__", None)
    return code if isinstance(code, CodeType) else None


def codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of those that stand inside it (lambdas, comprehensions)."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


@functools.lru_cache(maxsize=16)
def instructions(code: CodeType) -> tuple[dis.Instruction, ...]:
    """Return the byte code of a function, taken apart."""
    return tuple(dis.get_instructions(code))


def line_of(code: CodeType, offset: int) -> int:
    """Return the line in the file of an instruction."""
    starts, lines = _lines(code)
    at = bisect.bisect_right(starts, offset) - 1
    return lines[max(at, 0)] if lines else code.co_firstlineno


@functools.lru_cache(maxsize=16)
def _lines(code: CodeType) -> tuple[list[int], list[int]]:
    """Where each line of a function starts in its byte code, and which it is."""
    found = [(start, line) for start, _, line in code.co_lines() if line is not None]
    return [start for start, _ in found], [line for _, line in found]


def reads(function: Callable[..., Any]) -> Iterator[Read]:
    """Each name that a function reads from its module, its closure and Python's own names, in order."""
    function = plain(function)
    code = code_of(function)
    if code is None:
        return
    scope = {**vars(builtins), **function.__globals__}
    for name, cell in zip(code.co_freevars, function.__closure__ or ()):
        try:
            scope[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            scope[name] = MISSING
    own = {name for inner in codes(code) for name in inner.co_cellvars}
    for inner in codes(code):
        found = instructions(inner)
        for k, instruction in enumerate(found):
            name = instruction.argval
            if instruction.opname not in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF") or name in own:
                continue
            chain, value = written, _ = name, scope.get(name, MISSING)
            through = ""
            for after in found[k + 1 :]:
                if after.opname not in ("LOAD_ATTR", "LOAD_METHOD"):
                    break
                if chain == written and isinstance(value, (ModuleType, type, tuple)):
                    through = chain if isinstance(value, type) else through
                    chain, value = f"{chain}.{after.argval}", getattr(value, after.argval, MISSING)
                written = f"{written}.{after.argval}"
            yield Read(chain, value, line_of(inner, instruction.offset), written, through)
