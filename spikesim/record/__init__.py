"""Recording: the sink protocol, its two stores (memory, HDF5) and the reader of files."""

from .hdf5 import HDF5Sink
from .layout import Layout, ProbeLayout
from .load import load
from .memory import MemorySink
from .result import Result
from .sink import Sink
from .size import recording_bytes

__all__ = ["HDF5Sink", "Layout", "MemorySink", "ProbeLayout", "Result", "Sink", "load", "recording_bytes"]
