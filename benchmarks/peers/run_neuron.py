"""Runs unconnected squid axons in NEURON (https://nrn.readthedocs.io), with its own mechanism, at a fixed step."""

from __future__ import annotations

import math
import time

import neuron
import numpy as np
from draw import answer, job, peak_mb
from neuron import h

AREA = 1e4  # um^2: a capacitance of 1 uF/cm^2 is then 100 pF


def cell(parameters: dict[str, float]):
    """Return a compartment of AREA with the mechanism `hh` and these parameters (pF, nS, mV: per area)."""
    section = h.Section(name="cell")
    section.L = section.diam = math.sqrt(AREA / math.pi)
    per_area = 1e-9 / (AREA * 1e-8)  # nS a cell to S/cm^2
    section.insert("hh")
    section.cm = parameters["C_m"] * 1e-6 / (AREA * 1e-8)  # uF/cm^2
    section.ena, section.ek = parameters["E_Na"], parameters["E_K"]
    node = section(0.5).hh
    node.gnabar, node.gkbar, node.gl = (parameters[g] * per_area for g in ("g_Na", "g_K", "g_L"))
    node.el = parameters["E_L"]
    return section


def main() -> None:
    asked = job()
    network = asked["network"]
    (population,) = network["populations"]
    if network["projections"] or population["model"] != "HodgkinHuxley":
        raise ValueError("only unconnected squid axons here")
    size, parameters = population["size"], population["parameters"]
    clock = time.perf_counter()
    h.celsius = 6.3
    cells, electrodes, counters, recorded = [], [], [], []
    for current in np.broadcast_to(parameters["I_e"], (size,)):
        section = cell(parameters)
        electrode = h.IClamp(section(0.5))
        electrode.delay, electrode.dur, electrode.amp = 0.0, 1e9, float(current) * 1e-3
        counter = h.APCount(section(0.5))
        counter.thresh = parameters["V_spike"]
        cells.append(section)
        electrodes.append(electrode)
        counters.append(counter)
        if asked.get("times"):
            recorded.append(h.Vector())
            counter.record(recorded[-1])
    h.CVode().active(0)
    h.dt = asked["dt"]
    parallel = h.ParallelContext()
    parallel.set_maxstep(10)
    if asked["threads"] > 1:
        parallel.nthread(asked["threads"])
    h.finitialize(-65.0)
    built = time.perf_counter() - clock
    parallel.psolve(asked["warm_ms"])
    before = sum(c.n for c in counters)
    clock, cpu = time.perf_counter(), time.process_time()
    parallel.psolve(asked["warm_ms"] + asked["model_ms"])
    run, cpu = time.perf_counter() - clock, time.process_time() - cpu
    spikes = sum(c.n for c in counters) - before
    times = [list(v) for v in recorded]
    answer(
        {
            "version": f"NEURON {neuron.__version__}",
            "neurons": size,
            "synapses": 0,
            "build_s": built,
            "first_s": 0.0,
            "run_s": run,
            "cpu_s": cpu,
            "real_time_factor": run / (1e-3 * asked["model_ms"]),
            "ns_per_neuron_step": 1e9 * run / (size * asked["model_ms"] / asked["dt"]),
            "bytes_per_synapse": None,
            "peak_mb": peak_mb(),
            "spikes": int(spikes),
            "rates": {population["name"]: 1e3 * spikes / (size * asked["model_ms"])},
            "times": [t for own in times for t in own],
        }
    )


main()
