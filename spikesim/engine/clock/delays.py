"""The table of a worker's bundles, and the room for the spikes on their way in each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...program.bundles import Bundle
from ...synapses.contract import Synapse
from . import deliver as post
from .entries import delivery

__all__ = ["FLIGHTS", "Flights"]

FLIGHTS = 4096  # spikes on their way that there is room for at first


class Flights:
    """`table` is int64 (n_bundles, COLUMNS), see :mod:`..kernels.deliver`; it holds the addresses of the room.

    Parameters
    ----------
    bundles : sequence of Bundle
    ports : sequence of Synapse
    rows, widths : sequence of int
        x offset of the first filter row of each port, and its columns.
    """

    def __init__(
        self, bundles: Sequence[Bundle], ports: Sequence[Synapse], rows: Sequence[int], widths: Sequence[int]
    ) -> None:
        self.table = np.zeros((len(bundles), post.COLUMNS), np.int64)
        self._arrays: list[list[np.ndarray]] = []
        for row, bundle in zip(self.table, bundles):
            self._write(row, bundle, ports[bundle.port], rows[bundle.port], widths[bundle.port])

    def _write(self, row: np.ndarray, bundle: Bundle, port: Synapse, first: int, width: int) -> None:
        flights = [np.zeros(FLIGHTS, np.int64) for _ in range(3)]
        self._arrays.append(flights)
        delays = bundle.seg_delay
        for column, value in {
            post.SOURCE_PTR: bundle.source_ptr.ctypes.data,
            post.SEG_DELAY: bundle.seg_delay.ctypes.data,
            post.SEG_START: bundle.seg_start.ctypes.data,
            post.TARGET: bundle.target.ctypes.data,
            post.WEIGHT: 0 if bundle.weight is None else bundle.weight.ctypes.data,
            post.KERNEL: bundle.kernel
            if bundle.kernel is not None
            else delivery(bundle.target.dtype.name, None if bundle.weight is None else bundle.weight.dtype.name),
            post.ROW: first,
            post.COLUMNS_IN_ROW: width,
            post.JUMP: not len(port.matrix),
            post.SORTED: delays.size == 0 or delays.min() == delays.max(),
            post.N_SOURCES: bundle.source_ptr.size - 1,
            post.N_SEGMENTS: bundle.seg_delay.size,
            post.N_SYNAPSES: bundle.target.size,
            post.DUE: flights[0].ctypes.data,
            post.NEXT: flights[1].ctypes.data,
            post.LAST: flights[2].ctypes.data,
            post.CAPACITY: FLIGHTS,
        }.items():
            row[column] = int(value)

    def grow(self, room: int) -> int:
        """Make room for `room` more flights in every bundle; return the largest capacity."""
        for b, old in enumerate(self._arrays):
            row = self.table[b]
            capacity = int(row[post.TAIL]) + 2 * room + FLIGHTS
            if capacity <= row[post.CAPACITY]:
                continue
            new = [np.zeros(capacity, np.int64) for _ in range(3)]
            for a, c in zip(new, old):
                a[: c.size] = c
            self._arrays[b] = new
            row[[post.DUE, post.NEXT, post.LAST]] = [a.ctypes.data for a in new]
            row[post.CAPACITY] = capacity
        return int(self.table[:, post.CAPACITY].max(initial=0))
