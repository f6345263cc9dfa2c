"""Is this installation sound?  Versions, threads, the cache of compiled loops, and a self-test in seconds.

Closed forms of the self-test, on a grid of dt:

    below threshold    v(t) = v_in (1 - exp(-t / tau_m))                                       (notes 1.4)
    above              interval = t_ref + ceil(-tau_m ln(1 - 1 / v_in) / dt) dt
    a synapse          one spike of weight w through an area-normalised filter moves a charge w   (notes 1.6)
"""

# mypy takes the tables of a model (states, order) for parameters without a default
# mypy: disable-error-code=call-arg

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import numba
import numpy as np
from numba.misc.appdirs import AppDirs

from .engine.simulation import Simulation
from .jit import JIT
from .network import Network, fixed_indegree, from_pairs
from .neurons import LIF, SpikeTimes
from .random import uniform
from .record.result import Result
from .record.versions import versions
from .synapses import Delta, Exponential

__all__ = ["examine", "self_test"]

DT = 0.1  # ms


def examine() -> bool:
    """Print what the package stands on and whether the self-test passes; return the latter."""
    print("System    ", platform.platform())
    print("Versions  ", ", ".join(f"{name} {version}" for name, version in versions().items()))
    print("Threads   ", f"{_cores()} cores for this process; Numba allows {numba.get_num_threads()}")
    print("Compiler  ", "on" if JIT else "off (NUMBA_DISABLE_JIT): everything works, slowly")
    print("Cache     ", _cache())
    passed = True
    clock = time.perf_counter()
    for name, good, found in self_test():
        passed &= good
        print("Self-test ", "passed" if good else "FAILED", f"{name}: {found}")
    seconds = time.perf_counter() - clock
    print("Self-test ", f"{'passed' if passed else 'FAILED'} in {seconds:.1f} s, compiling included")
    return passed


def self_test() -> Iterator[tuple[str, bool, str]]:
    """Yield (what is tested, whether it is right, what was found)."""
    for test in (_membrane, _intervals, _charge, _threads):
        yield test()


def _membrane() -> tuple[str, bool, str]:
    net = Network()
    cell = net.population("cell", 1, LIF.normalized(v_in=0.9))
    net.record(cell, "v")
    trace = _run(net, 50.0).traces["cell"]["v"]
    error = float(np.abs(trace.values[:, 0] - 0.9 * -np.expm1(-trace.times / 20.0)).max())
    return "membrane against its solution", error < 1e-12, f"largest error {error:.1e}"


def _intervals() -> tuple[str, bool, str]:
    drive = np.array([1.05, 1.5, 2.0, 5.0, 20.0])
    net = Network()
    cells = net.population("cells", drive.size, LIF.normalized(v_in=drive))
    net.record(cells, "spikes")
    found = np.array([np.diff(train)[0] for train in _run(net, 300.0).spikes["cells"].lists()])
    steps = np.ceil(-20.0 * np.log1p(-1.0 / drive) / DT)
    error = float(np.abs(found - (2.0 + DT * steps)).max())
    return "intervals against the tuning curve", error < 1e-9, f"largest error {error:.1e} ms"


def _charge() -> tuple[str, bool, str]:
    weight, tau = 3.0, 5.0
    net = Network()
    source = net.population("source", 1, SpikeTimes([[1.0]]))
    cell = net.population("cell", 1, LIF(V_th=math.inf))
    synapse = Exponential(tau, normalize="area")
    net.connect(source, cell, from_pairs([0], [0]), weight=weight, delay=1.0, synapse=synapse)
    net.record(cell, "I_syn")
    current = _run(net, 200.0).traces["cell"]["I_syn"].values[:, 0]
    # a geometric series: samples every dt of an exponential that begins on one of them
    charge = float(current.sum()) * tau * -math.expm1(-DT / tau)
    error = abs(charge / weight - 1.0)
    return "charge of one spike", error < 1e-12, f"relative error {error:.1e}"


def _threads() -> tuple[str, bool, str]:
    net = Network(seed=3)
    cell = LIF(tau_m=20.0, E_L=0.0, V_th=20.0, V_reset=10.0)
    cells = net.population("cells", 400, cell, v=uniform(0.0, 20.0))
    net.background(cells, rate=9000.0, weight=0.2, synapse=Delta())
    net.connect(cells, cells, fixed_indegree(40), weight=-0.3, delay=1.5, synapse=Delta())
    net.record(cells, "spikes")
    one, two = (_run(net, 100.0, threads).spikes["cells"] for threads in (1, 2))
    same = np.array_equal(one.times, two.times) and np.array_equal(one.ids, two.ids)
    return "one thread and two, bit for bit", bool(same and len(one)), f"{len(one)} spikes"


def _run(net: Network, duration: float, threads: int = 1) -> Result:
    return Simulation(net, dt=DT, threads=threads).run(duration, progress=False)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cache() -> str:
    """Where compiled loops are kept and how much there is."""
    if not JIT:
        return "not used"
    folder = Path(getattr(numba.config, "CACHE_DIR", "") or Path(__file__).parent)
    if not os.access(folder, os.W_OK):  # Numba then goes to the user's own
        folder = Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)
    files = [f for f in folder.rglob("*.nbc") if f.is_file()]
    size = sum(f.stat().st_size for f in files) / 2**20
    state = f"{len(files)} files, {size:.1f} MiB" if files else "empty: the first run of a kind compiles, once"
    return f"{folder} ({state})"
