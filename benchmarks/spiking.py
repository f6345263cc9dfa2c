"""SPIKING: what does an epoch of training by surrogate gradients cost, beside snnTorch?

784-256-10 leaky integrate-and-fire neurons, 25 steps, batches of 128, Adam, cross entropy of the mean output
potential, float32, one thread.  "static": each image a constant current of the first layer; "latency": a spike a
pixel; "poisson": in each step a spike with the pixel's value as probability, drawn anew for each batch.  The images
are random with MNIST's share of dark pixels (time does not depend on more); spikesim's neurons have a synapse of their
own and a refractory time, the peer's (its tutorial's) have neither.

    python -m benchmarks.spiking               # spikesim
    python -m benchmarks.spiking --peer        # snnTorch as its tutorial writes it, in an environment that has it; and
                                               # with the product of a constant input done once ("hoisted")
    python -m benchmarks.spiking --steps 100 --code latency
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

for _pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_pool, "1")

BATCH, STEPS, PIXELS, HIDDEN, SAMPLES = 128, 25, 784, 256, 60_000


def ours(code: str) -> Callable[[], None]:
    """Return one update."""
    import numpy as np

    import spikesim as ss
    from spikesim import learn

    rng = np.random.default_rng(0)
    x = (rng.random((BATCH, PIXELS)) * (rng.random((BATCH, PIXELS)) < 0.19)).astype(np.float32)
    y = rng.integers(0, 10, BATCH)
    lif, synapse = ss.LIF.normalized(tau_m=10.0, t_ref=1.0), ss.Exponential(5.0, normalize="area")
    if code == "static":
        first = [learn.Linear(PIXELS, HIDDEN, seed=1), learn.Spiking(HIDDEN, lif, None, steps=STEPS, threads=1)]
    else:
        encoder = learn.Latency(steps=STEPS) if code == "latency" else learn.PoissonCode(STEPS, max_rate=1000.0)
        first = [encoder, learn.Spiking(HIDDEN, lif, synapse, threads=1, seed=1, gain=2.0)]
    readout = learn.Readout(10, lif, synapse, n_in=HIDDEN, seed=2, threads=1, gain=2.0)
    model = learn.Sequential(*first, readout).astype(np.float32)
    loss, optimizer = learn.CrossEntropyLoss(), learn.Adam(model.parameters(), lr=1e-3)

    def update() -> None:
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    return update


def peer(code: str) -> Callable[[], None]:
    """Return one update of snnTorch, as its tutorials write it, or "hoisted": static, with one product of the input."""
    import snntorch  # type: ignore[import-not-found]
    import torch  # type: ignore[import-not-found]

    torch.set_num_threads(1)
    first, last = torch.nn.Linear(PIXELS, HIDDEN), torch.nn.Linear(HIDDEN, 10)
    hidden, out = snntorch.Leaky(beta=0.9), snntorch.Leaky(beta=0.9)
    pixels = torch.rand(BATCH, PIXELS) * (torch.rand(BATCH, PIXELS) < 0.19)
    y = torch.randint(0, 10, (BATCH,))
    shown = pixels.expand(STEPS, BATCH, PIXELS)
    if code == "latency":
        shown = torch.zeros(STEPS, BATCH, PIXELS)
        shown.scatter_(0, ((1.0 - pixels) * (STEPS - 1)).long()[None], (pixels > 0.01).float()[None])
    optimizer = torch.optim.Adam([*first.parameters(), *last.parameters()], lr=1e-3)
    loss = torch.nn.CrossEntropyLoss()

    def update() -> None:
        x = torch.bernoulli(shown) if code == "poisson" else shown
        optimizer.zero_grad()
        v, w, trace = hidden.init_leaky(), out.init_leaky(), []
        product = first(pixels) if code == "hoisted" else None
        for t in range(STEPS):
            spikes, v = hidden(first(x[t]) if product is None else product, v)
            _, w = out(last(spikes), w)
            trace.append(w)
        loss(torch.stack(trace).mean(0), y).backward()
        optimizer.step()

    return update


def seconds(update: Callable[[], None], updates: int) -> float:
    """Return CPU seconds of an epoch of 60,000 images."""
    for _ in range(3):
        update()
    begun = time.process_time()
    for _ in range(updates):
        update()
    return (time.process_time() - begun) / updates / BATCH * SAMPLES


def main() -> None:
    """Print a row for each code."""
    global STEPS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", action="store_true", help="snnTorch instead of spikesim")
    parser.add_argument("--updates", type=int, default=40)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--code", action="append", help="one of those above, or several; all unless given")
    options = parser.parse_args()
    STEPS = options.steps
    for code in options.code or ("static", *(["hoisted"] if options.peer else []), "latency", "poisson"):
        make = peer if options.peer else ours
        name = "snnTorch" if options.peer else "spikesim"
        print(f"{name:10} {code:10} {seconds(make(code), options.updates):6.2f} CPU s an epoch of {SAMPLES:,}")


if __name__ == "__main__":
    main()
