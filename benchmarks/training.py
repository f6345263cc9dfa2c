"""TRAINING: what does one step of gradient descent cost, beside PyTorch and a compiled step of JAX?

The networks are lists of layers in plain data, and each library builds them from it; weights, images and classes are
drawn by the same lines (`peers/draw.py`), so that the loss after some steps must be the same number.  float32, one
batch a step, cross entropy of softmax, one thread, processor time.  Here the step is a `learn.TrainingStep`, and the
loop as it is written by hand.
"""

from __future__ import annotations

import functools
import math
import time
from typing import Any

import numpy as np

from spikesim import learn

from .contest import Options, Row, alternate
from .learn import tape, with_threads
from .peers.draw import batches, weights
from .process import measure as in_process

__all__ = ["NETWORKS", "ask", "measure", "network"]

LENET = [["Conv2d", 1, 6, 5], ["ReLU"], ["MaxPool2d", 2], ["Conv2d", 6, 16, 5], ["ReLU"], ["MaxPool2d", 2], ["Flatten"]]
LENET += [["Linear", 256, 120], ["ReLU"], ["Linear", 120, 84], ["ReLU"], ["Linear", 84, 10]]

#: Layers, shape of a sample, batch, steps a round.  The names of layers are those of all three libraries.
NETWORKS: dict[str, dict[str, Any]] = {
    "64-32-10": {
        "layers": [["Linear", 64, 32], ["Sigmoid"], ["Linear", 32, 10]],
        "shape": [64],
        "batch": 32,
        "steps": 500,
    },
    "784-256-10": {
        "layers": [["Linear", 784, 256], ["Sigmoid"], ["Linear", 256, 10]],
        "shape": [784],
        "batch": 128,
        "steps": 80,
    },
    "LeNet": {"layers": LENET, "shape": [1, 28, 28], "batch": 128, "steps": 20},
}
ROUNDS, LR = 10, 0.1


def network(layers: list[list[Any]]) -> learn.Sequential:
    """Return the layers with their weights, float32."""
    net = learn.Sequential(*[getattr(learn, name)(*sizes) for name, *sizes in layers]).astype(np.float32)
    for parameter, drawn in zip(net.parameters(), weights(layers)):
        parameter.val = drawn
    return net


def measure(
    layers: list[list[Any]], shape: list[int], batch: int, steps: int, rounds: int, lr: float, by_hand: bool = False
) -> Row:
    """Return what a step takes, and the loss after one round of them."""
    given, net = batches(shape, batch), network(layers)
    optimizer = learn.SGD(net.parameters(), lr=lr)
    step = tape(net, optimizer) if by_hand else learn.TrainingStep(net, learn.CrossEntropyLoss(), optimizer)
    times, loss = [], math.nan
    for k in range(rounds + 1):
        clock, cpu = time.perf_counter(), time.process_time()
        for j in range(steps):
            step(*given[j % len(given)])
        times.append((time.perf_counter() - clock, time.process_time() - cpu))
        if not k:
            loss = float(learn.CrossEntropyLoss()(net(given[0][0]), given[0][1]).val)
    run_s, cpu_s = (min(column) / steps for column in zip(*times[1:]))
    return {"run_s": run_s * steps, "step_us": 1e6 * run_s, "cpu_us": 1e6 * cpu_s, "loss": loss}


def ask(options: Options) -> list[Row]:
    """Each network, here and in the peers that are there, in turns."""
    rows: list[Row] = []
    for label, description in NETWORKS.items():
        if options.case not in label:
            continue
        job = description | {"rounds": 3 if options.quick else ROUNDS, "lr": LR}
        contestants = {"spikesim": functools.partial(in_process, "training", job)}
        contestants["spikesim, by hand"] = functools.partial(in_process, "training", job | {"by_hand": True})
        for peer in options.found(("torch-step", "jax")):
            contestants[peer.name] = functools.partial(peer.run, job)
        runs = {(name, 1): functools.partial(with_threads, run, 1) for name, run in contestants.items()}
        found = alternate(f"training, {label}", runs, options.repeat)
        own = next((row for row in found if row["simulator"] == "spikesim" and "failed" not in row), None)
        for row in found:
            row["case"] = label
            if own and "failed" not in row and row is not own:
                row["times_slower"] = row["step_us"] / own["step_us"]
                row["times_cpu"] = row["cpu_us"] / own["cpu_us"]
                row["rates_agree"] = math.isclose(row["loss"], own["loss"], rel_tol=1e-3)
        rows += found
    return rows
