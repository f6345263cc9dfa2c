"""A user's own model: in a script, in a cell of a notebook, in a function; and slips that show at once."""

from __future__ import annotations

import linecache
from collections import namedtuple
from typing import Any, NamedTuple

import numba
import pytest
from numba.extending import register_jitable

from spikesim.errors import InvalidTypeError, InvalidValueError, SpikesimWarning, UnknownParameterError
from spikesim.neurons import Input, equation, is_model, model, models

QIF = '''
from typing import NamedTuple
from spikesim.neurons import model, equation

def square(x):
    return x * x

@model
class QIF(NamedTuple):
    """Quadratic integrate-and-fire:  tau dv/dt = v^2 + I"""
    tau: float = 10.0
    V_peak: float = 100.0
    V_reset: float = -100.0

    states = ("v",)

    @equation
    def slope(s, u, p):
        (v,) = s
        return ((square(v) + u.current) / p.tau,)
    @equation
    def margin(s, p):
        return s[0] - p.V_peak
    @equation
    def reset(s, p):
        return (p.V_reset,)
'''


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models declared here must not stay in the table of models."""
    import spikesim.neurons.contract as contract

    monkeypatch.setattr(contract, "_registry", dict(contract._registry))


def compiled(cls: Any) -> float:
    """The slope as Numba sees it."""
    p, slope = cls(), cls.slope
    register_jitable(slope)
    plain = numba.njit(lambda s, u, p: slope(s, u, p))
    return plain((2.0,), Input(1.0, 0.0), p)[0]


def test_in_a_notebook() -> None:
    """As IPython does it: the text of a cell is executed, its helper functions are compiled with it."""
    name = "<ipython-input-1>"
    linecache.cache[name] = (len(QIF), None, QIF.splitlines(True), name)
    cell: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(QIF, name, "exec"), cell)
    cls = cell["QIF"]
    assert is_model(cls(tau=8.0)) and models()["QIF"] is cls
    assert cls.slope((2.0,), Input(1.0, 0.0), cls()) == (0.5,)
    assert compiled(cls) == 0.5
    assert (cls.order, cls.clamped, cls.flow, cls.rest) == (4, ("v",), None, None)
    with pytest.raises(InvalidValueError, match="QIF: parameter tau must be > 0"):
        cls(tau=0.0)
    exec(compile(QIF.replace("x * x", "x * x * x"), name, "exec"), cell)  # the cell is edited and run again
    assert compiled(cell["QIF"]) == 0.9


def test_in_a_function() -> None:
    """A class may use what stands around it."""
    power = 3.0

    def raised(v: Any) -> Any:
        return v**power

    @model
    class Cubic(NamedTuple):
        tau: float = 10.0
        states = ("v",)

        @equation
        def slope(s, u, p):
            return ((raised(s[0]) + u.current) / p.tau,)

        @equation
        def margin(s, p):
            return s[0] - 1.0

    assert compiled(Cubic) == pytest.approx(0.9)
    assert Cubic.reset is None


def declare(**changed: Any) -> Any:
    """A model of one state with some of its parts replaced (None: left out)."""
    parts: dict[str, Any] = {
        "states": ("v",),
        "slope": equation(lambda s, u, p: ((u.current - s[0]) / p.tau,)),
        "margin": equation(lambda s, p: s[0] - p.V_th),
        "reset": equation(lambda s, p: (0.0,)),
        **changed,
    }
    cls: Any = namedtuple("Mine", ["tau", "V_th"])
    cls.__new__.__defaults__ = (10.0, 1.0)
    cls._field_defaults = {"tau": 10.0, "V_th": 1.0}
    for key, value in parts.items():
        if value is not None:
            setattr(cls, key, value)
    return model(cls)


@pytest.mark.parametrize(
    "changed, error, match",
    [
        ({"states": None}, InvalidTypeError, "states"),
        ({"states": "v"}, InvalidTypeError, "comma"),
        ({"states": ("v", "v")}, InvalidTypeError, "differ"),
        ({"states": ("tau",)}, InvalidTypeError, "differ"),
        ({"slope": None}, InvalidTypeError, r"no `slope`.*slope\(s, u, p\)"),
        ({"hazard": equation(lambda s, p: 1.0)}, InvalidTypeError, "by `margin` or by `hazard`"),
        ({"diffusion": equation(lambda s, p: 1.0)}, InvalidTypeError, r"diffusion must return a tuple of 1 value"),
        ({"observe": equation(lambda s, u, p: s[0])}, InvalidTypeError, "observe must return a dict"),
        ({"observe": equation(lambda s, u, p: {"v": s[0]})}, InvalidTypeError, "observe names 'v'"),
        ({"slope": lambda s, u, p: (0.0,)}, InvalidTypeError, "@equation"),
        ({"slope": equation(lambda s, p: (0.0,))}, InvalidTypeError, r"slope\(s, u, p\), got .* 2 arguments"),
        ({"slope": equation(lambda s, u, p: u.current)}, InvalidTypeError, "tuple of 1"),
        ({"slope": equation(lambda s, u, p: (0.0, 0.0))}, InvalidTypeError, "tuple of 1"),
        ({"slope": equation(lambda s, u, p: (s[1],))}, InvalidTypeError, "slope failed on a state of 1"),
        ({"slope": equation(lambda s, u, p: (p.tua,))}, UnknownParameterError, "did you mean 'tau'"),
        ({"slope": equation(lambda s, i, p: (i.curent,))}, InvalidTypeError, r"uses i\.curent; did you mean 'current'"),
        ({"margin": equation(lambda s, p: (s[0],))}, InvalidTypeError, "one number"),
        ({"reset": equation(lambda s, p: 0.0)}, InvalidTypeError, "reset must return"),
        ({"clamped": ("w",)}, InvalidTypeError, "clamped names 'w'"),
        ({"positive": ("g",)}, InvalidTypeError, "positive names 'g'"),
        ({"ordered": (("V_thr", "tau"),)}, InvalidTypeError, "did you mean 'V_th'"),
    ],
)
def test_slips_show_at_the_declaration(changed: dict[str, Any], error: type, match: str) -> None:
    """Each message names the model, the part and what was wanted."""
    with pytest.raises(error, match=match) as raised:
        declare(**changed)
    assert str(raised.value).startswith("model Mine: ")
    assert is_model(declare()())


def test_a_reset_that_never_comes() -> None:
    """Who forgot the threshold is told."""
    with pytest.warns(SpikesimWarning, match=r"model Mine: has a `reset`, but neither `margin` nor `hazard`"):
        declare(margin=None)


def test_a_class_that_is_no_namedtuple() -> None:
    """The most likely slip of all."""
    with pytest.raises(InvalidTypeError, match=r"typing.NamedTuple"):

        @model
        class Plain:
            states = ("v",)


def test_a_parameter_without_default() -> None:
    """Missing parameters are named."""

    @model
    class Bare(NamedTuple):
        tau: float
        states = ("v",)

        @equation
        def slope(s, u, p):
            return (-s[0] / p.tau,)

        @equation
        def margin(s, p):
            return s[0] - 1.0

    assert Bare(tau=5.0).tau == 5.0
    with pytest.raises(InvalidTypeError, match=r"Bare.*tau"):
        Bare()
