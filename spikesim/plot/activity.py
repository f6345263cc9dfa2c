"""Populations in time and in frequency: rate, spectrum, correlation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.correlation import correlations
from ..analysis.correlation import correlogram as _correlogram
from ..analysis.rates import instantaneous_rate, n_recorded, population_rate
from ..analysis.recorded import selected_trains
from ..analysis.spectrum import spectrum as _spectrum
from ..keywords import named
from ..trains import SpikeTrains
from .rows import rows
from .style import BLUE, GREY, axes, ink, legend, note, window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["correlation", "correlogram", "rate", "spectrum"]


def _countable(chosen: dict[str, SpikeTrains], bin: float) -> dict[str, float]:
    """The populations that have neurons and time, and the bin of each: the window where that is shorter."""
    return {n: min(bin, t.stop - t.start) for n, t in chosen.items() if n_recorded(t) and t.stop > t.start}


@named
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
    """Draw the rate of each population over time: more than four each in a row of its own.

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

    Returns
    -------
    Axes
        Of the first row.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = {"exc": ss.SpikeTrains.from_lists([[2.0, 8.0]], stop=10.0)}
    >>> ss.plot.rate(trains, bin=5.0).get_lines()[0].get_ydata().tolist()
    [200.0, 200.0]
    """
    chosen = selected_trains(result, populations, start, stop, "rate")
    panel, found = rows(ax, list(chosen), 6.4, 2.8)
    counted = _countable(chosen, bin)
    for name, (row, colour) in found.items():
        if name not in counted:
            row.plot([], [], color=colour, label=name)
        elif smooth is None:
            t, r = population_rate(chosen[name], counted[name])
            row.step(t, r, where="mid", color=colour, linewidth=1.1, label=name)
        else:
            t, r = instantaneous_rate(chosen[name], smooth, min(counted[name], smooth / 4.0))
            row.plot(t, r, color=colour, label=name)
        row.set_ylim(0.0, None)
    panel.set(xlabel="Time (ms)", ylabel="Rate (Hz)")
    window(panel, min(t.start for t in chosen.values()), max(t.stop for t in chosen.values()))
    if not counted:
        note(panel, "no neurons, or no time")
    legend(panel, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panel


@named
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
    """Draw the power spectrum of each population's rate (see :func:`spikesim.analysis.spectrum`).

    A population without neurons, or recorded for less than three bins, has none and is an empty curve.

    Parameters
    ----------
    result : Result, SpikeTrains, or mapping of SpikeTrains
        What was recorded.
    populations : sequence of str, optional
        Which; all unless given.
    bin : float
        Width of the bins (ms); frequencies reach 500 / bin Hz.
    segment : float
        Length of a segment (ms); frequencies are 1000 / segment Hz apart.
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
    >>> trains = {"exc": ss.SpikeTrains.from_lists([list(range(1, 500, 25))], stop=500.0)}
    >>> len(ss.plot.spectrum(trains).get_lines())
    1
    """
    chosen = selected_trains(result, populations, start, stop, "spectrum")
    panel, found = rows(ax, list(chosen))
    highest, lowest = 0.0, np.inf
    for name, (row, colour) in found.items():
        trains = chosen[name]
        row.set_yscale("log")
        frequencies = power = np.zeros(0)
        if n_recorded(trains) and trains.stop - trains.start >= 3.0 * bin:
            frequencies, power = _spectrum(trains, bin, segment)
            visible = power > 0.0
            visible[0] = False  # the mean was taken out
            frequencies, power = frequencies[visible], power[visible]
        row.plot(frequencies, power, color=colour, label=name)
        highest, lowest = max(highest, power.max(initial=0.0)), min(lowest, power.min(initial=np.inf))
    panel.set(xlabel="Frequency (Hz)", ylabel="Power (Hz²/Hz)")
    panel.margins(x=0.0)
    if highest:
        from matplotlib.ticker import LogLocator, NullFormatter

        for row in (row for row, _ in found.values() if row is not panel):  # one scale for all rows
            row.set_ylim(lowest / 1.5, 1.5 * highest)
            row.yaxis.set_major_locator(LogLocator(numticks=3))
            row.yaxis.set_minor_formatter(NullFormatter())
    else:
        note(panel, "no spectrum: too few bins, or a constant rate")
    legend(panel, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panel


@named
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

    Parameters
    ----------
    result : Result, SpikeTrains, or mapping of SpikeTrains
        What was recorded.
    populations : sequence of str, optional
        Which; all unless given.
    bin : float
        Width of the bins in which spikes are counted (ms).
    sample : int
        At most this many neurons of each population.
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
    >>> ss.plot.correlation(net.run(500.0, progress=False)).get_xlabel()
    'Correlation of counts in 5 ms'
    """
    chosen = selected_trains(result, populations, start, stop, "correlation")
    bins = _countable(chosen, bin)
    panel, found = rows(ax, list(chosen))
    pairs = {name: correlations(chosen[name], width, sample).pairs for name, width in bins.items()}
    pooled = np.concatenate([np.zeros(0), *pairs.values()])
    low, high = (float(pooled.min()), float(pooled.max())) if pooled.size else (0.0, 0.0)
    slack = 1e-12 if high - low > 1e-6 else 0.01  # all alike: one bar
    edges = np.linspace(low - slack, high + slack, 61)
    for name, (row, colour) in found.items():
        values = pairs.get(name, pooled[:0])
        if not values.size:
            row.plot([], [], color=colour, label=f"{name}: -")
            continue
        look: dict[str, Any] = {"bins": edges, "color": colour, "label": f"{name}: {values.mean():.3f}"}
        row.hist(values, density=True, histtype="step", linewidth=1.3, **look)
        row.axvline(values.mean(), color=colour, linewidth=0.9, linestyle=(0, (4, 3)))
    panel.set(xlabel=f"Correlation of counts in {bin:g} ms", ylabel="Density of pairs")
    if not pooled.size:
        note(panel, "fewer than two neurons of any population have varying counts")
    legend(panel, title="mean", title_fontsize=8.0, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panel


@named
def correlogram(
    a: SpikeTrains | np.ndarray,
    b: SpikeTrains | np.ndarray | None = None,
    *,
    window: float = 50.0,
    bin: float = 1.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the cross-correlogram of two trains, or the auto-correlogram of one, as a rate over lags.

    Parameters
    ----------
    a, b : SpikeTrains or array of float (n,)
        Trains, all their neurons pooled; without `b` of `a` with itself.
    window : float
        Largest lag (ms), a multiple of `bin`.
    bin : float
        Width of the bins (ms).
    ax : Axes, optional
        Where to draw; a figure of its own unless given.

    Returns
    -------
    Axes
        With the rate of b over the lag from a.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> ss.plot.correlogram(np.array([10.0, 30.0]), np.array([12.0, 32.0]), window=10.0).get_xlabel()
    'Lag (ms)'
    """
    found = _correlogram(a, b, window, bin)
    panel = axes(ax)
    panel.bar(found.lags, found.rate, width=bin, color=ink(panel, BLUE) if b is None else GREY, linewidth=0.0)
    panel.set(xlabel="Lag (ms)", ylabel="Rate at that lag (Hz)")
    panel.margins(x=0.0)
    return panel
