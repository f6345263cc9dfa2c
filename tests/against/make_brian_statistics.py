"""Writes data/brian_statistics.json: the COBAHH benchmark in Brian 2 (six seeds so far; a run adds the rest).

Brette et al. (2007), benchmark 3: 4,000 Traub-Miles cells (20,000 um^2), 3,200 excitatory, 2 % of all pairs,
conductances of 6 and 67 nS.  At dt = 0.1 ms the benchmark is not converged (9 % in the rate), so its steps
here are 0.02 ms (exponential Euler).  50 ms of 200 pA start it.  A spike is an upward crossing of 0 mV.
Made with brian2 2.9.0, cython 3, numpy 2.3, Python 3.11 (all from PyPI):

    python -m venv brian && brian/bin/pip install brian2 "numpy<2.4"
    brian/bin/python tests/against/make_brian_statistics.py
"""

from __future__ import annotations

import brian2 as b2
import numpy as np
from brian2 import Hz, cm, ms, msiemens, mV, nS, pA, pF, second, ufarad, um  # noqa: F401  (units in equations)
from firing import firing, known, store

DT, WINDOW = 0.02, (300.0, 1300.0)
EQUATIONS = """
dv/dt = (gl*(El-v) + ge*(Ee-v) + gi*(Ei-v) - g_na*(m*m*m)*h*(v-ENa) - g_kd*(n*n*n*n)*(v-EK) + kick)/Cm : volt
dm/dt = alpha_m*(1-m) - beta_m*m : 1
dn/dt = alpha_n*(1-n) - beta_n*n : 1
dh/dt = alpha_h*(1-h) - beta_h*h : 1
dge/dt = -ge/(5*ms) : siemens
dgi/dt = -gi/(10*ms) : siemens
kick = 200*pA*int(t < 50*ms) : amp
alpha_m = 0.32*(mV**-1)*4*mV/exprel((13*mV-v+VT)/(4*mV))/ms : Hz
beta_m = 0.28*(mV**-1)*5*mV/exprel((v-VT-40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV-v+VT)/(18*mV))/ms : Hz
beta_h = 4./(1+exp((40*mV-v+VT)/(5*mV)))/ms : Hz
alpha_n = 0.032*(mV**-1)*5*mV/exprel((15*mV-v+VT)/(5*mV))/ms : Hz
beta_n = .5*exp((10*mV-v+VT)/(40*mV))/ms : Hz
"""
CONSTANTS = {
    "Cm": 200 * pF,
    "gl": 10 * nS,
    "El": -60 * mV,
    "EK": -90 * mV,
    "ENa": 50 * mV,
    "g_na": 20_000 * nS,
    "g_kd": 6_000 * nS,
    "VT": -63 * mV,
    "Ee": 0 * mV,
    "Ei": -80 * mV,
}


def run(seed: int) -> dict[str, dict[str, float]]:
    """One seed of the benchmark."""
    b2.start_scope()
    b2.seed(seed)
    rng = np.random.default_rng(seed)
    b2.defaultclock.dt = DT * ms
    cells = b2.NeuronGroup(
        4000,
        EQUATIONS,
        threshold="v > 0*mV",
        refractory="v > 0*mV",
        method="exponential_euler",
        namespace=CONSTANTS,
    )
    cells.v = rng.uniform(-70.0, -60.0, 4000) * mV
    synapses = []
    for population, jump in ((cells[:3200], "ge += 6*nS"), (cells[3200:], "gi += 67*nS")):
        synapses.append(b2.Synapses(population, cells, on_pre=jump))
        synapses[-1].connect(p=0.02)
    spikes = b2.SpikeMonitor(cells)
    b2.Network(cells, spikes, *synapses).run(WINDOW[1] * ms, namespace=CONSTANTS)
    times, ids = np.asarray(spikes.t / ms), np.asarray(spikes.i)
    exc = ids < 3200
    return {
        "exc": firing(times[exc], ids[exc], 3200, *WINDOW),
        "inh": firing(times[~exc], ids[~exc] - 3200, 800, *WINDOW),
    }


if __name__ == "__main__":
    for seed in range(1, 11):
        if not known("brian_statistics", "cobahh", seed):
            found = run(seed)
            facts = {"peer": f"Brian {b2.__version__}", "dt": DT, "window": WINDOW}
            store("brian_statistics", "cobahh", seed, facts, found)
            print(seed, {n: {k: round(x, 4) for k, x in v.items()} for n, v in found.items()}, flush=True)
