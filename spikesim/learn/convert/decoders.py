"""The Neural Engineering Framework: values encoded in the rates of neurons of diverse tuning curves, and decoded from
them by least squares (Eliasmith and Anderson, Neural Engineering, MIT Press 2003).

    a_i(x) = G(gain_i e_i . x + bias_i)      f(x) ~ sum_i d_i a_i(x)      D = (A^T A + m s^2 I)^-1 A^T F

A holds the rates at m values x, F the wanted f(x), and s is the noise on the rates that the decoders must bear.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import named
from ..autodiff.tape import as_array
from ..layers.activations import LIFRate
from ..layers.linear import Linear
from ..layers.module import Parameter, Sequential

__all__ = ["decoders", "nef"]


@named
def decoders(rates: Any, values: Any, noise: float = 0.1) -> np.ndarray:
    """Return the least-squares decoders of values from tuning curves.

    Parameters
    ----------
    rates : array_like, shape (m, n)
        The rates of n neurons at m points.
    values : array_like, shape (m,) or (m, k)
        What is to be decoded at these points.
    noise : float
        Standard deviation of the noise on the rates, as a share of the largest rate; 0 is plain least squares.

    Returns
    -------
    ndarray, shape (n,) or (n, k)
        D, so that ``rates @ D`` approximates the values.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.decoders([[1.0, 0.0], [0.0, 2.0]], [3.0, 4.0], noise=0.0).tolist()
    [3.0, 2.0]
    """
    A, F = np.asarray(as_array(rates), dtype=np.float64), np.asarray(as_array(values), dtype=np.float64)
    if A.ndim != 2 or len(A) != len(F) or not len(A) or not (np.isfinite(A).all() and np.isfinite(F).all()):
        raise InvalidValueError(
            f"decoders: rates of shape {A.shape}, values of {F.shape}; wanted (m, n) and (m,) or (m, k), finite"
        )
    if not 0.0 <= noise < np.inf:
        raise InvalidValueError(f"decoders: noise = {noise!r}, wanted a finite number >= 0")
    spread = noise * np.max(np.abs(A), initial=0.0)
    if not spread:
        return np.linalg.lstsq(A, F, rcond=None)[0]
    return np.linalg.solve(A.T @ A + len(A) * spread**2 * np.eye(A.shape[1]), A.T @ F)


@named
def nef(
    f: Callable[..., Any],
    n: int,
    dimensions: int = 1,
    radius: float = 1.0,
    max_rates: tuple[float, float] = (200.0, 400.0),
    noise: float = 0.1,
    tau_m: float = 20.0,
    t_ref: float = 2.0,
    seed: int = 0,
) -> Sequential:
    """Return a population of LIF neurons that represents x, ``|x| <= radius``, decoded as f(x).

    Parameters
    ----------
    f : callable
        Of rows x, shape (m, dimensions), to values of shape (m,) or (m, k).
    n : int
        Number of neurons.
    dimensions : int
        Of x.
    radius : float
        Largest norm of x.
    max_rates : (float, float)
        Range of the rates (Hz) of the neurons at the edge of the ball in their preferred direction; below 1000/t_ref.
    noise : float
        See :func:`decoders`.
    tau_m, t_ref : float
        Of the neurons (ms).
    seed : int
        Of preferred directions e (even on the sphere), thresholds (even in [-radius, radius]) and largest rates.

    Returns
    -------
    Sequential
        Linear (encoders), LIFRate, Linear (decoders): :func:`to_network` makes spiking neurons of it.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> square = learn.nef(lambda x: x[:, 0] ** 2, 100, seed=1)
    >>> x = np.linspace(-1.0, 1.0, 51)[:, None]
    >>> bool(np.max(np.abs(square(x).detach().numpy() - x**2)) < 0.1)
    True
    """
    low, high = max_rates
    if n < 1 or dimensions < 1 or not radius > 0.0 or not 0.0 < low <= high < (1000.0 / t_ref if t_ref else np.inf):
        raise InvalidValueError(
            f"nef: n = {n!r}, dimensions = {dimensions!r}, radius = {radius!r}, max_rates = {max_rates!r}; wanted"
            " n, dimensions >= 1, radius > 0, 0 < rates < 1000 / t_ref"
        )
    rng = np.random.default_rng([seed, 0xEF])
    e = rng.normal(size=(n, dimensions))
    e /= np.linalg.norm(e, axis=1, keepdims=True)
    rate, threshold = rng.uniform(low, high, n) / 1000.0, rng.uniform(-1.0, 1.0, n)
    largest = 1.0 / (1.0 - np.exp((t_ref - 1.0 / rate) / tau_m))  # v_in of that rate: the tuning curve inverted
    gain = (largest - 1.0) / (1.0 - threshold)
    encoder = Linear(dimensions, n, init="zeros", dtype=np.float64)
    encoder.weight.val, encoder.bias = gain[:, None] * e / radius, Parameter(1.0 - gain * threshold)
    tuning = Sequential(encoder, LIFRate(tau_m=tau_m, t_ref=t_ref, gamma=0.0))
    x = rng.normal(size=(max(500, 5 * n), dimensions))
    x *= radius * rng.uniform(size=(len(x), 1)) ** (1.0 / dimensions) / np.linalg.norm(x, axis=1, keepdims=True)
    values = np.asarray(f(x), dtype=np.float64).reshape(len(x), -1)
    D = decoders(tuning(x)._val, values, noise)
    decoder = Linear(n, D.shape[1], init="zeros", dtype=np.float64)
    decoder.weight.val = D.T
    return Sequential(*tuning, decoder)
