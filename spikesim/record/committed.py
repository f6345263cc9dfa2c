"""A file that changes only when it is told to: HDF5's view of a recording.

HDF5 overwrites its own tables in any order and at any moment, and does not survive a failed write.  This file
stands between HDF5 and the disk.  Writes behind the committed end go through: nothing refers to them yet.
Writes before it are held in memory until `commit`, which brings them to disk in an order that leaves a
readable file after every single one:

1. the file's length and the superblock, so that every address lies inside;
2. the chunks that were partly filled: the new rows, then the checksum;
3. the indices of chunks (version 1 B-trees), new nodes first, then parents before children, so that no chunk
   is ever out of reach;
4. what makes rows visible, in the order the caller gives: shapes, times, and at last the marker of what is
   committed.

A failed write is noted and kept from HDF5, which then goes on and closes in peace; `commit` raises it, and
the disk still holds what the last commit left.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

__all__ = ["CommittedFile"]


def _write_at(fd: int, data: memoryview | bytes, at: int) -> None:
    """Write at a place; the descriptor's position is nobody else's (pwrite exists on POSIX only)."""
    view = memoryview(data).cast("B")
    os.lseek(fd, at, os.SEEK_SET)
    while view:
        view = view[os.write(fd, view) :]


def _read_at(fd: int, size: int, at: int) -> bytes:
    """Return `size` bytes from a place, fewer at the end of the file."""
    os.lseek(fd, at, os.SEEK_SET)
    parts = []
    while size and (part := os.read(fd, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _changes(old: np.ndarray, new: np.ndarray) -> list[tuple[int, int]]:
    """The ranges in which two byte arrays differ; gaps below 16 bytes are bridged."""
    where = np.flatnonzero(old != new)
    if not where.size:
        return []
    cuts = np.flatnonzero(np.diff(where) > 16)
    first = where[np.concatenate([[0], cuts + 1])]
    last = where[np.concatenate([cuts, [where.size - 1]])]
    return list(zip(first.tolist(), (last + 1).tolist()))


class CommittedFile:
    """The file object that h5py writes through; `fd` is open for reading and writing, and empty."""

    def __init__(self, fd: int) -> None:
        self._fd, self._process = fd, os.getpid()
        self._at = 0
        self._end = 0  # where the committed part ends
        self._size = 0  # as HDF5 sees it
        self._held: dict[int, bytearray] = {}
        self.failure: OSError | None = None

    @property
    def _mine(self) -> bool:
        """Whether this is the process that writes: a fork shares the descriptor, and its position."""
        return os.getpid() == self._process

    # ---- what HDF5 calls

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset if whence == 0 else (self._at if whence == 1 else self._size) + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, n: int = -1) -> bytes:
        out = bytearray(n if n >= 0 else max(self._size - self._at, 0))
        self.readinto(out)
        return bytes(out)

    def readinto(self, out: bytearray | memoryview) -> int:
        view, at = memoryview(out).cast("B"), self._at
        got = _read_at(self._fd, len(view), at) if self._mine else b""
        view[: len(got)] = got
        view[len(got) :] = bytes(len(view) - len(got))
        for start, data in self._held.items():
            low, high = max(start, at), min(start + len(data), at + len(view))
            if low < high:
                view[low - at : high - at] = data[low - start : high - start]
        return len(view)

    def write(self, data: memoryview) -> int:
        view, at = memoryview(data).cast("B"), self._at
        self._size = max(self._size, at + len(view))
        if at < self._end:
            self._hold(at, view)
        elif self.failure is None and self._mine:
            try:
                _write_at(self._fd, view, at)
            except OSError as error:
                self.failure = error
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        self._size = self._at if size is None else size
        return self._size

    def flush(self) -> None:
        """HDF5's wish to flush; `commit` decides."""

    # ---- what the recorder calls

    def _hold(self, at: int, view: memoryview) -> None:
        same = self._held.get(at)
        if same is not None and len(same) == len(view):
            same[:] = view
            return
        start, stop = at, at + len(view)
        near = [k for k, v in self._held.items() if k < stop and start < k + len(v)]
        start = min([start, *near])
        stop = max([stop, *(k + len(self._held[k]) for k in near)])
        here, self._at = self._at, start
        union = bytearray(stop - start)
        self.readinto(union)
        self._at = here
        union[at - start : at - start + len(view)] = view
        for k in near:
            del self._held[k]
        self._held[start] = union

    def commit(self, last: Sequence[int] = ()) -> None:
        """Bring everything to disk; `last` are the addresses of what makes rows visible, in order.

        Raises
        ------
        OSError
            Of the first write that failed, now or since the last commit.
        """
        if self.failure is not None:
            raise self.failure
        if not self._mine:
            return
        late = {address: k for k, address in enumerate(last)}

        def order(item: tuple[int, bytearray]) -> tuple[int, int]:
            at, data = item
            if at == 0:
                return 0, 0
            hit = [rank for address, rank in late.items() if at <= address < at + len(data)]
            if hit:
                return 3, max(hit)
            if data[:4] == b"TREE" and _read_at(self._fd, 4, at) == b"TREE":  # else a new one: nothing refers to it
                return 2, 255 - data[5]
            return 1, at

        try:
            if os.fstat(self._fd).st_size < self._size:
                os.ftruncate(self._fd, self._size)
            for at, data in sorted(self._held.items(), key=order):
                self._apply(at, data, backwards=order((at, data))[0] >= 2)
        except OSError as error:
            self.failure = error
            raise
        self._held.clear()
        self._end = self._size

    def _apply(self, at: int, data: bytearray, backwards: bool) -> None:
        """Write what has changed; in a header, where a chunk index is before the shape that needs it."""
        got = _read_at(self._fd, len(data), at)
        old = np.frombuffer(got.ljust(len(data), b"\0"), np.uint8)
        ranges = _changes(old, np.frombuffer(data, np.uint8))
        if data[:4] == b"TREE" and ranges:  # keys, children and count at once: a node lies in one page
            ranges = [(ranges[0][0], ranges[-1][1])]
        if backwards:
            ranges.reverse()
        for low, high in ranges:
            _write_at(self._fd, memoryview(data)[low:high], at + low)

    def sync(self) -> None:
        """Ask the system to bring the file to the disk itself."""
        os.fsync(self._fd)

    def release(self) -> None:
        """Let go of the file for a moment, in which it may be given another name."""
        os.close(self._fd)
        self._fd = -1

    def regain(self, fd: int) -> None:
        """Go on with a descriptor of the same file."""
        self._fd = fd

    def close(self) -> None:
        """Close the file; what was not committed is dropped."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
