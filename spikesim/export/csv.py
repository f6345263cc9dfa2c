"""A recording as a folder of text: tables with a header, numbers with all their digits, the rest as JSON."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, OutputFileError
from ..keywords import named

if TYPE_CHECKING:
    from ..record.result import Result

__all__ = ["result_to_csv"]

BLOCK = 2**16  # rows turned into text at a time


@named
def result_to_csv(result: Result, folder: Any, overwrite: bool = False) -> Path:
    """Write `spikes.csv`, a file a trace and `recording.json`, which says what stands where; return the folder.

    Parameters
    ----------
    result : Result
        Of a run, or loaded.
    folder : path
        Made where it does not exist.
    overwrite : bool
        Whether files of these names may be replaced.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    OutputFileError
        If a file is there already, or cannot be written.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.export import result_to_csv
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 5, ss.LIF(I_e=500.0)), "spikes")
    >>> folder = result_to_csv(net.run(50.0, progress=False), "recording")
    >>> sorted(file.name for file in folder.iterdir())
    ['recording.json', 'spikes.csv']
    """
    if not isinstance(folder, (str, os.PathLike)):
        raise InvalidTypeError(f"to_csv: wanted a folder, got {type(folder).__name__} {folder!r:.60}")
    place = Path(folder)
    traces = [trace for variables in result.traces.values() for trace in variables.values()]
    files = _file_names([f"{trace.name}.{trace.variable}" for trace in traces])
    taken = [place / name for name in ("spikes.csv", "recording.json", *files) if (place / name).exists()]
    if taken and not overwrite:
        raise OutputFileError(f"to_csv: {str(taken[0])!r} exists already; give another folder, or overwrite=True")
    try:
        place.mkdir(parents=True, exist_ok=True)
        with (place / "spikes.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["time", "population", "id"])
            for name, trains in result.spikes.items():
                for at in range(0, len(trains), BLOCK):
                    rows = zip(trains.times[at : at + BLOCK].tolist(), trains.ids[at : at + BLOCK].tolist())
                    table.writerows((repr(t), name, i) for t, i in rows)
        for trace, name in zip(traces, files):
            with (place / name).open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file)
                table.writerow(["time", *map(str, trace.ids.tolist())])
                for t, row in zip(trace.times.tolist(), np.asarray(trace.values)):
                    table.writerow([repr(t), *map(repr, row.tolist())])
        about = {
            "start": result.start,
            "stop": result.stop,
            "dt": result.dt,
            "unit_of_time": "ms",
            "populations": {name: trains.size for name, trains in result.spikes.items()},
            "traces": [
                {"file": name, "population": t.name, "variable": t.variable, "unit": t.unit}
                for t, name in zip(traces, files)
            ],
            "stats": dict(result.stats),
            "description": dict(result.description),
        }
        text = json.dumps(about, indent=1, ensure_ascii=False, default=str)
        (place / "recording.json").write_text(text + "\n", "utf-8")
    except OSError as error:
        raise OutputFileError(f"to_csv: {str(place)!r} cannot be written: {error.strerror or error}") from error
    return place


def _file_names(titles: list[str]) -> list[str]:
    """File names that every system takes, each its own."""
    names: list[str] = []
    for title in titles:
        name = re.sub(r"[^\w.-]", "_", title)[:100]
        while f"{name}.csv".lower() in map(str.lower, ["spikes.csv", *names]):
            name += "_"
        names.append(f"{name}.csv")
    return names
