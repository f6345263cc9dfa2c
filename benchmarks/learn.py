"""LEARN: what does an epoch of learning cost, beside PyTorch, and how much of it is the graph?

A 784-256-10 network with logistic units learns 10,000 images in batches of 128 by the cross entropy of softmax, in
float32.  "Bare" is the same arithmetic in NumPy, without a tape, losses or checks: what it takes less is the graph's.
The images are random (time does not depend on them); what is learnt is asked of the 8x8 digits of the package.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from spikesim import learn

from .contest import Options, Row, alternate
from .process import measure as in_process

__all__ = ["Bare", "ask", "images", "measure", "tape"]

WIDTHS, BATCH, LR = (784, 256, 10), 128, 0.1
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
Step = Callable[[np.ndarray, np.ndarray], Any]


def images(samples: int = 10_000) -> tuple[np.ndarray, np.ndarray]:
    """Return random images and classes."""
    rng = np.random.default_rng(0)
    return rng.random((samples, WIDTHS[0]), dtype=np.float32), rng.integers(0, WIDTHS[-1], samples)


def network() -> learn.Sequential:
    """Return the network, float32."""
    first, second = learn.Linear(*WIDTHS[:2], seed=1), learn.Linear(*WIDTHS[1:], seed=2)
    return learn.Sequential(first, learn.Logistic(), second).astype(np.float32)


def tape(net: learn.Sequential, optimizer: learn.Optimizer) -> Step:
    """Return a step of learning as a user writes it."""
    loss = learn.CrossEntropyLoss()

    def step(x: np.ndarray, classes: np.ndarray) -> None:
        error = loss(net(x), classes)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()

    return step


class Bare:
    """The same arithmetic with plain gradient descent, written out."""

    def __init__(self, net: learn.Sequential) -> None:
        self.weights = list(net.state().values())

    def __call__(self, x: np.ndarray, classes: np.ndarray) -> None:
        """Do a step."""
        w1, b1, w2, b2 = self.weights
        z = x @ w1.T
        z += b1
        h = 1.0 / (1.0 + np.exp(-z))
        y = h @ w2.T
        y += b2
        p = np.exp(y - y.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(classes)), classes] -= 1.0
        p /= len(classes)
        d = (p @ w2) * h * (1.0 - h)
        for w, g in ((w2, p.T @ h), (b2, p.sum(axis=0)), (w1, d.T @ x), (b1, d.sum(axis=0))):
            g *= LR
            w -= g


def epoch(step: Step, x: np.ndarray, classes: np.ndarray) -> tuple[float, float]:
    """Return the wall time and the processor time of an epoch."""
    clock, cpu = time.perf_counter(), time.process_time()
    for k in range(0, len(x), BATCH):
        step(x[k : k + BATCH], classes[k : k + BATCH])
    return time.perf_counter() - clock, time.process_time() - cpu


def measure(optimizer: str, epochs: int) -> Row:
    """Return the least that an epoch took; with SGD also by the bare arithmetic, in turns."""
    x, classes = images()
    net = network()
    bare = Bare(net)
    make = {"SGD": functools.partial(learn.SGD, lr=LR), "Adam": functools.partial(learn.Adam, lr=1e-3)}[optimizer]
    step = tape(net, make(net.parameters()))
    epoch(step, x, classes)
    found, plain = [], []
    for _ in range(epochs):
        found.append(epoch(step, x, classes))
        if optimizer == "SGD":
            plain.append(epoch(bare, x, classes))
    run_s, cpu_s = (min(column) for column in zip(*found))
    row = {"run_s": run_s, "cpu_s": cpu_s}
    return row | ({"share": 1.0 - min(cpu for _, cpu in plain) / cpu_s} if plain else {})


def learnt(epochs: int) -> float:
    """Return the share of the 360 test digits that a layer of 128 LIF rate units gets right after some epochs."""
    net = learn.Sequential(learn.Linear(64, 128, seed=1), learn.LIFRate(), learn.Linear(128, 10, seed=2))
    loss, adam = learn.CrossEntropyLoss(), learn.Adam(net.parameters(), lr=5e-3)
    learn.fit(net, learn.digits(True), loss=loss, optimizer=adam, epochs=epochs, progress=False)
    return learn.evaluate(net, learn.digits(False), loss)["accuracy"]


def with_threads(run: Callable[[], Row], threads: int) -> Row:
    """Run a child whose BLAS has so many threads."""
    before = {name: os.environ.get(name) for name in POOLS}
    os.environ.update(dict.fromkeys(POOLS, str(threads)))
    try:
        return run()
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def ask(options: Options) -> list[Row]:
    """SGD and Adam, here and in PyTorch; the share of the graph; what is learnt."""
    rows: list[Row] = []
    epochs = 5 if options.quick else 20
    for optimizer in ("SGD",) if options.quick else ("SGD", "Adam"):
        job = {"optimizer": optimizer, "epochs": epochs}
        contestants = {"spikesim": functools.partial(in_process, "learn", job)}
        more = {"widths": WIDTHS, "batch": BATCH, "lr": LR if optimizer == "SGD" else 1e-3, "samples": 10_000}
        for peer in options.found(("torch",)):
            contestants[peer.name] = functools.partial(peer.run, job | more)
        runs = {
            (name, n): functools.partial(with_threads, run, n)
            for n in options.threads
            for name, run in contestants.items()
        }
        found = alternate(f"learn, {optimizer}", runs, options.repeat)
        own = {row["threads"]: row for row in found if row["simulator"] == "spikesim" and "failed" not in row}
        for row in found:
            row["case"] = f"an epoch, {optimizer}" + (", share of the graph" if "share" in row else "")
            if row["simulator"] != "spikesim" and "failed" not in row and row["threads"] in own:
                row["times_slower"] = row["run_s"] / own[row["threads"]]["run_s"]
                row["times_cpu"] = row["cpu_s"] / own[row["threads"]]["cpu_s"]
        rows += found
    after = 5 if options.quick else 20
    rows.append({"case": f"digits right after {after} epochs", "simulator": "spikesim", "share": learnt(after)})
    return rows
