"""All that changes on one worker, in one block of memory: named fields at offsets, and no address among them.

A block can be copied, compared and laid anew with more room.  What grows stands last, so that the offsets of all else
never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

__all__ = ["Arena"]

LINE = 64  # bytes of a cache line: every field starts on one


class Arena(Mapping[str, np.ndarray]):
    """A block of named arrays.

    Parameters
    ----------
    fields : iterable of (name, dtype, count)
        In the order in which they stand; zeros at first.
    """

    def __init__(self, fields: Iterable[tuple[str, np.dtype | type, int]]) -> None:
        self._fields = [(name, np.dtype(kind), int(count)) for name, kind, count in fields]
        self._lay()

    def _lay(self) -> None:
        self._offset: dict[str, int] = {}
        at = 0
        for name, kind, count in self._fields:
            self._offset[name] = at
            at += -(-kind.itemsize * count // LINE) * LINE
        # (of `empty` NumPy makes large pages, where there are any)
        room = np.empty(at + LINE, np.uint8)
        room[:] = 0
        first = -room.ctypes.data % LINE
        self.block = room[first : first + at]
        self._views = {
            name: self.block[self._offset[name] : self._offset[name] + kind.itemsize * count].view(kind)
            for name, kind, count in self._fields
        }

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a field; a view, valid until the block is laid anew."""
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def resize(self, **counts: int) -> None:
        """Lay the block anew with other numbers of elements; what fits is kept, what is new is zero."""
        old = self._views
        self._fields = [(name, kind, counts.get(name, count)) for name, kind, count in self._fields]
        self._lay()
        for name, was in old.items():
            n = min(was.size, self[name].size)
            self[name][:n] = was[:n]

    def copy(self) -> Arena:
        """Return another block with the same contents."""
        made = Arena(self._fields)
        made.block[:] = self.block
        return made

    @property
    def nbytes(self) -> int:
        """Size of the block (bytes)."""
        return self.block.nbytes
