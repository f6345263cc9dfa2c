"""Where neurons start.  Truths: fixed points in closed form, slopes that vanish, the published cell of Izhikevich."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidTypeError, InvalidValueError, UnknownParameterError
from spikesim.grid import Grid
from spikesim.program.cell import Cell
from spikesim.program.program import Program


@ss.model(states=("v", "w"))
class TwoStates(NamedTuple):
    """v' = E - v - w + I_e + I, w' = a v - w: no `rest`, so it is found."""

    E: float = -60.0
    a: float = 0.5
    I_e: float = 0.0

    @ss.equation
    def slope(s, u, p):
        v, w = s
        return p.E - v - w + u.current + p.I_e, p.a * v - w

    @ss.equation
    def margin(s, p):
        return s[0] - 1e3

    @ss.equation
    def reset(s, p):
        return s


@ss.model(states=("v",))
class Cubic(NamedTuple):
    """v' = -(v - E)^3 - (v - E) + I_e + I: nonlinear, without `rest`."""

    E: float = -60.0
    I_e: float = 0.0

    @ss.equation
    def slope(s, u, p):
        x = s[0] - p.E
        return (-x * x * x - x + u.current + p.I_e,)

    @ss.equation
    def margin(s, p):
        return s[0] - 1e3

    @ss.equation
    def reset(s, p):
        return (p.E,)


def resolved(model: Any, n: int = 2, **initial: Any) -> Cell:
    net = ss.Network(seed=1)
    net.population("cells", n, model, **initial)
    return Program(net, Grid(0.1), 1).by_name["cells"]


@pytest.mark.parametrize("model", [TwoStates, Cubic])
def test_each_neuron_rests_where_it_does_without_current(model: Any) -> None:
    """Closed form: v = E / (1 + a), w = a v; E of the cubic; I_e = 0 for the rest whatever I_e is."""
    E = np.array([-60.0, -80.0])
    found = resolved(model(E=E, I_e=np.array([5.0, 90.0]))).initial
    if model is TwoStates:
        np.testing.assert_allclose(found, [E / 1.5, 0.5 * E / 1.5], rtol=1e-12)
    else:
        np.testing.assert_allclose(found[0], E, rtol=1e-12)
    np.testing.assert_array_equal(found[:, 0], resolved(model(E=-60.0, I_e=7.0), 1).initial[:, 0])


def test_what_is_left_out_is_steady_at_what_is_given() -> None:
    """Slopes vanish: u = b v (Izhikevich), w = a (v - E_L) (AdEx), gates x_inf(v) (Hodgkin and Huxley)."""
    assert resolved(ss.Izhikevich(), v=-65.0).initial[1, 0] == pytest.approx(0.2 * -65.0, rel=1e-12)
    adex = ss.AdEx()
    assert resolved(adex, v=-60.0).initial[1, 0] == pytest.approx(adex.a * (-60.0 - adex.E_L), rel=1e-9)
    cell = ss.HodgkinHuxley()
    v = np.array([-70.0, -50.0])
    _, m, h, n = resolved(cell, v=v).initial
    for found, gate in ((m, cell.m_inf), (h, cell.h_inf), (n, cell.n_inf)):
        np.testing.assert_allclose(found, gate(v), rtol=1e-9)


def test_the_published_cell_fires_at_its_rate() -> None:
    """Eight spikes in a second from v = -65, u = b v (and not 24, as from the u of rest)."""
    net = ss.Network()
    cell = net.population("cell", 1, ss.Izhikevich(I_e=4.0), v=-65.0)
    other = net.population("other", 1, ss.Izhikevich(I_e=4.0), v=-65.0, u=lambda v, p: p.b * v)
    net.record(cell + other, "spikes")
    result = net.run(1000.0, progress=False)
    np.testing.assert_array_equal(result.spikes["cell"].times, result.spikes["other"].times)


def test_functions_may_use_each_other_and_parameters() -> None:
    b = np.array([0.2, 0.25])
    found = resolved(ss.Izhikevich(b=b), u=lambda v, p: p.b * v, v=ss.uniform(-65.0, -60.0)).initial
    np.testing.assert_array_equal(found[1], b * found[0])


@pytest.mark.parametrize(
    ("initial", "error", "says"),
    [
        ({"v": lambda x: x}, InvalidTypeError, r"initial v: the function asks for 'x'.*did you mean|known"),
        ({"v": lambda u: u}, InvalidValueError, r"initial v is a function of u, of which not all are given"),
        (
            {"v": lambda p: np.zeros(7)},
            InvalidValueError,
            r"initial v: the function must return one finite number or 2",
        ),
        ({"v": lambda p: np.nan}, InvalidValueError, r"initial v: the function must return"),
        ({"v": lambda p: "rest"}, InvalidValueError, r"initial v: the function must return .* got 'rest'"),
        ({"v": lambda p: None}, InvalidValueError, r"initial v: the function must return .* got None"),
        ({"v": lambda p: np.full(2, 1j)}, InvalidValueError, r"initial v: the function must return .*got array"),
        ({"v": lambda p: p.B}, UnknownParameterError, r"initial v: the function uses p.B; did you mean 'b'"),
    ],
)
def test_functions_that_cannot_be_are_refused(initial: dict, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        _ = resolved(ss.Izhikevich(), **initial).initial


def test_an_error_of_a_function_s_own_stays_its_own() -> None:
    with pytest.raises(AttributeError, match="no attribute 'inner'"):
        _ = resolved(ss.Izhikevich(), v=lambda p: np.zeros(2).inner).initial  # type: ignore[attr-defined]


def test_the_rest_of_many_cells_takes_little_memory() -> None:
    """100,000 currents are one rest; 2,000 different conductances are looked for some at a time."""
    import tracemalloc

    tracemalloc.start()
    found = resolved(ss.HodgkinHuxley(I_e=ss.uniform(0.0, 1000.0)), 100_000).initial
    assert np.unique(found[0]).size == 1
    assert np.unique(resolved(ss.HodgkinHuxley(g_Na=ss.normal(12_000.0, 50.0)), 2_000).initial[0]).size > 1_900
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6
