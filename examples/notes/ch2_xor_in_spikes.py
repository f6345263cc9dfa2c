"""Section 2.1: XOR again, learnt by a network of LIF neurons (section 1.4) and run in spikes (section 1.7).

The hidden units are LIFRate, the tuning curve G of the neuron; what was learnt becomes a spiking network, one neuron a
unit, in which all four inputs run side by side.
"""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
data = learn.xor()
x, t = data.arrays()


def trained(seed, hidden=4):
    """Rate units learn: 2 - hidden - 1, the hidden ones LIF."""
    net = learn.Sequential(
        learn.Linear(2, hidden, seed=seed),
        learn.LIFRate(tau_m=20.0, t_ref=2.0),
        learn.Linear(hidden, 1, seed=seed + 100),
        learn.Logistic(),
    )
    optimizer = learn.Adam(net.parameters(), lr=0.05)
    learn.fit(net, data, loss=learn.BCELoss(), optimizer=optimizer, epochs=400, batch_size=None, progress=False)
    return net


seeds = range(3 if page.quick else 20)
nets = [trained(seed) for seed in seeds]
rates = [net(x).val for net in nets]
spikes = [learn.run_spiking(net, x, 200.0, seed=seed).outputs for seed, net in zip(seeds, nets)]

page.section("the output y after 200 ms, first seed", "rates", "spikes")
for (a, b), target, rate, spike in zip(x, t[:, 0], rates[0][:, 0], spikes[0][:, 0]):
    page.row(f"A = {a:.0f}, B = {b:.0f}: target {target:.0f}", rate, spike, within=0.05)
for name, outputs in (("rate units", rates), ("LIF neurons in the simulator", spikes)):
    solved = np.mean([np.all((y > 0.5) == t) for y in outputs])
    page.claim(f"{name}: all four right from every seed", solved == 1.0, f"{solved:.0%} of {len(nets)}")

net = learn.to_network(nets[0], x)  # an ordinary network: 4 neurons for each of the 4 inputs, and a read-out each
net.record(net["layer 1"], "spikes")
net.record(net["readout"], "v", every=1.0)
result = net.run(200.0, progress=False)
train, v = result.spikes["layer 1"], result.traces["readout"]["v"]

left, right = page.panels(1, 2, size=(4.4, 3.2))
for k, (a, b) in enumerate(x):
    own = train.ids // 4 == k
    left.plot(train.times[own], train.ids[own], "|", color=f"C{k}", markersize=7)
    mean = v.values[1:, k] / v.times[1:]
    right.plot(v.times[1:], 1.0 / (1.0 + np.exp(-mean)), color=f"C{k}", label=f"A = {a:.0f}, B = {b:.0f}")
left.set(xlabel="time (ms)", title="spikes: four hidden neurons for each input", ylim=(-1, 16))
left.set_yticks([1.5, 5.5, 9.5, 13.5], [f"A = {a:.0f}\nB = {b:.0f}" for a, b in x])
for edge in (3.5, 7.5, 11.5):
    left.axhline(edge, color="0.85", linewidth=0.8)
right.axhline(0.5, color="0.6", linestyle=":")
right.set(xlabel="time (ms)", ylabel="output y", ylim=(-0.02, 1.02), title="read from the mean filtered current")
page.done()
