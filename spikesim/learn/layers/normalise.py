"""Normalisation: inputs of mean 0 and variance 1, over a batch or over a sample.

    y = gamma (x - mean) / sqrt(var + eps) + beta

BatchNorm (Ioffe and Szegedy 2015) takes mean and variance of each feature over the batch while training, and running
means of them when used; LayerNorm (Ba, Kiros and Hinton 2016) takes those of each sample over its features, always.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import all_named
from ..autodiff.tape import Var, apply, constant
from .module import Module, Parameter

__all__ = ["BatchNorm1d", "BatchNorm2d", "LayerNorm"]


def _normalised(x: Var, mean: Any, var: Any, eps: float, gamma: Var, beta: Var) -> Var:
    return (x - mean) / apply("sqrt", var + eps) * gamma + beta


@all_named
class BatchNorm1d(Module):
    """Normalisation of each feature of (N, n), or of each channel of (N, n, L), over the batch.

    Parameters
    ----------
    n : int
        Number of features.
    eps : float
        Added to the variance.
    momentum : float
        Share of the newest batch in the running means that are used after ``eval()``.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> y = learn.BatchNorm1d(2)(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> y.detach().numpy().round(3).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    """

    arguments: tuple[str, ...] = ("n", "eps", "momentum")
    kept = ("running_mean", "running_var")
    dimensions: tuple[int, ...] = (2, 3)

    def __init__(self, n: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        if not (n >= 1 and eps > 0.0 and 0.0 <= momentum <= 1.0):
            raise InvalidValueError(
                f"{type(self).__name__}: n = {n!r}, eps = {eps!r}, momentum = {momentum!r}; wanted n >= 1, eps > 0,"
                " 0 <= momentum <= 1"
            )
        self.n, self.eps, self.momentum, self.settled = int(n), float(eps), float(momentum), False
        self.weight, self.bias = Parameter(np.ones(n)), Parameter(np.zeros(n))
        self.running_mean, self.running_var = np.zeros(n), np.ones(n)

    def forward(self, x: Any) -> Var:
        x = x if isinstance(x, Var) else constant(np.asarray(x, dtype=np.asarray(x).dtype))
        if x.ndim not in self.dimensions or x.shape[1] != self.n:
            raise InvalidValueError(
                f"{type(self).__name__}({self.n}): input of shape {tuple(x.shape)}, wanted {self.n} features along the"
                f" second of {' or '.join(map(str, self.dimensions))} axes"
            )
        if not self.settled:
            if x.dtype == np.float32:
                self.astype(np.float32)
            self.settled = True
        axes = tuple(k for k in range(x.ndim) if k != 1)
        shape = (1, self.n) + (1,) * (x.ndim - 2)
        gamma, beta = self.weight.reshape(shape), self.bias.reshape(shape)
        if not self.training:
            mean, var = (a.astype(x.dtype).reshape(shape) for a in (self.running_mean, self.running_var))
            return _normalised(x, mean, var, self.eps, gamma, beta)
        count = int(np.prod([x.shape[k] for k in axes]))
        if count < 2:
            raise InvalidValueError(
                f"{type(self).__name__}: a batch of one value a feature has no variance; use eval(), or larger batches"
            )
        mean = x.mean(axis=axes, keepdims=True)
        centred = x - mean
        var = (centred * centred).mean(axis=axes, keepdims=True)
        new = self.momentum
        self.running_mean += new * (mean._val.reshape(-1) - self.running_mean)
        self.running_var += new * (var._val.reshape(-1) * count / (count - 1.0) - self.running_var)
        return centred / apply("sqrt", var + self.eps) * gamma + beta


@all_named
class BatchNorm2d(BatchNorm1d):
    """Normalisation of each channel of images (N, n, H, W) over the batch and the places.

    Parameters
    ----------
    n : int
        Channels.
    momentum : float
        How much of a batch goes into the running means.
    eps : float
        Added to the variance, > 0.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.BatchNorm2d(3)(np.zeros((2, 3, 4, 4))).shape)
    (2, 3, 4, 4)
    """

    dimensions = (4,)


@all_named
class LayerNorm(Module):
    """Normalisation of each sample over its last axis of `n` features.

    Parameters
    ----------
    n : int
        Features.
    eps : float
        Added to the variance, > 0.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.LayerNorm(2)(np.array([[1.0, 3.0]])).detach().numpy().round(3).tolist()
    [[-1.0, 1.0]]
    """

    arguments: tuple[str, ...] = ("n", "eps")

    repeatable = True

    def __init__(self, n: int, eps: float = 1e-5) -> None:
        if not (n >= 1 and eps > 0.0):
            raise InvalidValueError(f"LayerNorm: n = {n!r}, eps = {eps!r}; wanted n >= 1, eps > 0")
        self.n, self.eps, self.settled = int(n), float(eps), False
        self.weight, self.bias = Parameter(np.ones(n)), Parameter(np.zeros(n))

    def forward(self, x: Any) -> Var:
        x = x if isinstance(x, Var) else constant(np.asarray(x))
        if x.ndim == 0 or x.shape[-1] != self.n:
            raise InvalidValueError(f"LayerNorm({self.n}): input of shape {tuple(x.shape)}, wanted (..., {self.n})")
        if not self.settled:
            if x.dtype == np.float32:
                self.astype(np.float32)
            self.settled = True
        centred = x - x.mean(axis=-1, keepdims=True)
        var = (centred * centred).mean(axis=-1, keepdims=True)
        return centred / apply("sqrt", var + self.eps) * self.weight + self.bias
