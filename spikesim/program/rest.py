"""The state at the start: what was given, and what is steady at it, without input and with I_e = 0.

Nothing given: the model's own `rest`, the fixed point of a linear one, or a root found by Newton's method from where
the model is reset to.  Some states given: the others stand where their slopes vanish while these are held.  Each neuron
has its own.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..neurons.contract import input_of
from .propagator import as_linear

__all__ = ["fastest", "resting_state", "steady"]

TOLERANCE = 1e-9  # of a slope, relative to the states (1/ms)
TRIALS = 60
CHUNK = 64  # neurons whose rest is looked for at once: the model's own search may need room for thousands of trials


def resting_state(name: str, model: Any, parameters: dict[str, Any]) -> list[Any]:
    """Return one value (or one a neuron) for each state.

    Raises
    ------
    InvalidValueError
        If the model says no rest and none is found: the initial state must be given.
    """
    cls = type(model)
    quiet = without_current(parameters)
    listed = [key for key, value in quiet.items() if np.ndim(value)]
    if cls.rest is not None:
        if not listed or not np.size(quiet[listed[0]]):
            return list(cls.rest(SimpleNamespace(**quiet)))
        return _distinct(quiet, listed, lambda part: cls.rest(SimpleNamespace(**part)))
    linear = as_linear(model, {**quiet, "I_e": 0.0} if "I_e" in quiet else quiet)
    if linear is not None:
        A, b = np.moveaxis(linear.A, -1, 0), linear.b.T[..., None]
        if np.all(np.abs(np.linalg.det(A)) > 0):
            return [x if len(x) > 1 else float(x[0]) for x in np.moveaxis(-np.linalg.solve(A, b)[..., 0], -1, 0)]
    width = max([1, *(np.size(value) for value in quiet.values())])
    p = SimpleNamespace(**quiet)
    starts = [np.zeros((len(cls.states), width))]
    if cls.reset is not None:
        starts.append(_rows(cls.reset(tuple(starts[0]), p), width))
    for start in starts:
        found = _newton(cls, p, start, list(range(len(cls.states))))
        if found is not None and np.all(np.asarray(_margin(cls, found, p)) < 0):
            return list(found) if width > 1 else [float(x[0]) for x in found]
    raise InvalidValueError(
        f"population {name!r}: {cls.__name__} has no `rest` and none was found from its equations; "
        f"give the initial state, e.g. net.population({name!r}, n, {cls.__name__}(), {cls.states[0]}=...)"
    )


def steady(name: str, model: Any, parameters: dict[str, Any], given: np.ndarray, missing: list[int]) -> np.ndarray:
    """Return the state, float64 (states, n), whose `missing` rows stand still while the others are as `given`.

    Raises
    ------
    InvalidValueError
        If no such state is found.
    """
    cls = type(model)
    found = _newton(cls, SimpleNamespace(**without_current(parameters)), given, missing)
    if found is None:
        names = ", ".join(cls.states[i] for i in missing)
        held = ", ".join(state for i, state in enumerate(cls.states) if i not in missing)
        raise InvalidValueError(
            f"population {name!r}: no {names} of {cls.__name__} is steady at the {held} given; give {names} too"
        )
    return found


def without_current(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with I_e = 0; a single number may stay for a model that takes it out itself."""
    return {key: 0.0 if key == "I_e" and np.ndim(value) else value for key, value in parameters.items()}


def _distinct(parameters: dict[str, Any], listed: list[str], rest: Any) -> list[Any]:
    """The rest of every neuron: each distinct set of parameters once, some at a time."""
    n = np.size(parameters[listed[0]])
    distinct, back = np.arange(n), np.arange(n)
    if len(listed) == 1:
        _, distinct, back = np.unique(parameters[listed[0]], return_index=True, return_inverse=True)
    parts = []
    for lo in range(0, distinct.size, CHUNK):
        some = distinct[lo : lo + CHUNK]
        states = rest({**parameters, **{key: parameters[key][some] for key in listed}})
        parts.append(_rows(states, some.size))
    return list(np.concatenate(parts, axis=1)[:, back.reshape(-1)]) if parts else []


def _rows(values: Any, width: int) -> np.ndarray:
    return np.stack([np.broadcast_to(np.asarray(v, np.float64), (width,)) for v in values])


def _slopes(cls: Any, s: np.ndarray, u: Any, p: Any) -> np.ndarray:
    """The slopes of all neurons at once."""
    try:
        return _rows(cls.slope(tuple(s), u, p), s.shape[1])
    except TypeError as error:
        raise InvalidTypeError(
            f"model {cls.__name__}: slope does not run on whole arrays: {error}; write np.sin for math.sin, and choose "
            "with spikesim.jit.where"
        ) from error


def _margin(cls: Any, s: np.ndarray, p: Any) -> Any:
    return cls.margin(tuple(s), p) if cls.margin is not None else -1.0


def fastest(model: Any, parameters: dict[str, Any], at: np.ndarray) -> float:
    """Return how fast (1/ms) the fastest mode moves at states `at` (states, n): the size of an eigenvalue, or nan."""
    cls, p = type(model), SimpleNamespace(**parameters)
    nothing = input_of(cls.inputs)(0.0)
    with np.errstate(all="ignore"):
        found = _jacobian(lambda s: _slopes(cls, s, nothing, p), at, list(range(len(at))))
    return float(np.abs(np.linalg.eigvals(found)).max()) if np.all(np.isfinite(found)) else np.nan


def _jacobian(slope: Callable[[np.ndarray], np.ndarray], s: np.ndarray, free: list[int]) -> np.ndarray:
    """Derivatives of the slopes by the `free` states, (n, slopes, free), from central differences."""
    columns = []
    for i in free:
        h = 1e-6 * (1.0 + np.abs(s[i]))
        up, down = s.copy(), s.copy()
        up[i] += h
        down[i] -= h
        columns.append(((slope(up) - slope(down)) / (up[i] - down[i])).T)
    return np.stack(columns, axis=-1)


def _newton(cls: Any, p: Any, start: np.ndarray, free: list[int]) -> np.ndarray | None:
    """Newton's method on the slopes of the `free` states, all neurons at once; None where it does not converge."""
    s = np.array(start, np.float64)
    nothing = input_of(cls.inputs)(-np.asarray(getattr(p, "I_e", 0.0)))

    def slope(at: np.ndarray) -> np.ndarray:
        return _slopes(cls, at, nothing, p)[free]

    with np.errstate(all="ignore"):
        now = slope(s)
        for _ in range(TRIALS):
            try:
                move = -np.linalg.solve(_jacobian(slope, s, free), now.T[..., None])[..., 0].T
            except np.linalg.LinAlgError:
                return None
            if not np.all(np.isfinite(move)):
                return None
            s[free] += np.clip(move, -50.0, 50.0)  # an exponential far away is no guide
            now = slope(s)
            if np.all(np.abs(move) <= 1e-12 * (1.0 + np.abs(s[free]))):
                break
    good = np.all(np.isfinite(s)) and np.all(np.abs(now) <= TOLERANCE * (1.0 + np.abs(s[free])))
    return s if good else None
