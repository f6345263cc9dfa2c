"""Run one network and say what it cost.

========================= ====================================================================================
build_s                   description to arrays, with what is compiled or loaded on the way
first_s                   what the first steps took beyond what the same steps take later
run_s                     wall time of `model_ms` after `warm_ms`
cpu_s                     processor time of the same, all threads: what is left of run_s when others are at work
real_time_factor          run_s over model time
events_per_s              synaptic events a second of run_s, everything else included
ns_per_neuron_step        run_s over (neurons x steps), everything else included
bytes_per_synapse         of the arrays that hold synapses
peak_mb                   resident set of the process, 10^6 bytes
rates                     Hz, by population, in the measured window
========================= ====================================================================================
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import spikesim as ss

from .memory import peak_mb

__all__ = ["timed"]


def timed(
    net: ss.Network,
    *,
    dt: float,
    warm_ms: float,
    model_ms: float,
    threads: int | None,
    engine: str = "clock",
    describe_s: float = 0.0,
) -> dict[str, Any]:
    """Return what `net` cost; `describe_s` is added to the building."""
    clock = time.perf_counter()
    simulation = ss.Simulation(net, dt=dt, threads=threads, engine=engine)
    build = time.perf_counter() - clock + describe_s
    clock = time.perf_counter()
    simulation.run(warm_ms, progress=False)
    first = time.perf_counter() - clock
    before = simulation.stats
    clock, cpu = time.perf_counter(), time.process_time()
    result = simulation.run(model_ms, progress=False)
    run, cpu = time.perf_counter() - clock, time.process_time() - cpu
    after = simulation.stats
    events = after["synaptic_events"] - before["synaptic_events"]
    neurons, synapses = after["neurons"], after["synapses"]
    return {
        "version": ss.__version__,
        "threads_used": after["threads"],
        "neurons": neurons,
        "synapses": synapses,
        "build_s": build,
        "first_s": max(0.0, first - run * warm_ms / model_ms),
        "run_s": run,
        "cpu_s": cpu,
        "real_time_factor": run / (1e-3 * model_ms),
        "spikes": after["spikes"] - before["spikes"],
        "events": events,
        "events_per_s": events / run if events else None,
        "ns_per_neuron_step": 1e9 * run / (neurons * model_ms / dt),
        "bytes_per_synapse": synapse_bytes(simulation) / synapses if synapses else None,
        "peak_mb": peak_mb(),
        "rates": {name: trains.rate(start=warm_ms) for name, trains in result.spikes.items()},
    }


def synapse_bytes(simulation: Any) -> int:
    """Return the size of the arrays that hold synapses and their index."""
    bundles = [bundle for worker in simulation.engine.workers for bundle in worker.bundles]
    return sum(array.nbytes for bundle in bundles for array in bundle if isinstance(array, np.ndarray))
