"""Rows as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import math
import os
import platform
from pathlib import Path
from typing import Any

import numba
import numpy as np

import spikesim as ss

from . import calibration

__all__ = ["machine", "markdown", "table", "write_json"]

Row = dict[str, Any]

#: key, head of the column, factor, digits
COLUMNS = (
    ("neurons", "neurons", 1.0, 0),
    ("synapses", "synapses", 1.0, 0),
    ("dt", "dt", 1.0, 3),
    ("seconds", "s", 1.0, 3),
    ("build_s", "build s", 1.0, 2),
    ("first_s", "first s", 1.0, 2),
    ("compile_s", "compile s", 1.0, 1),
    ("run_s", "run s", 1.0, 3),
    ("step_us", "us a step", 1.0, 0),
    ("cpu_us", "cpu us a step", 1.0, 0),
    ("loss", "loss", 1.0, 4),
    ("cpu_s", "cpu s", 1.0, 3),
    ("real_time_factor", "x real time", 1.0, 3),
    ("events_per_s", "M events/s", 1e-6, 1),
    ("cpu_factor", "cpu s a second", 1.0, 3),
    ("ns_per_neuron_step", "ns/neuron-step", 1.0, 2),
    ("ns_per_event", "ns/event", 1.0, 1),
    ("bytes_per_synapse", "B/synapse", 1.0, 2),
    ("peak_mb", "peak MB", 1.0, 0),
    ("mean_rate", "Hz", 1.0, 2),
    ("share", "share %", 100.0, 1),
    ("period_ms", "period ms", 1.0, 4),
    ("error", "error", 1.0, 5),
    ("ratio", "ratio", 1.0, 2),
    ("ratio_cpu", "ratio of cpu", 1.0, 2),
    ("slabs", "slabs", 1.0, 0),
    ("computed_us_50", "computation us", 1.0, 0),
    ("exchanged_us_10", "exchange us, 10 %", 1.0, 0),
    ("exchanged_us_50", "50 %", 1.0, 0),
    ("exchanged_us_90", "90 %", 1.0, 0),
    ("times_slower", "x spikesim", 1.0, 1),
    ("times_cpu", "x its cpu", 1.0, 1),
)


def table(rows: list[Row]) -> str:
    """Return the rows of one question as text; columns in which all are empty are left out."""
    lines = cells([row for row in rows if "failed" not in row])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    left = 2 if "simulator" in lines[0] else 1
    text = [
        "  ".join(c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))).rstrip()
        for line in lines
    ]
    text += [f"{r['case']}: {r['simulator']}, {r['threads']} thread(s): {r['failed']}" for r in rows if "failed" in r]
    return "\n".join(text)


def cells(rows: list[Row]) -> list[list[str]]:
    """Return the heads and the rows of one question, as text."""
    columns = [c for c in COLUMNS if any(shown(row.get(c[0]), *c[2:]) != "-" for row in rows)]
    several = any("simulator" in row for row in rows)
    lines = [["case", *(["simulator", "threads"] if several else []), *(head for _, head, _, _ in columns)]]
    for row in rows:
        line = [row["case"]]
        if several:
            line += [row.get("simulator", ""), shown(row.get("threads"), 1.0, 0)]
        line += [shown(row.get(key), factor, digits) for key, _, factor, digits in columns]
        if row.get("rates_agree") is False:
            line[-1] += "  (rates differ)"
        lines.append(line)
    return lines


def markdown(rows: list[Row]) -> str:
    """Return the rows of one question as a table for a README."""
    lines = cells([row for row in rows if "failed" not in row])
    rule = ["---" if i == 0 else "---:" for i in range(len(lines[0]))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]])


def shown(value: Any, factor: float, digits: int) -> str:
    """Return a number as text, "-" for none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    return f"{value * factor:,.{digits}f}"


def machine() -> dict[str, Any]:
    """Return what the numbers were measured with."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next(
            (s.split(":")[1].strip() for s in info.read_text().splitlines() if s.startswith("model name")),
            cpu,
        )
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "spikesim": ss.__version__,
        "calibration": calibration.seconds(),
    }


def write_json(path: str, rows: list[Row], asked: dict[str, Any]) -> None:
    """Write everything to a file."""
    everything = {"machine": machine(), "asked": asked, "rows": rows}
    Path(path).write_text(json.dumps(clean(everything), indent=1) + "\n")


def clean(value: Any) -> Any:
    """Return the same with None for NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {key: clean(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(v) for v in value]
    return None if isinstance(value, float) and math.isnan(value) else value
