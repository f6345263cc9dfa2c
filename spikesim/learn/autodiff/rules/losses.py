"""Rules of losses, one value a sample (section 2.3); t and the classes are constants of the rule.

Logarithms of a probability p are floored at -104 and their slopes computed with p >= 1e-12: finite at p = 0, and of a
size that an optimiser's squares can hold.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cross_entropy import cross_entropy, cross_entropy_slope
from ..loops import known, mean_of
from .activations import logistic
from .rule import Array, Rule

__all__ = ["RULES"]

FLOOR, LEAST = -104.0, 1e-12  # of a logarithm (the least float32 has -103.3), of a probability in a slope


def _true(x: Array, classes: Array) -> tuple[Any, ...]:
    """Return the index of the entry of the true class in every row of `x`."""
    if x.ndim == 2:
        return np.arange(x.shape[0]), classes
    return (*np.indices(classes.shape, sparse=True), classes)


def _hot(x: Array, classes: Array) -> Array:
    hot = np.zeros(x.shape, x.dtype)
    hot[_true(x, classes)] = 1.0
    return hot


def _each(s: Array, classes: Array, mean: bool) -> Array:
    """Return dE/dL of every sample, where `mean` took their mean."""
    if not mean:
        return s
    share = s / classes.size
    if isinstance(share, np.generic):
        return np.full(classes.shape, share, share.dtype)
    return np.broadcast_to(share, classes.shape)


def _nll(log_p: Array, classes: Array, mean: bool = False) -> Array:
    losses = -log_p[_true(log_p, classes)]
    return _mean(losses) if mean else losses


def _mean(losses: Array) -> Array:
    if known(losses, losses):
        return losses.dtype.type(mean_of(losses.reshape(-1)))
    return np.add.reduce(losses, axis=None) / losses.dtype.type(losses.size)


def _unpick(s: Array, y: Array, log_p: Array, classes: Array, mean: bool = False) -> Array:
    return -_each(s, classes, mean)[..., None] * _hot(log_p, classes)


def _cross_entropy(z: Array, classes: Array, mean: bool = False) -> tuple[Array, Array]:
    losses, p = cross_entropy(z, classes)
    return _mean(losses) if mean else losses, p


def _cross_entropy_slope(s: Array, p: Array, z: Array, classes: Array, mean: bool = False) -> Array:
    return cross_entropy_slope(s / classes.size if mean else s, p, z, classes)


def _cross_entropy_again(s: Array, y: Array, z: Array, classes: Array, mean: bool = False) -> Array:
    return _each(s, classes, mean)[..., None] * (z._apply("softmax", z) - _hot(z, classes))


def _log(p: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(p), FLOOR)


def _bernoulli(y: Array, t: Array) -> Array:
    return -(t * _log(y) + (1.0 - t) * _log(1.0 - y))


def _bernoulli_slope(s: Array, e: Array, y: Array, t: Array) -> Array:
    return s * (y - t) / np.maximum(y * (1.0 - y), LEAST)


# fmt: off
RULES: dict[str, Rule] = {
    "nll":            Rule(_nll, (_unpick,), values=False),
    "cross_entropy":  Rule(_cross_entropy, (_cross_entropy_slope,), keeps=True, again=(_cross_entropy_again,)),
    "bernoulli":      Rule(_bernoulli,     (_bernoulli_slope,)),
    "bernoulli_logits": Rule(lambda z, t: np.maximum(z, 0.0) - z * t + np.log1p(np.exp(-np.abs(z))),
                             (lambda s, e, z, t: s * (logistic(z) - t),)),
    "log_probability": Rule(_log, (lambda s, y, p: s / np.maximum(p, LEAST),)),
    # -sum_k t_k ln p_k; what is impossible (ln p = -inf) and not wanted (t = 0) counts nothing
    "expected":       Rule(lambda log_p, t: -np.where(t > 0, log_p * np.where(t > 0, t, 1), 0.0).sum(axis=-1),
                           (lambda s, y, log_p, t: -s[..., None] * t,), values=False),
}
# fmt: on
