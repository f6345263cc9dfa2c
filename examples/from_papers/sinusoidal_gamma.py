"""Trains whose rate is a sine, from Poisson to clockwork (NEST's `sinusoidal_gamma_generator`).

Intervals of a gamma law of shape a in operational time, the integral of the rate: the rate of the population follows
the sine, whatever a is (Barbieri, Quirk, Frank, Wilson and Brown 2001, J. Neurosci. Methods 105:25); only how regular
trains are differs.  In operational time the intervals have the coefficient of variation 1 / sqrt(a).
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer trains")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

MEAN, DEPTH, FREQUENCY, UNTIL, BIN = 100.0, 50.0, 10.0, 1000.0, 5.0  # Hz, Hz, Hz, ms, ms
trains = 400 if options.quick else 2000
sine = ss.Sine(amplitude=DEPTH, frequency=FREQUENCY, offset=MEAN)


def area(t):
    """The integral of the rate from 0 to t (spikes)."""
    omega = 2.0 * np.pi * FREQUENCY / 1000.0
    return (MEAN * t + DEPTH / omega * (1.0 - np.cos(omega * t))) / 1000.0


edges = np.arange(0.0, UNTIL + 1.0, BIN)
wanted = np.diff(area(edges)) / BIN * 1000.0
plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(2, 3, figsize=(10.0, 4.2), layout="constrained", sharex=True, sharey="row")
for (above, below), shape in zip(axes.T, (1.0, 3.0, 20.0)):
    net = ss.Network(seed=5)
    made = net.population("made", trains, ss.GammaTrain(sine, shape))
    net.record(made, "spikes")
    spikes = net.run(UNTIL, engine="event", progress=False).spikes["made"]
    counts = np.histogram(spikes.times, edges)[0]
    rate = counts / trains / BIN * 1000.0
    error = np.sqrt(wanted / trains / BIN * 1000.0)  # at most, that of Poisson trains
    assert np.all(np.abs(rate - wanted) <= 5.0 * error), np.abs((rate - wanted) / error).max()
    intervals = np.concatenate([np.diff(area(train)) for train in spikes.lists()])
    cv = intervals.std() / intervals.mean()
    print(f"shape {shape:g}: CV in operational time {cv:.4f}, theory {1 / np.sqrt(shape):.4f}")
    # an interval that the end cuts off is missing: as many as trains, the longer the likelier
    assert abs(cv * np.sqrt(shape) - 1.0) < 0.03 and abs(intervals.mean() - 1.0) < 0.02
    above.bar(edges[:-1], rate, BIN, align="edge", color="0.75")
    above.plot(edges[:-1] + 0.5 * BIN, wanted, linewidth=1.0)
    above.set_title(f"shape {shape:g}: CV {cv:.2f}", loc="left", fontsize=10)
    for i, train in enumerate(spikes[:20].lists()[:20]):
        below.plot(train, np.full(train.size, i), "|", color="k", markersize=3)
    below.set(xlabel="Time (ms)", xlim=(0.0, 400.0))
axes[0, 0].set_ylabel("Rate (Hz)")
axes[1, 0].set_ylabel("Train")
figure.savefig(options.out / "sinusoidal_gamma.png", dpi=150)
