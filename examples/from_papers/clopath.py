"""Plasticity that sees the potential, and so the rate of pairs (Clopath et al. 2010, Nature Neurosci. 13:344).

15 pairs of spikes, 10 ms apart, at several rates (as in figure 2b): at low rates pre before post does little and post
before pre weakens, at high rates both strengthen, since the filtered potential of the target has not come back
between pairs (Sjostrom, Turrigiano and Nelson 2001).  The rule of Brian 2's `Clopath_et_al_2010_no_homeostasis`, for
neurons whose spike is a reset: the two low-pass filters of V jump by 10 mV at a spike in place of the depolarisation
that is not there.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim.jit import where

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Weight after 15 pairs over that before, by order and rate (Hz).
ORIGINAL = {
    "pre-post 1": 1.001, "pre-post 10": 1.002, "pre-post 20": 1.014, "pre-post 50": 1.118,
    "post-pre 1": 0.9648, "post-pre 10": 0.9619, "post-pre 20": 0.9567, "post-pre 50": 1.109,
}  # fmt: skip


@ss.plasticity(pre={"x": "tau_x"}, post={"u_1": ("v", "tau_1"), "u_2": ("v", "tau_2")})
class VoltageTriplet(NamedTuple):
    """w <- w - A_LTD [u_1 - theta]+ at a presynaptic spike, w <- w + A_LTP x [u_2 - theta]+ at one of the target."""

    A_LTD: float = 1.5e-4
    A_LTP: float = 1.5e-2
    theta: float = -70.0  # mV
    tau_x: float = 15.0  # ms
    tau_1: float = 40.0
    tau_2: float = 30.0
    step: float = 10.0  # mV, of both filters at a spike
    w_min: float = 0.0
    w_max: float = 1.0

    @ss.equation
    def on_pre(s, pre, post, p):
        return s.w - p.A_LTD * where(post.u_1 > p.theta, post.u_1 - p.theta, 0.0), pre.x + 1.0 / p.tau_x

    @ss.equation
    def on_post(s, pre, post, p):
        seen = where(post.u_2 > p.theta, post.u_2 - p.theta, 0.0)  # before the spike
        return s.w + p.A_LTP * pre.x * seen, (post.u_1 + p.step, post.u_2 + p.step)


RATES = [1.0, 5.0, 10.0, 15.0, 20.0, 30.0, 50.0]
net = ss.Network()
cell = ss.LIF(tau_m=10.0, C_m=300.0, E_L=-70.0, V_th=-50.0, V_reset=-70.0, t_ref=0.0)
for name, shift in (("first", 1.0), ("second", 11.0)):
    kicks = net.population(f"kicks of {name}", 7, ss.SpikeTimes([np.arange(15) * 1000.0 / r + shift for r in RATES]))
    cells = net.population(name, 7, cell)
    net.connect(kicks, cells, ss.one_to_one(), weight=30.0, delay=0.1, synapse=ss.Delta())
for order, pre, post in (("pre-post", "first", "second"), ("post-pre", "second", "first")):
    # (the synapse itself, of half a nS, hardly moves the target: left out, so that the weight has no unit)
    link = {"synapse": ss.Exponential(2.0), "plasticity": VoltageTriplet(), "name": order}
    net.connect(net[pre], net[post], ss.one_to_one(), weight=0.5, delay=0.1, dendritic_delay=0.1, **link)
weights = net.run(15_000.0, progress=False).weights
plt.style.use(ss.plot.LIGHT)
figure, ax = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
for order in ("pre-post", "post-pre"):
    found = weights[order].diagonal() / 0.5
    for rate, w in zip(RATES, found):
        wanted = ORIGINAL.get(f"{order} {rate:g}", w)
        print(f"{order}, {rate:g} Hz: {w:.4f}, the original {wanted:.4f}")
        assert abs(w - wanted) < 0.005
    ax.plot(RATES, found, "o-", label=order)
ax.set(xlabel="Rate of pairs (Hz)", ylabel="Weight / weight before")
ax.legend(frameon=False)
figure.savefig(options.out / "clopath.png", dpi=150)
