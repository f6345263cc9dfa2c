"""Stimuli of one's own, on both engines.  Truth: quadrature (the battery), and the built-in ones that say the same."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.network.electrode import Stimulus
from spikesim.network.pieces import HOLD, LINE, SINE, Piece
from spikesim.testing import check_stimulus


@dataclass(frozen=True, eq=False)
class Staircase(Stimulus):
    """It is constant between its breaks, and not 0 before the first."""

    times: tuple[float, ...] = (3.0, 7.5, 12.0)

    piecewise_constant = True

    def value(self, t: np.ndarray) -> np.ndarray:
        return 100.0 - 40.0 * np.searchsorted(self.times, np.asarray(t, np.float64), side="right")

    def breaks(self) -> np.ndarray:
        return np.array(self.times)


@dataclass(frozen=True, eq=False)
class Unbroken(Staircase):
    """Says less breaks than it has."""

    told: tuple[float, ...] = ()

    def breaks(self) -> np.ndarray:
        return np.array(self.told)


@pytest.mark.parametrize("told", [(), (3.0,), (3.0, 12.0)])
def test_what_is_not_constant_between_its_breaks_is_refused_where_it_is_injected(told: tuple[float, ...]) -> None:
    net = ss.Network()
    cells = net.population("cells", 2, ss.LIF())
    with pytest.raises(
        InvalidValueError, match=r"inject into 'cells': Unbroken says that it is constant .* with no br"
    ):
        net.inject(cells, Unbroken(told=told))
    net.inject(cells, Unbroken(told=(3.0, 7.5, 12.0)))
    assert len(net.injections) == 1


@dataclass(frozen=True, eq=False)
class Chirp(Stimulus):
    """A ramp, nothing, two sines one after the other, and a level at last; three targets."""

    height: tuple[float, ...] = (50.0, 120.0, 200.0)

    @property
    def targets(self) -> int:
        return len(self.height)

    def pieces(self) -> list[Piece]:
        h = np.array(self.height)
        return [
            Piece(LINE, 1.0, 4.0, (0.0, h)),
            Piece(SINE, 6.0, 11.0, (20.0, h, 0.7, 0.4)),
            Piece(SINE, 11.0, 15.5, (-h, 60.0, 1.9, 0.0)),
            Piece(HOLD, 15.5, math.inf, (0.3 * h,)),
        ]

    def breaks(self) -> np.ndarray:
        return np.array([1.0, 4.0, 6.0, 11.0, 15.5])

    def value(self, t: np.ndarray) -> np.ndarray:
        t, h = np.asarray(t, np.float64)[:, None], np.array(self.height)
        first = ((t >= 1.0) & (t < 4.0)) * h * (t - 1.0) / 3.0
        second = ((t >= 6.0) & (t < 11.0)) * (20.0 + h * np.sin(0.7 * (t - 6.0) + 0.4))
        third = ((t >= 11.0) & (t < 15.5)) * (-h + 60.0 * np.sin(1.9 * (t - 11.0)))
        return np.asarray(first + second + third + (t >= 15.5) * 0.3 * h)


class Smooth(Stimulus):
    """Nothing but its value is known."""

    def value(self, t: np.ndarray) -> np.ndarray:
        return np.exp(-0.1 * np.asarray(t, np.float64))


@pytest.mark.parametrize("stimulus", [Staircase(), Staircase(()), Chirp()], ids=["staircase", "constant", "chirp"])
def test_the_battery_on_both_engines(stimulus: Any) -> None:
    check_stimulus(stimulus)
    _run(stimulus, "event")  # (the battery passes over what is refused)


def _network(stimulus: Any) -> ss.Network:
    net = ss.Network(seed=2)
    cells = net.population("cells", 3, ss.LIF(I_e=[450.0, 520.0, 700.0]))
    net.inject(cells, stimulus)
    net.record(cells, "spikes")
    return net


def _run(stimulus: Any, engine: str) -> ss.Result:
    return _network(stimulus).run(20.0, engine=engine, progress=False)


def _level(times: tuple[float, ...], levels: tuple[float, ...], until: float) -> float:
    """What v of a leaky neuron (10 ms, 250 pF) is away from rest."""
    ends = [0.0, *(t for t in times if 0.0 < t < until), until]
    found = 0.0
    for a, b in itertools.pairwise(ends):
        level = levels[sum(t <= a for t in times)]
        found += level * 10.0 / 250.0 * (math.exp((b - until) / 10.0) - math.exp((a - until) / 10.0))
    return found


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_it_flows_before_its_first_break_and_after_its_last(engine: str) -> None:
    """Whatever the breaks are, and wherever a run is divided."""

    @dataclass(frozen=True, eq=False)
    class Levels(Stimulus):
        times: tuple[float, ...]
        levels: tuple[float, ...]
        side: Any = "right"

        piecewise_constant = True

        def value(self, t: np.ndarray) -> np.ndarray:
            return np.array(self.levels)[np.searchsorted(self.times, t, side=self.side)]

        def breaks(self) -> np.ndarray:
            return np.array(self.times)

    told: Any = [
        ((3.0, 7.5, 12.0), (100.0, 60.0, 20.0, -20.0)),
        ((), (100.0,)),
        ((0.0,), (70.0, 100.0)),
        ((0.0, 5.0), (70.0, 100.0, 0.0)),
        ((5.0,), (100.0, 0.0)),
        ((3.0, 25.0), (100.0, 0.0, 50.0)),
        ((25.0,), (100.0, 50.0)),
        ((3.0, 8.0), (1.0, 2.0, 30.0), "left"),  # (a value at a jump that is not right-continuous is nowhere felt)
    ]
    told += [((-5.0, 8.0), (1.0, 2.0, 30.0)), ((-5.0,), (1.0, 90.0))] if engine == "event" else []
    for one in told:
        wanted = _level(*one[:2], 20.0)
        for pieces in ((20.0,), (3.0, 17.0), (1.0, 2.0, 17.0), (7.5, 12.5)):
            net = ss.Network(seed=1)
            cells = net.population("cells", 2, ss.LIF(tau_m=10.0, C_m=250.0, E_L=0.0, V_th=math.inf, V_reset=-10.0))
            net.inject(cells, Levels(*one))
            net.record(cells, "v", every=0.5)
            sim = ss.Simulation(net, dt=0.5, engine=engine)
            found = [sim.run(piece, progress=False) for piece in pieces][-1].traces["cells"]["v"].values[-1]
            assert np.allclose(found, wanted, rtol=1e-12, atol=1e-12), (one, pieces, found, wanted)


def test_the_clock_converges() -> None:
    """Of a nonlinear neuron, to what the event engine says: a quarter of the error at half the step."""

    def v(engine: str, dt: float = 0.1, **accuracy: float) -> np.ndarray:
        net = ss.Network(seed=2)
        cells = net.population("cells", 3, ss.AdEx(V_peak=40.0))
        net.inject(cells, Chirp())
        net.record(cells, "v", every=1.0)
        return net.run(20.0, dt=dt, engine=engine, progress=False, **accuracy).traces["cells"]["v"].values

    right = v("event", rtol=1e-11, atol=1e-12)
    coarse, fine = (np.abs(v("clock", dt) - right).max() for dt in (0.1, 0.05))
    assert 1e-8 < coarse < 1e-2 and 3.0 < coarse / fine < 5.0


@pytest.mark.parametrize("stimulus", [Staircase(), Chirp()], ids=["staircase", "chirp"])
def test_a_state_goes_on(stimulus: Any, tmp_path: Path) -> None:
    """The same bits for threads, in pieces, from a saved state and from a fork of it."""

    def run(threads: int, *pieces: float) -> bytes:
        sim = ss.Simulation(_network(stimulus), engine="event", threads=threads)
        return [sim.run(piece, progress=False) for piece in pieces][-1].spikes["cells"].times.tobytes()

    whole = run(1, 20.0)
    assert len(whole) > 8 * 3 and run(2, 20.0) == whole and run(1, 3.0, 4.5, 0.1, 12.4) == whole
    sim = ss.Simulation(_network(stimulus), engine="event")
    first = sim.run(12.3, progress=False).spikes["cells"].times.tobytes()
    sim.save(tmp_path / "state.h5")
    for other in (sim.branch(1)[0], ss.Simulation.resume(tmp_path / "state.h5", _network(stimulus))):
        rest = other.run(7.7, progress=False).spikes["cells"].times.tobytes()
        assert rest and first + rest == whole


def test_the_bits_of_the_built_in_ones() -> None:
    """What says the same gives the same spikes."""

    class Told(Stimulus):
        def __init__(self, like: Any) -> None:
            self.like = like

        def value(self, t: np.ndarray) -> np.ndarray:
            return np.asarray(self.like.value(t))

        def breaks(self) -> np.ndarray:
            return np.asarray(self.like.breaks())

        def pieces(self) -> list[Piece]:
            return list(self.like.pieces())

    for like in (ss.Sine(200.0, 37.0, 0.3, 50.0, 2.0, 13.3), ss.Waveform([1.0, 5.0, 9.0], [0.0, 400.0, 100.0])):
        found, expected = (_run(s, "event").spikes["cells"].times for s in (Told(like), like))
        assert expected.size > 2 and found.tobytes() == expected.tobytes()


def test_one_that_is_constant_between_breaks_is_a_rate() -> None:
    """Two levels of a Poisson process: counts within five standard deviations, on both engines."""

    class Levels(Stimulus):
        piecewise_constant = True

        def value(self, t: np.ndarray) -> np.ndarray:
            return np.where(np.asarray(t) < 100.0, 20.0, 90.0)

        def breaks(self) -> np.ndarray:
            return np.array([100.0])

        def range(self) -> tuple[float, float]:
            return 20.0, 90.0

    for engine in ("clock", "event"):
        net = ss.Network(seed=4)
        net.record(net.population("source", 200, ss.Poisson(rate=Levels())), "spikes")
        times = net.run(200.0, engine=engine, progress=False).spikes["source"].times
        for count, mean in ((np.sum(times <= 100.0), 400.0), (np.sum(times > 100.0), 1800.0)):
            assert abs(count - mean) < 5.0 * math.sqrt(mean)


def test_what_has_no_meaning_there_is_refused() -> None:
    assert _run(Smooth(), "clock").spikes["cells"].times.size > 0
    with pytest.raises(InvalidValueError, match=r"inject .*Smooth.*`pieces`.*Waveform.*clock"):
        _run(Smooth(), "event")

    def wrong(*pieces: Any) -> Any:
        class Wrong(Smooth):
            def pieces(self) -> list[Piece]:
                return list(pieces)

        return Wrong()

    for pieces, words in (
        ((3.0,), "number 0: wanted Piece"),
        ((Piece(LINE, 0.0, 3.0, (1.0,)),), "number 0: wanted Piece"),
        (
            (Piece(HOLD, 0.0, 3.0, (1.0,)), Piece(HOLD, 2.0, 5.0, (1.0,))),
            r"number 1: wanted one that begins at or after 3 ms",
        ),
        ((Piece(LINE, 0.0, math.inf, (1.0, 2.0)),), "at a finite time"),
        ((Piece(HOLD, 0.0, 3.0, (math.nan,)),), "number 0: wanted a number, finite"),
        ((Piece(HOLD, 0.0, 3.0, ([1.0, 2.0],)),), "number 0: wanted a number, finite"),
        ((Piece(HOLD, 0.0, 3.0, ("strong",)),), "number 0: wanted numbers, got str"),
        ((Piece(SINE, 0.0, 3.0, (0.0, 1.0, -1.0, 0.0)),), "omega must be >= 0"),
        ((Piece(LINE, 0.0, 3.0, (1.0, 0.9)),), r"at 0.09 ms it is 0.997 by them, but 0.991\d* by `value`"),
        ((), r"it is 0 by them, but"),
    ):
        with pytest.raises((InvalidTypeError, InvalidValueError), match=words):
            _run(wrong(*pieces), "event")


def test_what_it_says_of_itself_is_checked_where_it_is_asked_for() -> None:
    """Breaks where it is injected; values where an engine asks for them."""

    def told(value: Any, breaks: Any = (), constant: bool = True) -> Any:
        class Told(Stimulus):
            piecewise_constant = constant

            def value(self, t: np.ndarray) -> Any:
                return value(t)

            def breaks(self) -> Any:
                return breaks

        return Told()

    for breaks, words in (
        ([7.0, 3.0], r"inject into 'cells': Told.breaks: wanted ascending times \(ms\), got 3.0 behind 7.0; sort"),
        ([math.nan], r"inject into 'cells': Told.breaks: wanted finite"),
        ([5.0, math.inf], r"Told.breaks: wanted finite .* got inf at index 1; leave out"),
        ([[1.0]], r"Told.breaks: .*got shape \(1, 1\)"),
        (3.0, r"Told.breaks: .*got shape \(\)"),
        (["early"], r"Told.breaks: wanted times"),
        (None, r"Told.breaks: wanted times"),
    ):
        with pytest.raises((InvalidTypeError, InvalidValueError), match=words):
            _network(told(np.zeros_like, breaks))
    for engine, constant in (("clock", True), ("clock", False), ("event", True)):
        for value, words in (
            (lambda t: np.where(t > 8.0, math.nan, 1.0), r"Told.value is nan at .* it must be finite"),
            (lambda t: 1.0, r"Told.value of \d+ times: wanted an array of shape .*, got shape \(\)"),
            (lambda t: np.ones((t.size, 2)), r"Told.value of \d+ times: wanted an array of shape"),
            (lambda t: None, r"Told.value: wanted an array"),
        ):
            with pytest.raises((InvalidTypeError, InvalidValueError), match=words):
                _run(told(value, [5.0, 10.0], constant), engine)
