"""Is this a neuron model?  The contract as a battery, over both engines."""

from __future__ import annotations

import math
from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..engine.equations import runge_kutta
from ..errors import InvalidValueError
from ..keywords import named
from ..network.network import Network
from ..network.population import parameters
from ..network.stimulus import DC
from ..neurons.contract import input_of, is_model
from ..program.rest import resting_state
from ..scalars import real
from .same_bits import check_same_bits, hold

__all__ = ["check_neuron"]

COUNTS = np.array([8, 16, 32, 64, 128])  # steps of the measured order
SPAN, DT = 2.0, 0.1  # ms


@named
def check_neuron(
    model: Any,
    current: float = 0.0,
    initial: dict[str, float] | None = None,
    engines: tuple[str, ...] = ("clock", "event"),
) -> None:
    """Hold a neuron model to its contract.

    Its equations give the same on numbers, on arrays and compiled; its step has the order that it states (against
    SciPy); nothing moves at rest; no two spikes are closer than ``t_ref``; and a population of it gives the same bits
    in one thread and in three, in one piece and in two, from a copy of its state and from a file of it.  One that fires
    by chance fires as often as the integral of its hazard says.  An engine that refuses the model by name (noise in the
    equation, on the event engine) is left out.

    Parameters
    ----------
    model : neuron model or its class
        Made with its defaults if it is a class.
    current : float
        A current (pA) that makes it move and, if it can, fire within 100 ms.
    initial : dict, optional
        The state to begin from; at rest unless given.
    engines : tuple of str
        Which of the two engines are tried.

    Raises
    ------
    AssertionError
        With what was expected and what came.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.testing import check_neuron
    >>> check_neuron(ss.LIF, current=500.0, engines=("clock",))
    """
    value = model() if isinstance(model, type) else model
    cls = type(value)
    what = cls.__name__
    hold(is_model(value), f"{value!r} is no neuron model; declare its class with @model")
    p = SimpleNamespace(**parameters(value))
    if initial is None:
        start = tuple(float(x) for x in resting_state(what, value, parameters(value)))
    else:
        hold(set(initial) == set(cls.states), f"{what}: initial names {sorted(initial)}, the states are {cls.states}")
        start = tuple(float(initial[state]) for state in cls.states)
    current, kind = real("check_neuron: current", current), input_of(cls.inputs)
    u = kind(current)
    _check_forms(cls, what, p, start, u)
    for begin in (start, _moved(cls, start, 1.0)):  # at rest without a current, nothing would move
        _check_order(cls, what, p, begin, u)
    if initial is None:
        _check_rest(cls, what, p, start, kind)
    for engine in engines:
        _check_runs(value, what, current, initial or {}, engine)


def _check_forms(cls: Any, what: str, p: Any, start: tuple[float, ...], u: Any) -> None:
    """Numbers, arrays, compiled."""
    from numba import njit
    from numba.extending import register_jitable

    shifts = np.linspace(0.0, 1.0, 5)
    states = _moved(cls, start, shifts)
    names = cls._fields or ("none",)
    kind: Any = namedtuple("plain", names)  # type: ignore[misc]
    plain = kind(*(float(vars(p).get(name, 0.0)) for name in names))
    flow = cls.flow or runge_kutta(cls.slope)
    for verb, function, behind in (
        ("slope", cls.slope, (u, plain)), ("flow", flow, (u, plain, DT)), ("margin", cls.margin, (plain,)),
        ("hazard", cls.hazard, (plain,)), ("reset", cls.reset, (plain,)), ("diffusion", cls.diffusion, (plain,)),
    ):  # fmt: skip
        if function is None:
            continue
        register_jitable(function)
        forms = {2: lambda s, p: function(s, p), 3: lambda s, u, p: function(s, u, p)}  # noqa: B023
        forms[4] = lambda s, u, p, dt: function(s, u, p, dt)  # noqa: B023
        compiled = njit(forms[1 + len(behind)])
        whole = function(states, *behind)
        for k in range(shifts.size):
            one = tuple(float(x[k]) for x in states)
            got = np.atleast_1d(np.asarray(function(one, *behind), float))
            of_array = [np.broadcast_to(x, shifts.shape)[k] for x in (whole if isinstance(whole, tuple) else (whole,))]
            for form, other in (("on arrays", of_array), ("compiled", np.atleast_1d(compiled(one, *behind)))):
                hold(
                    np.allclose(got, other, rtol=1e-10, atol=1e-12),
                    f"{what}: {verb} {form} gives {other}, on numbers {got}, at the state {one}",
                )


def _moved(cls: Any, states: tuple[Any, ...], by: Any) -> tuple[Any, ...]:
    """Every state half a unit of its own away, times ``by``; one that lies in 0..1 a tenth of that."""
    return tuple(x + by * (0.05 if name in cls.fractions else 0.5) for name, x in zip(cls.states, states))


def _check_order(cls: Any, what: str, p: Any, start: tuple[float, ...], u: Any) -> None:
    """The error of the step against SciPy falls as its order says."""
    from scipy.integrate import solve_ivp

    flow = cls.flow or runge_kutta(cls.slope)

    def slope(t: float, s: np.ndarray) -> Any:
        return cls.slope(tuple(s), u._replace(t=t), p)

    exact = solve_ivp(slope, (0.0, SPAN), start, "DOP853", rtol=2.3e-14, atol=1e-15).y[:, -1]
    errors = []
    for n in COUNTS:
        s = start
        for k in range(n):
            s = flow(s, u._replace(t=k * SPAN / n), p, SPAN / n)
        errors.append(float(np.abs(np.array(s, float) - exact).max()))
    size = 1.0 + float(np.abs(exact).max())
    least = 1e-9 if math.isinf(cls.order) else 1e-10
    if max(errors) < least * size:
        return
    text = ", ".join(f"{e:.2g}" for e in errors)
    hold(
        not math.isinf(cls.order),
        f"{what}: flow is said to be exact, but is off by {text} in steps of {SPAN} ms / {COUNTS}",
    )
    some = np.array(errors) > 2e-14 * size  # below is rounding
    hold(int(some.sum()) > 1, f"{what}: the errors against SciPy are {text}")
    measured = -np.polyfit(np.log(COUNTS[some]), np.log(np.array(errors)[some]), 1)[0]
    hold(
        measured > cls.order - 0.4,
        f"{what}: flow is said to have order {cls.order}; against SciPy it has {measured:.2f} (errors {text})",
    )


def _check_rest(cls: Any, what: str, p: Any, rest: tuple[float, ...], kind: Any) -> None:
    quiet = cls.slope(rest, kind(-getattr(p, "I_e", 0.0)), p)
    if cls.margin is not None and not cls.margin(rest, p) < 0.0:
        return  # it fires by itself, and begins where it likes
    hold(
        bool(np.all(np.abs(np.asarray(quiet, float)) < 1e-6 * (1.0 + np.abs(rest)))) or cls.rest is not None,
        f"{what}: at rest, {rest}, the slope is {quiet}, not 0",
    )


def _check_runs(model: Any, what: str, current: float, initial: dict[str, float], engine: str) -> None:
    """Refractoriness and the same bits, on an engine that can."""

    def build(n: int = 200) -> Network:
        net = Network(seed=5)
        cells = net.population("cells", n, model, **initial)
        net.inject(cells, DC(np.linspace(0.5, 1.5, n) * current))
        net.record(cells, "spikes")
        return net

    try:
        result = build(20).run(100.0, dt=DT, engine=engine, progress=False, threads=1)
    except InvalidValueError as error:
        if engine == "event" and "clock" in str(error):
            return
        raise
    t_ref = float(np.max(parameters(model).get("t_ref", 0.0)))
    spikes = result.spikes["cells"]
    for i in range(20):
        gaps = np.diff(spikes.times[spikes.ids == i])
        hold(
            gaps.size == 0 or gaps.min() > t_ref - 1e-9,
            f"{what}, engine={engine!r}: two spikes of a neuron are {gaps.min() if gaps.size else 0:g} ms apart, "
            f"closer than t_ref = {t_ref:g} ms",
        )
    check_same_bits(build, engine, DT, what)
    if type(model).hazard is not None:
        _check_chance(model, what, current, initial, engine, t_ref)


def _check_chance(model: Any, what: str, current: float, initial: dict[str, float], engine: str, t_ref: float) -> None:
    """Spikes less the integral of the hazard over the time that neurons are free: a martingale, variance 1 a spike."""
    n, cls = 100, type(model)
    net = Network(seed=6)
    cells = net.population("cells", n, model, **initial)
    net.inject(cells, DC(current))
    net.record(cells, "spikes")
    net.record(cells, *cls.states, every=DT)
    result = net.run(100.0, dt=DT, engine=engine, progress=False, threads=1)
    spikes, traces = result.spikes["cells"], result.traces["cells"]
    p = SimpleNamespace(**parameters(model))
    rate = np.maximum(cls.hazard(tuple(traces[state].values for state in cls.states), p), 0.0)
    times = traces[cls.states[0]].times
    for t, i in zip(spikes.times, spikes.ids):
        rate[(times >= t) & (times < t + t_ref), i] = 0.0
    count, wanted = spikes.times.size, float(rate.sum() * DT)
    hold(
        abs(count - wanted) < 5.0 * math.sqrt(wanted + 1.0) + 0.1 * wanted,
        f"{what}, engine={engine!r}: {count} spikes, where the integral of the hazard is {wanted:.1f}",
    )
