"""Naive twins of the rules: plain Python over single words, one pair at a time, no kernel of the package.

They state the definition of every rule: which word of the stream decides what.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from spikesim.random import key, words


def word(stream, t, j):
    return int(words(stream, np.array([(t << 32) + j]))[0])


def unit(w):
    return ((w >> 12) + 0.5) / 2**52


def sources(rule, stream, t, n, degree):
    """Sources of target t among n candidates, numbered 0 ... n - 1."""
    kind = type(rule).__name__
    if kind == "AllToAll":
        return list(range(n))
    if kind == "FixedProbability":
        out, s, j = [], 0, 0
        while rule.p > 0:
            u = unit(word(stream, t, j))
            s += math.floor(math.log(u) / math.log1p(-rule.p)) if rule.p < 1 else 0
            if s >= n:
                break
            out.append(s)
            s, j = s + 1, j + 1
        return out
    if rule.allow_multapses:
        return [word(stream, t, j) * n >> 64 for j in range(degree)]
    out = []
    for j in range(degree):  # Floyd
        last = n - degree + j
        s = word(stream, t, j) * (last + 1) >> 64
        out.append(last if s in out else s)
    return out


def edges(wiring, seed, degrees):
    """(pre, post) of every synapse, in the order (target, j)."""
    stream, pairs = key(seed, "sources", wiring.name), []
    pre_ids = wiring.pre_ids.tolist()
    for t, gid in enumerate(wiring.post_ids.tolist()):
        possible = [s for s, other in enumerate(pre_ids) if wiring.rule.allow_autapses or other != gid]
        pairs += [(possible[s], t) for s in sources(wiring.rule, stream, t, len(possible), int(degrees[t]))]
    return pairs


def normal_values(wiring, seed, purpose, post, mean, sd):
    """Untruncated normal values of all synapses."""
    seen: dict[int, int] = {}
    values = []
    for t in post:
        j = seen.get(t, 0)
        seen[t] = j + 1
        values.append(mean + sd * ndtri(unit(word(key(seed, purpose, wiring.name), t, j))))
    return np.array(values)


def unpack(bundles, columns):
    """(source gid, target gid, weight, delay) of all synapses in order; columns[port][column]: a gid."""
    out = []
    for b in bundles:
        for gid in range(b.source_ptr.size - 1):
            for k in range(b.source_ptr[gid], b.source_ptr[gid + 1]):
                for i in range(b.seg_start[k], b.seg_start[k + 1]):
                    weight = b.const if b.weight is None else float(b.weight[i])
                    out.append((gid, columns[b.port][b.target[i]], weight, int(b.seg_delay[k])))
    return out
