"""What the workers of other ranks found out about the next window, and their spikes of the last one.

What workers publish goes as it is; times and ids of spikes follow, of each worker its times before its ids.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from ...jit import call_kernel, compiled, kernel_address, view
from ...jit.records import ints, span, struct, table
from .. import exchange, workers
from ..collective import COLLECTIVE, EXCHANGE, HEAD, post, share, taken
from ..ranks import Ranks
from .propagate import running
from .records import PUBLISHED, WORKER

__all__ = ["Exchange", "telling"]

WHAT = "advance by a window"
#: Words of what a worker publishes.
EACH = PUBLISHED.itemsize // 8


@compiled
def tell(w_at, spikes):
    """Tell all ranks what their workers published, and (`spikes`) what these emitted; return 0, or what failed."""
    w = struct(w_at, WORKER)
    e = struct(w.exchange, EXCHANGE)
    c = struct(e.collective, COLLECTIVE)
    published, rows = table(w.published, PUBLISHED), view(w.published.at, EACH * w.published.n, np.int64)
    mine, words, each = ints(c.mine), ints(e.words), ints(e.workers)
    at, n = np.int64(HEAD), np.int64(0)
    for o in range(e.first, e.first + e.here):
        for q in range(EACH):
            mine[at + q] = rows[EACH * o + q]
        at += EACH
        n += 2 * published[o].n if spikes != 0 else 0
    if n > e.sent.n:
        code = call_kernel(e.grow, (n, np.int64(0)))
        if code != 0:
            return code
    sent, at = ints(e.sent), np.int64(0)
    for o in range(e.first, e.first + e.here if spikes != 0 else e.first):
        told = published[o]
        times, ids = view(told.time_at, told.n, np.int64), view(told.id_at, told.n, np.int64)
        for q in range(told.n):
            sent[at + q], sent[at + told.n + q] = times[q], ids[q]
        at += 2 * told.n

    code = post(e.collective, e.what, e.sent.at, n)
    if code == 0:
        code = taken(e.collective, e.what)
    if code != 0:
        return code
    every, o, total = ints(c.every), np.int64(0), np.int64(0)
    for r in range(c.ranks):
        at, words[r] = r * c.mine.n + HEAD, 0
        for _ in range(each[r]):
            for q in range(EACH if r != c.rank else 0):
                rows[EACH * o + q] = every[at + q]
            words[r] += 2 * published[o].n
            at += EACH
            o += 1
        total += words[r]
    if spikes == 0 or total == 0:
        return np.int64(0)
    if total > e.heard.n:
        code = call_kernel(e.grow, (n, total))
        if code != 0:
            return code
    code = share(e.collective, e.sent.at, words, e.heard.at)
    if code != 0:
        return code
    o, at = np.int64(0), e.heard.at
    for r in range(c.ranks):
        for _ in range(each[r]):
            told = published[o]
            if r != c.rank:
                told.time_at, told.id_at = at, at + 8 * told.n
            at += 16 * told.n
            o += 1
    return np.int64(0)


@functools.cache
def telling() -> int:
    """Return the address of the kernel by which all workers of a rank wait while its first one tells the others."""

    def tell_and_meet(w_at, me, here, spikes):
        w = struct(w_at, WORKER)
        e, r = struct(w.exchange, EXCHANGE), running(w)
        if me == e.first:
            e.failed = tell(w_at, spikes)
        r.barriers += 1
        workers.meet(ints(w.barrier), r.barriers, here)
        return e.failed

    return kernel_address(tell_and_meet, "int64(int64,int64,int64,int64)")


class Exchange(exchange.Exchange):
    """The exchange of one engine; `counts`: workers of each rank."""

    def __init__(self, ranks: Ranks, counts: Sequence[int]) -> None:
        super().__init__(ranks, WHAT, counts, EACH, {name: np.zeros(1024, np.int64) for name in ("sent", "heard")})

    def grow(self, sent: int, heard: int) -> None:
        """Make room for so many words to send, and to hear; what was there is not needed any more."""
        for name, words in (("sent", sent), ("heard", heard)):
            if words > self._arrays[name].size:
                self._arrays[name] = np.zeros(2 * words, np.int64)
                self.record[0][name] = span(self._arrays[name])
