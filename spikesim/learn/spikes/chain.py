"""From the coefficients of dv/dt = -A v + C + B I to the parameters they are made of, by the neuron's own equations."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...neurons.contract import Input
from .step import COMPLEX_STEP, with_complex_tau

__all__ = ["by_parameter", "by_synapse_tau"]


def by_parameter(cell: Any, name: str, g: np.ndarray, current: np.ndarray) -> Any:
    """Return dL/d(parameter) of a population: one number where the model has one, else (n,).

    g (n, 8) are dL/d(A, C, B, theta, V_reset, t_ref, v at 0, -); C has the injected `current` (n,) in it.
    """
    cls, p = type(cell.model), SimpleNamespace(**cell.parameters)
    value = getattr(p, name)
    setattr(p, name, np.asarray(value) + 1j * COMPLEX_STEP)

    def slope(verb: Any, *arguments: Any) -> np.ndarray:
        found = np.imag(np.asarray(verb(*arguments, p)).reshape(-1)) / COMPLEX_STEP
        return np.broadcast_to(found, (len(g),))

    still = slope(cls.slope, (0.0,), Input(0.0, 0.0))
    leak = slope(cls.slope, (1.0,), Input(0.0, 0.0)) - still
    gain = slope(cls.slope, (0.0,), Input(1.0, 0.0)) - still
    theta = -slope(cls.margin, (0.0,))
    total = -g[:, 0] * leak + g[:, 1] * (still + gain * current) + g[:, 2] * gain + g[:, 3] * theta
    at_zero, at_one = slope(cls.reset, (0.0,)), slope(cls.reset, (1.0,))
    total = total + g[:, 4] * at_zero
    if np.any(at_one != at_zero):
        total = total + g[:, 4] * (at_one - at_zero) * _threshold(cell)
    share = np.real(np.asarray(cls.reset((1.0,), p)) - np.asarray(cls.reset((0.0,), p))).reshape(-1)
    total = total + g[:, 4] * np.broadcast_to(share, (len(g),)) * theta
    if cls.rest is not None and "v" not in cell.population.initial:
        total = total + g[:, 6] * slope(cls.rest)
    if name == "t_ref":
        total = total + g[:, 5]
    return total if np.ndim(value) else float(total.sum())


def _threshold(cell: Any) -> np.ndarray:
    return np.asarray(-type(cell.model).margin((0.0,), SimpleNamespace(**cell.parameters)))


def by_synapse_tau(synapse: Any, g: np.ndarray) -> float:
    """Return dL/dtau from dL/d(rate, gain) of a projection."""
    twin = with_complex_tau(synapse)
    rate, gain = (np.imag(x) / COMPLEX_STEP for x in (-twin.matrix[0, 0], twin.gain))
    return float(g[0] * rate + g[1] * gain)
