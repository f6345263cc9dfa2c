"""Packages that few need: loaded when they are asked for, with a sentence where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import MissingPackageError

__all__ = ["required"]

#: The extra of this package that installs each.
EXTRAS = {
    "pandas": "pandas",
    "neo": "neo",
    "pynwb": "nwb",
    "mpi4py": "mpi",
    "nir": "nir",
    "sklearn": "learn",
    "pyarrow": "parquet",
    "pyNN": "pynn",
}


def required(package: str, what: str) -> Any:
    """Return an optional package.

    Raises
    ------
    MissingPackageError
        If it is not installed: what wants it, and how it is installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        if getattr(error, "name", None) not in (package, package.split(".")[0]):
            raise
        extra = EXTRAS.get(package.split(".")[0], package)
        raise MissingPackageError(f'{what} needs {package}; install it with pip install "spikesim[{extra}]"') from None
