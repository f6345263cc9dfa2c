"""B19 to B25: populations and selections."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import IndexRangeError, InvalidTypeError, InvalidValueError, MemoryLimitError

from .rows import DELTA, must_refuse, network, refusal, row, run


def sized(size: Any) -> Any:
    return ss.Network().population("cells", size, ss.LIF())


def called(name: Any) -> Any:
    return ss.Network().population(name, 1, ss.LIF())


def twice() -> None:
    net, _ = network()
    net.population("cells", 1, ss.LIF())


def of_another() -> None:
    net, cells = network()
    other, theirs = network(ss.AdEx())
    other.population("more", 1, ss.LIF())
    net.connect(cells, theirs, ss.all_to_all(), weight=1.0, delay=1.0, synapse=DELTA)


def pick(index: Any) -> Any:
    return network(size=10)[1][index]


REFUSED = [
    *[refusal("B20", lambda s=s: sized(s), error, "cells", "size", repr(s) if s != s else str(s))
      for s, error in ((-1, InvalidValueError), (2.5, InvalidTypeError), (True, InvalidTypeError),
                       ("10", InvalidTypeError),
                       (float("nan"), InvalidTypeError), (None, InvalidTypeError))],
    refusal("B21", lambda: sized(10**11), (MemoryLimitError, InvalidValueError), "cells", "TB are needed", "available"),
    refusal("B21", lambda: sized(2**31 - 1), MemoryLimitError, "cells", "GB"),
    refusal("B22", twice, InvalidValueError, "'cells'", "taken", "4 LIF"),
    *[refusal("B23", lambda n=n: called(n), InvalidValueError, "name")
      for n in ("", " ", "a/b", "..", "a\0b", "a\nb", "x" * 10_000, "a\\b", "\u202eab", " a")],
    refusal("B23", lambda: called(3), InvalidTypeError, "name", "int"),
    refusal("B24", of_another, InvalidValueError, "another network", "2 populations", "1 populations"),
    refusal("B25", lambda: pick(10), IndexRangeError, "cells", "10", "0 ... 9"),
    refusal("B25", lambda: pick(-11), IndexRangeError, "-11"),
    refusal("B25", lambda: pick([1, 12, 13]), IndexRangeError, "12", "index 1", "2 such"),
    refusal("B25", lambda: pick(slice(0, 11)), IndexRangeError, "11"),
    refusal("B25", lambda: pick(slice(None, None, -1)), IndexRangeError, "step"),
    refusal("B25", lambda: pick(np.ones(9, bool)), IndexRangeError, "mask", "10", "9"),
    refusal("B25", lambda: pick([1, 1]), InvalidValueError, "position 1", "2 times"),
    refusal("B25", lambda: pick(1.0), InvalidTypeError, "float"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Any, error: type[Exception], words: tuple[str, ...]) -> None:
    must_refuse(call, error, words)


@row("B19")
@pytest.mark.parametrize("engine", ["clock", "event"])
def test_size_zero_is_inert(engine: str) -> None:
    """Allowed everywhere, and nothing happens."""
    net, cells = network(size=0)
    net.connect(cells, cells, ss.all_to_all(), weight=1.0, delay=1.0, synapse=DELTA)
    net.background(cells, rate=100.0, weight=1.0, synapse=DELTA)
    net.inject(cells, ss.DC(1.0))
    net.record(cells, "spikes", "v")
    result = run(net, 1.0, engine=engine)
    assert result.spikes["cells"].count() == 0 and result.traces["cells"]["v"].values.shape == (10, 0)


@row("B23")
def test_names_beyond_ascii() -> None:
    """One name, however it was composed."""
    net = ss.Network()
    cells = net.population(unicodedata.normalize("NFD", "größe ä"), 1, ss.LIF())
    assert cells.name == "größe ä" and net[unicodedata.normalize("NFD", "größe ä")] is cells
    with pytest.raises(InvalidValueError, match="taken"):
        net.population("größe ä", 1, ss.LIF())


@row("B25")
def test_nothing_selected() -> None:
    """An empty selection is allowed."""
    assert pick([]).size == pick(slice(3, 3)).size == pick(np.zeros(10, bool)).size == 0
