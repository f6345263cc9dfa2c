"""MNIST with rate networks.  Truths: known accuracies; augmentation helps (5.4.2)."""

from __future__ import annotations

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
