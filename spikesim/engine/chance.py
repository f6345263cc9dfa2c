"""Random numbers of synapses whose rule of plasticity takes some: the k-th is a function of (stream, synapse, k)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import overload, register_jitable

from ..jit import INLINE
from ..plasticity.declared import MOST_DRAWS
from ..random import subkey, unit, word

__all__ = ["SALT", "SERIES", "counted", "unchanged"]

SALT = np.uint64(0x9E3779B97F4A7C15)  # the other half of the key of a stream


@register_jitable(forceinline=True)
def _uniform(stream, which, at):
    a, b = subkey(np.uint64(stream), SALT, np.uint64(which))
    return unit(word(a, b, at))


def _series(n: int) -> Callable[..., tuple[float, ...]]:
    """Return the function that gives n random numbers of a synapse, from one on."""
    if n == 1:
        return register_jitable(forceinline=True)(lambda stream, which, at: (_uniform(stream, which, at),))
    before, last = _series(n - 1), np.uint64(n - 1)

    def series(stream, which, at):
        return before(stream, which, at) + (_uniform(stream, which, at + last),)  # noqa: RUF005 (compiled)

    return register_jitable(forceinline=True)(series)


SERIES = {n: _series(n) for n in range(1, MOST_DRAWS + 1)}


def counted(changed: tuple[float, ...], s: Any) -> tuple[float, ...]:
    """What a verb returned of a synapse, and that it has drawn once more."""
    return (*changed, s.which, s.drawn + 1.0)


@overload(counted, jit_options=INLINE)
def _counted_overload(changed, s):
    return lambda changed, s: changed + (s.which, s.drawn + 1.0)  # noqa: RUF005 (compiled)


def unchanged(changed: tuple[float, ...], s: Any) -> tuple[float, ...]:
    """The same, of a verb that draws nothing."""
    return (*changed, s.which, s.drawn)


@overload(unchanged, jit_options=INLINE)
def _unchanged_overload(changed, s):
    return lambda changed, s: changed + (s.which, s.drawn)  # noqa: RUF005 (compiled)
