"""What a network did beside what is published of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidTypeError
from ..keywords import named
from ..trains import SpikeTrains

__all__ = ["Reference", "table"]

LEAST = 5  # spikes of a neuron that counts in a CV: with fewer the estimate is far too low


@dataclass(frozen=True)
class Reference:
    """Published statistics of a network.

    Parameters
    ----------
    label : str
        Few characters, for the head of a column.
    source : str
        Where the numbers stand.
    rates, cvs : mapping of str to float
        Mean rate (Hz) and mean coefficient of variation of intervals by population; what is not published is
        left out.

    Examples
    --------
    >>> import spikesim as ss
    >>> paper = ss.published.Reference("paper", "table 1", rates={"exc": 5.0}, cvs={"exc": 0.9})
    >>> paper.rates["exc"]
    5.0
    """

    label: str
    source: str
    rates: Mapping[str, float] = field(default_factory=dict)
    cvs: Mapping[str, float] = field(default_factory=dict)


@named
def table(result: Any, *references: Reference, start: float | None = None, stop: float | None = None) -> str:
    """Return a table of rates and CVs: a row a population, the run first, then a column a reference.

    CVs of the run are means over the neurons of five spikes or more; of slow neurons a short run sees only
    the short intervals, and their CV comes out low.

    Parameters
    ----------
    result : Result, or mapping of SpikeTrains
    *references : Reference
        The sources stand below the table.
    start, stop : float, optional
        The window of the run, ms; leave out its start, while the network settles.

    Returns
    -------
    str
        Lines of text.

    Raises
    ------
    InvalidTypeError
        If something is no :class:`Reference`.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = {"exc": ss.SpikeTrains.from_lists([[100.0, 300.0]], stop=1000.0)}
    >>> paper = ss.published.Reference("paper", "table 1", rates={"exc": 5.0})
    >>> "paper" in ss.published.table(trains, paper)
    True
    """
    for reference in references:
        if not isinstance(reference, Reference):
            raise InvalidTypeError(f"table: wanted references, got {type(reference).__name__} {reference!r}")
    from ..analysis.recorded import trains_of  # with all of SciPy that the analysis needs: not to build a network

    rows = {name: all_.between(start, stop) for name, all_ in trains_of(result, "table: result").items()}
    heads = ["run", *(reference.label for reference in references)]
    width = [max(7, len(head)) + 2 for head in heads]
    first = max([10, *map(len, rows)])
    lines = [
        " " * first + "Rate (Hz)".rjust(sum(width)) + "CV of intervals".rjust(sum(width) + 2),
        " " * first + "  ".join(2 * ["".join(head.rjust(w) for head, w in zip(heads, width))]),
    ]
    for name, trains in rows.items():
        rates = [trains.rate(), *(r.rates.get(name, math.nan) for r in references)]
        cvs = [_cv(trains), *(r.cvs.get(name, math.nan) for r in references)]
        cells = ["".join(_cell(x).rjust(w) for x, w in zip(values, width)) for values in (rates, cvs)]
        lines.append(name.ljust(first) + "  ".join(cells))
    lines += [f"{reference.label}: {reference.source}" for reference in references]
    return "\n".join(lines)


def _cv(trains: SpikeTrains) -> float:
    each = trains.cvs()[trains.counts() >= LEAST]
    return float(each.mean()) if each.size else math.nan


def _cell(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}" if value < 10.0 else f"{value:.2f}"
