"""A connectome of any size that is made up, with the laws of a fly's.

Of the whole brain of a fly (FlyWire, release 783: Dorkenwald et al., Nature 634:124-138 (2024)) 138,639 neurons have
15.1 million connections of 54.5 million synapses, 2.7 million of which have five or more.  So has this one:

    synapses of a connection      ceil(x), x log-normal, median 1.03, sigma 1.49: mean 3.6, 18 % have 5 or more
    out-degree, in-degree         in proportion to log-normal numbers (sigma 1; correlated, 0.6): long tails
    sign                          of the source: six of ten excite (acetylcholine), those that sense all; the others
                                  inhibit (GABA, glutamate)

The law of the number of synapses follows from the three numbers above; those of degrees and signs are plain choices.
Who is connected with whom is otherwise left to chance, so there are no circuits in it: speed and bookkeeping are those
of a fly, what it does is not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..network import checked
from ..random import key, normal, units
from .connectome import Connectome

__all__ = ["synthetic_connectome"]

LOG_MEDIAN, LOG_SIGMA = 0.026, 1.487  # of the synapses of a connection
DEGREES, TOGETHER = 1.0, 0.6  # sigma of the logarithm of degrees; correlation of in and out
EXCITE = 0.55  # of the neurons that do not sense
#: Kinds of neurons and which share of all they are, in the order of the indices.
KINDS = (("sensory", 0.12), ("central", 0.87), ("motor", 0.01))
FIRST_ID = 720_575_940_000_000_000  # of neurons; ids of a connectome do not fit into a float


@named
def synthetic_connectome(n: int = 138_639, synapses: int | None = None, seed: int = 1) -> Connectome:
    """Return a connectome that is made up: no neuron or connection of it is a fly's.

    Parameters
    ----------
    n : int
        Number of neurons, at least 2.
    synapses : int, optional
        Number of connections; without it, 109 a neuron as in a fly, or half of all pairs if these are fewer.
    seed : int

    Returns
    -------
    Connectome
        Annotated with "kind" ("sensory", "central", "motor") and "transmitter" ("excitatory", "inhibitory").

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If these are no such numbers, or there are more connections than half of all pairs.

    Examples
    --------
    >>> from spikesim import published
    >>> published.synthetic_connectome(1000, 20_000).pre.size
    20000
    """
    n = checked.count("synthetic_connectome: n", n, least=2, most=2**31 - 1)
    pairs = n * (n - 1)
    wanted: Any = min(109 * n, pairs // 2) if synapses is None else synapses
    m = checked.count("synthetic_connectome: synapses", wanted)
    if m > pairs // 2:
        raise InvalidValueError(
            f"synthetic_connectome: {m} connections are more than half of the {pairs} pairs of {n} neurons"
        )
    seed = checked.count("synthetic_connectome: seed", seed, most=2**64 - 1)

    def gauss(what: str, count: int) -> np.ndarray:
        return normal(0.0, 1.0).sample(key(seed, "synthetic connectome", what), np.arange(count))

    own = gauss("out-degree", n)
    other = TOGETHER * own + math.sqrt(1.0 - TOGETHER**2) * gauss("in-degree", n)
    pre, post = _pairs(np.exp(DEGREES * own), np.exp(DEGREES * other), m, seed)
    number = np.ceil(np.exp(LOG_MEDIAN + LOG_SIGMA * gauss("synapses", m)))
    ends = np.rint(np.cumsum([share for _, share in KINDS]) * n).astype(int)
    kind = np.repeat([name for name, _ in KINDS], np.diff(ends, prepend=0))
    chance = units(key(seed, "synthetic connectome", "sign"), np.arange(n))
    sign = np.where((chance < EXCITE) | (kind == "sensory"), 1, -1)
    notes = {"kind": kind, "transmitter": np.where(sign > 0, "excitatory", "inhibitory")}
    made = f"synthetic_connectome(n={n}, synapses={m}, seed={seed}): made up"
    return Connectome(pre, post, number * sign[pre], FIRST_ID + np.arange(n), notes, ((made, ""),))


def _pairs(out: np.ndarray, into: np.ndarray, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return m different pairs (source, target) of two neurons, sorted; chances in proportion to `out` and `into`."""
    n = out.size
    ends = [np.cumsum(values) / values.sum() for values in (out, into)]
    streams = [key(seed, "synthetic connectome", side) for side in ("source", "target")]
    found, at = np.zeros(0, np.int64), 0
    while found.size < m:
        more = at + np.arange(max(1024, 2 * (m - found.size)) if at else m + m // 8 + 1024)
        at = int(more[-1]) + 1
        source, target = (np.searchsorted(end[:-1], units(s, more), side="right") for end, s in zip(ends, streams))
        code = np.concatenate((found, (source * n + target)[source != target]))
        _, first = np.unique(code, return_index=True)
        found = code[np.sort(first)]
    code = np.sort(found[:m])
    return (code // n).astype(np.int32), (code % n).astype(np.int32)
