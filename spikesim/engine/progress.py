"""A bar with the time that is left and the real-time factor, on a terminal or in a notebook."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from ..grid import Grid
from ..jit import JIT

__all__ = ["Progress"]

BAR = "{desc}|{bar}| {percentage:3.0f} % [{elapsed} < {remaining}{postfix}]"


class Progress:
    """Shows how far a run is; `show` None: where somebody watches and after the first half second."""

    def __init__(self, steps: int, grid: Grid, show: bool | None) -> None:
        self._bar: Any = None
        self._grid, self._done, self._before = grid, 0, 0
        self._watched = show if show is not None else watched()
        self._compiling = JIT and not _compiled
        if self._watched and steps:
            from tqdm.auto import tqdm

            delay = 0.0 if show else 0.5
            self._bar = tqdm(total=steps, bar_format=BAR, desc="simulating ", delay=delay, leave=bool(show))

    def __enter__(self) -> Progress:
        self._clock = time.perf_counter()
        return self

    def note_compilation(self) -> None:
        """Say that the first steps wait for the compiler."""
        if self._bar is not None and self._compiling:
            self._bar.set_description_str("compiling the loops (once; kept on disk) ")

    def update(self, steps: int) -> None:
        """Move on."""
        _compiled.add(True)
        if self._bar is None:
            return
        self._bar.set_description_str("simulating ", refresh=False)
        self._done += steps
        if self._compiling:  # the first batch waited for the compiler: speed and time left count from here
            self._compiling, self._before = False, self._done
            self._clock = time.perf_counter()
            self._bar.initial, self._bar.start_t = self._done, self._bar._time()
        elapsed = time.perf_counter() - self._clock
        model = self._grid.time(self._done - self._before) / 1000.0
        speed = f", {elapsed / model:.3g} s for a second" if model else ""
        self._bar.set_postfix_str(f"{self._grid.time(self._done):g} ms{speed}", refresh=False)
        self._bar.update(steps)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()


_compiled: set[bool] = set()


def watched() -> bool:
    """Whether somebody watches: a terminal or a notebook."""
    if "ipykernel" in sys.modules:
        return True
    return bool(getattr(sys.stderr, "isatty", lambda: False)())
