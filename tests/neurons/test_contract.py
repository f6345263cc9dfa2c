"""Every declared model, found by itself, against the contract.

Truths: SciPy's integration of `slope` (measured order of `flow`), finite differences, and the equations
themselves run as scalars, arrays, compiled code and dual numbers.
"""

from __future__ import annotations

import copy
import math
import pickle
from collections import namedtuple
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np
import pytest
from numba.extending import register_jitable
from scipy.integrate import solve_ivp

import spikesim.neurons
from spikesim.engine.equations import runge_kutta
from spikesim.errors import InvalidTypeError, InvalidValueError, UnknownParameterError
from spikesim.neurons import Input, is_model, models
from spikesim.random import uniform

from .dual import Dual, derivative

MODELS = {name: cls for name, cls in models().items() if cls.__module__.startswith("spikesim.neurons.")}

# an input that moves the cell clearly within DURATION, without a spike that is cut (pA, nS)
INPUT = {
    "Izhikevich": Input(2.0, 0.1), "FitzHughNagumo": Input(2.0, 0.1), "EIF": Input(150.0, 1.0),
    "IzhikevichFull": Input(400.0, 2.0), "QIF": Input(400.0, 2.0), "WangBuzsaki": Input(150.0, 1.0),
}  # fmt: skip
#: A parameter that moves the rest, and two values of it.
MOVES = {
    "Izhikevich": ("b", (0.2, 0.22)), "IzhikevichFull": ("V_r", (-60.0, -65.0)), "FitzHughNagumo": ("a", (0.7, 0.8)),
    "EIF": ("E_L", (-70.0, -65.0)),
}  # fmt: skip
USUAL_INPUT = Input(400.0, 5.0)
DURATION = 4.0

every_model = pytest.mark.parametrize("cls", MODELS.values(), ids=MODELS)


def flow_of(cls: Any) -> Callable[..., Any]:
    return cls.flow or runge_kutta(cls.slope)


def rest_of(cls: Any) -> tuple[float, ...]:
    return cls.rest(SimpleNamespace(**cls()._asdict()))


def states_near_rest(cls: Any, count: int) -> list[np.ndarray]:
    """Potentials up to 30 mV from rest, the other variables up to 1 above it."""
    rng = np.random.default_rng(1)
    shifts = (rng.uniform(-30.0, 30.0, count) if s == "v" else rng.uniform(0.0, 1.0, count) for s in cls.states)
    return [r + d for r, d in zip(rest_of(cls), shifts)]


def calls_of(cls: Any, s: Any, u: Any, p: Any) -> dict[str, tuple]:
    """The compiled verbs that the model has, with their arguments."""
    calls = {
        "slope": (s, u, p), "flow": (s, u, p, 0.1), "margin": (s, p), "hazard": (s, p), "reset": (s, p),
        "diffusion": (s, p),
    }  # fmt: skip
    return {verb: given for verb, given in calls.items() if getattr(cls, verb) is not None}


def test_all_are_exported() -> None:
    """A model that is declared can be imported from spikesim.neurons."""
    assert set(MODELS) >= {"LIF", "HodgkinHuxley", "TraubMiles", "AdEx", "Izhikevich", "GIF", "MorrisLecar"}
    for name, cls in MODELS.items():
        assert getattr(spikesim.neurons, name) is cls and name in spikesim.neurons.__all__
        assert is_model(cls()) and not is_model(cls)


@every_model
def test_measured_order(cls: Any) -> None:
    """Measured order: the error of `flow` against SciPy (rtol 1e-12) falls as the stated order says."""
    p, u, start = cls(), INPUT.get(cls.__name__, USUAL_INPUT), rest_of(cls)
    flow = flow_of(cls)
    exact = solve_ivp(
        lambda t, s: cls.slope(tuple(s), u, p),
        (0.0, DURATION),
        start,
        method="DOP853",
        rtol=1e-12,
        atol=1e-13,
    ).y[:, -1]
    assert np.abs(exact - start).max() > 1.0
    counts = np.array([2, 4, 8, 16, 32]) * (5 if cls.order > 2 else 40)
    errors = []
    for n in counts:
        s = start
        for _ in range(n):
            s = flow(s, u, p, DURATION / n)
        errors.append(np.abs(np.array(s) - exact).max())
    if math.isinf(cls.order):
        assert max(errors) < 1e-9
    else:
        measured = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
        assert measured == pytest.approx(cls.order, abs=0.2), errors


@every_model
def test_rest_is_a_fixed_point(cls: Any) -> None:
    """Closed form: the slope vanishes at rest, and the cell neither fires there nor leaves it."""
    p = cls()
    if cls.__name__ == "TraubMiles":
        p = p._replace(V_T=-53.0)  # the cell of COBAHH has no rest: it fires by itself
    s = cls.rest(SimpleNamespace(**p._asdict()))
    np.testing.assert_allclose(cls.slope(s, Input(), p), 0.0, atol=1e-10)
    assert cls.margin is None or cls.margin(s, p) < 0
    nudged = tuple(x + 1e-3 for x in s)
    for _ in range(5000 if cls.__name__ in ("GIF", "GLIF", "MAT2") else 1000):
        nudged = flow_of(cls)(nudged, Input(), p, 0.2)
    np.testing.assert_allclose(nudged, s, atol=5e-4)


@every_model
def test_rest_of_many(cls: Any) -> None:
    """Parameters of one value a neuron give each neuron the rest of its own, whatever I_e is."""
    name, values = MOVES.get(cls.__name__, ("E_L", (-60.0, -65.0)))
    many = cls.rest(SimpleNamespace(**{**cls()._asdict(), name: np.array(values), "I_e": 50.0}))
    for i, value in enumerate(values):
        one = cls.rest(SimpleNamespace(**{**cls()._asdict(), name: value}))
        np.testing.assert_allclose([np.broadcast_to(x, 2)[i] for x in many], one, rtol=1e-9)


@every_model
def test_arrays_are_scalars_side_by_side(cls: Any) -> None:
    """The same text on arrays and number by number."""
    states, p = states_near_rest(cls, 50), cls()
    current, conductance = np.linspace(-500.0, 500.0, 50), np.linspace(0.0, 20.0, 50)
    for verb, given in calls_of(cls, tuple(states), Input(current, conductance), p).items():
        got = getattr(cls, verb)(*given)
        got = got if isinstance(got, tuple) else (got,)
        for k in range(50):
            s = tuple(float(x[k]) for x in states)
            one = getattr(cls, verb)(*calls_of(cls, s, Input(current[k], conductance[k]), p)[verb])
            one = one if isinstance(one, tuple) else (one,)
            np.testing.assert_allclose([np.broadcast_to(x, 50)[k] for x in got], one, rtol=1e-12, atol=1e-13)


@every_model
def test_compiled_is_interpreted(cls: Any) -> None:
    """Numba's code against plain Python, for a plain tuple of parameters as the loops have it."""
    p = namedtuple("p", cls._fields)(*map(float, cls()))  # type: ignore[misc]
    states = states_near_rest(cls, 20)
    for verb, given in calls_of(cls, tuple(float(x[0]) for x in states), USUAL_INPUT, p).items():
        function = getattr(cls, verb)
        register_jitable(function)
        wrapped = {2: lambda a, b: function(a, b), 3: lambda a, b, c: function(a, b, c)}  # noqa: B023
        wrapped[4] = lambda a, b, c, d: function(a, b, c, d)  # noqa: B023
        compiled = numba.njit(wrapped[len(given)])
        for k in range(20):
            given = calls_of(cls, tuple(float(x[k]) for x in states), USUAL_INPUT, p)[verb]
            np.testing.assert_allclose(compiled(*given), function(*given), rtol=1e-12, atol=1e-13)


@every_model
def test_equations_run_on_other_numbers(cls: Any) -> None:
    """Dual numbers through `flow` give its derivative (central differences): what a tape needs."""
    p, start, flow = cls(), rest_of(cls), flow_of(cls)
    for i in range(len(start)):
        dual = flow(tuple(Dual(x, float(i == j)) for j, x in enumerate(start)), USUAL_INPUT, p, 0.05)
        h = 1e-5
        up, down = (
            np.array(flow(tuple(x + d * (i == j) for j, x in enumerate(start)), USUAL_INPUT, p, 0.05)) for d in (h, -h)
        )
        np.testing.assert_allclose([derivative(x) for x in dual], (up - down) / (2 * h), rtol=1e-5, atol=1e-7)


@every_model
def test_values_behave_as_values(cls: Any) -> None:
    """Equal by value, hashable, copied and pickled; arrays inside are no obstacle."""
    name = cls._fields[0]
    one = cls()
    many = one._replace(**{name: [getattr(one, name)] * 3})
    for value in (one, many):
        twins = [
            copy.deepcopy(value),
            pickle.loads(pickle.dumps(value)),
            type(value)(*value),
            value._make(value),
        ]
        for twin in twins:
            assert twin == value and not twin != value and hash(twin) == hash(value)
    assert one != many and not one == many
    assert one != tuple(one)
    with pytest.raises((ValueError, AttributeError)):
        getattr(many, name)[0] = 1.0
    with pytest.raises(AttributeError):
        setattr(one, name, 1.0)


@every_model
def test_wrong_parameters_are_refused(cls: Any) -> None:
    """NaN, infinities, text, booleans, tables: refused with the name of the parameter."""
    good = cls()
    positive = set(cls.positive) | {f for f in cls._fields if f.startswith("tau") or f == "C_m"}
    for name in cls._fields:
        value = getattr(good, name)
        for bad in (math.nan, -math.inf, [value, math.nan], [[value, value]]):
            with pytest.raises(InvalidValueError, match=rf"{cls.__name__}.*{name}"):
                cls(**{name: bad})
        for bad in ("1", None, True, 1j, object(), [value, "x"]):
            with pytest.raises(InvalidTypeError, match=rf"{cls.__name__}.*{name}"):
                cls(**{name: bad})
        if name in positive:
            for bad in (0.0, -value, [value, -value]):
                with pytest.raises(InvalidValueError, match=f"{name} must be > 0"):
                    cls(**{name: bad})
        wanted = f"did you mean '{name}'" if len(name) > 1 else f"no parameter '{name}_'"
        with pytest.raises(UnknownParameterError, match=wanted):
            cls(**{name + "_": value})
        with pytest.raises(UnknownParameterError):
            good._replace(**{name + "_": value})
        with pytest.raises(InvalidValueError):
            good._replace(**{name: math.nan})
    for low, high in cls.ordered:
        with pytest.raises(InvalidValueError, match=f"{low} must be below {high}"):
            cls(**{low: getattr(good, high)})
        with pytest.raises(InvalidValueError, match="at index 1"):
            cls(**{low: [getattr(good, low), getattr(good, high) + 1.0]})
    with pytest.raises(InvalidTypeError, match="at most"):
        cls(*good, 1.0)


@every_model
def test_distributions_pass(cls: Any) -> None:
    """A parameter that is drawn later is kept as it is."""
    drawn = uniform(1.0, 2.0)
    for name in cls._fields:
        assert getattr(cls(**{name: drawn}), name) is drawn
