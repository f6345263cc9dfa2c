"""Compiling the loops of the usual networks beforehand, so that the first run of one does not wait for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from . import published
from .jit import JIT
from .network.network import Network
from .network.rules import fixed_probability
from .neurons import HodgkinHuxley
from .synapses import Exponential

__all__ = ["NETWORKS", "warmup"]


def _hodgkin_huxley() -> Network:
    net = Network(seed=1)
    cells = net.population("cells", 20, HodgkinHuxley(I_e=1000.0))
    net.connect(cells, cells, fixed_probability(0.1), weight=1.0, delay=1.0, synapse=Exponential(5.0))
    net.record(cells, "spikes")
    return net


#: Small networks of the usual kinds, and on how many threads each is run: other sizes and parameters compile nothing.
NETWORKS: dict[str, tuple[Callable[[], Network], tuple[int, ...]]] = {
    "CUBA": (lambda: published.cuba(neurons=100), (1,)),
    "COBA": (lambda: published.coba(neurons=100), (1,)),
    "microcircuit": (lambda: published.microcircuit(scale=0.01), (1, 2)),
    "Hodgkin-Huxley": (_hodgkin_huxley, (1,)),
}


def warmup() -> Iterator[tuple[str, float]]:
    """Compile, and keep on disk, what each of `NETWORKS` needs; yield its name and the seconds that this took.

    Nothing is compiled under ``NUMBA_DISABLE_JIT=1``.
    """
    for name, (make, threads) in NETWORKS.items() if JIT else ():
        clock = time.perf_counter()
        for n in threads:
            make().run(1.0, threads=n, progress=False)
        yield name, time.perf_counter() - clock
