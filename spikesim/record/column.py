"""A growing array."""

from __future__ import annotations

import numpy as np

__all__ = ["Column"]


class Column:
    """Rows appended at the end in constant time each; `kept` of them are committed."""

    def __init__(self, dtype: type, width: tuple[int, ...] = ()) -> None:
        self._rows: np.ndarray = np.empty((0, *width), dtype)
        self.size = 0  # rows given
        self.kept = 0  # rows committed

    def reserve(self, rows: int) -> None:
        """Make room for `rows` more at once, if they are most of it: growing holds the old array and the new one."""
        if self.size + rows > 2 * len(self._rows):
            self._grow(self.size + rows)

    def append(self, values: np.ndarray) -> None:
        """Copy rows to the end."""
        need = self.size + len(values)
        if need > len(self._rows):
            self._grow(max(need, 2 * len(self._rows), 256))
        self._rows[self.size : need] = values
        self.size = need

    def _grow(self, rows: int) -> None:
        if rows > len(self._rows):  # a new array: whoever holds a view of the old one keeps it
            grown = np.empty((rows, *self._rows.shape[1:]), self._rows.dtype)
            grown[: self.size] = self._rows[: self.size]
            self._rows = grown

    def committed(self) -> np.ndarray:
        """Return the committed rows, a view."""
        return self._rows[: self.kept]

    def drop(self) -> None:
        """Forget the committed rows, and keep the room they took."""
        rest = self.size - self.kept
        self._rows[:rest] = self._rows[self.kept : self.size].copy()
        self.size, self.kept = rest, 0

    @property
    def nbytes(self) -> int:
        """Bytes of the rows held."""
        return self.size * self._rows[:1].nbytes if len(self._rows) else 0
