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

from ..errors import OutputFileError
from ..files import require_path

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

__all__ = ["OutputPath"]


#: The locked byte, far behind the end of any recording: HDF5 locks whole files by another call and is not disturbed.
_BYTE = 2**62
#: How to open for writing and nothing else.
_OPEN = os.O_RDWR | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_BINARY", "O_CLOEXEC", "O_NOINHERIT"))


#: The files that this process writes, by device and number: where a lock belongs to the process, it says nothing here.
_writing: set[tuple[int, int]] = set()


def _lock(fd: int) -> None:
    """Lock a file for writing until `fd` is closed; an OSError says that another holds it."""
    if fcntl is None:
        _lock_on_windows(fd)
    elif hasattr(fcntl, "F_OFD_SETLK"):  # Linux: the lock belongs to the descriptor
        fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, _BYTE, 1, 0))
    else:  # to the process
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _BYTE, os.SEEK_SET)


def _lock_on_windows(fd: int) -> None:
    import ctypes
    import msvcrt  # its own locking() counts places in 31 bits

    handle = ctypes.c_void_p(msvcrt.get_osfhandle(fd))  # type: ignore[attr-defined, unused-ignore]
    if not ctypes.WinDLL("kernel32").LockFile(handle, 0, _BYTE >> 32, 1, 0):  # type: ignore[attr-defined, unused-ignore]
        raise OSError(errno.EAGAIN, "locked")


def _locked(fd: int) -> bool:
    """Lock a file for writing until `fd` is closed; False if another holds it."""
    try:
        _lock(fd)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN)  # a file system without locks: no guard
    return True


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


class OutputPath:
    """A path that a file may be written to.

    Raises
    ------
    OutputFileError
        If it exists (and `overwrite` is false), is no ordinary file, or its folder is missing or cannot be
        written to.
    """

    def __init__(self, path: Any, overwrite: bool = False) -> None:
        require_path("output file", path)
        self.path, self.overwrite = str(os.fspath(path)), bool(overwrite)
        self._published = (-1, -1)
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
        fd = os.open(beside, _OPEN | os.O_CREAT | os.O_EXCL, 0o666)
        _locked(fd)
        return fd, beside

    def publish(self, beside: str) -> None:
        """Give the file, which nobody has open, its name, in one step."""
        self._published = _identity(os.stat(beside))
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
        old = os.open(self.path, _OPEN)
        try:
            found = _identity(os.fstat(old))
            if found in _writing or not _locked(old) or found != _identity(os.stat(self.path)):
                raise self.error("is being written by another run")
        finally:
            os.close(old)  # who held the lock once has ended, and nobody else writes to it
        try:
            os.replace(beside, self.path)
        except PermissionError as error:  # Windows
            raise self.error("cannot be replaced: another program has it open", error) from error

    def reopen(self) -> int:
        """Return the file under its name, open and locked again."""
        fd = os.open(self.path, _OPEN)
        if not _locked(fd) or _identity(os.fstat(fd)) != self._published:
            os.close(fd)
            raise self.error("was replaced by someone else in the meantime")
        _writing.add(self._published)
        return fd

    def done(self) -> None:
        """Hear that the file is closed."""
        _writing.discard(self._published)
