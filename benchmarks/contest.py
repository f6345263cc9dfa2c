"""The same network in every simulator that is there, in turns, each run in a process of its own.

Turns, not blocks: whatever else slows the machine down meets all of them.  What is reported is the median.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from .peers import PEERS, Peer
from .plain import plain
from .process import MeasurementError, measure

__all__ = ["Case", "Options", "Row", "alternate", "ask"]

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A network and how long it runs.

    Parameters
    ----------
    label : str
        What sets it apart from the question's other cases.
    settings : dict
        What the question's `build` takes.
    model_ms, warm_ms, dt : float
        Measured model time, model time before it, step of all simulators (ms).
    peers : tuple of str
        Who can run it.
    steps : dict
        Another step for some simulators (ms), where the same accuracy needs one.
    methods : dict
        The integrator of simulators that have a choice.
    tolerance : float
        Relative difference of the mean rate from spikesim's that chance explains.
    slow : tuple of str
        Who takes too long for more than one turn.
    """

    label: str
    settings: dict[str, Any]
    model_ms: float
    warm_ms: float = 100.0
    dt: float = 0.1
    peers: tuple[str, ...] = ("nest", "brian-cpp", "brian-cython")
    steps: dict[str, float] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    tolerance: float = 0.1
    slow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line."""

    quick: bool = False
    peers: tuple[str, ...] = ()
    threads: tuple[int, ...] = (1,)
    repeat: int = 3
    cold: bool = False
    case: str = ""
    watts: float | None = None

    def found(self, names: Iterable[str]) -> list[Peer]:
        """Return the peers among `names` that are wanted and installed."""
        return [PEERS[n] for n in names if n in self.peers and PEERS[n].python() is not None]


def say(text: str) -> None:
    """Tell the user at the terminal what is going on, apart from the answers."""
    print(text, file=sys.stderr, flush=True)


def ask(module: str, options: Options) -> list[Row]:
    """Answer a question that compares networks; a row for each case, simulator and number of threads."""
    rows = []
    question = import_module(f"benchmarks.{module}")
    for case in question.cases(options.quick):
        if options.case in case.label:
            rows += compete(module, case, options, question.build)
    return rows


def compete(module: str, case: Case, options: Options, build: Callable[..., Any]) -> list[Row]:
    """Return the rows of one case."""
    plain_case = dataclasses.asdict(case)
    runs: dict[tuple[str, int], Callable[[], Row]] = {}
    for threads in options.threads:
        job = {"module": module, "case": plain_case, "threads": threads}
        runs["spikesim", threads] = functools.partial(measure, "networks", job)
    peers = options.found(case.peers)
    description = plain(build(**case.settings)) if peers else {}
    for peer in peers:
        job = {"network": description, "warm_ms": case.warm_ms, "model_ms": case.model_ms}
        job["dt"] = case.steps.get(peer.name, case.dt)
        job["method"] = case.methods.get(peer.name)
        for threads in options.threads if peer.threads else (1,):
            runs[peer.name, threads] = functools.partial(peer.run, {**job, "threads": threads})
    once = {key for key in runs if key[0] in case.slow}
    rows = alternate(f"{module}, {case.label}", runs, options.repeat, once)
    if options.cold:
        add_cold(rows, module, plain_case, options.threads[0])
    for row in rows:
        row |= {"question": module, "case": case.label, "model_ms": case.model_ms}
        row["dt"] = case.steps.get(row["simulator"], case.dt)
    compare(rows, case)
    return rows


def alternate(
    title: str,
    runs: Mapping[tuple[str, int], Callable[[], Row]],
    repeat: int,
    once: set[tuple[str, int]] | None = None,
) -> list[Row]:
    """Run all in turns, `repeat` times (those in `once`: one time); return a row of medians for each."""
    found: dict[tuple[str, int], list[Row]] = {key: [] for key in runs}
    errors: dict[tuple[str, int], str] = {}
    for turn in range(repeat):
        for key, run in runs.items():
            if key in errors or (turn and once and key in once):
                continue
            clock = time.perf_counter()
            try:
                found[key].append(run())
            except MeasurementError as error:
                errors[key] = str(error)
            seconds = time.perf_counter() - clock
            result = errors.get(key) or f"{found[key][-1].get('run_s', float('nan')):.3f} s"
            say(f"  {title}: {key[0]}, {key[1]} thread(s), turn {turn + 1}: {result} ({seconds:.0f} s in all)")
    rows = []
    for (simulator, threads), all_ in found.items():
        row: Row = {"simulator": simulator, "threads": threads}
        row |= median(all_) if all_ else {"failed": errors[simulator, threads]}
        rows.append(row)
    return rows


def median(rows: list[Row]) -> Row:
    """Return the medians of all numbers, the first of everything else, and the spread of run_s."""
    merged: Row = {}
    for key, first in rows[0].items():
        values = [row[key] for row in rows]
        if isinstance(first, (int, float)) and not isinstance(first, bool):
            merged[key] = float(np.median([np.nan if v is None else v for v in values]))
        elif isinstance(first, dict):
            merged[key] = {k: float(np.median([v[k] for v in values])) for k in first}
        else:
            merged[key] = first
    if "run_s" in rows[0]:
        merged["runs_s"] = [row["run_s"] for row in rows]
    return merged


def add_cold(rows: list[Row], module: str, case: dict[str, Any], threads: int) -> None:
    """Measure once with no compiled code on disk; what that takes longer is the first compilation."""
    warm = next(row for row in rows if row["simulator"] == "spikesim" and row["threads"] == threads)
    with tempfile.TemporaryDirectory() as empty:
        cold = measure("networks", {"module": module, "case": case, "threads": threads}, cache=empty)
    warm["compile_s"] = cold["build_s"] + cold["first_s"] - warm["build_s"] - warm["first_s"]


def compare(rows: list[Row], case: Case) -> None:
    """Add to each peer's row how many times spikesim's time it takes, and whether the rates agree."""
    own = {row["threads"]: row for row in rows if row["simulator"] == "spikesim" and "failed" not in row}
    if not own:
        return
    best = min(row["run_s"] for row in own.values())
    reference = mean_rate(next(iter(own.values())))
    for row in rows:
        if "failed" in row:
            continue
        row["mean_rate"] = mean_rate(row)
        if row["simulator"] != "spikesim":
            row["times_slower"] = row["run_s"] / best
            if "cpu_s" in row:
                row["times_cpu"] = row["cpu_s"] / min(r["cpu_s"] for r in own.values())
            row["rates_agree"] = bool(abs(row["mean_rate"] - reference) <= case.tolerance * max(reference, 1e-9))


def mean_rate(row: Row) -> float:
    """Return the mean rate (Hz) of all neurons."""
    return row["spikes"] / (row["neurons"] * 1e-3 * row.get("model_ms", float("nan")))
