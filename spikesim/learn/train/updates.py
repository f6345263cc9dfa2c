"""The updates of the optimisers, one entry a turn: one pass over the memory instead of one for each operation.

`value` theta, `g` dE/dtheta and the running averages are flat arrays of one dtype, the numbers too; `value` and the
averages are written.  Nothing is contracted to fused multiply-adds: the bits are those of the same formulas in NumPy.
Without the compiler, or for a precision that it does not know, the entry of a turn is a whole row: see `run`.

| update     | averages          | numbers |
| ---------- | ----------------- | --- |
| descend    |                   | lr |
| roll       | velocity V        | lr, beta, eta |
| roll_ahead | velocity V        | lr, beta, eta; Nesterov's |
| fall       | velocity V        | dt, 1 - r |
| adagrad    | squares G         | lr, eps |
| rmsprop    | squares G         | lr, a, 1 - a, eps |
| adam       | mean m, squares v | lr c/(1 - b1^n), b1, 1 - b1, b2, 1 - b2, eps c, share kept; c = sqrt(1 - b2^n) |
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ...jit import JIT, compiled

__all__ = ["adagrad", "adam", "descend", "fall", "rmsprop", "roll", "roll_ahead", "run"]


def run(update: Any, value: np.ndarray, g: np.ndarray, averages: Any, numbers: tuple[float, ...]) -> None:
    """Do an update on flat arrays; `numbers` take their dtype."""
    arrays, numbers = (value, g, *averages), _rounded_to(value.dtype, numbers)
    if JIT and value.dtype.char in "fd":
        update(*arrays, *numbers)
    else:
        with np.errstate(all="ignore"):  # as the compiled loop; what is not finite shows in the loss
            getattr(update, "py_func", update)(*[a[None] for a in arrays], *numbers)


@lru_cache(maxsize=64)
def _rounded_to(dtype: Any, numbers: tuple[float, ...]) -> tuple[Any, ...]:
    return tuple(dtype.type(x) for x in numbers)


def _rounded(update: Any) -> Any:
    return compiled(update, contract=False)


@_rounded
def descend(value, g, lr):
    for i in range(len(value)):
        value[i] -= lr * g[i]


@_rounded
def roll(value, g, V, lr, beta, eta):
    for i in range(len(value)):
        V[i] = beta * V[i] + eta * g[i]
        value[i] -= lr * V[i]


@_rounded
def roll_ahead(value, g, V, lr, beta, eta):
    for i in range(len(value)):
        V[i] = beta * V[i] + eta * g[i]
        value[i] -= lr * (g[i] + beta * V[i])


@_rounded
def fall(value, g, V, dt, kept):
    for i in range(len(value)):
        value[i] += dt * V[i]
        V[i] = kept * V[i] - dt * g[i]


@_rounded
def adagrad(value, g, G, lr, eps):
    for i in range(len(value)):
        G[i] += g[i] * g[i]
        value[i] -= lr * g[i] / (np.sqrt(G[i]) + eps)


@_rounded
def rmsprop(value, g, G, lr, a, rest, eps):
    for i in range(len(value)):
        G[i] = a * G[i] + rest * g[i] * g[i]
        value[i] -= lr * g[i] / (np.sqrt(G[i]) + eps)


@_rounded
def adam(value, g, m, v, lr, b1, rest1, b2, rest2, eps, kept):
    for i in range(len(value)):
        m[i] = b1 * m[i] + rest1 * g[i]
        v[i] = b2 * v[i] + rest2 * (g[i] * g[i])
        value[i] = kept * value[i] - lr * (m[i] / (np.sqrt(v[i]) + eps))
