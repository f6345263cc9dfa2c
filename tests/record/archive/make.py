"""Make the archive of a release: python tests/record/archive/make.py VERSION, run with that release's code.

Each file is kept compressed (its chunks are mostly empty) beside what it holds: the same run recorded in memory, as
counts and checksums of the bytes.  Files are never made again: every later version reads them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import spikesim as ss
from spikesim.grid import Grid
from spikesim.record import HDF5Sink, Layout, MemorySink, ProbeLayout


def network() -> ss.Network:
    net = ss.Network(seed=3)
    exc = net.population("exc", 40, ss.LIF(I_e=380.0), v=ss.uniform(-65.0, -55.0))
    inh = net.population("inh", 10, ss.LIF(I_e=400.0))
    net.connect(exc, inh, ss.fixed_probability(0.3), weight=30.0, delay=1.5, synapse=ss.Exponential(2.0))
    net.connect(inh, exc, ss.fixed_indegree(3), weight=-60.0, delay=0.8, synapse=ss.Alpha(1.0))
    net.record(exc, "spikes")
    net.record(inh[2:7], "spikes")
    net.record(exc[[3, 1]], "v", every=0.5)
    net.record(exc[:4], "I_syn", every=0.5)
    net.record(inh, "v", every=2.0)
    return net


def cut_short(sink: Any) -> Any:
    """Three batches of which two reached the disk, by a program that then died."""
    sizes, chosen = {"a": 7, "ä ö": 3}, {"a": None, "ä ö": np.array([2, 0])}
    probes = (ProbeLayout("a", "w", np.arange(2), 3),)
    layout = Layout(Grid(0.1), 50, sizes, chosen, probes, seed=2**64 - 1, description={"title": "cut short"})
    sink.begin(layout)
    for k in range(3):
        steps = 51 + 30 * k + np.arange(30)
        sink.spikes("a", steps, steps % 7)
        sink.spikes("ä ö", steps[::3], 2 * (steps[::3] % 2))
        sink.samples(0, int(steps[2]), np.sin(steps[2::3, None] * [0.1, 0.2]))
        if k == 1:
            sink.commit(int(steps[-1]))
            sink.flush()
    return sink.result()


def truth(result: Any) -> dict[str, Any]:
    """Return what a recording holds: counts, and checksums of the bytes of each array."""

    def of(*arrays: np.ndarray) -> list[Any]:
        data = b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)
        return [[list(a.shape) for a in arrays], hashlib.blake2b(data, digest_size=16).hexdigest()]

    return {
        "start": result.start,
        "stop": result.stop,
        "dt": result.dt,
        "seed": result.stats["seed"],
        "description": dict(result.description),
        "spikes": {name: of(s.times, s.ids) for name, s in result.spikes.items()},
        "traces": {
            f"{name}.{variable}": [of(t.times, t.values, t.ids), t.unit]
            for name, variables in result.traces.items()
            for variable, t in variables.items()
        },
    }


def main(version: str) -> None:
    folder = Path(__file__).parent / version
    folder.mkdir()
    with tempfile.TemporaryDirectory() as place:
        runs: dict[str, tuple[Any, str]] = {}
        for name, how in {"clock": {}, "event": {"engine": "event"}}.items():
            path = f"{place}/{name}.h5"
            network().run(60.0, out=path, **how)
            runs[name] = network().run(60.0, **how), path
        sink = HDF5Sink(f"{place}/cut.h5")
        cut_short(sink)
        (Path(place) / "killed.h5").write_bytes((Path(place) / "cut.h5").read_bytes())
        runs["cut"] = cut_short(MemorySink()), f"{place}/killed.h5"
        for name, (result, path) in runs.items():
            data = Path(path).read_bytes()
            (folder / f"{name}.h5.gz").write_bytes(gzip.compress(data, 9, mtime=0))
            (folder / f"{name}.json").write_text(
                json.dumps(truth(result), indent=1, ensure_ascii=False) + "\n", "utf-8"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
