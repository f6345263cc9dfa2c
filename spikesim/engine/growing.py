"""Tables of numbers that grow while a worker's program is written."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Coefficients", "Rows", "Table"]


class Coefficients:
    """One flat float64 array; `put` returns where values stand in it."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray] = []
        self.size = 0

    def put(self, *values: Any) -> int:
        at = self.size
        for value in values:
            block = np.atleast_1d(np.asarray(value, np.float64)).ravel()
            self._blocks.append(block)
            self.size += block.size
        return at

    def array(self) -> np.ndarray:
        return np.concatenate([*self._blocks, np.zeros(1)])


class Rows:
    """A table of int64 records."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self.rows: list[list[int]] = []

    def add(self, row: Any) -> int:
        self.rows.append([int(v) for v in row])
        return len(self.rows) - 1

    def __len__(self) -> int:
        return len(self.rows)

    def array(self) -> np.ndarray:
        return np.array(self.rows, np.int64).reshape(len(self.rows), self._columns)


class Table:
    """Records of one type; `add` returns the number of the new one."""

    def __init__(self, dtype: np.dtype) -> None:
        self._dtype = dtype
        self.rows: list[dict[str, Any]] = []

    def add(self, **fields: Any) -> int:
        self.rows.append(fields)
        return len(self.rows) - 1

    def __len__(self) -> int:
        return len(self.rows)

    def array(self) -> np.ndarray:
        made = np.zeros(len(self.rows), self._dtype)
        for record, fields in zip(made, self.rows):
            for name, value in fields.items():
                record[name] = value
        return made
