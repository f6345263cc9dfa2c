"""The distal reward problem (Izhikevich 2007, Cerebral Cortex 17:2443, figure 1c; Brian 2's `Izhikevich_2007`).

Two neurons fire by turns.  With ordinary STDP a pair changes the weight at once.  With dopamine it leaves a tag, the
eligibility c, which falls off with 1 s; the weight moves only when dopamine d comes, 10 ms or more after the pair:

    dc/dt = -c / tau_c + STDP,    ds/dt = c d,    dd/dt = -d / tau_d + rewards
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

#: Strength over its maximum after the pairs of each kind, before the rewards and after them.
ORIGINAL = {"s 1200": 0.006886, "s 2900": 0.000518, "s 4100": 0.003335, "s 5900": 0.00452}

G_MAX, A = 0.01, 0.01 * 0.01
STEP = {"A_plus": A, "A_minus": 1.05 * A, "tau_plus": 20.0, "tau_minus": 20.0, "w_min": -G_MAX, "w_max": G_MAX}
REWARDS = [(520.0, 5e-3), (1020.0, 5e-3), (1520.0, 5e-3)]  # ms, 1/ms
#: Kicks (ms): a far pair, pre before post, post before pre.
KICKS = [[500.0, 1000.0, 1510.0], [550.0, 1010.0, 1500.0]]


def strength(plasticity, first):
    """The strength over time in one of the two halves, 3 s long, from `first` on."""
    net = ss.Network()
    kicks = net.population("kicks", 2, ss.SpikeTimes(KICKS))
    cells = net.population("cells", 2, ss.LIF(tau_m=10.0, C_m=10.0, E_L=-74.0, V_th=-54.0, V_reset=-60.0, t_ref=0.1))
    net.connect(kicks, cells, ss.one_to_one(), weight=30.0, delay=0.1, synapse=ss.Delta())
    learns = net.connect(
        cells[:1],
        cells[1:],
        ss.one_to_one(),
        weight=first,
        delay=0.1,
        dendritic_delay=0.1,  # the rule sees a presynaptic spike when it is emitted, the other a step late
        synapse=ss.ConductanceExponential(5.0, 0.0),
        plasticity=plasticity,
        name="s",
    )
    net.record(learns, "w", every=1.0)
    trace = net.run(3000.0, progress=False).traces["s"]["w"]
    return trace.times, trace.values[:, 0]


times, classical = strength(ss.STDP(**STEP), 0.0)
_, rewarded = strength(ss.RewardSTDP(**STEP, tau_c=1000.0, tau_d=200.0, rewards=REWARDS), classical[-1])
t, s = np.append(times, times + 3000.0), np.append(classical, rewarded) / G_MAX
for key, wanted in ORIGINAL.items():
    found = s[np.searchsorted(t, float(key.split()[1]))]
    print(f"{key} ms: {found:.5f}, the original {wanted:.5f}")
    assert abs(found - wanted) < 0.03 * max(abs(v) for v in ORIGINAL.values())

plt.style.use(ss.plot.LIGHT)
figure, ax = plt.subplots(figsize=(8.0, 3.0), layout="constrained")
ax.plot(t / 1000.0, s)
for half in (0.0, 3.0):
    for row in (0, 1):
        ax.plot(np.array(KICKS[row]) / 1000.0 + half, np.full(3, -0.005 - 0.001 * row), "|", color=f"C{row + 1}")
ax.plot([3.0 + at / 1000.0 for at, _ in REWARDS], np.full(3, -0.004), "v", color="C3", label="reward")
ax.set(xlabel="Time (s)", ylabel="Strength / maximum", title="left: classical, right: with dopamine")
ax.legend(frameon=False)
figure.savefig(options.out / "izhikevich_2007.png", dpi=150)
