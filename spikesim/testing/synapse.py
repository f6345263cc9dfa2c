"""Is this a synapse?  SciPy integrates its equations together with a membrane, beside a network in which it runs."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ..keywords import named
from ..synapses.contract import Synapse
from .battery import TIMES, hold, voltage

__all__ = ["check_synapse"]

#: Steps (ms) between which the order is measured.
COARSE, FINE = 0.2, 0.05


@named
def check_synapse(synapse: Any, *, weight: float = 1.0) -> None:
    """Hold a synapse of one's own (:func:`spikesim.synapses.synapse`) to its contract.

    It is a value; a linear filter decays; and v of a neuron that it drives is that of its equations: exactly on the
    clock where it is a filter that is felt as a current, elsewhere with an error that falls with dt^2; and with the
    event engine to its tolerances.

    Parameters
    ----------
    synapse : value of a declared synapse
    weight : float
        Of the spikes: one at which v moves by some mV.

    Raises
    ------
    AssertionError
        With what was expected and what came.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.testing import check_synapse
    >>> check_synapse(ss.MgNMDA(), weight=20.0)
    """
    hold(isinstance(synapse, Synapse) and hasattr(synapse, "form"), f"{synapse!r} is no value of a declared synapse")
    twin = copy.deepcopy(synapse)
    hold(twin == synapse and hash(twin) == hash(synapse), f"{synapse!r} is another value when it is copied")
    if not synapse.general:
        growth = float(np.linalg.eigvals(synapse.matrix).real.max())
        hold(growth < 0.0, f"{synapse!r} does not decay: a state goes as exp({growth:g} t)")
    times = [t for k, t in enumerate(TIMES) if t not in TIMES[:k]]
    at, coarse = voltage(weight, synapse, dt=COARSE, times=times)
    wanted = _exact(synapse, weight, times, at)
    moved = float(np.ptp(wanted))
    hold(moved > 1e-3, f"a weight of {weight:g} moves v by {moved:g} mV only; give another weight")
    worst = float(np.abs(coarse - wanted).max())
    exact = synapse.E_rev is None
    if exact:
        hold(worst < 1e-9 * max(1.0, moved), f"v is wrong by {worst:g} mV, wanted a filter to be exact")
    else:
        fine = float(np.abs(voltage(weight, synapse, dt=FINE, times=times)[1] - wanted).max())
        order = np.log(worst / max(fine, 1e-11)) / np.log(COARSE / FINE)
        hold(worst < 1e-9 or order > 1.7, f"v is wrong by {worst:g} mV at dt = {COARSE:g}, {fine:g} at {FINE:g} ms")
    _, v = voltage(weight, synapse, times=times, engine="event", rtol=1e-11, atol=1e-12)
    worst = float(np.abs(v - wanted).max())
    hold(worst < 1e-7 * max(1.0, moved), f"engine 'event': v is wrong by {worst:g} mV")


def _exact(synapse: Any, weight: float, times: Any, at: np.ndarray) -> np.ndarray:
    """v at times `at`: the equations and C v' = -(v - E_L) C / tau_m + current - conductance v, by SciPy."""
    from scipy.integrate import solve_ivp

    cls, n = type(synapse), len(type(synapse).states)

    class Parameters:
        pass

    p: Any = Parameters()
    p.__dict__ = synapse._asdict()

    def slope(t: float, y: np.ndarray) -> list[float]:
        current, conductance = cls.input(tuple(y[:n]), y[n], p)[:2]
        return [*cls.slope(tuple(y[:n]), p), (-10.0 * (y[n] + 70.0) + current - conductance * y[n]) / 200.0]

    y, now, found = np.array([0.0] * n + [-70.0]), 0.0, np.empty(at.size)
    events = sorted([(t + 1.0, -1) for t in times] + [(t, k) for k, t in enumerate(at)])
    for t, k in events:
        if t > now + 1e-9:
            y = solve_ivp(slope, (now, t), y, method="DOP853", rtol=1e-12, atol=1e-13, max_step=0.5).y[:, -1]
            now = t
        if k < 0:
            y[:n] = cls.jump(tuple(y[:n]), weight, p)
        else:
            found[k] = y[n]
    return found
