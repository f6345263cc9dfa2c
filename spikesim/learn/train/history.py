"""What happened in a training: one row an epoch, and where exactly it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...errors import UnknownNameError, did_you_mean
from ...keywords import all_named

__all__ = ["History"]


@all_named
class History:
    """Columns of numbers, one entry an epoch: loss, accuracy, validation_loss, validation_accuracy, lr,
    seconds.

    Parameters
    ----------
    lr : float
        Learning rate at the beginning.

    Attributes
    ----------
    epoch, batch : int
        The next epoch and batch: where a resumed training goes on.
    stopped : bool
        Whether early stopping ended it.
    interrupted : bool
        Whether Ctrl-C did.
    best : dict or None
        Parameters of the best validation loss (with early stopping), and its ``best_epoch``.

    Examples
    --------
    >>> from spikesim import learn
    >>> h = learn.History(lr=0.1)
    >>> h.append({"loss": 0.7})
    >>> h["loss"]
    [0.7]
    """

    def __init__(self, lr: float) -> None:
        self.lr = float(lr)
        self.columns: dict[str, list[float]] = {}
        self.epoch = self.batch = 0
        self.started = self.stopped = self.interrupted = False
        self.best: dict[str, np.ndarray] | None = None
        self.best_epoch: int | None = None
        self.sums = [0.0, 0.0, 0.0, 0.0]  # of this epoch: loss, accuracy, samples, seconds
        self._classifies = False

    def add_batch(self, loss: float, accuracy: float | None, samples: int, seconds: float) -> None:
        """Count one batch, weighted by its samples.

        Parameters
        ----------
        loss : float
            Its mean.
        accuracy : float or None
            Its mean, of a loss that classifies.
        samples : int
            How many.
        seconds : float
            How long it took.

        Examples
        --------
        >>> from spikesim import learn
        >>> h = learn.History(lr=0.1)
        >>> h.add_batch(0.5, None, samples=10, seconds=0.01)
        >>> h.batch
        1
        """
        self._classifies = accuracy is not None
        for k, value in enumerate((loss * samples, (accuracy or 0.0) * samples, float(samples), seconds)):
            self.sums[k] += value
        self.batch += 1

    def close_epoch(self, lr: float) -> dict[str, float]:
        """Return the row of the epoch just gone through, and begin the next.

        Parameters
        ----------
        lr : float
            Learning rate of the epoch.

        Returns
        -------
        dict of str to float
            For :meth:`append`.

        Examples
        --------
        >>> from spikesim import learn
        >>> h = learn.History(lr=0.1)
        >>> h.add_batch(0.5, None, samples=10, seconds=0.01)
        >>> h.close_epoch(0.1)["loss"]
        0.5
        """
        loss, accuracy, samples, seconds = self.sums
        row = {"loss": loss / max(samples, 1.0)}
        if self._classifies:
            row["accuracy"] = accuracy / max(samples, 1.0)
        self.sums, self.batch, self.epoch = [0.0] * 4, 0, self.epoch + 1
        return row | {"lr": lr, "seconds": seconds}

    def append(self, row: dict[str, float]) -> None:
        """Add the row of an epoch.

        Parameters
        ----------
        row : mapping of str to float
            By column.

        Examples
        --------
        >>> from spikesim import learn
        >>> h = learn.History(lr=0.1)
        >>> h.append({"loss": 0.7})
        >>> len(h)
        1
        """
        for name, value in row.items():
            self.columns.setdefault(name, []).append(float(value))

    def last(self) -> dict[str, float]:
        """Return the newest row.

        Returns
        -------
        dict of str to float
            By column.

        Examples
        --------
        >>> from spikesim import learn
        >>> h = learn.History(lr=0.1)
        >>> h.append({"loss": 0.7})
        >>> h.last()
        {'loss': 0.7}
        """
        return {name: column[-1] for name, column in self.columns.items()}

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            raise UnknownNameError(f"History: no column {name!r}{did_you_mean(name, self.columns)}")
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))

    @property
    def loss(self) -> list[float]:
        """The training loss of every epoch: mean over its batches, each before its step."""
        return self["loss"]

    def plot(self, ax: Any = None) -> Any:
        """Plot losses (and accuracies) over epochs; return the Axes.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own unless given.

        Returns
        -------
        Axes
            Of the losses.

        Examples
        --------
        >>> from spikesim import learn
        >>> h = learn.History(lr=0.1)
        >>> h.append({"loss": 0.7})
        >>> h.plot().get_xlabel()
        'Epoch'
        """
        from ...plot import learning_curve

        panel: Any = learning_curve(self, ax=ax)
        panel.xaxis.get_major_locator().set_params(integer=True)  # half epochs there are none
        if panel.get_yscale() == "log":
            low, high = panel.get_ylim()
            if high < 100.0 * low:  # within two decades plain numbers read better than powers
                panel.yaxis.set_major_formatter("{x:g}")
                panel.yaxis.set_minor_formatter("{x:g}" if high < 10.0 * low else "")
        return panel

    def __repr__(self) -> str:
        numbers = ", ".join(f"{k} {v:.4g}" for k, v in self.last().items()) if len(self) else "nothing yet"
        return f"History({len(self)} epochs; last: {numbers})"
