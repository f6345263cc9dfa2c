"""Ten pacemakers coupled by gap junctions (Brian 2's `gapjunctions`; Chow and Kopell 2000, Neural Comput. 12:1643).

    tau dv_i/dt = v_0 - v_i + sum_j w (v_j - v_i),    v > 1: v = 0

The current of a junction is continuous, and each reset pulls the others down.  All pairs are coupled alike, so that
between resets the mean relaxes with tau and the differences with tau / (1 + 10 w): a product of two exponentials,
which is what the picture's dashed line, computed without the simulator, shows.  (The original holds the currents for a
step of 0.1 ms, and is late by that at each spike.)  A cell alone has the interval tau ln(v_0 / (v_0 - 1)) = 30.4 ms.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: How often two of the cells fire in half a second, and when last (ms).
ORIGINAL = {"resets 0": 12, "last 0": 485.7, "resets 5": 12, "last 5": 465.8}

N, V_0, TAU, W, DT = 10, 1.05, 10.0, 0.02, 0.1
start = np.arange(N) / (N - 1.0)

net = ss.Network()
cell = ss.LIF(tau_m=TAU, C_m=TAU, E_L=0.0, V_th=1.0, V_reset=0.0, t_ref=0.0, I_e=V_0)
cells = net.population("cells", N, cell, v=start)
net.couple(cells, cells, ss.all_to_all(), conductance=W)
net.record(cells, "spikes", "v")
result = net.run(500.0, dt=DT, progress=False)
trains, v = result.spikes["cells"].lists(), result.traces["cells"]["v"]

# the same from step to step in closed form
exact, state, fast, slow = [], start.copy(), np.exp(-DT * (1.0 + N * W) / TAU), np.exp(-DT / TAU)
for _ in v.times:
    mean = state.mean()
    state = V_0 + (mean - V_0) * slow + (state - mean) * fast
    state[state >= 1.0] = 0.0
    exact.append(state)
error = np.abs(v.values - np.array(exact)).max()
print(f"Largest difference from the closed form: {error:.1e}")
assert error < 1e-4
for i in (0, 5):
    print(f"cell {i}: {len(trains[i])} spikes, the last at {trains[i][-1]:.1f} ms; ", end="")
    print(f"the original {ORIGINAL[f'resets {i}']} and {ORIGINAL[f'last {i}']} ms")
    assert len(trains[i]) == ORIGINAL[f"resets {i}"] and abs(trains[i][-1] - ORIGINAL[f"last {i}"]) < 1.5

plt.style.use(ss.plot.LIGHT)
figure, (above, below) = plt.subplots(2, 1, figsize=(8.0, 4.5), layout="constrained", sharex=True)
for i in (0, 5):
    above.plot(v.times, v.values[:, i], label=f"cell {i}")
above.plot(v.times, np.array(exact)[:, 5], "k--", linewidth=0.8, label="closed form")
above.set(ylabel="v", xlim=(0.0, 200.0), ylim=(-0.05, 1.2))
above.legend(ncols=3, loc="upper right")
ss.plot.raster(result, ax=below)
below.set(xlim=(0.0, 200.0))
figure.savefig(options.out / "gap_junctions.png", dpi=150)
