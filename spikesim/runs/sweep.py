"""A run for every combination of parameters, on as many cores as there are; a row a run.

A worker builds the network, runs it and measures, and hands back the few numbers measured: nothing large travels.  The
first run is made here, so that everything is compiled once; workers then load it.
"""

from __future__ import annotations

import inspect
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, StateError
from ..keywords import named
from ..network import checked
from ..network.network import Network
from .table import Table, checked_row

__all__ = ["bar_of", "sweep"]

WRITE_EVERY = 0.5  # seconds between two writes of a table, at least


@named
def sweep(
    build: Callable[..., Network],
    parameters: Mapping[str, Sequence[Any]],
    *,
    measure: Callable[[Any], Mapping[str, Any]],
    duration: float,
    seeds: int | Sequence[int] = 1,
    jobs: int | Executor | None = None,
    out: str | os.PathLike[str] | None = None,
    run: Mapping[str, Any] | None = None,
    progress: bool | None = None,
) -> Table:
    """Run a network for every combination of parameters and seeds.

    Parameters
    ----------
    build : function
        ``build(g=..., eta=..., seed=...)`` returns the network: the parameters by name, and the seed.
    parameters : mapping of str to sequence
        The values of each; all combinations are run, the last one varies fastest.
    measure : function
        ``measure(result)`` returns the numbers (or texts) of a row by name.
    duration : float
        Of each run (ms).
    seeds : int or sequence of int
        How many (0, 1, ...), or which.
    jobs : int or concurrent.futures.Executor, optional
        Processes (all cores unless given; 1: here, without any), or an executor: loky's, dask's client's, mpi4py's.
    out : path, optional
        HDF5 file that the table stands in, whole after every row.  If it is there already, of the same sweep, only
        what is missing or failed is run.
    run : mapping, optional
        Other arguments of :meth:`Network.run`, such as ``{"dt": 0.05}``; `threads` is 1 unless given.
    progress : bool, optional
        Whether to show a bar; on a terminal or in a notebook unless given.

    Returns
    -------
    Table
        A row a run, in the order of the combinations: the parameters, the seed, what was measured, and ``error``:
        empty, or why the run failed.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If what is given is not as above.
    StateError
        If `out` holds the table of another sweep.

    Examples
    --------
    >>> import spikesim as ss
    >>> def build(current, seed):
    ...     net = ss.Network(seed=seed)
    ...     cell = net.population("cell", 1, ss.LIF(I_e=current))
    ...     net.record(cell, "spikes")
    ...     return net
    >>> def rate(result):
    ...     return {"rate": result.spikes["cell"].rate()}
    >>> table = ss.sweep(build, {"current": [0.0, 500.0]}, measure=rate, duration=500.0, jobs=1)
    >>> len(table), float(table["rate"][0])
    (2, 0.0)
    """
    rows = _combinations(parameters, seeds)
    if not rows:
        raise InvalidValueError("sweep: seeds: there are none")
    for what, function in (("build", build), ("measure", measure)):
        if not callable(function):
            raise InvalidTypeError(f"sweep: {what}: wanted a function, got {checked.short(function)}")
    duration = checked.number("sweep: duration", duration, above=0.0)
    options = {"threads": 1, **(run or {}), "progress": False}
    about = {"parameters": {k: [_plain(v) for v in vs] for k, vs in parameters.items()}, "duration": duration}
    columns = [*parameters, "seed"]
    done = _done(out, about, columns)
    _require_call(build, rows[0])
    todo = [k for k, row in enumerate(rows) if _key(row, columns) not in done]
    found: dict[int, dict[str, Any]] = {
        k: done[_key(row, columns)] for k, row in enumerate(rows) if _key(row, columns) in done
    }
    written = 0.0

    def keep(k: int, row: dict[str, Any], last: bool) -> None:
        nonlocal written
        found[k] = row
        if out is not None and (last or time.monotonic() - written > WRITE_EVERY):
            Table([found[i] for i in sorted(found)], columns).write(out, about)
            written = time.monotonic()

    with bar_of("sweep", len(rows), len(rows) - len(todo), progress) as bar:
        for n, (k, row) in enumerate(_rows(build, measure, rows, todo, duration, options, jobs)):
            keep(k, row, last=n == len(todo) - 1)
            bar.update(1)
    return Table([found[k] for k in range(len(rows))], [*columns])


def one_run(
    build: Callable[..., Network], measure: Callable[[Any], Any], row: Mapping[str, Any], duration: float, options: Any
) -> dict[str, Any]:
    """Return a row: the parameters, and what was measured or what went wrong."""
    named = ", ".join(f"{k}={v!r}" for k, v in row.items())
    try:
        net = build(**row)
        if not isinstance(net, Network):
            raise InvalidTypeError(f"build({named}) must return a Network, got {type(net).__name__}")
        measured = checked_row(f"sweep: {named}", measure(net.run(duration, **options)))
    except Exception as error:  # a run that fails is a row that says so
        return {**_row(row), "error": " ".join(f"{type(error).__name__}: {error}".split())[:500]}
    taken = [name for name in measured if name in row or name == "error"]
    if taken:
        raise InvalidValueError(
            f"sweep: measure returned {taken[0]!r}, which is a column of the table already "
            f"({', '.join([*row, 'error'])}); give it another name"
        )
    return {**_row(row), **measured, "error": ""}


def _require_call(build: Callable[..., Network], row: Mapping[str, Any]) -> None:
    """Refuse parameters that `build` does not take, or lacks, before anything runs."""
    try:
        form = inspect.signature(build)
    except (TypeError, ValueError):  # a function that does not say how it is called
        return
    try:
        form.bind(**row)
    except TypeError as error:
        given = ", ".join(f"{name}=..." for name in row)
        raise InvalidTypeError(f"sweep: build is called as build({given}), but it is build{form}: {error}") from None


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _rows(
    build: Any, measure: Any, rows: list[dict[str, Any]], todo: list[int], duration: float, options: Any, jobs: Any
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (number, row) as they come: the first made here, the others wherever the executor has room."""
    if not todo:
        return
    if isinstance(jobs, (int, np.integer)) and not isinstance(jobs, bool):
        jobs = checked.count("sweep: jobs", jobs, least=1)
    elif not (jobs is None or hasattr(jobs, "submit")):
        raise InvalidTypeError(f"sweep: jobs: wanted a number of processes or an executor, got {checked.short(jobs)}")
    yield todo[0], one_run(build, measure, rows[todo[0]], duration, options)
    rest = todo[1:]
    if jobs is None:
        jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(jobs, int):
        if jobs == 1 or len(rest) < 2:
            for k in rest:
                yield k, one_run(build, measure, rows[k], duration, options)
            return
        with _processes(min(jobs, len(rest)), build, measure) as pool:
            yield from _spread(pool, build, measure, rows, rest, duration, options)
        return
    yield from _spread(jobs, build, measure, rows, rest, duration, options)


def _spread(
    pool: Any, build: Any, measure: Any, rows: Any, todo: list[int], duration: float, options: Any
) -> Iterator[tuple[int, dict[str, Any]]]:
    waiting: dict[Future[Any], int] = {
        pool.submit(one_run, build, measure, rows[k], duration, options): k for k in todo
    }
    try:
        while waiting:
            ready = [future for future in waiting if future.done()]
            if not ready:
                if all(isinstance(future, Future) for future in waiting):
                    ready = list(wait(waiting, return_when=FIRST_COMPLETED).done)
                else:  # an executor with futures of its own (dask)
                    time.sleep(0.01)
            for future in ready:
                k = waiting.pop(future)
                try:
                    yield k, future.result()
                except Exception as error:  # the process died, or nothing could be sent to it
                    text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
                    yield k, {**_row(rows[k]), "error": text}
    finally:
        for future in waiting:
            future.cancel()


def _processes(jobs: int, build: Any, measure: Any) -> ProcessPoolExecutor:
    import multiprocessing
    from multiprocessing.reduction import ForkingPickler

    try:
        ForkingPickler.dumps((build, measure))
    except Exception as error:
        raise InvalidTypeError(
            f"sweep: build and measure are sent to other processes and must be functions of a file, defined at its top "
            f"({error}); or give jobs=1"
        ) from None
    # a forked worker has everything that is compiled, and the functions of a notebook
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    return ProcessPoolExecutor(jobs, mp_context=context)


def _combinations(parameters: Any, seeds: Any) -> list[dict[str, Any]]:
    if not isinstance(parameters, Mapping):
        got = checked.short(parameters)
        raise InvalidTypeError(f"sweep: parameters: wanted a mapping of names to values, as {{'g': [4, 5]}}, got {got}")
    lists: list[list[Any]] = []
    for name, values in parameters.items():
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            raise InvalidTypeError(f"sweep: {name}: wanted a list of values, got {checked.short(values)}")
        lists.append([_plain(v) for v in values])
        if not lists[-1]:
            raise InvalidValueError(f"sweep: {name}: there are no values")
    if isinstance(seeds, (int, np.integer)) and not isinstance(seeds, bool):
        seeds = range(checked.count("sweep: seeds", seeds, most=10**7))
    wanted = [checked.count(f"sweep: seed {k}", seed, most=2**64 - 1) for k, seed in enumerate(seeds)]
    return [{**dict(zip(parameters, values)), "seed": seed} for values in itertools.product(*lists) for seed in wanted]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _key(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    return repr([_plain(row.get(name)) for name in columns])


def _done(out: Any, about: Mapping[str, Any], columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Rows of an earlier call with the same sweep, by their parameters, without those that failed."""
    if out is None or not os.path.exists(out):
        return {}
    table, was = Table.read_with(out)
    if was["duration"] != about["duration"] or set(was["parameters"]) != set(about["parameters"]):
        raise StateError(
            f"sweep: {os.fspath(out)!r} holds another sweep, over {', '.join(was['parameters'])} of "
            f"{was['duration']:g} ms; this one is over {', '.join(about['parameters'])} of {about['duration']:g} ms: "
            f"give another file"
        )
    return {_key(row, columns): row for row in table.rows if not row.get("error")}


def bar_of(what: str, total: int, done: int, show: bool | None) -> Any:
    """Return a bar that counts runs: where somebody watches, or as told."""
    from tqdm.auto import tqdm

    from ..engine.progress import watched

    hidden = not (show if show is not None else watched())
    return tqdm(total=total, initial=done, desc=what, unit="run", disable=hidden)
