"""The line of the user's that led here, also from a thread that works while the user's waits."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import FrameType

__all__ = ["users_frame", "waiting"]

_PACKAGE = __name__.split(".")[0]

#: Where the thread stands that waits for this one.
waiting: ContextVar[FrameType | None] = ContextVar("waiting", default=None)


def users_frame() -> FrameType:
    """Return the nearest frame outside the package."""
    frame, waits = _outside(sys._getframe(1)), waiting.get()
    return _outside(waits) if waits is not None and frame.f_back is None else frame


def _outside(frame: FrameType) -> FrameType:
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in (_PACKAGE, "threading"):
        frame = frame.f_back
    return frame
