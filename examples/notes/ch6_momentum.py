"""Section 6.3.2: momentum, across the valley (case 1) and out of the shallow minimum (case 2)."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)


def descend(E, start, steps, **options):
    """Follow SGD on E from `start` and return the path."""
    theta = learn.Var(start)
    optimizer = options.pop("kind", learn.SGD)([theta], **options)
    path = [theta.val.copy()]
    for _ in range(steps):
        cost = E(theta)
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        path.append(theta.val.copy())
    return np.array(path)


def steps_to(path, target, near=1e-3):
    """Return the first step from which the path stays near the target."""
    far = np.flatnonzero(np.linalg.norm(path - target, axis=-1) > near)
    return int(far[-1]) + 1


curvature = np.array([1.0, 100.0])


def valley(theta):
    return 0.5 * (curvature * theta * theta).sum()


def wells(theta):
    """A shallow minimum on the left, a deep one on the right."""
    return theta**4 / 4.0 - theta**2 / 2.0 - 0.12 * theta


page.section("case 1: a valley of condition 100, κ = 1/L = 0.01", "plain", "momentum")
plain = descend(valley, [-2.0, 0.15], 1000, lr=0.01)
heavy = descend(valley, [-2.0, 0.15], 1000, lr=0.01, momentum=0.8)
slow, fast = steps_to(plain, 0.0), steps_to(heavy, 0.0)
page.row("steps to the minimum, β = 0.8", slow, fast, digits=".0f")
page.claim("momentum needs less than half of the steps", fast < slow / 2)
page.section("case 1 as drawn: κ = 1.9/L, jumping across the valley", "plain", "momentum")
zigzag = descend(valley, [-2.0, 0.5], 400, lr=0.019)
smooth = descend(valley, [-2.0, 0.5], 400, lr=0.005, momentum=0.8)
page.row("changes of side, first 40 steps", *(int(np.sum(np.diff(np.sign(p[:40, 1])) != 0)) for p in (zigzag, smooth)))

page.section("case 2: E = θ^4/4 - θ^2/2 - 0.12 θ from θ = -1.6")
left_well, _, right_well = np.sort(np.roots([1.0, 0.0, -1.0, -0.12]).real)
stuck = descend(wells, -1.6, 400, lr=0.02)
free = descend(wells, -1.6, 400, lr=0.02, momentum=0.95)
page.row("plain descent ends in the shallow minimum", left_well, stuck[-1], within=1e-3)
page.row("with momentum β = 0.95, in the deeper one", right_well, free[-1], within=1e-2)

page.section("the forms: V <- (1-r)V + η grad | V <- β V + grad | equations (6.1), (6.2)", "wanted")
friction = descend(valley, [-2.0, 0.15], 100, lr=0.02, friction=0.2, force=0.5)
page.row("friction r = 1 - β, κη = κ': largest deviation", 0.0, np.abs(friction - heavy[:101]).max(), within=1e-15)
euler = descend(valley, [-2.0, 0.15], 100, lr=0.03, friction=0.2, kind=learn.Euler)
hand = euler[1:-1] + 0.8 * np.diff(euler[:-1], axis=0) - 0.03**2 * curvature * euler[:-2]  # V_n is (θ_n+1 - θ_n)/Δt
page.row("Euler's steps, Δt = 0.03, as they stand: deviation", 0.0, np.abs(euler[2:] - hand).max(), within=1e-14)

panels = page.panels(1, 3, size=(3.7, 3.0))
for ax, path, title in zip(panels, (zigzag, smooth), ("case 1: plain, κ = 1.9/L", "case 1: momentum 0.8")):
    learn.plots.level_curves(lambda a, b: a * a + 100 * b * b, (-2.3, 0.6), (-0.6, 0.6), path[:60], levels=14, ax=ax)
    ax.plot(0, 0, "x", color="C1", markersize=8, markeredgewidth=2)
    ax.set(xlabel="$θ_1$", ylabel="$θ_2$", title=title)
line = np.linspace(-1.75, 1.75, 300)
panels[2].plot(line, wells(line), "0.6", linewidth=2)
for path, label, lift, colour in ((stuck, "plain", 0.03, "C1"), (free, "momentum 0.95", 0.07, "C0")):
    panels[2].plot(path[:60], wells(path[:60]) + lift, ".-", color=colour, markersize=4, linewidth=0.8, label=label)
    panels[2].plot(path[-1], wells(path[-1]) + lift, "*", color=colour, markersize=11)
panels[2].set(xlabel="θ", ylabel="E", title="case 2: ★ where each ends")
panels[2].legend(frameon=False, loc="upper center")
page.done()
