"""Is a model linear, and what is its exact propagator?

A model whose `slope` is affine in state and current, and whose margin and reset are affine in the state, is one linear
system together with its synaptic filters,

    dY/dt = M Y,    Y = (states, filter states of each port, 1, injected current),

and Y(t + h) = expm(M h) Y(t) exactly, for every h and every ratio of time constants (Rotter and Diesmann 1999).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from ..blas import expm
from ..neurons.affine import Expression, variables
from ..neurons.contract import Input, propagated
from ..synapses.contract import Synapse

__all__ = ["Linear", "as_linear", "joint", "propagator"]


class Linear(NamedTuple):
    """The affine parts of a model; each entry has shape (1,), or (n,) where neurons differ, behind its own axes.

    slope = A s + B current + b;  margin = a s + m;  reset = R s + r
    """

    A: np.ndarray
    B: np.ndarray
    b: np.ndarray
    a: np.ndarray
    m: np.ndarray
    R: np.ndarray
    r: np.ndarray


def as_linear(model: Any, parameters: dict[str, Any]) -> Linear | None:
    """Return the affine parts of a model, or None where it is not linear or makes its own spikes or steps.

    A `flow` that is declared exact (order inf) is what the propagator does, too; one of finite order is used as it is.
    """
    cls = type(model)
    if not propagated(cls):
        return None
    if any(np.ndim(v) and not np.size(v) for v in parameters.values()):  # nobody is there
        return None
    p = SimpleNamespace(**parameters)
    n, (margin_of, reset_of) = len(cls.states), _spikes(cls)
    width = max([1, *(np.size(v) for v in parameters.values())])

    def spread(values: Any) -> np.ndarray:
        return np.stack([np.broadcast_to(np.asarray(v, np.float64), (width,)) for v in values])

    def slope(s: np.ndarray, current: float) -> np.ndarray:
        return spread(cls.slope(tuple(s), Input(current, 0.0), p))

    def margin(s: np.ndarray) -> np.ndarray:
        return spread([margin_of(tuple(s), p)])

    def reset(s: np.ndarray) -> np.ndarray:
        return spread(reset_of(tuple(s), p))

    proved = _proved(cls, p)
    if proved is None:
        return None
    zero, unit = np.zeros(n), np.eye(n)
    with np.errstate(all="ignore"):
        b, m, r = slope(zero, 0.0), margin(zero), reset(zero)
        A = np.stack([slope(e, 0.0) - b for e in unit], axis=1)
        B = slope(zero, 1.0) - b
    # differences of the neurons' constants are rounded; what the equation has alike for all stays alike
    terms = [[spread([t])[0] for t in e.terms[1:]] for e in proved]
    for i, of_slope in enumerate(terms[:n]):
        for found, exact in (*zip(A[i], of_slope[:n]), (B[i], of_slope[n])):
            if np.all(exact == exact[0]) and np.any(found != found[0]):
                found[:] = exact
    a = np.stack(terms[n][:n]) if np.all(np.isfinite(m)) else _step_margin(cls, n, width)
    R = np.stack([np.stack(of_reset[:n]) for of_reset in terms[n + 1 : 2 * n + 1]])
    if a is None:
        return None
    made = Linear(A, B, b, a, m[0], R, r)
    alike = all(np.all(values == values[..., :1]) for values in made)  # as where refractory times alone differ
    return Linear(*(values[..., :1] for values in made)) if alike else made


def _spikes(cls: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Margin and reset of a model; of one that never fires such as never do."""
    return cls.margin or (lambda s, p: -1.0 + 0.0 * s[0]), cls.reset or (lambda s, p: s)


def _proved(cls: Any, p: Any) -> list[Expression] | None:
    """Slopes, margin and reset as affine expressions of state and current; None where they are not, whatever values."""
    *s, current = variables(len(cls.states) + 1)
    margin, reset = _spikes(cls)
    try:
        with np.errstate(all="ignore"):
            # no time, or it would have to be affine in it, too
            found = (
                *cls.slope(tuple(s), Input(current, 0.0, None), p), margin(tuple(s), p), *reset(tuple(s), p),
                *(cls.diffusion(tuple(s), p) if cls.diffusion else ()),
            )  # fmt: skip
    except Exception:  # NotAffine; and what the equations of a user may raise on anything but numbers
        return None
    if not all(isinstance(e, (Expression, int, float, np.number, np.ndarray)) for e in found):
        return None
    terms = [current._of(e) for e in found]
    return terms if all(e.constant for e in terms[1 + 2 * len(cls.states) :]) else None


def _step_margin(cls: Any, n: int, width: int) -> np.ndarray | None:
    """Gradient of the margin where V_th is infinite (the neuron never fires): of v alone."""
    if "v" not in cls.states:
        return None
    a = np.zeros((n, width))
    a[cls.states.index("v")] = 1.0
    return a


def joint(linear: Linear, ports: Sequence[Synapse], held: Sequence[bool] | None = None) -> np.ndarray:
    """Return M, shape (width, N, N), N = states + filter states + 2; rows of `held` states are zero."""
    n = linear.A.shape[0]
    sizes = [len(port.matrix) for port in ports]
    N = n + sum(sizes) + 2
    width = linear.A.shape[-1]
    M = np.zeros((width, N, N))
    M[:, :n, :n] = np.moveaxis(linear.A, -1, 0)
    at = n
    for port, size in zip(ports, sizes):
        if size:
            M[:, at : at + size, at : at + size] = port.matrix
            for j in np.flatnonzero(port.output):
                M[:, :n, at + j] = linear.B.T * port.output[j]
        at += size
    M[:, :n, N - 2] = linear.b.T
    M[:, :n, N - 1] = linear.B.T
    if held is not None:
        M[:, :n][:, np.asarray(held)] = 0.0
    return M


#: Systems that are multiplied at a time: what stands between takes little memory.
SOME = 2**14


def propagator(M: np.ndarray, h: float) -> np.ndarray:
    """Return expm(M h), shape as M; equal matrices are exponentiated once.

    Systems of :func:`joint` that differ in their constant input alone are exponentiated once, too: with M = K + b e^T,
    where e is the constant and K its column left out, expm(M h) = expm(K h) + (integral_0^h expm(K s) ds) b e^T.
    """
    if len(M) == 1:
        return expm(M * h)
    n = M.shape[-1]
    first, back = _distinct(M)
    K = M[first]
    if n > 2 and len(K) > 1 and not np.any(K[:, -2:]):
        b = K[:, :, -2].copy()
        K[:, :, -2] = 0.0
        kept, of = _distinct(K)
        if len(kept) < len(K):
            twice = np.zeros((len(kept), 2 * n, 2 * n))
            twice[:, :n, :n], twice[:, :n, n:] = K[kept], np.eye(n)
            found = expm(twice * h)
            P = found[of, :n, :n]
            for some in np.array_split(np.arange(len(of)), -(-len(of) // SOME)):
                P[some, :, -2] += (found[of[some], :n, n:] @ b[some, :, None])[..., 0]
            return P[back]
    return expm(M[first] * h)[back]


def _distinct(M: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which matrices differ (the first of each) and, for each matrix, which of those it is."""
    rows = M.reshape(len(M), -1)
    differ = rows[:, (rows != rows[0]).any(axis=0)]
    if differ.shape[1] == 0:
        return np.zeros(1, np.int64), np.zeros(len(M), np.int64)
    values = differ[:, 0] if differ.shape[1] == 1 else differ  # numbers are sorted ten times faster than rows
    _, first, back = np.unique(values, axis=0, return_index=True, return_inverse=True)
    return first, back.reshape(-1)
