"""Activity that sustains itself: the CUBA, COBA and COBAHH benchmarks (Brette et al. 2007).

R. Brette et al., "Simulation of networks of spiking neurons", J. Comput. Neurosci. 23:349-398 (2007), after
T. P. Vogels and L. F. Abbott, J. Neurosci. 25:10786-10795 (2005).  4,000 neurons, no input from outside.
"""

import argparse
from pathlib import Path

from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import published

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="0.5 s instead of 1.3 s")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
stop = 500.0 if options.quick else 1300.0

benchmarks = (
    ("CUBA: currents", published.cuba(), published.CUBA_REFERENCE, 0.1),
    ("COBA: conductances", published.coba(), published.COBA_REFERENCE, 0.1),
    ("COBAHH: Traub-Miles neurons", published.cobahh(), published.COBAHH_REFERENCE, 0.05),
)
figure = plt.figure(figsize=(10.0, 4.2), layout="constrained")
for cell, (title, net, reference, dt) in zip(figure.add_gridspec(1, 3), benchmarks):
    result = net.run(stop, dt=dt, progress=False)
    print(f"\n{title}, dt = {dt:g} ms: {result.stats['real_time_factor']:.2f} s for a second")
    print(published.table(result, reference, start=300.0))
    panels = cell.subgridspec(2, 1, height_ratios=[3.0, 1.0]).subplots(sharex=True)
    some = {"exc": result.spikes["exc"][:200], "inh": result.spikes["inh"][:50]}
    ss.plot.raster(some, start=0.0, stop=500.0, ax=panels[0])
    panels[0].set(xlabel="")
    panels[0].tick_params(labelbottom=False)
    panels[0].set_title(title, loc="left", fontsize=10)
    ss.plot.rate(result, start=0.0, stop=500.0, ax=panels[1])
    if panels[1].get_legend():
        panels[1].get_legend().remove()
figure.savefig(options.out / "vogels_abbott.png", dpi=150)
