"""The kernels that the step loop calls by address.

Numba compiles a function again into each of its callers, level by level.  A C function is compiled once, on its own,
and only in networks that need it: the first run of a small network waits half as long.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ...jit import awaited, kernel_address
from . import flow, listed, meeting, noise, plastic, poisson, propagate, run, sample, trains
from . import records as t
from .deliver import DELIVER

__all__ = ["abreast", "entry", "plastic_delivery", "step"]

#: What is compiled with the loop itself, in another process where a core is free.
ABREAST = ("do_launch", "do_report")

_entries: dict[str, tuple[Callable[..., Any], str]] = {
    "do_receive": (run.receive, "int64(int64,int64,int64)"),
    "do_launch": (run.launch, "int64(int64,int64)"),
    "do_report": (run.tell, "int64(int64,int64,int64,int64)"),
    "background": (poisson.add_background, "int64(int64,int64,int64,int64,int64)"),
    "train": (trains.add_train, "int64(int64,int64,int64,int64,int64)"),
    "do_sample": (sample.sample, "int64(int64,int64)"),
    "do_noise": (noise.refresh, "int64(int64,int64)"),
    "do_apply": (propagate.apply_block, "int64(int64,int64,int64,int64,int64)"),
    "do_meet": (meeting.meet, "int64(int64,int64,int64)"),
    "do_merge": (meeting.merge_all, "int64(int64,int64,int64)"),
    "do_learn": (plastic.learn, "int64(int64,int64,int64,int64,int64)"),
}

_steps: dict[int, Callable[..., Any]] = {
    t.LINEAR: propagate.advance_linear,
    t.FLOW: flow.advance_flow,
    t.POISSON: poisson.emit_poisson,
    t.TIMES: listed.emit_listed,
    t.TRAINS: trains.emit_trains,
}


@functools.cache
def entry(what: str) -> int:
    """Return the address of a kernel of the step loop, compiled when first asked for."""
    if what in ABREAST:
        awaited(run.run)
    return kernel_address(*_entries[what])


def abreast() -> None:
    """Compile the kernels that every network needs and that are not needed before the loop itself."""
    for what in ABREAST:
        entry(what)


@functools.cache
def plastic_delivery() -> int:
    """Return the address of the kernel that delivers a bundle whose weights change."""
    return kernel_address(plastic.deliver, DELIVER)


@functools.cache
def step(kind: int) -> int:
    """Return the address of the kernel that advances a part of this kind."""
    return kernel_address(_steps[kind], t.STEP)
