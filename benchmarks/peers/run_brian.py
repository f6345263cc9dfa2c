"""Runs a plain network in Brian 2 (https://briansimulator.org): as a C++ program, or with Cython.

As an expert would write it: one group of neurons, as few synapse objects as can be, synapses sorted by source,
nothing stored for a synapse that is the same for all.  Numbers are in ms, mV, pA, nS, pF; so equations have no units.
"""

from __future__ import annotations

import subprocess
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np
from draw import answer, job, peak_mb, synapses, values

LIF_CURRENT = "dv/dt = ((E_L - v)/tau_m + ({input})/C_m)/ms : 1 (unless refractory)"
LIF_CONDUCTANCE = "dv/dt = (C_m/tau_m*(E_L - v) + {input})/C_m/ms : 1 (unless refractory)"
SPIKING = """
dv/dt = (g_L*(E_L - v) + g_Na*(m*m*m)*h*(E_Na - v) + g_K*(n*n*n*n)*(E_K - v) + {input})/C_m/ms : 1
dm/dt = (alpha_m*(1 - m) - beta_m*m)/ms : 1
dh/dt = (alpha_h*(1 - h) - beta_h*h)/ms : 1
dn/dt = (alpha_n*(1 - n) - beta_n*n)/ms : 1
"""
RATES = {
    "HodgkinHuxley": """
alpha_m = 1/exprel(-0.1*(v + 40)) : 1
beta_m = 4*exp(-(v + 65)/18) : 1
alpha_h = 0.07*exp(-(v + 65)/20) : 1
beta_h = 1/(1 + exp(-(v + 35)/10)) : 1
alpha_n = 0.1/exprel(-0.1*(v + 55)) : 1
beta_n = 0.125*exp(-(v + 65)/80) : 1
""",
    "TraubMiles": """
alpha_m = 1.28/exprel((13 - v + V_T)/4) : 1
beta_m = 1.4/exprel((v - V_T - 40)/5) : 1
alpha_h = 0.128*exp((17 - v + V_T)/18) : 1
beta_h = 4/(1 + exp((40 - v + V_T)/5)) : 1
alpha_n = 0.16/exprel((15 - v + V_T)/5) : 1
beta_n = 0.5*exp((10 - v + V_T)/40) : 1
""",
}


CLOCK = '{ std::ofstream f("results/cpu.txt", std::ios::app); f << double(clock())/CLOCKS_PER_SEC << std::endl; }'


class Model:
    """One group of neurons for all populations of a plain network."""

    def __init__(self, network: dict[str, Any]) -> None:
        self.populations = network["populations"]
        sizes = [p["size"] for p in self.populations]
        ends = np.cumsum([0, *sizes])
        self.where = {p["name"]: slice(int(a), int(b)) for p, a, b in zip(self.populations, ends, ends[1:])}
        self.n = int(ends[-1])
        self.ports: list[dict[str, Any]] = []
        for entry in network["projections"] + network["backgrounds"]:
            if entry["synapse"] not in self.ports:
                self.ports.append(entry["synapse"])
        kinds = {p["model"] for p in self.populations}
        if len(kinds) != 1:
            raise ValueError(f"one model for all cells, not {kinds}")
        self.kind = kinds.pop()
        self.driven = bool(network["currents"])
        self.namespace: dict[str, float] = {}
        self.own: dict[str, np.ndarray] = {}  # parameters that differ between neurons
        for name in self.populations[0]["parameters"]:
            given = [p["parameters"][name] for p in self.populations]
            if all(v == given[0] and not isinstance(v, list) for v in given):
                self.namespace[name] = given[0]
            else:
                self.own[name] = np.concatenate([np.broadcast_to(v, (n,)) for v, n in zip(given, sizes)])

    def variable(self, synapse: dict[str, Any]) -> str:
        """Return the state variable that synapses of this kind move."""
        return "v" if synapse["kind"] == "Delta" else f"s{self.ports.index(synapse)}"

    def equations(self) -> str:
        """Return the equations."""
        terms, lines = ["I_e"], []
        for port in self.ports:
            name = self.variable(port)
            if name == "v":
                continue
            terms.append(f"{name}*({port['E_rev']} - v)" if "E_rev" in port else name)
            lines.append(f"d{name}/dt = -{name}/({port['tau']}*ms) : 1")
        if self.driven:
            terms.append("kick")
            lines.append("kick : 1 (shared)")
        lines += [f"{name} : 1 (constant)" for name in self.own]
        text = LIF_CONDUCTANCE if any("E_rev" in p for p in self.ports) else LIF_CURRENT
        if self.kind in RATES:
            text = SPIKING + RATES[self.kind]
        return "\n".join([text.format(input=" + ".join(terms)), *lines])

    def group(self, method: str, rng: np.random.Generator) -> Any:
        """Return the neurons, with their initial state."""
        spiking = self.kind in RATES
        linear = not spiking and not any("E_rev" in p for p in self.ports)
        cells = b2.NeuronGroup(
            self.n,
            self.equations(),
            threshold="v > V_spike" if spiking else "v >= V_th",
            reset="" if spiking else "v = V_reset",
            refractory="v > V_spike" if spiking else self.namespace["t_ref"] * b2.ms,
            method="exact" if linear else method,
            namespace=self.namespace,
        )
        for name, array in self.own.items():
            setattr(cells, name, array)
        for state in self.populations[0]["initial"]:
            start = [values(p["initial"][state], p["size"], rng) for p in self.populations]
            setattr(cells, state, np.concatenate(start))
        return cells

    def span(self, names: list[str]) -> slice:
        """Return the stretch of neurons that adjacent populations take."""
        parts = [self.where[n] for n in names]
        if any(a.stop != b.start for a, b in pairwise(parts)):
            raise ValueError(f"populations {names} do not lie side by side")
        return slice(parts[0].start, parts[-1].stop)


def connect(network: dict[str, Any], model: Model, cells: Any, rng: np.random.Generator) -> list[Any]:
    """Return the synapses: an object for each constant weight, one for all drawn ones of a port."""
    made, drawn = [], {}
    free = "*int(not_refractory_post)" if model.kind == "LIF" else ""
    for p in network["projections"]:
        variable = model.variable(p["synapse"])
        guard = free if variable == "v" else ""
        if isinstance(p["weight"], dict):
            drawn.setdefault((variable, guard), []).append(p)
            continue
        pre, post = model.span(p["pre"]), model.span(p["post"])
        rule = p["plasticity"]
        strength = p["weight"] if rule is None else "w"
        action = f"{variable}_post += {strength}{guard}"
        learning = {"on_pre": action} if rule is None else stdp(rule, action)
        s = b2.Synapses(cells[pre], cells[post], delay=p["delay"] * b2.ms, **learning)
        if p["rule"]["kind"] == "FixedProbability":
            others = None if p["rule"]["allow_autapses"] else f"i + {pre.start - post.start} != j"
            s.connect(condition=others, p=p["rule"]["p"])
        else:
            i, j = synapses(p["rule"], pre.stop - pre.start, post.stop - post.start, rng)
            s.connect(i=i, j=j)
        if rule is not None:
            s.w = p["weight"]
        made.append(s)
    for (variable, guard), projections in drawn.items():
        made.append(connect_drawn(projections, model, cells, f"{variable}_post += w{guard}", rng))
    return made


def stdp(rule: dict[str, Any], action: str) -> dict[str, str]:
    """Return the equations of additive STDP, in the order in which spikesim does things."""
    low, high = rule["w_min"], rule["w_max"]
    return {
        "model": f"""w : 1
                     dx/dt = -x/({rule["tau_plus"]}*ms) : 1 (event-driven)
                     dy/dt = -y/({rule["tau_minus"]}*ms) : 1 (event-driven)""",
        "on_pre": f"{action}; x += 1; w = clip(w - {rule['A_minus']}*y, {low}, {high})".replace("; ", "\n"),
        "on_post": f"y += 1; w = clip(w + {rule['A_plus']}*x, {low}, {high})".replace("; ", "\n"),
    }


def connect_drawn(projections: list[dict], model: Model, cells: Any, action: str, rng: np.random.Generator) -> Any:
    """Return one object for projections with weights and delays of their own."""
    parts = []
    for p in projections:
        pre, post = model.span(p["pre"]), model.span(p["post"])
        i, j = synapses(p["rule"], pre.stop - pre.start, post.stop - post.start, rng)
        weight, delay = (values(p[what], i.size, rng) for what in ("weight", "delay"))
        parts.append((i + pre.start, j + post.start, weight, delay))
    i, j, weight, delay = (np.concatenate(column) for column in zip(*parts))
    order = np.argsort(i, kind="stable")
    s = b2.Synapses(cells, cells, "w : 1", on_pre=action)
    s.connect(i=i[order], j=j[order])
    s.w = weight[order]
    step = float(b2.defaultclock.dt / b2.ms)
    s.delay = np.maximum(np.rint(delay[order] / step), 1.0) * step * b2.ms
    return s


def backgrounds(network: dict[str, Any], model: Model, cells: Any) -> list[Any]:
    """Return the Poisson input; a thousand sources of a thousandth of the rate each are as good as Poisson."""
    made = []
    for b in network["backgrounds"]:
        variable = model.variable(b["synapse"])
        weight = f"{b['weight']}*int(not_refractory)" if variable == "v" else str(b["weight"])
        made.append(b2.PoissonInput(cells[model.span(b["target"])], variable, 1000, b["rate"] / 1000.0 * b2.Hz, weight))
    return made


def warm(net: Any, cells: Any, network: dict[str, Any], until: float) -> None:
    """Run to the time `until` (ms), with the currents that are on at first."""
    if network["currents"]:
        stop = max(c["stop"] for c in network["currents"])
        cells.kick = network["currents"][0]["amplitude"]
        net.run(stop * b2.ms)
        cells.kick = 0.0
        until -= stop
    net.run(until * b2.ms)


def run_program(folder: Path) -> tuple[float, float, float]:
    """Run the C++ program; return (seconds and processor seconds of its last run, peak of its memory)."""
    process = subprocess.Popen(["./main"], cwd=folder, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        seen = peak_mb(process.pid)
        peak = max(peak, seen) if seen == seen else peak
        time.sleep(0.02)
    if process.returncode:
        raise RuntimeError(f"the C++ program ended with code {process.returncode}")
    clocks = [float(line) for line in (folder / "results" / "cpu.txt").read_text().split()]
    return (
        float((folder / "results" / "last_run_info.txt").read_text().split()[0]),
        clocks[-1] - clocks[-2],
        peak,
    )


def main() -> None:
    asked = job()
    network, dt, folder = asked["network"], asked["dt"], Path(asked["folder"]) / "program"
    cpp = asked["mode"] == "cpp"
    b2.BrianLogger.log_level_error()
    if cpp:
        b2.set_device("cpp_standalone", build_on_run=False)
        b2.device.insert_code("after_network_run", CLOCK)
        b2.prefs.devices.cpp_standalone.openmp_threads = asked["threads"] if asked["threads"] > 1 else 0
    else:
        b2.prefs.codegen.target = "cython"
        if "cache" in asked:
            b2.prefs.codegen.runtime.cython.cache_dir = asked["cache"]
    rng = np.random.default_rng(network["seed"])
    b2.seed(network["seed"])
    b2.defaultclock.dt = dt * b2.ms
    clock = time.perf_counter()
    model = Model(network)
    cells = model.group(asked.get("method") or "exponential_euler", rng)
    made = connect(network, model, cells, rng)
    spikes = b2.SpikeMonitor(cells)
    net = b2.Network(cells, made, backgrounds(network, model, cells), spikes)
    warm(net, cells, network, asked["warm_ms"])
    built = time.perf_counter() - clock
    clock, cpu = time.perf_counter(), time.process_time()
    net.run(asked["model_ms"] * b2.ms)
    run, cpu, peak, first = time.perf_counter() - clock, time.process_time() - cpu, peak_mb(), 0.0
    if cpp:
        clock = time.perf_counter()
        b2.device.build(directory=str(folder), run=False)
        first = time.perf_counter() - clock
        run, cpu, peak = run_program(folder)
        b2.get_device().has_been_run = True
    times, ids = np.asarray(spikes.t / b2.ms), np.asarray(spikes.i)
    ids = ids[times > asked["warm_ms"]]
    n_synapses = int(sum(len(s) for s in made))
    answer(
        {
            "version": f"Brian {b2.__version__}",
            "neurons": model.n,
            "synapses": n_synapses,
            "build_s": built,
            "first_s": first,
            "run_s": run,
            "cpu_s": cpu,
            "real_time_factor": run / (1e-3 * asked["model_ms"]),
            "ns_per_neuron_step": 1e9 * run / (model.n * asked["model_ms"] / dt),
            "bytes_per_synapse": None,
            "peak_mb": peak,
            "spikes": int(ids.size),
            "rates": {
                name: 1e3 * int(((ids >= s.start) & (ids < s.stop)).sum()) / ((s.stop - s.start) * asked["model_ms"])
                for name, s in model.where.items()
            },
            "times": times.tolist() if asked.get("times") else [],
        }
    )


main()
