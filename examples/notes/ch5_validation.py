"""Section 5.3: a random part of the training set, withheld, tells when to stop."""

import blood_sugar
import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)


def patient(draw, n=16):
    """Train on 3/4 of n samples: (epoch, training, validation, test loss) along the way."""
    train, held = learn.split(learn.blood_sugar(n, seed=draw), 0.25, seed=draw)
    return blood_sugar.watch(draw, train, held, blood_sugar.test_data(draw), epochs=1000)[1]


train, held = learn.split(learn.blood_sugar(16, seed=0), 0.25, seed=0)
page.section("withholding: 12 samples to learn from, 4 to validate")
page.claim("a random part: the two together are the training set, each sample once",
           np.array_equal(np.sort(np.concatenate([train.arrays()[0], held.arrays()[0]]), axis=0),
                          np.sort(learn.blood_sugar(16, seed=0).arrays()[0], axis=0)))  # fmt: skip

page.section("test loss of the epoch with the lowest validation loss | of the last epoch", "chosen", "last")
curves = [patient(draw) for draw in range(3 if page.quick else 10)]
chosen = [curve[curve[:, 2].argmin(), 3] for curve in curves]
last = [curve[-1, 3] for curve in curves]
for draw, (a, b) in enumerate(zip(chosen, last)):
    page.row(f"draw {draw}: epoch {curves[draw][curves[draw][:, 2].argmin(), 0]:.0f}", a, b)
page.row("mean", np.mean(chosen), np.mean(last))
page.claim("stopping by validation is better on the test set (mean)", np.mean(chosen) < np.mean(last))

left, right = page.panels(1, 2, size=(4.2, 3.1))
typical = np.median(curves, axis=0)
for column, label in ((1, "training"), (2, "validation"), (3, "test")):
    left.semilogx(typical[:, 0], typical[:, column], label=label)
best = typical[typical[:, 2].argmin()]
left.plot(best[0], best[2], "o", color="C1")
left.axvline(best[0], color="0.6", linestyle=":", linewidth=0.9)
left.set(xlabel="epoch", ylabel="squared error", ylim=(0.0, 0.05), xlim=(10, None))
left.set_title(f"median of {len(curves)} patients; ●: stop here")
right.plot(last, chosen, "o")
right.plot([0.008, 0.08], [0.008, 0.08], color="0.7", linewidth=0.8)
right.set(
    xscale="log",
    yscale="log",
    xlabel="test loss of the last epoch",
    ylabel="of the chosen epoch",
    title="below the line: better",
)
for axis in (right.xaxis, right.yaxis):
    axis.set_ticks([0.01, 0.02, 0.05], ["0.01", "0.02", "0.05"])
    axis.set_minor_formatter("")
page.done()
