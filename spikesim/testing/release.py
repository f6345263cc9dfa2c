"""Is this a release?  Its verbs alone, spike by spike, are played beside a network in which it runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..keywords import named
from ..random import Key, key, words
from ..synapses.release import is_release, resting
from .battery import TIMES, hold, voltage

__all__ = ["check_release"]


@named
def check_release(release: Any, *, engines: tuple[str, ...] = ("clock", "event")) -> None:
    """Hold a release to its contract.

    Two steps in between without a spike are one long one; the state before the first spike rests; and what a network
    transmits, spike by spike, is the factor of the verbs in plain Python, at 1e-12.

    Parameters
    ----------
    release : value of a declared release
        With parameters that are numbers.
    engines : tuple of str
        With which it is run.

    Raises
    ------
    AssertionError
        With what was expected and what came.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.testing import check_release
    >>> check_release(ss.TsodyksMarkram(U=0.4, tau_rec=200.0))
    """
    hold(is_release(release), f"{release!r} is no value of a class that @release declares")
    cls = type(release)
    rest = resting("check_release", release, release)
    stays = cls.between(rest, 17.0, release)
    hold(np.allclose(stays, rest, rtol=1e-12, atol=1e-12), f"the state before the first spike {rest} becomes {stays}")
    shares = _shares(release, rest)
    for _, s in shares:
        one = cls.between(s, 7.0, release)
        two = cls.between(cls.between(s, 3.0, release), 4.0, release)
        hold(np.allclose(one, two, rtol=1e-10, atol=1e-12), f"7 ms from {s}: {one}; 3 ms and then 4 ms: {two}")
    for engine in engines:
        at, v = voltage(2.0, release=release, engine=engine)
        wanted = np.full(at.size, -70.0)
        for t, (factor, _) in zip(TIMES, shares):
            since = at - t - 1.0
            wanted += np.where(since > -1e-9, 2.0 * factor * np.exp(-since / 20.0), 0.0)
        worst = int(np.argmax(np.abs(v - wanted)))
        hold(
            bool(abs(v[worst] - wanted[worst]) < 1e-10),
            f"engine {engine!r}: v at {at[worst]:g} ms is {v[worst]!r}, and by the verbs {wanted[worst]!r}",
        )


def _shares(release: Any, s: tuple[float, ...]) -> list[tuple[float, tuple[float, ...]]]:
    """The factor of each spike, and the state behind it."""
    cls, last, found = type(release), 0.0, []
    stream = key(5, "release", "p")
    a, b = words(stream, np.zeros(1)), words(Key(stream.b, stream.a), np.zeros(1))
    own = Key(a[0], b[0])
    for count, t in enumerate(TIMES):
        drawn = (words(own, cls.draws * count + np.arange(cls.draws)) >> np.uint64(12)) + 0.5
        chance = (tuple(float(x) for x in drawn * 2.0**-52),) if cls.draws else ()
        s, factor = cls.on_spike(cls.between(s, t - last, release), release, *chance)
        found.append((float(factor), s))
        last = t
    return found
