"""How many bytes a recording takes, known before it begins.

========  ==============================================================================================
a sample  8 bytes in memory (float64); 12 in a file (float64, and float32 for other readers)
a spike   16 bytes (a time and an id); how many there will be nobody knows
========  ==============================================================================================
"""

from __future__ import annotations

from ..keywords import named
from .layout import Layout

__all__ = ["SAMPLE_BYTES", "SPIKE_BYTES", "recording_bytes"]

SAMPLE_BYTES = {"memory": 8.0, "file": 12.0}
SPIKE_BYTES = 16.0


@named
def recording_bytes(layout: Layout, duration: float = 1000.0, into: str = "file") -> dict[str, float]:
    """Return the bytes that the samples of a recording take.

    Parameters
    ----------
    layout : Layout
        What is recorded.
    duration : float
        Model time (ms); a second unless given.
    into : {"file", "memory"}
        Where it is kept.

    Returns
    -------
    dict of float
        Bytes by sampled variable.  Spikes come on top: 16 bytes each.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim.grid import Grid
    >>> from spikesim.record import Layout, ProbeLayout, recording_bytes
    >>> probe = ProbeLayout("exc", "v", np.arange(100), every_steps=10)
    >>> recording_bytes(Layout(Grid(0.1), 0, {"exc": 100}, {}, (probe,)))
    {"v of 'exc'": 1200000.0}
    """
    found = {}
    for probe in layout.probes:
        rows = duration / (probe.every_steps * layout.grid.dt)
        found[f"{probe.variable} of {probe.population!r}"] = SAMPLE_BYTES[into] * probe.ids.size * rows
    return found
