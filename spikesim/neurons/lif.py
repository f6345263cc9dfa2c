"""Leaky integrate-and-fire.

    C_m dV/dt = -(C_m / tau_m) (V - E_L) + I + I_e          V >= V_th: spike, V = V_reset for t_ref

Normalised (lecture notes 1.4):  tau_m dv/dt = v_in - v, threshold 1, reset 0, with
v_in = (E_L + (I + I_e) tau_m / C_m - V_reset) / (V_th - V_reset).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidTypeError
from ..jit import exp
from ..random import Distribution
from .contract import equation, model
from .parameters import as_numbers

__all__ = ["LIF"]


# for constant input; with the input of the mid-step, second order for one that changes
@model(states=("v",), order=math.inf, ordered=(("V_reset", "V_th"),))
class LIF(NamedTuple):
    """Leaky integrate-and-fire neuron; NEST's names and defaults (`iaf_psc_*`).

    Parameters
    ----------
    tau_m : float
        Membrane time constant (ms).
    C_m : float
        Membrane capacitance (pF).
    E_L : float
        Resting potential (mV).
    V_th : float
        Threshold (mV); ``inf`` never fires.
    V_reset : float
        Potential after a spike (mV), below V_th.
    t_ref : float
        Time for which V is held at V_reset (ms).
    I_e : float
        Constant current (pA).
    hold : bool
        False: V runs while refractory, and only the threshold waits for its end.

    States: ``v`` (mV).  `flow` is exact for constant current and conductance.

    Examples
    --------
    >>> import spikesim as ss
    >>> cell = ss.LIF(tau_m=20.0, I_e=500.0)
    >>> round(cell.rate_current(0.0), 1)  # Hz
    87.7
    """

    tau_m: float = 10.0
    C_m: float = 250.0
    E_L: float = -70.0
    V_th: float = -55.0
    V_reset: float = -70.0
    t_ref: float = 2.0
    I_e: float = 0.0

    @equation
    def slope(s, u, p):
        (v,) = s
        return ((-(p.C_m / p.tau_m) * (v - p.E_L) + u.current - u.conductance * v + p.I_e) / p.C_m,)

    @equation
    def flow(s, u, p, dt):
        (v,) = s
        g_L = p.C_m / p.tau_m
        g = g_L + u.conductance
        v_inf = (g_L * p.E_L + u.current + p.I_e) / g
        return (v_inf + (v - v_inf) * exp(g * (-dt / p.C_m)),)

    @equation
    def margin(s, p):
        return s[0] - p.V_th

    @equation
    def reset(s, p):
        return (p.V_reset,)

    @equation
    def rest(p):
        return (p.E_L,)

    @classmethod
    def normalized(cls, tau_m: Any = 20.0, t_ref: Any = 2.0, v_in: Any = 0.0) -> LIF:
        """Return the LIF of the notes 1.4: threshold 1, reset 0, resistance 1 (a current is a v_in).

        Parameters
        ----------
        tau_m, t_ref : float or array
            Membrane time constant and refractory time (ms).
        v_in : float, array or distribution
            Constant drive (threshold is 1).

        Returns
        -------
        LIF
            With V_th = 1, E_L = V_reset = 0 and C_m = tau_m.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.LIF.normalized(tau_m=20.0, t_ref=2.0).v_in(1.5)
        1.5
        """
        if isinstance(tau_m, Distribution):
            raise InvalidTypeError(
                "LIF.normalized: tau_m must be a number or an array (it sets the capacitance too); "
                "draw the values first, or give LIF(tau_m=..., C_m=...)"
            )
        # C_m = tau_m makes R = tau_m / C_m = 1, so a current is the potential it leads to
        made: Any = cls
        return made(tau_m=tau_m, C_m=tau_m, E_L=0.0, V_th=1.0, V_reset=0.0, t_ref=t_ref, I_e=v_in)

    def v_in(self, current: Any = 0.0) -> np.ndarray | float:
        """Return the normalised drive (0: reset, 1: threshold) of a constant `current` (pA) beside I_e.

        Parameters
        ----------
        current : float or array
            In pA.

        Returns
        -------
        float or array
            1 is the threshold.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.LIF().v_in(375.0)
        1.0
        """
        current = as_numbers("LIF.v_in: current", current)
        target = self.E_L + (current + self.I_e) * (np.asarray(self.tau_m) / self.C_m)
        return _like((target - self.V_reset) / (np.asarray(self.V_th) - self.V_reset))

    def rate(self, v_in: Any) -> np.ndarray | float:
        """Return the tuning curve G (Hz): 1 / (t_ref - tau_m ln(1 - 1/v_in)) for v_in > 1, else exactly 0.

        Parameters
        ----------
        v_in : float or array
            The whole normalised drive, whatever I_e is (see :meth:`v_in`); +inf gives 1 / t_ref.

        Returns
        -------
        float or array
            In Hz.

        Raises
        ------
        InvalidValueError
            If v_in is NaN.

        Examples
        --------
        >>> import spikesim as ss
        >>> cell = ss.LIF.normalized(tau_m=20.0, t_ref=2.0)
        >>> cell.rate([0.5, 2.0]).round(1).tolist()
        [0.0, 63.0]
        """
        v = as_numbers("LIF.rate: v_in", v_in)
        excess = np.where(v > 1.0, v - 1.0, 1.0)  # exact by Sterbenz' lemma where it matters, near 1
        # -ln(1 - 1/v) = ln(1 + 1/(v - 1)) keeps every digit at both ends
        interval = np.asarray(self.t_ref) + np.asarray(self.tau_m) * np.log1p(1.0 / excess)
        with np.errstate(divide="ignore"):  # t_ref = 0 and v_in = inf: infinitely often
            return _like(np.where(v > 1.0, 1000.0 / interval, 0.0))

    def rate_current(self, current: Any) -> np.ndarray | float:
        """Return the f-I curve: the rate (Hz) under a constant `current` (pA) beside I_e.

        Parameters
        ----------
        current : float or array
            In pA.

        Returns
        -------
        float or array
            In Hz; exactly 0 up to the rheobase.

        Examples
        --------
        >>> import spikesim as ss
        >>> round(ss.LIF().rate_current(500.0), 1)
        63.0
        """
        return self.rate(self.v_in(current))


def _like(result: np.ndarray) -> np.ndarray | float:
    """A float for a scalar question."""
    return float(result) if np.ndim(result) == 0 else result
