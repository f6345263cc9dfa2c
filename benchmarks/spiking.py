"""SPIKING: what does an epoch of training by surrogate gradients cost, beside snnTorch, Norse and SpikingJelly?

784-256-10 leaky integrate-and-fire neurons, 25 steps, batches of 128, Adam, cross entropy, float32, one thread,
processor time of some updates as an epoch of 60,000 images.  "static": each image a constant current of the first
layer; "hoisted": its product with the weights once for all steps, as spikesim does it anyway; "latency": a spike a
pixel; "poisson": in each step a spike with the pixel's value as probability, drawn anew for each batch.  The images
are random with MNIST's share of dark pixels (time does not depend on more).  Peers are as their tutorials write them
(`peers/run_spiking.py`); spikesim's neurons have a synapse of their own and a refractory time besides.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import spikesim as ss
from spikesim import learn

from .contest import Options, Row, alternate
from .learn import with_threads
from .peers.draw import pixels
from .process import measure as in_process

__all__ = ["CODES", "PEERS", "ask", "measure"]

#: What is shown, and in how many steps.
CODES = (("static", 25), ("hoisted", 25), ("latency", 25), ("latency", 100), ("poisson", 25))
PEERS = ("snntorch", "norse", "spikingjelly")
SIZES: dict[str, Any] = {"batch": 128, "pixels": 784, "hidden": 256, "samples": 60_000}
UPDATES = 40


def measure(code: str, steps: int, updates: int, batch: int, pixels: int, hidden: int, samples: int) -> Row:
    """Return what an epoch takes."""
    update = trained(code, steps, batch, pixels, hidden)
    for _ in range(3):
        update()
    clock, cpu = time.perf_counter(), time.process_time()
    for _ in range(updates):
        update()
    epoch = samples / batch / updates
    return {"run_s": (time.perf_counter() - clock) * epoch, "cpu_s": (time.process_time() - cpu) * epoch}


def trained(code: str, steps: int, batch: int, n: int, hidden: int) -> Callable[[], None]:
    """Return one update."""
    x, y = pixels(batch, n)
    lif, synapse = ss.LIF.normalized(tau_m=10.0, t_ref=1.0), ss.Exponential(5.0, normalize="area")
    if code in ("static", "hoisted"):
        first = [learn.Linear(n, hidden, seed=1), learn.Spiking(hidden, lif, None, steps=steps, threads=1)]
    else:
        encoder = learn.Latency(steps=steps) if code == "latency" else learn.PoissonCode(steps, max_rate=1000.0)
        first = [encoder, learn.Spiking(hidden, lif, synapse, threads=1, seed=1, gain=2.0)]
    readout = learn.Readout(10, lif, synapse, n_in=hidden, seed=2, threads=1, gain=2.0)
    model = learn.Sequential(*first, readout).astype(np.float32)
    loss, optimizer = learn.CrossEntropyLoss(), learn.Adam(model.parameters(), lr=1e-3)

    def update() -> None:
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    return update


def ask(options: Options) -> list[Row]:
    """Each code, here and in the peers that are there, in turns."""
    rows: list[Row] = []
    for code, steps in CODES:
        label = f"{code}, {steps} steps"
        if options.case not in label:
            continue
        job = SIZES | {"code": code, "steps": steps, "updates": 8 if options.quick else UPDATES}
        contestants = {"spikesim": functools.partial(in_process, "spiking", job)}
        for peer in options.found(PEERS):
            contestants[peer.name] = functools.partial(peer.run, job)
        runs = {(name, 1): functools.partial(with_threads, run, 1) for name, run in contestants.items()}
        found = alternate(f"spiking, {label}", runs, options.repeat)
        own = next((row for row in found if row["simulator"] == "spikesim" and "failed" not in row), None)
        for row in found:
            row["case"] = label
            if own and "failed" not in row and row is not own:
                row["times_slower"] = row["run_s"] / own["run_s"]
                row["times_cpu"] = row["cpu_s"] / own["cpu_s"]
        rows += found
    return rows
