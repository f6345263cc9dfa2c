"""A million spikes in two megabytes of text.

Neuron after neuron the intervals between spikes, in whole ticks; the bytes of these numbers are laid out plane by
plane, because the high ones are almost always equal; then deflated (RFC 1951, in a zlib envelope) and base64.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..trains import SpikeTrains

__all__ = ["MOST", "Packed", "packed"]

#: More spikes than this are thinned to every k-th neuron.
MOST = 1_500_000


class Packed(NamedTuple):
    """Spikes for the page."""

    head: dict[str, Any]  #: what the script must know, for JSON
    data: str  #: base64
    every: int  #: which share of the neurons is there: every k-th


def packed(spikes: Mapping[str, SpikeTrains], dt: float, exact: bool, most: int = MOST) -> Packed:
    """Return the spikes of all populations as text.

    Parameters
    ----------
    spikes : mapping of SpikeTrains
    dt : float
        Step of the run, ms; a tick, or ten ticks where times are `exact`.
    exact : bool
        Whether times lie off the grid; they are rounded to a tick.
    most : int
        How many spikes to keep at most, about.
    """
    total = sum(map(len, spikes.values()))
    every = max(1, -(-total // most))
    start = min((trains.start for trains in spikes.values()), default=0.0)
    stop = max((trains.stop for trains in spikes.values()), default=0.0)
    tick = max(dt / 10.0 if exact else dt, (stop - start) / 2.0**31) or 1.0
    counts, gaps, populations = [], [], []
    for name, trains in spikes.items():
        ids = (np.arange(trains.size) if trains.neurons is None else trains.neurons)[::every]
        rank = np.full(trains.size, -1)
        rank[ids] = np.arange(ids.size)
        row = rank[trains.ids]
        shown = row >= 0
        order = np.argsort(row[shown], kind="stable")
        steps = np.rint((trains.times[shown][order] - start) / tick).astype(np.int64)
        count = np.bincount(row[shown], minlength=ids.size)
        gap = np.diff(steps, prepend=0)
        first = np.cumsum(count)[:-1][count[1:] > 0] if ids.size else np.zeros(0, np.int64)
        first = first[first < steps.size]
        gap[first] = steps[first]
        counts.append(count)
        gaps.append(gap)
        whole = trains.neurons is None and every == 1
        populations.append(
            {"name": name, "size": trains.size, "rows": int(ids.size), "ids": None if whole else ids.tolist()}
        )
    numbers = np.concatenate([*counts, *gaps, np.zeros(0, np.int64)]).astype("<u4")
    planes = np.ascontiguousarray(numbers.view(np.uint8).reshape(-1, 4).T)
    data = base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode()
    head = {"start": start, "stop": stop, "tick": tick, "populations": populations}
    return Packed(head, data, every)
