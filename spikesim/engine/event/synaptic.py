"""Synapses that are no linear filters, on the event engine: what a spike does to them, and what is felt of them.

Their states stand behind those of the neuron and are integrated with them (see slopes, flow).
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numba.extending import overload

from ...jit import INLINE, kernel_address, view
from ..equations import bind, registered, scalars
from .flow import get, put
from .records import MODEL_AT, STATES

__all__ = ["receiving", "showing"]


@functools.cache
def receiving(key: str) -> int:
    """Return the address of what a spike does to the synapse whose first state stands in a column of a record."""
    n, n_parameters = registered[key].states, len(registered[key].vector)

    def receive(x_at, par_at, column, weight):
        x = view(x_at, STATES + n, np.float64)
        parameters = view(par_at + 8 * MODEL_AT, n_parameters, np.float64)
        p = bind(key, scalars(key, parameters), parameters, 0)
        put(key, x, arrived(key, get(key, x), p, column - STATES, weight))

    return kernel_address(receive, "void(int64,int64,int64,float64)")


@functools.cache
def showing(key: str) -> int:
    """Return the address of what writes current and conductance of each synapse, as they are in a record."""
    n, n_parameters = registered[key].states, len(registered[key].vector)

    def show(x_at, par_at, out_at):
        x = view(x_at, STATES + n, np.float64)
        parameters = view(par_at + 8 * MODEL_AT, n_parameters, np.float64)
        p = bind(key, scalars(key, parameters), parameters, 0)
        felt = shown(key, get(key, x), p)
        out = view(out_at, len(felt), np.float64)
        for k in range(len(felt)):
            out[k] = felt[k]

    return kernel_address(show, "void(int64,int64,int64)")


def arrived(key: str, s: Any, p: Any, at: int, w: float) -> Any:
    """The states after a spike of weight w, at the synapse whose first state is number `at`."""
    return registered[key].arrive(s, p, at, w)


@overload(arrived, prefer_literal=True, jit_options=INLINE)
def _arrived_overload(key, s, p, at, w):
    arrive = registered[key.literal_value].arrive
    return lambda key, s, p, at, w: arrive(s, p, at, w)


def shown(key: str, s: Any, p: Any) -> Any:
    """Current and conductance of each synapse behind the key, one after the other."""
    return registered[key].shown(s, p)


@overload(shown, prefer_literal=True, jit_options=INLINE)
def _shown_overload(key, s, p):
    show = registered[key.literal_value].shown
    return lambda key, s, p: show(s, p)
