"""Brunel's phase diagram: rate and irregularity over inhibition g and drive eta, a run a point, on all cores.

The table stands in a file that is whole after every run: stop it, start it again, and it goes on.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="a coarse and small diagram")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

SIZE, EPSILON = (1_000, 0.5) if options.quick else (5_000, 0.2)  # hundreds of inputs a neuron, as the theory wants


def build(g, eta, seed):
    """The random network of Brunel (2000) for one pair of g and eta."""
    return ss.published.brunel((g, eta), neurons=SIZE, epsilon=EPSILON, seed=seed)


def measure(result):
    """Rate (Hz) and CV of the intervals after the first 100 ms."""
    train = result.spikes["exc"]
    cv = train.cv()
    return {"rate": train.rate(start=100.0), "cv": float(np.nanmean(cv)) if np.isfinite(cv).any() else 0.0}


if __name__ == "__main__":
    coarse = 4 if options.quick else 9
    grid = {"g": np.linspace(2.0, 8.0, coarse), "eta": np.linspace(0.5, 4.0, coarse)}
    table = ss.sweep(
        build, grid, measure=measure, duration=300.0 if options.quick else 600.0, out=options.out / "phase_diagram.h5"
    )
    failed = [error for error in table["error"] if error]
    assert not failed, failed[0]
    weak, strong = (table["g"] == g for g in grid["g"][[0, -1]])
    print(f"{len(table)} runs; g = {grid['g'][0]:g}: {table['rate'][weak].max():.0f} Hz at most")
    print(f"g = {grid['g'][-1]:g}: {table['rate'][strong].max():.0f} Hz at most, CV {table['cv'][strong].max():.2f}")
    assert table["rate"][weak].max() > 2.0 * table["rate"][strong].max()
    plt.style.use(ss.plot.LIGHT)
    figure, axes = plt.subplots(1, 2, figsize=(9.0, 3.8), layout="constrained")
    for ax, name, title in zip(axes, ("rate", "cv"), ("Rate (Hz)", "CV of intervals")):
        ss.plot.heatmap(table, "g", "eta", name, ax=ax)
        ax.set_title(title, loc="left", fontsize=10)
    figure.savefig(options.out / "phase_diagram.png", dpi=150)
