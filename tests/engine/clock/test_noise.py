"""Noise in equations and currents: laws in closed form, the order of the scheme, refusals."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine.clock.disturb import ADD, DRIFT
from spikesim.program.covariance import covariance, noise_factor

from ..test_seeds import NoisySeeds

FREE = ss.LIF(tau_m=10.0, C_m=250.0, E_L=-70.0, V_th=math.inf, t_ref=0.0)


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models declared here must not stay in the table of models."""
    import spikesim.neurons.contract as contract

    monkeypatch.setattr(contract, "_registry", dict(contract._registry))


def sampled(net: ss.Network, dt: float, variable: str = "v", duration: float = 400.0) -> np.ndarray:
    """Samples 40 ms apart, the first 80 ms left out."""
    net.record(net["c"], variable, every=40.0)
    return net.run(duration, dt=dt, progress=False, threads=1).traces["c"][variable].values[2:]


def test_covariance_against_closed_form() -> None:
    """Closed form: a current that drifts, and a leaky neuron behind it; short, long and very long steps."""
    tau, tau_m, C, sd = 5.0, 10.0, 250.0, 100.0
    D = np.array([[[-1.0 / tau, 0.0], [1.0 / C, -1.0 / tau_m]]])
    G = np.array([[[sd * math.sqrt(2.0 / tau)], [0.0]]])
    a, b = 1.0 / tau, 1.0 / tau_m
    for h in (0.01, 1.0, 100.0):
        q = 2.0 * a * sd**2
        e = [(1.0 - math.exp(-x * h)) / x for x in (2 * a, a + b, 2 * b)]
        k = 1.0 / (C * (b - a))  # of v: k (exp(-a t) - exp(-b t))
        wanted = [[q * e[0], q * k * (e[0] - e[1])], [0.0, q * k**2 * (e[0] - 2 * e[1] + e[2])]]
        found = covariance(D, G, h)[0]
        rtol = 1e-11 if h > 0.1 else 1e-4  # the closed form loses its digits there
        np.testing.assert_allclose([found[0, 0], found[0, 1], found[1, 1]], [*wanted[0], wanted[1][1]], rtol=rtol)
        L = noise_factor(D, G, h)[0]
        np.testing.assert_allclose(L @ L.T, found, rtol=1e-10)


@pytest.mark.parametrize("dt", [0.5, 4.0])
def test_currents(dt: float) -> None:
    """Closed form, at any step: sd of v behind white noise, and behind a current that drifts; mean; white in time."""
    for stimulus, mean, sd in (
        (ss.WhiteNoise(200.0), -70.0, 200.0 / 250.0 * math.sqrt(5.0)),
        (ss.OrnsteinUhlenbeck(100.0, 200.0, 5.0), -66.0, 200.0 * 0.04 * math.sqrt(5.0 / 15.0)),
    ):
        net = ss.Network(seed=1)
        net.inject(net.population("c", 1500, FREE), stimulus)
        v = sampled(net, dt)
        n = v.size  # samples 4 tau_m apart
        assert v.std() == pytest.approx(sd, rel=5.0 / math.sqrt(2 * n))
        assert v.mean() == pytest.approx(mean, abs=6.0 * sd / math.sqrt(n))
        assert abs(np.mean((v[:, 1:] - mean) * (v[:, :-1] - mean))) < 5.0 * sd**2 / math.sqrt(n)  # each its own


def test_drift_into_a_nonlinear_model() -> None:
    """Closed form: the same law where the model takes its own steps (a conductance that is 0)."""
    net = ss.Network(seed=1)
    cells = net.population("c", 1500, FREE)
    source = net.population("none", 1, ss.SpikeTimes([[]]))
    net.connect(
        source, cells, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.ConductanceExponential(tau=2.0, E_rev=0.0)
    )
    net.inject(cells, ss.OrnsteinUhlenbeck(100.0, 200.0, 5.0))
    v = sampled(net, 0.5)
    assert v.std() == pytest.approx(200.0 * 0.04 * math.sqrt(5.0 / 15.0), rel=5.0 / math.sqrt(2 * v.size))
    assert v.mean() == pytest.approx(-66.0, abs=0.2)


@pytest.mark.parametrize("dt", [0.1, 4.0, 25.0])
def test_a_current_and_its_mean_over_a_step_are_drawn_jointly(dt: float) -> None:
    """Closed form, x = dt / tau: variances 1 - e^-2x, (2x - 3 + 4 e^-x - e^-2x) / x^2; covariance (1 - e^-x)^2 / x."""
    tau, sd = 5.0, 200.0
    net = ss.Network(seed=1)
    net.inject(net.population("c", 3, ss.QIF()), ss.OrnsteinUhlenbeck(100.0, sd, tau))
    with ss.Simulation(net, dt=dt, engine="clock", threads=1) as sim:
        draws = sim.engine.workers[0].tables.draws
        numbers, kicks, sizes = draws.numbers.array(), draws.kicks.array(), draws.coef.array()
    L = np.zeros((2, len(numbers)))
    for k, number in enumerate(numbers):
        for kick in kicks[number["kick_lo"] : number["kick_hi"]]:
            L[{DRIFT: 0, ADD: 1}[int(kick["kind"])], k] += sizes[kick["at"]]
    x = dt / tau
    e = math.exp(-x)
    both = (1.0 - e) ** 2 / x
    wanted = sd**2 * np.array([[1.0 - e * e, both], [both, (2.0 * x - 3.0 + 4.0 * e - e * e) / x**2]])
    np.testing.assert_allclose(L @ L.T, wanted, rtol=1e-8)


@ss.model
class Silent(NamedTuple):
    """As NoisySeeds, but nothing makes it fire."""

    tau: float = 10.0
    sigma: float = 0.5

    states = ("v",)
    slope, diffusion = ss.equation(NoisySeeds.slope), ss.equation(NoisySeeds.diffusion)


@pytest.mark.parametrize("model", [NoisySeeds, Silent])
def test_diffusion_of_a_linear_model_is_exact(model: Any) -> None:
    """Closed form: sd = sigma sqrt(tau / 2) at a step as long as tau, also of a model without a margin."""
    net = ss.Network(seed=2)
    net.population("c", 2000, model(sigma=np.repeat([0.5, 1.0], 1000)))
    v = sampled(net, 10.0)
    for some, sigma in ((v[:, :1000], 0.5), (v[:, 1000:], 1.0)):
        assert some.std() == pytest.approx(sigma * math.sqrt(5.0), rel=5.0 / math.sqrt(2 * some.size))


def geometric() -> type:
    @ss.model
    class Geometric(NamedTuple):
        """dx = mu x dt + sigma x dW."""

        mu: float = 0.05
        sigma: float = 0.3

        states = ("x",)

        @ss.equation
        def slope(s, u, p):
            return (p.mu * s[0],)

        @ss.equation
        def diffusion(s, p):
            return (p.sigma * s[0],)

    return Geometric


def test_order_of_the_scheme() -> None:
    """Measured order: the mean (weak) and the path (strong) of geometric Brownian motion, whose solution is known.

    Weak: E x(T) = exp(mu T) in closed form.  Strong: the same increments on two steps, by the compiled step itself.
    """
    from spikesim.engine.equations import register, registered, runge_kutta
    from spikesim.engine.outside import ROW, diffused
    from spikesim.neurons import Input

    cls = geometric()
    p, T, paths = cls(mu=0.5, sigma=1.0), 1.0, 400
    key = register(p, (False, False))
    assert registered[key].diffusion is not None
    rng = np.random.default_rng(5)
    steps = np.array([8, 32, 128])
    fine = rng.standard_normal((paths, steps[-1])) * math.sqrt(T / steps[-1])
    exact = np.exp((p.mu - 0.5 * p.sigma**2) * T + p.sigma * fine.sum(1))
    flow, errors = runge_kutta(cls.slope), []
    diffused = getattr(diffused, "py_func", diffused)
    for n in steps:
        dW = fine.reshape(paths, n, -1).sum(2) / math.sqrt(T / n)
        error = 0.0
        for path in range(paths):
            x, extra = (1.0,), np.zeros(ROW)
            for k in range(n):
                extra[0] = dW[path, k]
                x = diffused(key, x, flow(x, Input(), p, T / n), p, extra, 0, math.sqrt(T / n))
            error += abs(x[0] - exact[path]) / paths
        errors.append(error)
    strong = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert strong == pytest.approx(1.0, abs=0.2), errors
    net = ss.Network(seed=1)
    net.record(net.population("c", 4000, cls(), x=1.0), "x", every=4.0)
    x = net.run(4.0, dt=0.1, progress=False, threads=1).traces["c"]["x"].values[-1]
    spread = math.exp(0.2) * math.sqrt(math.exp(0.09 * 4.0) - 1.0)
    assert x.mean() == pytest.approx(math.exp(0.2), abs=4.0 * spread / math.sqrt(x.size))
    assert np.log(x).std() == pytest.approx(0.6, rel=0.06)


def test_refused_by_the_event_engine() -> None:
    """By name, with the engine that can."""
    for build in (
        lambda net: net.inject(net.population("c", 2, ss.LIF()), ss.OrnsteinUhlenbeck(0.0, 1.0, 5.0)),
        lambda net: net.inject(net.population("c", 2, ss.LIF()), ss.WhiteNoise(1.0)),
        lambda net: net.population("c", 2, geometric()(), x=1.0),
    ):
        net = ss.Network(seed=1)
        build(net)
        with pytest.raises(ss.errors.InvalidValueError, match="clock"):
            net.run(1.0, engine="event", progress=False)
