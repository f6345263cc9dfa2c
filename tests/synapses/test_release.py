"""Releases as equations.  Truth: the recurrences of Tsodyks, Pawelzik and Markram, SciPy's solution of their equations,
binomial laws.
"""

from __future__ import annotations

import math
import pickle
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import binom

import spikesim as ss
from spikesim.engine.releasing import emit, register
from spikesim.errors import InvalidTypeError, InvalidValueError, UnknownNameError, UnknownParameterError
from spikesim.random import binomial
from spikesim.synapses import equation, release, releases
from spikesim.synapses.release import resting

TIMES = (5.0, 20.0, 21.5, 100.0, 130.0, 900.0)


def shares(value: Any, times: Any = TIMES) -> np.ndarray:
    """What spikes at these times transmit, by the verbs alone."""
    s, last, found = resting("here", value, value), 0.0, []
    for t in times:
        s, factor = type(value).on_spike(type(value).between(s, t - last, value), value)
        found.append(factor)
        last = t
    return np.array(found, np.float64)


@pytest.mark.parametrize(("U", "tau_rec", "tau_fac"), [(0.5, 800.0, 0.0), (0.2, 300.0, 500.0), (1.0, 50.0, 20.0)])
def test_tsodyks_markram_is_its_recurrence(U: float, tau_rec: float, tau_fac: float) -> None:
    """Truth: the recurrence (Maass and Markram 2002, eqs. 1-3), from u = U, x = 1 at the first spike."""
    u, x, expected = U, 1.0, [U]
    for dt in np.diff(TIMES):
        x = 1.0 + (x - u * x - 1.0) * math.exp(-dt / tau_rec)
        u = U + u * (1.0 - U) * (math.exp(-dt / tau_fac) if tau_fac else 0.0)
        expected.append(u * x)
    found = shares(ss.TsodyksMarkram(U, tau_rec, tau_fac))
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    later = shares(ss.TsodyksMarkram(U, tau_rec, tau_fac), np.array(TIMES) + 1e5)
    np.testing.assert_allclose(later, expected, rtol=1e-9)  # (times of 1e5 ms have fewer digits)
    assert later[0] == U


@pytest.mark.parametrize("tau_in", [3.0, 300.0, 300.0000001, 700.0])
def test_resources_in_use_are_its_equations(tau_in: float) -> None:
    """Truth: the differential equations of 1998, solved by LSODA; also where both time constants are one."""
    p = ss.TsodyksMarkram(U=0.6, tau_rec=300.0, tau_fac=100.0, tau_in=tau_in)

    def slope(t: float, s: Any) -> Any:
        u, x, y = s
        return [-u / 100.0, (1.0 - x - y) / 300.0, -y / tau_in]

    s, last, expected = np.array([0.0, 1.0, 0.0]), 0.0, []
    for t in TIMES:
        s = solve_ivp(slope, (last, t), s, method="LSODA", rtol=1e-12, atol=1e-14).y[:, -1]
        s[0] += 0.6 * (1.0 - s[0])
        expected.append(s[0] * s[1])
        s[1:] += np.array([-1.0, 1.0]) * expected[-1]
        last = t
    np.testing.assert_allclose(shares(p), expected, rtol=1e-9)


def test_a_short_use_is_no_use() -> None:
    """The limit tau_in -> 0 of the one convention is the other."""
    with pytest.warns(ss.UnitWarning, match="seconds"):
        close = shares(ss.TsodyksMarkram(0.5, 100.0, 50.0, tau_in=1e-7))
    np.testing.assert_allclose(close, shares(ss.TsodyksMarkram(0.5, 100.0, 50.0)), rtol=1e-8)


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (7, 0.5), (40, 0.02), (3, 1.0), (5, 0.0)])
def test_binomial(n: int, p: float) -> None:
    """Truth: SciPy's quantile."""
    u = np.linspace(0.0005, 0.9995, 400)
    assert [binomial(float(n), p, v) for v in u] == binom.ppf(u, n, p).tolist()


def test_declared_ones_are_values() -> None:
    for cls in releases().values():
        if cls.__module__.startswith("spikesim."):
            value = cls()
            assert pickle.loads(pickle.dumps(value)) == value and hash(value) == hash(cls())
            assert cls.__name__ in ss.__all__


def test_mistakes_are_told_at_the_declaration() -> None:
    def declared(between: Any, on_spike: Any, **more: Any) -> Any:
        class Own(NamedTuple):
            tau: float = 10.0

        for name, value in {"states": ("x",), **more}.items():
            setattr(Own, name, value)
        Own.between, Own.on_spike = staticmethod(between), staticmethod(on_spike)  # type: ignore[attr-defined]
        return release(Own)

    def between(s, dt, p):
        return (s[0] * math.exp(-dt / p.tau),)

    def on_spike(s, p):
        return (s[0] + 1.0,), s[0]

    declared(between, on_spike)
    with pytest.raises(InvalidTypeError, match="on_spike must return two things"):
        declared(between, lambda s, p: (s[0],))
    with pytest.raises(InvalidTypeError, match="one for each of"):
        declared(between, lambda s, p: ((s[0], s[0]), 1.0))
    with pytest.raises(InvalidTypeError, match="the factor of on_spike must be a number"):
        declared(between, lambda s, p: ((s[0],), (1.0,)))
    with pytest.raises(UnknownParameterError, match=r"p\.tua.*tau"):
        declared(lambda s, dt, p: (s[0] * p.tua,), on_spike)
    with pytest.raises(UnknownNameError, match="nothing is called 'oops'"):
        declared(lambda s, dt, p: (oops,), on_spike)  # type: ignore[name-defined]  # noqa: F821
    with pytest.raises(InvalidTypeError, match="an equation has no `if`"):
        declared(between, lambda s, p: ((s[0],), 1.0 if s[0] > 0.0 else 0.0))
    with pytest.raises(InvalidTypeError, match=r"wanted between\(s, dt, p\)"):
        declared(lambda s, p: s, on_spike)
    with pytest.raises(InvalidTypeError, match="draws"):
        declared(between, on_spike, draws=2)
    with pytest.raises(InvalidTypeError, match="which is no parameter"):
        declared(between, on_spike, nonnegative=("tua",))


def test_mistakes_are_told_where_it_is_connected() -> None:
    net = ss.Network()
    a, b = net.population("a", 3, ss.Poisson(5.0)), net.population("b", 2, ss.LIF())
    given = {"weight": 1.0, "delay": 1.0, "synapse": ss.Delta()}
    with pytest.raises(InvalidTypeError, match="call it"):
        net.connect(a, b, ss.all_to_all(), release=ss.TsodyksMarkram, **given)
    with pytest.raises(InvalidTypeError, match="wanted a release"):
        net.connect(a, b, ss.all_to_all(), release=0.5, **given)
    with pytest.raises(
        InvalidValueError, match=r"U has 2 values for 3 sources; .* between targets is a projection each"
    ):
        net.connect(a, b, ss.all_to_all(), release=ss.TsodyksMarkram(U=[0.1, 0.2]), **given)
    assert not net.projections
    net.connect(a, b, ss.all_to_all(), release=ss.TsodyksMarkram(U=ss.normal(0.5, 1.0)), **given)
    with pytest.raises(InvalidValueError, match="U must be from 0 to 1"):
        net.run(1.0, progress=False)


@release
class Unsteady(NamedTuple):
    """Grows while nothing happens: there is no state before the first spike."""

    tau: float = 10.0
    states = ("x",)

    @equation
    def between(s, dt, p):
        return (s[0] + math.exp(dt / p.tau),)

    @equation
    def on_spike(s, p):
        return (s[0],), s[0]


def test_without_a_rest_one_must_be_given() -> None:
    net = ss.Network()
    a, b = net.population("a", 1, ss.Poisson(5.0)), net.population("b", 2, ss.LIF())
    net.connect(a, b, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.Delta(), release=Unsteady())
    with pytest.raises(InvalidValueError, match=r"before the first spike is .*rest\(p\)"):
        net.run(1.0, progress=False)


@pytest.mark.parametrize(
    "value", [ss.TsodyksMarkram(0.4, 300.0, 500.0), ss.TsodyksMarkram(0.4, 300.0, 50.0, tau_in=3.0)], ids=str
)
def test_compiled_loops_emit_what_the_verbs_say(value: Any) -> None:
    """Truth: the verbs in Python.  The factor and all states of the source; what stands behind them is the caller's."""
    name, n = register(value), len(type(value).states)

    @numba.njit
    def emitted(own, parameters, since):
        return emit(name, own, parameters, since, np.uint64(1), np.uint64(2))

    s = resting("here", value, value)
    own = np.array([*s, 4.0, 9.0])
    for since in (5.0, 20.0, 0.5, 800.0):
        s, factor = type(value).on_spike(type(value).between(tuple(s), since, value), value)
        assert emitted(own, np.array(value, np.float64), since) == pytest.approx(factor, rel=1e-14)
        np.testing.assert_allclose(own, [*s, 4.0, 9.0], rtol=1e-14)
    assert n == own.size - 2 > 1
