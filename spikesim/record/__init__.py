"""Recording: the sink protocol, its two stores (memory, HDF5) and the reader of files."""

from typing import TYPE_CHECKING, Any

from .layout import Layout, ProbeLayout
from .memory import MemorySink
from .result import Result
from .sink import Sink
from .size import recording_bytes

if TYPE_CHECKING:
    from .hdf5 import HDF5Sink
    from .reading import load

__all__ = ["HDF5Sink", "Layout", "MemorySink", "ProbeLayout", "Result", "Sink", "load", "recording_bytes"]

#: Loaded when first used: they need h5py.
_LATER = {"HDF5Sink": "hdf5", "load": "reading"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_LATER[name]}", __name__), name)
    return value
