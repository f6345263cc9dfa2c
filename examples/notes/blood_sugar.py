"""Section 5.2: six doses and blood-sugar levels, and the 1-250-250-1 network that learns them by heart.

The notes' data are lost; `learn.blood_sugar` follows a law that gives back their test losses.  A `draw` is one
patient: samples, initial weights and test set are all functions of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spikesim import learn

LOSS = learn.MSELoss(half=False)  # PyTorch's, behind the numbers of chapter 5


def network(draw: int, dropout: float = 0.0) -> learn.Sequential:
    """Return the untrained network; `dropout` is alpha of a Dropout layer on the second hidden layer."""
    learn.manual_seed(draw)
    last = [learn.Dropout(dropout)] if dropout else []
    return learn.Sequential(
        learn.Linear(1, 250), learn.ReLU(), learn.Linear(250, 250), learn.ReLU(), *last, learn.Linear(250, 1)
    )


def test_data(draw: int) -> learn.Dataset:
    """Return 300 new samples of the same patient."""
    return learn.blood_sugar(300, seed=1000 + draw)


def train(
    draw: int,
    n: int = 6,
    epochs: int = 2000,
    dropout: float = 0.0,
    optimizer: Any = learn.Adam,
    lr: float = 1e-3,
    **options: float,
) -> learn.Sequential:
    """Train on n samples by full-batch Adam (or another); `options` are weight_decay, l1, momentum."""
    net = network(draw, dropout)
    steps = optimizer(net.parameters(), lr=lr, **options)
    data = learn.blood_sugar(n, seed=draw)
    learn.fit(net, data, loss=LOSS, optimizer=steps, epochs=epochs, batch_size=None, seed=draw, progress=False)
    return net


def watch(draw: int, data: Any, *others: Any, epochs: int = 2000) -> tuple[learn.Sequential, np.ndarray]:
    """Train on `data` and look at about 100 epochs: rows of (epoch, training loss, loss on each of `others`)."""
    net, history, rows = network(draw), None, []
    optimizer = learn.Adam(net.parameters(), lr=1e-3)
    for epoch in np.unique(np.geomspace(1, epochs, 120).round().astype(int)):
        history = learn.fit(
            net, data, loss=LOSS, optimizer=optimizer, epochs=epoch, batch_size=None, history=history, progress=False
        )
        rows.append([epoch, history.loss[-1], *(learn.evaluate(net, other, LOSS)["loss"] for other in others)])
    return net, np.array(rows)


def test_loss(net: learn.Sequential, draw: int) -> float:
    """Return the squared error on the 300 new samples."""
    return learn.evaluate(net, test_data(draw), LOSS)["loss"]
