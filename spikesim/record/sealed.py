"""A seal on an HDF5 file that is written at once: the hash of all that is in it, so that damage is seen."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FileFormatError

if TYPE_CHECKING:
    import h5py

__all__ = ["require_seal", "seal"]

NAME = "digest"


def seal(file: h5py.File) -> None:
    """Write the hash of all attributes and datasets of a file as an attribute of it."""
    file.attrs[NAME] = _hash(file)


def require_seal(file: h5py.File) -> None:
    """Refuse a file whose contents are not those that it was sealed with; one without a seal is older.

    Raises
    ------
    FileFormatError
        If they are not.
    """
    if NAME in file.attrs and file.attrs[NAME] != _hash(file):
        raise FileFormatError(f"{file.filename!r} is damaged: its contents do not have the digest that it states")


def _hash(file: Any) -> str:
    found = hashlib.blake2b(digest_size=16)
    items: list[tuple[str, Any]] = [("", file)]
    file.visititems(lambda name, item: items.append((name, item)))
    for name, item in sorted(items, key=lambda entry: entry[0]):
        found.update(f"{name}\0{type(item).__name__}".encode())
        for key in sorted(set(item.attrs) - {NAME}):
            found.update(f"{key}\0{item.attrs[key]!r}".encode())
        if hasattr(item, "dtype"):
            if item.dtype.kind != "O" and item.id.get_storage_size() < item.size * item.dtype.itemsize:
                raise FileFormatError(f"{file.filename!r}: {item.name}: shape {item.shape}, not all of it is stored")
            values = np.asarray(item[()])
            told = repr(values.tolist()).encode() if values.dtype == object else np.ascontiguousarray(values).tobytes()
            found.update(f"{item.dtype.str}{item.shape}".encode() + told)
    return found.hexdigest()
