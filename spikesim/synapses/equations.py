"""Synapses as equations of one's own.

====== ========== ================================================================================================
verb   form       meaning
====== ========== ================================================================================================
slope  f, p       df/dt, one entry a state: how the states change between arrivals (1/ms)
jump   f, w, p    the states after a spike of weight w has arrived
input  f, v, p    what a neuron at potential v (mV) feels: Input(current, conductance), in pA and nS; the current into
                  it is current - conductance v, so a conductance g towards E is Input(g E, g)
====== ========== ================================================================================================

Every target has the states; all spikes that arrive through one synapse value act on the same ones.  As in the equations
of neurons there is no ``if``, loop or index by a variable; select with :func:`spikesim.jit.where`.

It is proved by following the equations (not by trying values) whether they are a linear filter,

    df/dt = A f,   f <- f + b w,   input = c f    as a current, or as a conductance towards one reversal potential;

then it is brought to the basis in which spikes arrive in its first state and, where the input does not jump with them,
it is felt from the last one alone, and runs exactly, with either engine.  All else is integrated: with the clock engine
states by the classical Runge-Kutta method, twice a step, and the input as it is at mid-step, linearised in v (order 2);
with the event engine together with the neuron, to its tolerances.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar, overload

import numpy as np

from ..blas import expm
from ..docstrings import inherit
from ..errors import InvalidTypeError, InvalidValueError
from ..neurons.affine import variables
from ..neurons.contract import Input, check_attributes, check_verbs, with_contract
from ..neurons.equations import check_result, evaluated
from ..neurons.parameters import as_numbers
from ..neurons.values import freeze_values
from .contract import Synapse
from .verbs import SynapseVerbs

__all__ = ["Form", "synapse"]

VERBS = {"slope": "slope(f, p)", "jump": "jump(f, w, p)", "input": "input(f, v, p)"}
CONTRACT = ("states", "positive", "nonnegative", "fractions")

Declared = TypeVar("Declared", bound=type)


class Form(NamedTuple):
    """What the equations were proved to be.

    additive: a jump is f + b w (`step` is b), so spikes of one step may be added up.  With a `matrix` they are a linear
    filter of z, f = `states` z: spikes arrive in the first of z, output z is felt as a current, or as a conductance
    towards `reversal`.
    """

    additive: bool
    step: np.ndarray | None = None
    matrix: np.ndarray | None = None
    output: np.ndarray | None = None
    states: np.ndarray | None = None
    reversal: float | None = None


class _Equations(Synapse):
    """What a declared class gets beside its fields."""

    @property
    def form(self) -> Form:
        """What the equations were proved to be."""
        return _form(self)

    @property
    def general(self) -> bool:  # type: ignore[override]
        """Whether they are no linear filter."""
        return self.form.matrix is None

    @property
    def matrix(self) -> np.ndarray:
        """A of df/dt = A f; of equations that are no linear filter zeros: what has arrived, and the states."""
        n = 1 + len(type(self).states)  # type: ignore[attr-defined]
        return np.zeros((n, n)) if self.form.matrix is None else self.form.matrix

    @property
    def rows(self) -> int:
        """Of equations that are no linear filter two more: current and conductance, for who samples them."""
        return len(self.matrix) + (2 if self.general else 0)

    @property
    def output(self) -> np.ndarray:
        """What of each state of the linear filter is felt."""
        return np.zeros(len(self.matrix)) if self.form.output is None else self.form.output

    @property
    def conducts(self) -> bool:
        """Whether a conductance is felt, not a current alone: tried with three states where it is no linear filter."""
        if not self.general:
            return super().conducts
        cls, p = type(self), SimpleNamespace(**self._asdict())  # type: ignore[attr-defined]
        tried = ((tuple(np.float64(x) for _ in cls.states), v) for x, v in ((0.3, -65.0), (0.8, -20.0), (2.5, 30.0)))  # type: ignore[attr-defined]
        return any(np.any(cls.input(f, v, p)[1]) for f, v in tried)  # type: ignore[attr-defined]

    def rows_of(self, state: str) -> list[tuple[int, float]]:
        """Return which of the numbers that a target holds a state is the sum of.

        Parameters
        ----------
        state : str
            Its name.

        Returns
        -------
        list of (int, float)
            Which number, times what.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.MgNMDA().rows_of("g")  # itself, and what has arrived since the last step
        [(1, 1.0), (0, 1.0)]
        """
        k = type(self).states.index(state)  # type: ignore[attr-defined]
        if self.form.states is not None:
            return [(int(j), float(self.form.states[k, j])) for j in np.flatnonzero(self.form.states[k])]
        arrived = 0.0 if self.form.step is None else float(self.form.step[k])  # what has, since the last step
        return [(1 + k, 1.0), *([(0, arrived)] if arrived else [])]

    @property
    def gain(self) -> float:
        """What of its last one is."""
        return float(self.output[-1])

    def psc(self, t: Any) -> np.ndarray:
        """Return the response at the times `t` (ms) to one spike of weight 1 at t = 0 (of a linear filter)."""
        if self.general:
            raise InvalidValueError(f"{self!r} is no linear filter: it has no response that scales with the weight")
        times = as_numbers("psc: t", t)
        found = [float(self.output @ expm(self.matrix * x)[:, 0]) if x >= 0 else 0.0 for x in times.ravel()]
        return np.array(found).reshape(times.shape)


def _reversal(value: Any) -> float | None:
    """The reversal potential; of equations that are no linear filter the field of that name, or 0."""
    return value._asdict().get("E_rev", 0.0) if value.general else value.form.reversal


@overload
def synapse(cls: Declared) -> Declared: ...
@overload
def synapse(**contract: Any) -> Callable[[Declared], Declared]: ...
def synapse(cls: Any = None, **contract: Any) -> Any:
    """Declare a NamedTuple of parameters with equations to be a synapse.

    The contract is given as class attributes, or as arguments: ``@synapse(states=("g",))`` (type checkers know no class
    attributes in a NamedTuple).

    Parameters
    ----------
    cls : type
        The NamedTuple; left out where the contract is given as arguments.
    **contract
        Its entries, below.

    Other Parameters
    ----------------
    states : tuple of str
        Names of the states.
    positive, nonnegative, fractions : tuple of str
        Parameters that must be > 0, >= 0, or from 0 to 1; ``tau*`` are > 0 unless they are named as nonnegative.

    Returns
    -------
    type
        The same class; its values are synapses.

    Raises
    ------
    InvalidTypeError
        If a verb or an attribute is missing or wrong, or an equation does not return what it must.
    UnknownParameterError
        If an equation names a parameter that the synapse does not have.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> from spikesim.synapses import Input, equation, synapse
    >>> @synapse
    ... class Shunt(NamedTuple):
    ...     tau: float = 5.0
    ...     states = ("g",)
    ...     @equation
    ...     def slope(f, p):
    ...         return (-f[0] / p.tau,)
    ...     @equation
    ...     def jump(f, w, p):
    ...         return (f[0] + w,)
    ...     @equation
    ...     def input(f, v, p):
    ...         return Input(-70.0 * f[0], f[0])
    >>> Shunt().general, Shunt().E_rev
    (False, -70.0)
    """
    if cls is None:
        return lambda declared: synapse(with_contract("synapse", declared, contract, CONTRACT))
    where = f"synapse {getattr(cls, '__name__', cls)}"
    check_attributes(where, cls)
    check_verbs(where, cls, VERBS, VERBS)
    for name in ("positive", "nonnegative", "ordered", "unbounded", "fractions"):
        if not hasattr(cls, name):
            setattr(cls, name, ())
    for key in ("positive", "nonnegative", "fractions"):
        for name in getattr(cls, key):
            if name not in cls._fields:
                raise InvalidTypeError(f"{where}: {key} names {name!r}, which is no parameter")
    _check_equations(where, cls)
    inherit(cls, SynapseVerbs)
    freeze_values(cls)
    same = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    return type(cls.__name__, (cls, _Equations), {**same, "label": cls.__name__, "E_rev": property(_reversal)})


def _check_equations(where: str, cls: Any) -> None:
    """Evaluate the equations once (1 for a parameter without default), so that slips show at once."""
    p = tuple.__new__(cls, [float(cls._field_defaults.get(name, 1.0)) for name in cls._fields])
    f, v, w = tuple(np.float64(0.25) for _ in cls.states), np.float64(-60.0), np.float64(1.0)
    for verb, given in {"slope": (f, p), "jump": (f, w, p), "input": (f, v, p)}.items():
        found = evaluated(where, verb, getattr(cls, verb), given, cls, p)
        if found is None:
            continue
        if verb == "input" and not (isinstance(found, tuple) and (isinstance(found, Input) or len(found) == 2)):
            raise InvalidTypeError(f"{where}: input must return Input(current, conductance), got {found!r:.60}")
        found, names = (found[:2], Input._fields[:2]) if verb == "input" else (found, cls.states)
        check_result(where, verb, found, names)


@functools.lru_cache(maxsize=1024)
def _form(value: Any) -> Form:
    """Follow the equations of a value."""
    cls, n = type(value), len(type(value).states)
    p = SimpleNamespace(**dict(zip(cls._fields, tuple(value))))
    if any(np.ndim(x) for x in vars(p).values()):
        return Form(False)
    *f, w, v = variables(n + 2)
    try:
        after = np.array([w._of(e).terms for e in cls.jump(tuple(f), w, p)], np.float64)
        additive = np.array_equal(after[:, 1 : n + 1], np.eye(n)) and not np.any(after[:, [0, n + 2]])
    except Exception:  # NotAffine; and what the equations of a user may raise on anything but numbers
        return Form(False)
    if not additive:
        return Form(False)
    b = after[:, n + 1]
    try:
        slope = np.array([v._of(e).terms for e in cls.slope(tuple(f), p)], np.float64)
        felt = np.array([v._of(e).terms for e in cls.input(tuple(f), v, p)[:2]], np.float64)
    except Exception:
        return Form(True, b)
    if np.any(slope[:, 0]) or np.any(felt[:, [0, n + 1, n + 2]]):
        return Form(True, b)
    A, (current, conductance) = slope[:, 1 : n + 1], felt[:, 1 : n + 1]
    if not np.any(conductance):
        return Form(True, b, *_from_first_to_last(A, b, current))
    k = int(np.argmax(np.abs(conductance)))
    reversal = float(current[k] / conductance[k])
    if not np.allclose(current, reversal * conductance, rtol=1e-14, atol=0.0):
        return Form(True, b)
    return Form(True, b, *_from_first_to_last(A, b, conductance), reversal)


def _from_first_to_last(A: np.ndarray, b: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (A, c) in a basis in which b is the first unit vector and, if c b = 0, c a multiple of the last one.

    And T^-1, f = T^-1 z: rows of T are b / |b|^2, vectors orthogonal to b, and at last c where that is one of them.
    """
    n = len(b)
    size = float(b @ b)
    if n == 1 or size == 0.0:
        return A, c * (b if size else 0.0), np.diag(b)
    if np.array_equal(b, b[0] * np.eye(n)[0]) and not np.any(c[:-1]):
        return A, b[0] * c, b[0] * np.eye(n)
    rows = [b / size]
    last = c / np.linalg.norm(c) if np.any(c) and abs(c @ b) <= 1e-15 * np.linalg.norm(c) * np.sqrt(size) else None
    ends = np.array([b / np.sqrt(size)] + ([] if last is None else [last]))
    rows += list(np.linalg.svd(ends)[2][len(ends) :])
    T = np.array(rows if last is None else [*rows, last])
    back = np.linalg.inv(T)
    output = c @ back
    output[np.abs(output) <= 1e-15 * np.abs(output).max(initial=0.0)] = 0.0
    return T @ A @ back, output, back


def additive(value: Any) -> bool:
    """Whether spikes that arrive together may be added up."""
    return not isinstance(value, _Equations) or value.form.additive
