"""Reading HDF5 from strangers: what a dataset may be is settled before one byte of it is read.

A file may point outside itself (external and soft links, external raw storage, virtual datasets), ask for
code (filters from plugins), declare what it does not hold (2^45 rows in a kilobyte, a thousand chunks in one
place) or lie about its checksums (chunks that skip the filter, chunks that are missing and read as zeros).
Nothing of that passes.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import h5py
import numpy as np

from ..errors import FileFormatError, InputFileError
from ..files import reading
from .sealed import require_seal

__all__ = ["CheckedFile", "Rows", "shown", "steady"]

T = TypeVar("T")

_FLETCHER32 = 3


def shown(value: Any) -> str:
    """Return a value as it may stand in a message: short, and without control characters."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _opened(path: str) -> h5py.File:
    """The file, not locked, as it may be being written; or in the way in which this process has it open already."""
    for locking in (False, None, "best-effort", True):
        try:
            return h5py.File(path, "r", locking=locking)
        except OSError as error:
            if locking is True or "file locking" not in str(error):
                raise
    raise AssertionError


class CheckedFile:
    """An HDF5 file opened for reading, datasets by exact path, kind and shape.

    Parameters
    ----------
    path : str
    sealed : bool
        Whether it may have a seal, which is looked at first; attribute ``sealed``: whether it has one.

    Raises
    ------
    FileFormatError
        From every method: the file, the object and what is wrong with it.
    InputFileError
        If it is missing, a folder, or may not be read.
    """

    def __init__(self, path: str, sealed: bool = False) -> None:
        self.path = path
        with reading(path):
            found = os.stat(path)
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(found.st_mode):
            raise self.error("is no ordinary file (a device or a pipe)")
        if not found.st_size:
            raise self.error("is empty")
        try:
            with reading(path):
                self.sealed = sealed and require_seal(path)
                self._h5 = _opened(path)
        except (InputFileError, FileFormatError):
            raise
        except Exception as error:
            raise self.error(f"is no readable HDF5 file: {str(error)[:200]}") from error

    @property
    def size(self) -> int:
        """How many bytes the file has now: who writes it may just have made it longer."""
        return os.stat(self.path).st_size

    def error(self, what: str) -> FileFormatError:
        """Return the error that says `what` about this file."""
        return FileFormatError(f"{self.path!r} {what}")

    @contextlib.contextmanager
    def guard(self, where: str) -> Iterator[None]:
        """Turn whatever HDF5 raises into a FileFormatError."""
        try:
            yield
        except FileFormatError:
            raise
        except Exception as error:
            raise self.error(f"{where}: cannot be read: {type(error).__name__}: {str(error)[:200]}") from error

    def _object(self, path: str) -> Any:
        """The object at an absolute path, through hard links only."""
        with self.guard(path):
            here: Any = self._h5
            for k, name in enumerate(parts := [part for part in path.split("/") if part]):
                link = here.get(name, getlink=True) if isinstance(here, h5py.Group) else None
                if link is None:
                    raise self.error(f"{path}: there is no such object")
                if type(link) is not h5py.HardLink:
                    at = "/" + "/".join(parts[: k + 1])
                    raise self.error(f"{at}: is a {type(link).__name__}; links are not followed")
                here = here[name]
            return here

    def names(self, path: str) -> list[str]:
        """Return the names in a group, at most 100,000."""
        group = self._object(path)
        if not isinstance(group, h5py.Group):
            raise self.error(f"{path}: wanted a group")
        with self.guard(path):
            return list(itertools.islice(group.keys(), 100_000))

    def attribute(self, path: str, name: str, kind: str, size: int = 1, most: int = 256) -> Any:
        """Return a number (kind "iu") or a fixed-length text (kind "S") from an attribute."""
        where = f"{path} attribute {name}"
        with self.guard(where):
            item = self._h5 if path == "/" else self._object(path)
            if name not in item.attrs:
                raise self.error(f"{where}: is missing")
            found = item.attrs.get_id(name)
            if found.dtype.kind not in kind or found.dtype.itemsize > most or found.shape not in ((), (size,)):
                raise self.error(f"{where}: wanted kind {kind}, got {found.dtype} of shape {found.shape}")
            return item.attrs[name]

    def dataset(
        self, path: str, dtype: str | tuple[str, ...], shape: tuple[int | None, ...], chunked: bool
    ) -> h5py.Dataset:
        """Return a dataset that is exactly this (or of one of these types); None in `shape` is any length.

        A chunked one is uncompressed, with fletcher32, and has every one of its chunks in a place of its own
        inside the file.
        """
        found = self._object(path)
        if not isinstance(found, h5py.Dataset):
            raise self.error(f"{path}: wanted a dataset")
        with self.guard(path):
            made = found.id.get_create_plist()
            layout, wanted = made.get_layout(), h5py.h5d.CHUNKED if chunked else h5py.h5d.CONTIGUOUS
            if made.get_external_count():
                raise self.error(f"{path}: keeps its data in another file")
            if layout != wanted:
                raise self.error(f"{path}: stored in another way than a recording (HDF5 layout {layout})")
            filters = [made.get_filter(k)[0] for k in range(made.get_nfilters())]
            if filters != ([_FLETCHER32] if chunked else []):
                raise self.error(f"{path}: filters {filters}; wanted fletcher32 (3) and no other")
            types = [np.dtype(one) for one in ((dtype,) if isinstance(dtype, str) else dtype)]
            if found.dtype not in types or found.dtype.metadata:
                raise self.error(f"{path}: wanted {' or '.join(map(str, types))}, got {shown(found.dtype)}")
            if len(found.shape) != len(shape) or any(w not in (None, n) for w, n in zip(shape, found.shape)):
                raise self.error(f"{path}: wanted shape {shape}, got {found.shape}")
            if found.size * found.dtype.itemsize > self.size:
                raise self.error(f"{path}: declares {found.nbytes} bytes in a file of {self.size} bytes")
            if chunked:
                self._check_chunks(path, found)
        return found

    def plain(self, path: str) -> h5py.Dataset:
        """Return a contiguous dataset of plain numbers, of whatever type and shape."""
        found = self._object(path)
        if not isinstance(found, h5py.Dataset):
            raise self.error(f"{path}: wanted a dataset")
        if found.dtype.kind not in "biuf" or found.dtype.metadata or found.shape is None or len(found.shape) > 4:
            raise self.error(f"{path}: wanted plain numbers, got {shown(found.dtype)} of shape {found.shape}")
        return self.dataset(path, found.dtype.str, found.shape, chunked=False)

    def _check_chunks(self, path: str, dataset: h5py.Dataset) -> None:
        chunks = dataset.chunks
        size = int(np.prod(chunks)) * dataset.dtype.itemsize
        if size > 64 * 2**20:
            raise self.error(f"{path}: chunks of {size} bytes; at most {64 * 2**20} are accepted")
        counts = [-(-n // c) for n, c in zip(dataset.shape, chunks)]
        wanted = int(np.prod(counts, dtype=np.int64))
        if wanted * size > self.size:
            raise self.error(f"{path}: declares {wanted} chunks of {size} bytes in a file of {self.size} bytes")
        places: set[tuple[int, int]] = set()  # a crash may leave a chunk in two nodes of the index

        def visit(info: Any) -> None:
            cell = [o // c for o, c in zip(info.chunk_offset, chunks)]
            if any(o % c for o, c in zip(info.chunk_offset, chunks)):
                raise self.error(f"{path}: a chunk lies off the raster, at {info.chunk_offset}")
            if any(k >= n for k, n in zip(cell, counts)):
                return  # behind the end: what a crash may leave
            if info.filter_mask or info.size != size + 4:
                raise self.error(f"{path}: the chunk at {info.chunk_offset} has no checksum")
            places.add((info.byte_offset, int(np.ravel_multi_index(cell, counts))))

        dataset.id.chunk_iter(visit)
        if len({cell for _, cell in places}) != wanted or len(places) != wanted:
            raise self.error(f"{path}: wanted {wanted} chunks, got {len(places)}")
        starts = np.sort(np.array([at for at, _ in places], np.uint64))
        if wanted and (int(starts[-1]) + size + 4 > self.size or (np.diff(starts) < size + 4).any()):
            raise self.error(f"{path}: chunks overlap or lie outside the file")

    def read(self, dataset: h5py.Dataset, rows: slice = slice(None)) -> np.ndarray:
        """Return rows of a dataset."""
        with self.guard(str(dataset.name)):
            return np.asarray(dataset[rows])

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(Exception):
            self._h5.close()

    def __enter__(self) -> CheckedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def steady(path: str, read: Callable[[CheckedFile], T]) -> T:
    """Open, read, close; again where the file is being written and was caught in the middle of a commit.

    A file that changed while it was read says nothing about itself; one that did not, but is young, gets a little time.
    """
    patience, torn = [0.5, 0.2, 0.05, 0.01], 50
    while True:
        with reading(path):
            before = os.stat(path)
        try:
            with CheckedFile(path) as file:
                return read(file)
        except FileFormatError:
            now = os.stat(path)
            if torn and (now.st_mtime_ns, now.st_size) != (before.st_mtime_ns, before.st_size):
                torn -= 1
                time.sleep(0.005)
            elif patience and time.time() - now.st_mtime <= 10.0:
                time.sleep(patience.pop())
            else:
                raise


class Rows:
    """The committed rows of a growing dataset.

    A crash may have come between the new rows of the last chunk and its checksum.  HDF5 then refuses the
    whole chunk; the rows committed before are still there, and `tail`, their own checksum, vouches for them.
    """

    def __init__(self, file: CheckedFile, dataset: h5py.Dataset, rows: int, tail: int) -> None:
        self._file, self._dataset, self._rows, self._tail = file, dataset, rows, tail

    def read(self, first: int, last: int) -> np.ndarray:
        """Return rows first ... last - 1."""
        begin = self._rows - self._rows % self._dataset.chunks[0]
        try:
            return self._file.read(self._dataset, slice(first, last))
        except FileFormatError:
            if last <= begin:
                raise
            tail = self._salvaged(begin)
            if tail is None:
                raise
        whole = self._file.read(self._dataset, slice(min(first, begin), begin))
        return np.concatenate([whole, tail[: last - begin]])[max(first - begin, 0) :]

    def _salvaged(self, begin: int) -> np.ndarray | None:
        """The committed rows of the last chunk, past HDF5's checksum but not past ours."""
        dataset = self._dataset
        if dataset.chunks[1:] != dataset.shape[1:]:
            return None
        with self._file.guard(str(dataset.name)):
            _, raw = dataset.id.read_direct_chunk((begin, *(0 for _ in dataset.shape[1:])))
            cells = np.frombuffer(raw, dataset.dtype, int(np.prod(dataset.chunks)))
        rows = cells.reshape(dataset.chunks)[: self._rows - begin]
        return rows if zlib.crc32(rows.tobytes()) == self._tail else None
