"""What sources release when they emit: the factor of each flight in the bundles of a projection with a release.

Every worker holds the numbers of all sources and sees all spikes in the same order, so all find the same factors.
"""

from __future__ import annotations

import functools

import numpy as np

from ...jit import call_kernel, compiled, kernel_address, view
from ...jit.records import floats, shorts, struct, table
from ...random import subkey
from ..releasing import emit
from .records import RELEASE, WORKER

__all__ = ["factors", "releasing"]


@functools.cache
def releasing(key: str) -> int:
    """Return the address of the kernel that lets sources emit by the equations behind a key."""

    def release(w_at, r, ids_at, n, step, out_at):
        w = struct(w_at, WORKER)
        rule = table(w.release, RELEASE)[r]
        ids, out, index = view(ids_at, n, np.int64), view(out_at, n, np.float64), shorts(rule.index)
        numbers, parameters = floats(w.released), floats(rule.parameters)
        at, width, own, columns, dt = rule.at, rule.width, rule.own, rule.columns, rule.dt
        for i in range(n):
            k = np.int64(index[ids[i]])
            out[i] = 0.0
            if k >= 0:
                a, b = subkey(rule.key_a, rule.key_b, k)
                source = numbers[at + k * width : at + (k + 1) * width]
                since = (step - source[width - 2]) * dt
                out[i] = emit(key, source, parameters[own * k * columns :], since, a, b)
                source[width - 2] = step
                source[width - 1] += 1.0
        return 0

    return kernel_address(release, "int64(int64,int64,int64,int64,int64,int64)")


@compiled
def factors(w_at, r, ids, step, out):
    """Let the sources `ids` (int64) emit at `step`; write their factors (float64)."""
    release = table(struct(w_at, WORKER).release, RELEASE)[r]
    call_kernel(
        release.kernel, (np.int64(w_at), np.int64(r), ids.ctypes.data, ids.size, np.int64(step), out.ctypes.data)
    )
