"""Truth: a run that was stopped by Ctrl-C many times and went on equals one that was left alone."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest

import spikesim as ss
from spikesim.jit import JIT

from .networks import digest, everything

TOTAL = 4000.0 if JIT else 2.0


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to itself")
@pytest.mark.filterwarnings("ignore::spikesim.SpikesimWarning")
@pytest.mark.parametrize("threads", [1, 2])
def test_interrupted_again_and_again(threads: int) -> None:
    whole = everything().run(TOTAL, threads=threads, progress=False)
    sim = ss.Simulation(everything(), threads=threads)
    sim.run(0.1, progress=False)  # compiled before anybody is impatient
    rng, interruptions = np.random.default_rng(threads), 0
    result = sim.result()
    while sim.time < TOTAL:
        timer = threading.Timer(rng.uniform(0.001, 0.03), os.kill, (os.getpid(), signal.SIGINT))
        try:
            timer.start()
            result = sim.run(round(TOTAL - sim.time, 6), progress=False)
            interruptions += result.stats["interrupted"]
            timer.join()
        except KeyboardInterrupt:  # it came before the run or after it
            timer.join()
    assert interruptions > 2 or not JIT
    assert digest(sim.result()) == digest(whole)
    assert sum(len(train.times) for train in sim.result().spikes.values()) == sim.result().stats["spikes"]
