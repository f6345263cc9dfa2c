"""Recordings as objects of Neo, the way to Elephant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..keywords import named
from ..optional import required

if TYPE_CHECKING:
    from ..record.result import Result
    from ..trains import SpikeTrains, Traces

__all__ = ["result_to_neo", "spikes_to_neo"]


@named
def spikes_to_neo(trains: Sequence[SpikeTrains], start: float, stop: float) -> Any:
    """Return a SpikeTrainList: a train a recorded neuron, silent ones too, annotated with ``population`` and ``id``.

    Parameters
    ----------
    trains : sequence of SpikeTrains
        One population each.
    start, stop : float
        From when to when they were recorded (ms).

    Returns
    -------
    neo.SpikeTrainList
        In ms.

    Raises
    ------
    MissingPackageError
        If Neo is not installed.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.export import spikes_to_neo
    >>> trains = ss.SpikeTrains.from_lists([[10.0, 20.0], []], stop=50.0, name="cells")
    >>> len(spikes_to_neo([trains], 0.0, 50.0))  # one a neuron
    2
    """
    neo, pq = required("neo", "to_neo"), required("quantities", "to_neo")
    who = [np.arange(t.size) if t.neurons is None else t.neurons for t in trains]
    firsts = np.cumsum([0, *(w.size for w in who)])
    channels, times = [], []
    for t, w, first in zip(trains, who, firsts):
        rank = np.zeros(t.size, np.int64)
        rank[w] = first + np.arange(w.size)
        channels.append(rank[t.ids])
        times.append(np.array(t.times))
    return neo.core.spiketrainlist.SpikeTrainList.from_spike_time_array(
        np.concatenate([*times, np.zeros(0)]),
        np.concatenate([*channels, np.zeros(0, np.int64)]),
        all_channel_ids=np.arange(firsts[-1]),
        units="ms",
        t_start=start * pq.ms,
        t_stop=stop * pq.ms,
        population=[t.name for t, w in zip(trains, who) for _ in w],
        id=[int(i) for w in who for i in w],
    )


def _signal(trace: Traces, neo: Any, pq: Any) -> Any:
    """An AnalogSignal [time, neuron]."""
    try:
        unit = pq.Quantity(1.0, trace.unit or "dimensionless")
    except LookupError:  # a unit that quantities does not know
        unit = pq.dimensionless
    times = trace.times
    period = (times[-1] - times[0]) / (times.size - 1) if times.size > 1 else 1.0
    return neo.AnalogSignal(
        np.array(trace.values) * unit,
        t_start=(times[0] if times.size else 0.0) * pq.ms,
        sampling_period=period * pq.ms,
        name=f"{trace.variable} of {trace.name}",
        array_annotations={"id": np.array(trace.ids)},
        population=trace.name,
        variable=trace.variable,
    )


@named
def result_to_neo(result: Result) -> Any:
    """Return a Block with one Segment: the spike trains and the traces.

    Parameters
    ----------
    result : Result
        Of a run, or loaded.

    Returns
    -------
    neo.Block
        Its signals are in the units of the traces.

    Raises
    ------
    MissingPackageError
        If Neo is not installed.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.export import result_to_neo
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 5, ss.LIF(I_e=500.0)), "spikes")
    >>> block = result_to_neo(net.run(50.0, progress=False))
    >>> len(block.segments[0].spiketrains)
    5
    """
    neo, pq = required("neo", "to_neo"), required("quantities", "to_neo")
    seed = result.stats.get("seed")
    block = neo.Block(name="spikesim", dt=result.dt, **({} if seed is None else {"seed": seed}))
    segment = neo.Segment(name="run")
    segment.spiketrains = spikes_to_neo(list(result.spikes.values()), result.start, result.stop)
    for variables in result.traces.values():
        for trace in variables.values():
            segment.analogsignals.append(_signal(trace, neo, pq))
    block.segments.append(segment)
    return block
