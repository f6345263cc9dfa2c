"""How regular: intervals between spikes, and their variation over neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.recorded import selected_trains
from ..keywords import named
from .rows import OVERLAID, rows
from .style import GREY, legend, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cv", "isi"]


def _outlines(
    ax: Axes | None, values: dict[str, np.ndarray], edges: np.ndarray, empty: str, share: bool = False
) -> Axes:
    """One step histogram a population, of densities or shares; what lies beyond the last edge is left out."""
    panel, found = rows(ax, list(values))
    filled = sum(v.size > 0 for v in values.values()) <= 2 or len(values) > OVERLAID
    for name, (row, colour) in found.items():
        own = values[name]
        height = 1.0 if share else 1.0 / float(edges[1] - edges[0])
        look: dict[str, Any] = {"bins": edges, "color": colour, "weights": np.full(own.size, height / max(own.size, 1))}
        row.hist(own, histtype="step", linewidth=1.3, label=name, **look)
        if filled:
            row.hist(own, histtype="stepfilled", alpha=0.18, **look)
    panel.margins(x=0.0)
    if not any(v.size for v in values.values()):
        note(panel, empty)
    legend(panel, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panel


def _number(pooled: np.ndarray, bins: int | None) -> int:
    """How many bins: as asked for, or by the rule of Freedman and Diaconis (1981), 10 ... 80."""
    if bins is not None or pooled.size < 2:
        return 10 if bins is None else bins
    low, high = np.percentile(pooled, (25.0, 75.0))
    width = 2.0 * (high - low) / pooled.size ** (1.0 / 3.0)
    span = float(np.percentile(pooled, 99.0))
    return int(np.clip(np.ceil(span / width), 10, 80)) if width > 0.0 else 60


@named
def isi(
    result: Any,
    populations: Sequence[str] | None = None,
    *,
    bins: int | None = None,
    log: bool = False,
    start: float | None = None,
    stop: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the distribution of the intervals between a neuron's spikes, pooled over each population.

    Parameters
    ----------
    result : Result, SpikeTrains, or mapping of SpikeTrains
    populations : sequence of str, optional
    bins : int, optional
        Their number, by the data unless given; on a linear scale they end at the 99th percentile and hold whole
        steps of a Result's dt.
    log : bool
        Whether time is on a logarithmic scale, with bins of equal width there and their shares as heights.
    start, stop : float, optional
        Window, ms.
    ax : Axes, optional

    Returns
    -------
    Axes
        Of the first row.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("noise", 50, ss.Poisson(rate=50.0)), "spikes")
    >>> ss.plot.isi(net.run(500.0, progress=False)).get_xlabel()
    'Interspike interval (ms)'
    """
    chosen = selected_trains(result, populations, start, stop, "isi")
    values = {name: trains.isi() for name, trains in chosen.items()}
    pooled = np.concatenate(list(values.values()))
    positive = pooled[pooled > 0.0]
    if log:
        low, high = (positive.min() * 0.999, positive.max() * 1.001) if positive.size else (1.0, 1000.0)
        edges = np.geomspace(low, high, _number(np.log(positive / low), bins) + 1)
    else:
        n = _number(pooled, bins)
        longest = float(np.percentile(positive, 99.0)) if positive.size else 1.0  # no interval, or all of length 0
        width = 1.02 * longest / n
        dt = float(getattr(result, "dt", 0.0))
        if dt > 0.0:  # intervals are whole steps: bins that hold unequal numbers of them would look like a comb
            width = dt * np.ceil(width / dt)
        edges = width * np.arange(n + 1) - 0.5 * dt
    panel = _outlines(ax, values, edges, "no neuron spiked twice in the window", share=log)
    if log:
        panel.set_xscale("log")
    panel.set(xlabel="Interspike interval (ms)", ylabel="Share of intervals" if log else "Density (1/ms)")
    return panel


@named
def cv(
    result: Any,
    populations: Sequence[str] | None = None,
    *,
    bins: int | None = None,
    start: float | None = None,
    stop: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the distribution over neurons of the coefficient of variation of intervals; 1: Poisson.

    Parameters
    ----------
    result : Result, SpikeTrains, or mapping of SpikeTrains
        What was recorded.
    populations : sequence of str, optional
        Which; all unless given.
    bins : int, optional
        Their number, by the data unless given.
    start, stop : float, optional
        Window (ms).
    ax : Axes, optional
        Where to draw; a figure of its own unless given.

    Returns
    -------
    Axes
        Of the first row.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("noise", 50, ss.Poisson(rate=50.0)), "spikes")
    >>> ss.plot.cv(net.run(500.0, progress=False)).get_xlabel()
    'CV of interspike intervals'
    """
    chosen = selected_trains(result, populations, start, stop, "cv")
    each = {name: trains.cvs() for name, trains in chosen.items()}
    values = {name: c[np.isfinite(c)] for name, c in each.items()}
    pooled = np.concatenate(list(values.values()))
    top = max(1.5, 1.02 * float(pooled.max())) if pooled.size else 1.5
    edges = np.linspace(0.0, top, _number(pooled, bins) + 1)
    panel = _outlines(ax, values, edges, "no neuron spiked three times in the window")
    panel.axvline(1.0, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    panel.set(xlabel="CV of interspike intervals", ylabel="Density of neurons")
    return panel
