"""Columns of HDF5 as SONATA and its readers want them: uncompressed, text of variable length, constants without room.

libsonata's wheels have no deflate and no LZF, so nothing is compressed.  A constant column is a dataset whose fill
value it is and to which nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import h5py
import numpy as np

__all__ = ["BLOCK", "constant", "fill", "grown", "stamp", "text"]

#: Rows that are handled at a time.
BLOCK = 2**20
CHUNK = 2**15


def stamp(file: h5py.File) -> None:
    """Write the attributes that say that a file is SONATA, of version 0.1."""
    file.attrs["magic"] = np.uint32(0x0A7A)
    file.attrs["version"] = np.array([0, 1], np.uint32)


def text(group: h5py.Group, name: str, values: Iterable[str]) -> h5py.Dataset:
    """Write a column of text."""
    column = list(values)
    return group.create_dataset(name, data=column if column else None, shape=(len(column),), dtype=h5py.string_dtype())


def constant(group: h5py.Group, name: str, size: int, kind: str, value: Any = 0) -> h5py.Dataset:
    """Write a column with one value everywhere."""
    chunks = (max(1, min(size, CHUNK)),)
    return group.create_dataset(name, (size,), kind, fillvalue=value, chunks=chunks, maxshape=(None,))


def fill(group: h5py.Group, name: str, values: Any, size: int, kind: str) -> h5py.Dataset:
    """Write a column of one value for all, or one a row."""
    if np.ndim(values) == 0:
        return constant(group, name, size, kind, values)
    return group.create_dataset(name, data=np.asarray(values).astype(kind))


def grown(group: h5py.Group, name: str, kind: str, width: int = 0, rows: float = CHUNK) -> h5py.Dataset:
    """Return an empty column that grows, to about so many rows."""
    shape = (0, width) if width else (0,)
    chunk = int(min(max(rows, 16), CHUNK))
    return group.create_dataset(name, shape, kind, maxshape=(None, *shape[1:]), chunks=(chunk, *shape[1:]))
