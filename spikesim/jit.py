"""Every Numba trick of the package, each beside its plain-Python twin and its reason.

With ``NUMBA_DISABLE_JIT=1`` the twins run, and every kernel gives the same results slowly.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, sigutils
from numba.core.caching import FunctionCache
from numba.core.ccallback import CFunc
from numba.extending import intrinsic, overload, register_jitable

__all__ = [
    "JIT",
    "atomic_add",
    "atomic_load",
    "call_kernel",
    "compiled",
    "exp",
    "expm1",
    "exprel",
    "exprel_of",
    "inlined",
    "kernel_address",
    "prefetch",
    "relax",
    "released",
    "resized",
    "view",
    "view2",
    "where",
]

#: Whether loops are compiled (False under ``NUMBA_DISABLE_JIT=1``).
JIT = not numba.config.DISABLE_JIT

#: For the small functions inside a loop: one call left over would stop LLVM from vectorising it.
INLINE = {"forceinline": True}

F = TypeVar("F", bound=Callable[..., Any])


#: No other fast-math flag: those assume that there is no NaN, and a NaN must be found.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


@functools.cache
def _source_stamp() -> str:
    """Hash of everything that a kernel may have compiled in: Numba itself only watches the file of the function."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for file in (here / "jit.py", here / "random.py", *sorted((here / "kernels").glob("*.py"))):
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


def _cached(owner: Any, function: Callable[..., Any]) -> None:
    try:
        owner._cache = _Cache(function)
    except RuntimeError:  # no place for a cache
        pass


def compiled(function: F, contract: bool = True) -> F:
    """Compile a kernel: without the GIL, cached on disk, IEEE division, fused multiply-add allowed if `contract`."""
    if not JIT:  # compiled integers wrap and compiled floats overflow without a warning
        return np.errstate(all="ignore")(function)
    kernel = numba.njit(**(OPTIONS if contract else {**OPTIONS, "fastmath": False}))(function)
    _cached(kernel, function)
    return kernel


def inlined(function: F) -> F:
    """As `compiled`, and put into every caller: a call with arrays counts their references, some ns each."""
    if not JIT:
        return compiled(function)
    return numba.njit(**OPTIONS, **INLINE)(function)


# -- exp: math.exp is a call and stops a loop from vectorising; a polynomial does not ---------------------------------

_LOG2E = 1.4426950408889634
_LN2_HI = 6.93147180369123816490e-01
_LN2_LO = 1.90821492927058770002e-10
_SHIFT = 6755399441055744.0  # 1.5 * 2^52: adding it leaves round-to-nearest in the low bits


@intrinsic
def _bits(typingctx: Any, x: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), codegen


@intrinsic
def _float(typingctx: Any, x: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), codegen


@register_jitable(forceinline=True)
def _reduced(x: Any) -> Any:
    """(q, 2^n) with exp(x) = 2^n (1 + q): n = round(x/ln 2), |r| <= ln(2)/2, q = exp(r) - 1 of degree 11.

    The polynomial for (e^r - 1 - r) / r^2 interpolates at Chebyshev's nodes; its part of the error is 2e-17.
    """
    y = -708.0 if x < -708.0 else x  # a NaN stays one: it fails both comparisons
    y = 709.0 if y > 709.0 else y
    shifted = y * _LOG2E + _SHIFT
    n = shifted - _SHIFT
    r = (y - n * _LN2_HI) - n * _LN2_LO
    p = 2.510038549551032e-08
    p = p * r + 2.7620088445409746e-07
    p = p * r + 2.7557268459997064e-06
    p = p * r + 2.4801521295954376e-05
    p = p * r + 1.9841269863053618e-04
    p = p * r + 1.3888888917213717e-03
    p = p * r + 8.333333333330062e-03
    p = p * r + 4.166666666662413e-02
    p = p * r + 0.16666666666666669
    p = p * r + 0.5
    return (p * r) * r + r, _float((_bits(shifted) - _bits(_SHIFT) + 1023) << 52)


@register_jitable(forceinline=True)
def _exp_polynomial(x: Any) -> Any:
    """exp(x), relative error < 3e-16, inf and 0 beyond its range."""
    q, power = _reduced(x)
    result = (q + 1.0) * power
    result = 0.0 if x < -708.0 else result
    return np.inf if x > 709.0 else result


@register_jitable(forceinline=True)
def _expm1_polynomial(x: Any) -> Any:
    """exp(x) - 1 for x <= 709, relative error < 1e-15 (no digit is lost at 0)."""
    q, power = _reduced(x)
    return power * q + (power - 1.0)


def exp(x: Any) -> Any:
    """e^x on floats, arrays and tape variables; in compiled code a polynomial that vectorises (rel. error < 3e-16)."""
    return np.exp(x)


# (overloads carry no annotations: Numba wants their signature to equal the implementation's)


@overload(exp, jit_options=INLINE)
def _exp_overload(x):
    if isinstance(x, (types.Float, types.Integer)):
        return lambda x: _exp_polynomial(float(x))
    return lambda x: np.exp(x)


def expm1(x: Any) -> Any:
    """e^x - 1; in compiled code a polynomial (rel. error < 1e-15, x <= 709)."""
    return np.expm1(x)


@overload(expm1, jit_options=INLINE)
def _expm1_overload(x):
    return lambda x: _expm1_polynomial(float(x))


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where `condition` holds, else `b`: the one way to choose inside an equation."""
    if isinstance(condition, (bool, np.bool_)):
        return a if condition else b
    select = getattr(type(a), "__where__", None) or getattr(type(b), "__where__", None)
    return select(condition, a, b) if select else np.where(condition, a, b)


@overload(where, jit_options=INLINE)
def _where_overload(condition, a, b):
    if isinstance(condition, types.Boolean):
        return lambda condition, a, b: a if condition else b
    return lambda condition, a, b: np.where(condition, a, b)


def exprel(x: Any) -> Any:
    """x / (e^x - 1), right at 0 where it is 1 (series below |x| = 0.05; relative error < 1e-14 everywhere)."""
    return exprel_of(x, exp(x))


def exprel_of(x: Any, power: Any) -> Any:
    """x / (e^x - 1) where e^x is known already."""
    x2 = x * x
    series = 1.0 - 0.5 * x + x2 * (1.0 / 12.0 - x2 * (1.0 / 720.0 - x2 * (1.0 / 30240.0 - x2 * (1.0 / 1209600.0))))
    small = abs(x) < 0.05
    return where(small, series, x / where(small, 1.0, power - 1.0))


register_jitable(forceinline=True)(exprel)
register_jitable(forceinline=True)(exprel_of)


# -- threads ----------------------------------------------------------------------------------------------------------


@intrinsic
def _atomic_add(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = cgutils.get_item_pointer(context, builder, signature.args[0], view, [args[1]], wraparound=False)
        return builder.atomic_rmw("add", pointer, args[2], "seq_cst")

    return types.int64(types.Array(types.int64, 1, "C"), types.int64, types.int64), codegen


def atomic_add(array: np.ndarray, index: int, value: int) -> int:
    """Add to an int64 entry as one indivisible act; return what stood there before. `value` 0 reads it."""
    before = int(array[index])
    array[index] += value
    return before


@overload(atomic_add)
def _atomic_add_overload(array, index, value):
    return lambda array, index, value: _atomic_add(array, np.int64(index), np.int64(value))


_sched_yield = types.ExternalFunction("sched_yield", types.int32()) if os.name == "posix" else None


def relax() -> None:
    """Give the core to another thread: a barrier that only spins would starve it when cores are busy."""
    time.sleep(0)


@overload(relax)
def _relax_overload():
    if _sched_yield is not None:
        return lambda: _sched_yield()
    return lambda: None


# -- memory -----------------------------------------------------------------------------------------------------------


@intrinsic
def _prefetch(typingctx: Any, array: Any, index: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = cgutils.get_item_pointer(context, builder, signature.args[0], view, [args[1]], wraparound=False)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, ir.IntType(32), ir.IntType(32), ir.IntType(32)])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        constants = [ir.Constant(ir.IntType(32), v) for v in (0, 3, 1)]  # read, keep in all caches, data
        builder.call(function, [builder.bitcast(pointer, byte), *constants])
        return context.get_dummy_value()

    return types.void(array, types.int64), codegen


def prefetch(array: np.ndarray, index: int) -> None:
    """Ask for the cache line that holds ``array[index]``: memory latency is most of delivering a spike."""


@overload(prefetch)
def _prefetch_overload(array, index):
    return lambda array, index: _prefetch(array, np.int64(index))


@intrinsic
def _atomic_load(typingctx: Any, array: Any, index: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = cgutils.get_item_pointer(context, builder, signature.args[0], view, [args[1]], wraparound=False)
        return builder.load_atomic(pointer, "acquire", 8)

    return types.int64(types.Array(types.int64, 1, "C"), types.int64), codegen


def atomic_load(array: np.ndarray, index: int) -> int:
    """Read an int64 entry that another thread writes; a plain load would be hoisted out of a waiting loop."""
    return int(array[index])


@overload(atomic_load)
def _atomic_load_overload(array, index):
    return lambda array, index: _atomic_load(array, np.int64(index))


_realloc = types.ExternalFunction("realloc", types.intp(types.intp, types.intp))
_libc = ctypes.CDLL(None) if os.name == "posix" else ctypes.cdll.msvcrt
_libc.realloc.restype, _libc.realloc.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_size_t)
_libc.free.restype, _libc.free.argtypes = None, (ctypes.c_void_p,)


def resized(address: int, size: int) -> int:
    """Memory of `size` bytes with the contents of that at `address` (0: none), which is given back.

    For a log that a loop fills: how long it will be nobody knows, and an array cannot grow where it is written.
    """
    found = _libc.realloc(int(address) or None, int(size))
    if not found:
        raise MemoryError(f"{size} bytes")
    return int(found)


@overload(resized)
def _resized_overload(address, size):
    return lambda address, size: _realloc(np.int64(address), np.int64(size))


def released(address: int) -> None:
    """Give memory of `resized` back."""
    _libc.free(int(address) or None)


# -- addresses: tables of arrays of several types and sizes, without a new compilation for each network ---------------


@intrinsic
def _pointer(typingctx: Any, address: Any, dtype: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return types.CPointer(dtype.dtype)(types.int64, dtype), codegen


def view(address: int, size: int, dtype: Any) -> np.ndarray:
    """The `size` elements of type `dtype` that stand at an address (the owner must be kept alive)."""
    if size == 0:
        return np.empty(0, dtype)
    kind = np.dtype(dtype)
    buffer = (ctypes.c_char * (size * kind.itemsize)).from_address(int(address))
    return np.frombuffer(buffer, kind)


@overload(view)
def _view_overload(address, size, dtype):
    return lambda address, size, dtype: numba.carray(_pointer(np.int64(address), dtype), size)


def view2(address: int, rows: int, columns: int, dtype: Any) -> np.ndarray:
    """The same as a table of `rows` x `columns`."""
    return view(address, rows * columns, dtype).reshape(rows, columns)


@overload(view2)
def _view2_overload(address, rows, columns, dtype):
    return lambda address, rows, columns, dtype: numba.carray(_pointer(np.int64(address), dtype), (rows, columns))


@intrinsic
def _call(typingctx: Any, address: Any, arguments: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = cgutils.unpack_tuple(builder, args[1])
        kind = ir.FunctionType(ir.IntType(64), [v.type for v in values])
        return builder.call(builder.inttoptr(args[0], kind.as_pointer()), values)

    return types.int64(types.int64, arguments), codegen


_python_kernels: list[Callable[..., int]] = [lambda *_: 0]  # number 0, like address 0, is no kernel
_alive: list[Any] = []  # a C function lives as long as its Python object


def kernel_address(function: Callable[..., int], signature: str) -> int:
    """Compile `function` to a C function and return its address (its number, when nothing is compiled)."""
    if not JIT:
        _python_kernels.append(function)
        return len(_python_kernels) - 1
    options = {k: v for k, v in OPTIONS.items() if k != "nogil"}
    kernel = CFunc(function, sigutils.normalize_signature(signature), locals={}, options=options)
    _cached(kernel, function)
    kernel.compile()
    _alive.append(kernel)
    return int(kernel.address)


def call_kernel(address: int, arguments: tuple[Any, ...]) -> int:
    """Call a kernel by address, so that it is compiled once and on its own, and only where it is needed."""
    return _python_kernels[address](*arguments)


@overload(call_kernel)
def _call_kernel_overload(address, arguments):
    return lambda address, arguments: _call(np.int64(address), arguments)


if not JIT:  # the twins compute with wrapping uint64 scalars on purpose
    np.seterr(over="ignore")
