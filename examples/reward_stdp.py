"""Reinforcement learning: which of 2,000 synapses earned the reward that comes a second or two later?

A reward follows 1 to 2 s after a chosen pair of neurons has fired in order: a spike of the first has reached the second
within 20 ms before its own.  Until then every synapse sees other spikes.  Each keeps a fading trace of what its spikes
would have changed, and dopamine turns the traces into weights: only the chosen synapse is always among the traces.
E. M. Izhikevich, "Solving the distal reward problem through linkage of STDP and dopamine signaling", Cerebral Cortex
17:2443-2452 (2007), figure 1, in a smaller network and with rewards 1 to 2 s late instead of 1 to 3.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="a quarter of an hour of model time instead of an hour")
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
STOP, N, DT = 900e3 if options.quick else 3600e3, 100, 0.5  # ms, neurons, ms

rng = np.random.default_rng(options.seed)
pre, post = np.nonzero((rng.random((N, N)) < 0.2) & ~np.eye(N, dtype=bool))
delay = rng.integers(2, 41, pre.size) * DT
weight = np.where(np.arange(pre.size) == 0, 0.0, 1.0)  # the chosen synapse, the first, starts from nothing
stdp = ss.RewardSTDP(A_plus=0.1, A_minus=0.15, w_max=4.0, tau_c=1000.0, tau_d=200.0, pairing="nearest")
net = ss.Network(seed=options.seed)
exc = net.population("exc", N, ss.Izhikevich(), v=ss.uniform(-70.0, -55.0))
inh = net.population("inh", N // 4, ss.Izhikevich(a=0.1, d=2.0), v=ss.uniform(-70.0, -55.0))
net.background(exc + inh, rate=4.0, weight=16.0, synapse=ss.Delta())
pairs = ss.from_pairs(pre, post)
net.connect(exc, exc, pairs, weight=weight, delay=delay, synapse=ss.Delta(), plasticity=stdp, name="learning")
net.connect(exc, inh, ss.fixed_indegree(20), weight=1.0, delay=1.0, synapse=ss.Delta())
net.connect(inh, exc + inh, ss.fixed_indegree(5), weight=-1.0, delay=1.0, synapse=ss.Delta())
first, second = int(pre[0]), int(post[0])
net.record(exc[[first, second]], "spikes")

sim = ss.Simulation(net, dt=DT, threads=1)
due, seen, given, history = [], 0.0, [], []
while sim.time < STOP:
    result = sim.run(min(1000.0, STOP - sim.time, *(time - sim.time for time in due)), progress=False)
    if sim.time in due:
        due.remove(sim.time)
        sim.reward(0.03)
        given.append(sim.time)
    times, ids = result.spikes["exc"].times, result.spikes["exc"].ids
    arrivals, spikes = times[ids == first] + delay[0], times[(ids == second) & (times > seen)]
    for spike in spikes:
        if np.any((arrivals <= spike) & (arrivals >= spike - 20.0)):
            due.append(sim.grid.time(round((spike + rng.uniform(1000.0, 2000.0)) / DT)))
    seen = sim.time
    history.append((seen, *sim.synapses("learning").weight))

synapses = sim.synapses("learning")
chosen = 1 + int(np.flatnonzero((synapses.pre == first) & (synapses.post == second))[0])
time, weights = np.array(history)[:, 0] / 60e3, np.array(history)[:, 1:]
mine, others = weights[:, chosen - 1], np.delete(weights, chosen - 1, axis=1)
late = time > 0.5 * time[-1]
above = np.mean(others[late].mean(axis=0) < mine[late].mean())
print(f"{len(given)} rewards in {time[-1]:.0f} min; mean weights of its second half, of at most 4 mV:")
print(f"the chosen synapse {mine[late].mean():.2f}, the others {others[late].mean():.2f}; {above:.1%} are below it")
assert above > (0.95 if options.quick else 0.99)
figure, axes = plt.subplots(figsize=(8.6, 3.8), layout="constrained")
ss.plot.style.dressed(axes)
axes.fill_between(time, *np.percentile(others, [1, 99], axis=1), color="#d9d9d9", lw=0, label="98 % of the others")
axes.plot(time, others.mean(axis=1), color=ss.plot.style.GREY, label="their mean")
axes.plot(time, mine, color=ss.plot.style.VERMILION, label="the synapse that is followed by reward")
axes.plot(np.array(given) / 60e3, np.full(len(given), 4.15), "|", color=ss.plot.style.BLUE, ms=5, label="rewards")
axes.set(xlabel="Time (min)", ylabel="Weight (mV)", ylim=(0.0, 4.3))
axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
figure.savefig(options.out / "reward_stdp.png", dpi=150)
