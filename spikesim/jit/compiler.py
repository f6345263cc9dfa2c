"""Compiling a loop: the options, and how small functions become part of their callers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

from .ahead import awaited
from .aside import aside
from .cache import cached
from .pipeline import Pipeline

#: Whether loops are compiled (False under ``NUMBA_DISABLE_JIT=1``).
JIT = not numba.config.DISABLE_JIT

#: For the small functions inside a loop: one call left over would stop LLVM from vectorising it.
INLINE = {"forceinline": True, "pipeline_class": Pipeline}

F = TypeVar("F", bound=Callable[..., Any])


#: No other fast-math flag: those assume that there is no NaN, and a NaN must be found.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


def compiled(function: F, contract: bool = True) -> F:
    """Compile a kernel: without the GIL, cached on disk, IEEE division, fused multiply-add allowed if `contract`."""
    if not JIT:  # compiled integers wrap and compiled floats overflow without a warning
        return np.errstate(all="ignore")(function)
    kernel = numba.njit(**(OPTIONS if contract else {**OPTIONS, "fastmath": False}), pipeline_class=Pipeline)(function)
    cached(kernel, function)
    return _heard(kernel)


def _heard(kernel: Any) -> Any:
    """Let a kernel that is compiled at its first call be so aside: Numba loses a Ctrl-C that comes meanwhile."""
    compiles = kernel._compile_for_args
    kernel._compile_for_args = lambda *args, **kwargs: aside(functools.partial(compiles, *args, **kwargs))
    return kernel


def inlined(function: F) -> F:
    """As `compiled`, and put into every caller: a call with arrays counts their references, some ns each."""
    if not JIT:
        return compiled(function)
    return _heard(numba.njit(**OPTIONS, **INLINE)(function))


def is_ready(function: Any) -> bool:
    """Return whether a compiled function has been compiled for any arguments."""
    return not JIT or bool(function.signatures)


def ready(function: Any, *arguments: Any) -> None:
    """Compile a compiled function for arguments like these now, where that was not done here or `ahead`."""
    if JIT:
        awaited(function)
        function.compile(tuple(numba.typeof(argument) for argument in arguments))


def part_of(function: F) -> F:
    """Compile a function into its only caller: it costs no compilation of its own."""
    return numba.njit(inline="always", **OPTIONS)(function) if JIT else function
