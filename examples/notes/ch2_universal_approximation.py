"""Section 2.2: the universal approximation theorem by its constructive proof, error against N, and in spikes.

G(x) = sum_j f(a_j) P(x; a_j, dx), P made of two steep sigmoids; or of two LIF neurons, silent below threshold and
firing at 1/t_ref above it.
"""

import numpy as np
from beside import Page

import spikesim as ss
from spikesim import learn

page = Page(__doc__)


def f(x):
    return np.sin(2.0 * np.pi * x)


def spiking(N, x, steep=1e5, time=20.0, t_ref=0.9, dt=0.1):
    """Return G(x) from the spikes of the 2N neurons of the construction, run once for every x."""
    hidden, _, out = learn.construct_uat(f, N, w=steep)
    drive = 1.0 + hidden(x[:, None]).val  # their threshold, v_in = 1, where a sigmoid has its step
    net = ss.Network(seed=1)
    cells = net.population("steps", drive.size, ss.LIF.normalized(t_ref=t_ref, v_in=drive.ravel()))
    net.record(cells, "spikes")
    counts = np.bincount(net.run(time, dt=dt, progress=False).spikes["steps"].ids, minlength=drive.size)
    share = counts.reshape(drive.shape) * (t_ref + dt) / time  # 1 is the highest rate a neuron has
    return (share @ out.weight.val.T)[:, 0]


page.section("error of G for f = sin 2πx on [0, 1]; the bound is max|f'|/N", "bound", "sup error")
sizes = 2 ** np.arange(2, 8 if page.quick else 11)
errors = [learn.sup_error(learn.construct_uat(f, N), f) for N in sizes]
for N, error in zip(sizes, errors):
    page.row(f"N = {N:5d} pieces, {2 * N} hidden nodes", 2 * np.pi / N, error)
page.claim("below the bound for every N", all(e <= 2 * np.pi / N for e, N in zip(errors, sizes)))
page.row("error(N)/error(2N): halves when N doubles", 2.0, errors[-2] / errors[-1], within=0.1)
limit, steep = (learn.sup_error(learn.construct_uat(f, 32, w=w), f) for w in (np.inf, 1e5))
page.row("N = 32: limit w -> inf | w = 1e5", limit, steep, within=0.05)


page.section("existence says nothing about N: boxes N^d for an error ε, measured", "1-D", "2-D")
targets = np.array([0.8, 0.4] if page.quick else [0.8, 0.4, 0.2, 0.1])
one, two = (
    np.array([learn.fewest_pieces(g, e, d) for e in targets]) ** d for g, d in ((f, 1), (lambda x, y: f(x) * f(y), 2))
)
for e, a, b in zip(targets, one, two):
    page.row(f"ε = {e}: at most {learn.pieces_needed(2 * np.pi, e)} a dimension by the bound", a, b, digits=".0f")
orders = [-np.polyfit(np.log(targets[1:]), np.log(n[1:]), 1)[0] for n in (one, two)] if not page.quick else [1, 2]
page.row("1-D: N grows as ε to the power -1", 1.0, orders[0], within=0.1)
page.row("2-D: N^2 grows as ε to the power -2", 2.0, orders[1], within=0.2)

page.section("in spikes: LIF neurons as steps", "rate net", "spikes")
N, x = 16, (np.arange(160) + 0.5) / 160
rates, spikes = learn.construct_uat(f, N)(x[:, None]).val[:, 0], spiking(N, x)
page.row("sup error on 160 points, N = 16", np.abs(rates - f(x)).max(), np.abs(spikes - f(x)).max(), within=0.06)
page.claim("20 ms of spikes are the rate net within one spike a neuron", np.abs(rates - spikes).max() < 0.06)

panels = page.panels(2, 3, size=(3.9, 2.9))
fine = np.linspace(0.0, 1.0, 2001)
panels[0, 0].plot(fine, f(fine), "k", label="f")
for N in (8, 32):
    panels[0, 0].plot(fine, learn.construct_uat(f, N)(fine[:, None]).val, linewidth=1.0, label=f"G, N = {N}")
panels[0, 0].set(xlabel="x", ylabel="f, G", title="G = Σ f($a_j$) P(x; $a_j$, Δx)")
for w in (20, 60, 500):
    panels[0, 1].plot(fine, learn.piece(fine, 0.4, 0.2, w), label=f"w = {w}")
panels[0, 1].set(xlabel="x", ylabel="P", title="a piece P = H(x; b) - H(x; b + δ), w → ∞")
panels[1, 0].loglog(sizes, errors, "o-", label="sup error")
panels[1, 0].loglog(sizes, 2 * np.pi / sizes, "--", color="0.5", label="max|f'|/N")
panels[1, 0].set(xlabel="pieces N", ylabel="sup |G - f|", title="error against N")
panels[1, 1].plot(fine, f(fine), "k", label="f")
panels[1, 1].plot(x, spikes, ".", markersize=2.5, label="spiking, N = 16, 20 ms")
panels[1, 1].set(xlabel="x", ylabel="f, G", title="LIF neurons as steps")
panels[0, 2].loglog(targets, one, "o-", label="1-D, $f$(x)")
panels[0, 2].loglog(targets, two, "s-", label="2-D, $f$(x) $f$(y)")
panels[0, 2].minorticks_off()
panels[0, 2].set(xlabel="error ε", ylabel="boxes", title="N against ε, measured", xticks=targets, xticklabels=targets)
learn.plots.explore_uat(f, N=8, w=60.0, ax=panels[1, 2])  # in a window, with sliders: explore_uat(f)
page.done()
