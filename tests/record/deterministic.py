"""A recording in which every step says what it must hold; also a program that writes one, to be killed.

python deterministic.py PATH [batches] [interval] [rows in a chunk]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import spikesim.record.format as format_
from spikesim.grid import Grid
from spikesim.record import HDF5Sink, Layout, ProbeLayout, Sink

SIZES = {"busy": 1000, "idle": 50, "silent": 3}
PER_BATCH = 15


def layout() -> Layout:
    return Layout(
        Grid(0.1),
        0,
        SIZES,
        {name: None for name in SIZES},
        (ProbeLayout("busy", "v", np.arange(4), 1, "mV"), ProbeLayout("busy", "w", np.arange(2), 7, "pA")),
    )


def spikes(first: int, last: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Steps and ids of all spikes in steps first ... last."""
    steps = np.arange(first, last + 1)
    busy = np.repeat(steps, 8), np.tile(np.arange(8), steps.size) * 100 + np.repeat(steps % 100, 8)
    idle = steps[steps % 10 == 0]
    return {"busy": busy, "idle": (idle, idle // 10 % 50), "silent": (steps[:0], steps[:0])}


def samples(probe: int, steps: np.ndarray) -> np.ndarray:
    return np.sin(0.1 * steps[:, None] + np.arange((4, 2)[probe]))


def batches(sink: Sink, count: int) -> Iterator[int]:
    """Record `count` batches; yields the step after each commit."""
    for k in range(count):
        first, last = k * PER_BATCH + 1, (k + 1) * PER_BATCH
        for name, (steps, ids) in spikes(first, last).items():
            if steps.size:
                sink.spikes(name, steps, ids)
        for probe, every in enumerate((1, 7)):
            steps = np.arange(first, last + 1)
            steps = steps[steps % every == 0]
            if steps.size:
                sink.samples(probe, int(steps[0]), samples(probe, steps))
        sink.commit(last)
        yield last


def check(result: Any) -> int:
    """Hold a result to the truth; returns its last step."""
    last = round(result.stop / 0.1)
    assert last % PER_BATCH == 0
    grid = Grid(0.1)
    for name, (steps, ids) in spikes(1, last).items():
        trains = result.spikes[name]
        assert np.array_equal(trains.times, grid.times(steps)) and np.array_equal(trains.ids, ids)
    for probe, (variable, every) in enumerate((("v", 1), ("w", 7))):
        steps = np.arange(every, last + 1, every)
        trace = result.traces["busy"][variable]
        assert np.array_equal(trace.times, grid.times(steps))
        assert np.array_equal(trace.values, samples(probe, steps))
    return last


def main(path: str, count: str = "1000000", interval: str = "0.005", rows: str = "64") -> None:
    format_.CHUNK_BYTES = 8 * int(rows)  # small chunks: the tables of chunks grow often
    sink = HDF5Sink(path, interval=float(interval))
    sink.begin(layout())
    print("begun", flush=True)
    for step in batches(sink, int(count)):
        if sink._durable == step:
            print(step, flush=True)
        elif step % 3000 == 0:
            time.sleep(0.001)
    sink.end({"events": 1})
    print("ended", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
