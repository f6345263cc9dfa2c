"""Messages to all ranks from compiled loops: one of fixed size, and what does not fit into it.

The functions of the MPI library that mpi4py has loaded are called by address.  Addresses and handles (numbers of
MPICH, pointers of Open MPI) stand in a record, so that compiled loops on disk serve any library.  Where the functions
cannot be found, or nothing is compiled, the same two messages go through Python.

The message of fixed size begins with what a rank does and whether it failed (see :mod:`.ranks`), and ends with room for
a few words more: what is short needs no second message.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

import numpy as np

from ..jit import JIT, Callback, call_kernel, compiled, give_way, nap, view
from ..jit.records import SPAN, ints, record, shorts, span, struct
from ..record.uninterrupted import uninterrupted

__all__ = [
    "COLLECTIVE",
    "EXCHANGE",
    "HEAD",
    "INLINE",
    "NOTHING",
    "PARTED",
    "Collective",
    "poll",
    "post",
    "share",
    "taken",
]

I8 = np.int64
#: Words before the numbers of a message: what a rank does, whether it failed.  Words behind them.
HEAD, INLINE = 2, 128
#: In place of an error of MPI: ranks do not do the same, or one failed; Python failed.
PARTED, FAILED = -1, -2
NOTHING = -1
#: How often a loop looks for the others until it offers the core, and until it gives it away for a while.
OFFERED, GIVEN = 2_000, 10_000
SHORT, LONG, NAP = 5e-5, 5e-3, 2e-4  # s: the same, of Python
#: Errors of MPI are 32 bits of what comes back.
ERROR = 0xFFFFFFFF

#: How ranks tell each other anything; one of all simulations of a communicator.
COLLECTIVE = record(
    ("rank", I8), ("ranks", I8),
    ("mine", SPAN), ("every", SPAN),  # int64 (words), (ranks, words): the message of fixed size
    ("counts", SPAN),  # int32 (2, ranks): words of each rank, and where they go
    ("gather", I8), ("spread", I8), ("test", I8),  # addresses of the functions; 0: through Python
    ("kind", I8), ("comm", I8),  # handles
    ("scratch", SPAN),  # int64: a request, whether it is done, a status
    ("open", I8), ("error", I8),  # whether there is a request; what it failed with
    ("python", I8),  # address of what does it in Python
)  # fmt: skip

#: What one engine tells by it.
EXCHANGE = record(
    ("collective", I8), ("what", I8), ("failed", I8),
    ("first", I8), ("here", I8), ("workers", SPAN),  # its own workers among all; int64 (ranks): how many each has
    ("words", SPAN),  # int64 (ranks): how many each sends
    ("sent", SPAN), ("heard", SPAN),  # int64: room for them
    ("room", I8),  # on the clock: where what is heard begins among the spikes of a slab
    ("grow", I8),  # address of what makes room: words to send, words to hear
    ("posted", I8),  # on the clock: the half whose message is on its way, NOTHING
    ("stretch", SPAN), ("stretch_ptr", SPAN),  # int64: neurons whose potentials are told, (first, n); those of a rank
)  # fmt: skip


@compiled
def poll(c_at):
    """Look whether what was asked for has come, so that MPI goes on with it."""
    c = struct(c_at, COLLECTIVE)
    if c.open != 0:
        at = c.scratch.at
        done = view(at + 8, 1, np.int64)
        done[0] = 0
        c.error = call_kernel(c.test, (at, at + 8, at + 16)) & ERROR
        if done[0] != 0 or c.error != 0:
            c.open = 0


@compiled
def settled(c_at):
    """Wait for the others: at once where they are about to come, without taking a core from them where they are not."""
    looks = 0
    while True:
        poll(c_at)
        c = struct(c_at, COLLECTIVE)
        if c.open == 0:
            return c.error
        looks += 1
        if looks > GIVEN:
            nap()
        elif looks > OFFERED:
            give_way()


@compiled
def asked(c_at, code):
    """Remember that a request was made, with this code, and return that."""
    c = struct(c_at, COLLECTIVE)
    c.error = code
    c.open = np.int64(code == 0)
    return code


@compiled
def post(c_at, what, sent_at, n):
    """Send all ranks what stands in `mine`, and the n words at `sent_at` where they fit in; return 0, or what failed.

    `what`: the rank does; all ranks must do it.  What they send has come when :func:`taken` returns.
    """
    c = struct(c_at, COLLECTIVE)
    mine, words = ints(c.mine), c.mine.n
    mine[0], mine[1] = what, 0
    if n <= INLINE:
        sent = view(sent_at, n, np.int64)
        for i in range(n):
            mine[words - INLINE + i] = sent[i]
    if c.gather == 0:
        c.error = call_kernel(c.python, (np.int64(0), np.int64(0)))
        return c.error
    given = (c.mine.at, words, c.kind, c.every.at, words, c.kind, c.comm, c.scratch.at)
    return asked(c_at, call_kernel(c.gather, given) & ERROR)


@compiled
def taken(c_at, what):
    """Wait for what all ranks have sent; return 0, or what failed."""
    code = settled(c_at)
    c = struct(c_at, COLLECTIVE)
    every, words = ints(c.every), c.mine.n
    for r in range(c.ranks if code == 0 else 0):
        if every[r * words] != what or every[r * words + 1] != 0:
            code = PARTED
    return code


@compiled
def share(c_at, sent_at, told, heard_at):
    """Let what all ranks send stand at `heard_at`, rank after rank; `told`: how many words each sends."""
    c = struct(c_at, COLLECTIVE)
    counts, every, total, most = shorts(c.counts), ints(c.every), 0, 0
    for r in range(c.ranks):
        counts[r], counts[c.ranks + r] = told[r], total
        total, most = total + told[r], max(most, told[r])
    if most <= INLINE:
        heard = view(heard_at, total, np.int64)
        for r in range(c.ranks):
            begin = (r + 1) * c.mine.n - INLINE
            for i in range(told[r]):
                heard[counts[c.ranks + r] + i] = every[begin + i]
        return np.int64(0)
    if c.spread == 0:
        return call_kernel(c.python, (np.int64(sent_at), np.int64(heard_at)))
    ends = (c.counts.at, c.counts.at + 4 * c.ranks)
    given = (np.int64(sent_at), told[c.rank], c.kind, np.int64(heard_at), *ends, c.kind, c.comm, c.scratch.at)
    code = asked(c_at, call_kernel(c.spread, given) & ERROR)
    return code if code != 0 else settled(c_at)


class Collective:
    """The messages of one communicator.

    Attributes
    ----------
    record : COLLECTIVE (1)
    why : str
        Why they go through Python; "": they do not.
    error : BaseException or None
        What Python failed with.
    """

    def __init__(self, comm: Any, mpi: Any) -> None:
        self.comm, self._mpi = comm, mpi
        self.error: BaseException | None = None
        self.mine = self.every = np.zeros(0, np.int64)
        self._counts, self._scratch = np.zeros(2 * comm.size, np.int32), np.zeros(32, np.int64)
        self.record = np.zeros(1, COLLECTIVE)
        row = self.record[0]
        row["rank"], row["ranks"] = comm.rank, comm.size
        row["counts"], row["scratch"] = span(self._counts), span(self._scratch)
        row["kind"], row["comm"] = handle(mpi, mpi.INT64_T), handle(mpi, comm)
        self._python = Callback(self._called, 2)
        row["python"] = self._python.address
        found, self.why = functions(mpi)
        for name, address in found.items():
            row[name] = address

    def widen(self, numbers: int) -> None:
        """Let the message of fixed size have room for so many numbers; all ranks do it together."""
        words = HEAD + numbers + INLINE
        if self.mine.size < words:
            self.mine, self.every = np.zeros(words, np.int64), np.zeros((self.comm.size, words), np.int64)
            self.record[0]["mine"], self.record[0]["every"] = span(self.mine), span(self.every)

    def gather(self) -> None:
        """Tell all ranks what stands in `mine`, from Python."""
        kind = self._mpi.INT64_T
        settle(self.comm.Iallgather([self.mine, kind], [self.every, kind]))

    def _called(self, sent_at: int, heard_at: int) -> int:
        """Do what a loop asks for: gather (0), or spread what stands at one address to another."""
        try:
            if not heard_at:
                self.gather()
                return 0
            n, kind = self.comm.size, self._mpi.INT64_T
            counts = self._counts[:n]
            sent = view(sent_at, int(counts[self.comm.rank]), np.int64)
            heard = view(heard_at, int(counts.sum()), np.int64)
            settle(self.comm.Iallgatherv([sent, kind], [heard, counts, self._counts[n:], kind]))
        except BaseException as error:  # nothing passes through a compiled loop
            self.error = error
            return FAILED
        return 0

    def failure(self, code: int) -> BaseException:
        """Return what went wrong in a loop."""
        error, self.error = self.error, None
        return error if error is not None else self._mpi.Exception(code)


def handle(mpi: Any, given: Any) -> int:
    """Return what the functions of the library take for an object of mpi4py: a number or a pointer, as it is."""
    return int.from_bytes(ctypes.string_at(mpi._addressof(given), mpi._sizeof(given)), "little", signed=True)


def functions(mpi: Any) -> tuple[dict[str, int], str]:
    """Return the addresses of the functions in the library that mpi4py is linked with, or none and why."""
    wanted = {"gather": "MPI_Iallgather", "spread": "MPI_Iallgatherv", "test": "MPI_Test"}
    if not JIT:
        return {}, "nothing is compiled"
    try:
        library = ctypes.CDLL(mpi.__file__)  # and what it has loaded
        found = {name: ctypes.cast(getattr(library, symbol), ctypes.c_void_p).value for name, symbol in wanted.items()}
    except (OSError, AttributeError) as error:
        return {}, f"the library behind mpi4py was not found: {error}"
    return {name: int(address or 0) for name, address in found.items()}, ""


def settle(request: Any) -> None:
    """Wait for others: at once where they are about to come, without taking a core from them where they are not."""
    with uninterrupted():
        if request.Test():
            return
        begun = time.perf_counter()
        while not request.Test():
            waited = time.perf_counter() - begun
            if waited > LONG:
                time.sleep(NAP)
            elif waited > SHORT:
                time.sleep(0.0)
