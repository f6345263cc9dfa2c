"""LEAGUE: where does spikesim stand among all that has run the cortical microcircuit?  By the rules of its maintainers.

Performance, after the recipe of J. Senk et al., "Constructive community race: full-density spiking neural network
model drives neuromorphic computing", Neuromorph. Comput. Eng. 6:012001 (2026), doi:10.1088/2634-4386/ae379a: the full
network, optimised initial potentials, 0.5 s of model time that do not count, 10 s that do, ten realisations (seeds),
no spikes recorded; real-time factor, and energy per synaptic event at the power outlet where somebody reads a meter
(``--watts``).  A small network may keep still on a direct current.
``--entry FILE`` writes the entry for the maintainers' table, in its fields.
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

import spikesim as ss
from spikesim import published

from . import report
from .contest import Options, Row, say
from .process import measure as in_process
from .timing import timed

__all__ = ["ask", "entry", "measure"]

WARM_MS = 500.0
DRIVES = {"poisson": "Poisson", "dc": "DC"}


def measure(scale: float, seed: int, model_ms: float, threads: int, drive: str) -> Row:
    """Return what one realisation costs."""
    net = published.microcircuit(scale=scale, background=drive, seed=seed)
    net.spike_targets.clear()
    found = timed(net, dt=0.1, warm_ms=WARM_MS, model_ms=model_ms, threads=threads)
    return {**found, "mean_rate": found["spikes"] / (found["neurons"] * 1e-3 * model_ms)}


def ask(options: Options) -> list[Row]:
    """Both drives, on the largest number of threads asked for; a row each of means over the seeds."""
    scale, model_ms, seeds = (0.02, 200.0, 2) if options.quick else (1.0, 10_000.0, 10)
    rows = []
    for drive, name in DRIVES.items():
        runs = []
        for seed in range(1, seeds + 1):
            settings = {"scale": scale, "seed": seed, "model_ms": model_ms, "threads": max(options.threads)}
            runs.append(in_process("league", {**settings, "drive": drive}))
            say(f"  league, {name}, seed {seed}: {runs[-1]['real_time_factor']:.3f} x real time")
        rows.append(summary(runs, name, scale, model_ms, max(options.threads), options.watts))
    return rows


def summary(runs: list[Row], drive: str, scale: float, model_ms: float, threads: int, watts: float | None) -> Row:
    """Return means over the realisations; `sd_rtf` is the real-time factor's standard deviation."""
    numbers = ("run_s", "cpu_s", "build_s", "peak_mb", "events", "real_time_factor", "mean_rate")
    row: Row = {key: float(np.mean([run[key] for run in runs])) for key in numbers}
    row |= {key: runs[0][key] for key in ("neurons", "synapses")}
    row |= {"case": f"scale {scale:g}, {drive}", "simulator": "spikesim", "threads": threads, "drive": drive}
    row |= {"scale": scale, "model_ms": model_ms, "seeds": len(runs)}
    row["sd_rtf"] = float(np.std([run["real_time_factor"] for run in runs], ddof=1))
    row["events_per_s"] = row["events"] / row["run_s"]
    row["esyn_muJ"] = 1e6 * watts / row["events_per_s"] if watts and row["events"] else None
    return row


def entry(rows: list[Row]) -> str:
    """Return the entries as YAML, a list of {key: [{field: value}, ...]} as the maintainers' table is read.

    What no program can know is left empty (null): the publication, the process node; the energy without a meter.
    """
    machine, year = report.machine(), datetime.date.today().year
    text = []
    for row in rows:
        fields: dict[str, Any] = {
            "bibentry": None, "authoryear": None, "year": year, "simulator": "spikesim", "drive": row["drive"],
            "rtf": round(row["real_time_factor"], 4), "esyn_muJ": row["esyn_muJ"], "num_nodes": 1,
            "system": f"{machine['cpu']}, {row['threads']} thread(s)", "process_node_nm": None,
            "show_rtf_year": True, "show_esyn_rtf": row["esyn_muJ"] is not None,
        }  # fmt: skip
        text.append(
            f"# spikesim {ss.__version__}: scale {row['scale']:g}, {row['neurons']:.0f} neurons, {row['synapses']:.0f} "
            f"synapses; {1e-3 * row['model_ms']:g} s after {1e-3 * WARM_MS:g} s, {row['seeds']} seeds, "
            f"nothing recorded; rtf {row['real_time_factor']:.4f} +- {row['sd_rtf']:.4f} (sd), "
            f"{row['mean_rate']:.3f} Hz, "
            f"{row['events'] / row['model_ms'] * 1e3:.4g} synaptic events a second, {row['peak_mb']:.0f} MB\n"
            f"- spikesim-{row['drive']}-{row['threads']}:"
        )
        text += [f"    - {name}: {_scalar(value)}" for name, value in fields.items()]
    return "\n".join(text) + "\n"


def _scalar(value: Any) -> str:
    """A value of YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, (int, float)) else "'" + str(value).replace("'", "''") + "'"
