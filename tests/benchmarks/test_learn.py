"""What the graph costs in an epoch of learning.  Truth: the same arithmetic, written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import learn as benchmark
from spikesim import learn

X, CLASSES = benchmark.images(2_560)


def test_the_bare_steps_are_the_same_arithmetic() -> None:
    net = benchmark.network()
    bare = benchmark.Bare(net)
    benchmark.epoch(bare, X, CLASSES)
    benchmark.epoch(benchmark.tape(net, learn.SGD(net.parameters(), lr=benchmark.LR)), X, CLASSES)
    for p, w in zip(net.parameters(), bare.weights):
        assert np.allclose(p.val, w, atol=1e-5)


@pytest.mark.slow
def test_graph_overhead_is_small() -> None:
    """Less than a tenth of an epoch (79 steps) is the graph's.

    Processor time, in turns; the least of each is what it costs undisturbed, and a busy machine needs more turns
    to come to it.
    """
    x, classes = benchmark.images()
    net = benchmark.network()
    bare, tape = benchmark.Bare(net), benchmark.tape(net, learn.SGD(net.parameters(), lr=benchmark.LR))
    found, plain = [], []
    while len(found) < 10 or (1.0 - min(plain) / min(found) >= 0.10 and len(found) < 60):
        found.append(benchmark.epoch(tape, x, classes)[1])
        plain.append(benchmark.epoch(bare, x, classes)[1])
    assert 1.0 - min(plain) / min(found) < 0.10, f"{min(found):.4f} and {min(plain):.4f} s after {len(found)} turns"
