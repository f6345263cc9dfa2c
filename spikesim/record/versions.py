"""The versions of what a result depends on."""

from __future__ import annotations

import importlib.metadata
import platform

__all__ = ["versions"]

#: Packages whose versions decide what a run computes.
_PACKAGES = ("spikesim", "numpy", "numba", "scipy", "h5py")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages a result depends on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:  # run from its source, not installed
            found[package] = "unknown"
    return found
