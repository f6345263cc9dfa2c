"""Compiling a loop: the options, the cache on disk, and how small functions become part of their callers."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core.caching import FunctionCache

#: Whether loops are compiled (False under ``NUMBA_DISABLE_JIT=1``).
JIT = not numba.config.DISABLE_JIT

#: For the small functions inside a loop: one call left over would stop LLVM from vectorising it.
INLINE = {"forceinline": True}

F = TypeVar("F", bound=Callable[..., Any])


#: No other fast-math flag: those assume that there is no NaN, and a NaN must be found.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


#: The rooms whose loops are compiled.
_COMPILED = ("jit", "program", "engine", "analysis")


@functools.cache
def _source_stamp() -> str:
    """Hash of everything that a kernel may have compiled in: Numba itself only watches the file of the function."""
    here = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for file in (here / "random.py", *(f for room in _COMPILED for f in sorted((here / room).rglob("*.py")))):
        digest.update(file.read_bytes())
    return digest.hexdigest()


class _Cache(FunctionCache):
    """Numba's cache on disk: forgotten when any kernel changed, and done without when it is damaged or forbidden."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        file = self._cache_file
        file._source_stamp = (file._source_stamp, _source_stamp())

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(signature, target_context)
        except Exception:  # a truncated file of a process that was killed: compile again
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        try:
            super().save_overload(signature, data)
        except OSError:  # a full disk, a folder that became read-only: the next process compiles again
            pass


def cached(owner: Any, function: Callable[..., Any]) -> None:
    try:
        owner._cache = _Cache(function)
    except RuntimeError:  # no place for a cache
        pass


def compiled(function: F, contract: bool = True) -> F:
    """Compile a kernel: without the GIL, cached on disk, IEEE division, fused multiply-add allowed if `contract`."""
    if not JIT:  # compiled integers wrap and compiled floats overflow without a warning
        return np.errstate(all="ignore")(function)
    kernel = numba.njit(**(OPTIONS if contract else {**OPTIONS, "fastmath": False}))(function)
    cached(kernel, function)
    return kernel


def inlined(function: F) -> F:
    """As `compiled`, and put into every caller: a call with arrays counts their references, some ns each."""
    if not JIT:
        return compiled(function)
    return numba.njit(**OPTIONS, **INLINE)(function)


def part_of(function: F) -> F:
    """Compile a function into its only caller: it costs no compilation of its own."""
    return numba.njit(inline="always", **OPTIONS)(function) if JIT else function


if not JIT:  # the twins compute with wrapping uint64 scalars on purpose
    np.seterr(over="ignore")
