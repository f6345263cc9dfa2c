"""A fly tastes sugar: activate some neurons of a whole brain, silence others, and see who fires (Shiu et al. 2024).

P. K. Shiu et al., "A Drosophila computational brain model reveals sensorimotor processing", Nature 634:210-219 (2024).
With the published files, and neurons chosen by an annotation:

    python fly_brain.py --connectivity Connectivity_783.parquet --completeness Completeness_783.csv \
        --annotations annotations.tsv --kind cell_class --activate gustatory

Without files the brain is one that is made up: it has a fly's numbers, signs and degrees, but none of its circuits.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import published

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--connectivity", type=Path, help="file of connections; without it a brain is made up")
parser.add_argument("--completeness", type=Path, help="file of neurons")
parser.add_argument("--annotations", type=Path, help="file of annotations by id")
parser.add_argument("--kind", default="kind", help="annotation by which neurons are activated and compared")
parser.add_argument("--activate", default="sensory", help="value of that annotation")
parser.add_argument("--number", type=int, default=60, help="how many of these are activated")
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="two trials of 0.3 s instead of five of 1 s")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
trials, duration = (2, 300.0) if options.quick else (5, 1000.0)
if options.connectivity:
    brain = published.connectome(options.connectivity, options.completeness, annotations=options.annotations)
else:
    print("no files given: this brain is made up, and what fires here fires in no fly")
    brain = published.synthetic_connectome(8000)
print(brain.description)
kinds = brain.annotations[options.kind]
sugar = brain.where(**{options.kind: options.activate})[: options.number]


def rates(silenced: np.ndarray) -> tuple[np.ndarray, ss.Result]:
    """Mean rate of every neuron over the trials (Hz), and the first trial."""
    net = published.fly_brain(brain, activate=sugar, silence=silenced)
    results = ss.worlds(net, trials).run(duration, progress=False)
    return np.mean([r.spikes["brain"].rates() for r in results], axis=0), results[0]


intact, first = rates(brain.ids[:0])
driven = np.isin(brain.ids, sugar)
stopped = (np.bincount(brain.pre, brain.weight, brain.size) < 0.0) & (intact > 0) & ~driven
silenced, _ = rates(brain.ids[stopped])
print(f"{np.sum(intact > 0)} of {brain.size} neurons fire, {intact.sum():.0f} spikes a second")
print(f"without the {stopped.sum()} that inhibit: {np.sum(silenced > 0)} fire, {silenced.sum():.0f} spikes a second")
found = [("activated", driven)] + [(str(k), (kinds == k) & ~driven & (intact + silenced > 0)) for k in np.unique(kinds)]
groups = [(name, who) for name, who in found if np.any(who)][:8]
for name, who in groups:
    print(f"  {name:10}: {who.sum():5} fire, at {intact[who].mean():6.1f} Hz, then at {silenced[who].mean():6.1f} Hz")

plt.style.use(ss.plot.LIGHT)
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11.0, 3.8), layout="constrained")
trains, row = first.spikes["brain"], np.full(brain.size, -1)
order = np.concatenate([np.flatnonzero(who) for _, who in groups])
row[order] = np.arange(order.size)
for _, who in groups:
    mine = who[trains.ids]
    left.plot(trains.times[mine], row[trains.ids[mine]], ".", ms=1.5)
left.set(xlabel="time (ms)", ylabel="neurons that fire", title="one trial")
middle.axline((0.0, 0.0), slope=1.0, color="0.7", lw=0.8)
for name, who in groups:
    middle.plot(intact[who], silenced[who], ".", label=name)
middle.set(xlabel="rate (Hz)", ylabel="without those that inhibit (Hz)", title="each neuron")
for shift, values, label in ((-0.2, intact, "intact"), (0.2, silenced, "silenced")):
    right.bar(np.arange(len(groups)) + shift, [values[who].sum() / 1e3 for _, who in groups], 0.4, label=label)
right.set(ylabel="spikes per ms", title="by kind")
right.set_xticks(range(len(groups)), [name for name, _ in groups], rotation=20)
for axes in (middle, right):
    axes.legend(fontsize=8)
figure.savefig(options.out / "fly_brain.png", dpi=150)
