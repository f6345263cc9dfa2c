"""Is this a stimulus?  The contract as a battery, over both engines."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..network.electrode import Stimulus
from ..network.network import Network
from ..network.stimulus import Noise, OrnsteinUhlenbeck, WhiteNoise
from ..neurons.lif import LIF
from .same_bits import check_same_bits, hold

__all__ = ["check_stimulus"]

UNTIL, DT, TAU, C = 20.0, 0.5, 10.0, 250.0  # ms, ms, ms, pF


@named
def check_stimulus(stimulus: Any, engines: tuple[str, ...] = ("clock", "event")) -> None:
    """Hold a stimulus to its contract.

    Its value has one number a time (and target), is finite and the same when asked again; it is right-continuous at its
    breaks, which ascend, does not jump between them, and is constant there if it says so; a leaky integrator under it
    reaches what quadrature says (not of chance); and a population under it gives the same bits in one thread and in
    three, in one piece and in two, from a copy of its state and from a file of it.  Runs have dt = 0.5 ms and end at
    20 ms: on the clock engine breaks must be multiples of that.

    Parameters
    ----------
    stimulus : Stimulus
    engines : tuple of str
        Which of the two engines are tried; one that refuses it by name is left out.

    Raises
    ------
    AssertionError
        With what was expected and what came.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.testing import check_stimulus
    >>> check_stimulus(ss.Sine(200.0, 40.0), engines=("clock",))
    """
    what = type(stimulus).__name__
    hold(
        isinstance(stimulus, Stimulus), f"{stimulus!r} is no stimulus; derive its class from spikesim.network.Stimulus"
    )
    chance = isinstance(stimulus, (Noise, OrnsteinUhlenbeck, WhiteNoise))
    n = stimulus.targets or 30
    if not chance:
        _check_values(stimulus, what)
    for engine in engines:
        try:
            _check_engine(stimulus, what, n, engine, chance)
        except InvalidValueError as error:
            if not (engine == "event" and "clock" in str(error)):
                raise


def _check_values(stimulus: Stimulus, what: str) -> None:
    t = np.linspace(0.0, UNTIL, 41)
    value = np.asarray(stimulus.value(t))
    wanted = (t.size,) if stimulus.targets is None else (t.size, stimulus.targets)
    hold(value.shape == wanted, f"{what}: value of {t.size} times has shape {value.shape}, wanted {wanted}")
    hold(bool(np.all(np.isfinite(value))), f"{what}: value is not finite everywhere on [0, {UNTIL:g}] ms")
    hold(np.array_equal(value, stimulus.value(t)), f"{what}: value at the same times is another when asked again")
    breaks = np.asarray(stimulus.breaks(), float)
    hold(bool(np.all(np.diff(breaks) >= 0.0)), f"{what}: breaks do not ascend: {breaks}")
    at, after = (np.asarray(stimulus.value(breaks + d), float) for d in (0.0, 1e-9))
    hold(
        np.allclose(at, after, rtol=1e-4, atol=1e-4 * (1.0 + np.abs(value).max())),
        f"{what}: value is not right-continuous at its breaks {breaks}",
    )
    _check_jumps(stimulus, what, breaks)
    if stimulus.piecewise_constant:
        ends = np.unique(np.concatenate(([0.0], breaks[(breaks > 0.0) & (breaks < UNTIL)], [UNTIL])))
        for lo, hi in itertools.pairwise(ends):
            inside = np.asarray(stimulus.value(lo + (hi - lo) * np.linspace(0.01, 0.99, 9)))
            hold(
                bool(np.all(inside == inside[0])),
                f"{what}: piecewise_constant, but value changes between its breaks {lo:g} and {hi:g} ms",
            )


def _check_jumps(stimulus: Stimulus, what: str, breaks: np.ndarray) -> None:
    """Between its breaks it does not jump: the steepest stretch, halved again and again, becomes flat."""
    ends = np.unique(np.concatenate(([0.0], breaks[(breaks > 0.0) & (breaks < UNTIL)], [UNTIL])))
    for begin, end in itertools.pairwise(ends):
        last = np.nextafter(end, begin) if end < UNTIL or end in breaks else end
        t = np.linspace(begin, last, 1001)
        value = np.asarray(stimulus.value(t), float).reshape(t.size, -1)
        steepest = int(np.abs(np.diff(value, axis=0)).max(axis=1).argmax())
        lo, hi = t[steepest], t[steepest + 1]
        across = _across(stimulus, lo, hi)
        for _ in range(20):
            middle = 0.5 * (lo + hi)
            lo, hi = (lo, middle) if _across(stimulus, lo, middle) > _across(stimulus, middle, hi) else (middle, hi)
        hold(
            _across(stimulus, lo, hi) <= max(1e-3 * across, 1e-9 * (1.0 + float(np.abs(value).max()))),
            f"{what}: value jumps at {hi:.9g} ms, which is none of its breaks",
        )


def _across(stimulus: Stimulus, lo: float, hi: float) -> float:
    ends = np.asarray(stimulus.value(np.array([lo, hi])), float)
    return float(np.abs(ends[1] - ends[0]).max())


def _charge(stimulus: Stimulus, k: int) -> float:
    """What v of neuron k is away from rest at UNTIL: quadrature of exp(-(T - t) / tau) I(t) / C."""
    from numpy.polynomial import legendre

    nodes, weights = legendre.leggauss(16)
    breaks = np.asarray(stimulus.breaks(), float)
    ends = np.unique(np.concatenate((np.linspace(0.0, UNTIL, 41), breaks[(breaks > 0.0) & (breaks < UNTIL)])))
    half = 0.5 * np.diff(ends)[:, None]
    t = ends[:-1, None] + half * (nodes + 1.0)
    value = np.asarray(stimulus.value(t.ravel()), float)
    value = (value if value.ndim == 1 else value[:, k]).reshape(t.shape)
    return float(np.sum(half * weights * np.exp((t - UNTIL) / TAU) * value) / C)


def _check_engine(stimulus: Stimulus, what: str, n: int, engine: str, chance: bool) -> None:
    def build() -> Network:
        net = Network(seed=5)
        cells = net.population("cells", n, LIF(tau_m=TAU, C_m=C, E_L=0.0, V_reset=-10.0, V_th=math.inf))
        net.inject(cells, stimulus)
        net.record(cells, "v", every=UNTIL)
        return net

    v = build().run(UNTIL, dt=DT, engine=engine, progress=False, threads=1).traces["cells"]["v"].values[-1]
    for k in range(0 if chance else n):
        wanted = _charge(stimulus, k)
        hold(
            math.isclose(v[k], wanted, rel_tol=1e-6, abs_tol=1e-7),
            f"{what}, engine={engine!r}: a leaky neuron is at {v[k]!r} mV, quadrature says {wanted!r}",
        )
    check_same_bits(build, engine, DT, what)
