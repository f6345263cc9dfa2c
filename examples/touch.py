"""Touch fed as spikes: which way is a finger stroking, and how soon does a network know it?

A strip of skin with a receptor every millimetre.  Each millisecond the world says which of them fire, and the network
goes on.  A cell is excited by the receptor under it, and for a while inhibited by the one 3 mm off on the side from
which it does not answer: that inhibition comes before the excitation, or too late (Barlow and Levick 1965).  As soon as
one direction has the evidence the finger lifts, and comes down elsewhere: a closed loop.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="5 s of stroking instead of 30 s")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

STOP, SKIN, WIDTH, PEAK, AHEAD = 5_000.0 if options.quick else 30_000.0, 40, 1.5, 200.0, 3  # ms, mm, mm, Hz, mm
FORGET, ENOUGH, PAUSE = 50.0, 6.0, 120.0  # the evidence: spikes, forgotten in 50 ms; ms

net = ss.Network(seed=4)
touch = net.population("touch", SKIN, ss.SpikeInput())
cells = {way: net.population(way, SKIN, ss.LIF(V_reset=-70.0)) for way in ("rightward", "leftward")}
under = np.arange(AHEAD, SKIN - AHEAD)  # those with a receptor on either side
for way, ahead in (("rightward", AHEAD), ("leftward", -AHEAD)):
    net.connect(touch, cells[way], ss.from_pairs(under, under), weight=8.0, delay=1.0, synapse=ss.Delta())
    veto = ss.from_pairs(under + ahead, under)
    net.connect(touch, cells[way], veto, weight=-100.0, delay=1.0, synapse=ss.Exponential(40.0))

rng, sim = np.random.default_rng(4), ss.Simulation(net)
evidence, path, felt, told, lifted = {"rightward": 0.0, "leftward": 0.0}, [], [], [], 0.0
while sim.time < STOP:
    if lifted == sim.time:  # down it comes, somewhere, and goes one way or the other
        way, begun = rng.choice([-1.0, 1.0]), sim.time + PAUSE
        finger, speed = 0.5 * SKIN - way * rng.uniform(5.0, 15.0), way * rng.uniform(50.0, 110.0)  # mm, mm/s
        evidence = dict.fromkeys(evidence, 0.0)
    down = sim.time >= begun
    rate = down * PEAK * np.exp(-0.5 * ((np.arange(SKIN) - finger) / WIDTH) ** 2)
    spikes = np.flatnonzero(rng.random(SKIN) < 1e-3 * rate)
    felt += [(sim.time, place) for place in spikes]
    path.append((sim.time, finger if down else np.nan, evidence["rightward"] - evidence["leftward"]))
    fired = sim.step(1.0, spikes={"touch": spikes})
    for name in evidence:
        evidence[name] += fired[name].size - evidence[name] / FORGET
    finger += down * 1e-3 * speed
    sign = np.sign(path[-1][2])
    if abs(path[-1][2]) >= ENOUGH or not 0.0 <= finger < SKIN:
        told.append((sim.time, finger, sim.time - begun, sign == way, sign))
        lifted = sim.time

when, where, after, right, way = np.array(told).T
print(f"{right.mean():.0%} of {right.size} strokes told right, in the median {np.median(after):.0f} ms after touch")
assert right.size > 10 and right.mean() > 0.9

figure, (above, below) = plt.subplots(2, 1, figsize=(7.6, 4.6), sharex=True, layout="constrained", height_ratios=(3, 2))
times, fingers, difference = np.array(path[:3_000]).T
shown = np.array(felt)[np.array(felt)[:, 0] <= times[-1]]
above.plot(*shown.T, ".", color="0.6", ms=3, label="receptors")
above.plot(times, fingers, color=ss.plot.style.GREY, lw=1.0, label="finger")
for sign, mark, colour, name in (
    (1, "^", ss.plot.style.BLUE, "rightward"),
    (-1, "v", ss.plot.style.VERMILION, "leftward"),
):
    here = (way == sign) & (when <= times[-1])
    above.plot(when[here], where[here], mark, color=colour, ms=8, label=f"told: {name}")
    below.fill_between(times, 0.0, sign * np.maximum(sign * difference, 0.0), color=colour, lw=0)
    below.axhline(sign * ENOUGH, color="0.5", lw=0.8, ls=":")
above.set(ylabel="Place on the skin (mm)", ylim=(-1.5, SKIN + 0.5))
above.set_title("A finger that lifts as soon as its direction is known", loc="left", fontsize=10)
above.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
below.set(xlabel="Time (ms)", ylabel="Evidence (spikes)", xlim=(0.0, times[-1]))
for axes in (above, below):
    ss.plot.style.dressed(axes)
figure.savefig(options.out / "touch.png", dpi=150)
