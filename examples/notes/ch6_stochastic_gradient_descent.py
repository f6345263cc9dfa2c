"""Section 6.3.1: stochastic gradient descent; a batch's gradient is a cheap, unbiased estimate of the full one."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
digits = learn.digits(train=True)
x, t = (a[:1024] for a in digits.arrays())
x = x.astype(float)
loss = learn.CrossEntropyLoss()


def network():
    learn.manual_seed(0)
    return learn.Sequential(learn.Linear(64, 32), learn.ReLU(), learn.Linear(32, 10))


def gradient(net, inputs, targets):
    """Return the gradient of E by all parameters, as one vector."""
    net.zero_grad()
    loss(net(inputs), targets).backward()
    return np.concatenate([p.grad.ravel() for p in net.parameters()])


page.section("one epoch of batches, D = 1024 samples, B = 32", "wanted")
net, loader = network(), learn.DataLoader((np.arange(1024), np.arange(1024)), batch_size=32, seed=7)
order = np.concatenate([index for index, _ in loader])
page.row("samples drawn, each once (without replacement)", 1024, np.unique(order).size, within=0)
page.claim("another order in the next epoch", not np.array_equal(order, np.concatenate([i for i, _ in loader])))
full = gradient(net, x, t)
batches = np.array([gradient(net, x[i], t[i]) for i in order.reshape(-1, 32)])
page.row(
    "mean of the batch gradients - full gradient, largest", 0.0, np.abs(batches.mean(axis=0) - full).max(), within=1e-12
)

page.section("error of the estimate, relative to the full gradient: sqrt((D-B)/(D-1)/B)", "law")
rng = np.random.default_rng(0)
sizes = np.array([1, 4, 16, 64, 256, 768])
law = np.sqrt((1024 - sizes) / 1023.0 / sizes)  # drawn without replacement: no error at B = D
errors = []
for B, wanted in zip(sizes, law):
    picks = [rng.choice(1024, B, replace=False) for _ in range(40)]
    errors.append(np.mean([np.linalg.norm(gradient(net, x[i], t[i]) - full) for i in picks]) / np.linalg.norm(full))
    page.row(f"B = {B}", errors[0] * wanted, errors[-1])
off = np.max(np.abs(np.log(np.array(errors[1:]) / errors[1] / (law[1:] / law[1]))))
page.row("largest deviation from the law, B >= 4, relative", 0.0, off, within=0.2)

page.section("learning with B = 1, 32, D: loss after the same number of samples", "epochs")
epochs = 2 if page.quick else 6
curves, finals = {}, {}
for B, lr in ((1, 0.01), (32, 0.2), (1024, 0.5)):
    net = network()
    optimizer = learn.SGD(net.parameters(), lr=lr)
    seen = [learn.evaluate(net, (x, t), loss)["loss"]]
    for epoch in range(1, epochs + 1):
        history = learn.fit(
            net, learn.DataLoader((x, t), B, seed=epoch), loss=loss, optimizer=optimizer, epochs=1, progress=False
        )
        seen.append(learn.evaluate(net, (x, t), loss)["loss"])
    curves[B], finals[B] = seen, seen[-1]
    page.row(f"B = {B}: {1024 // B} steps an epoch", epochs, seen[-1])
page.claim(
    "batches learn more from the same samples than the full gradient",
    finals[32] < finals[1024] and finals[1] < finals[1024],
)

left, right = page.panels(1, 2, size=(4.0, 3.1))
left.loglog(sizes, errors, "o-", label="measured")
line = np.geomspace(1, 1020, 200)
scale = errors[1] / law[1]
left.loglog(line, scale * np.sqrt((1024 - line) / 1023 / line), "-", color="0.5", label=r"$\sqrt{(D-B)/(D-1)/B}$")
left.loglog(line, scale / np.sqrt(line), ":", color="0.5", label=r"$1/\sqrt{B}$")
left.set(xlabel="batch size B", ylabel="relative error of the gradient", title="cheap estimates of the gradient")
for B, seen in curves.items():
    right.semilogy(seen, "o-", markersize=4, label=f"B = {B}" if B < 1024 else "B = D = 1024")
right.set(xlabel="epoch", ylabel="cross entropy", title="digits 8×8, 64-32-10", xticks=range(epochs + 1))
page.done()
