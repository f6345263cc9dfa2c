"""Spike times of Hodgkin-Huxley cells by the event engine converge to SciPy's as the tolerance falls.

Each cell has steps of its own, as long as rtol and atol allow, and its spikes are found on the path between them; the
reference is the Dormand-Prince method of order 8 (Hairer, Norsett and Wanner 1993) at rtol = 1e-13.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from scipy.integrate import solve_ivp

import spikesim as ss
from spikesim.neurons import Input

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer tolerances")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

DURATION = 100.0
TOLERANCES = 10.0 ** -np.arange(3.0, 9.0 if options.quick else 13.0)


def by_scipy(cell, current):
    """Upward crossings of V_spike under a constant current, from rest."""
    equation, u = type(cell).slope, Input(current, 0.0)

    def margin(t, s):
        return s[0] - cell.V_spike

    margin.direction = 1.0
    path = solve_ivp(
        lambda t, s: equation(s, u, cell), (0.0, DURATION), [float(x) for x in type(cell).rest(cell)],
        "DOP853", events=margin, rtol=1e-13, atol=1e-15,
    )  # fmt: skip
    return path.t_events[0]


def by_events(cell, current, rtol):
    """The same by the event engine."""
    net = ss.Network()
    one = net.population("cell", 1, cell)
    net.inject(one, ss.DC(current))
    net.record(one, "spikes")
    result = net.run(DURATION, engine="event", rtol=rtol, atol=max(1e-3 * rtol, 1e-14), threads=1, progress=False)
    return result.spikes["cell"].times


plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(figsize=(5.0, 3.8), layout="constrained")
for cell, current in ((ss.HodgkinHuxley(), 1000.0), (ss.TraubMiles(), 500.0)):
    reference = by_scipy(cell, current)
    errors = [np.abs(by_events(cell, current, rtol) - reference).max() for rtol in TOLERANCES]
    axes.loglog(TOLERANCES, errors, "o-", label=f"{type(cell).__name__}, {reference.size} spikes")
    for rtol, error in zip(TOLERANCES, errors):
        print(f"{type(cell).__name__}: rtol {rtol:.0e}, largest error of a spike time {error:.1e} ms")
    assert reference.size > 3 and errors[-1] < 100.0 * TOLERANCES[-1]
axes.loglog(TOLERANCES, TOLERANCES, ":", color="grey", label="error (ms) = rtol")
axes.set(xlabel="Tolerance rtol", ylabel="Largest error of a spike time (ms)")
axes.legend(frameon=False, fontsize=8)
figure.savefig(options.out / "tolerance.png", dpi=150)
