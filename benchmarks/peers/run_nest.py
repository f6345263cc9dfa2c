"""Runs a plain network in NEST (https://nest-simulator.org), with the model that its synapses call for."""

from __future__ import annotations

import sys
import time

import numpy as np
from draw import answer, job, peak_mb, sign, values

asked = job()
sys.argv = sys.argv[:1]  # NEST reads the command line too
import nest  # noqa: E402

LIMIT = 2**27 - 1  # synapses of one model on one thread
MODELS = {"HodgkinHuxley": "hh_psc_alpha", "TraubMiles": "hh_cond_exp_traub"}
SAME = {"C_m", "E_L", "V_th", "V_reset", "t_ref", "I_e", "tau_m", "g_Na", "g_K", "g_L", "E_Na", "E_K", "V_T"}


def model_of(network: dict) -> tuple[str, dict[str, float]]:
    """Return NEST's model for the cells of the network, and the parameters that its synapses have in spikesim."""
    kind = network["populations"][0]["model"]
    ends = [(p["synapse"], sign(p["weight"])) for p in network["projections"] + network["backgrounds"]]
    if any(s["kind"] == "Delta" for s, _ in ends):
        return "iaf_psc_delta", {}
    if any("E_rev" in s for s, _ in ends):
        low, high = sorted((s for s, _ in ends), key=lambda s: s["E_rev"])[:: len(ends) - 1 or 1]
        ports = {
            "E_ex": high["E_rev"],
            "tau_syn_ex": high["tau"],
            "E_in": low["E_rev"],
            "tau_syn_in": low["tau"],
        }
        return MODELS.get(kind, "iaf_cond_exp"), ports
    taus = {f"tau_syn_{'ex' if s > 0 else 'in'}": p["tau"] for p, s in ends}
    return MODELS.get(kind, "iaf_psc_exp"), taus


def cell(parameters: dict, ports: dict[str, float], model: str) -> dict:
    """Return the parameters of a population under NEST's names; lists stay lists, one value a neuron."""
    found = {k: v for k, v in parameters.items() if k in SAME}
    if model == "iaf_cond_exp":
        found["g_L"] = found["C_m"] / found.pop("tau_m")
    return found | ports


def law(given, low=-np.inf):
    """Return a weight or delay as NEST takes it."""
    if not isinstance(given, dict):
        return given
    low = low if given["low"] is None else given["low"]
    high = np.inf if given["high"] is None else given["high"]
    return nest.math.redraw(nest.random.normal(given["mean"], given["sd"]), min=low, max=high)


def rule_of(rule: dict) -> dict:
    """Return a rule of connection under NEST's names."""
    flags = {k: rule[k] for k in ("allow_autapses", "allow_multapses") if k in rule}
    kind = rule["kind"]
    if kind == "FixedIndegree":
        return {"rule": "fixed_indegree", "indegree": rule["k"], **flags}
    if kind == "FixedTotal":
        return {"rule": "fixed_total_number", "N": rule["n"], **flags}
    if kind == "FixedProbability":
        return {"rule": "pairwise_bernoulli", "p": rule["p"], **flags}
    raise ValueError(f"no {kind} here")


def learning(rule: dict | None, targets) -> str:
    """Return the synapse model; STDP is given NEST's amplitudes, in units of Wmax, and the targets their trace."""
    if rule is None:
        return "static_synapse"
    targets.tau_minus = rule["tau_minus"]
    nest.SetDefaults(
        "stdp_synapse_hom",
        {
            "lambda": rule["A_plus"] / rule["w_max"],
            "alpha": rule["A_minus"] / rule["A_plus"],
            "Wmax": rule["w_max"],
            **{name: rule[name] for name in ("tau_plus", "mu_plus", "mu_minus")},
        },
    )
    return "stdp_synapse_hom"


def build(network: dict, dt: float) -> dict:
    """Create all there is; return the recorder of each population."""
    rng = np.random.default_rng(network["seed"])
    model, ports = model_of(network)
    conductances = "cond" in model
    lowest = min((p["synapse"].get("E_rev", 0.0) for p in network["projections"]), default=0.0)
    populations = {}
    for p in network["populations"]:
        populations[p["name"]] = nest.Create(model, p["size"], cell(p["parameters"], ports, model))
        if "v" in p["initial"]:
            populations[p["name"]].V_m = list(values(p["initial"]["v"], p["size"], rng))

    def group(names):
        return sum((populations[n] for n in names[1:]), populations[names[0]])

    for b in network["backgrounds"]:
        noise = nest.Create("poisson_generator", params={"rate": b["rate"]})
        nest.Connect(noise, group(b["target"]), syn_spec={"weight": b["weight"], "delay": dt})
    for c in network["currents"]:
        stop = {} if c["stop"] is None else {"stop": c["stop"]}
        source = nest.Create("dc_generator", params={"amplitude": c["amplitude"], "start": c["start"], **stop})
        nest.Connect(source, group(c["target"]), syn_spec={"delay": dt})
    for number, p in enumerate(network["projections"]):
        weight = law(p["weight"])
        if conductances and p["synapse"]["E_rev"] == lowest:
            weight = -weight
        # one model holds LIMIT synapses a thread at most
        nest.CopyModel(learning(p["plasticity"], group(p["post"])), f"synapse_{number}")
        spec = {"synapse_model": f"synapse_{number}", "weight": weight, "delay": law(p["delay"], 0.5 * dt)}
        nest.Connect(group(p["pre"]), group(p["post"]), rule_of(p["rule"]), spec)
    recorders = {name: nest.Create("spike_recorder") for name in populations}
    for name, population in populations.items():
        nest.Connect(population, recorders[name])
    return recorders


def main() -> None:
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    network, dt = asked["network"], asked["dt"]
    nest.SetKernelStatus(
        {
            "resolution": dt,
            "rng_seed": network["seed"] + 1,
            "local_num_threads": asked["threads"],
            "print_time": False,
        }
    )
    empty = peak_mb()
    clock = time.perf_counter()
    recorders = build(network, dt)
    nest.Prepare()
    built = time.perf_counter() - clock
    peak = peak_mb()
    clock = time.perf_counter()
    nest.Run(asked["warm_ms"])
    first = time.perf_counter() - clock
    before = {name: r.n_events for name, r in recorders.items()}
    clock, cpu = time.perf_counter(), time.process_time()
    nest.Run(asked["model_ms"])
    run, cpu = time.perf_counter() - clock, time.process_time() - cpu
    nest.Cleanup()
    counts = {name: r.n_events - before[name] for name, r in recorders.items()}
    sizes = {p["name"]: p["size"] for p in network["populations"]}
    synapses = nest.num_connections - sum(sizes.values()) * (1 + len(network["backgrounds"]) + len(network["currents"]))
    answer(
        {
            "version": f"NEST {nest.__version__}",
            "neurons": sum(sizes.values()),
            "synapses": synapses,
            "build_s": built,
            "first_s": max(0.0, first - run * asked["warm_ms"] / asked["model_ms"]),
            "run_s": run,
            "cpu_s": cpu,
            "real_time_factor": run / (1e-3 * asked["model_ms"]),
            "ns_per_neuron_step": 1e9 * run / (sum(sizes.values()) * asked["model_ms"] / dt),
            "bytes_per_synapse": 1e6 * (peak - empty) / synapses if synapses > 10**6 else None,
            "peak_mb": peak_mb(),
            "spikes": sum(counts.values()),
            "rates": {name: 1e3 * n / (sizes[name] * asked["model_ms"]) for name, n in counts.items()},
            "times": [t for r in recorders.values() for t in r.events["times"].tolist()] if asked.get("times") else [],
        }
    )


main()
