"""Where two runs part: cases built by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikesim import errors
from spikesim.analysis import compare, statistics
from spikesim.record.result import Result
from spikesim.trains import SpikeTrains, Traces


def result(exc: list, inh: list, shift: float = 0.0) -> Result:
    spikes = {
        "exc": SpikeTrains.from_lists(exc, stop=100.0, name="exc"),
        "inh": SpikeTrains.from_lists(inh, stop=100.0, name="inh"),
    }
    trace = Traces(np.arange(3.0), np.full((3, 1), shift), np.array([0]), "v", "mV", "exc")
    return Result.of(spikes, {("exc", "v"): trace}, start=0.0, stop=100.0, dt=0.1)


EXC, INH = [[10.0, 20.0, 30.0], [15.0]], [[12.0, 40.0]]


def test_equal_runs_are_identical() -> None:
    found = compare(result(EXC, INH), result(EXC, INH))
    assert found.identical and found.first is None
    exc = found.populations["exc"]
    assert (exc.counts, exc.matched, exc.largest_shift) == ((4, 4), 4, 0.0)
    assert exc.van_rossum == exc.victor_purpura == exc.spike == 0.0
    assert repr(found).startswith("Same spikes\n")
    assert found.traces == {("exc", "v"): 0.0}


def test_the_first_difference_is_the_earliest_of_all_populations() -> None:
    """exc parts at 30, inh at 39.5: a moved spike and a missing one."""
    other = result([[10.0, 20.0], [15.0]], [[12.0, 39.5]], shift=0.25)
    found = compare(result(EXC, INH), other)
    assert not found.identical
    assert found.first is not None
    assert (found.first.population, found.first.neuron, found.first.index) == ("exc", 0, 2)
    assert found.first.time_a == 30.0 and math.isnan(found.first.time_b) and found.first.time == 30.0
    assert str(found.first) == "exc, neuron 0, spike 2: 30 ms in a, no spike in b"
    inh = found.populations["inh"]
    assert inh.first is not None and (inh.first.time_a, inh.first.time_b) == (40.0, 39.5)
    # one spike of neuron 0 missing: cost 1, a mean of 1/2 over two neurons; inh: moved by 0.5 ms at 0.1/ms
    assert found.populations["exc"].victor_purpura == 0.5
    assert inh.victor_purpura == pytest.approx(0.05)
    assert inh.van_rossum == pytest.approx(math.sqrt(1 - math.exp(-0.05)))
    assert found.traces == {("exc", "v"): 0.25}
    text = repr(found)
    assert "First difference: exc, neuron 0, spike 2" in text and "39.5 ms" in text
    assert "Trace exc.v: largest difference 0.25" in text


def test_tolerance_accepts_small_shifts_and_swaps_of_simultaneous_spikes() -> None:
    a = SpikeTrains.from_lists([[10.0], [10.0]], stop=20.0, name="x")
    b = SpikeTrains.from_lists([[10.001], [9.999]], stop=20.0, name="y")
    assert not compare(a, b).identical
    found = compare(a, b, tolerance=0.002)
    assert found.identical
    assert found.populations["x"].largest_shift == pytest.approx(0.001)
    assert "within 0.002 ms" in repr(found)


def test_populations_of_one_side_only_are_reported() -> None:
    a = result(EXC, INH)
    found = compare(a, {"exc": a.spikes["exc"]})
    assert found.first is None and not found.identical
    assert found.only_a == ("inh",) and "Only in a: inh" in repr(found)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(errors.InvalidTypeError, match="b must be a Result"):
        compare(result(EXC, INH), 3)
    with pytest.raises(errors.InvalidValueError, match="2 neurons in a and 3 in b"):
        compare(result(EXC, INH), result([*EXC, []], INH))
    with pytest.raises(errors.InvalidValueError, match="tolerance"):
        compare(result(EXC, INH), result(EXC, INH), tolerance=math.nan)


def test_statistics_make_one_row_a_population() -> None:
    table = statistics(result([np.arange(10.0, 101.0, 10.0)] * 2, INH), start=0.0)
    assert table["exc"].rate == pytest.approx(100.0) and table["exc"].cv == pytest.approx(0.0, abs=1e-12)
    assert table["exc"].neurons == 2 and math.isnan(table["inh"].cv)
    assert len(repr(table).splitlines()) == 3
