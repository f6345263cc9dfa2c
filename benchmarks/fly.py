"""FLY: the brain of a fly, 138,639 neurons of which few fire; what does a trial cost, and what a step of a closed loop?

The model of Shiu et al. (2024) on a connectome that is made up (`published.synthetic_connectome`), 15.1 M connections;
as many sensory neurons are activated at 150 Hz as let the whole brain fire 17,000 spikes a second, as the published
one does when it tastes sugar.  One trial on one thread; the same with every neuron stepped (a sample of one state does
that), and with the event engine; 30 trials of one second on one wiring, as many at a time as there are cores (seconds
a trial); `sim.step(10.0)`.
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

import spikesim as ss
from spikesim import published

from .contest import Options, Row, median
from .memory import peak_mb
from .process import measure as in_process

__all__ = ["ask", "build", "measure"]

NEURONS, CONNECTIONS, ACTIVATED = 138_639, 15_091_983, 90


def build(neurons: int = NEURONS, connections: int = CONNECTIONS, activated: int = ACTIVATED) -> ss.Network:
    """Return the network."""
    brain = published.synthetic_connectome(neurons, connections)
    return published.fly_brain(brain, activate=brain.where(kind="sensory")[:activated])


def measure(trials: int, model_ms: float, **settings: Any) -> dict[str, Row]:
    """Return what each costs: seconds of wall and processor time for `model_ms`, or for a step."""
    clock = time.perf_counter()
    net = build(**settings)
    with ss.Simulation(net, dt=0.1, threads=1) as sim:
        built = time.perf_counter() - clock
        found = {"one trial": {"build_s": built, **_timed(sim, model_ms), "peak_mb": peak_mb()}}
        clock = time.perf_counter()
        for _ in range(50):
            sim.step(10.0)
        found["a step of 10 ms"] = {"seconds": (time.perf_counter() - clock) / 50}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ss.worlds(net, trials) as many:
        many.run(1.0)
        clock, cpu = time.perf_counter(), time.process_time()
        many.run(model_ms)
        run, cpu = (time.perf_counter() - clock) / trials, (time.process_time() - cpu) / trials
    each = {"run_s": run, "cpu_s": cpu, "real_time_factor": 1e3 * run / model_ms, "peak_mb": peak_mb()}
    found[f"each of {trials} trials, {min(cores, trials)} at a time"] = each
    with ss.Simulation(net, engine="event", threads=1) as sim:
        found["one trial, from event to event"] = _timed(sim, model_ms)
    net.record(net["brain"][:1], "v", every=100.0)
    with ss.Simulation(net, dt=0.1, threads=1) as sim:
        found["one trial, all stepped"] = _timed(sim, 0.1 * model_ms)
    return found


def _timed(sim: ss.Simulation, model_ms: float) -> Row:
    sim.run(100.0, progress=False)
    before = sim.stats
    clock, cpu = time.perf_counter(), time.process_time()
    spikes = sim.run(model_ms, progress=False).spikes["brain"]
    run, cpu = time.perf_counter() - clock, time.process_time() - cpu
    after = sim.stats
    events = after["synaptic_events"] - before["synaptic_events"]
    times = spikes.times[spikes.times > sim.time - model_ms]
    return {
        "neurons": after["neurons"], "synapses": after["synapses"], "run_s": run, "cpu_s": cpu,
        "real_time_factor": 1e3 * run / model_ms, "cpu_factor": 1e3 * cpu / model_ms, "events_per_s": events / run,
        "mean_rate": 1e3 * times.size / model_ms,
        "firing": int(np.unique(spikes.ids).size),
    }  # fmt: skip


def ask(options: Options) -> list[Row]:
    """The brain in full, or (quick) of 10,000 neurons."""
    settings: dict[str, Any] = {"trials": 30, "model_ms": 1000.0}
    if options.quick:
        settings = {"trials": 2, "model_ms": 200.0, "neurons": 10_000, "connections": 1_000_000}
    turns = [in_process("fly", settings) for _ in range(options.repeat)]
    return [{"case": case, **median([turn[case] for turn in turns])} for case in turns[0]]
