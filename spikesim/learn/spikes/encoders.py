"""From values to spikes: x of shape (samples, n) in [0, 1] becomes spikes of `steps` steps.

| encoder      | spikes of a source of value x |
| ------------ | --- |
| Latency      | one, the earlier the larger x: linearly, or at t = tau ln(x / (x - theta)) |
| PoissonCode  | in each step with probability x max_rate dt |
| Regular      | evenly spaced at the rate x max_rate |
| Population   | of `centres` sources with Gaussian tuning curves, by latency (Bohte et al. 2002) |
| DeltaCode    | where a signal (samples, steps, n) has risen (sources 0 ... n - 1) or fallen (n ... 2n - 1) by theta |

A current that stands for x needs no encoder: Linear, then Spiking(synapse=None, steps=...).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import all_named, verbs_named
from ...random import key
from ..layers.module import Module
from .buffers import BUFFERS
from .operation import as_array
from .spike_batch import SpikeBatch

__all__ = ["DeltaCode", "Latency", "PoissonCode", "Population", "Regular"]


@verbs_named
class Encoder(Module):
    """What all share: values are checked, steps are a whole number."""

    def __init__(self, steps: int, dt: float = 1.0) -> None:
        name = type(self).__name__
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
            raise InvalidValueError(f"{name}: steps = {steps!r}, wanted a whole number >= 1")
        if not 0.0 < dt < np.inf:
            raise InvalidValueError(f"{name}: dt = {dt!r} ms, wanted a finite number > 0")
        self.steps, self.dt = int(steps), float(dt)

    def _values(self, x: Any, ndim: int = 2) -> np.ndarray:
        array = self._numbers(x, ndim)
        if not np.isfinite(array).all():
            raise InvalidValueError(self._not_finite(array))
        return array

    def _numbers(self, x: Any, ndim: int) -> np.ndarray:
        array = np.asarray(as_array(x))
        name = type(self).__name__
        if array.ndim != ndim or array.dtype.kind not in "biuf":
            wanted = "(samples, units)" if ndim == 2 else "(samples, steps, units)"
            raise InvalidValueError(f"{name}: input of shape {array.shape}, {array.dtype}, wanted numbers {wanted}")
        return array

    def _not_finite(self, array: np.ndarray) -> str:
        return f"{type(self).__name__}: input has NaN or infinity ({int(np.sum(~np.isfinite(array)))} such)"

    def _shares(self, x: Any) -> np.ndarray:
        array = self._numbers(x, 2)
        low, high = (array.min(), array.max()) if array.size else (0.0, 0.0)
        if not (low >= 0.0 and high <= 1.0):  # a NaN is the least and the largest
            if not np.isfinite(array).all():
                raise InvalidValueError(self._not_finite(array))
            raise InvalidValueError(
                f"{type(self).__name__}: input ranges over [{low:g}, {high:g}], wanted [0, 1]; scale it"
            )
        return array


@all_named
class Latency(Encoder):
    """One spike a source: the larger the value, the earlier.

    Parameters
    ----------
    steps : int
        Length of a run.
    tau : float, optional
        Of a leaky integrator with the threshold `theta`, in steps: t = tau ln(x / (x - theta)); without it the time is
        linear, from the first step (x = 1) to the last (x = theta).
    theta : float
        Smaller values send nothing.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Latency(steps=5)([[1.0, 0.5, 0.0]]).times(0)
    [array([1.]), array([3.]), array([], dtype=float64)]
    """

    arguments: tuple[str, ...] = ("steps", "tau", "theta")

    def __init__(self, steps: int, tau: float | None = None, theta: float = 0.01) -> None:
        super().__init__(steps)
        if not 0.0 < theta < 1.0 or (tau is not None and not 0.0 < tau < np.inf):
            raise InvalidValueError(f"Latency: theta = {theta!r}, tau = {tau!r}, wanted 0 < theta < 1 and tau > 0")
        self.tau, self.theta = tau, float(theta)

    def forward(self, x: Any) -> SpikeBatch:
        x = self._shares(x)
        at = np.flatnonzero(x > self.theta)
        value = x.reshape(-1)[at]
        if self.tau is None:
            step = np.rint((1.0 - value) / (1.0 - self.theta) * (self.steps - 1))
        else:
            with np.errstate(divide="ignore"):
                step = np.rint(self.tau * np.log(value / (value - self.theta)))
        return SpikeBatch._one_each((len(x), self.steps, x.shape[1]), at, step)


@all_named
class PoissonCode(Encoder):
    """In each step a spike with probability x max_rate dt / 1000.

    Parameters
    ----------
    steps : int
        Length of a run.
    max_rate : float
        Rate of the value 1 (Hz); at most one spike a step.
    dt : float
        Time step (ms).
    seed : int
        The n-th batch draws the n-th numbers of this seed.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.PoissonCode(100, max_rate=100.0)([[0.0, 1.0]]).shape
    (1, 100, 2)
    """

    arguments: tuple[str, ...] = ("steps", "max_rate", "dt", "seed")

    def __init__(self, steps: int, max_rate: float = 200.0, dt: float = 1.0, seed: int = 0) -> None:
        super().__init__(steps, dt)
        if not 0.0 < max_rate * dt <= 1000.0:
            raise InvalidValueError(f"PoissonCode: max_rate = {max_rate!r} Hz, wanted > 0 and one spike a step at most")
        self.max_rate, self.seed, self.calls = float(max_rate), int(seed), 0

    def forward(self, x: Any) -> SpikeBatch:
        x = self._shares(x)
        stream = key(self.seed, "learn", "PoissonCode")
        rng = np.random.default_rng([int(stream.a), int(stream.b), self.calls])
        object.__setattr__(self, "calls", self.calls + 1)
        at = np.flatnonzero(x)
        p = (x.reshape(-1)[at] * (self.max_rate * self.dt / 1000.0)).astype(np.float32)
        draws = rng.random(dtype=np.float32, out=BUFFERS.empty((len(p), self.steps), np.float32))
        return SpikeBatch._of_draws((len(x), self.steps, x.shape[1]), at, draws, p)


@all_named
class Regular(Encoder):
    """Evenly spaced spikes at the rate x max_rate, as of an integrator that starts at 1/2.

    Parameters
    ----------
    steps : int
        Length of a run.
    max_rate : float
        Rate of the value 1 (Hz); at most one spike a step.
    dt : float
        Time step (ms).

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Regular(100, max_rate=100.0)([[0.0, 1.0]]).dense().sum(axis=1).tolist()
    [[0.0, 10.0]]
    """

    arguments: tuple[str, ...] = ("steps", "max_rate", "dt")

    def __init__(self, steps: int, max_rate: float = 200.0, dt: float = 1.0) -> None:
        super().__init__(steps, dt)
        if not 0.0 < max_rate * dt <= 1000.0:
            raise InvalidValueError(f"Regular: max_rate = {max_rate!r} Hz, wanted > 0 and one spike a step at most")
        self.max_rate = float(max_rate)

    def forward(self, x: Any) -> SpikeBatch:
        x = self._shares(x)
        sample, unit = np.nonzero(x)
        p = x[sample, unit].astype(np.float64) * (self.max_rate * self.dt / 1000.0)
        sums = np.floor(0.5 + p[:, None] * np.arange(self.steps + 1))
        which, step = np.nonzero(np.diff(sums, axis=1) > 0.0)
        return SpikeBatch(sample[which], step, unit[which], (len(x), self.steps, x.shape[1]))


@all_named
class Population(Encoder):
    """Each value as the latencies of `centres` sources with Gaussian tuning curves between `low` and `high`.

    Parameters
    ----------
    centres : int
        Sources a value, at least 2; source k of value i is unit i centres + k.
    steps : int
        Length of a run.
    low, high : float
        Range of the values.
    sigma : float, optional
        Width of a tuning curve; 2/3 of the distance of two centres unless given.
    theta : float
        Smaller responses send nothing.

    Source: Bohte, Kok and La Poutre, Neurocomputing 48 (2002) 17.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Population(centres=4, steps=20)([[0.5]]).shape
    (1, 20, 4)
    """

    arguments: tuple[str, ...] = ("centres", "steps", "low", "high", "sigma", "theta")

    def __init__(
        self,
        centres: int,
        steps: int,
        low: float = 0.0,
        high: float = 1.0,
        sigma: float | None = None,
        theta: float = 0.1,
    ) -> None:
        super().__init__(steps)
        if not isinstance(centres, (int, np.integer)) or centres < 2 or not low < high:
            raise InvalidValueError(
                f"Population: centres = {centres!r}, low = {low!r}, high = {high!r}; wanted 2 or more, low < high"
            )
        self.centres, self.low, self.high, self.theta = int(centres), float(low), float(high), float(theta)
        self.sigma = (high - low) / (centres - 1) * 2.0 / 3.0 if sigma is None else float(sigma)

    def forward(self, x: Any) -> SpikeBatch:
        x = self._values(x)
        centres = np.linspace(self.low, self.high, self.centres)
        response = np.exp(-0.5 * ((x[:, :, None] - centres) / self.sigma) ** 2).reshape(len(x), -1)
        at = np.flatnonzero(response > self.theta)
        step = np.rint((1.0 - response.reshape(-1)[at]) / (1.0 - self.theta) * (self.steps - 1))
        return SpikeBatch._one_each((len(x), self.steps, response.shape[1]), at, step)


@all_named
class DeltaCode(Encoder):
    """Spikes where a signal has moved by `theta` since the last spike of its source.

    Input (samples, steps, n); sources 0 ... n - 1 say "up", n ... 2 n - 1 "down".

    Parameters
    ----------
    theta : float
        Size of a move.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> signal = np.array([[[0.0], [0.25], [0.0]]])
    >>> learn.DeltaCode(theta=0.1)(signal).dense()[0].tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """

    arguments: tuple[str, ...] = ("theta",)

    def __init__(self, theta: float = 0.1) -> None:
        super().__init__(1)
        if not 0.0 < theta < np.inf:
            raise InvalidValueError(f"DeltaCode: theta = {theta!r}, wanted a finite number > 0")
        self.theta = float(theta)

    def forward(self, x: Any) -> SpikeBatch:
        x = self._values(x, 3)
        B, T, n = x.shape
        out = np.zeros((B, T, 2 * n), np.float32)
        level = x[:, 0].astype(np.float64)
        for t in range(1, T):
            up, down = x[:, t] >= level + self.theta, x[:, t] <= level - self.theta
            out[:, t, :n], out[:, t, n:] = up, down
            level = level + self.theta * (up.astype(np.float64) - down)
        return SpikeBatch.from_dense(out)
