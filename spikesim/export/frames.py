"""Recordings as tables of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..keywords import named
from ..optional import required

if TYPE_CHECKING:
    from ..record.result import Result
    from ..trains import Traces

__all__ = ["spikes_frame", "traces_frame"]


@named
def spikes_frame(result: Result) -> Any:
    """Return all spikes, a row each: ``time`` (ms), ``population`` (categorical), ``id``; by time, population, id.

    Parameters
    ----------
    result : Result
        Of a run, or loaded.

    Returns
    -------
    pandas.DataFrame
        Columns ``time``, ``population`` and ``id``.

    Raises
    ------
    MissingPackageError
        If pandas is not installed.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.export import spikes_frame
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 5, ss.LIF(I_e=500.0)), "spikes")
    >>> frame = spikes_frame(net.run(50.0, progress=False))
    >>> list(frame.columns)
    ['time', 'population', 'id']
    """
    pandas = required("pandas", "to_pandas")
    names, trains = list(result.spikes), list(result.spikes.values())
    times = np.concatenate([t.times for t in trains] or [np.zeros(0)])
    ids = np.concatenate([t.ids for t in trains] or [np.zeros(0, np.int64)])
    codes = np.repeat(np.arange(len(trains)), [len(t) for t in trains])
    order = np.lexsort((ids, codes, times))
    population = pandas.Categorical.from_codes(codes[order], categories=names)
    frame = pandas.DataFrame({"time": times[order], "population": population, "id": ids[order]})
    frame.attrs = {"start": result.start, "stop": result.stop, "dt": result.dt, "unit": "ms"}
    return frame


@named
def traces_frame(traces: Traces) -> Any:
    """Return the samples with the times (ms) as index ``time`` and a column a neuron, ``id``.

    Parameters
    ----------
    traces : Traces
        Of one variable.

    Returns
    -------
    pandas.DataFrame
        Of shape (T, k).

    Raises
    ------
    MissingPackageError
        If pandas is not installed.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.export import traces_frame
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 5, ss.LIF(I_e=500.0)), "v", every=10.0)
    >>> result = net.run(50.0, progress=False)
    >>> traces_frame(result.traces["cells"]["v"]).shape
    """
    pandas = required("pandas", "to_pandas")
    frame = pandas.DataFrame(
        np.array(traces.values),
        index=pandas.Index(np.array(traces.times), name="time"),
        columns=pandas.Index(np.array(traces.ids), name="id"),
    )
    frame.attrs = {"variable": traces.variable, "unit": traces.unit, "population": traces.name}
    return frame
