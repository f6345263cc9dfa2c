"""How regular: intervals between spikes, and their variation over neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.recorded import selected_trains
from ..errors import InvalidValueError
from .style import GREY, axes, colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cv", "isi"]


def _outlines(
    panel: Axes, values: dict[str, np.ndarray], names: list[str], edges: np.ndarray, share: bool = False
) -> None:
    """One step histogram a population, of densities or shares; what lies beyond the last edge is left out."""
    for name, colour in zip(names, colours(names)):
        if name in values:
            look: dict[str, Any] = {"bins": edges, "density": not share, "color": colour}
            if share:
                look["weights"] = np.full(values[name].size, 1.0 / values[name].size)
            panel.hist(values[name], histtype="step", linewidth=1.3, label=name, **look)
            if len(values) <= 2:
                panel.hist(values[name], histtype="stepfilled", alpha=0.18, **look)
    panel.margins(x=0.0)
    if len(values) > 1:
        panel.legend(frameon=False, fontsize=8.0, handlelength=1.4, ncols=2 if len(values) > 4 else 1)


def isi(
    result: Any,
    populations: Sequence[str] | None = None,
    *,
    bins: int = 60,
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
    bins : int
        Their number; on a linear scale they end at the 99th percentile and hold whole steps of a Result's dt.
    log : bool
        Whether time is on a logarithmic scale, with bins of equal width there and their shares as heights.
    start, stop : float, optional
        Window, ms.
    ax : Axes, optional
    """
    chosen = selected_trains(result, populations, start, stop, "isi")
    values = {name: gaps for name, trains in chosen.items() if (gaps := trains.isi()).size}
    if not values:
        raise InvalidValueError("isi: no neuron spiked twice in the window")
    panel = axes(ax)
    pooled = np.concatenate(list(values.values()))
    if log:
        pooled = pooled[pooled > 0.0]
        edges = np.geomspace(pooled.min() * 0.999, pooled.max() * 1.001, bins + 1)
        panel.set_xscale("log")
    else:
        width = max(float(np.percentile(pooled, 99.0)) * 1.02, 1e-9) / bins
        dt = float(getattr(result, "dt", 0.0))
        if dt > 0.0:  # intervals are whole steps: bins that hold unequal numbers of them would look like a comb
            width = dt * np.ceil(width / dt)
        edges = width * np.arange(bins + 1) - 0.5 * dt
    _outlines(panel, values, list(chosen), edges, share=log)
    panel.set(xlabel="Interspike interval (ms)", ylabel="Share of intervals" if log else "Density (1/ms)")
    return panel


def cv(
    result: Any,
    populations: Sequence[str] | None = None,
    *,
    bins: int = 40,
    start: float | None = None,
    stop: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the distribution over neurons of the coefficient of variation of intervals; 1: Poisson."""
    chosen = selected_trains(result, populations, start, stop, "cv")
    each = {name: trains.cvs() for name, trains in chosen.items()}
    values = {name: c[np.isfinite(c)] for name, c in each.items() if np.isfinite(c).any()}
    if not values:
        raise InvalidValueError("cv: no neuron spiked three times in the window")
    panel = axes(ax)
    top = max(1.5, *(float(c.max()) * 1.02 for c in values.values()))
    _outlines(panel, values, list(chosen), np.linspace(0.0, top, bins + 1))
    panel.axvline(1.0, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    panel.set(xlabel="CV of interspike intervals", ylabel="Density of neurons")
    return panel
