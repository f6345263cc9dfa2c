"""Is this a sink?  A recording is played into it beside plain lists of the same, and a network is run into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..grid import Grid
from ..keywords import named
from ..record.adapter import VERBS, sink_of
from ..record.layout import Layout, ProbeLayout
from ..record.memory import MemorySink
from ..record.result import Result
from ..record.sink import Sink
from .same_bits import hold

__all__ = ["check_sink"]


@named
def check_sink(sink: Any, *, run: bool = True) -> None:
    """Hold a sink to the protocol of :class:`spikesim.record.Sink`.

    What it is given comes in batches; the arrays are overwritten as soon as a call returns; what was not committed may
    not show.  If its ``result()`` is a :class:`~spikesim.record.Result`, it must hold exactly what was committed, a
    result taken earlier may not change, and a network that is run into the sink gives what it gives in memory.

    Parameters
    ----------
    sink : callable or sink
        What makes a fresh sink, such as its class: then several recordings are made (also one of times between steps,
        one of nothing, one cut short, and a run).  Or one fresh sink: then it takes one recording.
    run : bool
        Whether a network is run into it, too (compiles once).

    Raises
    ------
    AssertionError
        With what was expected and what came.

    Examples
    --------
    >>> from spikesim.record import MemorySink
    >>> from spikesim.testing import check_sink
    >>> check_sink(MemorySink(), run=False)
    """
    missing = [verb for verb in VERBS if not hasattr(sink, verb)]
    if not callable(sink):
        hold(not missing, f"{sink!r} lacks {', '.join(missing)}; a sink has {', '.join(VERBS)}")
        _Play(sink_of(sink), _layout()).through()
        return
    changes: list[dict[str, Any]] = [{}, {"exact": True}, {"probes": (), "spikes": {}}, {"start_step": 10**12}]
    for change in changes:
        _Play(_made(sink), _layout(**change)).through()
    _Play(_made(sink), _layout()).through(interrupted=True)
    _Play(_made(sink), _layout()).through(batches=0)
    if run:
        _check_run(sink)


def _made(make: Callable[[], Any]) -> Sink:
    made = make()
    missing = [verb for verb in VERBS if not callable(getattr(made, verb, None))]
    hold(not missing, f"{made!r} lacks {', '.join(missing)}; a sink has {', '.join(VERBS)}")
    return sink_of(made)


def _layout(**change: Any) -> Layout:
    given: dict[str, Any] = dict(
        grid=Grid(0.1),
        start_step=0,
        populations={"b": 7, "a ä": 30},
        spikes={"b": None, "a ä": np.array([3, 11, 4])},
        probes=(ProbeLayout("a ä", "v", np.array([9, 2]), 3, "mV"), ProbeLayout("b", "w", np.arange(1), 1)),
        seed=2**64 - 1,
        description={"title": "a check"},
    )
    return Layout(**given | change)


class _Play:
    """A recording, and plain lists of what of it was committed."""

    def __init__(self, sink: Sink, layout: Layout) -> None:
        self.sink, self.layout, self.draw = sink, layout, np.random.default_rng(7)
        self.step = layout.start_step
        self.spikes: dict[str, list[tuple[float, int]]] = {name: [] for name in layout.spikes}
        self.rows: list[list[tuple[int, list[float]]]] = [[] for _ in layout.probes]

    def through(self, batches: int = 12, interrupted: bool = False) -> None:
        self.sink.expect(self.layout, 1000)
        self.sink.begin(self.layout)
        self.check("before the first batch")
        early, at = None, self.committed()
        for k in range(batches):
            self.batch(20)
            if k % 5 == 0:
                self.check(f"after batch {k}")
                early, at = early or self.sink.result(), at if early else self.committed()
            if k == 6:
                self.sink.flush()
                self.sink.pause({"events": 1})
        if interrupted:
            self.batch(20, commit=False)
            self.check("with a batch that was not committed")
        self.sink.end({"events": 3}, interrupted)
        self.check("at the end")
        found = self.sink.result()
        if isinstance(found, Result):
            for name, wanted in (("events", 3), ("interrupted", interrupted)):
                hold(found.stats.get(name) == wanted, f"stats[{name!r}]: wanted {wanted}, got {found.stats.get(name)}")
            if early is not None:
                self.same(early, at, "a result that was taken earlier")

    def batch(self, steps: int, commit: bool = True) -> None:
        last = self.step + steps
        for name, chosen in self.layout.spikes.items():
            who = np.arange(self.layout.populations[name]) if chosen is None else chosen
            count = int(self.draw.integers(9))
            when = self.draw.integers(self.step + 1, last + 1, count)
            events = sorted({(int(s), int(i)) for s, i in zip(when, self.draw.choice(who, count))})
            if not events:
                continue
            moments = np.array([s for s, _ in events])
            if self.layout.exact:
                moments = self.layout.grid.times(moments) - 0.03
            ids = np.array([i for _, i in events], np.int64)
            if commit:
                self.spikes[name] += zip(self.layout.times(moments).tolist(), ids.tolist())
            self.sink.spikes(name, moments, ids)
            moments[:], ids[:] = moments[-1], ids[0]  # they are the caller's again
        for k, probe in enumerate(self.layout.probes):
            rows = [s for s in range(self.step + 1, last + 1) if (s - self.layout.start_step) % probe.every_steps == 0]
            values = self.draw.normal(size=(len(rows), probe.ids.size))
            if commit:
                self.rows[k] += zip(rows, values.tolist())
            if rows:
                self.sink.samples(k, rows[0], values)
                values[:] = np.nan
        if commit:
            self.sink.commit(last)
            self.step = last

    def committed(self) -> Any:
        return self.step, {name: list(s) for name, s in self.spikes.items()}, [list(rows) for rows in self.rows]

    def check(self, when: str) -> None:
        try:
            found = self.sink.result()
            if isinstance(found, Result):
                self.same(found, self.committed(), when)
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(f"{self.sink!r} {when}: {type(error).__name__}: {error}") from error

    def same(self, found: Result, committed: Any, when: str) -> None:
        step, spikes, samples = committed
        layout, where = self.layout, f"{self.sink!r} {when}"
        span = layout.start, layout.grid.time(step)
        hold((found.start, found.stop) == span, f"{where}: wanted {span} ms, got {(found.start, found.stop)}")
        hold(sorted(found.spikes) == sorted(spikes), f"{where}: spikes of {sorted(found.spikes)}")
        for name, events in spikes.items():
            trains = found.spikes[name]
            came = list(zip(trains.times.tolist(), trains.ids.tolist()))
            hold(came == events, f"{where}: spikes of {name!r}: wanted {len(events)} {events[:3]}, got {came[:3]}")
            hold(trains.size == layout.populations[name], f"{where}: size of {name!r}: {trains.size}")
        for probe, rows in zip(layout.probes, samples):
            trace = found.traces[probe.population][probe.variable]
            times = [layout.grid.time(s) for s, _ in rows]
            hold(trace.times.tolist() == times, f"{where}: times of {probe.variable!r}")
            hold(trace.values.tolist() == [v for _, v in rows], f"{where}: values of {probe.variable!r}")
            hold(trace.ids.tolist() == probe.ids.tolist(), f"{where}: neurons of {probe.variable!r}")


def _check_run(make: Callable[[], Any]) -> None:
    """The same network into this sink, in pieces, and into memory."""
    from ..engine.simulation import Simulation
    from ..network import Network
    from ..neurons import LIF

    net = Network(seed=1)
    cells = net.population("cells", 10, LIF(I_e=500.0))
    net.record(cells, "spikes", "v", every=0.5)
    found: list[Any] = []
    for sink in (MemorySink(), _made(make)):
        with Simulation(net, out=sink) as simulation:
            for piece in (10.0, 0.0, 25.0):
                simulation.run(piece)
        found.append(simulation.result())
    wanted, came = found
    if not isinstance(came, Result):
        return
    a, b = wanted.spikes["cells"], came.spikes["cells"]
    hold(len(a) > 0 and np.array_equal(a.times, b.times) and np.array_equal(a.ids, b.ids), "spikes of a run differ")
    v, w = wanted.traces["cells"]["v"], came.traces["cells"]["v"]
    hold(np.array_equal(v.values, w.values) and np.array_equal(v.times, w.times), "samples of a run differ")
    hold(came.stats["interrupted"] is False, "a run that returned is called interrupted")
