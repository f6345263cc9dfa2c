"""The versions of what a result depends on."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

__all__ = ["versions"]

#: Packages whose versions decide what a run computes.
_PACKAGES = ("spikesim", "numpy", "numba", "scipy", "h5py")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages a result depends on."""
    found = {"python": platform.python_version()}
    return found | {package: _version(package) for package in _PACKAGES}


def _version(package: str) -> str:
    """What a package says of itself where it is loaded: its installed metadata takes 3 ms to read."""
    said = getattr(sys.modules.get(package), "__version__", None)
    if isinstance(said, str):
        return said
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # run from its source, not installed
        return "unknown"
