"""Writes data/papers.json: figures of Brian 2's own examples, for the models of examples/from_papers.

The originals are run as they stand (the few changes of their text stand below: how long, how many, which step), with
their plots made and thrown away; what is stored is read from their variables.  Made with brian2 2.9.0 and the folder
`examples` of its repository:

    python -m venv brian && brian/bin/pip install brian2 matplotlib scipy
    brian/bin/python tests/against/make_brian_papers.py .../brian2/examples [NAME...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np
from papers import Original, add

Names = dict[str, Any]


def trains(monitor: Any) -> tuple[np.ndarray, np.ndarray]:
    """Ids and times (ms) of a SpikeMonitor."""
    return np.asarray(monitor.i), np.asarray(monitor.t / b2.ms)


def rate(monitor: Any, n: int, start: float, stop: float) -> float:
    """Mean rate (Hz) of n neurons between two times (ms)."""
    times = trains(monitor)[1]
    return float(((times >= start) & (times < stop)).sum() / n / (stop - start) * 1000.0)


def tsodyks_pawelzik_markram(n: Names) -> dict[str, float]:
    """The first and the last maximum (mV) of each panel."""
    found = {}
    for panel, ax in zip("ABC", n["axes"]):
        v = ax.lines[0].get_ydata()
        peaks = v[1:-1][(v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:])]
        found |= {f"{panel} first": float(peaks[0]), f"{panel} last": float(peaks[-1])}
    return found


def diesmann(n: Names) -> dict[str, float]:
    """Spikes, mean time (ms) and spread of the volley in each group; the spontaneous spikes are left out."""
    ids, times = trains(n["Mgp"])
    found = {}
    for group in (0, 4, 9):
        t = times[(ids // 100 == group) & (times > 50.0) & (times < 75.0)]
        middle = np.median(t)
        t = t[np.abs(t - middle) < 5.0]
        found |= {f"spikes {group}": float(t.size), f"time {group}": float(t.mean()), f"sd {group}": float(t.std())}
    return found


def wang(n: Names) -> dict[str, float]:
    """Rates (Hz) of the two pools before the stimulus, in its second half, and after it."""
    found = {}
    for name, monitor in (("A", n["SME1"]), ("B", n["SME2"])):
        for span, window in (("before", (500, 1000)), ("late", (2000, 3000)), ("after", (3200, 4000))):
            found[f"{name} {span}"] = rate(monitor, n["subN"], *window)
    return found


def brunel_hakim(n: Names) -> dict[str, float]:
    """Rate of a neuron, and frequency of the population (Hz)."""
    _, times = trains(n["M"])
    counts = np.histogram(times, np.arange(200.0, 1000.01, 0.5))[0]
    power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
    frequencies = np.fft.rfftfreq(counts.size, 5e-4)
    smooth = np.convolve(power, np.ones(9) / 9.0, "same")
    return {"rate": rate(n["M"], 5000, 200.0, 1000.0), "frequency": float(frequencies[np.argmax(smooth)])}


def izhikevich_2007(n: Names) -> dict[str, float]:
    """Strength s and eligibility c, over gmax, where the protocol ends, and before the rewards."""
    m, gmax = n["synapse_stdp_monitor"], 0.01
    t = np.asarray(m.t / b2.ms)
    found = {}
    for at in (1200.0, 2900.0, 3500.0, 4100.0, 5900.0):
        k = int(np.argmin(np.abs(t - at)))
        found |= {f"s {at:g}": float(m.s[0, k] / gmax), f"c {at:g}": float(m.c[0, k] / gmax)}
    return found


def stimberg(n: Names) -> dict[str, float]:
    """Rates (Hz) in the second half."""
    return {"exc": rate(n["exc_mon"], 3200, 300.0, 1000.0), "inh": rate(n["inh_mon"], 800, 300.0, 1000.0)}


def tsodyks_uziel_markram(n: Names) -> dict[str, float]:
    """How often a second more than a tenth fire within 5 ms, the rates (Hz), and what has recovered (mean of x)."""
    a = np.convolve(n["net_activity"], np.ones(5), "same")  # share of neurons in 5 ms
    up = np.flatnonzero((a[1:] > 0.1) & (a[:-1] <= 0.1))
    bursts = up[np.insert(np.diff(up) > 50, 0, True)] if up.size else up
    return {
        "bursts": float(bursts.size / (a.size / 1000.0)),
        "exc": rate(n["spike_monitor_exc"], 400, 900.0, 5100.0),
        "inh": rate(n["spike_monitor_inh"], 100, 900.0, 5100.0),
        "x": float(np.mean(n["state_monitor_ee"].x)),
    }


def sturzl(n: Names) -> dict[str, float]:
    """Estimated angle (degrees) and spikes of all command neurons."""
    counts = np.asarray(n["nspikes"])
    return {"angle": float(n["phi_est"] / n["degree"]) % 360.0, "spikes": float(counts.sum())}


def vogels(n: Names) -> dict[str, float]:
    """Rates (Hz) in half seconds, and the mean weight (nS)."""
    found = {f"rate {k / 2:g}": rate(n["sm"], 8000, 500.0 * k, 500.0 * k + 500.0) for k in range(6)}
    return found | {"weight": float(np.mean(n["con_ie"].w))}


def rossant(n: Names) -> dict[str, float]:
    """Rates (Hz) without and with coincidences."""
    count = np.asarray(n["M"].count)
    return {"independent": float(count[:200].mean()), "coincident": float(count[200:].mean())}


def clopath(n: Names) -> dict[str, float]:
    """Weights after 15 pairings, over the first one: pre before post, and post before pre."""
    w = np.asarray(n["weight_result"]) / 100.0
    return {f"{order} {hz}": float(w[k, j]) for k, order in enumerate(("pre-post", "post-pre"))
            for j, hz in enumerate((1, 5, 10, 15, 20, 30, 50))}  # fmt: skip


def jansen_rit(n: Names) -> dict[str, float]:
    """Mean, sd and main frequency of y1 - y2 (mV, Hz) from 2 s on, by the number of contacts."""
    found = {}
    for k, contacts in enumerate((68, 128, 135, 270, 675, 1350)):
        y = np.asarray(n["sm"].y1[k] - n["sm"].y2[k])
        y = y[2 * y.size // 5 :]
        power = np.abs(np.fft.rfft(y - y.mean())) ** 2
        found |= {f"mean {contacts}": float(y.mean()), f"sd {contacts}": float(y.std())}
        found |= {f"frequency {contacts}": float(np.argmax(power) / 3.0)}
    return found


def gap_junctions(n: Names) -> dict[str, float]:
    """Resets of two of the cells, and the last of them (ms)."""
    found = {}
    t = np.asarray(n["trace"].t / b2.ms)
    for k, cell in enumerate((0, 5)):
        resets = t[:-1][np.diff(n["trace"].v[k]) < -0.5]
        found |= {f"resets {cell}": float(resets.size), f"last {cell}": float(resets[-1])}
    return found


def saturating(n: Names) -> dict[str, float]:
    """Conductance of each synapse at some times (ms), without unit."""
    m = n["M"]
    return {f"g{j} {at}": float(m.g_syn[j, 10 * at]) for j in (0, 1) for at in (100, 200, 500, 990)}


def brette_guigon(n: Names) -> dict[str, float]:
    """Rates (Hz) of the hundred neurons that hear least, and most, of the common signal."""
    ids, _ = trains(n["S"])
    return {"deaf": float((ids < 100).sum() / 400.0), "attentive": float((ids >= 400).sum() / 400.0)}


def platkiewicz(n: Names) -> dict[str, float]:
    """Rate (Hz), mean threshold (mV), and slope of threshold by slope of v (ms)."""
    slope, threshold = np.asarray(n["slope"]), np.asarray(b2.Quantity(n["threshold"]) / b2.mV)
    keep = slope > 0.5
    return {
        "rate": float(len(n["S"].i) / 200.0),
        "threshold": float(threshold.mean()),
        "by slope": float(np.polyfit(slope[keep], threshold[keep], 1)[0]),
    }


def jeffress(n: Names) -> dict[str, float]:
    """Coincidences, and how their places follow the angle."""
    ids, times = trains(n["spikes"])
    prefers = 0.5 * (1.0 + np.sin(2.0 * np.pi * times / 1000.0) / 1.1) * 29
    return {
        "spikes": float(ids.size),
        "near": float((np.abs(ids - prefers) < 2.0).mean()),
        "slope": float(np.polyfit(prefers, ids, 1)[0]),
    }


def licklider(n: Names) -> dict[str, float]:
    """Coincidences, the share of them at the tone or one below it, and the pitch heard (Hz, Hz/s)."""
    ids, times = trains(n["spikes"])
    heard, true = 50.0 * 20.0 ** (ids / 299.0), 200.0 + 0.4 * times
    ratio, late = true / heard, times > 30.0
    first = late & (np.abs(ratio - 1.0) < 0.1)
    slope, offset = np.polyfit(times[first] / 1000.0, heard[first], 1)
    share = (np.abs(ratio - np.round(ratio)) / ratio < 0.05)[late].mean()
    return {"spikes": float(ids.size), "share": float(share), "slope": float(slope), "offset": float(offset)}


Reader = Callable[[Names], dict[str, float]]
P = "frompapers/"
#: Example of ours: its original, how to read it, changes of its text, and how many runs.
ORIGINALS: dict[str, tuple[str, Reader, dict[str, str], int]] = {
    "tsodyks_pawelzik_markram": (P + "Tsodyks_Pawelzik_Markram_1998.py", tsodyks_pawelzik_markram, {
        "fig, axes = plt": "import brian2\nbrian2.defaultclock.dt = 0.01 * ms\nfig, axes = plt"}, 1),
    "izhikevich_2007": (P + "Izhikevich_2007.py", izhikevich_2007, {}, 1),
    "clopath": (P + "Clopath_et_al_2010_no_homeostasis.py", clopath, {}, 1),
    "gap_junctions": ("synapses/gapjunctions.py", gap_junctions, {}, 1),
    "saturating_synapses": ("synapses/nonlinear.py", saturating, {
        "M = StateMonitor(S, 'g',": "M = StateMonitor(S, 'g_syn',", "M.g.T": "M.g_syn.T"}, 1),
    "diesmann": (P + "Diesmann_et_al_1999.py", diesmann, {
        "duration = 100*ms": "duration = 100*ms; defaultclock.dt = 0.01*ms"}, 4),
    "sturzl": (P + "Sturzl_et_al_2000.py", sturzl, {}, 6),
    "jeffress": ("synapses/jeffress.py", jeffress, {}, 3),
    "licklider": ("synapses/licklider.py", licklider, {}, 2),
    "rossant": (P + "Rossant_et_al_2011bis.py", rossant, {
        "N=2,": "N=400,", "group[0:1]": "group[:200]", "group[1:]": "group[200:]",
        "SM = StateMonitor(group, 'v', record=True)": "SM = StateMonitor(group, 'v', record=[0, 1])"}, 2),
    "brette_guigon": (P + "Brette_Guigon_2003.py", brette_guigon, {"run(1000*ms": "run(4000*ms"}, 4),
    "platkiewicz": (P + "Platkiewicz_Brette_2011.py", platkiewicz, {
        "duration = 1*second": "defaultclock.dt = 0.02*ms; duration = 1*second"}, 2),
    "jansen_rit": (P + "Jansen_Rit_1995_single_column.py", jansen_rit, {
        "defaultclock.dt = .1*ms": "defaultclock.dt = .02*ms"}, 2),
    "stimberg": (P + "Stimberg_et_al_2018/example_1_COBA.py", stimberg, {"seed(11922)": ""}, 3),
    "brunel_hakim": (P + "Brunel_Hakim_1999.py", brunel_hakim, {"duration = .1*second": "duration = 1*second"}, 2),
    "vogels": (P + "Vogels_et_al_2011.py", vogels, {"simtime = 10*second": "simtime = 3*second"}, 2),
    "tsodyks_uziel_markram": (P + "Tsodyks_Uziel_Markram_2000.py", tsodyks_uziel_markram, {
        "np.random.seed(5)": "", "defaultclock.dt = 1 * ms": "defaultclock.dt = 0.1 * ms",
        '["x"], record=True': '["x"], record=range(200), dt=1 * ms'}, 1),
    "wang": (P + "Wang_2002.py", wang, {"coh = 12.8": "coh = 51.2"}, 1),
}  # fmt: skip

#: Those which are run long enough to be worth compiling.
COMPILED = ("clopath", "wang")

if __name__ == "__main__":
    for name in sys.argv[2:] or ORIGINALS:
        path, read, changes, runs = ORIGINALS[name]
        b2.prefs.codegen.target = "cython" if name in COMPILED else "numpy"
        for seed in range(1, runs + 1):
            b2.start_scope()
            b2.defaultclock.dt = 0.1 * b2.ms
            b2.seed(seed)
            np.random.seed(seed)
            add(Original(name, f"Brian {b2.__version__}", path), changes, Path(sys.argv[1]), read, seed)
