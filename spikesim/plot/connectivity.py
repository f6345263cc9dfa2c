"""Who is connected to whom, how strongly and how late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..kinds import one_of
from ..scalars import real
from .style import BLUE, axes, ink, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["delays", "weights"]

#: Pixels a side of the image of a large matrix.
PIXELS = 600


def _matrix(weights: Any, projection: str | None) -> sparse.csr_array:
    if hasattr(weights, "weights"):  # a Result
        named = weights.weights
        name = projection if projection is not None else next(iter(named), "")
        weights = named[name]
    if not sparse.issparse(weights):
        weights = np.asarray(weights, dtype=np.float64)
        if weights.ndim != 2:
            raise InvalidTypeError(f"weights: wanted a Result or a matrix (n_post, n_pre), got {weights.shape}")
    return sparse.csr_array(weights)


@named
def weights(
    result: Any,
    projection: str | None = None,
    *,
    kind: str = "image",
    unit: str = "",
    bins: int = 60,
    ax: Axes | None = None,
) -> Axes:
    """Draw a weight matrix: as an image (row = target), or the histogram of its entries.

    Parameters
    ----------
    result : Result, or dense or sparse matrix (n_post, n_pre)
    projection : str, optional
        Which of a Result; without it the first.
    kind : {"image", "hist"}
    unit : str
        Of the weights: "pA", "nS" or "mV", for the label.
    bins : int
        Of the histogram.
    ax : Axes, optional

    Returns
    -------
    Axes
        Of the image or the histogram.

    Notes
    -----
    Red is positive and blue negative.  A matrix of more than 600 rows or columns is drawn as means over
    blocks.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> ss.plot.weights(np.eye(3), unit="pA").get_xlabel()
    'Source neuron'
    """
    one_of("weights: kind", kind, ("image", "hist"))
    matrix = _matrix(result, projection)
    label = f"Weight ({unit})" if unit else "Weight"
    if kind == "hist":
        panel = axes(ax)
        _histogram(panel, matrix.data, bins)
        panel.set(xlabel=label, ylabel="Synapses")
        return panel
    panel = axes(ax, 4.6, 3.8)
    if not all(matrix.shape):
        note(panel, "no neurons on one side")
        panel.set(xlabel="Source neuron", ylabel="Target neuron")
        return panel
    image, block = _blocks(matrix)
    some = np.abs(image[image != 0.0])
    limit = float(np.percentile(some, 99.5)) if some.size else 1.0
    drawn = panel.imshow(
        image,
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        interpolation="nearest",
        aspect="auto",
        extent=(-0.5, matrix.shape[1] - 0.5, matrix.shape[0] - 0.5, -0.5),
    )
    bar = panel.figure.colorbar(drawn, ax=panel, shrink=0.85)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=3.0, width=0.8, labelsize=8.0)
    bar.set_label(label + (f", mean of {block[0]} x {block[1]}" if max(block) > 1 else ""), fontsize=9.0)
    panel.spines[["top", "right"]].set_visible(True)
    panel.set(xlabel="Source neuron", ylabel="Target neuron")
    if not matrix.nnz:
        note(panel, "no synapse")
    return panel


def _blocks(matrix: sparse.csr_array) -> tuple[np.ndarray, tuple[int, int]]:
    """The matrix as a dense image of at most PIXELS a side, each entry the mean of a block."""
    rows, columns = (-(-n // PIXELS) for n in matrix.shape)
    if rows == columns == 1:
        return matrix.toarray(), (1, 1)
    entries = matrix.tocoo()
    shape = (-(-matrix.shape[0] // rows), -(-matrix.shape[1] // columns))
    sums = sparse.coo_array((entries.data, (entries.row // rows, entries.col // columns)), shape=shape).toarray()
    height = np.diff(np.minimum(np.arange(shape[0] + 1) * rows, matrix.shape[0]))
    width = np.diff(np.minimum(np.arange(shape[1] + 1) * columns, matrix.shape[1]))
    return sums / np.outer(height, width), (rows, columns)


def _histogram(panel: Axes, values: np.ndarray, bins: int) -> None:
    if not values.size:
        note(panel, "no synapse")
        return
    colour = ink(panel, BLUE)
    low, high = float(values.min()), float(values.max())
    if low == high:  # all equal: one bar around the value
        half = 0.05 * abs(low) or 0.5
        panel.bar([low], [values.size], width=half, color=colour, alpha=0.85)
        panel.set_xlim(low - 4.0 * half, high + 4.0 * half)
        return
    panel.hist(values, bins, color=colour, alpha=0.85, linewidth=0.0)


@named
def delays(values: Any, *, dt: float | None = None, bins: int = 60, ax: Axes | None = None) -> Axes:
    """Draw the histogram of conduction delays.

    Parameters
    ----------
    values : array_like
        Delays, ms (one a synapse), or whole steps when `dt` is given.
    dt : float, optional
        Step, ms; the bins then are whole steps.
    bins : int
    ax : Axes, optional

    Returns
    -------
    Axes
        Of the histogram.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.plot.delays([1.0, 1.5, 1.5, 2.0], dt=0.1).get_xlabel()
    'Delay (ms)'
    """
    values = np.ravel(np.asarray(values, dtype=np.float64))
    wrong = ~(np.isfinite(values) & (values >= 0.0))
    if wrong.any():
        raise InvalidValueError(f"delays: wanted finite delays >= 0 ms, got {values[wrong][0]!r} at {wrong.argmax()}")
    if dt is not None and (real("delays: dt", dt) <= 0.0 or (values >= 2.0**53).any()):
        raise InvalidValueError(f"delays: wanted dt > 0 ms and whole steps below 2^53, got dt = {dt!r}")
    panel = axes(ax)
    if dt is None or not values.size:
        _histogram(panel, values, bins)
    else:
        steps, counts = np.unique(np.rint(values).astype(np.int64), return_counts=True)
        panel.bar(steps * dt, counts, width=0.9 * dt, color=ink(panel, BLUE), alpha=0.85, linewidth=0.0)
    panel.set(xlabel="Delay (ms)", ylabel="Synapses")
    return panel
