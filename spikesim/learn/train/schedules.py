"""Schedules of the learning rate over epochs, and early stopping.

A schedule is a function of the epoch (0, 1, ...) that returns a factor on the learning rate the optimiser
began with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ...errors import InvalidValueError, NumericalError
from ...keywords import all_named

__all__ = ["EarlyStopping", "cosine", "exponential", "one_cycle", "plateau", "step_decay", "warmup"]

Schedule = Callable[[Any], float]


def _require(good: Callable[[], bool], text: str) -> None:
    """Refuse what does not hold, or cannot be compared: no number, or several."""
    try:
        held = bool(good())
    except (TypeError, ValueError):
        held = False
    if not held:
        raise InvalidValueError(text)


def _power(whose: str, base: float, exponent: float) -> float:
    """A power, or a refusal where it is no float."""
    try:
        return float(base**exponent)
    except OverflowError:
        raise NumericalError(f"{whose}: {base:g}^{exponent:g} is beyond the largest float, 1.8e308") from None


@all_named
class exponential:
    """The schedule gamma^epoch.

    Parameters
    ----------
    gamma : float
        Factor of an epoch, > 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.exponential(0.5)(3)
    0.125
    """

    def __init__(self, gamma: float) -> None:
        _require(lambda: 0.0 < gamma < math.inf, f"exponential: gamma = {gamma!r}, wanted a number > 0")
        self.gamma = gamma

    def __call__(self, epoch: int) -> float:
        return _power("exponential", self.gamma, epoch)


@all_named
class one_cycle:
    """The schedule that rises from 0 to 1 along a line, and falls to 0 along half a cosine, batch by batch.

    Source: Smith and Topin, arXiv:1708.07120 (2018): few epochs at a large rate.

    Parameters
    ----------
    epochs : int
        Length of the training.
    rise : float
        Share of it in which it rises, from 0 to below 1.

    Examples
    --------
    >>> from spikesim import learn
    >>> cycle = learn.one_cycle(10, rise=0.2)
    >>> [cycle(epoch) for epoch in (0, 1, 2, 6, 10)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    #: :func:`fit` asks before every batch, not before every epoch.
    every_batch = True

    def __init__(self, epochs: int, rise: float = 0.15) -> None:
        _require(
            lambda: epochs >= 1 and 0.0 <= rise < 1.0,
            f"one_cycle: epochs = {epochs!r}, rise = {rise!r}, wanted >= 1, [0, 1)",
        )
        self.epochs, self.rise = epochs, rise

    def __call__(self, epoch: float) -> float:
        done = min(max(epoch / self.epochs, 0.0), 1.0)
        if done < self.rise:
            return done / self.rise
        return round(0.5 * (1.0 + math.cos(math.pi * (done - self.rise) / (1.0 - self.rise))), 15)


@all_named
class step_decay:
    """The schedule that multiplies by `factor` every `every` epochs.

    Parameters
    ----------
    every : int
        Epochs.
    factor : float
        On the learning rate, > 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.step_decay(every=10, factor=0.5)(25)
    0.25
    """

    def __init__(self, every: int, factor: float = 0.1) -> None:
        good = lambda: every >= 1 and 0.0 < factor < math.inf  # noqa: E731
        _require(good, f"step_decay: every = {every!r}, factor = {factor!r}; wanted > 0")
        self.every, self.factor = every, factor

    def __call__(self, epoch: int) -> float:
        return _power("step_decay", self.factor, epoch // self.every)


@all_named
class cosine:
    """The half cosine from 1 to `floor` over `epochs` (Loshchilov and Hutter 2017).

    Parameters
    ----------
    epochs : int
        Until the lowest.
    floor : float
        The factor there, >= 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.cosine(10)(5)
    0.5
    """

    def __init__(self, epochs: int, floor: float = 0.0) -> None:
        good = lambda: epochs >= 1 and 0.0 <= floor < math.inf  # noqa: E731
        _require(good, f"cosine: epochs = {epochs!r}, floor = {floor!r}; wanted >= 1, >= 0")
        self.epochs, self.floor = epochs, floor

    def __call__(self, epoch: int) -> float:
        wave = 0.5 * (1.0 + math.cos(math.pi * min(epoch / self.epochs, 1.0)))
        return self.floor + (1.0 - self.floor) * wave


@all_named
class warmup:
    """A linear rise over `epochs`, followed by another schedule.

    Parameters
    ----------
    epochs : int
        Of the rise.
    then : callable, optional
        epoch -> factor, counted from the end of the rise; 1 unless given.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.warmup(4)(0), learn.warmup(4)(9)
    (0.25, 1.0)
    """

    def __init__(self, epochs: int, then: Schedule | None = None) -> None:
        _require(lambda: epochs >= 0, f"warmup: epochs = {epochs!r}, wanted a number >= 0")
        self.epochs, self.then = epochs, then

    def __call__(self, epoch: int) -> float:
        if epoch < self.epochs:
            return (epoch + 1) / self.epochs
        return self.then(epoch - self.epochs) if self.then else 1.0


@all_named
class plateau:
    """The schedule that multiplies by `factor` when the loss has not fallen for `patience` epochs.

    It watches the validation loss, or the training loss without validation data, and is a function of all losses so
    far: a resumed training goes on as it would have.

    Parameters
    ----------
    factor : float
        On the learning rate, below 1.
    patience : int
        Epochs without improvement.
    least : float
        What counts as improvement.
    floor : float
        The factor does not fall below it.

    Examples
    --------
    >>> from spikesim import learn
    >>> falling = learn.plateau(factor=0.5, patience=2)
    >>> falling.after([1.0, 0.9, 0.9, 0.9])
    0.5
    """

    def __init__(self, factor: float = 0.1, patience: int = 10, least: float = 0.0, floor: float = 0.0) -> None:
        good = lambda: 0.0 < factor < 1.0 and patience >= 1 and floor >= 0.0  # noqa: E731
        _require(
            good, f"plateau: factor = {factor!r}, patience = {patience!r}, floor = {floor!r}; wanted 0 < factor < 1"
        )
        self.factor, self.patience, self.least, self.floor = factor, patience, least, floor

    def __call__(self, epoch: int) -> float:
        return 1.0

    def after(self, losses: Sequence[float]) -> float:
        """Return the factor after these losses, one an epoch.

        Parameters
        ----------
        losses : sequence of float
            Of the validation data, or of the training without, one an epoch.

        Returns
        -------
        float
            On the learning rate.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.schedules.plateau(factor=0.5, patience=2).after([1.0, 0.9, 0.9, 0.9])
        0.5
        """
        best, age, factor = math.inf, 0, 1.0
        for loss in losses:
            best, age = (loss, 0) if loss < best - self.least else (best, age + 1)
            if age >= self.patience:
                age, factor = 0, max(factor * self.factor, self.floor)
        return factor


@all_named
class EarlyStopping:
    """Stop when the validation loss has not fallen for `patience` epochs; the best parameters are put back.

    Parameters
    ----------
    patience : int
        Epochs without improvement.
    least : float
        What counts as improvement.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.EarlyStopping(patience=2).stops([1.0, 0.9, 0.95, 0.92])
    True
    """

    def __init__(self, patience: int = 10, least: float = 0.0) -> None:
        _require(lambda: patience >= 1, f"EarlyStopping: patience = {patience!r}, wanted at least 1 epoch")
        self.patience, self.least = int(patience), float(least)

    def stops(self, losses: list[float]) -> bool:
        """Return whether to stop after these validation losses, one an epoch.

        Parameters
        ----------
        losses : sequence of float
            Of the validation data, one an epoch.

        Returns
        -------
        bool
            Whether.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.EarlyStopping(patience=2).stops([1.0, 0.9, 0.8])
        False
        """
        best, age = math.inf, 0
        for loss in losses:
            best, age = (loss, 0) if loss < best - self.least else (best, age + 1)
        return age >= self.patience
