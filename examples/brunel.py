"""The four regimes of a random network (Brunel 2000, J. Comput. Neurosci. 8:183-208, figure 8).

12,500 neurons, 15.6 million synapses; only inhibition g and external drive eta differ between the panels.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim.published import REGIMES, brunel, table

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="2,500 neurons, half of all pairs connected, 0.4 s")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

size = {"neurons": 2_500, "epsilon": 0.5} if options.quick else {}
start, stop = 200.0, 400.0 if options.quick else 1200.0

figure = plt.figure(figsize=(10.0, 6.4), layout="constrained")
grid = figure.add_gridspec(2, 2)
for cell, (name, regime) in zip(grid, REGIMES.items()):
    duration = 400.0 if name == "SR" else stop  # every neuron fires at 330 Hz there
    result = brunel(name, **size).run(duration, progress=False)
    print(f"\n{name}: {regime.title} (g = {regime.g:g}, eta = {regime.eta:g})")
    print(table(result, *regime.references, start=start))

    # the global oscillation: where the spectrum of the population's activity is highest
    spectrum = ss.analysis.spectrum(result.spikes["exc"].between(start), 0.5, segment=100.0)
    low = spectrum.frequencies > 8.0
    peak = spectrum.frequencies[low][np.argmax(spectrum.power[low])]
    published = "" if regime.frequency is None else f" (published {regime.frequency:g} Hz)"
    print(f"strongest global oscillation at {peak:.0f} Hz{published}")

    main, below = cell.subgridspec(2, 1, height_ratios=[2.0, 1.0], hspace=0.02).subplots(sharex=True)
    end = start + (50.0 if name == "SR" else 200.0)
    fifty = {"exc": result.spikes["exc"][:50]}
    ss.plot.raster(fifty, start=start, stop=end, ax=main)
    main.set(xlabel="", ylabel="Neuron")
    main.tick_params(labelbottom=False)
    main.set_title(f"{name}: {regime.title}, g = {regime.g:g}, η = {regime.eta:g}", loc="left", fontsize=9)
    ss.plot.rate(
        {"exc": result.spikes["exc"]},
        bin=0.5 if name == "SR" else 1.0,
        start=start,
        stop=end,
        ax=below,
    )
    below.set_ylabel("Rate (Hz)")
figure.savefig(options.out / "brunel.png", dpi=150)
