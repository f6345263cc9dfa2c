"""Working memory: a cue leaves persistent activity (Brunel and Wang 2001, J. Comput. Neurosci. 11:63, figure 6).

800 pyramidal cells and 200 interneurons; five pools of 80 cells hold an object each: connected 2.1 times as strongly
within as between.  Cells fire spontaneously at 1 to 3 Hz (interneurons at some 9 Hz); a cue of 1 s to one pool lets it
fire on when the cue is gone, at 20 to 40 Hz, while the others stay as they were: by recurrent NMDA, of which a source's
channels saturate: of those closed a spike opens 1 - 1/e (alpha tau_rise = 1), at once and not within 2 ms.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import spikesim as ss
from spikesim.jit import exp

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)


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


PLUS, f = 2.1, 0.1
MINUS = 1.0 - f * (PLUS - 1.0) / (1.0 - f)
net = ss.Network(seed=1)
cell = {"E_L": -70.0, "V_th": -50.0, "V_reset": -55.0}
pyramidal = ss.LIF(tau_m=20.0, C_m=500.0, t_ref=2.0, **cell)
pools = [net.population(f"pool {k}", 80, pyramidal, v=-60.0) for k in range(5)]
rest = net.population("rest", 400, pyramidal, v=-60.0)
inh = net.population("inh", 200, ss.LIF(tau_m=10.0, C_m=200.0, t_ref=1.0, **cell), v=-60.0)
ampa, gaba, nmda = ss.ConductanceExponential(2.0, 0.0), ss.ConductanceExponential(10.0, -70.0), ss.MgNMDA(tau=100.0)
everyone = sum(pools[1:], pools[0]) + rest
links = [(pool, pool, PLUS) for pool in pools] + [(everyone, rest, 1.0), (everyone, inh, 1.0)]
for k, pool in enumerate(pools):
    links.append((sum(pools[:k] + pools[k + 1 :], rest), pool, MINUS))
for pre, post, factor in links:
    g_ampa, g_nmda = (0.081, 0.258) if post is inh else (0.104, 0.327)  # nS
    link = {"rule": ss.all_to_all(), "delay": 0.5}
    net.connect(pre, post, weight=factor * g_ampa, synapse=ampa, **link)
    net.connect(pre, post, weight=factor * g_nmda, synapse=nmda, release=Saturating(), name=f"N {pre} {post}", **link)
net.connect(inh, everyone, ss.all_to_all(), weight=1.25, delay=0.5, synapse=gaba)
net.connect(inh, inh, ss.all_to_all(), weight=0.973, delay=0.5, synapse=gaba)
net.background(everyone, rate=2400.0, weight=2.08, synapse=ampa)
net.background(inh, rate=2400.0, weight=1.62, synapse=ampa)
net.background(pools[0], rate=800 * 0.1, weight=2.08, synapse=ampa, start=1000.0, stop=2000.0)  # the cue
net.record(everyone + inh, "spikes")
result = net.run(4000.0, progress=False)

before, after = (500.0, 1000.0), (2500.0, 4000.0)
for name, window, low, high in (
    ("pool 0", before, 0.5, 6.0),
    ("inh", before, 5.0, 14.0),
    ("pool 0", after, 18.0, 45.0),
    ("pool 3", after, 0.1, 6.0),
):
    found = result.spikes[name].rate(*window)
    print(f"{name}, {window[0]:.0f} to {window[1]:.0f} ms: {found:.1f} Hz")
    assert low < found < high

figure = ss.plot.rate(result).figure
figure.savefig(options.out / "brunel_wang.png", dpi=150)
