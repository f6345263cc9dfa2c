"""Recordings of a population, as PyNN hands them to Neo: samples from the recording's beginning on, spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import quantities as pq
from pyNN import recording

from . import simulator

__all__ = ["Recorder"]

pq.uS = pq.UnitQuantity("microsiemens", 1e-6 * pq.S, "uS")
pq.nS = pq.UnitQuantity("nanosiemens", 1e-9 * pq.S, "nS")


class Recorder(recording.Recorder):
    """What is recorded of one population."""

    _simulator = simulator

    @property
    def _start(self) -> float:
        return float(self._recording_start_time.rescale("ms").magnitude)

    def _record(self, variable: Any, new_ids: Any, sampling_interval: float | None = None) -> None:
        if sampling_interval is not None:
            self.sampling_interval = sampling_interval
        built = simulator.state.built
        if built is not None and new_ids:
            built.record(self.population, variable.name, self._rows(new_ids), self.sampling_interval)

    def _rows(self, ids: Any) -> np.ndarray:
        return np.array(sorted(int(cell) for cell in ids), np.int64) - int(self.population.first_id)

    def recorded_rows(self) -> dict[str, np.ndarray]:
        """Return which cells are recorded, by variable."""
        return {variable.name: self._rows(ids) for variable, ids in self.recorded.items() if ids}

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        rows, times = self._built().spikes(self.population, self._rows(ids), self._start)
        return rows + int(self.population.first_id), times

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[np.ndarray, None]:
        rows = self._rows(ids)
        return self._built().samples(self.population, variable.name, rows, self._start, self.sampling_interval), None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = self.filter_recorded(variable, filter_ids)
        found, first = self._rows(ids), int(self.population.first_id)
        if simulator.state.built is None:
            return {int(row) + first: 0 for row in found}
        rows, _ = self._built().spikes(self.population, found, self._start)
        counts = np.bincount(rows, minlength=self.population.size)
        return {int(row) + first: int(counts[row]) for row in found}

    def _built(self) -> Any:
        simulator.state.require_mine("get_data", self.population)
        return simulator.state.built

    def _clear_simulator(self) -> None:
        """What came before the recording's beginning is left out from now on."""

    def _reset(self) -> None:
        """What is no longer recorded is not asked for."""
