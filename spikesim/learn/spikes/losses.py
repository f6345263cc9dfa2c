"""Losses of spikes: of the time of the first one, and of how many there are.

FirstSpikeLoss   L = ln sum_c e^((t_y - t_c) / tau_0) + alpha (e^(t_y / tau_1) - 1)        (Goeltz et al. 2021)
RatePenalty      L = mean over neurons of  max(0, low - n)^2 + max(0, n - high)^2,   n the mean count of spikes
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import named
from ..autodiff.tape import Var
from ..layers.losses import CrossEntropyLoss, Loss
from ..layers.module import Module

__all__ = ["FirstSpikeLoss", "RatePenalty"]


@named
class FirstSpikeLoss(Loss):
    """The true class shall fire first: cross entropy of -t / tau_0, and a price of late spikes.

    Call it with times (samples, classes), such as ``run["out"].first().reshape(1, -1)``, and class indices.

    Parameters
    ----------
    tau_0 : float
        How far apart two times are told apart (ms).
    alpha, tau_1 : float
        Size and time constant (ms) of the price.
    reduction : {"mean", "sum", "none"}
        Over the samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> round(learn.FirstSpikeLoss(tau_0=1.0, alpha=0.0)([[2.0, 5.0]], [0]).item(), 4)
    0.0486
    """

    arguments: tuple[str, ...] = ("tau_0", "alpha", "tau_1", "reduction")

    def __init__(self, tau_0: float = 0.5, alpha: float = 3e-3, tau_1: float = 6.4, reduction: str = "mean") -> None:
        super().__init__(reduction)
        if not (tau_0 > 0.0 and tau_1 > 0.0 and alpha >= 0.0):
            raise InvalidValueError(
                f"FirstSpikeLoss: tau_0 = {tau_0!r}, tau_1 = {tau_1!r}, alpha = {alpha!r}, wanted > 0, >= 0"
            )
        self._cross_entropy = CrossEntropyLoss(reduction="none")
        self.tau_0, self.alpha, self.tau_1 = float(tau_0), float(alpha), float(tau_1)

    def each(self, y: Var, t: np.ndarray) -> Var:
        losses = self._cross_entropy(y * (-1.0 / self.tau_0), t)
        if self.alpha:
            own = y[np.arange(len(t)), t]
            losses = losses + self.alpha * (np.exp(own * (1.0 / self.tau_1)) - 1.0)
        return losses


@named
class RatePenalty(Module):
    """What neurons pay that fire too seldom or too often: add it to a loss.

    Call it with spikes (samples, steps, n).

    Parameters
    ----------
    low, high : float
        Bounds of the mean number of spikes of a neuron in a run.
    weight : float
        Factor.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.RatePenalty(low=1.0, high=3.0)(np.ones((2, 5, 4))).item()
    4.0
    """

    arguments: tuple[str, ...] = ("low", "high", "weight")

    def __init__(self, low: float = 0.0, high: float = np.inf, weight: float = 1.0) -> None:
        if not 0.0 <= low <= high:
            raise InvalidValueError(f"RatePenalty: low = {low!r}, high = {high!r}, wanted 0 <= low <= high")
        self.low, self.high, self.weight = float(low), float(high), float(weight)

    @named
    def forward(self, S: Any) -> Var:
        """Return the penalty of spikes: what a call returns.

        Parameters
        ----------
        S : array_like or Var, shape (samples, steps, n)
            Spikes of a layer.

        Returns
        -------
        Var
            A scalar.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.RatePenalty(low=0.0, high=1.0).forward(np.zeros((2, 5, 3))).item()
        0.0
        """
        S = S if isinstance(S, Var) else Var(S, requires_grad=False)
        n = S.sum(axis=1).mean(axis=0)
        total = np.maximum(self.low - n, 0.0) ** 2
        if np.isfinite(self.high):
            total = total + np.maximum(n - self.high, 0.0) ** 2
        penalty: Var = self.weight * total.mean()
        return penalty
