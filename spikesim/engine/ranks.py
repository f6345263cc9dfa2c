"""Processes that run one network together: how they meet, agree, and tell each other what went wrong.

Every rank runs the same script.  Whatever ranks do together begins with a meeting: one message of fixed size, in which
each says what it does, whether it failed, and a few numbers.  So a rank that fails makes all raise the same error, and
ranks that do not do the same find out, where MPI alone would wait for ever.

A script that has come to its end says so, too: the meeting that the others then have with it tells them.
"""

from __future__ import annotations

import atexit
import time
import warnings
import weakref
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, SpikesimWarning, StateError
from ..failures import is_the_users, judged
from ..network.described import difference, digest
from ..optional import required
from ..record.uninterrupted import uninterrupted
from .collective import HEAD, Collective

__all__ = ["ALONE", "Alone", "Ranks", "code_of", "ranks_of"]

PATIENCE = 30.0  # s until somebody who waits says so
WIDTH = 16  # numbers of a meeting, before anybody knows how many a slab needs
END = "close the simulation"


class Alone:
    """A process that runs a network by itself.

    Attributes
    ----------
    rank, size : int
        Which of how many.
    here : int
        Ranks on this machine.
    apart : bool
        Whether some are on another machine.
    parted : bool
        Whether they meet no more.
    """

    rank, size, here = 0, 1, 1
    apart = parted = False

    def meet(self, what: str, numbers: Any = (), error: BaseException | None = None) -> np.ndarray:
        """Return the numbers of all ranks, int64 (size, n); raise what any of them failed with."""
        if error is not None:
            raise error
        return np.array([numbers], np.int64)

    def every(self, what: str, value: Any) -> list[Any]:
        """Return the values of all ranks."""
        return [value]

    def told(self, what: str, value: Any, everywhere: bool) -> list[Any]:
        """Return the values of all ranks, to all or to rank 0 alone; nothing to the others."""
        return [value]

    def same(self, made: Callable[[], Any]) -> None:
        """Refuse to go on where what describes a run is not the same on all ranks."""

    @contextmanager
    def building(self) -> Iterator[None]:
        """Part from the others where a simulation does not come into being."""
        yield

    @contextmanager
    def together(self, what: str) -> Iterator[None]:
        """Let all raise what any rank raises in the block."""
        yield

    @contextmanager
    def in_turn(self, what: str) -> Iterator[None]:
        """Let rank 0 go through the block before all others."""
        yield

    @contextmanager
    def heard(self) -> Iterator[list[Any]]:
        """Collect signals that come during the block instead of acting on them."""
        yield []

    def fail(self, error: BaseException) -> None:
        """Tell the others, wherever they meet next, what this rank failed with."""

    def agreed(self, error: BaseException) -> BaseException:
        """Return an error that all ranks raise at the same place: nobody has to be told of it."""
        return error

    def join(self) -> None:
        """Count one more simulation on these ranks."""

    def leave(self) -> None:
        """One simulation less; with the last one goes what they met by."""

    def said(self, threads: str) -> str:
        """Return in words what runs: so many ranks, and `threads` of each."""
        return threads


#: The one that most processes are.
ALONE = Alone()


class Ranks(Alone):
    """The processes of an MPI communicator.

    Parameters
    ----------
    comm : mpi4py.MPI.Intracomm
        A communicator; messages go through a duplicate, so that they never mix with others'.
    """

    def __init__(self, comm: Any) -> None:
        mpi = required("mpi4py.MPI", "comm=")
        self._wait(comm.Ibarrier())
        self.comm, self._pickle = comm.Dup(), mpi.pickle
        self.rank, self.size = self.comm.rank, self.comm.size
        node = self.comm.Split_type(mpi.COMM_TYPE_SHARED)
        self.here, self.apart = node.size, node.size < comm.size
        node.Free()
        self._simulations, self.parted = 0, False
        self._error: BaseException | None = None
        self.collective = Collective(self.comm, mpi)
        self.collective.widen(WIDTH)
        atexit.register(_leave, weakref.ref(self))

    def _wait(self, request: Any) -> None:
        """Wait for the others to begin, which may never happen; then the user is to know what is waited for."""
        clock, warned = time.monotonic(), False
        while not request.Test():
            time.sleep(1e-4)
            if not warned and time.monotonic() - clock > PATIENCE:
                warned = True
                text = f"comm: waiting since {PATIENCE:g} s for other ranks; each must make this simulation"
                warnings.warn(text, SpikesimWarning, stacklevel=2)

    def meet(self, what: str, numbers: Any = (), error: BaseException | None = None) -> np.ndarray:
        if self.parted:
            raise StateError(f"{what}: the ranks of this simulation have parted; start another")
        n, mine = len(numbers), self.collective.mine
        mine[0], mine[1] = code_of(what), error is not None
        mine[HEAD : HEAD + n] = numbers
        self.collective.gather()
        self.judge(what, error)
        return self.collective.every[:, HEAD : HEAD + n]

    def judge(self, what: str, error: BaseException | None = None) -> None:
        """Raise what any rank said in a meeting that it failed with, or that ranks do not do the same."""
        every, mine = self.collective.every[:, :HEAD], self.collective.mine[:HEAD]
        if error is not None or (every != mine).any():
            if every[:, 1].any():
                self._raise(int(np.flatnonzero(every[:, 1])[0]), error)
            self._part(self.comm.allgather(what))

    def _raise(self, failed: int, error: BaseException | None) -> None:
        if error is None or self.rank != failed:
            told, of_the_user = self._pickle.loads(self.comm.bcast(None, root=failed))
            raise self.agreed(judged(told, of_the_user))
        try:
            carried = self._pickle.dumps((error, is_the_users(error)))
            self._pickle.loads(carried)
        except Exception:  # what no other process can make again goes there in words
            carried = self._pickle.dumps((RuntimeError(f"{type(error).__name__}: {error}"), True))
        self.comm.bcast(carried, root=failed)
        raise self.agreed(error)

    def _part(self, whats: list[str]) -> None:
        self.parted = True
        other = next(r for r, what in enumerate(whats) if what != whats[0])
        raise self.agreed(
            StateError(
                f"the ranks do not do the same: rank 0 is to {whats[0]}, rank {other} to {whats[other]}; every rank "
                "must run the same script, with no run, state or result behind a condition on its rank"
            )
        )

    def every(self, what: str, value: Any) -> list[Any]:
        self.meet(what)
        found: list[Any] = self.comm.allgather(value)
        return found

    def told(self, what: str, value: Any, everywhere: bool) -> list[Any]:
        if everywhere:
            return self.every(what, value)
        self.meet(what)
        return self.comm.gather(value) or []

    def same(self, made: Callable[[], Any]) -> None:
        with self.together("build"):
            value = made()
        if len(set(self.every("build", digest(value)))) == 1:
            return
        first = self.comm.bcast(value)
        found = self.comm.allgather(difference(first, value))
        other = next((r for r, text in enumerate(found) if text), 0)
        text = found[other] or "the order of its parts"
        raise self.agreed(
            InvalidValueError(
                f"comm: every rank must run the same script; the first difference between ranks 0 and {other}: {text}"
            )
        )

    @contextmanager
    def building(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self.fail(error)
            with suppress(Exception):
                self.leave()
            raise

    @contextmanager
    def together(self, what: str) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if error is not self._error and not self.parted:
                self.meet(what, error=error)
            raise
        if not self.parted:
            self.meet(what)

    @contextmanager
    def in_turn(self, what: str) -> Iterator[None]:
        if self.rank:
            self.meet(what)
            yield
            return
        with self.together(what):
            yield

    @contextmanager
    def heard(self) -> Iterator[list[Any]]:
        with uninterrupted() as came:
            yield came

    def fail(self, error: BaseException) -> None:
        if error is self._error or self.parted:
            return
        try:
            self.meet("fail", error=error)
        except BaseException as same:
            if same is not self._error:
                raise

    def agreed(self, error: BaseException) -> BaseException:
        self._error = error
        return error

    def join(self) -> None:
        self._simulations += 1

    def said(self, threads: str) -> str:
        through = f"; they meet through Python: {self.collective.why}" if self.collective.why else ""
        return f"{self.size} ranks x {threads}{through}"

    def leave(self) -> None:
        self._simulations -= 1
        if self._simulations > 0 or self.parted:
            return
        told: BaseException | None = None
        while not self.parted:
            try:
                self.meet(END)
                self.parted = True
                self.comm.Free()
            except BaseException as error:  # of a rank that comes here, too, when it has told the others
                told = error
        if told is not None:
            raise told


def code_of(what: str) -> int:
    """Return the number by which ranks find out that they do the same."""
    return zlib.crc32(what.encode())


def _leave(reference: weakref.ref[Ranks]) -> None:
    """A script ends: whoever still waits for this rank is told."""
    ranks = reference()
    if ranks is not None and not ranks.parted:
        ranks._simulations = 0
        with suppress(Exception):
            ranks.leave()


def ranks_of(comm: Any) -> Alone:
    """Return the ranks of a communicator; None and communicators of one are alone.

    Raises
    ------
    InvalidTypeError
        If it is no communicator.
    MissingPackageError
        If mpi4py is not installed.
    """
    if comm is None:
        return ALONE
    mpi = required("mpi4py.MPI", "comm=")
    if not isinstance(comm, mpi.Intracomm):
        raise InvalidTypeError(f"comm: wanted a communicator, such as MPI.COMM_WORLD, got {type(comm).__name__}")
    return Ranks(comm) if comm.size > 1 else ALONE
