"""Adds "microcircuit-0.1" to data/nest_statistics.json: the cortical microcircuit at a tenth in NEST.

Tables 4 and 5 of Potjans and Diesmann (2014, Cerebral Cortex 24:785); a tenth of the cells and a tenth of the
in-degrees, weights times 1/sqrt(0.1) and a direct current for the lost mean (van Albada et al. 2015, PLoS
Comput Biol 11:e1004490, with the full-scale rates below); initial potentials N(-58, 10) mV; a Poisson
background at 8 Hz a synapse.  Made with nest-simulator 3.10.0 (PyPI):

    nest/bin/python tests/against/make_nest_microcircuit.py
"""

from __future__ import annotations

import nest
import numpy as np
from firing import firing, known, store

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # Hz, full scale
# connection probabilities, row = target
PROBABILITIES = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
SCALE, WEIGHT, G, BACKGROUND, TAU_SYN = 0.1, 87.8, -4.0, 8.0, 0.5  # -, pA, -, Hz, ms
CELL = {"C_m": 250.0, "tau_m": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0}
WINDOW = (500.0, 1500.0)


def full_weights() -> np.ndarray:
    """Mean weights (pA) at full scale, row = target: inhibition -4 times, L4E to L23E twice the standard."""
    weights = np.tile([WEIGHT, G * WEIGHT], (8, 4))
    weights[0, 2] *= 2.0
    return weights


def synapse_numbers() -> np.ndarray:
    """Total synapses of each projection at full scale: the K at which the pair probability is the table's."""
    pairs = np.outer(SIZES, SIZES).astype(float)
    return np.log(1.0 - PROBABILITIES) / np.log((pairs - 1.0) / pairs)


def build(rng: np.random.Generator) -> dict[str, nest.NodeCollection]:
    """The eight populations at a tenth."""
    sizes = np.rint(SIZES * SCALE).astype(int)
    weights, numbers = full_weights(), synapse_numbers()
    scaled, keep = weights / np.sqrt(SCALE), np.sqrt(SCALE)
    in_degrees = numbers / SIZES[:, None]
    # the mean that fewer, stronger synapses lose: (1 - sqrt(scale)) of the full network's
    lost = (1.0 - keep) * 1e-3 * TAU_SYN * (weights * in_degrees) @ RATES
    lost += (1.0 - keep) * 1e-3 * TAU_SYN * WEIGHT * EXTERNAL * BACKGROUND
    populations = {}
    for i, name in enumerate(NAMES):
        cell = CELL | {"tau_syn_ex": TAU_SYN, "tau_syn_in": TAU_SYN, "I_e": float(lost[i])}
        populations[name] = nest.Create("iaf_psc_exp", int(sizes[i]), cell)
        populations[name].V_m = list(rng.normal(-58.0, 10.0, sizes[i]))
        noise = nest.Create("poisson_generator", params={"rate": BACKGROUND * EXTERNAL[i] * SCALE})
        nest.Connect(noise, populations[name], syn_spec={"weight": WEIGHT / keep, "delay": 1.5})
    for i, post in enumerate(NAMES):
        for j, pre in enumerate(NAMES):
            number = round(numbers[i, j] * SCALE * SCALE)
            if number == 0:
                continue
            mean, delay = scaled[i, j], 1.5 if mean_is_excitatory(j) else 0.75
            low, high = (0.0, np.inf) if mean_is_excitatory(j) else (-np.inf, 0.0)
            synapse = {
                "weight": nest.math.redraw(nest.random.normal(mean, abs(0.1 * mean)), min=low, max=high),
                "delay": nest.math.redraw(nest.random.normal(delay, 0.5 * delay), min=0.05, max=np.inf),
            }
            rule = {"rule": "fixed_total_number", "N": number}
            nest.Connect(populations[pre], populations[post], rule, synapse)
    return populations


def mean_is_excitatory(j: int) -> bool:
    """Whether population j, a source, is excitatory."""
    return j % 2 == 0


if __name__ == "__main__":
    for seed in range(1, 11):
        if known("nest_statistics", "microcircuit-0.1", seed):
            continue
        nest.ResetKernel()
        nest.set_verbosity("M_ERROR")
        nest.SetKernelStatus({"resolution": 0.1, "rng_seed": seed, "local_num_threads": 2})
        populations = build(np.random.default_rng(seed))
        recorders = {name: nest.Create("spike_recorder") for name in NAMES}
        for name in NAMES:
            nest.Connect(populations[name], recorders[name])
        nest.Simulate(WINDOW[1])
        found = {}
        for name in NAMES:
            events = recorders[name].events
            ids = np.asarray(events["senders"]) - populations[name][0].global_id
            found[name] = firing(np.asarray(events["times"]), ids, len(populations[name]), *WINDOW)
        facts = {"peer": f"NEST {nest.__version__}", "dt": 0.1, "window": WINDOW}
        store("nest_statistics", "microcircuit-0.1", seed, facts, found)
        print(seed, {n: round(v["rate"], 3) for n, v in found.items()}, flush=True)
