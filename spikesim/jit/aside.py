"""Long work that Python does not interrupt, aside: compiling a loop, building synapses.

A signal is heard by the main thread between two of its own instructions, and a compiler or a compiled loop can take
minutes.  So the work is done on a thread of its own, and the main thread waits: Ctrl-C is heard at once.  Work that
nobody waits for any more goes on to its end, unless the process ends before; what it compiled is kept.

Python's search for cycles of garbage rests meanwhile: a compiler makes a million objects that live on to its end, and
looking at them again and again is an eighth of its time.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ..frames import waiting

__all__ = ["aside", "side_by_side"]

Found = TypeVar("Found")

#: Stack of a thread that compiles (bytes): some systems give half a megabyte, and LLVM takes more.
STACK = 2**26


_working = 0
_counting = threading.Lock()


@contextlib.contextmanager
def _cycles_kept() -> Iterator[None]:
    """Let cycles of garbage stand for as long as any job works, where they are looked for at all."""
    global _working
    with _counting:
        searched = gc.isenabled() or _working > 0
        _working += searched
        gc.disable()
    try:
        yield
    finally:
        with _counting:
            _working -= searched
            if searched and not _working:
                gc.enable()


class _Job:
    """One call, on a thread that does not keep the process from ending."""

    def __init__(self, work: Callable[..., Any], *given: Any) -> None:
        self._context, self._work, self._given = contextvars.copy_context(), work, given
        if waiting.get() is None:
            self._context.run(waiting.set, sys._getframe(1))
        self._found: Any = None
        self._error: BaseException | None = None
        self._done = threading.Event()
        before = threading.stack_size(STACK)
        try:
            threading.Thread(target=self._do, name="spikesim", daemon=True).start()
        finally:
            threading.stack_size(before)

    def _do(self) -> None:
        try:
            with _cycles_kept():
                self._found = self._context.run(self._work, *self._given)
        except BaseException as error:
            self._error = error
        finally:
            self._done.set()

    def wait(self) -> Any:
        """Return what the work returns, or raise what it raises."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._found


def aside(work: Callable[..., Found], *given: Any) -> Found:
    """Return ``work(*given)``; in the main thread, signals are heard meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        return work(*given)
    found: Found = _Job(work, *given).wait()
    return found


def side_by_side(work: Callable[..., Found], *lists: Iterable[Any]) -> list[Found]:
    """Return what ``work`` returns for each entry of the lists; each has a thread of its own."""
    given = list(zip(*lists))
    if len(given) == 1:
        return [aside(work, *given[0])]
    return [job.wait() for job in [_Job(work, *one) for one in given]]
