"""What a function reads.  Truth: Python's own rule of names: closure, module, built in."""

from __future__ import annotations

import math

from spikesim.jit.reads import MISSING, reads

SCALE = 3.0


def made():
    """A function with two names of its closure, one of which nothing has been assigned to."""

    def f(x):
        return near * abs(x) + math.pi * SCALE + len([x])

    near = 2.0
    if near < 0.0:
        abs = None
    return f


def test_names_have_the_values_that_python_gives_them() -> None:
    found = {read.chain: read.value for read in reads(made())}
    assert found == {"near": 2.0, "abs": MISSING, "math.pi": math.pi, "SCALE": SCALE, "len": len}
