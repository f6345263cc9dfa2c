"""Electrode currents as the event engine has them: lines between times at which they change, sines, held noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...network.stimulus import Held, Noise, Sine, Waveform
from ...program.part import Part, positions
from ...program.program import Program
from ...random import key
from ..growing import Coefficients
from .records import DRIVE, HELD, LINE, LINE_SLOT, NOISE, SINE, SINE_SLOT, SLOTS

__all__ = ["Drives"]


class Drives:
    """All electrodes of one worker."""

    def __init__(self, plan: Program) -> None:
        self.plan = plan
        self.rows: list[tuple[Any, ...]] = []
        self.times, self.values = Coefficients(), Coefficients()
        self.index: list[np.ndarray] = []
        self.index_size = 0

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

    def slots(self, part: Part, at: int) -> np.ndarray:
        """Return SLOTS of the current and of each named input; in the records of a part they begin in column `at`."""
        made = np.zeros(1 + len(getattr(part.cell.model, "inputs", ())), SLOTS)
        for i in self._injections(part):
            made["lines"][self._into(part, i)] += 1
            made["sines"][self._into(part, i)] += isinstance(i.stimulus, Sine)
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
            wide = stimulus.targets or 1

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
            elif isinstance(stimulus, Sine):
                times = np.asarray(stimulus.breaks(), np.float64)
                ends = [[stimulus.offset, 0.0], [0.0, 0.0]][: times.size]
                row(LINE, lines_at, times, [v for pair in ends for v in pair])
                omega = 2.0 * np.pi * np.asarray(stimulus.frequency) / 1000.0
                row(SINE, sines_at, times, [stimulus.amplitude, omega, stimulus.phase])
                fastest = float(np.max(stimulus.frequency, initial=0.0))
                longest = min(longest, 125.0 / fastest) if fastest > 0 else longest
                sines_at += len(SINE_SLOT.names or ())
            else:
                times = np.asarray(stimulus.breaks(), np.float64)
                values = np.asarray(stimulus.value(times), np.float64)
                slopes = np.zeros_like(values)
                if isinstance(stimulus, Waveform):
                    gaps = np.diff(times)
                    slopes[:-1] = np.diff(values, axis=0) / (gaps if values.ndim == 1 else gaps[:, None])
                elif not stimulus.piecewise_constant:
                    raise InvalidValueError(
                        f"inject {injection.name!r}: the event engine knows no exact solution under "
                        f"{type(stimulus).__name__}; give it as a Waveform, or use engine='clock'"
                    )
                row(LINE, lines_at, times, np.stack([values, slopes], axis=1).reshape(2 * len(times), -1))
            lines_at += len(LINE_SLOT.names or ())
        return longest

    def tables(self) -> dict[str, np.ndarray]:
        """Return the tables."""
        return {
            "drive": np.array(self.rows, DRIVE),
            "drive_time": self.times.array(),
            "drive_value": self.values.array(),
            "drive_index": np.concatenate([np.zeros(0, np.int64), *self.index]),
        }
