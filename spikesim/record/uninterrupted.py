"""Ctrl-C and SIGTERM, a moment later: what must be done whole or not at all; and how a termination unwinds."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

__all__ = ["terminating", "uninterrupted"]


#: Whether a block is under way in this thread.
_put_off = ContextVar("put_off", default=False)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()  # no other is ever interrupted


@contextlib.contextmanager
def uninterrupted() -> Iterator[list[Any]]:
    """Put off SIGINT and SIGTERM until the block is done; inside such a block there is nothing to do.

    Yields the list of those that came (number, frame); of the outermost block.
    """
    if _put_off.get():
        yield []
        return
    before: dict[int, Any] = {}
    came: list[tuple[int, Any]] = []
    for wanted in (signal.SIGINT, signal.SIGTERM) if _in_main_thread() else ():
        handler = signal.getsignal(wanted)
        if callable(handler):  # else ignored, the system's, or none of Python's
            before[wanted] = handler
            signal.signal(wanted, lambda *what: came.append(what))
    token = _put_off.set(True)
    try:
        yield came
    finally:
        _put_off.reset(token)
        for number, handler in before.items():
            signal.signal(number, handler)
        for what in came[:1]:
            before[what[0]](*what)


@contextlib.contextmanager
def terminating() -> Iterator[None]:
    """Let SIGTERM unwind the block as ``sys.exit(143)`` does (128 + 15, a shell says the same): files then end whole.

    A handler of the program's own stays in place.
    """
    if not _in_main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def leave(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
