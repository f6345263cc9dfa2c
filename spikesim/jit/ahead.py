"""Compiling in another process what will be needed soon: two cores, two loops at once.

Numba compiles one function at a time in a process.  The other process leaves what it compiled in the cache on disk,
where this one finds it; where that did not come to pass, for whatever reason, this one compiles it itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numba

from .cache import has_place, is_kept

__all__ = ["ahead", "awaited"]

#: Seconds after which nobody waits for another process any more.
PATIENCE = 60.0

_compiling: dict[Any, subprocess.Popen[bytes]] = {}

_CODE = """
import sys
sys.path[:] = {path!r}
import importlib
from spikesim.jit import ready
for module, name in {before!r}:
    getattr(importlib.import_module(module), name)()
ready(getattr(importlib.import_module({module!r}), {name!r}), *{arguments!r})
"""


def ahead(function: Any, *arguments: Any, before: Callable[[], None] | None = None) -> bool:
    """Let another process compile a function of a module for arguments like these; return whether one does.

    `before`: another function of a module, which it calls first, for what else will be needed.  None does where it was
    done before, where there is no cache on disk, or where no Python can be started.
    """
    if numba.config.DISABLE_JIT or function in _compiling or not _python():
        return False
    kinds = tuple(numba.typeof(argument) for argument in arguments)
    if function.signatures or not has_place(function) or is_kept(function, kinds):
        return False
    code = _CODE.format(
        path=[os.path.abspath(p) for p in sys.path],
        module=function.py_func.__module__,
        name=function.py_func.__name__,
        arguments=arguments,
        before=[(before.__module__, before.__name__)] if before else [],
    )
    nothing = subprocess.DEVNULL
    windowless = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        _compiling[function] = subprocess.Popen(
            [sys.executable, "-c", code], stdin=nothing, stdout=nothing, stderr=nothing, creationflags=windowless
        )
    except OSError:
        return False
    return True


def awaited(function: Any) -> None:
    """Wait for the process that compiles a function, if there is one."""
    process = _compiling.pop(function, None)
    if process is None:
        return
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _python() -> bool:
    """Whether `sys.executable` is a Python (in a program that has one inside, it is that program)."""
    name = os.path.basename(sys.executable or "").lower()
    return name.startswith("python") and not getattr(sys, "frozen", False)
