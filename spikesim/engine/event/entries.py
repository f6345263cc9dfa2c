"""The kernels that the event engine calls by address: each is compiled once, on its own, where a network needs it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ...jit import kernel_address
from . import deliver as volleys
from . import drives, launch, leaky, nonlinear, plastic, trains
from . import propagate as neuron
from . import run as events
from . import sample as watch

CATCH, ARRIVE = "int64(int64,int64,float64)", "int64(int64,int64,int64,float64,float64)"
BRING, VOLLEY = "int64(int64,int64,int64,float64)", "int64(int64,int64,int64,int64)"
DECODE, ARRIVALS = "int64(int64,int64,int64,int64,float64,int64)", "int64(int64,float64,int64,int64,int64)"
LAUNCH = "int64(int64,int64,int64,int64)"

_entries: dict[str, tuple[Callable[..., Any], str]] = {
    "catch linear": (neuron.catch_linear, CATCH),
    "catch leak": (leaky.catch_leak, CATCH),
    "catch source": (neuron.catch_source, CATCH),
    "arrive linear": (neuron.arrive_linear, ARRIVE),
    "arrive leak": (leaky.arrive_leak, ARRIVE),
    "arrive flow": (nonlinear.arriving(False), ARRIVE),
    "arrive flow verbs": (nonlinear.arriving(True), ARRIVE),
    "bring linear": (neuron.bring_linear, BRING),
    "bring leak": (leaky.bring_leak, BRING),
    "bring flow": (nonlinear.bringing(False), BRING),
    "bring flow verbs": (nonlinear.bringing(True), BRING),
    "volley leak": (volleys.volley_leak, VOLLEY),
    "volley currents": (volleys.volley_currents, VOLLEY),
    "volley any": (volleys.volley_any, VOLLEY),
    "renew": (trains.renew, "int64(int64,int64,int64,float64,int64)"),
    "decode": (volleys.decoding(False), DECODE),
    "decode carried": (volleys.decoding(True), DECODE),
    "begin": (events.begin, "int64(int64)"),
    "arrivals": (events.arriving(False, False), ARRIVALS),
    "arrivals carried": (events.arriving(True, False), ARRIVALS),
    "arrivals learning": (events.arriving(False, True), ARRIVALS),
    "arrivals carried learning": (events.arriving(True, True), ARRIVALS),
    "feel": (plastic.feel, DECODE),
    "ready": (plastic.ready, "int64(int64,int64,int64,int64,float64)"),
    "serve": (events.serve, "int64(int64,float64)"),
    "close": (launch.closing(False), "int64(int64)"),
    "close learning": (launch.closing(True), "int64(int64)"),
    "merge": (launch.merge, "int64(int64,int64)"),
    "launch": (launch.launching(False, False), LAUNCH),
    "launch carried": (launch.launching(True, False), LAUNCH),
    "launch late": (launch.launching(False, True), LAUNCH),
    "launch carried late": (launch.launching(True, True), LAUNCH),
    "drives": (drives.drives, "int64(int64,float64)"),
    "sample": (watch.sample, "int64(int64,int64,float64)"),
}
for moves in (False, True):
    for chance in (False, True):
        for verbs in (False, True):
            more = " moved" * moves + " chance" * chance + " verbs" * verbs
            _entries[f"catch flow{more}"] = nonlinear.catching(moves, chance, verbs), CATCH


@functools.cache
def entry(name: str) -> int:
    """Return the address of a kernel, compiled when first asked for."""
    return kernel_address(*_entries[name])
