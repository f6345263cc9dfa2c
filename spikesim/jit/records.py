"""Records with named fields in compiled loops, and spans: where an array stands.

A loop gets one address, that of a record of its worker; the fields of the record are numbers, records, and spans.  One
argument instead of forty: Numba's compile time grows with the number of arrays in a signature.  (`part[p].states` on an
array of records costs what an index into a plain table costs: measured, run time and compile time.)

Field names must not be those of NumPy's scalars (`size`, `flags`, `data`, ...): plain Python would find these first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from .instructions import array_at, lowered, view

__all__ = ["SPAN", "bytes8", "floats", "ints", "record", "shorts", "span", "struct", "table", "words"]


def record(*fields: tuple[Any, ...]) -> np.dtype:
    """Return the type of a record with these fields: (name, type) or (name, type, shape)."""
    taken = [name for name, *_ in fields if hasattr(np.record, name)]
    if taken:
        raise ValueError(f"{taken[0]!r} is an attribute of NumPy's scalars; name the field otherwise")
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


#: Where an array stands: its address and how many elements it has.
SPAN = record(("at", np.int64), ("n", np.int64))


def struct(address: int, dtype: Any) -> Any:
    """The record of type `dtype` that stands at an address."""
    return view(address, 1, dtype)[0]


@lowered(struct, lambda address, dtype: dtype.dtype)
def _struct(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    address = context.cast(builder, args[0], signature.args[0], types.int64)
    return builder.inttoptr(address, context.get_value_type(signature.return_type))


def table(where: Any, dtype: Any) -> np.ndarray:
    """The array of elements of type `dtype` that a span points at."""
    return view(where.at, where.n, dtype)


def _from_span(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    numbers = builder.bitcast(args[0], ir.IntType(64).as_pointer())
    address, n = (builder.load(builder.gep(numbers, [ir.Constant(ir.IntType(32), k)])) for k in (0, 1))
    return array_at(context, builder, signature.return_type, address, [n])


lowered(table, lambda where, dtype: types.Array(dtype.dtype, 1, "C"))(_from_span)


def floats(where: Any) -> np.ndarray:
    """The float64 array of a span."""
    return view(where.at, where.n, np.float64)


def ints(where: Any) -> np.ndarray:
    """The int64 array of a span."""
    return view(where.at, where.n, np.int64)


def shorts(where: Any) -> np.ndarray:
    """The int32 array of a span."""
    return view(where.at, where.n, np.int32)


def words(where: Any) -> np.ndarray:
    """The uint64 array of a span."""
    return view(where.at, where.n, np.uint64)


def bytes8(where: Any) -> np.ndarray:
    """The uint8 array of a span."""
    return view(where.at, where.n, np.uint8)


for _function, _kind in (
    (floats, types.float64), (ints, types.int64), (shorts, types.int32), (words, types.uint64), (bytes8, types.uint8)
):  # fmt: skip
    lowered(_function, lambda where, kind=_kind: types.Array(kind, 1, "C"))(_from_span)


def span(array: np.ndarray) -> tuple[int, int]:
    """Return the span of an array of C order (which must be kept alive, and where it is)."""
    return array.ctypes.data, array.size
