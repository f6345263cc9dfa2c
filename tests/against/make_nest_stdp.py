"""Writes data/nest_stdp.npz: weights of NEST's rules of plasticity that pair spikes.

Made with nest-simulator 3.10.0, numpy 2.4, Python 3.11 (all from PyPI), as make_nest_linear.py.

Parrots fire at given steps, neurons at given steps by kicks of 1 V; every weight is stored as it is after each spike of
its source.  NEST counts the delay of a synapse (one step, or that in LAGS) as dendritic: a pair has the lag t_post +
delay - t_pre.  It leaves out pairs of lag 0, which spikesim counts as causal: no such pair is in the trains.
stdp_nn_symm_synapse takes t = 0 for a spike of the source: every source fires before the first neuron does.
"""

from __future__ import annotations

import json

import nest
import numpy as np
from stored import DATA

DT, STEPS = 0.1, 30_000  # ms; steps
LAGS = {"long delay": 15, "vogels": 7}  # delays of all synapses in steps, where they are not one
PRE, POST = 4, 3

COMMON = {"tau_plus": 17.0, "Wmax": 1.0, "weight": 0.5}
PAIRS = {"lambda": 0.02, "alpha": 1.1, **COMMON}
CASES = {
    "additive": ("stdp_synapse", PAIRS | {"mu_plus": 0.0, "mu_minus": 0.0}),
    "multiplicative": ("stdp_synapse", PAIRS | {"mu_plus": 1.0, "mu_minus": 1.0}),
    "power law": ("stdp_synapse", PAIRS | {"mu_plus": 0.4, "mu_minus": 0.7, "Wmax": 1.6}),
    "nearest": ("stdp_nn_symm_synapse", PAIRS | {"mu_plus": 0.4, "mu_minus": 0.4}),
    "triplet": (
        "stdp_triplet_synapse",
        {"Aplus": 4e-3, "Aminus": 2e-2, "Aplus_triplet": 2e-2, "Aminus_triplet": 3e-3, "tau_plus_triplet": 101.0}
        | COMMON,
    ),
    "long delay": ("stdp_synapse", PAIRS | {"mu_plus": 0.3, "mu_minus": 0.8}),
    "presynaptic": ("stdp_nn_pre_centered_synapse", PAIRS | {"mu_plus": 0.4, "mu_minus": 0.4}),
    "restricted": ("stdp_nn_restr_synapse", PAIRS | {"mu_plus": 0.0, "mu_minus": 1.0}),
    "vogels": ("vogels_sprekeler_synapse", {"tau": 34.0, "eta": 0.01, "alpha": 0.4, "Wmax": 2.0, "weight": 0.5}),
}
POST_TAUS = {"tau_minus": 34.0, "tau_minus_triplet": 114.0}


def trains(seed: int, lag: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Steps of the sources (each fires first and last) and of the neurons, without a pair of lag 0."""
    rng = np.random.default_rng(seed)
    pre = [np.unique([10, *rng.integers(20, STEPS - 200, 60), STEPS - 100]) for _ in range(PRE)]
    taken = np.unique(np.concatenate(pre)) - lag
    post = [np.setdiff1d(rng.integers(20, STEPS - 300, 60), taken) for _ in range(POST)]
    return pre, [steps[np.diff(steps, prepend=-9) > 3] for steps in post]


def weights(model: str, given: dict[str, float], pre: list[np.ndarray], post: list[np.ndarray], lag: int) -> np.ndarray:
    """Rows (step of the source's spike, source, neuron, weight), sorted."""
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.resolution = DT
    parrots = nest.Create("parrot_neuron", PRE)
    cells = nest.Create("iaf_psc_delta", POST, params={"t_ref": DT, **POST_TAUS})
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "plastic", {**given, "weight_recorder": recorder})
    for parrot, steps in zip(parrots, pre):  # a parrot repeats a spike one delay later
        train = nest.Create("spike_generator", params={"spike_times": np.round((steps - 1) * DT, 9)})
        nest.Connect(train, parrot, syn_spec={"delay": DT})
    for cell, steps in zip(cells, post):
        kicks = nest.Create("spike_generator", params={"spike_times": np.round((steps - 1) * DT, 9)})
        nest.Connect(kicks, cell, syn_spec={"weight": 1000.0, "delay": DT})
    nest.Connect(parrots, cells, "all_to_all", {"synapse_model": "plastic", "delay": lag * DT})
    seen = nest.Create("spike_recorder")
    nest.Connect(cells, seen)
    nest.Simulate(STEPS * DT)
    for cell, steps in zip(cells.tolist(), post):
        fired = np.rint(np.asarray(seen.events["times"])[np.asarray(seen.events["senders"]) == cell] / DT)
        assert np.array_equal(fired, steps)
    events = recorder.events
    step = np.rint(np.asarray(events["times"]) / DT)
    first, neuron = np.asarray(events["senders"]) - parrots[0].global_id, events["targets"] - cells[0].global_id
    rows = np.stack([step, first, neuron, events["weights"]], axis=1)
    return rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]


if __name__ == "__main__":
    arrays = {"provenance": np.array(json.dumps({"nest": nest.__version__, "numpy": np.__version__}))}
    for number, (name, (model, given)) in enumerate(CASES.items()):
        lag = LAGS.get(name, 1)
        pre, post = trains(number, lag)
        arrays[f"{name}/given"] = np.array(json.dumps({**given, **POST_TAUS, "lag": lag, "dt": DT, "steps": STEPS}))
        for side, group in (("pre", pre), ("post", post)):
            arrays |= {f"{name}/{side}/{i}": steps.astype(np.int32) for i, steps in enumerate(group)}
        arrays[f"{name}/weights"] = weights(model, given, pre, post, lag)
    np.savez_compressed(DATA / "nest_stdp.npz", **arrays)
