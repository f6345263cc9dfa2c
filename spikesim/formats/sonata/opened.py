"""Opening what others wrote: configurations with their manifest, tables of types, columns of HDF5.

Whatever is missing, of another kind, or points where nothing is, is a :class:`FileFormatError` that names file and
place.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ...errors import FileFormatError
from ...files import reading
from ...machine import require_memory
from ...record.checked import CheckedFile, shown

__all__ = ["Config", "SonataFile", "table"]

MOST_TEXT = 2**28  # bytes of JSON or CSV


def _text(path: str) -> str:
    try:
        with reading(path):
            if os.path.getsize(path) > MOST_TEXT:
                raise FileFormatError(f"{path!r} has more than {MOST_TEXT} bytes")
            return Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{path!r} is no text: {error}") from None


class Config(Mapping[str, Any]):
    """A JSON file of SONATA, whose paths may begin with variables of its manifest.

    Raises
    ------
    FileFormatError
        If it is no such file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self._value = json.loads(_text(path))
        except (json.JSONDecodeError, RecursionError) as error:
            raise FileFormatError(f"{path!r} is no JSON: {error}") from None
        if not isinstance(self._value, dict):
            raise self.error("wanted an object with names")
        self._manifest = self.section("manifest")
        for name, value in self._manifest.items():
            if not isinstance(value, str):
                raise self.error(f"manifest: {name}: wanted a path, got {shown(value)}")

    def error(self, what: str) -> FileFormatError:
        """Return the error that says `what` about this file."""
        return FileFormatError(f"{self.path!r}: {what}")

    def __getitem__(self, key: str) -> Any:
        return self._value[key]

    def __iter__(self) -> Any:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)

    def section(self, name: str) -> dict[str, Any]:
        """Return an object of it; an empty one where it is not there."""
        found = self._value.get(name)
        if found is not None and not isinstance(found, dict):
            raise self.error(f"{name}: wanted an object with names, got {shown(found)}")
        return found or {}

    def resolved(self, value: Any, what: str) -> str:
        """Return a path of it as a path of this machine."""
        if not isinstance(value, str) or not value:
            raise self.error(f"{what}: wanted a path, got {shown(value)}")
        here = os.path.dirname(os.path.abspath(self.path))
        known = {**self._manifest, "$configdir": here}  # BMTK's word for it
        text = value
        for _ in range(20):
            before = text
            for name in sorted(known, key=len, reverse=True):
                key = name.strip("${}")
                text = text.replace(f"${{{key}}}", known[name]).replace(f"${key}", known[name])
            if text == before:
                break
        if "$" in text:
            raise self.error(f"{what}: {shown(value)}: a variable that the manifest does not have")
        found = os.path.normpath(os.path.join(here, text))
        if not os.path.exists(found):
            raise self.error(f"{what}: there is no file {found!r}")
        return found


def table(path: str, key: str) -> dict[int, dict[str, Any]]:
    """Return a table of types, separated by spaces, by number; NULL is None, and what looks like a number is one."""
    rows = list(csv.reader(_text(path).splitlines(), delimiter=" ", skipinitialspace=True))
    rows = [[cell for k, cell in enumerate(row) if cell or k < len(row) - 1] for row in rows if row]
    if not rows or key not in rows[0]:
        raise FileFormatError(f"{path!r}: there is no column {key!r} (a table separated by spaces)")
    found = {}
    for k, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise FileFormatError(f"{path!r}: line {k}: wanted {len(rows[0])} columns, got {len(row)}")
        entry = {name: _value(cell) for name, cell in zip(rows[0], row)}
        if not isinstance(entry[key], (int, float)) or entry[key] != int(entry[key]):
            raise FileFormatError(f"{path!r}: line {k}: {key} must be a whole number, got {shown(entry[key])}")
        found[int(entry[key])] = entry
    return found


def _value(cell: str) -> Any:
    if cell in ("NULL", "NA", ""):
        return None
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell


class SonataFile(CheckedFile):
    """An HDF5 file of nodes, edges or spikes."""

    def __enter__(self) -> SonataFile:
        return self

    def has(self, path: str) -> bool:
        """Whether there is an object at an absolute path."""
        with self.guard(path):
            return path in self._h5

    def rows(self, path: str) -> int:
        """Return the length of a column."""
        found = self._object(path)
        if not isinstance(found, h5py.Dataset) or found.shape is None or len(found.shape) != 1:
            raise self.error(f"{path}: wanted a column")
        return int(found.shape[0])

    def column(self, path: str, kind: str = "iuf", size: int | None = None) -> np.ndarray:
        """Return a column of numbers: "iu" whole ones, "iuf" any.

        Raises
        ------
        FileFormatError
            If it is missing, of another kind or length, or not finite.
        """
        if not self.has(path):
            raise self.error(f"{path}: there is no such column")
        rows, found = self.rows(path), self._object(path)
        if found.dtype.kind not in kind:
            raise self.error(f"{path}: wanted {'whole numbers' if kind == 'iu' else 'numbers'}, got {found.dtype}")
        if size is not None and rows != size:
            raise self.error(f"{path}: wanted {size} rows, got {rows}")
        require_memory({f"{path} of {self.path!r}": 2.0 * rows * found.dtype.itemsize})
        values = self.read(found)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            bad = np.flatnonzero(~np.isfinite(values))
            raise self.error(f"{path}: row {bad[0]} is {values[bad[0]]} ({bad.size} such)")
        return values

    def ids(self, path: str, most: int, size: int | None = None) -> np.ndarray:
        """Return a column of numbers of nodes, int64, all below `most`."""
        values = self.column(path, "iu", size)
        bad = np.flatnonzero((values < 0) | (values >= most))
        if bad.size:
            raise self.error(f"{path}: row {bad[0]}: node {values[bad[0]]} of {most} ({bad.size} such)")
        return values.astype(np.int64)

    def texts(self, path: str, size: int | None = None) -> np.ndarray:
        """Return a column of text."""
        rows, found = self.rows(path), self._object(path)
        if size is not None and rows != size:
            raise self.error(f"{path}: wanted {size} rows, got {rows}")
        require_memory({f"{path} of {self.path!r}": 64.0 * rows})
        with self.guard(path):
            if h5py.check_string_dtype(found.dtype) is None:
                raise self.error(f"{path}: wanted text, got {found.dtype}")
            return np.asarray(found.asstr()[()], object)

    def word(self, path: str, name: str) -> str:
        """Return an attribute that is text."""
        with self.guard(f"{path} attribute {name}"):
            found = self._object(path).attrs.get(name)
        found = found.decode("utf-8", "replace") if isinstance(found, bytes) else found
        if isinstance(found, np.ndarray) and found.size == 1:
            found = found.reshape(-1)[0]
            found = found.decode("utf-8", "replace") if isinstance(found, bytes) else found
        if not isinstance(found, str):
            raise self.error(f"{path}: attribute {name!r}: wanted text, got {shown(found)}")
        return found

    def numeric(self, path: str, name: str) -> float | None:
        """Return an attribute that is a number; None where it is not there."""
        with self.guard(f"{path} attribute {name}"):
            found = self._object(path).attrs.get(name)
            return None if found is None else float(found)

    def values(self, group: str, name: str, size: int | None = None) -> np.ndarray | None:
        """Return an attribute of nodes or edges, its codes resolved; None where it is not there."""
        path = f"{group}/{name}"
        if not self.has(path):
            return None
        found = self._object(path)
        if not isinstance(found, h5py.Dataset):
            raise self.error(f"{path}: wanted a column")
        if h5py.check_string_dtype(found.dtype) is not None:
            return self.texts(path, size)
        values = self.column(path, "iuf", size)
        if not self.has(f"{group}/@library/{name}"):
            return values
        words = self.texts(f"{group}/@library/{name}")
        return words[self.ids(path, len(words), size)]
