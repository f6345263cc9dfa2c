"""A plugin of pytest: this process has of the operating system what Windows has, as far as a recording can notice.

No name of `os` that Windows lacks (but those that the tests themselves need to make fifos and children), no `fcntl`, no
`resource`; an open file can be neither renamed, replaced nor removed.  What cannot be had here is the system's call
that locks a byte: a lock of Linux stands in for it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import struct
import sys
from collections.abc import Callable
from typing import Any

GONE = (
    "pread", "pwrite", "preadv", "pwritev", "readv", "writev", "posix_fallocate", "posix_fadvise", "statvfs",
    "fstatvfs", "sched_yield", "sched_getaffinity", "sysconf", "sysconf_names", "fchmod", "fchown", "fchdir", "lockf",
    "sendfile", "O_NOFOLLOW", "O_CLOEXEC", "O_DIRECTORY", "O_SYNC", "O_DSYNC", "copy_file_range",
)  # fmt: skip


def refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, refusing a path that this process has open."""

    def called(*paths: Any, **how: Any) -> Any:
        wanted = {os.path.realpath(os.fspath(path)) for path in paths}
        for number in os.listdir("/proc/self/fd"):
            try:
                name = os.readlink(f"/proc/self/fd/{number}")
            except OSError:
                continue
            if name in wanted:
                raise PermissionError(errno.EACCES, "The process cannot access the file: it is being used", name)
        return function(*paths, **how)

    return called


def lock(fd: int) -> None:
    fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 2**62, 1, 0))


def pytest_configure() -> None:
    import spikesim.record.output as output

    statvfs = os.statvfs

    def disk_usage(folder: Any) -> Any:  # the standard library has another way on Windows
        found = statvfs(folder)
        return shutil._ntuple_diskusage(found.f_blocks, 0, found.f_bavail * found.f_frsize)  # type: ignore[attr-defined]

    shutil.disk_usage = disk_usage
    for name in GONE:
        if hasattr(os, name):
            delattr(os, name)
    for name in ("rename", "replace", "unlink", "remove"):
        setattr(os, name, refusing(getattr(os, name)))
    sys.modules["fcntl"] = sys.modules["resource"] = None  # type: ignore[assignment]
    output.fcntl = None
    output._lock_on_windows = lock
    output._OPEN = os.O_RDWR
