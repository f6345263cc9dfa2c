"""Rows of numbers that stay in a file and are read block by block: input arrays larger than memory.

A row is what all targets get at one time.  Where a stimulus takes an array of shape (K, targets) it takes one of these;
what is read of it are the rows that a batch of a run needs.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from ..errors import FileFormatError, InputFileError, InvalidTypeError, InvalidValueError, did_you_mean
from ..files import reading, require_path, require_readable, understanding
from ..keywords import named
from ..machine import require_memory

__all__ = ["ArrayFile", "around", "in_a_file", "kept_in_files", "require_unchanged", "taken"]

#: Bytes of rows that are read at a time where all are, and rows by which a file is known again.
BLOCK, KNOWN = 2**24, 64
#: Rows that are read beyond: several ask for nearly the same.
AHEAD = 2


@named
@dataclass(frozen=True, eq=False)
class ArrayFile:
    """An array of shape (K, targets) in a file, for ``Steps`` and ``Waveform``: read as the run goes on, never whole.

    Parameters
    ----------
    path : path
        A NumPy file (``.npy``), or an HDF5 file.
    dataset : str, optional
        Name of the array in an HDF5 file.
    shape : tuple of int, optional
        That it must have; any unless given.
    digest : str, optional
        That 64 of its rows must have: by it a run and a saved state tell that their input is another by now. What
        changed in other rows alone they do not see.

    Attributes
    ----------
    shape : tuple of int
        (K, targets).
    digest : str
        A hash of 64 rows, the first and the last among them, and of the shape.

    Raises
    ------
    InputFileError
        If the file cannot be opened.
    FileFormatError
        If it holds no such array, or another than `shape` and `digest` say.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> np.save("input.npy", np.array([[0.0, 10.0], [20.0, 30.0]]))
    >>> ss.Steps(times=[0.0, 50.0], amplitudes=ss.ArrayFile("input.npy")).value(np.array([60.0])).tolist()
    [[20.0, 30.0]]
    """

    path: Any
    dataset: str | None = None
    shape: Any = None
    digest: str | None = None

    def __post_init__(self) -> None:
        require_path("ArrayFile", self.path)
        if not isinstance(self.dataset, (str, type(None))):
            raise InvalidTypeError(f"ArrayFile: dataset: wanted its name, got {type(self.dataset).__name__}")
        object.__setattr__(self, "path", os.path.abspath(os.fspath(self.path)))
        if self.shape is not None and not (
            np.ndim(self.shape) == 1 and all(isinstance(n, Integral) for n in self.shape)
        ):
            raise InvalidTypeError(f"ArrayFile: shape: wanted (times, targets), got {self.shape!r:.60}")
        wanted = None if self.shape is None else tuple(map(int, self.shape)), self.digest
        require_readable(self.path)
        with _opened(self) as array:
            object.__setattr__(self, "shape", tuple(int(n) for n in array.shape))
            if len(self.shape) != 2 or array.dtype.kind not in "iuf":
                raise FileFormatError(
                    f"{self}: wanted real numbers of shape (times, targets), got {array.dtype} of shape {self.shape}"
                )
        some = np.unique(np.linspace(0, max(self.shape[0] - 1, 0), KNOWN).astype(np.int64))[: self.shape[0]]
        found = hashlib.blake2b(repr(self.shape).encode(), digest_size=16)
        for k in some:
            found.update(self[k : k + 1].tobytes())
        object.__setattr__(self, "digest", found.hexdigest())
        for name, before, now in zip(("shape", "digest"), wanted, (self.shape, self.digest)):
            if before is not None and before != now:
                raise FileFormatError(f"{self}: its {name} is {now}, wanted {before}: it is another array by now")

    ndim = 2

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return some rows, float64 (rows, targets), all finite."""
        first, stop, _ = rows.indices(len(self))
        stop = max(first, stop)
        kept = getattr(self, "_kept", None)
        if kept is None or not (kept[0] <= first and stop <= kept[0] + len(kept[1])):
            kept = first, self._read(first, min(stop + AHEAD, len(self)))
            object.__setattr__(self, "_kept", kept)
        return kept[1][first - kept[0] : stop - kept[0]]

    def _read(self, first: int, stop: int) -> np.ndarray:
        require_memory(
            {f"{stop - first} rows of {self}": 8.0 * (stop - first) * self.shape[1]},
            remedy='the clock engine reads them in pieces: use engine="clock"',
        )
        with _opened(self) as array:
            if tuple(array.shape) != tuple(self.shape):
                raise FileFormatError(f"{self}: its shape has changed from {self.shape} to {array.shape}")
            with understanding(self.path, "an array whose rows can be read"):
                values = np.array(array[first:stop], np.float64)
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            at = int(bad[0][0]) + first, int(bad[0][1])
            raise InvalidValueError(f"{self}: must be finite, got {float(values[tuple(bad[0])])!r} at index {at}")
        values.setflags(write=False)
        return values

    def require_unchanged(self) -> None:
        """Look at the file again.

        Raises
        ------
        InputFileError, FileFormatError
            If it is not there, or its shape or one of the 64 rows is another than when this was made.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> np.save("input.npy", np.ones((5, 2)))
        >>> ss.ArrayFile("input.npy").require_unchanged()
        """
        self.__dict__.pop("_kept", None)  # what was read of it before
        ArrayFile(**self.__getstate__())

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self[:].astype(np.float64 if dtype is None else dtype)

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield all rows, some at a time.

        Yields
        ------
        array of float, shape (rows, targets)

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> np.save("input.npy", np.ones((5, 2)))
        >>> sum(len(block) for block in ss.ArrayFile("input.npy").blocks())
        5
        """
        rows = max(1, BLOCK // max(1, 8 * self.shape[1]))
        for first in range(0, len(self), rows):
            yield self[first : first + rows]

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("path", "dataset", "shape", "digest")}

    def __repr__(self) -> str:
        return f"ArrayFile({self.path!r}{'' if self.dataset is None else f', {self.dataset!r}'})"


def in_a_file(value: Any) -> ArrayFile | None:
    """Return what stands in a file as such: an `ArrayFile`, a memory map of a .npy file, a dataset of h5py.

    None of what does not stand there so: a part or a view of a map, a map whose changes stay in memory, a dataset in no
    file of the disk.
    """
    if isinstance(value, ArrayFile):
        return value
    if isinstance(value, np.memmap) and value.ndim == 2 and str(value.filename).endswith(".npy"):
        made = ArrayFile(value.filename) if isinstance(value.base, mmap.mmap) and value.mode != "c" else None
        return made if made is not None and made.shape == value.shape else None
    if type(value).__module__.startswith("h5py") and getattr(value, "ndim", 0) == 2 and value.name is not None:
        return ArrayFile(value.file.filename, value.name) if value.file.driver != "core" else None
    return None


def taken(rows: Any, index: np.ndarray) -> np.ndarray:
    """Return rows[index] of an array or a file; 0 where the index is -1."""
    each = np.ravel(index)
    begun = each[each >= 0]
    if not begun.size:
        return np.zeros((*np.shape(index), *rows.shape[1:]))
    first = int(begun.min())
    found = rows[first : int(begun.max()) + 1][np.maximum(each - first, 0)]
    found[each < 0] = 0.0
    return found.reshape((*np.shape(index), *rows.shape[1:]))


def around(values: Any) -> tuple[float, float]:
    """Return the least and the largest of values, and of 0, which a current is before it begins and after its end."""
    blocks = values.blocks() if isinstance(values, ArrayFile) else [np.asarray(values, np.float64)]
    ends = [(float(block.min(initial=0.0)), float(block.max(initial=0.0))) for block in blocks]
    return min([0.0, *(low for low, _ in ends)]), max([0.0, *(high for _, high in ends)])


@contextmanager
def _opened(of: ArrayFile) -> Iterator[Any]:
    """The array in an open file, of which rows can be taken."""
    with ExitStack() as until:
        try:
            with reading(of.path):
                if of.dataset is None:
                    found = np.load(of.path, mmap_mode="r", allow_pickle=False)
                else:
                    import h5py

                    file = until.enter_context(h5py.File(of.path, "r"))
                    found = file.get(of.dataset)
        except InputFileError:
            raise
        except Exception as error:
            kind = "NumPy file (.npy)" if of.dataset is None else "HDF5 file"
            why = "it holds Python objects, or nothing of NumPy's" if "pickle" in str(error) else str(error)
            with open(of.path, "rb") as begun:
                if of.dataset is None and begun.read(8) == b"\x89HDF\r\n\x1a\n":
                    why = "it is an HDF5 file; give dataset=, the name of the array"
            raise FileFormatError(f"{of} is no {kind} that can be read: {why}") from None
        if of.dataset is None and not hasattr(found, "dtype"):
            raise FileFormatError(f"{of} is no NumPy file (.npy), but an archive of several; keep one array by np.save")
        if of.dataset is not None and not hasattr(found, "dtype"):
            names: list[str] = []
            with understanding(of.path, "an HDF5 file"):
                file.visititems(lambda name, held: names.append(name) if hasattr(held, "dtype") else None)
            what = "no such dataset" if found is None else "a group of this name, no dataset"
            raise FileFormatError(f"{of}: the file has {what}{did_you_mean(of.dataset, names)}")
        yield found


def kept_in_files(stimulus: Any) -> list[ArrayFile]:
    """Return the files in which values of a stimulus, or of a rate that changes in time, stay."""
    return [value for value in getattr(stimulus, "__dict__", {}).values() if isinstance(value, ArrayFile)]


def require_unchanged(stimuli: Iterable[Any]) -> None:
    """Look again at the files of stimuli, and of rates that change in time."""
    for file in (file for stimulus in stimuli for file in kept_in_files(stimulus)):
        file.require_unchanged()
