"""What the machine has: memory that can be had, on every operating system, and what needs more is refused."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from pathlib import Path

from .errors import MemoryLimitError

__all__ = ["SMALL", "available_bytes", "readable", "require_memory"]

#: Bytes that every machine has.
SMALL = 1e7


def require_memory(
    items: dict[str, float],
    available: float | None = None,
    remedy: str = "make the network smaller or use a larger machine",
) -> None:
    """Refuse what cannot fit into memory; nothing has been taken yet.

    Raises
    ------
    MemoryLimitError
        If the sum of the items (bytes by name) is more than what is available on this machine; it names both
        and the largest item.
    """
    needed = sum(items.values())
    if available is None:  # asking the system takes longer than adding a small population
        available = available_bytes() if needed > SMALL else math.inf
    if needed > available:
        largest = max(items, key=lambda name: items[name])
        raise MemoryLimitError(
            f"memory: about {readable(needed)} are needed, {readable(available)} are available; "
            f"the largest item is {largest} with {readable(items[largest])}; {remedy}"
        )


def available_bytes() -> float:
    """Return the memory that can be had without swapping (bytes); inf where the system does not say."""
    limits = [math.inf, _of_the_system()]
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        group = Path("/sys/fs/cgroup")
        try:  # a container may have less than the machine
            limits.append(float((group / limit).read_text()) - float((group / used).read_text()))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    return min(limits)


def _of_the_system() -> float:
    if sys.platform == "win32":
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        known = ctypes.WinDLL("kernel32").GlobalMemoryStatusEx(ctypes.byref(status))
        return float(status.available) if known else math.inf
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    except OSError:  # macOS, BSD: all there is, not what is free
        if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
            return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    return math.inf


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of Windows."""

    _fields_ = [
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("total", "available", "total_page", "available_page")),
        *((name, ctypes.c_uint64) for name in ("total_virtual", "available_virtual", "available_extended")),
    ]


def readable(size: float) -> str:
    """Return a number of bytes in the unit that fits: "4.2 MB"."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} PB"
