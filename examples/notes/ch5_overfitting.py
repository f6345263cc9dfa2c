"""Section 5.2: overfitting; 1-250-250-1 ReLU on six blood-sugar samples, 2000 epochs, then 300 new samples."""

import blood_sugar
import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
draw = 6  # a patient whose numbers are near the notes'
net, curve = blood_sugar.watch(draw, learn.blood_sugar(6, seed=draw), blood_sugar.test_data(draw))
epoch, training, test = curve.T

page.section("one patient (draw 6)")
page.row("training loss", 1.57e-10, min(training[-5:]))
page.claim("training loss < 1e-6", min(training[-5:]) < 1e-6)
page.row("test loss on 300 new samples", 0.018, test[-1], within=0.004)
page.row("blood sugar predicted for a dose of 0.65", 1.0043, net([[0.65]]).item(), within=0.15)
page.claim("test loss is orders of magnitude (> 1e4) above training loss", test[-1] > 1e4 * min(training[-5:]))
lowest = int(test.argmin())
page.claim(
    "test loss goes down first, then creeps up again",
    epoch[lowest] < 1000 and test[-1] > 1.2 * test[lowest],
    f"lowest at {epoch[lowest]:.0f}",
)

page.section("other patients: test loss, lowest on the way | at the end", "lowest", "last")
for other in (0,) if page.quick else range(12):
    _, rows = blood_sugar.watch(other, learn.blood_sugar(6, seed=other), blood_sugar.test_data(other))
    page.row(f"draw {other}: training loss {min(rows[-5:, 1]):.1e}", min(rows[:, 2]), rows[-1, 2])

left, middle, right = page.panels(1, 3, size=(3.6, 3.1))
dose, level = learn.blood_sugar(6, seed=draw).arrays()
new_dose, new_level = blood_sugar.test_data(draw).arrays()
line = np.linspace(0.0, 1.0, 300)[:, None]
left.plot(new_dose, new_level, ".", color="0.8", label="300 test samples")
left.plot(line, learn.predict(net, line), label="network")
left.plot(dose, level, "o", label="6 training samples")
left.plot(0.65, net([[0.65]]).item(), "k*", markersize=10, label="dose 0.65")
left.set(xlabel="dose", ylabel="blood sugar", title="the samples learnt by heart")
middle.loglog(epoch, training, color="C0")
middle.set(xlabel="epoch", ylabel="training loss", title="training loss: down and down")
right.semilogx(epoch, test, color="C1")
right.plot(epoch[lowest], test[lowest], "o", color="C1", label=f"lowest, epoch {epoch[lowest]:.0f}")
right.axvspan(epoch[lowest], epoch[-1], color="0.93", zorder=0)
right.set(xlabel="epoch", ylabel="test loss", ylim=(0.0, 2.2 * test[-1]), title="test loss: down, then up again")
right.legend(frameon=False)
page.done()
