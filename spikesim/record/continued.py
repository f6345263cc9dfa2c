"""A recording that goes on where a saved state was: what came after that is cut off.

What is kept is copied, block by block, into a new file that takes the old one's place; until that is whole the old one
stands beside it as "<name>.previous", and is found there if the program dies in between.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import StateError
from .checked import CheckedFile, steady
from .hdf5 import HDF5Sink
from .layout import Layout
from .reading import recording_of
from .stored import Recording

__all__ = ["PREVIOUS", "ContinuedSink"]

PREVIOUS = ".previous"
BLOCK = 2**20  # rows copied at a time


class ContinuedSink(HDF5Sink):
    """Goes on with the recording in a file from a step on.

    Parameters
    ----------
    path : path
        A recording that reaches at least to `step`.
    step : int

    Raises
    ------
    FileFormatError
        If it is no recording.
    StateError
        When the run begins, if it is one of another network or has been cut before `step`.
    """

    def __init__(self, path: Any, step: int) -> None:
        self._old = os.fspath(path)
        kept = self._old + PREVIOUS
        if os.path.exists(kept):  # an earlier attempt died while it copied
            os.replace(kept, self._old)
        self._from = recording_of(self._old)
        self._step_resumed = int(step)
        super().__init__(path, overwrite=True)

    def begin(self, layout: Layout) -> None:
        old, step = self._from, self._step_resumed
        for what, mine, theirs in (
            ("dt", old.layout.grid.fraction, layout.grid.fraction),
            ("seed", old.layout.seed, layout.seed),
            ("populations", dict(old.layout.populations), dict(layout.populations)),
            ("recorded spikes", list(old.layout.spikes), list(layout.spikes)),
            ("recorded variables", _variables(old.layout), _variables(layout)),
            ("states at spikes", dict(old.layout.at_spike), dict(layout.at_spike)),
        ):
            if mine != theirs:
                raise StateError(
                    f"{self.path!r} is of another run: {what}: {mine} there, {theirs} here; give another out="
                )
        if old.step < step:
            raise StateError(
                f"{self.path!r} ends at {layout.grid.time(old.step):g} ms, before the state, at "
                f"{layout.grid.time(step):g} ms; give another out= to begin a new recording there"
            )
        kept = self.path + PREVIOUS
        os.replace(self.path, kept)
        old = replace(old, path=kept)
        super().begin(replace(layout, start_step=old.layout.start_step))
        steady(kept, lambda file: self._copy(file, old, step))
        self.commit(step)
        self.flush()
        os.unlink(kept)

    def _copy(self, file: CheckedFile, old: Recording, step: int) -> None:
        grid, exact = old.layout.grid, old.layout.exact
        end = grid.time(step)
        for k, name in enumerate(old.layout.spikes):
            (times, ids), states = old.spikes(file, k), old.states(file, k)
            for at in range(0, old.rows[k], BLOCK):
                some = slice(at, min(at + BLOCK, old.rows[k]))
                when = times.read(some.start, some.stop)
                keep = when <= end
                who = ids.read(some.start, some.stop)[keep].astype(np.int64)
                when = when[keep]
                if states:
                    kept = [rows.read(some.start, some.stop)[keep] for rows in states.values()]
                    self.at_spike(name, np.stack(kept, axis=1))
                self.spikes(name, when if exact else grid.nearest(when, least=-(2**62))[0], who)
                self._spill()
        n = len(old.layout.spikes)
        for k, probe in enumerate(old.layout.probes):
            rows = old.samples(file, k)
            first, every = old.first[k], probe.every_steps
            until = min(old.rows[n + k], max(0, (step - first) // every + 1) if first >= 0 else 0)
            for at in range(0, until, max(1, BLOCK // max(1, probe.ids.size))):
                stop = min(until, at + max(1, BLOCK // max(1, probe.ids.size)))
                self.samples(k, first + at * every, rows.read(at, stop))
                self._spill()

    def _spill(self) -> None:
        """Write what was copied so far; nothing of it is visible before the end is."""
        for column in self._columns:
            column.kept = column.size
        self._write()


def _variables(layout: Layout) -> list[tuple[str, str, int, int]]:
    return [(p.population, p.variable, p.ids.size, p.every_steps) for p in layout.probes]
