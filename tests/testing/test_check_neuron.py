"""The batteries of neurons and stimuli: every model and stimulus of the package passes, broken ones do not."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidTypeError
from spikesim.neurons import models
from spikesim.testing import check_neuron, check_stimulus
from spikesim.testing.neuron import _check_chance
from spikesim.testing.stimulus import _check_values

MODELS = {name: cls for name, cls in models().items() if cls.__module__.startswith("spikesim.neurons.")}
CURRENT = {"Izhikevich": 10.0, "FitzHughNagumo": 0.7, "MorrisLecar": 100.0, "EIF": 200.0}
STIMULI = [
    ss.DC(300.0, start=2.0, stop=9.0), ss.Steps([0.0, 5.0], [100.0, 200.0]), ss.Waveform([0.0, 7.3], [0.0, 300.0]),
    ss.Sine(200.0, 40.0), ss.Noise(10.0, 50.0), ss.OrnsteinUhlenbeck(100.0, 50.0, 5.0), ss.WhiteNoise(100.0),
]  # fmt: skip


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models declared here must not stay in the table of models."""
    import spikesim.neurons.contract as contract

    monkeypatch.setattr(contract, "_registry", dict(contract._registry))


@pytest.mark.slow
@pytest.mark.parametrize("cls", MODELS.values(), ids=MODELS)
def test_every_model_passes(cls: Any) -> None:
    """Both engines, or the clock where the event engine refuses."""
    check_neuron(cls, current=CURRENT.get(cls.__name__, 400.0))


@pytest.mark.parametrize("stimulus", STIMULI, ids=lambda s: type(s).__name__)
def test_every_stimulus_passes(stimulus: Any) -> None:
    """On the clock."""
    check_stimulus(stimulus, engines=("clock",))


@pytest.mark.slow
@pytest.mark.parametrize("stimulus", STIMULI, ids=lambda s: type(s).__name__)
def test_every_stimulus_passes_from_event_to_event(stimulus: Any) -> None:
    """Or is refused by name."""
    check_stimulus(stimulus, engines=("event",))


def test_as_many_spikes_as_the_hazard_says() -> None:
    """Of 100 neurons; if they were refractory for ever after their first spike, there would be too many."""
    _check_chance(ss.GIF(), "GIF", 200.0, {}, "clock", 4.0)
    with pytest.raises(AssertionError, match="the integral of the hazard is"):
        _check_chance(ss.GIF(), "GIF", 200.0, {}, "clock", 1000.0)


def test_a_current_of_numpy_is_a_number() -> None:
    """In single precision the equations would give the same on arrays and on numbers only to its digits."""
    check_neuron(ss.LIF, current=np.float32(500.0), engines=())
    with pytest.raises(InvalidTypeError, match="check_neuron: current"):
        check_neuron(ss.LIF, current="a", engines=())  # type: ignore[arg-type]


def euler(order: float) -> Any:
    """A leaky neuron with Euler's step that calls itself of this order."""

    @ss.model(states=("v",), order=order)
    class Wrong(NamedTuple):
        """dv/dt = -v / tau + I."""

        tau: float = 5.0

        @ss.equation
        def slope(s, u, p):
            return (-s[0] / p.tau + u.current,)

        @ss.equation
        def flow(s, u, p, dt):
            return (s[0] + dt * (-s[0] / p.tau + u.current),)

        @ss.equation
        def margin(s, p):
            return s[0] - 100.0

    return Wrong


def test_a_step_of_lower_order_is_caught() -> None:
    """Order 1 for the 2 that it states."""
    with pytest.raises(AssertionError, match="said to have order 2; against SciPy it has 1"):
        check_neuron(euler(2), current=1.0, initial={"v": 1.0})
    with pytest.raises(AssertionError, match="is no neuron model"):
        check_neuron(3.0)


def test_a_step_that_calls_itself_exact_is_caught_at_rest_too() -> None:
    """Without a current nothing moves at rest: the states are moved by hand."""
    with pytest.raises(AssertionError, match="said to be exact, but is off by"):
        check_neuron(euler(np.inf))


def test_a_current_that_is_not_what_it_says_is_caught() -> None:
    """A ramp that calls itself constant between its breaks."""

    class Ramp(ss.network.Stimulus):
        piecewise_constant = True

        def value(self, t: np.ndarray) -> np.ndarray:
            return np.asarray(t, float)

    with pytest.raises(AssertionError, match="piecewise_constant, but value changes"):
        check_stimulus(Ramp())


def test_a_jump_that_is_not_told_is_caught() -> None:
    """A step that is none of its breaks; the steep but continuous one passes."""

    class Switched(ss.network.Stimulus):
        def value(self, t: np.ndarray) -> np.ndarray:
            return np.where(np.asarray(t) >= 7.3, 100.0, 0.0)

    class Steep(ss.network.Stimulus):
        def value(self, t: np.ndarray) -> np.ndarray:
            return np.clip(1e3 * (np.asarray(t, float) - 7.25), 0.0, 100.0)

    class Pulse(ss.network.Stimulus):
        """It jumps where the check ends, and says so."""

        def value(self, t: np.ndarray) -> np.ndarray:
            return np.where((np.asarray(t) >= 5.0) & (np.asarray(t) < 20.0), 100.0, 0.0)

        def breaks(self) -> np.ndarray:
            return np.array([5.0, 20.0])

    _check_values(Pulse(), "Pulse")
    with pytest.raises(AssertionError, match=r"value jumps at 7\.3 ms, which is none of its breaks"):
        check_stimulus(Switched())
    _check_values(Steep(), "Steep")
