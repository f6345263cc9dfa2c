"""Integrate-and-fire without leak: the neuron whose tuning curve is ReLU.

    dv/dt = gain (I + I_e)          v >= V_th: spike, v <- v - V_th (soft reset: what is above stays)

Its rate is gain max(0, I + I_e) / V_th, on the grid too, since a step that overshoots loses nothing.  With
V_th infinite it is the integral of its input: (v(t) - v(s)) / (t - s) is gain times the mean of I + I_e over
(s, t].
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ...neurons.contract import equation, model

__all__ = ["IntegrateAndFire"]


@model(states=("v",), positive=("gain", "V_th"))
class IntegrateAndFire(NamedTuple):
    """Perfect integrator with soft reset ("reset by subtraction": Rueckauer et al. 2017).

    Parameters
    ----------
    gain : float
        Rise of v per time and unit of current (1 / (ms pA)).
    V_th : float
        Threshold; ``inf`` never fires.
    I_e : float
        Constant current.

    States: ``v``.  Linear, hence stepped exactly.

    Source: B. Rueckauer et al., Front. Neurosci. 11:682 (2017), equation 4.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.IntegrateAndFire(gain=0.1).reset((1.25,), learn.IntegrateAndFire())  # what was too much stays
    (0.25,)
    """

    gain: float = 0.1
    V_th: float = 1.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        return (p.gain * (u.current + p.I_e),)

    @equation
    def margin(s, p):
        return s[0] - p.V_th

    @equation
    def reset(s, p):
        return (s[0] - p.V_th,)

    @equation
    def rest(p):
        return (np.zeros_like(p.gain) if np.ndim(p.gain) else 0.0,)


_make: Any = IntegrateAndFire  # what NamedTuple says of the types of its fields holds of one neuron only


def relu_neuron(gain: float, current: Any = 0.0) -> Any:
    """Return the neuron of rate 1000 gain max(0, current) Hz."""
    return _make(gain=gain, I_e=current)


def integrator(bias: np.ndarray) -> Any:
    """Return the read-out neuron, which never fires: v is the integral of its input and of `bias`."""
    return _make(gain=1.0, V_th=math.inf, I_e=bias)
