"""Functions that are a few machine instructions: atomic access, prefetching, arrays at an address; and their twins."""

from __future__ import annotations

import ctypes
import platform
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin, overload, type_callable

from .compiler import JIT


def lowered(function: Callable[..., Any], returns: Callable[..., Any]) -> Callable[[Any], Any]:
    """Give a Python function the machine code that the decorated function emits, and no function of its own.

    An overload is compiled again for each combination of argument types: a tenth of a second each, and there are many.
    """

    def register(code: Any) -> Any:
        if JIT:
            type_callable(function)(lambda context: returns)
            lower_builtin(function, types.VarArg(types.Any))(code)
        return code

    return register


def _entry(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Address of args[0][args[1]], an index that is not negative."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    index = context.cast(builder, args[1], signature.args[1], types.int64)
    return cgutils.get_item_pointer(context, builder, signature.args[0], array, [index], wraparound=False)


def array_at(context: Any, builder: Any, kind: Any, address: Any, shape: Sequence[Any]) -> Any:
    """An array of C order over memory that somebody else owns."""
    from numba.np import arrayobj  # loaded with the first compilation anyway, and long to load

    array = context.make_array(kind)(context, builder)
    itemsize = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [itemsize]
    for size in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], size))
    data = builder.inttoptr(address, array.data.type)
    arrayobj.populate_array(array, data=data, shape=shape, strides=strides, itemsize=itemsize, meminfo=None)
    return array._getvalue()


# -- threads ----------------------------------------------------------------------------------------------------------


def atomic_add(array: np.ndarray, index: int, value: int) -> int:
    """Add to an int64 entry as one indivisible act; return what stood there before. `value` 0 reads it."""
    before = int(array[index])
    array[index] += value
    return before


@lowered(atomic_add, lambda array, index, value: types.int64)
def _atomic_add(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    pointer = _entry(context, builder, signature, args)
    value = context.cast(builder, args[2], signature.args[2], types.int64)
    return builder.atomic_rmw("add", pointer, value, "seq_cst")


def _system() -> tuple[Any, Any, int]:
    """Return the functions of this system that let another thread run, and for a time; and a short time for it."""
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32")
        return kernel.SwitchToThread, kernel.Sleep, 1  # ms
    system = ctypes.CDLL(None)
    return system.sched_yield, system.usleep, 200  # us


GIVE_WAY, _NAP, _SHORT = _system()
GIVE_WAY.restype, GIVE_WAY.argtypes = ctypes.c_int, ()


def _external(name: str, signature: Any, function: Any) -> Any:
    """The function for compiled loops, under a name of ours that the linker knows from now on."""
    llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
    return types.ExternalFunction(name, signature)


_give_way = _external("spikesim_give_way", types.int32(), GIVE_WAY)
_nap = _external("spikesim_nap", types.int32(types.uint32), _NAP)

#: Number of the system call futex by machine (Linux), and what it is asked for: between threads of one process.
_FUTEX = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "ppc64le": 221}.get(platform.machine(), 0)
_WAIT, _WAKE = 128, 129
if sys.platform == "linux" and _FUTEX and sys.byteorder == "little":
    _syscall = _external("spikesim_syscall", types.int64(*(types.int64,) * 7), ctypes.CDLL(None).syscall)
else:
    _syscall = None


def give_way() -> None:
    """Let another thread run that waits for this core."""
    time.sleep(0)


def nap() -> None:
    """Give the core to others for a fifth of a millisecond."""
    time.sleep(2e-4)


@overload(give_way)
def _give_way_overload():
    def given():
        _give_way()

    return given


@overload(nap)
def _nap_overload():
    def taken():
        _nap(_SHORT)

    return taken


def sleep(array: np.ndarray, index: int, seen: int) -> None:
    """Give the core to others until `wake`, if an int64 entry is still what was `seen`; it may return early."""
    time.sleep(0)


def wake(array: np.ndarray, index: int) -> None:
    """Wake all that sleep for an entry."""


@overload(sleep)
def _sleep_overload(array, index, seen):
    if _syscall is None:
        return lambda array, index, seen: _give_way()

    def wait(array, index, seen):
        _syscall(_FUTEX, array.ctypes.data + 8 * index, _WAIT, np.int64(seen) & 0xFFFFFFFF, 0, 0, 0)

    return wait


@overload(wake)
def _wake_overload(array, index):
    if _syscall is None:
        return lambda array, index: None

    def woken(array, index):
        _syscall(_FUTEX, array.ctypes.data + 8 * index, _WAKE, 2**30, 0, 0, 0)

    return woken


# -- memory -----------------------------------------------------------------------------------------------------------


def prefetch(array: np.ndarray, index: int) -> None:
    """Ask for the cache line that holds ``array[index]``: memory latency is most of delivering a spike."""


@lowered(prefetch, lambda array, index: types.none)
def _prefetch(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, ir.IntType(32), ir.IntType(32), ir.IntType(32)])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
    constants = [ir.Constant(ir.IntType(32), v) for v in (0, 3, 1)]  # read, keep in all caches, data
    builder.call(function, [builder.bitcast(_entry(context, builder, signature, args), byte), *constants])
    return context.get_dummy_value()


def atomic_load(array: np.ndarray, index: int) -> int:
    """Read an int64 entry that another thread writes; a plain load would be hoisted out of a waiting loop."""
    return int(array[index])


@lowered(atomic_load, lambda array, index: types.int64)
def _atomic_load(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.load_atomic(_entry(context, builder, signature, args), "acquire", 8)


# -- vectors ----------------------------------------------------------------------------------------------------------


def widely() -> None:
    """Let the function it stands in use vectors of 512 bits where the machine has them; the bits are the same.

    LLVM takes 256 on Intel's processors, for the sake of code that needs few: here a loop with long formulas gains.
    """


@lowered(widely, lambda: types.none)
def _widely(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite's own `add` knows few names
    return context.get_dummy_value()


# -- addresses: tables of arrays of several types and sizes, without a new compilation for each network ---------------


def view(address: int, size: int, dtype: Any) -> np.ndarray:
    """The `size` elements of type `dtype` that stand at an address (the owner must be kept alive)."""
    if size == 0:
        return np.empty(0, dtype)
    kind = np.dtype(dtype)
    buffer = (ctypes.c_char * (size * kind.itemsize)).from_address(int(address))
    return np.frombuffer(buffer, kind)


@lowered(view, lambda address, size, dtype: types.Array(dtype.dtype, 1, "C"))
def _view(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    address, size = (context.cast(builder, v, t, types.int64) for v, t in zip(args[:2], signature.args))
    return array_at(context, builder, signature.return_type, address, [size])


def view2(address: int, rows: int, columns: int, dtype: Any) -> np.ndarray:
    """The same as a table of `rows` x `columns`."""
    return view(address, rows * columns, dtype).reshape(rows, columns)


@lowered(view2, lambda address, rows, columns, dtype: types.Array(dtype.dtype, 2, "C"))
def _view2(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    address, *shape = (context.cast(builder, v, t, types.int64) for v, t in zip(args[:3], signature.args))
    return array_at(context, builder, signature.return_type, address, shape)
