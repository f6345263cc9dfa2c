"""The universal approximation in spikes: steep LIF neurons as the steps of the proof (section 2.2).

    H(x; b) = lim_{w -> inf} t_ref G(1 + w (x - b))

since the tuning curve G is 0 up to v_in = 1 and tends to 1/t_ref above it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import named
from ..approximation import construct_uat
from ..layers.activations import LIFRate
from ..layers.module import Parameter, Sequential

__all__ = ["spiking_uat"]


@named
def spiking_uat(
    f: Callable[[np.ndarray], np.ndarray],
    N: int,
    w: float = 1e6,
    interval: tuple[float, float] = (0.0, 1.0),
    tau_m: float = 20.0,
    t_ref: float = 2.0,
) -> Sequential:
    """Return the network of :func:`construct_uat` with LIF neurons for its sigmoids.

    Parameters
    ----------
    f, N, interval
        As there: N pieces of height f(a_j), 2N neurons.
    w : float
        Gain from x to v_in; a neuron is within tau_m / (t_ref w (x - b)) of its highest rate, relatively.
    tau_m, t_ref : float
        Time constants of the neurons (ms).

    Returns
    -------
    Sequential
        Linear(1, 2N), LIFRate, Linear(2N, 1), float64; :func:`run_spiking` runs it.  Give ``start="rest"``
        there: the two neurons of a piece whose steps lie left of x then fire together, and cancel at all
        times.  A grid lengthens intervals of t_ref to t_ref + dt; ``engine="event"`` does not.

    Raises
    ------
    InvalidValueError
        If N, w or the interval are not as above, or t_ref is 0 (there is no highest rate then).

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> net = learn.spiking_uat(lambda x: x, N=4)
    >>> np.round(net([[0.1], [0.6]]).val[:, 0], 2).tolist()
    [0.0, 0.5]
    """
    if not (np.isfinite(w) and w > 0.0 and t_ref > 0.0):
        raise InvalidValueError(f"spiking_uat: w = {w}, t_ref = {t_ref}; wanted finite w > 0, t_ref > 0 ms")
    steps = construct_uat(f, N, w, interval)
    hidden: Any = steps[0]
    hidden.init = "given"  # so that the activation does not draw it anew
    hidden.bias = Parameter(1.0 + hidden.bias.val)  # a sigmoid has its step at 0, a LIF at v_in = 1
    return Sequential(hidden, LIFRate(tau_m=tau_m, t_ref=t_ref, gamma=0.0, amplitude=t_ref / 1000.0), steps[2])
