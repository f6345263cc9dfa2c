"""Section 1.5: activation functions, SoftMax and One-Hot, and the tuning curve of section 1.4 as one of them."""

import numpy as np
from beside import Page

import spikesim as ss
from spikesim import learn

page = Page(__doc__)
z = np.linspace(-6.0, 6.0, 1201)
sigmoidal = {
    "logistic": learn.Logistic(),
    "(1 + tanh)/2": learn.Tanh(scaled=True),
    "1/2 + arctan/π": learn.Arctan(scaled=True),
    "(1 + erf)/2": learn.Erf(scaled=True),
    "threshold": learn.Threshold(),
}
linear = {"ReLU": learn.ReLU(), "leaky ReLU (0.1)": learn.LeakyReLU(0.1), "softplus": learn.Softplus()}
neuron = ss.LIF.normalized(tau_m=20.0, t_ref=2.0)
rates = {f"G, smoothed over {g:g}" if g else "G(v_in)": learn.LIFRate.of(neuron, gamma=g) for g in (0.0, 0.05, 0.3)}

page.section("SoftMax and One-Hot of z = [0.6, 3.4, -1.2, 0.05]")
drive = [0.6, 3.4, -1.2, 0.05]
for k, (printed, y) in enumerate(zip([0.06, 0.9, 0.009, 0.031], learn.Softmax()(drive).val)):
    page.row(f"SoftMax(z)_{k + 1}", printed, y, within=0.0051, digits=".4f")
page.slip("the last is 0.0317, so 0.032; the notes print 0.031, cut off, not rounded")
page.row("their sum", 1.0, learn.Softmax()(drive).val.sum(), within=1e-15)
page.row("One-Hot(z)", "[0 1 0 0]", str(learn.OneHot()(drive).val.astype(int)))
page.claim("One-Hot(z) is exactly [0, 1, 0, 0]", learn.OneHot()(drive).val.tolist() == [0, 1, 0, 0])
huge = learn.Softmax()([1e4, 0.0, -1e4]).val
page.claim("no overflow for z = 1e4", np.array_equal(huge, [1.0, 0.0, 0.0]), f"{huge}")

page.section("limits 0 and 1 of the sigmoidal ones; slopes against central differences", "wanted")
for name, f in sigmoidal.items():
    low, high = f(np.array([-1e6, 1e6])).val
    page.row(f"{name} at -1e6", 0.0, low, within=1e-6)
    page.row(f"{name} at +1e6", 1.0, high, within=1e-6)
for name, f in (sigmoidal | linear | rates).items():
    if name not in ("threshold", "G(v_in)"):
        at = np.array([-2.3, -0.4, 0.7, 1.9])
        page.claim(f"slope of {name}, relative error < 1e-7", learn.gradcheck(f, [at]))

page.section("tuning curve, τ_m = 0.02 s, τ_ref = 0.002 s")
hard = learn.LIFRate(tau_m=20.0, t_ref=2.0, gamma=0.0, amplitude=1.0)
page.row("G(1), Hz: fires only if v_in > 1", 0.0, hard(np.array([1.0])).val[0], within=0.0)
page.row("G(1e9), Hz: the limit 1/τ_ref", 500.0, hard(np.array([1e9])).val[0], within=1e-3)
page.row("G(2) = 1/(0.002 - 0.02 ln(1 - 1/2))", 1.0 / (0.002 - 0.02 * np.log(0.5)), hard(np.array([2.0])).val[0], 1e-9)

panels = page.panels(2, 4, size=(3.3, 2.6))
for column, (title, family) in enumerate({"sigmoidal": sigmoidal, "linear units": linear, "LIF rate": rates}.items()):
    for name, f in family.items():
        points = learn.Var(z)
        y = f(points)
        y.sum().backward()
        panels[0, column].plot(z, y.val, label=name)
        if name != "threshold":
            panels[1, column].plot(z, points.grad, label=name)
    panels[0, column].set(title=title, ylabel="y")
    panels[1, column].set(xlabel="input z", ylabel="dy/dz")
    panels[0, column].legend(frameon=False, loc="upper left", fontsize=7)
panels[0, 2].set(ylabel="y (1 is 100 Hz)", xlim=(0, 4), ylim=(0, 1.8))
panels[1, 2].set(xlabel="input z = v_in", xlim=(0, 4), ylim=(0, 3))
for w in (1, 2, 5, 50):
    panels[0, 3].plot(z, learn.logistic(w * z).val, label=f"w = {w}")
panels[0, 3].set(title="σ(w z): steeper and steeper", ylabel="y")
given = np.array([0.6, 3.4, -1.2, 0.05])
for shift, name, f in ((-0.2, "SoftMax", learn.Softmax()), (0.2, "One-Hot", learn.OneHot())):
    panels[1, 3].bar(np.arange(4) + shift, f(given).val, width=0.38, label=name)
panels[1, 3].set(xlabel="z", ylabel="y", xticks=range(4), xticklabels=[f"{v:g}" for v in given])
page.done()
