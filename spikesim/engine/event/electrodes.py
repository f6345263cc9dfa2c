"""Electrode currents as the event engine has them: lines between times at which they change, sines, held noise.

Rows that stay in a file (`ArrayFile`) are streamed: a batch has those that it needs, and is short where they are wide.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ...network.array_file import kept_in_files
from ...network.pieces import HOLD, Piece, changes_of, levels_of, pieces_of, width_of
from ...network.pieces import SINE as SINE_PIECE
from ...network.stimulus import Held, Noise, Waveform
from ...program.part import Part, positions
from ...program.program import Program
from ...random import key
from ..growing import Coefficients
from .records import DRIVE, HELD, LINE, LINE_SLOT, NOISE, SINE, SINE_SLOT, SLOTS

__all__ = ["Drives"]

#: Bytes of the rows that a batch has of an electrode.
ROOM = 2**23


class Stream(NamedTuple):
    """Electrode number `drive`, whose rows stay in a file: from each of `times` on its current is another."""

    drive: int
    times: np.ndarray
    stimulus: Any

    def until(self, cursor: int) -> float:
        """Return up to when (ms) there is room for the rows from number `cursor` on."""
        k = cursor + max(4, ROOM // (16 * max(1, width_of(self.stimulus))))
        return float(self.times[k]) if k < self.times.size else math.inf

    def rows(self, cursor: int, end: float) -> tuple[int, np.ndarray]:
        """Return the first row that matters, which is held before change number `cursor`, and those until `end`."""
        first = max(0, cursor - 1)
        stop = max(first, int(np.searchsorted(self.times, end, "right")))
        return first, _lines(self.stimulus, self.times, first, stop).ravel()


def _in_lines(stimulus: Any) -> bool:
    """Whether it is lines from each change to the next, all told by its values there."""
    return stimulus.piecewise_constant or isinstance(stimulus, Waveform)


def _lines(stimulus: Any, times: np.ndarray, first: int = 0, stop: int | None = None) -> np.ndarray:
    """Return what it is from each change times[first:stop] on and, behind it, by what it rises in 1 ms.

    Each one for all or one a target, (2 (stop - first), targets or 1).
    """
    stop = times.size if stop is None else stop
    if isinstance(stimulus, Waveform):
        values = levels_of(stimulus, times, first, stop + 1)
        gaps = np.diff(times[first : stop + 1])
        rises = np.diff(values, axis=0) / (gaps if values.ndim == 1 else gaps[:, None])
        values = values[: stop - first]
        rises = np.concatenate((rises, np.zeros((len(values) - len(rises), *values.shape[1:]))))
    else:
        values = levels_of(stimulus, times, first, stop)
        rises = np.zeros_like(values)
    return np.stack([values, rises], axis=1).reshape(2 * (stop - first), width_of(stimulus))


def _written(pieces: list[Piece]) -> tuple[np.ndarray, list[Any], list[Any]]:
    """Return when pieces begin or end, and from then on: value and rise; height, omega and phase of a sine."""
    times: list[float] = []
    lines: list[Any] = []
    sines: list[Any] = []
    for k, piece in enumerate(pieces):
        first, rise, sine = piece.numbers[0], 0.0, (0.0, 0.0, 0.0)
        if piece.form == SINE_PIECE:
            sine = piece.numbers[1:]
        elif piece.form != HOLD:
            rise = (piece.numbers[1] - first) / (piece.end - piece.begin)
        times.append(piece.begin)
        lines += [first, rise]
        sines += sine
        if math.isfinite(piece.end) and not (k + 1 < len(pieces) and pieces[k + 1].begin == piece.end):
            times.append(piece.end)
            lines += [0.0, 0.0]
            sines += [0.0, 0.0, 0.0]
    return np.array(times, np.float64), lines, sines


class Drives:
    """All electrodes of one worker."""

    def __init__(self, plan: Program) -> None:
        self.plan = plan
        self.rows: list[tuple[Any, ...]] = []
        self.times, self.values = Coefficients(), Coefficients()
        self.index: list[np.ndarray] = []
        self.index_size = 0
        self.streams: list[Stream] = []
        self._told: dict[str, list[Piece]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def _injections(self, part: Part) -> list[Any]:
        # also those that reach the population only on another worker: how far a neuron looks ahead must
        # not depend on the division
        found = [i for i in self.plan.injections if part.cell.population in i.target.populations]
        return sorted(found, key=lambda i: self._into(part, i))

    @staticmethod
    def _into(part: Part, injection: Any) -> int:
        """0: the current, k: the k-th input that the model names."""
        return 0 if injection.into is None else 1 + part.cell.model.inputs.index(injection.into)

    def _pieces(self, injection: Any) -> list[Piece]:
        """What an electrode that is not in lines is between its breaks; asked for once."""
        if injection.name not in self._told:
            stimulus = injection.stimulus
            self._told[injection.name] = (
                [] if _in_lines(stimulus) else pieces_of(f"inject {injection.name!r}", stimulus)
            )
        return self._told[injection.name]

    def slots(self, part: Part, at: int) -> np.ndarray:
        """Return SLOTS of the current and of each named input; in the records of a part they begin in column `at`."""
        made = np.zeros(1 + len(getattr(part.cell.model, "inputs", ())), SLOTS)
        for i in self._injections(part):
            made["lines"][self._into(part, i)] += 1
            made["sines"][self._into(part, i)] += any(piece.form == SINE_PIECE for piece in self._pieces(i))
        for count, place, kind in (("lines", "lines_at", LINE_SLOT), ("sines", "sines_at", SINE_SLOT)):
            sizes = made[count] * len(kind.names or ())
            made[place] = at + np.cumsum(sizes) - sizes
            at += int(sizes.sum())
        return made

    def held(self, part: Part, lines_at: int) -> list[tuple[str, int]]:
        """Return the currents that are set while the network runs: name, column of the records."""
        width = len(LINE_SLOT.names or ())
        found = enumerate(self._injections(part))
        return [(i.name, lines_at + k * width) for k, i in found if isinstance(i.stimulus, Held)]

    def add(self, part: Part, lines_at: int, sines_at: int, longest: float) -> float:
        """Write the electrodes of a part; return the longest step its neurons may take (ms)."""
        for injection in self._injections(part):
            stimulus = injection.stimulus
            stream = key(self.plan.noise_seed, "noise", injection.name)
            index = positions(self.plan.ids(injection.target), part.first, part.size)
            wide = width_of(stimulus)

            def row(kind: int, slot: int, times: np.ndarray, values: Any) -> None:
                if not isinstance(values, np.ndarray):
                    values = np.stack([np.broadcast_to(np.asarray(v, np.float64), (wide,)) for v in values])  # noqa: B023
                at, first = self.times.put(times), self.values.put(np.broadcast_to(values, (len(values), wide)))  # noqa: B023
                self.rows.append(
                    (kind, part.number, slot, at, len(times), first, wide, self.index_size, stream.a, stream.b)  # noqa: B023
                )
                self.index.append(index)  # noqa: B023
                self.index_size += index.size  # noqa: B023

            if isinstance(stimulus, Held):
                row(HELD, lines_at, np.zeros(0), np.zeros((0, 1)))
            elif isinstance(stimulus, Noise):
                row(NOISE, lines_at, np.array([stimulus.dt]), [stimulus.mean, stimulus.sd])
            elif _in_lines(stimulus):
                times = changes_of(stimulus)
                streamed = bool(kept_in_files(stimulus))
                if streamed:
                    self.streams.append(Stream(len(self.rows), times, stimulus))
                row(LINE, lines_at, times, np.zeros((0, wide)) if streamed else _lines(stimulus, times))
            else:
                times, lines, sines = _written(self._pieces(injection))
                row(LINE, lines_at, times, lines)
                if any(piece.form == SINE_PIECE for piece in self._pieces(injection)):
                    row(SINE, sines_at, times, sines)
                    fastest = max(float(np.max(omega, initial=0.0)) for omega in sines[1::3])
                    longest = min(longest, 0.25 * math.pi / fastest) if fastest > 0 else longest
                    sines_at += len(SINE_SLOT.names or ())
            lines_at += len(LINE_SLOT.names or ())
        return longest

    def known(self, q: int) -> bytes:
        """What else electrode q depends on: all that a stimulus says whose rows stay in a file."""
        told = [one.stimulus for one in self.streams if one.drive == q]
        files = [file.__getstate__() for stimulus in told for file in kept_in_files(stimulus)]
        fields = [value for stimulus in told for item in sorted(vars(stimulus).items()) for value in item]
        return repr((files, [v.tobytes() if isinstance(v, np.ndarray) else v for v in fields])).encode()

    def until(self, cursors: np.ndarray) -> float:
        """Return up to when (ms) a batch may go before which electrodes have changed so often."""
        return min((one.until(int(cursors[one.drive])) for one in self.streams), default=math.inf)

    def streamed(self, cursors: np.ndarray, end: float) -> dict[str, np.ndarray]:
        """Return the rows that stay in files and matter until `end` (ms), and of each electrode which."""
        at, first = np.zeros(len(self.rows), np.int64), np.full(len(self.rows), -1, np.int64)
        rows, size = [np.zeros(0)], 0
        for one in self.streams:
            at[one.drive] = size
            first[one.drive], found = one.rows(int(cursors[one.drive]), end)
            rows.append(found)
            size += found.size
        return {"streamed": np.concatenate(rows), "streamed_at": at, "streamed_from": first}

    def tables(self) -> dict[str, np.ndarray]:
        """Return the tables."""
        return {
            "drive": np.array(self.rows, DRIVE),
            "drive_time": self.times.array(),
            "drive_value": self.values.array(),
            "drive_index": np.concatenate([np.zeros(0, np.int64), *self.index]),
        }
