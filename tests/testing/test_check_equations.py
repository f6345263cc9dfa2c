"""Batteries of releases and synapses: every declared one passes, and one that is wrong does not."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from engine.cases.neurons import Filling

import spikesim as ss
from spikesim.jit import exp
from spikesim.synapses import Input, equation, release, synapse
from spikesim.testing import check_release, check_synapse


@synapse
class Sum(NamedTuple):
    """A fast and a slow current: a filter whose input jumps with its first state."""

    fast: float = 1.0
    slow: float = 30.0
    states = ("a", "b")

    @equation
    def slope(f, p):
        return (-f[0] / p.fast, -f[1] / p.slow)

    @equation
    def jump(f, w, p):
        return (f[0] + 0.7 * w, f[1] + 0.3 * w)

    @equation
    def input(f, v, p):
        return Input(f[0] + f[1], 0.0)


@synapse
class Difference(NamedTuple):
    """The usual difference of two exponentials, as a conductance."""

    rise: float = 1.0
    decay: float = 5.0
    E: float = -10.0
    states = ("a", "b")

    @equation
    def slope(f, p):
        return (-f[0] / p.rise, -f[1] / p.decay)

    @equation
    def jump(f, w, p):
        return (f[0] + w, f[1] + w)

    @equation
    def input(f, v, p):
        g = f[1] - f[0]
        return Input(g * p.E, g)


@synapse
class Ringing(NamedTuple):
    """A filter that rings: not lower triangular."""

    tau: float = 10.0
    omega: float = 0.5
    states = ("x", "y")

    @equation
    def slope(f, p):
        return (-f[0] / p.tau - p.omega * f[1], p.omega * f[0] - f[1] / p.tau)

    @equation
    def jump(f, w, p):
        return (f[0] + w, f[1])

    @equation
    def input(f, v, p):
        return Input(f[1], 0.0)


SYNAPSES = [(Sum(), 50.0), (Difference(), 10.0), (Ringing(), 100.0), (Filling(), 0.6), (ss.MgNMDA(), 20.0),
            (ss.NMDASaturating(g=30.0), 1.0)]  # fmt: skip
RELEASES = [ss.TsodyksMarkram(U=0.4, tau_rec=60.0, tau_fac=30.0, tau_in=4.0), ss.StochasticRelease(0.6),
            ss.QuantalRelease(7, 0.4, 30.0, 20.0)]  # fmt: skip


@pytest.mark.parametrize(("value", "weight"), SYNAPSES, ids=repr)
def test_synapses(value: Any, weight: float) -> None:
    check_synapse(value, weight=weight)


@pytest.mark.parametrize("value", RELEASES, ids=repr)
def test_releases(value: Any) -> None:
    check_release(value)


def test_what_is_proved_of_them() -> None:
    assert [value.general for value, _ in SYNAPSES] == [False, False, False, True, True, True]
    assert (Sum().E_rev, Difference().E_rev, Filling().E_rev) == (None, -10.0, 0.0)
    assert ss.MgNMDA().form.additive and not Filling().form.additive


@release
class Halved(NamedTuple):
    """Recovers by halves of each interval: two intervals are not one."""

    tau: float = 10.0
    states = ("x",)

    @equation
    def between(s, dt, p):
        return (1.0 - (1.0 - s[0]) / (1.0 + dt / p.tau),)

    @equation
    def on_spike(s, p):
        return (0.5 * s[0],), s[0] * exp(0.0)


@synapse
class Growing(NamedTuple):
    """A current that grows for ever."""

    tau: float = 5.0
    states = ("g",)

    @equation
    def slope(f, p):
        return (f[0] / p.tau,)

    @equation
    def jump(f, w, p):
        return (f[0] + w,)

    @equation
    def input(f, v, p):
        return Input(f[0], 0.0)


def test_a_wrong_one_is_told() -> None:
    with pytest.raises(AssertionError, match="before the first spike"):
        check_release(Halved())
    with pytest.raises(AssertionError, match=r"does not decay: a state goes as exp\(0\.2 t\)"):
        check_synapse(Growing())
    with pytest.raises(AssertionError, match="no value of a declared synapse"):
        check_synapse(ss.Exponential(3.0))
    with pytest.raises(AssertionError, match="another weight"):
        check_synapse(ss.MgNMDA(), weight=1e-9)
