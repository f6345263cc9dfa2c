"""NumPy's functions on Vars: ``np.sin(x)``, ``np.where(c, x, y)``, ``scipy.special.erf(x)`` are rules of the table.

Because NumPy hands its functions over (``__array_ufunc__``, ``__array_function__``), an equation written for floats and
arrays, such as a neuron's ``slope``, ``flow`` or ``margin``, runs on Vars unchanged.  What needs no derivative, because
nothing it is given requires one, is NumPy's own function on the values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InvalidTypeError
from ...kinds import shown
from .rules import ALIASES, RULES

if TYPE_CHECKING:
    from .tape import Var

__all__ = ["NumpyFunctions", "as_array", "refuse"]

_PLAIN_UFUNCS = set(
    "greater greater_equal less less_equal equal not_equal isfinite isnan isinf signbit floor ceil rint"
    " logical_not logical_and logical_or".split()
)
_REDUCE = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
_PLAIN_FUNCTIONS = set(
    "shape ndim size argmax argmin argsort zeros_like ones_like full_like allclose array_equal all any isclose".split()
)
_CLIP = {"a_min": "low", "min": "low", "a_max": "high", "max": "high"}  # NumPy's names for the limits
_BOTH = ("dot", "outer")  # functions of two arrays, of which only one need be a Var


def refuse(name: str, options: Mapping[str, Any]) -> None:
    """Raise for NumPy's other options: without them the result would be another one."""
    for key, value in options.items():
        if value is not None:
            raise InvalidTypeError(f"{name} of a Var: no option {key}= here; use detach().numpy() for values")


def as_array(x: Any) -> Any:
    """Return the values of a Var, or `x` as an array; complex numbers are refused: derivatives are real here."""
    if isinstance(x, NumpyFunctions):
        return x._val
    try:
        array = np.asarray(x)
    except ValueError:
        raise InvalidTypeError("wanted an array of numbers, got lists of unequal lengths") from None
    if array.dtype.kind == "c":
        raise InvalidTypeError(f"wanted real numbers, got {array.dtype} {shown(x)}; take its real part or its size")
    return array


def _values(x: Any) -> Any:
    """Return `x` with every Var in it, also in lists and tuples, replaced by its values."""
    if isinstance(x, NumpyFunctions):
        return x._val
    return type(x)(_values(k) for k in x) if type(x) in (list, tuple) else x


def _learns(x: Any) -> bool:
    if isinstance(x, NumpyFunctions):
        return x.requires_grad
    return any(_learns(k) for k in x) if type(x) in (list, tuple) else False


class NumpyFunctions:
    """What NumPy asks of a Var."""

    __slots__ = ()
    __array_priority__ = 1000.0
    _val: Any
    _apply: Callable[..., Var]
    requires_grad: bool

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()  # type: ignore[attr-defined]
        return np.array(array, dtype=dtype) if copy else np.asarray(array, dtype=dtype)

    @classmethod
    def __where__(cls, condition: Any, a: Any, b: Any) -> Var:
        """Select by a condition: what ``np.where`` and ``spikesim.jit.where`` call."""
        return cls._apply("where", a, b, condition=as_array(condition))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """np.exp(x), np.add(a, x), scipy.special.erf(x), ... on Vars are the operations of the table."""
        name = ALIASES.get(ufunc.__name__, ufunc.__name__)
        out = options.pop("out", None)
        if name in _PLAIN_UFUNCS and method == "__call__":
            return ufunc(*[as_array(x) for x in inputs], **options)
        if method == "reduce" and name in _REDUCE and out is None:
            known = {k: v for k, v in options.items() if k in ("axis", "keepdims")}
            refuse(f"{ufunc.__name__}.reduce", {k: v for k, v in options.items() if k not in known})
            return self._apply(_REDUCE[name], *inputs, **{"axis": 0, **known})
        if method != "__call__" or out is not None or options or name not in RULES:
            if not _learns(inputs):
                known = {} if out is None else {"out": tuple(_values(o) for o in out)}
                return getattr(ufunc, method)(*_values(inputs), **known, **_plain(options))
            raise InvalidTypeError(
                f"np.{ufunc.__name__}{'' if method == '__call__' else '.' + method} has no derivative rule"
                f"{' with out=' if out is not None else ''}; rules: {', '.join(sorted(RULES))}; use"
                f" detach().numpy()"
            )
        return self._apply(name, *inputs)

    def __array_function__(self, function: Any, types: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """np.where, np.concatenate, np.sum, ... on Vars."""
        name = ALIASES.get(function.__name__, function.__name__)
        if name == "where":
            return self.__where__(*args)
        if name in ("concatenate", "stack"):
            refuse(name, {k: v for k, v in options.items() if k != "axis"})
            return self._apply(name, *args[0], axis=options.get("axis", args[1] if len(args) > 1 else 0))
        if name in _PLAIN_FUNCTIONS:
            return function(*_values(args), **_plain(options))
        if name in _BOTH:
            return getattr(type(self), name)(*args, **options)
        if args and isinstance(args[0], NumpyFunctions) and hasattr(args[0], name):
            if name == "clip":
                options = {_CLIP.get(k, k): v for k, v in options.items()}
            return getattr(args[0], name)(*args[1:], **options)
        if not _learns(args) and not _learns(tuple(options.values())):
            return function(*_values(args), **_plain(options))
        raise InvalidTypeError(f"np.{name} has no derivative rule; use detach().numpy() for values")


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _values(value) for key, value in options.items()}
