"""The same spikes from the same seeds as release 0.1: a hash of what each of these networks does.

Truth: what release 0.1 gave.  A hash changes only where a fault was mended, and is then named here with the fault.
Steps and ids are hashed as they are, times between steps to a picosecond, samples to 1e-7, from event to event to 1e-5:
bits depend on the machine, and what is integrated by tolerance may differ by 1e-10.

Added since, with what they gave at first: releases, equations, fly; rules of pairs and releases on the event engine.

New since, with the values of its first day: noise, trains.

New since, with the values of their first day: delays that are dendritic in part; gap junctions; moves; chance; the fly
on the event engine; inputs; equations on the event engine; one by one.

Changed since, in samples of v by 1e-7 mV: stimuli on the event engine (rates of Hodgkin-Huxley cells by one
exponential).

Changed since: Traub-Miles, AdEx, Izhikevich, whose v is given and whose other states now start steady at it.

``python -m tests.engine.test_hashes`` prints them, with hashes of all bits beside.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from .cases import CASES, NETWORKS

STORED = Path(__file__).with_name("hashes.json")


def hashes(name: str, engine: str, threads: int = 1) -> tuple[str, str, int]:
    """Return (hash of rounded numbers, hash of all bits, spikes) of 100 ms."""
    result = NETWORKS[name][0]().run(100.0, engine=engine, threads=threads, progress=False)
    rounded, bits = hashlib.sha256(), hashlib.sha256()
    spikes = 0

    def put(values: np.ndarray, unit: float) -> None:
        bits.update(np.ascontiguousarray(values).tobytes())
        rounded.update((np.round(values / unit) + 0.0).tobytes() if unit else values.tobytes())

    for population in sorted(result.spikes):
        train = result.spikes[population]
        spikes += train.times.size
        put(train.times, 1e-9)
        put(train.ids, 0)
        for variable in sorted(result.traces[population]) if population in result.traces else ():
            put(result.traces[population][variable].values, 1e-5 if engine == "event" else 1e-7)
    for projection in sorted(result.weights):
        if projection == "learns":
            put(result.weights[projection].toarray(), 1e-9)
    return rounded.hexdigest()[:24], bits.hexdigest()[:24], spikes


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_the_same_spikes_as_before(name: str, engine: str) -> None:
    """Truth: release 0.1."""
    found, _, spikes = hashes(name, engine, threads=2 if name in ("LIF drawn", "STDP") else 1)
    assert spikes > 30
    assert found == json.loads(STORED.read_text())[f"{name}, {engine}"]


if __name__ == "__main__":
    print(json.dumps({f"{name}, {engine}": hashes(name, engine) for name, engine in CASES}, indent=1))
