"""Claiming a path for writing: every refusal before a run, and never half a file under a name.

A file is made beside its path and then given its name in one step: by a hard link, which fails if the name is
taken, or by a rename, which replaces the old file.  A lock on the file keeps a second writer out.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import struct
from typing import Any

from ..errors import InvalidTypeError, OutputFileError

try:
    import fcntl
except ImportError:  # Windows: opening for writing is exclusive enough
    fcntl = None  # type: ignore[assignment]

__all__ = ["OutputPath"]


def _locked(fd: int) -> bool:
    """Lock a file for writing until `fd` is closed; False if another holds it.

    The lock is on one byte far behind the end: HDF5 locks whole files by another call and is not disturbed.
    """
    if fcntl is None or not hasattr(fcntl, "F_OFD_SETLK"):
        return True
    lock = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 2**62, 1, 0)
    try:
        fcntl.fcntl(fd, fcntl.F_OFD_SETLK, lock)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN)  # a file system without locks: no guard
    return True


class OutputPath:
    """A path that a file may be written to.

    Raises
    ------
    OutputFileError
        If it exists (and `overwrite` is false), is no ordinary file, or its folder is missing or cannot be
        written to.
    """

    def __init__(self, path: Any, overwrite: bool = False) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise InvalidTypeError(f"output file: wanted a path, got {type(path).__name__} {path!r}")
        self.path, self.overwrite = str(os.fspath(path)), bool(overwrite)
        try:
            self._check()
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            if isinstance(error, OutputFileError):
                raise
            raise self.error(f"cannot be written: {getattr(error, 'strerror', None) or error}", error) from error

    def error(self, what: str, cause: BaseException | None = None) -> OutputFileError:
        """Return the error that says `what` about this path."""
        made = OutputFileError(f"output file {self.path!r} {what}")
        made.errno = getattr(cause, "errno", None)
        return made

    def _check(self) -> None:
        folder, name = os.path.split(os.path.abspath(self.path))
        if not name or not self.path or self.path.endswith((os.sep, "/")):
            raise self.error("has no file name")
        if not os.path.isdir(folder):
            raise self.error(f"cannot be written: there is no folder {folder!r}; make it first")
        try:
            mode = os.lstat(self.path).st_mode
        except FileNotFoundError:
            mode = None
        if mode is not None and stat.S_ISLNK(mode):
            if not os.path.exists(self.path):
                raise self.error("is a link to a file that does not exist")
            self.path = os.path.realpath(self.path)
            folder = os.path.dirname(self.path)
            mode = os.stat(self.path).st_mode
        if mode is not None and not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "no ordinary file (a device or a pipe)"
            raise self.error(f"is {kind}")
        if mode is not None and not self.overwrite:
            raise self.error("exists already; give another name, or overwrite=True to replace it")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self.error(f"cannot be written: no permission to write in {folder!r}")

    def create(self) -> tuple[int, str]:
        """Return an open, locked, empty file beside the path, and its name."""
        folder, name = os.path.split(os.path.abspath(self.path))
        beside = os.path.join(folder, f".{name[:100]}.{secrets.token_hex(6)}.part")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        fd = os.open(beside, flags, 0o666)
        _locked(fd)
        return fd, beside

    def publish(self, beside: str) -> None:
        """Give the file its name, in one step."""
        if self.overwrite and os.path.lexists(self.path):
            self._replace(beside)
            return
        try:
            os.link(beside, self.path)
        except FileExistsError as error:
            raise self.error("was created by someone else in the meantime", error) from error
        except OSError:  # a file system without hard links
            if os.path.lexists(self.path):
                raise self.error("was created by someone else in the meantime") from None
            os.rename(beside, self.path)
        else:
            os.unlink(beside)

    def _replace(self, beside: str) -> None:
        old = os.open(self.path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        try:
            now = os.stat(self.path)
            if not _locked(old) or (now.st_dev, now.st_ino) != (os.fstat(old).st_dev, os.fstat(old).st_ino):
                raise self.error("is being written by another run")
            if os.name == "nt":
                os.close(old)
            os.replace(beside, self.path)
        finally:
            if os.name != "nt":
                os.close(old)
