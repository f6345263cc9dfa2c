"""One row a population: rate, irregularity, correlation and synchrony, as network papers report them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .correlation import mean_correlation
from .rates import n_recorded
from .recorded import trains_of
from .regularity import cv, lv
from .synchrony import synchrony

__all__ = ["PopulationStatistics", "Statistics", "statistics"]


class PopulationStatistics(NamedTuple):
    """Statistics of one population; NaN where there are too few spikes, or no neurons."""

    neurons: int  #: recorded
    rate: float  #: mean, Hz
    cv: float  #: mean over neurons
    lv: float  #: mean over neurons
    correlation: float  #: mean of pairs, counts in bins
    synchrony: float  #: var/mean of the population's count in bins of 3 ms


class Statistics(dict[str, PopulationStatistics]):
    """Statistics by population; prints as a table."""

    def __repr__(self) -> str:
        width = max([10, *map(len, self)])
        lines = [f"{'population':{width}} neurons  rate/Hz     CV     LV  correlation  synchrony"]
        lines += [
            f"{name:{width}} {s.neurons:>7} {s.rate:>8.3f} {s.cv:>6.3f} {s.lv:>6.3f} "
            f"{s.correlation:>12.4f} {s.synchrony:>10.2f}"
            for name, s in self.items()
        ]
        return "\n".join(lines)


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
