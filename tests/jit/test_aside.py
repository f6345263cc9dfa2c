"""Ctrl-C is heard while a network is built or compiled, however long that takes."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine.clock.engine import ClockEngine
from spikesim.engine.clock.worker import Worker
from spikesim.engine.event.build import Tables
from spikesim.engine.event.engine import EventEngine
from spikesim.errors import warn
from spikesim.jit import JIT, compiled
from spikesim.jit.aside import aside, side_by_side

posix = pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to itself")
LONG, SOON = 8.0, 4.0  # s


def slept(*_: Any) -> None:
    time.sleep(LONG)


def seconds_until_heard(call: Callable[[], Any]) -> float:
    """Send SIGINT in 0.2 s and return how long the call goes on after it."""
    sent = []
    timer = threading.Timer(0.2, lambda: (sent.append(time.monotonic()), os.kill(os.getpid(), signal.SIGINT)))
    with pytest.raises(KeyboardInterrupt):
        timer.start()
        call()
    return time.monotonic() - sent[0]


def test_what_the_work_returns_or_raises() -> None:
    assert aside(max, 2, 3) == 3
    assert side_by_side(pow, [2, 3, 4], [2, 2, 2]) == [4, 9, 16]
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda x: 1 // x, [1, 0])
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):  # settings of the caller hold
        aside(lambda: np.float64(1.0) / np.float64(0.0))


def test_a_warning_names_the_line_that_waits() -> None:
    """Not one of the thread that works."""
    with pytest.warns(ss.errors.SpikesimWarning) as said:
        aside(aside, warn, "long")  # (the thread of a thread)
        side_by_side(warn, ["one", "two"])
    assert [w.filename for w in said] == 3 * [__file__]
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert ["warn" in lines[w.lineno - 1] for w in said] == 3 * [True]


@posix
def test_signals_are_heard_while_the_work_goes_on() -> None:
    assert seconds_until_heard(lambda: aside(slept)) < SOON
    assert seconds_until_heard(lambda: side_by_side(slept, [1, 2])) < SOON


@posix
@pytest.mark.parametrize(("engine", "room"), [("clock", Worker), ("event", Tables)])
@pytest.mark.parametrize("threads", [1, 2])
def test_while_a_network_is_built(engine: str, room: Any, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    net = ss.Network()
    net.population("cells", 300, ss.LIF())
    monkeypatch.setattr(room, "wire", slept)
    assert seconds_until_heard(lambda: ss.Simulation(net, engine=engine, threads=threads)) < SOON


@posix
@pytest.mark.filterwarnings("ignore::spikesim.SpikesimWarning")
@pytest.mark.parametrize(("engine", "cls"), [("clock", ClockEngine), ("event", EventEngine)])
def test_while_loops_are_compiled(engine: str, cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is interrupted where it stands, and goes on when it is asked again."""
    net = ss.Network()
    net.record(net.population("cells", 3, ss.LIF(I_e=500.0)), "spikes")
    with ss.Simulation(net, engine=engine) as sim:
        with monkeypatch.context() as patch:
            patch.setattr(cls, "prepared", False)
            patch.setattr(cls, "prepare", slept)
            timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
            began = time.monotonic()
            timer.start()
            result = sim.run(20.0, progress=False)
            assert time.monotonic() - began < SOON
            assert result.stats["interrupted"] and sim.time == 0.0
        result = sim.run(20.0, progress=False)
        assert not result.stats["interrupted"] and result.spikes["cells"].count() == 3


@posix
@pytest.mark.skipif(not JIT, reason="plain Python compiles nothing")
def test_while_a_kernel_is_compiled_at_its_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that no engine prepares, such as a layer's; the next call compiles it."""

    def doubled(x: float) -> float:
        return 2.0 * x

    kernel: Any = compiled(doubled)
    with monkeypatch.context() as patch:
        patch.setattr(kernel, "compile", slept)
        assert seconds_until_heard(lambda: kernel(1.0)) < SOON
    assert kernel(1.0) == 2.0 and len(kernel.signatures) == 1


def test_cycles_are_searched_again_when_all_work_is_done() -> None:
    """Also where two pieces of work overlap; and they are not where somebody has switched it off."""
    until = time.monotonic() + 2 * LONG  # what other tests have abandoned goes on to its end
    while not gc.isenabled() and time.monotonic() < until:
        time.sleep(0.05)
    assert side_by_side(lambda _: gc.isenabled(), [0, 1]) == [False, False]
    assert gc.isenabled()
    gc.disable()
    try:
        aside(lambda: None)
        assert not gc.isenabled()
    finally:
        gc.enable()
