"""Work in children of this process, which may die, hang, or take all memory: each told of in lines of JSON."""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable

__all__ = ["each", "listen", "spawn", "tell"]


def spawn(memory: int) -> tuple[int, int]:
    """Fork; return (0, where to tell) in the child, (its id, where it is heard) in the parent."""
    reading, writing = os.pipe()
    gc.disable()  # what a child collects it would have to copy
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        return 0, writing
    os.close(writing)
    return child, reading


def tell(pipe: int, *what: int | str) -> None:
    """In the child: [k] when a piece of work begins, [k, words] when it is done."""
    os.write(pipe, (json.dumps(what) + "\n").encode())


def listen(child: int, pipe: int, limit: float) -> tuple[dict[int, str], int | None]:
    """Hear a child to its end; return the words of each piece, and the last one that had begun and was not done.

    The words of that one are how the child ended.  A piece has `limit` seconds.
    """
    heard, alive, since = b"", True, time.monotonic()
    while alive:
        ready, _, _ = select.select([pipe], [], [], max(0.0, limit - (time.monotonic() - since)))
        if not ready:
            os.kill(child, signal.SIGKILL)
            break
        more = os.read(pipe, 65536)
        alive, heard, since = bool(more), heard + more, time.monotonic()
    os.close(pipe)
    _, status = os.waitpid(child, 0)
    gc.enable()
    lines = [json.loads(line) for line in heard.decode().splitlines()]
    words = {line[0]: line[1] for line in lines if len(line) > 1}
    begun = [line[0] for line in lines if len(line) == 1 and line[0] not in words]
    if begun:
        words[begun[-1]] = "it hangs" if alive else f"the process ends with status {status}"
    return words, begun[-1] if begun else None


def each(count: int, work: Callable[[int], str], limit: float, memory: int) -> dict[int, str]:
    """Do `count` pieces of work, in a new child after each that kills its own; return what each says."""
    said: dict[int, str] = {}
    first = 0
    while first < count:
        child, pipe = spawn(memory)
        if child == 0:
            try:  # whatever happens, no child goes on as a second one of who forked it
                for k in range(first, count):
                    tell(pipe, k)
                    tell(pipe, k, work(k))
            finally:
                os._exit(0)
        words, failed = listen(child, pipe, limit)
        said |= words
        first = count if failed is None else failed + 1
    return said
