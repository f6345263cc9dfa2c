"""Adds "microcircuit-0.1" to data/nest_statistics.json: the cortical microcircuit at a tenth in NEST.

Initial potentials N(-58, 10) mV, a Poisson background at 8 Hz a synapse, weights spread by 10 % and delays by
half around 1.5 ms (excitatory) and 0.75 ms.  The tables and the scaling stand in microcircuit.py.
Made with nest-simulator 3.10.0, numpy 2.4, Python 3.11 (all from PyPI):

    nest/bin/python tests/against/make_nest_microcircuit.py
"""

from __future__ import annotations

import microcircuit as m
import nest
import numpy as np
from firing import firing, known, store

WINDOW = (500.0, 1500.0)


def build(rng: np.random.Generator) -> dict[str, nest.NodeCollection]:
    """The eight populations."""
    keep = np.sqrt(m.SCALE)
    populations = {}
    for name, size, external, current in zip(m.NAMES, m.scaled_sizes(), m.EXTERNAL, m.lost_current()):
        cell = m.CELL | {"tau_syn_ex": m.TAU_SYN, "tau_syn_in": m.TAU_SYN, "I_e": float(current)}
        populations[name] = nest.Create("iaf_psc_exp", int(size), cell)
        populations[name].V_m = list(rng.normal(-58.0, 10.0, size))
        noise = nest.Create("poisson_generator", params={"rate": m.BACKGROUND * external * m.SCALE})
        nest.Connect(noise, populations[name], syn_spec={"weight": m.WEIGHT / keep, "delay": 1.5})
    weights, numbers = m.full_weights() / keep, m.scaled_numbers()
    for i, post in enumerate(m.NAMES):
        for j, pre in enumerate(m.NAMES):
            mean, number = weights[i, j], int(numbers[i, j])
            if number == 0:
                continue
            low, high, delay = (0.0, np.inf, 1.5) if mean > 0 else (-np.inf, 0.0, 0.75)
            weight = nest.math.redraw(nest.random.normal(mean, abs(0.1 * mean)), min=low, max=high)
            delays = nest.math.redraw(nest.random.normal(delay, 0.5 * delay), min=0.05, max=np.inf)
            rule = {"rule": "fixed_total_number", "N": number}
            synapse = {"weight": weight, "delay": delays}
            nest.Connect(populations[pre], populations[post], rule, synapse)
    return populations


if __name__ == "__main__":
    for seed in range(1, 11):
        if known("nest_statistics", "microcircuit-0.1", seed):
            continue
        nest.ResetKernel()
        nest.set_verbosity("M_ERROR")
        nest.SetKernelStatus({"resolution": 0.1, "rng_seed": seed, "local_num_threads": 2})
        populations = build(np.random.default_rng(seed))
        recorders = {name: nest.Create("spike_recorder") for name in m.NAMES}
        for name in m.NAMES:
            nest.Connect(populations[name], recorders[name])
        nest.Simulate(WINDOW[1])
        found = {}
        for name in m.NAMES:
            events = recorders[name].events
            ids = np.asarray(events["senders"]) - populations[name][0].global_id
            found[name] = firing(np.asarray(events["times"]), ids, len(populations[name]), *WINDOW)
        facts = {"peer": f"NEST {nest.__version__}", "dt": 0.1, "window": WINDOW}
        store("nest_statistics", "microcircuit-0.1", seed, facts, found)
        print(seed, {n: round(v["rate"], 3) for n, v in found.items()}, flush=True)
