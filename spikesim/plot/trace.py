"""The course of a variable in time, with spikes and threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..keywords import named
from ..trains import SpikeTrains, Traces
from .rows import rows
from .style import COLOURS, GREY, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["trace"]

#: At most so many neurons are drawn when none are chosen.
LINES = 5

#: More neurons than this are drawn as bands.
ROWS = 40

NAMES = {"v": "Membrane potential", "I_syn": "Synaptic current", "g_syn": "Synaptic conductance"}


def _found(result: Any, population: str | None, variable: str | None) -> tuple[Traces, SpikeTrains | None]:
    """The traces asked for, and the spikes of the same population where they were recorded."""
    if isinstance(result, Traces):
        return result, None
    traces = getattr(result, "traces", None)
    if traces is None:
        raise InvalidTypeError(f"trace: result must be a Result or Traces, got {type(result).__name__}")
    if not traces:
        raise InvalidValueError("trace: no traces were recorded; net.record(population, 'v')")
    if population is None:
        population = next((name for name in traces if variable is None or variable in traces[name]), None)
        if population is None:
            known = {name for variables in traces.values() for name in variables}
            raise UnknownNameError(f"trace: no trace of {variable!r}{did_you_mean(str(variable), known)}")
    variables = traces[population]
    if variable is None:
        variable = "v" if "v" in variables else next(iter(variables))
    return variables[variable], result.spikes.get(population)


@named
def trace(
    result: Any,
    population: str | None = None,
    variable: str | None = None,
    *,
    neurons: Any = None,
    start: float | None = None,
    stop: float | None = None,
    spikes: SpikeTrains | bool = True,
    threshold: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw recorded traces; spikes as strokes above, the threshold as a dashed line.

    Up to eight neurons share a panel, up to forty have a row each; of more the median and the bands that hold 50 % and
    90 % of them are drawn.

    Parameters
    ----------
    result : Result or Traces
    population, variable : str, optional
        Which; without them the first population and its potential.
    neurons : id, slice, ids, optional
        Which of the recorded neurons; without it the first five.
    start, stop : float, optional
        Window, ms.
    spikes : SpikeTrains or bool
        The spikes to mark; True: those of the result.
    threshold : float, optional
        Where to draw the dashed line, in the unit of the variable.
    ax : Axes, optional

    Returns
    -------
    Axes
        Of the first row.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 3, ss.LIF(I_e=500.0)), "v")
    >>> ss.plot.trace(net.run(50.0, progress=False)).get_ylabel()
    'Membrane potential (mV)'
    """
    traces, recorded = _found(result, population, variable)
    marked = spikes if isinstance(spikes, SpikeTrains) else recorded if spikes else None
    traces = traces[traces.ids[:LINES] if neurons is None else neurons, start:stop]
    if not len(traces):
        raise InvalidValueError(f"trace: no samples of {traces.variable!r} between {start!r} and {stop!r} ms")
    names = [f"{traces.name or 'neuron'} {neuron}" for neuron in traces.ids]
    banded = len(names) > ROWS
    panel, found = rows(ax, ["median"] if banded else names, 6.4, 2.8, most=len(COLOURS), turn=True)
    if banded:
        _bands(panel, traces, found["median"][1])
    else:
        _lines(found, traces, marked if traces.variable == "v" else None, threshold)
    if threshold is not None:
        for row in {id(row): row for row, _ in found.values()}.values():
            row.axhline(threshold, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1, label="threshold")
    unit = f" ({traces.unit})" if traces.unit else ""
    panel.set_ylabel(NAMES.get(traces.variable, traces.variable) + unit)
    panel.set_xlabel("Time (ms)")
    panel.margins(x=0.0)
    legend(panel, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panel


def _lines(
    found: Mapping[str, tuple[Axes, str]], traces: Traces, marked: SpikeTrains | None, threshold: float | None
) -> None:
    """A line a neuron, its spikes as strokes above: side by side where lines share a panel."""
    values = np.asarray(traces.values)
    finite = values[np.isfinite(values)]
    base = float(finite.max()) if finite.size else 0.0
    base = base if threshold is None else max(base, threshold)
    stroke = 0.12 * ((base - float(finite.min()) if finite.size else 0.0) or 1.0)
    lines: dict[int, int] = {}  # so many on these axes already
    for column, (name, (row, colour)) in enumerate(found.items()):
        row.plot(traces.times, values[:, column], color=colour, linewidth=1.1, label=name)
        place = lines[id(row)] = lines.get(id(row), -1) + 1
        if marked is not None:
            own = marked.times[marked.ids == traces.ids[column]]
            own = own[(own >= traces.times[0]) & (own <= traces.times[-1])]
            bottom = base + (0.4 + 1.25 * place) * stroke
            row.vlines(own, bottom, bottom + stroke, color=colour, linewidth=1.1)


def _bands(panel: Axes, traces: Traces, colour: str) -> None:
    """The median over neurons, and between which values 50 % and 90 % of them lie."""
    low, lower, middle, upper, high = np.percentile(traces.values, (5.0, 25.0, 50.0, 75.0, 95.0), axis=1)
    panel.fill_between(traces.times, low, high, color=colour, alpha=0.18, linewidth=0.0, label="90 % of neurons")
    panel.fill_between(traces.times, lower, upper, color=colour, alpha=0.3, linewidth=0.0, label="50 %")
    panel.plot(traces.times, middle, color=colour, linewidth=1.1, label=f"median of {traces.ids.size:,}")
