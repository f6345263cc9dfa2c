"""Versions of values: how backward notices that a value is not the one that the forward pass saw.

Every change that goes through a Var (a step of an optimiser, an operator in place, ``val = ``) counts the version up.
Whoever was handed the array itself (``val``, ``numpy()``, ``detach()``) can change it without a word: from then on a
checksum is compared at each use, and a difference counts as a change.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

__all__ = ["Memory"]


class Memory:
    """The version of an array that several Vars may share."""

    __slots__ = ("checksum", "version")

    def __init__(self) -> None:
        self.version = 0
        self.checksum: int | None = None  # None while nobody outside holds the array

    def lend(self, array: Any) -> None:
        """Note that the array is about to be handed out."""
        if self.checksum is None:
            self.checksum = _checksum(array)
        else:
            self.now(array)

    def now(self, array: Any) -> int:
        """Return the version of the array as it is at this moment."""
        if self.checksum is not None:
            found = _checksum(array)
            if found != self.checksum:
                self.checksum, self.version = found, self.version + 1
        return self.version

    def changed(self, array: Any) -> None:
        """Count a change that goes through a Var."""
        self.version += 1
        if self.checksum is not None:
            self.checksum = _checksum(array)


def _checksum(array: Any) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data) if np.size(array) else 0
