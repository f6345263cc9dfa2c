"""Chapter 6: one hidden layer would be enough (section 2.2); is it the best use of a number of parameters?"""

from itertools import pairwise

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)


def network(depth, parameters=1500, inputs=2, classes=2):
    """Return an MLP of `depth` hidden layers, as wide as about `parameters` weights and biases allow."""
    width = 1
    while count([inputs, *[width + 1] * depth, classes]) <= parameters:
        width += 1
    sizes = [inputs, *[width] * depth, classes]
    layers = [part for a, b in pairwise(sizes) for part in (learn.Linear(a, b, init="he"), learn.Tanh())]
    return learn.Sequential(*layers[:-1]), width


def count(sizes):
    return sum((a + 1) * b for a, b in pairwise(sizes))


train, test = learn.spirals(400, turns=1.75, seed=1), learn.spirals(400, turns=1.75, seed=2)
depths = (1, 3, 20) if page.quick else (1, 2, 3, 5, 8, 12, 20)
epochs, seeds = (60, (0,)) if page.quick else (200, (0, 1, 2))
loss = learn.CrossEntropyLoss()
results, norms, nets = {}, {}, {}
page.section(f"two spirals, about 1500 parameters, {epochs} epochs: test accuracy", "width")
for depth in depths:
    scores = []
    for seed in seeds:
        learn.manual_seed(seed)
        net, width = network(depth)
        norms[depth] = learn.layer_gradient_norms(net, *train.arrays(), loss)
        optimizer = learn.Adam(net.parameters(), lr=5e-3)
        learn.fit(net, train, loss=loss, optimizer=optimizer, epochs=epochs, progress=False, seed=seed)
        scores.append(learn.evaluate(net, test, loss)["accuracy"])
    results[depth], nets[depth] = np.mean(scores), net
    size = sum(p.size for p in net.parameters())
    page.row(f"{depth} hidden layers ({size} parameters)", width, results[depth], digits=".3g")
best = max(results, key=results.get)
page.claim("a deeper network than one hidden layer is better", best > 1 or page.quick, f"best depth {best}")

page.slip("2.2: N grows exponentially with the dimension d, as a power of 1/ε: about (max|f'|/ε)^d pieces")

panels = page.panels(1, 3, size=(3.4, 3.0))
panels[0].plot(list(results), list(results.values()), "o-")
panels[0].set(xlabel="hidden layers", ylabel="test accuracy", title="at equal numbers of parameters", xscale="log")
panels[0].set_xticks(depths, [str(d) for d in depths])
panels[0].minorticks_off()
for ax, depth in zip(panels[1:], (1, best)):
    x, t = train.arrays()
    learn.plots.decision_regions(lambda points, net=nets[depth]: learn.predict(net, points).argmax(1), x, t, ax=ax)
    ax.set_title(f"{depth} hidden layer{'s' if depth > 1 else ''}: {results[depth]:.1%}")
page.done()
