"""One row a population: rate, irregularity, correlation and synchrony, as network papers report them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .. import html
from ..keywords import named
from .correlation import mean_correlation
from .rates import n_recorded
from .recorded import trains_of
from .regularity import cv, lv
from .synchrony import synchrony

__all__ = ["PopulationStatistics", "Statistics", "statistics"]


class PopulationStatistics(NamedTuple):
    """Statistics of one population; NaN where there are too few spikes, or no neurons.

    Parameters
    ----------
    neurons : int
        How many were recorded.
    rate : float
        Their mean rate (Hz).
    cv, lv : float
        Irregularity of the intervals, means over neurons.
    correlation : float
        Of counts in bins, mean over pairs.
    synchrony : float
        var/mean of the population's count in bins of 3 ms.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 3.0, 5.0]], stop=10.0)
    >>> found = ss.analysis.statistics({"cells": trains})["cells"]
    >>> found.neurons, found.rate, found.cv
    (1, 300.0, 0.0)
    """

    neurons: int  #: recorded
    rate: float  #: mean, Hz
    cv: float  #: mean over neurons
    lv: float  #: mean over neurons
    correlation: float  #: mean of pairs, counts in bins
    synchrony: float  #: var/mean of the population's count in bins of 3 ms


class Statistics(dict[str, PopulationStatistics]):
    """Statistics by population; prints as a table.

    Parameters
    ----------
    *args, **kwargs
        As of a dict; :func:`statistics` makes them.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 3.0, 5.0]], stop=10.0)
    >>> table = ss.analysis.statistics({"cells": trains})
    >>> list(table)
    ['cells']
    """

    def __repr__(self) -> str:
        width = max([10, *map(len, self)])
        places = (width, -7, -8, -6, -6, -12, -10)
        rows = [
            " ".join(f"{cell:{'<' if at > 0 else '>'}{abs(at)}}" for cell, at in zip(row, places))
            for row in self._said()
        ]
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        header, *rows = self._said()
        return html.table(rows, header, numeric=6)

    def _said(self) -> list[tuple[str, ...]]:
        """The cells: a header, then a row a population."""
        return [
            ("population", "neurons", "rate/Hz", "CV", "LV", "correlation", "synchrony"),
            *(
                (name, f"{s.neurons}", f"{s.rate:.3f}", f"{s.cv:.3f}", f"{s.lv:.3f}", f"{s.correlation:.4f}",
                 f"{s.synchrony:.2f}")
                for name, s in self.items()
            ),
        ]  # fmt: skip


@named
def statistics(
    result: Any, start: float | None = None, stop: float | None = None, bin: float = 5.0, sample: int = 200
) -> Statistics:
    """Return the statistics of every recorded population in a window.

    Parameters
    ----------
    result : Result, or mapping of SpikeTrains
    start, stop : float, optional
        The window, ms; leave out the start of a run, while the network settles.
    bin, sample : float, int
        Of the correlations: width of the bins (ms) and number of neurons.

    Returns
    -------
    Statistics
        By population; prints as a table.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 3.0, 5.0], [2.0, 4.0]], stop=10.0)
    >>> table = ss.analysis.statistics({"cells": trains})
    >>> table["cells"].rate
    250.0
    """
    table = Statistics()
    for name, all_trains in trains_of(result, "statistics: result").items():
        trains = all_trains.between(start, stop)
        if not n_recorded(trains):
            table[name] = PopulationStatistics(0, *[math.nan] * 5)
            continue
        table[name] = PopulationStatistics(
            n_recorded(trains),
            trains.rate(),
            cv(trains),
            lv(trains),
            mean_correlation(trains, bin, sample),
            synchrony(trains),
        )
    return table
