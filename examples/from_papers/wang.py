"""A decision by slow reverberation (Wang 2002, Neuron 36:955; Brian 2's `Wang_2002`).

Two pools of 240 neurons, each strongly connected within itself, hear noisy evidence from 1 to 3 s, of coherence 51.2
%: 60 against 20 Hz a neuron.  Inhibition lets one of them win, NMDA receptors keep it firing when the evidence is
gone.  Channels of a source saturate: of those closed a spike opens 1 - 1/e (alpha tau_rise = 1), at once and not
within 2 ms as in the original; a release of one's own.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np

import spikesim as ss
from spikesim.jit import exp

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Rates (Hz) of both pools before the stimulus, in its second half and after it; of one run.
ORIGINAL = {"A before": 2.117, "A late": 33.57, "A after": 19.88, "B before": 1.9, "B late": 1.429}


@ss.release(states=("s",))
class Saturating(NamedTuple):
    """s falls off with tau; a spike opens a share of the channels that are closed."""

    tau: float = 100.0  # ms

    @ss.equation
    def between(s, dt, p):
        return (s[0] * exp(-dt / p.tau),)

    @ss.equation
    def on_spike(s, p):
        opened = (1.0 - exp(-1.0)) * (1.0 - s[0])
        return (s[0] + opened,), opened


PLUS, MINUS = 1.7, 1.0 - 0.15 * 0.7 / 0.85
net = ss.Network(seed=1)
cell = {"E_L": -70.0, "V_th": -50.0, "V_reset": -55.0}
pyramidal = ss.LIF(tau_m=20.0, C_m=500.0, t_ref=2.0, **cell)
A, B, rest = (net.population(name, n, pyramidal, v=-52.0) for name, n in (("A", 240), ("B", 240), ("rest", 1120)))
inh = net.population("inh", 400, ss.LIF(tau_m=10.0, C_m=200.0, t_ref=1.0, **cell), v=-52.0)
ampa, gaba, nmda = ss.ConductanceExponential(2.0, 0.0), ss.ConductanceExponential(5.0, -70.0), ss.MgNMDA(tau=100.0)
everyone = A + B + rest
for pre, post, factor in (
    (A, A, PLUS), (B + rest, A, MINUS), (B, B, PLUS), (A + rest, B, MINUS), (everyone, rest, 1.0), (everyone, inh, 1.0),
):  # fmt: skip
    g_ampa, g_nmda = (0.04, 0.13) if post is inh else (0.05, 0.165)  # nS
    link = {"rule": ss.all_to_all(), "delay": 0.5}
    net.connect(pre, post, weight=factor * g_ampa, synapse=ampa, **link)
    net.connect(
        pre, post, weight=factor * g_nmda, synapse=nmda, release=Saturating(), name=f"NMDA {pre} {post}", **link
    )
net.connect(inh, everyone, ss.all_to_all(), weight=1.3, delay=0.5, synapse=gaba)
net.connect(inh, inh, ss.all_to_all(), weight=1.0, delay=0.5, synapse=gaba)
net.background(everyone, rate=2400.0, weight=2.1, synapse=ampa)
net.background(inh, rate=2400.0, weight=1.62, synapse=ampa)
rng = np.random.default_rng(1)
for pool, mean in ((A, 40.0 * 1.512), (B, 40.0 * 0.488)):
    evidence = ss.Steps(np.arange(1000.0, 3000.0, 50.0), rng.normal(mean, 4.0, 40).clip(0.0))
    net.background(pool, rate=evidence, weight=2.1, synapse=ampa, stop=3000.0)
net.record(A + B, "spikes")
result = net.run(4000.0, progress=False)

WINDOWS = {"before": (500.0, 1000.0), "late": (2000.0, 3000.0), "after": (3200.0, 4000.0)}
for key, wanted in ORIGINAL.items():
    found = result.spikes[key.split()[0]].rate(*WINDOWS[key.split()[1]])
    print(f"{key}: {found:.1f} Hz, the original {wanted:.1f} Hz")
    assert abs(found - wanted) < 0.15 * wanted + 2.0

figure = ss.plot.rate(result).figure
figure.savefig(options.out / "wang.png", dpi=150)
