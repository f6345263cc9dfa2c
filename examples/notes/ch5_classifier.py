"""Sections 5.1.2 and 5.1.3: the data set DiscreteMapping and the 6-10-5-3 classifier, by hand and by an optimiser."""

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
A = [[-1.3455, 0.6580, -0.2041, -0.0052, 0.2841, -0.6806],
     [-0.3096, 0.4767, 0.0416, 0.8221, 0.3553, -0.9552],
     [0.0603, 1.0587, 0.6078, -0.5603, 0.9886, -1.1840]]  # fmt: skip  # as printed in the notes
ds = learn.DiscreteMapping(A, np.eye(3), n=300, noise=0.1, seed=1)
x, targets, classes = ds.inputs(), ds.targets(), ds.classes()
print(x[:5], targets[:5], classes[:5], sep="\n")


class MyNet(learn.Module):
    """The notes' `mynet`: sigmoids, a first layer without bias."""

    def __init__(self, seed):
        learn.manual_seed(seed)
        self.lyr = learn.ModuleList()  # self.lyr = [] DOES NOT WORK, and a plain list says so here
        self.lyr.append(learn.Linear(6, 10, bias=False)).append(learn.Sigmoid())
        self.lyr.append(learn.Linear(10, 5)).append(learn.Sigmoid())
        self.lyr.append(learn.Linear(5, 3)).append(learn.LogSoftmax(dim=1))

    def forward(self, x):
        for layer in self.lyr:
            x = layer(x)
        return x


def by_hand(net, lrate=1.0, epochs=200):
    """Gradient descent on the gradients of the parameters, the notes' loop."""
    losses = []
    for _ in range(epochs):
        err = loss_fcn(net(x), classes)
        losses.append(err.item())
        net.zero_grad()
        err.backward()
        for p in net.parameters():
            p.val = p.val - lrate * p.grad
    return losses


def by_optimiser(net):
    loader = learn.DataLoader((x, classes), None, shuffle=False)
    return learn.fit(net, loader, loss=loss_fcn, optimizer=learn.SGD(net.parameters(), lr=1.0), epochs=200).loss


page.section("the data set and the untrained network")
page.row("inputs, targets, samples", "6, 3, 300", f"{x.shape[1]}, {targets.shape[1]}, {classes.size}")
page.claim("about 100 samples a class", min(np.bincount(classes.val)) > 70, f"{np.bincount(classes.val)}")
net, loss_fcn = MyNet(0), learn.NLLLoss(reduction="mean")
page.claim("parameters (10,6) (5,10) (5,) (3,5) (3,)",
           [p.shape for p in net.parameters()] == [(10, 6), (5, 10), (5,), (3, 5), (3,)])  # fmt: skip
page.slip("`ds.plot` lacks its parentheses; its `labels` are never used, only the classes; both are right here")
page.row("untrained loss (ln 3 = 1.0986)", 1.1283, loss_fcn(MyNet(1)(x), classes).item(), within=0.06)

page.section("200 epochs, lr = 1: mean probability of the true class")
curves = {}
for seed in range(1, 3 if page.quick else 6):
    net = MyNet(seed)
    curves[seed], y = by_hand(net), net(x).val
    p = np.exp(y)
    page.row(f"seed {seed}, final loss {curves[seed][-1]:.4f}", 0.983, p[np.arange(300), classes.val].mean(), 0.05)
    page.claim("    accuracy > 95 %, exp(y) sums to 1", learn.accuracy(y, classes) > 0.95 and np.allclose(p.sum(1), 1))
page.row("optim.SGD's losses less the loop's", 0.0, np.abs(np.subtract(by_optimiser(MyNet(1)), curves[1])).max(), 1e-12)
L, R = learn.Linear, learn.ReLU()
relu = learn.Sequential(L(6, 10), R, L(10, 5), R, L(5, 3), learn.LogSoftmax(dim=1))
by_optimiser(relu)
page.claim("Sequential with ReLU: accuracy > 95 %", learn.accuracy(relu(x), classes) > 0.95)

panels = page.panels(1, 4, size=(3.2, 3.0))
learn.draw_network(relu, ax=panels[0]).set_title("6-10-5-3, its weights learnt")
ds.plot(labels=MyNet(1)(x), ax=panels[1]).set_title("ds.plot(labels=y), untrained")
panels[2].plot(np.transpose(list(curves.values())), label=[f"seed {seed}" for seed in curves])
panels[2].set(xlabel="epoch", ylabel="NLL", title="training")
ds.plot(labels=y, ax=panels[3]).set_title("ds.plot(labels=y), trained")
page.done()
