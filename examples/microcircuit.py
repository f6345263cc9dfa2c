"""The cortical microcircuit of Potjans and Diesmann (2014) at any scale, beside what is published of it.

T. C. Potjans and M. Diesmann, Cereb. Cortex 24:785-806 (2014); scaled after S. J. van Albada, M. Helias and
M. Diesmann, PLoS Comput. Biol. 11:e1004490 (2015).  At --scale 1 there are 77,169 neurons and 299 million
synapses, which take some 2.5 GB.
"""

import argparse
from pathlib import Path

from matplotlib import pyplot as plt

import spikesim as ss
from spikesim.published import MICROCIRCUIT_REFERENCES, POPULATIONS, SCALED_REFERENCE, microcircuit, table

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="scale 0.05 for 1 s")
parser.add_argument("--scale", type=float, default=0.2)
parser.add_argument("--duration", type=float, default=10_000.0, help="ms")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
if options.quick:
    options.scale, options.duration = 0.05, 1000.0

net = microcircuit(options.scale)
print(net.summary().splitlines()[0])
result = net.run(options.duration)
start = min(500.0, 0.2 * options.duration)
references = [*MICROCIRCUIT_REFERENCES, SCALED_REFERENCE] if options.scale == 0.1 else MICROCIRCUIT_REFERENCES
print(table(result, *references, start=start))

figure = plt.figure(figsize=(10.0, 5.2), layout="constrained")
grid = figure.add_gridspec(2, 2, width_ratios=[1.7, 1.0])
main = figure.add_subplot(grid[:, 0])
ss.plot.raster(result, start=start, stop=start + 400.0, ax=main)
main.set_title(f"Scale {options.scale:g}", loc="left", fontsize=10)
trains = [result.spikes[name].between(start) for name in POPULATIONS]
colours = ss.plot.style.colours(POPULATIONS)
published, independent = MICROCIRCUIT_REFERENCES
for place, label, runs, known in (
    (0, "Rate (Hz)", [t.rates() for t in trains], published.rates),
    (1, "CV of intervals", [t.cvs()[t.counts() >= 5] for t in trains], independent.cvs),
):
    panel = ss.plot.style.dressed(figure.add_subplot(grid[place, 1]))
    boxes = panel.boxplot(runs, widths=0.6, showfliers=False, patch_artist=True, showmeans=True)
    for box, mean, line, colour in zip(boxes["boxes"], boxes["means"], boxes["medians"], colours):
        box.set(facecolor=colour, alpha=0.6, linewidth=0.8)
        mean.set(marker="o", markerfacecolor="white", markeredgecolor="black", markersize=4)
        line.set(color="black")
    panel.plot(range(1, 9), [known[n] for n in POPULATIONS], "k_", markersize=16, markeredgewidth=2)
    panel.set_xticks(range(1, 9), POPULATIONS)
    panel.set(ylabel=label, ylim=(0.0, None))
    if place == 0:
        handles = [boxes["means"][0], panel.lines[-1]]
        panel.legend(handles, ["mean of this run", "published mean"], frameon=False, fontsize=8)
figure.savefig(options.out / "microcircuit.png", dpi=150)
