"""Spike trains by population, from whatever the user has at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidTypeError
from ..trains import SpikeTrains

__all__ = ["trains_of"]


def trains_of(recorded: Any, where: str) -> Mapping[str, SpikeTrains]:
    """Return the spike trains of a Result, of a mapping of SpikeTrains, or of one SpikeTrains, by name."""
    if isinstance(recorded, SpikeTrains):
        return {recorded.name or "spikes": recorded}
    spikes = getattr(recorded, "spikes", recorded)
    if isinstance(spikes, Mapping) and all(isinstance(trains, SpikeTrains) for trains in spikes.values()):
        return spikes
    raise InvalidTypeError(
        f"{where} must be a Result, SpikeTrains or a dict of them, got {type(recorded).__name__}"
    )
