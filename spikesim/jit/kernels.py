"""Kernels that are called by address: each is compiled once, on its own, and only where it is needed."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, sigutils
from numba.core.ccallback import CFunc

from .cache import cached
from .compiler import JIT, OPTIONS
from .instructions import lowered
from .pipeline import Pipeline

_python_kernels: list[Callable[..., int]] = [lambda *_: 0]  # number 0, like address 0, is no kernel
_alive: list[Any] = []  # a C function lives as long as its Python object


def kernel_address(function: Callable[..., int], signature: str) -> int:
    """Compile `function` to a C function and return its address (its number, when nothing is compiled)."""
    if not JIT:
        # compiled integers wrap and compiled floats overflow without a warning
        _python_kernels.append(np.errstate(all="ignore")(function))
        return len(_python_kernels) - 1
    options = {k: v for k, v in OPTIONS.items() if k != "nogil"}
    kernel = CFunc(
        function, sigutils.normalize_signature(signature), locals={}, options=options, pipeline_class=Pipeline
    )
    cached(kernel, function)
    kernel.compile()
    _alive.append(kernel)
    return int(kernel.address)


class Callback:
    """A method that loops may call by address, for as long as this object lives; it takes and returns int64."""

    def __init__(self, method: Callable[..., int], arguments: int) -> None:
        owner = weakref.WeakMethod(method)  # whom a loop calls lives at that time

        def called(*given: int) -> int:
            found = owner()
            return -1 if found is None else found(*given)

        if JIT:
            kind = ctypes.CFUNCTYPE(*(ctypes.c_int64,) * (1 + arguments))
            self._made = kind(called)
            self.address = int(ctypes.cast(self._made, ctypes.c_void_p).value or 0)
        else:
            _python_kernels.append(called)
            self.address = len(_python_kernels) - 1


def call_kernel(address: int, arguments: tuple[Any, ...]) -> int:
    """Call a kernel by address, so that it is compiled once and on its own, and only where it is needed."""
    return _python_kernels[address](*arguments)


@lowered(call_kernel, lambda address, arguments: types.int64)
def _call_kernel(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    address = context.cast(builder, args[0], signature.args[0], types.int64)
    values = cgutils.unpack_tuple(builder, args[1])
    kind = ir.FunctionType(ir.IntType(64), [v.type for v in values])
    return builder.call(builder.inttoptr(address, kind.as_pointer()), values)
