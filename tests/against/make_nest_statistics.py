"""Writes data/nest_statistics.json: firing statistics of published networks in NEST, ten seeds each.

Made with nest-simulator 3.10.0, numpy 2.4, Python 3.11 (all from PyPI):

    nest/bin/python tests/against/make_nest_statistics.py [cuba] [coba] [brunel-AI ...]

* brunel-SR, -AI, -SI-fast, -SI-slow: Brunel (2000), model A, figure 8, at full size (12,500 cells; in-degrees
  1,000 and 250; J = 0.1 mV; delay 1.5 ms), in-degrees drawn with autapses and multapses.
* cuba, coba: benchmarks 2 and 1 of Brette et al. (2007): 4,000 cells, 2 % of all pairs.  A delay of one step.
  coba is started by 50 ms of constant current, lest the seed decide whether it lives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import nest
import numpy as np
from firing import firing, known, store

Populations = dict[str, nest.NodeCollection]
Build = Callable[[np.random.Generator], Populations]
DT = 0.1
REGIMES = {
    "SR": (3.0, 2.0),
    "SI-fast": (6.0, 4.0),
    "AI": (5.0, 2.0),
    "SI-slow": (4.5, 0.9),
}  # g, nu_ext/nu_thr


def brunel(g: float, eta: float, rng: np.random.Generator) -> Populations:
    """Model A of Brunel (2000)."""
    tau_m, theta, j, delay = 20.0, 20.0, 0.1, 1.5
    cell = {"tau_m": tau_m, "C_m": 250.0, "E_L": 0.0, "V_th": theta, "V_reset": 10.0, "t_ref": 2.0}
    exc, inh = (nest.Create("iaf_psc_delta", n, cell) for n in (10_000, 2_500))
    everyone = exc + inh
    everyone.V_m = list(rng.uniform(0.0, theta, len(everyone)))
    rate = 1000.0 * eta * theta / (j * tau_m)  # Hz: nu_thr times the C_E external inputs of a cell
    noise = nest.Create("poisson_generator", params={"rate": rate})
    nest.Connect(noise, everyone, syn_spec={"weight": j, "delay": delay})
    for pre, k, weight in ((exc, 1000, j), (inh, 250, -g * j)):
        rule = {"rule": "fixed_indegree", "indegree": k}
        nest.Connect(pre, everyone, rule, {"weight": weight, "delay": delay})
    return {"exc": exc, "inh": inh}


def vogels_abbott(model: str, cell: dict[str, float], weights: tuple[float, float]) -> Populations:
    """3,200 excitatory and 800 inhibitory cells, every pair connected with probability 0.02."""
    exc, inh = (nest.Create(model, n, cell) for n in (3200, 800))
    for pre, weight in zip((exc, inh), weights):
        rule = {"rule": "pairwise_bernoulli", "p": 0.02, "allow_autapses": False}
        nest.Connect(pre, exc + inh, rule, {"weight": weight, "delay": DT})
    return {"exc": exc, "inh": inh}


def cuba(rng: np.random.Generator) -> Populations:
    """Benchmark 2: currents; 1.62 and -9 mV at a leak of 10 nS."""
    cell = {"tau_m": 20.0, "C_m": 200.0, "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}
    found = vogels_abbott("iaf_psc_exp", cell | {"tau_syn_ex": 5.0, "tau_syn_in": 10.0}, (16.2, -90.0))
    for population in found.values():
        population.V_m = list(rng.uniform(-60.0, -50.0, len(population)))
    return found


def coba(rng: np.random.Generator) -> Populations:
    """Benchmark 1: conductances of 6 and 67 nS; the kick is 200 pA from 0 to 50 ms."""
    cell = {"g_L": 10.0, "C_m": 200.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}
    cell |= {"E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0}
    found = vogels_abbott("iaf_cond_exp", cell, (6.0, -67.0))
    kick = nest.Create("dc_generator", params={"amplitude": 200.0, "stop": 50.0})
    for population in found.values():
        population.V_m = list(rng.uniform(-60.0, -50.0, len(population)))
        nest.Connect(kick, population, syn_spec={"delay": DT})
    return found


def measure(network: str, build: Build, seed: int, window: tuple[float, float]) -> None:
    """Run one seed and store what came out, unless it is known."""
    if known("nest_statistics", network, seed):
        return
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.SetKernelStatus({"resolution": DT, "rng_seed": seed, "local_num_threads": 2})
    populations = build(np.random.default_rng(seed))
    recorders = {name: nest.Create("spike_recorder") for name in populations}
    for name, population in populations.items():
        nest.Connect(population, recorders[name])
    nest.Simulate(window[1])
    found = {}
    for name, population in populations.items():
        events = recorders[name].events
        ids = np.asarray(events["senders"]) - population[0].global_id
        found[name] = firing(np.asarray(events["times"]), ids, len(population), *window)
    facts = {"peer": f"NEST {nest.__version__}", "dt": DT, "window": window}
    store("nest_statistics", network, seed, facts, found)
    print(network, seed, {n: {k: round(x, 4) for k, x in v.items()} for n, v in found.items()}, flush=True)


if __name__ == "__main__":
    networks: dict[str, tuple[Build, tuple[float, float]]] = {
        "cuba": (cuba, (300.0, 1300.0)),
        "coba": (coba, (300.0, 1300.0)),
    }
    for regime, (g, eta) in REGIMES.items():
        window = (200.0, 700.0) if regime == "SR" else (200.0, 1200.0)
        networks[f"brunel-{regime}"] = (lambda rng, g=g, eta=eta: brunel(g, eta, rng), window)
    for name in sys.argv[1:] or networks:
        for seed in range(1, 11):
            measure(name, networks[name][0], seed, networks[name][1])
