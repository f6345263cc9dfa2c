"""Spike trains by population, from whatever the user has at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..trains import SpikeTrains

__all__ = ["selected_trains", "trains_of"]


def trains_of(recorded: Any, where: str) -> Mapping[str, SpikeTrains]:
    """Return the spike trains of a Result, of a mapping of SpikeTrains, or of one SpikeTrains, by name."""
    if isinstance(recorded, SpikeTrains):
        return {recorded.name or "spikes": recorded}
    spikes = getattr(recorded, "spikes", recorded)
    if isinstance(spikes, Mapping) and all(isinstance(trains, SpikeTrains) for trains in spikes.values()):
        return spikes
    raise InvalidTypeError(f"{where} must be a Result, SpikeTrains or a dict of them, got {type(recorded).__name__}")


def selected_trains(
    recorded: Any, populations: Sequence[str] | None, start: float | None, stop: float | None, where: str
) -> dict[str, SpikeTrains]:
    """Return the trains of the chosen populations (None: all) in a window (ms), in the order chosen."""
    trains = trains_of(recorded, f"{where}: result")
    for name in populations or ():
        if name not in trains:
            raise UnknownNameError(f"{where}: no spikes of population {name!r}{did_you_mean(name, trains)}")
    chosen = {name: trains[name].between(start, stop) for name in (populations or trains)}
    if not chosen:
        raise InvalidValueError(f"{where}: no spikes were recorded; net.record(population, 'spikes')")
    return chosen
