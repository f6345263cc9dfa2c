"""A column that makes alpha waves, or spikes as in epilepsy (Jansen and Rit 1995, Biol. Cybern. 73:357, figure 3).

Three populations by their mean potentials: second-order filters and sigmoids, six states and no spike.  What is seen
in an electroencephalogram is y_1 - y_2.  With 135 contacts it oscillates at the 10 Hz of the alpha rhythm, with fewer
it only passes on noise, with 270 and more it settles at other rates.  With 135 the sd is 1 to 1.8 mV, as the noise has
it. Noise, from 120 to 320 pulses per second, changes every 2 ms; figures are those of Brian 2's
`Jansen_Rit_1995_single_column`.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim.jit import exp

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Mean and sd of y_1 - y_2 (mV), and its main frequency (Hz), by contacts; mean of two runs.
ORIGINAL = {
    "mean 68": 10.49, "mean 128": 7.842, "mean 135": 7.624, "mean 270": -5.547, "mean 1350": -11.88,
    "sd 68": 0.4252, "sd 270": 11.79, "frequency 135": 10.5, "frequency 270": 5.167,
}  # fmt: skip


@ss.model(states=("y_0", "y_1", "y_2", "y_3", "y_4", "y_5"))
class Column(NamedTuple):
    """y'' = (A S - 2 y' - y / tau) / tau of three populations; here y' is a second, y_3 = dy_0/dt in 1/s."""

    C: float  # contacts
    A: float = 3.25  # mV
    B: float = 22.0
    tau_e: float = 10.0  # ms
    tau_i: float = 20.0
    e_0: float = 5.0  # largest rate, 1/s
    v_0: float = 6.0  # mV; the slope there is 0.56 / mV

    @ss.equation
    def slope(s, u, p):
        y_0, y_1, y_2, y_3, y_4, y_5 = s
        pyramidal = p.e_0 / (1.0 + exp(0.56 * (p.v_0 - y_1 + y_2)))
        excited = u.current + 0.8 * p.C * p.e_0 / (1.0 + exp(0.56 * (p.v_0 - p.C * y_0)))
        inhibited = 0.25 * p.C * p.e_0 / (1.0 + exp(0.56 * (p.v_0 - 0.25 * p.C * y_0)))
        return (
            0.001 * y_3,
            0.001 * y_4,
            0.001 * y_5,
            (p.A * pyramidal - 2.0 * y_3 - 1000.0 * y_0 / p.tau_e) / p.tau_e,
            (p.A * excited - 2.0 * y_4 - 1000.0 * y_1 / p.tau_e) / p.tau_e,
            (p.B * inhibited - 2.0 * y_5 - 1000.0 * y_2 / p.tau_i) / p.tau_i,
        )


CONTACTS = np.array([68.0, 128.0, 135.0, 270.0, 675.0, 1350.0])
net = ss.Network()
columns = net.population("columns", 6, Column(C=CONTACTS), **dict.fromkeys(Column.states, 0.0))
net.inject(columns, ss.Steps(np.arange(4000) * 2.0, np.random.default_rng(1).uniform(120.0, 320.0, 4000)))
net.record(columns, "y_1", "y_2", every=1.0)
traces = net.run(8000.0, progress=False).traces["columns"]
y = traces["y_1"].values - traces["y_2"].values
plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(6, 1, figsize=(8.0, 7.0), layout="constrained", sharex=True)
late = y[2000:]
peaks = np.abs(np.fft.rfft(late - late.mean(axis=0), axis=0)).argmax(axis=0)
for k, (ax, contacts) in enumerate(zip(axes, CONTACTS)):
    found = {"mean": late[:, k].mean(), "sd": late[:, k].std(), "frequency": peaks[k] / 6.0}
    for what, value in found.items():
        wanted = ORIGINAL.get(f"{what} {contacts:g}", value)
        print(f"{contacts:g} contacts, {what}: {value:.2f}, the original {wanted:.2f}")
        assert abs(value - wanted) < {"mean": 0.06, "sd": 0.1, "frequency": 0.15}[what] * abs(wanted)
    ax.plot(traces["y_1"].times, y[:, k], linewidth=0.8)
    ax.set(ylabel=f"C = {contacts:g}", xlim=(5000.0, 8000.0), xlabel="Time (ms)" if k == 5 else "")
figure.savefig(options.out / "jansen_rit.png", dpi=150)
