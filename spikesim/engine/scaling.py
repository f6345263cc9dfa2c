"""Weights onto each target brought to a sum, for the loops of both engines."""

from __future__ import annotations

from ..jit import compiled

__all__ = ["scale"]


@compiled
def scale(weight, stride, ptr, synapse, total, low, high):
    """Scale the weights onto each target to the sum `total`, within their bounds; nothing is made of nothing.

    Those of target i are weight[stride j] for the j in synapse[ptr[i] : ptr[i + 1]].
    """
    for i in range(ptr.size - 1):
        found = 0.0
        for k in range(ptr[i], ptr[i + 1]):
            found += weight[stride * synapse[k]]
        factor = total / found if found > 0.0 else 1.0
        for k in range(ptr[i], ptr[i + 1]):
            j = stride * synapse[k]
            weight[j] = min(max(weight[j] * factor, low), high)
