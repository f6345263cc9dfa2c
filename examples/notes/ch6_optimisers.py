"""Section 6.3.2, the overview of other optimisers: three steps of each by hand, and how they go down one valley."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
rates = {"SGD": 1e-3, "momentum": 3e-4, "Nesterov": 3e-4, "AdaGrad": 0.5, "RMSProp": 0.01, "Adam": 0.05, "AdamW": 0.05}
g = [0.5, -1.0, 0.25]  # the gradients of three steps; θ begins at 1, κ = 0.1


def by_hand(name):
    """Return θ after the three steps, in plain numbers."""
    theta, v, m, s = 1.0, 0.0, 0.0, 0.0
    for n, d in enumerate(g, start=1):
        if name in ("SGD", "momentum", "Nesterov"):
            v = 0.9 * v + d
            theta -= 0.1 * {"SGD": d, "momentum": v, "Nesterov": d + 0.9 * v}[name]
        elif name in ("AdaGrad", "RMSProp"):
            s = s + d * d if name == "AdaGrad" else 0.99 * s + 0.01 * d * d
            theta -= 0.1 * d / (s**0.5 + (1e-10 if name == "AdaGrad" else 1e-8))
        else:
            theta *= 1.0 - 0.1 * 0.01 if name == "AdamW" else 1.0
            m, s = 0.9 * m + 0.1 * d, 0.999 * s + 0.001 * d * d
            theta -= 0.1 * (m / (1 - 0.9**n)) / ((s / (1 - 0.999**n)) ** 0.5 + 1e-8)
    return theta


def maker(name):
    """Return the class of an optimiser and its options."""
    options = {"momentum": {"momentum": 0.9}, "Nesterov": {"momentum": 0.9, "nesterov": True}}.get(name, {})
    return learn.SGD if options else getattr(learn, name), options


page.section("θ after three steps with the gradients 0.5, -1, 0.25", "by hand")
for name in rates:
    kind, options = maker(name)
    theta = learn.Var(1.0)
    optimizer = kind([theta], lr=0.1, **options)
    for d in g:
        theta.grad = d
        optimizer.step()
    page.row(name, by_hand(name), theta.item(), within=1e-14, digits=".12f")

page.section("Rosenbrock's curved valley, minimum at (1, 1): 2000 steps from (-1.2, 1)", "lr", "E at the end")
paths = {}


def E(x, y):
    return (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2


for name, lr in rates.items():
    kind, options = maker(name)
    theta = learn.Var([-1.2, 1.0])
    optimizer, path = kind([theta], lr=lr, **options), []
    for _ in range(500 if page.quick else 2000):
        path.append(theta.val.copy())
        optimizer.zero_grad()
        E(theta[0], theta[1]).backward()
        optimizer.step()
    paths[name] = np.array(path)
    page.row(name, lr, E(*theta.val))
page.claim("all go down, from 24.2 at the start to less than a fifth", max(E(*p[-1]) for p in paths.values()) < 4.84)

left, right = page.panels(1, 2, size=(4.4, 3.3))
learn.plots.level_curves(lambda x, y: np.log10(E(x, y) + 1e-3), (-1.7, 1.6), (-0.6, 1.9), levels=14, ax=left)
for name in ("SGD", "momentum", "Adam", "RMSProp"):
    left.plot(*paths[name].T, linewidth=1.2, color=f"C{list(rates).index(name)}", label=name)
left.plot(1, 1, "k*", markersize=9)
left.set(xlabel="$θ_1$", ylabel="$θ_2$", title="paths down Rosenbrock's valley")
left.legend(frameon=False, loc="lower left")
for name, path in paths.items():
    right.loglog(np.arange(1, len(path) + 1), E(*path.T), label=name, linewidth=1.0)
right.set(xlabel="step", ylabel="E", title="one learning rate each, tuned by hand")
right.legend(frameon=False, ncols=2, fontsize=7)
page.done()
