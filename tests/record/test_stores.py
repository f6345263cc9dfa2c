"""One body of tests over both stores: what goes in comes out, exactly what was committed and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim.errors as errors
from spikesim.grid import Grid
from spikesim.record.layout import Layout, ProbeLayout
from spikesim.record.memory import MemorySink
from spikesim.record.sink import Sink


def make_layout(**change: Any) -> Layout:
    ids = np.array([4, 0, 2])
    given: dict[str, Any] = dict(
        grid=Grid(0.1),
        start_step=0,
        populations={"inh": 20, "exc": 80},
        spikes={"inh": None, "exc": np.arange(10, 30)},
        probes=(ProbeLayout("exc", "v", ids, 5, "mV"), ProbeLayout("exc", "I_syn", ids[:1], 2, "pA")),
        seed=42,
        description={"title": "a test", "model": {"tau_m": 20.0}},
    )
    return Layout(**(given | change))


class Truth:
    """Plain lists of everything that was given, kept beside the sink."""

    def __init__(self, sink: Sink, seed: int = 0) -> None:
        self.sink, self.rng = sink, np.random.default_rng(seed)
        layout = sink.opened
        self.step = layout.start_step
        self.spikes: dict[str, list[tuple[int, int]]] = {name: [] for name in layout.spikes}
        self.samples: list[list[tuple[int, np.ndarray]]] = [[] for _ in layout.probes]

    def batch(self, steps: int = 15, commit: bool = True) -> None:
        layout, rng = self.sink.opened, self.rng
        last = self.step + steps
        for name, ids in layout.spikes.items():
            who = np.arange(layout.populations[name]) if ids is None else ids
            events = sorted(
                {(int(rng.integers(self.step + 1, last + 1)), int(rng.choice(who))) for _ in range(rng.integers(9))}
            )
            if events:
                when, ident = np.array(events, np.int64).T
                self.sink.spikes(name, when.copy(), ident.copy())
            if commit:
                self.spikes[name] += events
        for k, probe in enumerate(layout.probes):
            rows = [s for s in range(self.step + 1, last + 1) if (s - layout.start_step) % probe.every_steps == 0]
            if rows:
                values = rng.normal(size=(len(rows), probe.ids.size))
                self.sink.samples(k, rows[0], values.copy())
                if commit:
                    self.samples[k] += list(zip(rows, values))
        if commit:
            self.sink.commit(last)
            self.step = last

    def check(self, result: Any) -> None:
        layout = self.sink.opened
        dt = layout.grid.fraction
        assert (result.start, result.stop) == (float(layout.start_step * dt), float(self.step * dt))
        assert result.dt == layout.grid.dt and dict(result.description) == dict(layout.description)
        assert sorted(result.spikes) == sorted(layout.spikes)
        for name, events in self.spikes.items():
            trains = result.spikes[name]
            assert trains.times.tolist() == [float(step * dt) for step, _ in events]
            assert trains.ids.tolist() == [ident for _, ident in events]
            assert (trains.size, trains.name) == (layout.populations[name], name)
            assert (trains.start, trains.stop) == (result.start, result.stop)
            chosen = layout.spikes[name]
            assert trains.neurons is None if chosen is None else trains.neurons.tolist() == chosen.tolist()
        for probe, rows in zip(layout.probes, self.samples):
            trace = result.traces[probe.population][probe.variable]
            assert trace.times.tolist() == [float(step * dt) for step, _ in rows]
            assert np.array_equal(trace.values, np.array([v for _, v in rows]).reshape(-1, probe.ids.size))
            assert trace.ids.tolist() == probe.ids.tolist()
            assert (trace.variable, trace.unit, trace.name) == (probe.variable, probe.unit, probe.population)


@pytest.fixture(params=["memory", "file"])
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Sink:
    if request.param == "memory":
        return MemorySink()
    from spikesim.record.hdf5 import HDF5Sink

    return HDF5Sink(tmp_path / "run.h5")


def test_what_goes_in_comes_out(sink: Sink) -> None:
    sink.begin(make_layout())
    truth = Truth(sink)
    truth.check(sink.result())  # nothing yet
    for k in range(40):
        truth.batch()
        if k % 13 == 0:
            truth.check(sink.result())
    sink.end({"events": 12}, interrupted=True)
    result = sink.result()
    truth.check(result)
    assert result.stats["events"] == 12 and result.stats["interrupted"] and result.stats["seed"] == 42
    assert result.stats["versions"]["numpy"] == np.__version__


def test_only_what_was_committed(sink: Sink) -> None:
    sink.begin(make_layout())
    truth = Truth(sink)
    for _ in range(5):
        truth.batch()
    truth.batch(commit=False)
    truth.check(sink.result())
    sink.end(interrupted=True)
    truth.check(sink.result())


def test_a_result_does_not_change_when_the_run_goes_on(sink: Sink) -> None:
    sink.begin(make_layout())
    truth = Truth(sink)
    truth.batch()
    result = sink.result()
    before = [result.spikes["inh"].times.tolist(), result.traces["exc"]["v"].values.tolist()]
    for _ in range(3):
        truth.batch()
    assert [result.spikes["inh"].times.tolist(), result.traces["exc"]["v"].values.tolist()] == before


def test_late_start_and_huge_steps(sink: Sink) -> None:
    """Steps past 2^31 keep their exact times: step * dt as one rounding of a rational."""
    start = 10**13
    sink.begin(make_layout(start_step=start))
    truth = Truth(sink)
    for _ in range(4):
        truth.batch()
    sink.end()
    truth.check(sink.result())


def test_times_between_the_grid(sink: Sink) -> None:
    sink.begin(make_layout(exact=True, probes=(), spikes={"inh": None}))
    sink.spikes("inh", np.array([0.123456789, 0.3]), np.array([3, 2]))
    sink.commit(4)
    sink.end()
    assert sink.result().spikes["inh"].times.tolist() == [0.123456789, 0.3]


def test_nothing_recorded(sink: Sink) -> None:
    sink.begin(make_layout(probes=(), spikes={}))
    sink.commit(100)
    sink.end()
    result = sink.result()
    assert result.stop == 10.0 and not result.spikes and not result.traces
    with pytest.raises(errors.UnknownNameError, match="no spikes of population 'exc'; none was recorded"):
        result.spikes["exc"]


def test_unknown_names_are_helped(sink: Sink) -> None:
    sink.begin(make_layout())
    result = sink.result()
    with pytest.raises(errors.UnknownNameError, match="did you mean 'exc'"):
        result.spikes["ecx"]
    with pytest.raises(KeyError, match="did you mean 'v'"):
        result.traces["exc"]["vv"]
    with pytest.raises(KeyError, match="weights"):
        result.weights["a"]


def test_weights_are_made_when_asked(sink: Sink) -> None:
    sink.begin(make_layout())
    asked = []
    result = sink.result().with_weights({"a to b": lambda: asked.append(1) or "W"})
    assert "a to b" in result.weights and list(result.weights) == ["a to b"] and not asked
    assert result.weights["a to b"] == "W" and asked == [1]


def test_one_recording_a_sink(sink: Sink) -> None:
    with pytest.raises(errors.StateError, match="has not begun"):
        sink.result()
    sink.begin(make_layout())
    with pytest.raises(errors.StateError, match="serves one run"):
        sink.begin(make_layout())


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", "a\x00b", "a\nb", "x" * 300, "\u202eabc", 3])
def test_names_that_are_no_names(name: Any) -> None:
    with pytest.raises(errors.InvalidValueError):
        make_layout(populations={"exc": 80, "inh": 20, name: 3})
    with pytest.raises(errors.InvalidValueError):
        make_layout(probes=(ProbeLayout("exc", name, np.arange(3), 1),))


def test_layout_refuses() -> None:
    with pytest.raises(errors.IndexRangeError, match=r"spikes of 'exc': neuron 80 is outside 0 \.\.\. 79"):
        make_layout(spikes={"exc": np.array([3, 80])})
    with pytest.raises(errors.IndexRangeError, match="twice"):
        make_layout(spikes={"exc": np.array([3, 3])})
    with pytest.raises(errors.InvalidValueError, match="'inp' is no population; known: "):
        make_layout(spikes={"inp": None})
    with pytest.raises(errors.InvalidValueError, match="already recorded"):
        make_layout(probes=(ProbeLayout("exc", "v", np.arange(3), 1),) * 2)
    with pytest.raises(errors.InvalidValueError, match="at least one step"):
        make_layout(probes=(ProbeLayout("exc", "v", np.arange(3), 0),))
