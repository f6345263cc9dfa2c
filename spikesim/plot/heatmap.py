"""A sweep of two parameters as an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..keywords import named
from .style import axes, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["heatmap"]

#: At most so many ticks a side.
TICKS = 12


@named
def heatmap(table: Mapping[str, Any], x: str, y: str, z: str, *, ax: Axes | None = None) -> Axes:
    """Draw column `z` of a table over the values of its columns `x` and `y`.

    Each pair of values is a cell, equally large whatever their distance; runs with the same pair (other seeds) are
    averaged, and pairs without a run, or whose measure is NaN, stay empty.

    Parameters
    ----------
    table : mapping of str to sequences
        Columns of equal length, a row a run: a table of a sweep, a dict, a pandas DataFrame.
    x, y : str
        The columns that were varied.
    z : str
        The column that was measured.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    UnknownNameError
        If the table has no such column.
    InvalidTypeError, InvalidValueError
        If the measure is not numeric, or columns are not equally long.

    Examples
    --------
    >>> import spikesim as ss
    >>> table = {"g": [4, 4, 5, 5], "eta": [1, 2, 1, 2], "rate": [10.0, 30.0, 5.0, 15.0]}
    >>> ss.plot.heatmap(table, "g", "eta", "rate").get_images()[0].get_array().tolist()
    [[10.0, 5.0], [30.0, 15.0]]
    """
    columns = [_column(table, name) for name in (x, y, z)]
    if len({column.size for column in columns}) > 1:
        sizes = ", ".join(f"{name!r}: {column.size}" for name, column in zip((x, y, z), columns))
        raise InvalidValueError(f"heatmap: wanted columns of equal length, got {sizes}")
    if columns[2].dtype.kind not in "biuf" and columns[2].size:
        raise InvalidTypeError(f"heatmap: column {z!r} must hold numbers, got {columns[2].dtype}")
    panel = axes(ax, 4.8, 3.8)
    panel.set(xlabel=x, ylabel=y)
    if not columns[0].size:
        note(panel, "no runs")
        return panel
    (across, column), (up, row) = (np.unique(values, return_inverse=True) for values in columns[:2])
    measured = columns[2].astype(np.float64)
    known = np.isfinite(measured)
    cell = (row.ravel() * across.size + column.ravel())[known]
    runs = np.bincount(cell, minlength=across.size * up.size)
    sums = np.bincount(cell, measured[known], across.size * up.size)
    mean = np.divide(sums, runs, out=np.full(runs.size, np.nan), where=runs > 0).reshape(up.size, across.size)
    drawn = panel.imshow(
        np.ma.masked_invalid(mean), cmap="viridis", origin="lower", aspect="auto", interpolation="none"
    )
    for axis, values in ((panel.xaxis, across), (panel.yaxis, up)):
        some = np.arange(0, values.size, -(-values.size // TICKS))
        axis.set_ticks(some, [_text(values[k]) for k in some])
    bar = panel.figure.colorbar(drawn, ax=panel, shrink=0.85)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=3.0, width=0.8, labelsize=8.0)
    bar.set_label(z, fontsize=9.0)
    if not known.any():
        note(panel, f"no run has a {z}")
    return panel


def _column(table: Mapping[str, Any], name: str) -> np.ndarray:
    try:
        return np.ravel(np.asarray(table[name]))
    except (KeyError, IndexError, TypeError):
        known = [str(column) for column in table]
        raise UnknownNameError(f"heatmap: no column {name!r}{did_you_mean(str(name), known)}") from None


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (float, np.floating)) else str(value)
