"""Who spiked when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.rates import n_recorded, population_rate
from ..analysis.recorded import selected_trains
from ..keywords import named
from ..trains import SpikeTrains
from .style import GREY, axes, colours, dressed, figure, note, short_name, text_colour, window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["raster"]

#: Above this number of spikes they are drawn as pixels instead of as markers.
MARKERS = 20_000
#: The smallest and the largest names of populations (points); where the smallest are too many, some are left out.
NAME_SIZES = 5.0, 8.0
#: Height of a line of text in its size.
LINE = 1.15


def _rows(trains: SpikeTrains, offset: int) -> np.ndarray:
    """The row of each spike: recorded neurons are stacked in their order, below `offset` others."""
    rank = np.arange(trains.size)
    if trains.neurons is not None:
        rank[trains.neurons] = np.arange(trains.neurons.size)
    return rank[trains.ids] + offset


@named
def raster(
    result: Any,
    populations: Sequence[str] | None = None,
    *,
    start: float | None = None,
    stop: float | None = None,
    rate: bool | None = None,
    bin: float | None = None,
    ax: Axes | tuple[Axes, Axes] | None = None,
) -> Axes:
    """Draw a raster of spikes, a row a recorded neuron, with the rate of the populations below.

    Parameters
    ----------
    result : Result, SpikeTrains, or mapping of SpikeTrains
    populations : sequence of str, optional
        Which, from top to bottom; all in their order without it.
    start, stop : float, optional
        Window, ms.
    rate : bool, optional
        Whether to draw the rate below; without it: where there is room, i.e. no single `ax` is given.
    bin : float, optional
        Of the rate, ms; without it a 500th of the window in whole ms.
    ax : Axes, or (Axes, Axes), optional
        Where to draw the raster (and the rate).

    Returns
    -------
    Axes
        Of the raster; those of the rate are the figure's next.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 5.0], [3.0]], stop=10.0)
    >>> ax = ss.plot.raster(trains, rate=False)
    >>> [float(x) for x in ax.get_xlim()]
    [0.0, 10.0]
    """
    chosen = selected_trains(result, populations, start, stop, "raster")
    pair = ax if isinstance(ax, tuple) else None
    if ax is None and rate is not False:
        panels = figure(6.4, 4.6).subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3.4, 1.0]})
        pair = (dressed(panels[0]), dressed(panels[1]))
    main = dressed(pair[0]) if pair else axes(ax, 6.4, 3.8)  # type: ignore[arg-type]
    edges = _marks(main, chosen)
    _row_labels(main, chosen, edges)
    left = min(trains.start for trains in chosen.values())
    right = max(trains.stop for trains in chosen.values())
    window(main, left, right)
    if not any(map(len, chosen.values())):
        note(main, "no spikes in the window" if edges[-1] else "no neurons")
    if not pair or rate is False:
        main.set_xlabel("Time (ms)")
        return main
    main.tick_params(labelbottom=False)
    _rates_below(dressed(pair[1]), chosen, bin or max(1.0, round((right - left) / 500.0)))
    window(pair[1], left, right)
    return main


def _marks(ax: Axes, chosen: Mapping[str, SpikeTrains]) -> np.ndarray:
    """Draw the spikes; return the row at which each population begins, and the end."""
    edges = np.cumsum([0, *(n_recorded(trains) for trains in chosen.values())])
    spikes = sum(len(trains) for trains in chosen.values())
    height = ax.get_window_extent().height * 72.0 / ax.figure.dpi
    row = height / max(1, int(edges[-1]))  # points
    for (name, trains), offset, colour in zip(chosen.items(), edges[:-1], colours(list(chosen), ax)):
        if not len(trains):
            continue
        rows = _rows(trains, int(offset))
        if spikes <= MARKERS:
            look = {"marker": "|", "markersize": min(max(0.8 * row, 2.4), 9.0), "markeredgewidth": 0.9}
            if spikes > 4000:
                look = {"marker": ".", "markersize": 1.8, "markeredgewidth": 0.0}
            ax.plot(trains.times, rows, linestyle="none", color=colour, label=name, **look)  # type: ignore[arg-type]
        else:
            from .spike_image import SpikeImage

            image = SpikeImage(ax, trains.times, rows, colour, size=0.6 if spikes > 10 * MARKERS else 0.9)
            image.set_label(name)
            image.set_clip_path(ax.patch)
            ax.add_image(image)
    ax.set_ylim(max(edges[-1], 1) - 0.5, -0.5)  # the first population on top
    return edges


def _row_labels(ax: Axes, chosen: Mapping[str, SpikeTrains], edges: np.ndarray) -> None:
    if len(chosen) == 1:
        (trains,) = chosen.values()
        ax.set_ylabel(f"Neuron of {trains.name}" if trains.name else "Neuron")
        if trains.neurons is not None and trains.neurons.size <= 20:
            ax.set_yticks(range(trains.neurons.size), [str(k) for k in trains.neurons])
        elif trains.size <= 20:
            ax.set_yticks(range(trains.size))
        return
    total = max(int(edges[-1]), 1)
    centres = (edges[:-1] + edges[1:] - 1) / 2.0
    height = ax.get_window_extent().height * 72.0 / ax.figure.dpi
    size = float(np.clip(height / (LINE * len(chosen)), *NAME_SIZES))  # points
    named = slice(None, None, int(np.ceil(LINE * size * len(chosen) / max(height, 1.0))))  # all, or every other, ...
    places = _spread(centres[named], LINE * size / height * total)
    ax.set_yticks(places, [short_name(name) for name in chosen][named])
    ax.tick_params(axis="y", length=0.0, labelsize=size)
    for label, colour in zip(ax.get_yticklabels(), colours(list(chosen), ax)[named]):
        label.set_color(text_colour(colour, ax))
    for edge in edges[1:-1]:
        ax.axhline(edge - 0.5, color=ax.get_facecolor(), linewidth=1.2, zorder=3)
        ax.axhline(edge - 0.5, color=GREY, linewidth=0.5, alpha=0.6, zorder=3)


def _spread(places: np.ndarray, gap: float) -> np.ndarray:
    """Move ascending label places apart to at least `gap`, as little as a few relaxations need."""
    places = places.astype(np.float64).copy()
    for _ in range(50):
        lack = gap - np.diff(places)
        if not (lack > 1e-9 * gap).any():
            break
        push = np.maximum(lack, 0.0) / 2.0
        places[:-1] -= push
        places[1:] += push
    return places


def _rates_below(ax: Axes, chosen: Mapping[str, SpikeTrains], bin: float) -> None:
    span = min(trains.stop - trains.start for trains in chosen.values())
    counted = {name: trains for name, trains in chosen.items() if n_recorded(trains) and span > 0.0}
    rates = {name: population_rate(trains, min(bin, span)) for name, trains in counted.items()}
    if len(rates) > 3:  # so many lines would hide each other: the whole network
        mean = np.average([r for _, r in rates.values()], axis=0, weights=[n_recorded(t) for t in counted.values()])
        ax.fill_between(next(iter(rates.values()))[0], mean, step="mid", color=GREY, alpha=0.85, linewidth=0.0)
        ax.set_ylabel("Mean rate\n(Hz)")
    else:
        for name, colour in zip(chosen, colours(list(chosen), ax)):
            if name in rates:
                ax.step(*rates[name], where="mid", color=colour, linewidth=1.0)
        ax.set_ylabel("Rate (Hz)")
    ax.set_ylim(0.0, None)
    ax.set_xlabel("Time (ms)")
