"""The file of a recording, format version 1: HDF5 in the SONATA layout, and what is ours beside it.

=================================================  ========================================================
``/`` attributes ``magic``, ``version``            uint32 0x0A7A; uint32[2] [0, 1]: SONATA
``/spikes/<population>/timestamps``                float64 (n,), attribute ``units`` = "ms"
``/spikes/<population>/node_ids``                  uint64 (n,), from zero
``/spikes/<population>`` attribute ``sorting``     enum {none: 0, by_id: 1, by_time: 2} = by_time
``/report/<group>/data``                           float32 (T, k), attribute ``units``; attributes
                                                   ``population`` and ``variable`` on the group
``/report/<group>/mapping/node_ids``               uint64 (k,), attribute ``sorted``; ``index_pointers``
                                                   (k + 1,), ``element_ids`` uint32 (k,) and ``element_pos``
                                                   float32 (k,), both 0: one value a neuron.  BMTK says
                                                   ``index_pointer``: a hard link.  (``element_ids`` was
                                                   uint64, and link and ``element_pos`` missing, before 0.2)
``/report/<group>/mapping/time``                   float64 [first sample, last + every, every], ms; see
                                                   `report_span`
``/spikesim`` attributes                           ``format``, ``format_version``, ``digest`` of what
                                                   never changes
``/spikesim/header``                               JSON: dt as a fraction, seed, versions, populations, probes
``/spikesim/description``                          JSON: the network
``/spikesim/neurons/<population>``                 int64: the recorded ids, where not all were
``/spikesim/samples/<group>``                      float64 (T, k): the same samples, exactly
``/spikesim/at_spike/<population>/<state>``        float64 (n,): a state at each spike, just before the reset; where
                                                   the header's ``at_spike`` names it
``/spikesim/statistics``                           JSON, 64 KiB set aside; written when a piece of a run ends
``/spikesim/committed``                            int64 (2, m): the marker of what is complete, see `Marker`
=================================================  ========================================================

The group of a report is the population for its first variable and ``<population>.<variable>`` for further
ones: SONATA has one variable a report, and libsonata lists and opens the groups directly below ``/report``.
It accepts float32 only, so that other tools read that, and :func:`.load` the exact samples.

The growing datasets are chunked, uncompressed, with fletcher32 checksums; everything else is contiguous.
Rows that the marker does not count do not exist.  No user, host or path is stored.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ..grid import Grid

__all__ = [
    "CHUNK_BYTES",
    "ENDED",
    "FORMAT",
    "INTERRUPTED",
    "SEALED",
    "STATISTICS_BYTES",
    "VERSION",
    "Marker",
    "chunk_shape",
    "digest",
    "report_span",
]

FORMAT = "spikesim recording"
VERSION = 1
MAGIC = 0x0A7A
CHUNK_BYTES = 256 * 1024
STATISTICS_BYTES = 64 * 1024
ENDED, INTERRUPTED, SEALED = 1, 2, 4  #: flags of a marker; sealed: both copies are in place
SORTING = {"none": 0, "by_id": 1, "by_time": 2}


def chunk_shape(width: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the shape of a chunk of 8-byte values: 256 KiB, whole rows as long as they fit."""
    most = CHUNK_BYTES // 8
    if not width:
        return (most,)
    columns = max(min(width[0], most), 1)
    return (max(most // columns, 1), columns)


def report_span(grid: Grid, first: int, every: int, rows: int) -> np.ndarray:
    """Return the `time` of a report, float64 [start, stop, step] ms: so many rows at steps first + 0, 1, ... every.

    Readers take the number of rows to be (stop - start) / step, some of them without rounding: the stop is the
    neighbour of the right one, most often itself, with which that is exact (or not below, where there is none).
    """
    start, stop, step = (grid.time(n) for n in (first, first + rows * every, every))
    if not rows:
        return np.array([start, start, step])
    near = [stop]
    for _ in range(8):
        near = [np.nextafter(near[0], -np.inf), *near, np.nextafter(near[-1], np.inf)]
    quotients = {float(s): (s - start) / step for s in sorted(near, key=lambda s: abs(s - stop))}
    exact = [s for s, q in quotients.items() if q == rows] or [s for s, q in quotients.items() if q >= rows]
    return np.array([start, (exact or [stop])[0], step])


def digest(header: bytes, description: bytes, arrays: Iterable[np.ndarray]) -> str:
    """Return the checksum of what never changes: both texts and the id arrays, in the header's order."""
    total = hashlib.blake2b(digest_size=16)
    for part in (header, description, *(np.ascontiguousarray(a, "<i8").tobytes() for a in arrays)):
        total.update(len(part).to_bytes(8, "little"))
        total.update(part)
    return total.hexdigest()


@dataclass
class Marker:
    """What is complete.

    Two copies stand in the file and are written in turn, each with a number and a checksum, so that a crash
    in the middle of one leaves the other.  The finished file has the same state in both.
    """

    step: int
    rows: list[int]  #: spikes of each recorded population, then samples of each probe
    first: list[int]  #: step of the first sample of each probe; -1 before there is one
    tails: list[int]  #: CRC-32 of the rows in the last, partly filled chunk: times, ids, ..., samples, states
    sequence: int = 0
    flags: int = 0
    statistics: tuple[int, int] = field(default=(0, 0))  #: length and CRC-32 of the JSON text

    def encode(self) -> np.ndarray:
        """Return the marker as int64, the last one a CRC-32 of the others."""
        body = np.array(
            [self.sequence, self.flags, self.step, *self.statistics, *self.rows, *self.first, *self.tails],
            dtype="<i8",
        )
        return np.append(body, np.int64(zlib.crc32(body.tobytes())))

    @staticmethod
    def length(spikes: int, probes: int, states: int = 0) -> int:
        """Return the number of int64 in a marker; `states`: kept with spikes, of all populations."""
        return 6 + 3 * (spikes + probes) + states

    @classmethod
    def decode(cls, values: np.ndarray, spikes: int, probes: int, states: int = 0) -> Marker | None:
        """Return the marker in `values`; None if its checksum is wrong."""
        body = np.ascontiguousarray(values[:-1], "<i8")
        if values.size != cls.length(spikes, probes, states) or zlib.crc32(body.tobytes()) != int(values[-1]):
            return None
        numbers = body.tolist()
        split = 5 + spikes + probes
        tails = split + probes
        return cls(
            sequence=numbers[0],
            flags=numbers[1],
            step=numbers[2],
            statistics=(numbers[3], numbers[4]),
            rows=numbers[5:split],
            first=numbers[split:tails],
            tails=numbers[tails:],
        )
