"""What was recorded, as frozen values: the spikes of a population, the course of a variable of some neurons.

A window of time is start < t <= stop: on a grid a threshold reached during (t - dt, t] is a spike stamped t,
so that the windows of a run in pieces add up to the whole.  A window that begins where the recording begins
includes its first instant.
"""

from __future__ import annotations

from .spikes import SpikeTrains
from .traces import Traces

__all__ = ["SpikeTrains", "Traces"]
