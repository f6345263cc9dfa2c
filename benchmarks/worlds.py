"""WORLDS: what do thirty trials of BRUNEL cost, one after the other or side by side on one wiring?

"runs": each trial is built anew and runs on all cores.  "worlds": one wiring, a trial a thread.  A world's spikes are
those of a run of its own: the first and the last are compared, and must not differ.  Wall seconds, the two in turn.

    python -m benchmarks.worlds
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import spikesim as ss
from spikesim import published

#: 12,500 neurons, 15.6 million synapses.
NEURONS, EPSILON = 12_500, 0.1


def network() -> ss.Network:
    """Return the network."""
    return published.brunel("AI", neurons=NEURONS, epsilon=EPSILON)


def runs(trials: int, duration: float) -> list[ss.Result]:
    """Run trials one after the other, on all cores, each from its description."""
    results = []
    for k in range(trials):
        with ss.Simulation(network()) as first, first.branch(1, seeds=[k])[0] as trial:
            results.append(trial.run(duration, progress=False))
    return results


def side_by_side(trials: int, duration: float) -> list[ss.Result]:
    """Run them as worlds."""
    with ss.worlds(network(), trials, seeds=range(trials)) as many:
        return many.run(duration, progress=False)


def main() -> None:
    """Print a row for each way and how much faster the second is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--ms", type=float, default=200.0)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    side_by_side(1, 10.0)  # compiled
    for _ in range(options.rounds):
        taken, found = [], []
        for way in (runs, side_by_side):
            begun = time.perf_counter()
            found.append(way(options.trials, options.ms))
            taken.append(time.perf_counter() - begun)
        for k in (0, -1):
            a, b = (results[k].spikes["exc"] for results in found)
            assert np.array_equal(a.times, b.times) and np.array_equal(a.ids, b.ids), "a world differs from its run"
        print(f"runs {taken[0]:6.1f} s   worlds {taken[1]:6.1f} s   {taken[0] / taken[1]:.2f} times")


if __name__ == "__main__":
    main()
