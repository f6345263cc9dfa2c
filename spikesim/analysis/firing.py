"""The f-I curve of any model: its rate under constant currents, by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named

__all__ = ["fi_curve"]


@named
def fi_curve(model: Any, currents: Any, duration: float = 1000.0, settle: float = 200.0, dt: float = 0.1) -> np.ndarray:
    """Return the rate of a neuron model under constant currents, one neuron a current.

    Parameters
    ----------
    model : neuron model
    currents : float64 (n,)
        pA.
    duration, settle : float
        Time that is counted, and before it time to settle, ms.
    dt : float
        Step, ms.

    Returns
    -------
    float64 (n,)
        Hz, from the first to the last spike where there are at least three (the length of the window then
        does not matter), else spikes per window.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.analysis.fi_curve(ss.LIF(), [300.0, 500.0], duration=500.0).round(1).tolist()
    [0.0, 62.9]
    """
    from ..network.network import Network
    from ..network.stimulus import DC

    currents = np.atleast_1d(np.asarray(currents, dtype=np.float64))
    if currents.ndim != 1 or not currents.size or not np.isfinite(currents).all():
        raise InvalidValueError(f"fi_curve: wanted finite currents (n,), got shape {currents.shape}")
    net = Network()
    neurons = net.population("neurons", currents.size, model)
    net.inject(neurons, DC(currents))
    net.record(neurons, "spikes")
    result = net.run(settle + duration, dt=dt, threads=1, progress=False)
    trains = result.spikes["neurons"].between(settle, settle + duration)
    return np.array(
        [1000.0 * (t.size - 1) / (t[-1] - t[0]) if t.size >= 3 else 1000.0 * t.size / duration for t in trains.lists()]
    )
