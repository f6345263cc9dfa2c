"""A recording on one page: raster, rates, intervals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analysis.rates import n_recorded
from ..analysis.recorded import selected_trains
from ..errors import OutputFileError
from ..keywords import named
from ..trains import SpikeTrains
from .raster import raster
from .regularity import cv, isi
from .rows import OVERLAID
from .style import STYLE, colours, dressed, short_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["summary"]


@named
def summary(
    result: Any,
    path: str | Path | None = None,
    *,
    title: str = "",
    start: float | None = None,
    stop: float | None = None,
) -> Figure:
    """Draw raster and rate, and beside them mean rates, intervals and CVs of the populations.

    Parameters
    ----------
    result : Result, SpikeTrains, or mapping of SpikeTrains
    path : str or Path, optional
        Where to save the figure (its ending says the format).  Then no window is opened and no display is
        needed.
    title : str
    start, stop : float, optional
        Window of the statistics, ms; the raster shows its last second.

    Returns
    -------
    Figure
        Of matplotlib.

    Raises
    ------
    OutputFileError
        If matplotlib cannot write what the ending of `path` says; before anything is drawn.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("noise", 50, ss.Poisson(rate=50.0)), "spikes")
    >>> figure = ss.plot.summary(net.run(500.0, progress=False), "summary.png", title="Noise")
    >>> len(figure.axes) > 3
    True
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    if path is not None:
        checked_ending(path)
    chosen = selected_trains(result, None, start, stop, "summary")
    with mpl.rc_context(STYLE):
        if path is None:
            from matplotlib import pyplot

            page = pyplot.figure(figsize=(10.0, 5.6), layout="constrained")
        else:
            page = Figure(figsize=(10.0, 5.6), layout="constrained")
        if len(chosen) > OVERLAID:  # a row a population: more paper
            page.set_size_inches(10.0, max(7.6, 0.5 * len(chosen)))
        halves = page.add_gridspec(1, 2, width_ratios=[2.1, 1.0])
        left, right = halves[0].subgridspec(2, 1, height_ratios=[3.4, 1.0]), halves[1].subgridspec(3, 1)
        main = page.add_subplot(left[0])
        below = page.add_subplot(left[1], sharex=main)
        side = [page.add_subplot(right[k]) for k in range(3)]
        last = max(trains.stop for trains in chosen.values())
        first = max(min(trains.start for trains in chosen.values()), last - 1000.0)
        raster(chosen, start=first, stop=last, ax=(main, below))
        _mean_rates(dressed(side[0]), chosen)
        for draw, panel in ((isi, side[1]), (cv, side[2])):
            draw(result, start=start, stop=stop, ax=panel)
            if panel.get_legend() is not None:  # the bars name the populations in their colours
                panel.get_legend().remove()  # type: ignore[union-attr]
        if title:
            page.suptitle(title, fontsize=11.0, x=0.01, ha="left")
        if path is not None:
            page.savefig(path)
    return page


def checked_ending(path: str | Path) -> None:
    """Refuse a path with an ending that matplotlib cannot write (one without a name, ``.png``, is one)."""
    from matplotlib.figure import Figure

    known = Figure().canvas.get_supported_filetypes()
    ending = Path(f"x{path}" if str(path).startswith(".") else path).suffix[1:].lower()
    if not Path(path).is_dir() and ending not in known:
        raise OutputFileError(f"output file {str(path)!r}: wanted an ending of {', '.join(sorted(known))}")


def _mean_rates(panel: Axes, chosen: Mapping[str, SpikeTrains]) -> None:
    names = list(chosen)
    rates = [t.rate() if n_recorded(t) and t.stop > t.start else None for t in chosen.values()]
    places = range(len(names))
    bars = panel.barh(places, [rate or 0.0 for rate in rates], color=colours(names, panel), height=0.72)
    panel.bar_label(bars, ["-" if rate is None else f"{rate:.2f}" for rate in rates], padding=3, fontsize=7.5)
    panel.set_yticks(places, [short_name(name) for name in names])
    panel.invert_yaxis()
    panel.tick_params(axis="y", length=0.0)
    panel.spines["left"].set_visible(False)
    panel.margins(x=0.15)
    panel.set_xlabel("Mean rate (Hz)")
