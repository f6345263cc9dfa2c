"""Section 3.1.1: gradient ascent on the surface of a 2-D wave function: up to the top nearby, not the highest one."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)


def E(a, b):
    """Two hills and two valleys, as in the notes' picture (particle in a box, state (2, 1)), on a gentle slope.

    The slope (1 + a/2) makes one of the hills the higher, so that there is a local maximum to be caught on.
    """
    return (
        learn.sin(2.0 * np.pi * a) * learn.sin(np.pi * b) * (1.0 + 0.5 * a) * learn.cos(np.pi * a / 3.0 - np.pi / 4.0)
    )


def climb(a, b, ascent=True, k=0.02, steps=150):
    """Follow (a, b) <- (a, b) +- k grad E and return the path."""
    theta = [learn.Var(a), learn.Var(b)]
    optimizer = learn.SGD(theta, lr=k, ascent=ascent)
    path = [(a, b)]
    for _ in range(steps):
        height = E(*theta)
        optimizer.zero_grad()
        height.backward()
        optimizer.step()
        path.append((theta[0].item(), theta[1].item()))
    return np.array(path)


box = np.linspace(0.0, 2.0, 401), np.linspace(0.0, 1.0, 201)
ga, gb = np.meshgrid(*box)
surface = E(ga, gb).val
highest = surface.max()
good, bad = climb(1.05, 0.2), climb(0.45, 0.2)
down = climb(0.95, 0.3, ascent=False)

page.section("gradient ascent, k = 0.02, 150 steps")
page.row("highest point on a fine grid | from a good start", highest, E(*good[-1]).item(), within=1e-3)
page.row("from a bad start: a lower top", "lower", E(*bad[-1]).item())
page.claim("the bad start ends on a local maximum only", E(*bad[-1]).item() < 0.95 * highest)
page.row("descent: lowest point | ours", surface.min(), E(*down[-1]).item(), within=1e-3)
for name, path in (("good", good), ("bad", bad)):
    theta = [learn.Var(v) for v in path[-1]]
    E(*theta).backward()
    page.row(f"gradient where the {name} start ended", 0.0, np.hypot(theta[0].grad, theta[1].grad), within=1e-3)
heights = np.array([E(*p).item() for p in good])
page.claim("every step goes uphill", np.all(np.diff(heights) >= -1e-12))

left, right, flat = page.panels(1, 3, size=(4.2, 3.0), width_ratios=[1.4, 0.9, 1.2])
flat.remove()
solid = page.figure.add_subplot(1, 3, 3, projection="3d")
solid.plot_surface(ga, gb, surface, cmap="RdBu_r", vmin=-highest, vmax=highest, linewidth=0, alpha=0.8)
solid.plot(*good.T, heights + 0.05, "k-", linewidth=2, zorder=5)
solid.set(xlabel="a", ylabel="b", zlabel="E", title="the surface")
left.contourf(ga, gb, surface, 30, cmap="RdBu_r", vmin=-2.0 * highest, vmax=2.0 * highest)  # pale: paths are seen
for path, colour, label in (
    (good, "k", "ascent"),
    (bad, "C1", "ascent, bad start"),
    (down, "C2", "descent"),
):
    left.plot(*path.T, "-", color=colour, label=label)
    left.plot(*path[0], "o", color=colour, markersize=5)
    left.plot(*path[-1], "x", color=colour, markersize=8, markeredgewidth=2)
left.set(xlabel="a", ylabel="b", title="E(a, b): from o to ×")
left.legend(loc="lower right", fontsize=7)
for path, colour in ((good, "k"), (bad, "C1"), (down, "C2")):
    right.plot([E(*p).item() for p in path], color=colour)
right.set(xlabel="step", ylabel="E")
page.done()
