"""Statistics of one population's spikes, on plain arrays: the same few lines measure the peers and spikesim.

They are written apart from spikesim.analysis on purpose, so that neither can hide the other's mistake.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parent / "data"
BIN = 5.0  # ms, of the spike counts that are correlated
MOST = 300  # cells that enter the mean of pairwise correlations


def firing(times: np.ndarray, ids: np.ndarray, size: int, start: float, stop: float) -> dict[str, float]:
    """Mean rate (Hz), mean CV of ISIs, mean pairwise correlation of counts, Fano factor of the sum of counts.

    Of the spikes in (start, stop] (ms) of cells 0..size-1.  The CV is a mean over cells with five spikes or
    more, the correlation one over all pairs of the first 300 cells that fire.  The Fano factor of the whole
    population's count in bins of 5 ms depends on `size` and is large where the population is synchronous.
    """
    inside = (times > start) & (times <= stop)
    times, ids = np.asarray(times)[inside], np.asarray(ids)[inside].astype(int)
    order = np.lexsort((times, ids))
    times, ids = times[order], ids[order]
    counts = np.bincount(ids, minlength=size)
    ends = np.cumsum(counts)
    cvs = []
    for cell in np.flatnonzero(counts >= 5):
        isi = np.diff(times[ends[cell] - counts[cell] : ends[cell]])
        cvs.append(isi.std() / isi.mean())

    bins = round((stop - start) / BIN)
    column = np.clip(np.ceil((times - start) / BIN - 1e-9).astype(int) - 1, 0, bins - 1)
    chosen = np.flatnonzero(counts)[:MOST]
    row = np.full(size, -1)
    row[chosen] = np.arange(chosen.size)
    known = row[ids] >= 0
    table = np.zeros((chosen.size, bins))
    np.add.at(table, (row[ids[known]], column[known]), 1.0)
    z = (table - table.mean(1, keepdims=True)) / np.maximum(table.std(1, keepdims=True), 1e-12)
    n = chosen.size
    correlation = (z.sum(0).var() - n) / (n * (n - 1)) if n > 1 else np.nan
    population = np.bincount(column, minlength=bins)
    return {
        "rate": 1000.0 * times.size / (size * (stop - start)),
        "cv": float(np.mean(cvs)) if cvs else float("nan"),
        "correlation": float(correlation),
        "fano": float(population.var() / population.mean()) if times.size else float("nan"),
    }


def store(file: str, network: str, seed: int, facts: dict[str, Any], found: dict[str, dict[str, float]]) -> None:
    """Add one run to data/`file`.json, in the place of that seed's."""
    path = DATA / f"{file}.json"
    everything = json.loads(path.read_text()) if path.exists() else {}
    entry = everything.setdefault(network, {"facts": {}, "runs": {}})
    entry["facts"] = facts
    entry["runs"][str(seed)] = {pop: {k: round(v, 6) for k, v in values.items()} for pop, values in found.items()}
    path.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n")


def known(file: str, network: str, seed: int) -> bool:
    """Whether data/`file`.json has that run already."""
    path = DATA / f"{file}.json"
    return path.exists() and str(seed) in json.loads(path.read_text()).get(network, {}).get("runs", {})


def stored(file: str, network: str) -> dict[str, dict[str, np.ndarray]]:
    """The peer's values of every seed: population -> statistic -> array of one value a seed."""
    runs = list(json.loads((DATA / f"{file}.json").read_text())[network]["runs"].values())
    return {pop: {key: np.array([run[pop][key] for run in runs]) for key in runs[0][pop]} for pop in runs[0]}
