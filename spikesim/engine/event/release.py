"""What sources release when they emit: the factor of each flight in the bundles of a projection with a release.

Every worker holds the numbers of all sources and sees all spikes in the same order, so all find the same factors.
"""

from __future__ import annotations

import functools

import numpy as np

from ...jit import kernel_address, view
from ...jit.records import floats, shorts, struct, table
from ...random import subkey
from ..releasing import emit
from .propagate import running
from .records import RELEASE, WORKER

__all__ = ["releasing"]


@functools.cache
def releasing(key: str) -> int:
    """Return the address of the kernel that lets sources emit by the equations behind a key.

    Arguments: worker; number of the release; times and ids of n spikes; address of their factors (n), to be written.
    While a state is put, factors that are known stand there already, and nan for spikes that are emitted now.
    """

    def release(w_at, number, time_at, id_at, n, out_at):
        w = struct(w_at, WORKER)
        rule, restored = table(w.release, RELEASE)[number], running(w).launched > 0
        times, ids, out = view(time_at, n, np.float64), view(id_at, n, np.int64), view(out_at, n, np.float64)
        index, numbers, parameters = shorts(rule.index), floats(w.released), floats(rule.parameters)
        at, width, own, columns = rule.at, rule.width, rule.own, rule.columns
        for q in range(n):
            if restored and out[q] == out[q]:
                continue
            k = np.int64(index[ids[q]])
            out[q] = 0.0
            if k >= 0:
                a, b = subkey(rule.a, rule.b, k)
                source = numbers[at + k * width : at + (k + 1) * width]
                out[q] = emit(key, source, parameters[own * k * columns :], times[q] - source[width - 2], a, b)
                source[width - 2] = times[q]
                source[width - 1] += 1.0
        return 0

    return kernel_address(release, "int64(int64,int64,int64,int64,int64,int64)")
