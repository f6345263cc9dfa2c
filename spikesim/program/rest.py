"""The resting state of a model: its own `rest`, the fixed point of a linear one, or a root found by SciPy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..neurons.contract import Input
from .propagator import Linear

__all__ = ["resting_state"]


def resting_state(name: str, model: Any, parameters: dict[str, Any], linear: Linear | None) -> list[Any]:
    """Return one value (or one a neuron) for each state.

    Raises
    ------
    InvalidValueError
        If the model says no rest and none is found: the initial state must be given.
    """
    cls = type(model)
    p = SimpleNamespace(**parameters)
    if cls.rest is not None:
        return list(cls.rest(p))
    if linear is not None:
        A, b = np.moveaxis(linear.A, -1, 0), linear.b.T[..., None]
        if np.all(np.abs(np.linalg.det(A)) > 0):
            return [x if len(x) > 1 else float(x[0]) for x in np.moveaxis(-np.linalg.solve(A, b)[..., 0], -1, 0)]
    if any(np.ndim(v) for v in parameters.values()):
        p = SimpleNamespace(**{k: np.mean(v) for k, v in parameters.items()})

    def slope(s: np.ndarray) -> np.ndarray:
        return np.array([float(d) for d in cls.slope(tuple(s), Input(0.0, 0.0), p)])

    from scipy.optimize import root  # slow to import, and most models say their rest

    starts = [np.zeros(len(cls.states))]
    if cls.reset is not None:
        starts.append(np.array([float(v) for v in cls.reset(tuple(starts[0]), p)]))
    for start in starts:
        with np.errstate(all="ignore"):
            found = root(slope, start)
            if found.success and np.all(np.abs(slope(found.x)) < 1e-6) and float(cls.margin(tuple(found.x), p)) < 0:
                return [float(x) for x in found.x]
    raise InvalidValueError(
        f"population {name!r}: {cls.__name__} has no `rest` and none was found from its equations; "
        f"give the initial state, e.g. net.population({name!r}, n, {cls.__name__}(), {cls.states[0]}=...)"
    )
