"""A recording as a file of Neurodata Without Borders: units with their spike times in seconds, traces in volts."""

from __future__ import annotations

import os
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidValueError, OutputFileError
from ..files import require_path
from ..keywords import named
from ..optional import required

if TYPE_CHECKING:
    from ..record.result import Result

__all__ = ["result_to_nwb"]

#: Base units of NWB, and how many of them one of ours is.
SI = {"mV": ("volts", 1e-3), "pA": ("amperes", 1e-12), "nS": ("siemens", 1e-9), "ms": ("seconds", 1e-3)}


@named
def result_to_nwb(
    result: Result,
    path: Any,
    *,
    session_start_time: datetime | None = None,
    session_description: str = "simulation of a network of spiking neurons (in silico)",
    overwrite: bool = False,
) -> str:
    """Write a file that pynwb, Neo and the NWB inspector read; return its path.

    Parameters
    ----------
    result : Result
        Of a run, or loaded.
    path : path
        Of the file.
    session_start_time : datetime, optional
        When the simulation was run; now unless given.
    session_description : str
        What the file says about itself.
    overwrite : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    str
        The path.

    Raises
    ------
    MissingPackageError
        If pynwb is not installed.
    OutputFileError
        If the file is there already, or cannot be written.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.export import result_to_nwb
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 5, ss.LIF(I_e=500.0)), "spikes")
    >>> result_to_nwb(net.run(50.0, progress=False), "run.nwb")
    """
    require_path("to_nwb", path)
    name = str(os.fspath(path))
    pynwb = required("pynwb", "to_nwb")
    if os.path.lexists(name) and not overwrite:
        raise OutputFileError(f"to_nwb: {name!r} exists already; give another name, or overwrite=True")
    moment = datetime.now(timezone.utc) if session_start_time is None else session_start_time
    if moment.tzinfo is None:
        raise InvalidValueError(f"to_nwb: session_start_time: wanted a time with its zone, got {moment!r}")
    file = pynwb.NWBFile(
        session_description=session_description,
        identifier=str(uuid.uuid4()),
        session_start_time=moment,
        institution="in silico",
        experiment_description=f"spikesim, dt = {result.dt:g} ms, seed {result.stats.get('seed')}",
        subject=pynwb.file.Subject(
            subject_id="in-silico",
            description="a simulated network",
            species="http://purl.obolibrary.org/obo/NCBITaxon_32644",  # "unidentified"
            age="P0D",
            sex="U",
        ),
    )
    if result.spikes:
        file.units = _units(result, pynwb)
    for variables in result.traces.values():
        for trace in variables.values():
            file.add_acquisition(_series(trace, pynwb))
    try:
        with pynwb.NWBHDF5IO(name, "w") as io:
            io.write(file)
    except OSError as error:
        raise OutputFileError(f"to_nwb: {name!r} cannot be written: {error.strerror or error}") from error
    return name


def _units(result: Result, pynwb: Any) -> Any:
    """The table of units, column by column: adding one unit after the other takes 0.2 ms each."""
    from hdmf.common import ElementIdentifiers, VectorData, VectorIndex

    trains = list(result.spikes.values())
    lists = [times for t in trains for times in t.lists()]
    who = [np.arange(t.size) if t.neurons is None else t.neurons for t in trains]
    n = len(lists)
    span = np.tile(np.array([[result.start, result.stop]]) / 1000.0, (n, 1))
    names = [t.name for t, w in zip(trains, who) for _ in w]

    def column(name: str, text: str, data: Any) -> Any:
        return VectorData(name=name, description=text, data=data)

    def index(target: Any, ends: Any) -> Any:
        return VectorIndex(name=f"{target.name}_index", data=np.asarray(ends, np.uint64), target=target)

    times = column("spike_times", "the spike times of each unit in seconds", _joined(lists) / 1000.0)
    observed = column("obs_intervals", "the interval that was simulated, seconds", span)
    columns = [
        index(times, np.cumsum([x.size for x in lists])),
        times,
        index(observed, np.arange(1, n + 1)),
        observed,
        column("population", "the population of each unit", names),
        column("node_id", "the index in the population, from 0", _joined(who).astype(np.int64)),
    ]
    table = pynwb.misc.Units(
        name="units",
        description="simulated neurons",
        id=ElementIdentifiers(name="id", data=np.arange(n)),
        columns=columns,
        colnames=["spike_times", "obs_intervals", "population", "node_id"],
    )
    table.resolution = result.dt / 1000.0
    return table


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([*arrays, np.zeros(0)])


def _series(trace: Any, pynwb: Any) -> Any:
    times = trace.times
    unit, factor = SI.get(trace.unit, (trace.unit or "n/a", 1.0))
    rate = 1000.0 * (times.size - 1) / (times[-1] - times[0]) if times.size > 1 else 1000.0
    return pynwb.TimeSeries(
        name=f"{trace.name} {trace.variable}".replace("/", "_").replace(":", "_"),
        description=f"{trace.variable} of {trace.name!r}, neurons {trace.ids.tolist()[:100]}",
        data=np.array(trace.values),
        unit=unit,
        conversion=factor,
        rate=float(rate),
        starting_time=float(times[0] if times.size else 0.0) / 1000.0,
    )
