"""What the workers of other ranks did in a slab, into the same tables in which those of one process tell each other.

In one message of fixed size goes what each worker reports, how many spikes it emitted in each step, and what of a rank
is short: the ids of its spikes, then its potentials where there are gap junctions.  Else those take a second message.

Between machines a message takes long.  There slabs are half as long as they may be, and the workers compute the next
one while the message is on its way (`lag` 1): its spikes are felt in the slab after that at the earliest.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from ...jit import call_kernel, compiled, kernel_address, view2
from ...jit.records import floats, ints, span, struct, table
from .. import exchange, workers
from ..collective import COLLECTIVE, EXCHANGE, HEAD, NOTHING, poll, post, share, taken
from ..ranks import Ranks
from .records import REPORT, RUNNING, WORKER

__all__ = ["Exchange", "polling", "telling"]

WHAT = "advance by a slab"
#: What a worker reports in the message, before its steps.
FIELDS = 3


@compiled
def tell(w_at, half, now):
    """Send to all ranks what is in one half of the tables, at step `now`; return 0, or what failed."""
    w = struct(w_at, WORKER)
    e = struct(w.exchange, EXCHANGE)
    c = struct(e.collective, COLLECTIVE)
    offset, report = ints(w.slab_offset), table(w.report, REPORT)
    workers = offset.size - 1
    columns = w.slab_ptr.n // (2 * workers)
    ptr = view2(w.slab_ptr.at, 2 * workers, columns, np.int64)
    shift = half * offset[workers]
    stretch, stretch_ptr = ints(e.stretch), ints(e.stretch_ptr)
    potential = floats(w.potential)[(now % 2) * (w.potential.n // 2) :]
    mine, sent, ids = ints(c.mine), ints(e.sent), ints(w.slab_id)
    at, n = np.int64(HEAD), np.int64(0)
    for o in range(e.first, e.first + e.here):
        told = report[half * workers + o]
        mine[at], mine[at + 1], mine[at + 2] = told.emitted, told.room, told.log_room
        for q in range(columns):
            mine[at + FIELDS + q] = ptr[half * workers + o, q]
        at += FIELDS + columns
        for i in range(told.emitted):
            sent[n + i] = ids[shift + offset[o] + i]
        n += told.emitted
    bits = floats(e.sent)
    for s in range(stretch_ptr[c.rank], stretch_ptr[c.rank + 1]):
        for i in range(stretch[2 * s + 1]):
            bits[n + i] = potential[stretch[2 * s] + i]
        n += stretch[2 * s + 1]

    code = post(e.collective, e.what, e.sent.at, n)
    e.posted = half if code == 0 else NOTHING
    return code


@compiled
def hear(w_at, now):
    """Wait for what all ranks have sent, and put it into its half of the tables; return 0, or what failed."""
    w = struct(w_at, WORKER)
    e = struct(w.exchange, EXCHANGE)
    c = struct(e.collective, COLLECTIVE)
    half = e.posted
    if half == NOTHING:
        return np.int64(0)
    e.posted = NOTHING
    code = taken(e.collective, e.what)
    if code != 0:
        return code
    offset, report = ints(w.slab_offset), table(w.report, REPORT)
    workers = offset.size - 1
    columns = w.slab_ptr.n // (2 * workers)
    ptr = view2(w.slab_ptr.at, 2 * workers, columns, np.int64)
    words, each = ints(e.words), ints(e.workers)
    stretch, stretch_ptr = ints(e.stretch), ints(e.stretch_ptr)
    potential = floats(w.potential)[(now % 2) * (w.potential.n // 2) :]
    every = ints(c.every)
    o, total = np.int64(0), np.int64(0)
    for r in range(c.ranks):
        at, words[r] = r * c.mine.n + HEAD, 0
        for _ in range(each[r]):
            told = report[half * workers + o]
            told.emitted, told.room, told.log_room = every[at], every[at + 1], every[at + 2]
            for q in range(columns):
                ptr[half * workers + o, q] = every[at + FIELDS + q]
            words[r] += told.emitted
            at += FIELDS + columns
            o += 1
        for s in range(stretch_ptr[r], stretch_ptr[r + 1]):
            words[r] += stretch[2 * s + 1]
        total += words[r]
    if total == 0:
        return np.int64(0)
    if e.room + total > offset[workers]:
        code = call_kernel(e.grow, (words[c.rank], total))
        if code != 0:
            return code
    begin = half * offset[workers] + e.room
    code = share(e.collective, e.sent.at, words, w.slab_id.at + 8 * begin)
    if code != 0:
        return code
    bits, at, o = floats(w.slab_id)[begin:], np.int64(0), np.int64(0)
    for r in range(c.ranks):
        for _ in range(each[r]):
            if r != c.rank:
                offset[o] = e.room + at
            at += report[half * workers + o].emitted
            o += 1
        for s in range(stretch_ptr[r], stretch_ptr[r + 1]):
            for i in range(stretch[2 * s + 1]):
                potential[stretch[2 * s] + i] = bits[at + i]
            at += stretch[2 * s + 1]
    return np.int64(0)


@functools.cache
def telling() -> int:
    """Return the address of the kernel by which all workers of a rank wait while its first one tells the others.

    What they tell is heard at once; with a lag when the next slab is told, or when there is none (NOTHING).
    """

    def tell_and_meet(w_at, me, half, here, now):
        w = struct(w_at, WORKER)
        e = struct(w.exchange, EXCHANGE)
        running = table(w.running, RUNNING)[0]
        if me == e.first:
            code = hear(w_at, now)
            if half != NOTHING and code == 0:
                code = tell(w_at, half, now)
                if running.lag == 0 and code == 0:
                    code = hear(w_at, now)
            e.failed = code
        running.barriers += 1
        workers.meet(ints(w.barrier), running.barriers, here)
        return e.failed

    return kernel_address(tell_and_meet, "int64(int64,int64,int64,int64,int64)")


@functools.cache
def polling() -> int:
    """Return the address of the kernel by which MPI goes on with a message while the next slab is computed."""

    def poll_first(w_at, me):
        e = struct(struct(w_at, WORKER).exchange, EXCHANGE)
        if me == e.first:
            poll(e.collective)
        return 0

    return kernel_address(poll_first, "int64(int64,int64)")


class Exchange(exchange.Exchange):
    """The exchange of one engine.

    Parameters
    ----------
    ranks : Ranks
    common : dict of str to array
        The tables of all workers (see `rooms.exchange`); each rank fills the rows of its own.
    counts : sequence of int
        Workers of each rank.
    stretches : sequence of list of (int, int)
        Neurons whose potentials each rank tells: first one, how many.
    links : mapping of int to WORKER
        Where the loop of each worker finds them.
    """

    def __init__(
        self, ranks: Ranks, common: dict[str, np.ndarray], counts: Sequence[int],
        stretches: Sequence[Sequence[tuple[int, int]]], links: Mapping[int, np.ndarray],
    ) -> None:  # fmt: skip
        self.common, self._links = common, links
        self._room = int(common["slab_offset"][-1])  # what this rank's own workers have; behind it stands what is heard
        potentials = sum(n for _, n in stretches[ranks.rank])
        arrays = {
            "sent": np.zeros(self._room + potentials, np.int64),
            "stretch": np.array([pair for some in stretches for pair in some], np.int64).reshape(-1),
            "stretch_ptr": np.cumsum([0, *(len(some) for some in stretches)]),
        }
        super().__init__(ranks, WHAT, counts, FIELDS + common["slab_ptr"].shape[2], arrays)
        self.record[0]["room"] = self._room

    def grow(self, sent: int, heard: int) -> None:
        """Make room for so many words behind the spikes of this rank's own workers, who have all they can send."""
        grown = np.zeros((2, self._room + 2 * heard), np.int64)
        grown[:, : self._room] = self.common["slab_id"][:, : self._room]  # nothing else waits to be launched
        self.common["slab_id"], self.common["slab_offset"][-1] = grown, grown.shape[1]
        for made in self._links.values():
            made["slab_id"] = span(grown)
