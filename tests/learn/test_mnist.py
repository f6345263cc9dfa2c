"""MNIST with rate networks.  Truths: known accuracies; augmentation helps (5.4.2); the graph costs little."""

from __future__ import annotations

import time

import numpy as np
import pytest

from spikesim import learn

from .mnist_folder import needs_mnist

pytestmark = [pytest.mark.slow, needs_mnist]


def test_rate_network_reaches_98_percent(mnist_folder):
    """60,000 images, 512 LIF rate units; and with the hard tuning curve of the spiking neuron afterwards."""
    train, test = learn.mnist(mnist_folder), learn.mnist(mnist_folder, train=False)
    net = learn.Sequential(learn.Linear(784, 512, seed=1), learn.LIFRate(), learn.Linear(512, 10, seed=2))
    loss, epochs = learn.CrossEntropyLoss(), 10
    optimizer = learn.Adam(net.parameters(), lr=2e-3)
    learn.fit(
        net,
        train,
        loss=loss,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=128,
        schedule=learn.cosine(epochs),
    )
    smooth = learn.evaluate(net, test, loss)["accuracy"]
    net[1].gamma = 0.0
    hard = learn.evaluate(net, test, loss)["accuracy"]
    assert smooth >= 0.98 and abs(hard - smooth) < 0.002


@pytest.mark.parametrize("transform", [learn.shift(2), learn.rotation(15.0)], ids=["shift", "rotation"])
def test_augmentation_raises_accuracy(mnist_folder, transform):
    """1,000 training images, shifted or rotated anew in every epoch (section 5.4.2)."""
    x, c = learn.mnist(mnist_folder).arrays()
    test = learn.mnist(mnist_folder, train=False).subset(slice(0, 5000))
    scores = []
    for change in (None, transform):
        net = learn.Sequential(learn.Linear(784, 128, seed=1), learn.ReLU(), learn.Linear(128, 10, seed=2))
        loader = learn.DataLoader((x[:1000], c[:1000]), batch_size=32, transform=change)
        loss = learn.CrossEntropyLoss()
        learn.fit(net, loader, loss=loss, optimizer=learn.Adam(net.parameters(), lr=1e-3), epochs=25)
        scores.append(learn.evaluate(net, test, loss)["accuracy"])
    assert scores[1] > scores[0] + 0.005


def test_graph_overhead_is_small():
    """An epoch (79 steps) on the tape against the same arithmetic in bare NumPy: less than a tenth is the graph's.

    Processor time, in turns; the least of each is what it costs undisturbed, and a busy machine needs more turns
    to come to it.
    """
    rng = np.random.default_rng(0)
    x, c = rng.random((10_000, 784), dtype=np.float32), rng.integers(0, 10, 10_000)
    net = learn.Sequential(learn.Linear(784, 256, seed=1), learn.Logistic(), learn.Linear(256, 10, seed=2))
    loss, optimizer = learn.CrossEntropyLoss(), learn.SGD(net.parameters(), lr=0.1)
    w1, b1 = (p.val.astype(np.float32) for p in net[0].parameters())
    w2, b2 = (p.val.astype(np.float32) for p in net[2].parameters())

    def tape(xb, cb):
        e = loss(net(xb), cb)
        optimizer.zero_grad()
        e.backward()
        optimizer.step()

    def bare(xb, cb):
        z = xb @ w1.T
        z += b1
        h = 1.0 / (1.0 + np.exp(-z))
        y = h @ w2.T
        y += b2
        p = np.exp(y - y.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(cb)), cb] -= 1.0
        p /= len(cb)
        d = (p @ w2) * h * (1.0 - h)
        for w, g in ((w2, p.T @ h), (b2, p.sum(axis=0)), (w1, d.T @ xb), (b1, d.sum(axis=0))):
            g *= 0.1
            w -= g

    def epoch(step):
        start = time.process_time()
        for k in range(0, 10_000, 128):
            step(x[k : k + 128], c[k : k + 128])
        return time.process_time() - start

    epoch(tape), epoch(bare)
    tape_time, bare_time, turns = np.inf, np.inf, 0
    while turns < 10 or ((tape_time - bare_time) / tape_time >= 0.10 and turns < 60):
        tape_time, bare_time = min(tape_time, epoch(tape)), min(bare_time, epoch(bare))
        turns += 1
    assert (tape_time - bare_time) / tape_time < 0.10, f"{tape_time:.4f} and {bare_time:.4f} s after {turns} turns"
    assert np.allclose(net[0].weight.val, w1, atol=1e-4)  # and it was the same arithmetic
