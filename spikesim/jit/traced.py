"""Functions of 64-bit words that are written once: called in Python, and as instructions in the middle of a loop.

A compiled function that is put into its callers is compiled again at each call: random words are asked for everywhere,
at three functions each.  Such a function has no branches, so calling it on words in the making says what it does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from .instructions import lowered

__all__ = ["traced"]

_WORD = ir.IntType(64)


class _Word:
    """A uint64 of a loop that is being compiled: what is done to it becomes an instruction."""

    __array_ufunc__ = None  # an operator with a NumPy scalar is ours

    def __init__(self, builder: Any, value: Any) -> None:
        self._builder, self.value = builder, value

    def _done(self, instruction: str, a: Any, b: Any) -> _Word:
        values = [v.value if isinstance(v, _Word) else ir.Constant(_WORD, int(v)) for v in (a, b)]
        return _Word(self._builder, getattr(self._builder, instruction)(*values))

    def __add__(self, other: Any) -> _Word:
        return self._done("add", self, other)

    def __mul__(self, other: Any) -> _Word:
        return self._done("mul", self, other)

    def __xor__(self, other: Any) -> _Word:
        return self._done("xor", self, other)

    def __rshift__(self, other: Any) -> _Word:
        return self._done("lshr", self, other)


def traced(words: int = 1) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function (a, b, i) of uint64 values (+, *, ^, >>; no branch) one for scalars, arrays and compiled loops.

    It returns as many `words`, a tuple where these are more than one.  Integers become uint64 and wrap.
    """

    def made(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def on_words(a: Any, b: Any, i: Any) -> Any:
            with np.errstate(over="ignore"):
                return function(*(np.asarray(v).astype(np.uint64)[()] for v in (a, b, i)))

        result = types.uint64 if words == 1 else types.UniTuple(types.uint64, words)

        def emitted(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            cast = (_Word(builder, context.cast(builder, v, t, types.uint64)) for v, t in zip(args, signature.args))
            found = function(*cast)
            if words == 1:
                return found.value
            return context.make_tuple(builder, result, [each.value for each in found])

        lowered(on_words, lambda a, b, i: result)(emitted)
        return on_words

    return made
