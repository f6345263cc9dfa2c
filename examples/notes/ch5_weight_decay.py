"""Section 5.4.1: regularisation by weight decay, and by the L1 norm, which favours sparsity."""

import blood_sugar
import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
draw = 6  # a patient whose numbers are near the notes'
plain = blood_sugar.train(draw)
decayed = blood_sugar.train(draw, weight_decay=3e-3)

page.section("one patient (draw 6): E + λ/2 ||θ||^2, λ = 0.003")
page.row(
    "untrained: ||θ||^2 (E||θ||^2 = 250.7 for this start)", 250.7, learn.parameter_norm(blood_sugar.network(draw)), 6.0
)
page.row("original test loss", 0.01728, blood_sugar.test_loss(plain, draw), within=0.002)
page.row("weight decay test loss", 0.01219, blood_sugar.test_loss(decayed, draw), within=0.002)
page.row("||θ||^2, unregularised", 254.4, learn.parameter_norm(plain), within=30.0)
page.row("||θ||^2, regularised", 7.1, learn.parameter_norm(decayed), within=3.0)

page.section("other patients: test loss", "original", "weight decay")
draws = (0,) if page.quick else range(12)
pairs = [
    (blood_sugar.test_loss(blood_sugar.train(d), d), blood_sugar.test_loss(blood_sugar.train(d, weight_decay=3e-3), d))
    for d in draws
]
for d, (a, b) in zip(draws, pairs):
    page.row(f"draw {d}", a, b)
page.claim("weight decay is better for all of them", all(b < a for a, b in pairs), f"{np.mean(pairs, axis=0).round(4)}")

page.section("the update rule, one step of gradient descent", "by hand")
theta = learn.Var([0.5, -2.0])
((theta - 1.0) ** 2).sum().backward()
learn.SGD([theta], lr=0.1, weight_decay=0.3).step()
for k, (old, gradient) in enumerate(((0.5, -1.0), (-2.0, -6.0))):
    page.row(f"θ_{k + 1} - κ grad - (λκ) θ_{k + 1}", old - 0.1 * gradient - 0.03 * old, theta.val[k], within=1e-15)

page.section("sparsity at equal test loss: share of |θ| < 0.001", "test loss", "share")
# by gradient descent, as the update rule is written; Adam divides every gradient by its size, a penalty's too, so that
# an idle weight goes to 0 as fast under L2 as under L1, and only the number of weights left tells them apart
descent = {"optimizer": learn.SGD, "lr": 0.05, "momentum": 0.9}
nets = {
    "gradient descent": blood_sugar.train(draw, **descent),
    "gradient descent, L2": blood_sugar.train(draw, **descent, weight_decay=1e-3),
    "gradient descent, L1": blood_sugar.train(draw, **descent, l1=3e-4),
    "Adam, L2": decayed,
    "Adam, L1": blood_sugar.train(draw, l1=1e-3),
}
loss = {name: blood_sugar.test_loss(net, draw) for name, net in nets.items()}
share = {name: learn.sparsity(net) for name, net in nets.items()}
for name in nets:
    page.row(name, loss[name], share[name])
for way in ("gradient descent", "Adam"):
    gap = loss[f"{way}, L1"] / loss[f"{way}, L2"] - 1.0
    page.claim(f"{way}: equal test loss within 4 %", abs(gap) < 0.04, f"{gap:+.1%}")
more = share["gradient descent, L1"] / share["gradient descent, L2"]
page.claim("gradient descent: at least 5 times more weights at 0 by L1", more > 5.0, f"{more:.0f} times")
fewer = (1.0 - share["Adam, L2"]) / (1.0 - share["Adam, L1"])
page.claim("Adam: at least 5 times fewer weights left by L1", fewer > 5.0, f"{fewer:.0f} times")

left, right = page.panels(1, 2, size=(4.2, 3.1))
dose, level = learn.blood_sugar(6, seed=draw).arrays()
line = np.linspace(0.0, 1.0, 300)[:, None]
left.plot(*(a[:, 0] for a in blood_sugar.test_data(draw).arrays()), ".", color="0.85", label="300 test samples")
left.plot(line, learn.predict(plain, line), label="original")
left.plot(line, learn.predict(decayed, line), label="weight decay")
left.plot(dose, level, "ko", markersize=4, label="6 training samples")
left.set(xlabel="dose", ylabel="blood sugar", title="less precise on the samples, better on new ones")
bins = np.geomspace(1e-9, 1.0, 60)
for name, net in list(nets.items())[:3]:
    sizes = np.abs(np.concatenate([p.val.ravel() for p in net.parameters()]))
    right.hist(
        np.maximum(sizes, 1e-9), bins, histtype="step", label=name.removeprefix("gradient descent, "), linewidth=1.3
    )
right.axvline(1e-3, color="0.7", linestyle=":")
right.set(xscale="log", yscale="log", xlabel="|θ|", ylabel="weights and biases", title="sparsity, by gradient descent")
right.legend(frameon=False, loc="upper left")
page.done()
