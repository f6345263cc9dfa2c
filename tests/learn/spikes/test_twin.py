"""The fused pass against its slow twin, the neuron's own verbs on the tape: the same spikes, the same gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim import learn
from spikesim.errors import InvalidValueError
from spikesim.learn.spikes import unroll
from spikesim.learn.spikes.operation import as_array, through
from spikesim.neurons import equation, model

RNG = np.random.default_rng(4)
AREA = ss.Exponential(5.0, normalize="area")
LIF = ss.LIF.normalized()
IN_MV = ss.LIF(tau_m=np.array([10.0, 12.0, 15.0, 20.0]), I_e=300.0)

CASES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "plain": (LIF, AREA, {}),
    "attached": (LIF, AREA, {"reset": "attached"}),
    "recurrent": (LIF, AREA, {"recurrent": True}),
    "everything learns": (LIF, AREA, {"recurrent": True, "learn": ("tau_m", "C_m", "V_th", "synapse.tau", "V_reset")}),
    "one delay": (LIF, AREA, {"recurrent": True, "recurrent_delays": 3.0, "delays": 2.0, "surrogate": "arctan"}),
    "each its delay": (
        LIF,
        AREA,
        {
            "recurrent": True,
            "recurrent_delays": RNG.uniform(1, 6, (4, 4)),
            "delays": RNG.uniform(1, 6, (4, 6)),
            "surrogate": "triangle",
            "learn": ("tau_m",),
        },
    ),
    "delays of axons": (LIF, AREA, {"delays": RNG.uniform(1, 6, 6), "surrogate": "gaussian"}),
    "delta": (LIF, ss.Delta(), {"surrogate": "boxcar", "recurrent": True}),
    "in mV": (IN_MV, ss.Exponential(3.0), {"learn": ("tau_m", "C_m", "E_L"), "reset": "attached", "dt": 0.5}),
    "soft reset": (learn.IntegrateAndFire(gain=1.0), AREA, {"reset": "attached", "learn": ("gain",)}),
}


def both(case: str, kind: Any = np.float64) -> list[tuple[np.ndarray, dict[str, np.ndarray]]]:
    neuron, synapse, options = CASES[case]
    rng = np.random.default_rng(1)
    x = (rng.random((5, 30, 6)) < 0.3).astype(kind)
    g = rng.normal(size=(5, 30, 4)).astype(kind)
    found = []
    for fused in (True, False):
        layer = learn.Spiking(4, neuron, synapse, n_in=6, seed=3, fused=fused, gain=4.0, **options).astype(kind)
        below = learn.Var(x)
        out = layer(below)
        (out * g).sum().backward()
        gradients = {name: np.array(p.grad) for name, p in layer.named_parameters()} | {"x": np.array(below.grad)}
        found.append((out.detach().numpy(), gradients))
    return found


@pytest.mark.parametrize("case", CASES)
def test_twin(case: str) -> None:
    (spikes, gradients), (twin_spikes, twin_gradients) = both(case)
    assert spikes.sum() > 10
    np.testing.assert_array_equal(spikes, twin_spikes)
    for name, value in gradients.items():
        scale = np.abs(twin_gradients[name]).max()
        assert scale > 0.0, name
        np.testing.assert_allclose(value, twin_gradients[name], atol=1e-11 * scale, err_msg=name)


def test_float32() -> None:
    """Half the precision, the same gradients to its rounding."""
    (a, exact), (b, low) = both("recurrent")[0], both("recurrent", np.float32)[0]
    np.testing.assert_array_equal(a, b)
    for name, value in exact.items():
        assert low[name].dtype == np.float32
        np.testing.assert_allclose(low[name], value, atol=1e-4 * np.abs(value).max(), err_msg=name)


def smooth(layer: Any, margin: Any, per_width: Any) -> Any:
    """A spike function that is the integral of the arctan surrogate: everything is differentiable then."""

    def forward(m: Any) -> Any:
        z = 0.5 * np.pi * layer.surrogate.scale * m * per_width
        slope = per_width / (1.0 + z * z)
        return 0.5 + np.arctan(z) / (0.5 * np.pi * layer.surrogate.scale), lambda g, _: [g * slope]

    return through("smooth", forward, margin)


def test_twin_by_finite_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a smooth spike the twin is a plain function: its gradient, reset and all, is that of central differences."""
    monkeypatch.setattr(unroll, "spike", smooth)
    monkeypatch.setattr(learn.Spiking, "per_width", lambda self, cell: np.ones(3))  # the surrogate's unit: a constant
    neuron = ss.LIF.normalized(t_ref=0.0)
    options: dict[str, Any] = {"surrogate": ("arctan", 2.0), "reset": "attached", "recurrent": True}
    layer = learn.Spiking(
        3, neuron, AREA, n_in=4, seed=3, fused=False, gain=3.0, learn=("tau_m", "synapse.tau", "V_th"), **options
    )
    rng = np.random.default_rng(2)
    x, g = (rng.random((2, 12, 4)) < 0.4).astype(float), rng.normal(size=(2, 12, 3))

    def value() -> Any:
        return (layer(learn.Var(x)) * g).sum()

    value().backward()
    for name, p in layer.named_parameters():
        flat = p.val.reshape(-1)
        for k in range(min(flat.size, 5)):
            h, kept = 1e-5, flat[k]
            flat[k] = kept + h
            up = float(value().item())
            flat[k] = kept - h
            down = float(value().item())
            flat[k] = kept
            assert np.reshape(p.grad, -1)[k] == pytest.approx((up - down) / (2.0 * h), rel=1e-6, abs=1e-8), name


def test_truncation_cuts() -> None:
    """No gradient passes a multiple of `truncate`: the input before it has none from a loss after it."""
    x = np.ones((1, 20, 3))
    g = np.zeros((1, 20, 4))
    g[:, 12:] = 1.0
    layer = learn.Spiking(4, LIF, AREA, n_in=3, seed=1, gain=4.0, truncate=10, reset="attached")
    below = learn.Var(x)
    (layer(below) * g).sum().backward()
    assert np.all(below.grad[:, :9] == 0.0)
    assert np.any(below.grad[:, 9:] != 0.0)
    layer = learn.Spiking(4, LIF, AREA, n_in=3, seed=1, gain=4.0, truncate=20)
    whole = learn.Spiking(4, LIF, AREA, n_in=3, seed=1, gain=4.0)
    for one in (layer, whole):
        (one(x) * g).sum().backward()
    np.testing.assert_array_equal(layer.weight.grad, whole.weight.grad)


def test_learnt_delays_follow_the_loss() -> None:
    """A spike that should come later: the gradient of its delay says so, and descending it moves it there."""
    x = np.zeros((1, 40, 1))
    x[0, 2, 0] = 1.0
    layer = learn.Readout(1, synapse=AREA, delays=True, n_in=1, seed=0, read="mean", max_delay=20.0, bias=False)
    layer.set_weights([[50.0]])
    layer.delay.val = np.array([[0.25]])
    at_first = layer.delay_ms().item()
    target = np.zeros((1, 40, 1))
    target[0, 15:30] = 1.0
    optimizer = learn.Adam([layer.delay], lr=0.05)
    layer.read = "trace"
    for _ in range(30):
        optimizer.zero_grad()
        v = learn.Spiking.forward(layer, x)
        (-(v * target)).sum().backward()
        optimizer.step()
    assert at_first == 5.0
    assert 8.0 <= layer.delay_ms().item() <= 20.0


@pytest.mark.parametrize("recurrent", [True, False], ids=["recurrent", "independent"])
def test_threads_have_the_same_bits(recurrent: bool) -> None:
    """Sums have one order, whatever the number of threads."""
    rng = np.random.default_rng(3)
    x = (rng.random((70, 15, 40)) < 0.2).astype(np.float32)
    found = []
    for threads in (1, 2, 3):
        layer = learn.Spiking(90, LIF, AREA, n_in=40, seed=1, gain=3.0, threads=threads, recurrent=recurrent)
        layer = layer.astype(np.float32)
        (layer(learn.Var(x) if recurrent else x) ** 2).mean().backward()
        found.append([np.asarray(p.grad).tobytes() for p in layer.parameters()])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    "options",
    [{}, {"delays": RNG.uniform(1, 6, 40), "reset": "attached"}, {"truncate": 4, "surrogate": "boxcar"}],
    ids=str,
)
def test_independent_neurons_in_one_pass(options: dict[str, Any]) -> None:
    """Without anybody who asks for the gradient of what comes in, weights get theirs in the same pass: the same."""
    rng = np.random.default_rng(3)
    x = (rng.random((20, 15, 40)) < 0.05).astype(float)
    g = rng.normal(size=(20, 15, 300))
    found = []
    for below in (x, learn.Var(x)):
        layer = learn.Spiking(300, LIF, AREA, n_in=40, seed=1, gain=9.0, **options)
        out = layer(below)
        (out * g).sum().backward()
        found.append({name: np.array(p.grad) for name, p in layer.named_parameters()})
    assert as_array(out).sum() > 100
    for name, value in found[1].items():
        np.testing.assert_allclose(found[0][name], value, rtol=0.0, atol=1e-13 * np.abs(value).max(), err_msg=name)


@model
class QIF(NamedTuple):
    """A user's neuron:  tau dv/dt = v^2 + I"""

    tau: float = 10.0
    V_peak: float = 20.0
    V_reset: float = -20.0

    states = ("v",)

    @equation
    def slope(s, u, p):
        (v,) = s
        return ((v * v + u.current) / p.tau,)

    @equation
    def margin(s, p):
        return s[0] - p.V_peak

    @equation
    def reset(s, p):
        return (p.V_reset,)

    @equation
    def rest(p):
        return (-1.0,)


OTHERS = {
    "QIF": (QIF(), ss.Exponential(5.0), 30.0),
    "AdEx": (ss.AdEx(), ss.Exponential(5.0), 3000.0),
    "Izhikevich": (ss.Izhikevich(), ss.Alpha(3.0), 80.0),
    "alpha": (ss.LIF(), ss.Alpha(3.0), 2000.0),
    "conductance": (ss.LIF(), ss.ConductanceExponential(5.0, 0.0), 60.0),
    "Hodgkin and Huxley": (ss.HodgkinHuxley(), ss.Exponential(5.0), 6000.0),
}


@pytest.mark.parametrize("name", OTHERS)
def test_any_neuron_sends_the_simulators_spikes(name: str) -> None:
    """What the fused loops do not know goes step by step, and is the clock engine's run all the same."""
    neuron, synapse, size = OTHERS[name]
    layer = learn.Spiking(3, neuron, synapse, n_in=4, dt=0.1, seed=2, bias=False)
    layer.set_weights(np.abs(layer.weight.val) * size / np.abs(layer.weight.val).mean() / 4.0)
    x = np.zeros((2, 300, 4))
    x[0, 10::50] = x[1, 30::40] = 1.0
    spikes = as_array(layer.eval()(x))
    run = learn.run_network(learn.Sequential(layer), x)
    assert spikes.sum() >= 6
    np.testing.assert_array_equal(spikes, run.spikes["layer 1"])


def test_gradients_of_a_users_neuron() -> None:
    """Its verbs run on the tape: weights and parameters have gradients that are finite and not zero."""
    layer = learn.Spiking(3, QIF(), ss.Exponential(5.0), n_in=4, dt=0.1, seed=2, learn=("tau", "V_peak"))
    layer.set_weights(np.full((3, 4), 8.0))
    x = np.zeros((1, 200, 4))
    x[0, 10::50] = 1.0
    (layer(x) * np.arange(200.0)[:, None]).sum().backward()
    for name in ("weight", "log_tau", "V_peak"):
        g = dict(layer.named_parameters())[name].grad
        assert np.all(np.isfinite(g)) and np.any(g != 0.0), name


@pytest.mark.parametrize("option", [{"delays": True}, {"delays": "axon"}, {"truncate": 7}], ids=str)
def test_what_the_tape_cannot_do_is_refused_there(option: dict[str, Any]) -> None:
    """Gradients of delays were zero, and none was cut, without a word."""
    with pytest.raises(InvalidValueError, match="fused=False, so it goes through the tape"):
        learn.Spiking(3, ss.LIF.normalized(), ss.Exponential(5.0), n_in=2, fused=False, **option)
