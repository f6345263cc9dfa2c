"""What is known of a run, in words: warnings, statistics, and how to repeat it."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from ..record.result import Result

__all__ = ["described", "fingerprint", "overview", "repeat", "warned"]


def warned(result: Result, every: int) -> list[str]:
    """Return what a reader must know before believing the rest."""
    stats, found = result.stats, []
    if stats.get("interrupted"):
        found.append("The run was interrupted; what it had recorded is whole.")
    if stats.get("error"):
        found.append(f"The run ended with an error: {stats['error']}")
    delays = dict(stats.get("delays_rounded") or {})
    if delays:
        which = next(iter(delays)) if len(delays) == 1 else f"{len(delays)} projections"
        moved, shift = sum(int(n) for n, _ in delays.values()), max(float(shift) for _, shift in delays.values())
        found.append(f"{moved:,} delays of {which} were rounded to whole steps, by up to {shift:.3g} ms.")
    for name, shift in dict(stats.get("t_ref_rounded") or {}).items():
        found.append(f"Refractory periods of {name} were rounded to whole steps, by up to {shift:.3g} ms.")
    for name, shift in dict(stats.get("spike_times_rounded") or {}).items():
        found.append(f"Listed spikes of {name} were rounded to whole steps, by up to {shift:.3g} ms.")
    silent = [name for name, trains in result.spikes.items() if not len(trains)]
    if silent:
        found.append(f"No spike was recorded of {', '.join(silent)}.")
    if every > 1:
        found.append(
            f"The raster and the rates below it show one neuron in {every} of each population, all its spikes."
        )
    return found


def overview(result: Result) -> list[tuple[str, str]]:
    """Return what was run, by whom and how fast, as rows of a table."""
    stats = result.stats
    rows = [("Recording", f"{result.start:g} ... {result.stop:g} ms at dt = {result.dt:g} ms")]
    versions = ", ".join(f"{name} {version}" for name, version in dict(stats.get("versions") or {}).items())
    known = (
        ("Engine", "engine", "{}"),
        ("Seed", "seed", "{}"),
        ("Neurons", "neurons", "{:,}"),
        ("Synapses", "synapses", "{:,}"),
        ("Spikes", "spikes", "{:,}"),
        ("Synaptic events", "synaptic_events", "{:,}"),
        ("Threads", "threads", "{}"),
        ("Seconds to build", "build_seconds", "{:.3g}"),
        ("Seconds to compile and run the first steps", "compile_seconds", "{:.3g}"),
        ("Seconds to run", "run_seconds", "{:.3g}"),
        ("Seconds for a second of model time", "real_time_factor", "{:.3g}"),
        ("Created", "created", "{}"),
    )
    rows += [(label, form.format(stats[key])) for label, key, form in known if stats.get(key) is not None]
    return [*rows, ("Made with", versions)] if versions else rows


def repeat(result: Result) -> tuple[str, str]:
    """Return the lines that run it again, and the fingerprint by which equal spikes are recognised."""
    stats = result.stats
    given = {"dt": result.dt, "engine": stats.get("engine"), "seed": stats.get("seed")}
    options = ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)
    release = str(dict(stats.get("versions") or {}).get("spikesim"))
    lines = [
        f"pip install spikesim=={release}" if release[:1].isdigit() else "pip install spikesim",
        "",
        "import spikesim as ss",
        "net = ...                      # the script that describes the network below",
        f"result = net.run({result.stop - result.start!r}, {options})",
    ]
    return "\n".join(lines), fingerprint(result)


def fingerprint(result: Result) -> str:
    """Return the SHA-256 of all recorded spikes: names, times (float64, ms), ids (int64)."""
    digest = hashlib.sha256()
    for name, trains in result.spikes.items():
        digest.update(name.encode())
        for values, kind in ((trains.times, "<f8"), (trains.ids, "<i8")):
            digest.update(np.ascontiguousarray(values, dtype=kind).tobytes())
    return digest.hexdigest()


def described(result: Result, what: str) -> tuple[list[str], list[list[Any]]]:
    """Return the header and the rows of one part of the description: populations, projections, ..."""
    found = result.description.get(what) or []
    entries = [{"name": name, **entry} for name, entry in found.items()] if isinstance(found, dict) else list(found)
    header = list(dict.fromkeys(key for entry in entries for key in entry))
    return header, [[_short(entry.get(key, "")) for key in header] for entry in entries]


def _short(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
