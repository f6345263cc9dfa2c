"""Files that are to be read and cannot be: missing, a folder, forbidden, packed badly, of another kind."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from typing import Any

from .errors import FileFormatError, InputFileError, InvalidTypeError, MissingFileError, SpikesimError, suggestion
from .failures import is_the_users
from .machine import require_memory

__all__ = [
    "FolderError",
    "ForbiddenFileError",
    "reading",
    "require_path",
    "require_readable",
    "understanding",
    "unpacked",
]

BLOCK = 2**24  # bytes that are unpacked at a time
MOST = 10_000  # names of a folder that are looked at for one that was meant


class FolderError(InputFileError, IsADirectoryError):
    """A folder where a file was wanted."""


class ForbiddenFileError(InputFileError, PermissionError):
    """A file that this user may not read."""


def require_path(where: str, path: Any) -> None:
    """Refuse what is no path.

    Parameters
    ----------
    where : str
        Whose argument it is.
    path : path
        A string, or what stands for one.

    Raises
    ------
    InvalidTypeError
        If it is neither.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidTypeError(f"{where}: wanted a path, got {type(path).__name__} {path!r:.60}")


@contextlib.contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say of a file that cannot be opened what is wrong with its path, by an :class:`InputFileError`.

    Parameters
    ----------
    path : path
        What the block opens.

    Raises
    ------
    InputFileError
        For what the system says: :class:`MissingFileError`, :class:`FolderError`, :class:`ForbiddenFileError`.
    """
    try:
        yield
    except InputFileError:
        raise
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise _explained(os.fsdecode(path), error) from None


def require_readable(path: str | os.PathLike[str]) -> None:
    """Open and close a file that others will open, whose words for what is wrong with its path say less.

    Parameters
    ----------
    path : path

    Raises
    ------
    InputFileError
        If it cannot be opened.
    """
    with reading(path), open(path, "rb"):
        pass


@contextlib.contextmanager
def understanding(path: str | os.PathLike[str], kind: str) -> Iterator[None]:
    """Say of a file whose contents make no sense that it cannot be read as one of this kind.

    Parameters
    ----------
    path : path
        What the block makes sense of.
    kind : str
        What it should be, such as "an HDF5 file".

    Raises
    ------
    FileFormatError
        For any error that is neither the package's nor the user's; one of the package's that lacks the name of the
        file is given it.
    """
    name = os.fsdecode(path)
    try:
        yield
    except SpikesimError as error:
        said = str(error.args[0]) if error.args else ""
        if os.path.basename(name) in said:
            raise
        raise type(error)(f"{name!r}: {said}") from error
    except Exception as error:
        if is_the_users(error):
            raise
        said = " ".join(str(error).split())[:200]
        raise FileFormatError(f"{name!r} cannot be read as {kind}: {type(error).__name__}: {said}") from error


def unpacked(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a file, those that are packed in it where it was packed by gzip.

    Parameters
    ----------
    path : path

    Raises
    ------
    InputFileError
        If it cannot be opened.
    FileFormatError
        If what is packed is damaged.
    MemoryLimitError
        If there is more in it than there is memory.
    """
    with reading(path), open(path, "rb") as file:
        raw = file.read()
    if raw[:2] != b"\x1f\x8b":
        return raw
    found, size = [], 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            while block := packed.read(BLOCK):
                found.append(block)
                size += len(block)
                require_memory({f"what is packed in {os.fsdecode(path)!r}": 2.0 * size})
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError(f"{os.fsdecode(path)!r}: damaged gzip file ({error}); fetch it again") from error
    return b"".join(found)


def _explained(path: str, error: OSError) -> InputFileError:
    """The error that says what is the matter with a path."""
    found: InputFileError
    if os.path.isdir(path):
        found = FolderError(f"{path!r} is a folder; give the name of a file in it")
    elif isinstance(error, PermissionError):
        found = ForbiddenFileError(f"{path!r} may not be read by this user; change its permissions")
    else:
        found = MissingFileError(f"{path!r}: there is no such file{_nearest(path)}")
    found.errno, found.filename = error.errno, path
    return found


def _nearest(path: str) -> str:
    """Where it was looked for, and the name there that was probably meant."""
    folder, name = os.path.split(os.path.abspath(path))
    if not os.path.isdir(folder):
        return f", and no folder {folder!r}"
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _ in zip(entries, range(MOST))]
    except OSError:
        names = []
    where = "" if os.path.isabs(path) else f" in {folder!r}"
    return f"{where}{suggestion(name, sorted(names))}"
