"""The global heaps of an HDF5 file, where lists of variable length and texts stand, looked at before HDF5 reads them.

A collection is "GCOL", a version (1), three bytes of 0, its size (8 bytes), and objects: number (2), references (2),
0 (4), size (8), and data up to a multiple of 8; number 0 is what is free, with its head (HDF5 file format 3.0, III.E).
The library goes through them by their sizes, and never comes to an end where one that is free has none.
"""

from __future__ import annotations

import mmap
import os
import struct
from typing import Any

from ..errors import FileFormatError

__all__ = ["require_sound_heaps"]

_BEGINS = b"GCOL\x01\0\0\0"
_HEAD = 16  # bytes of the head of a collection, and of an object


def require_sound_heaps(path: str | os.PathLike[str], data: bytes | None = None) -> None:
    """Refuse a file with a collection that the HDF5 library would not come to the end of.

    Parameters
    ----------
    path : path
    data : bytes, optional
        All of it, where that is in memory.

    Raises
    ------
    FileFormatError
        Where it is.
    """
    if data is not None:
        _require(path, data)
    elif os.path.getsize(path):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            _require(path, mapped)


def _require(path: str | os.PathLike[str], data: Any) -> None:
    at = data.find(_BEGINS)
    while at >= 0:
        (size,) = struct.unpack("<Q", data[at + 8 : at + 16]) if at + _HEAD <= len(data) else (0,)
        here, end = at + _HEAD, min(at + size, len(data))
        while here + _HEAD <= end:
            number, length = struct.unpack("<H6xQ", data[here : here + _HEAD])
            if number == 0 and length == 0:
                said = f"at byte {here} an object of the global heap has no size"
                raise FileFormatError(f"{os.fsdecode(path)!r} is damaged: {said}")
            here += length if number == 0 else _HEAD + -(-length // 8) * 8
        at = data.find(_BEGINS, at + _HEAD)
