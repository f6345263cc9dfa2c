"""Intervals of a renewal process with mean 1, of gamma law; the k-th word of a stream is used once.

Gamma numbers by Marsaglia and Tsang (2000, ACM Trans. Math. Softw. 26:363), exact; those of a shape below 1 by
Gamma(a) = Gamma(a + 1) U^(1/a).  The first interval of a process in equilibrium is what is left, U L, of one that is
met with a probability proportional to its length, L ~ Gamma(a + 1) / a (Cox 1962, Renewal Theory, ch. 5).
"""

from __future__ import annotations

import math

import numpy as np

from ..jit import compiled
from ..random import ndtri, subkey, unit, word

__all__ = ["beginnings", "interval", "taken"]


@compiled
def gamma(ka, kb, count, shape):
    """Return (a number of Gamma(shape), the next word of the stream)."""
    factor = 1.0
    if shape < 1.0:
        factor = unit(word(ka, kb, count)) ** (1.0 / shape)
        count += 1
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = ndtri(unit(word(ka, kb, count)))
        u = unit(word(ka, kb, count + 1))
        count += 2
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
            return factor * d * v, count


@compiled
def interval(ka, kb, count, shape, first):
    """Return (the next interval, the next word); `first`: the process begins here, in equilibrium."""
    if shape == 1.0:
        return -math.log(unit(word(ka, kb, count))), count + 1
    if not first:
        x, count = gamma(ka, kb, count, shape)
        return x / shape, count
    x, count = gamma(ka, kb, count, shape + 1.0)
    return unit(word(ka, kb, count)) * x / shape, count + 1


@compiled
def taken(ka, kb, count, who, copy):
    """Whether a neuron takes the spike behind which a common train stands at word `count`."""
    a, b = subkey(ka, kb, count)
    return unit(word(a, b, who)) < copy


@compiled
def beginnings(a, b, first, shape, left, count):
    """Write the first interval and the next word of the streams first, first + 1, ... of (a, b)."""
    for i in range(left.size):
        ka, kb = subkey(a, b, np.int64(first + i))
        left[i], count[i] = interval(ka, kb, np.int64(0), shape, True)
