"""Populations in time and in frequency: rate, spectrum, correlation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.correlation import correlations
from ..analysis.correlation import correlogram as _correlogram
from ..analysis.rates import instantaneous_rate, population_rate
from ..analysis.recorded import selected_trains
from ..analysis.spectrum import spectrum as _spectrum
from ..errors import InvalidValueError
from ..trains import SpikeTrains
from .style import BLUE, GREY, axes, colours, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["correlation", "correlogram", "rate", "spectrum"]


def rate(
    result: Any,
    populations: Sequence[str] | None = None,
    *,
    bin: float = 5.0,
    smooth: float | None = None,
    start: float | None = None,
    stop: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the rate of each population over time.

    Parameters
    ----------
    result : Result, SpikeTrains, or mapping of SpikeTrains
    populations : sequence of str, optional
    bin : float
        Width, ms.
    smooth : float, optional
        Standard deviation of a Gaussian, ms: a smooth curve instead of bins.
    start, stop : float, optional
        Window, ms.
    ax : Axes, optional
    """
    chosen = selected_trains(result, populations, start, stop, "rate")
    panel = axes(ax, 6.4, 2.8)
    for (name, trains), colour in zip(chosen.items(), colours(list(chosen))):
        if smooth is None:
            panel.step(*population_rate(trains, bin), where="mid", color=colour, linewidth=1.1, label=name)
        else:
            panel.plot(*instantaneous_rate(trains, smooth, min(bin, smooth / 4.0)), color=colour, label=name)
    panel.set(xlabel="Time (ms)", ylabel="Rate (Hz)")
    panel.set_ylim(0.0, None)
    panel.set_xlim(min(t.start for t in chosen.values()), max(t.stop for t in chosen.values()))
    legend(panel, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panel


def spectrum(
    result: Any,
    populations: Sequence[str] | None = None,
    *,
    bin: float = 1.0,
    segment: float = 500.0,
    start: float | None = None,
    stop: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the power spectrum of each population's rate (see :func:`spikesim.analysis.spectrum`)."""
    chosen = selected_trains(result, populations, start, stop, "spectrum")
    panel = axes(ax)
    for (name, trains), colour in zip(chosen.items(), colours(list(chosen))):
        found = _spectrum(trains, bin, segment)
        visible = found.power > 0.0
        visible[0] = False  # the mean was taken out
        panel.plot(found.frequencies[visible], found.power[visible], color=colour, label=name)
    panel.set(xlabel="Frequency (Hz)", ylabel="Power (Hz²/Hz)", yscale="log")
    panel.margins(x=0.0)
    legend(panel)
    return panel


def correlation(
    result: Any,
    populations: Sequence[str] | None = None,
    *,
    bin: float = 5.0,
    sample: int = 200,
    start: float | None = None,
    stop: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the distribution of pairwise correlation coefficients within each population.

    Parameters as of :func:`spikesim.analysis.correlations`; the mean stands in the legend.
    """
    chosen = selected_trains(result, populations, start, stop, "correlation")
    panel = axes(ax)
    found = {name: correlations(trains, bin, sample) for name, trains in chosen.items()}
    pairs = {name: c.pairs for name, c in found.items() if c.pairs.size}
    if not pairs:
        raise InvalidValueError("correlation: fewer than two neurons of any population have varying counts")
    pooled = np.concatenate(list(pairs.values()))
    edges = np.linspace(pooled.min(), pooled.max() + 1e-12, 61)
    for (name, values), colour in zip(pairs.items(), colours(list(chosen))):
        look: dict[str, Any] = {"bins": edges, "color": colour, "label": f"{name}: {values.mean():.3f}"}
        panel.hist(values, density=True, histtype="step", linewidth=1.3, **look)
        panel.axvline(values.mean(), color=colour, linewidth=0.9, linestyle=(0, (4, 3)))
    panel.set(xlabel=f"Correlation of counts in {bin:g} ms", ylabel="Density of pairs")
    panel.legend(frameon=False, fontsize=8.0, title="mean", title_fontsize=8.0, handlelength=1.4)
    return panel


def correlogram(
    a: SpikeTrains | np.ndarray,
    b: SpikeTrains | np.ndarray | None = None,
    *,
    window: float = 50.0,
    bin: float = 1.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the cross-correlogram of two trains, or the auto-correlogram of one, as a rate over lags."""
    found = _correlogram(a, b, window, bin)
    panel = axes(ax)
    panel.bar(found.lags, found.rate, width=bin, color=BLUE if b is None else GREY, linewidth=0.0)
    panel.set(xlabel="Lag (ms)", ylabel="Rate at that lag (Hz)")
    panel.margins(x=0.0)
    return panel
