"""How Vars behave in formulas: Python's operators, NumPy's functions, and the manners of an array.

Every operation ends in ``apply(name, ...)`` of the tape, so each has its rule in the one table.  Because
NumPy hands its functions over to Vars (``__array_ufunc__``, ``__array_function__``), an equation written for
floats and arrays, such as a neuron's ``slope``, ``flow`` or ``margin``, runs on Vars unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InvalidTypeError, StateError
from .rules import ALIASES, RULES

if TYPE_CHECKING:
    from .tape import Op, Var

__all__ = ["Operators", "as_array"]

_PLAIN_UFUNCS = set(
    "greater greater_equal less less_equal equal not_equal isfinite isnan isinf signbit floor ceil rint"
    " logical_not logical_and logical_or".split()
)
_REDUCE = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
_PLAIN_FUNCTIONS = {
    "shape",
    "ndim",
    "size",
    "argmax",
    "zeros_like",
    "ones_like",
    "full_like",
    "allclose",
    "array_equal",
}


_CLIP = {"a_min": "low", "min": "low", "a_max": "high", "max": "high"}  # NumPy's names for the limits


def _refuse(name: str, options: Mapping[str, Any]) -> None:
    """Raise for NumPy's other options: without them the result would be another one."""
    for key, value in options.items():
        if value is not None:
            raise InvalidTypeError(f"{name} of a Var: no option {key}= here; use detach().numpy() for values")


def as_array(x: Any) -> Any:
    """Return the values of a Var, or `x` as an array."""
    return x._val if isinstance(x, Operators) else np.asarray(x)


class Operators:
    """What a Var can be used for; the tape gives it `_val`, `_apply` and the rest."""

    __slots__ = ()
    __array_priority__ = 1000.0
    _val: Any
    _apply: Callable[..., Var]
    _is_recording: Callable[[], bool]
    creator: Op | None
    requires_grad: bool

    # -- the manners of an array -----------------------------------------------------------------------------

    def item(self) -> float:
        """Return the one entry as a Python number."""
        return np.asarray(self._val).item()

    def tolist(self) -> Any:
        """Return the values as nested lists."""
        return np.asarray(self._val).tolist()

    def argmax(self, axis: int | None = None) -> Any:
        """Return the index of the largest entry (a plain array: it has no derivative)."""
        return np.argmax(self._val, axis=axis)

    @property
    def shape(self) -> tuple[int, ...]:
        value = self._val
        return value.shape if isinstance(value, np.ndarray) else np.shape(value)

    @property
    def ndim(self) -> int:
        value = self._val
        return value.ndim if isinstance(value, np.ndarray) else np.ndim(value)

    @property
    def size(self) -> int:
        return int(np.size(self._val))

    @property
    def dtype(self) -> np.dtype:
        value = self._val
        return value.dtype if isinstance(value, np.ndarray) else np.asarray(value).dtype

    @property
    def T(self) -> Var:
        return self._apply("transpose", self)

    @property
    def is_leaf(self) -> bool:
        return self.creator is None

    def __len__(self) -> int:
        return len(self._val)

    def __iter__(self) -> Iterator[Var]:
        return (self[k] for k in range(len(self._val)))

    def __bool__(self) -> bool:
        return bool(np.asarray(self._val))

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()  # type: ignore[attr-defined]
        return np.array(array, dtype=dtype) if copy else np.asarray(array, dtype=dtype)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    # -- operators -------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Var:
        return self._apply("add", self, other)

    def __radd__(self, other: Any) -> Var:
        return self._apply("add", other, self)

    def __sub__(self, other: Any) -> Var:
        return self._apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Var:
        return self._apply("subtract", other, self)

    def __mul__(self, other: Any) -> Var:
        return self._apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Var:
        return self._apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Var:
        return self._apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Var:
        return self._apply("divide", other, self)

    def __pow__(self, other: Any) -> Var:
        return self._apply("power", self, other)

    def __rpow__(self, other: Any) -> Var:
        return self._apply("power", other, self)

    def __matmul__(self, other: Any) -> Var:
        return self._apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Var:
        return self._apply("matmul", other, self)

    def __neg__(self) -> Var:
        return self._apply("negative", self)

    def __pos__(self) -> Var:
        return self._apply("positive", self)

    def __abs__(self) -> Var:
        return self._apply("absolute", self)

    def __getitem__(self, index: Any) -> Var:
        return self._apply("getitem", self, index=as_array(index) if isinstance(index, Operators) else index)

    def __gt__(self, other: Any) -> Any:
        return self._val > as_array(other)

    def __ge__(self, other: Any) -> Any:
        return self._val >= as_array(other)

    def __lt__(self, other: Any) -> Any:
        return self._val < as_array(other)

    def __le__(self, other: Any) -> Any:
        return self._val <= as_array(other)

    def __eq__(self, other: Any) -> Any:
        return self._val == as_array(other)

    def __ne__(self, other: Any) -> Any:
        return self._val != as_array(other)

    __hash__ = object.__hash__

    def _in_place(self, ufunc: np.ufunc, other: Any) -> Any:
        if self._is_recording() and (self.requires_grad or (isinstance(other, Operators) and other.requires_grad)):
            if self.creator is None and self.requires_grad:
                raise StateError(
                    "a leaf Var that requires grad was changed in place while operations are recorded;"
                    " put the update under `with no_grad():`, or write x = x - ... for a new Var"
                )
            return self._apply(ufunc.__name__, self, other)
        if not isinstance(self._val, np.ndarray):
            self._val = np.array(self._val)
        ufunc(self._val, as_array(other), out=self._val, casting="same_kind")
        return self

    def __iadd__(self, other: Any) -> Var:
        return self._in_place(np.add, other)

    def __isub__(self, other: Any) -> Var:
        return self._in_place(np.subtract, other)

    def __imul__(self, other: Any) -> Var:
        return self._in_place(np.multiply, other)

    def __itruediv__(self, other: Any) -> Var:
        return self._in_place(np.divide, other)

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.requires_grad and (self._is_recording() or self.creator is not None):
            raise StateError(
                "entries of a Var that requires grad cannot be set while operations are recorded; use no_grad"
            )
        self._val[index] = as_array(value)

    def sum(self, axis: Any = None, keepdims: bool = False, **ignored: Any) -> Var:
        _refuse("sum", ignored)
        return self._apply("sum", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False, **ignored: Any) -> Var:
        _refuse("mean", ignored)
        return self._apply("mean", self, axis=axis, keepdims=keepdims)

    def prod(self, axis: int | None = None, keepdims: bool = False, **ignored: Any) -> Var:
        _refuse("prod", ignored)
        return self._apply("prod", self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False, **ignored: Any) -> Var:
        _refuse("max", ignored)
        return self._apply("max", self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False, **ignored: Any) -> Var:
        _refuse("min", ignored)
        return self._apply("min", self, axis=axis, keepdims=keepdims)

    def cumsum(self, axis: int | None = None, **ignored: Any) -> Var:
        _refuse("cumsum", ignored)
        return self.reshape(-1).cumsum(0) if axis is None else self._apply("cumsum", self, axis=axis)

    def clip(self, low: Any = None, high: Any = None, **ignored: Any) -> Var:
        _refuse("clip", ignored)
        return self._apply("clip", self, low=low, high=high)

    def reshape(self, *shape: Any, **ignored: Any) -> Var:
        _refuse("reshape", ignored)
        return self._apply("reshape", self, shape=shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Var:
        return self._apply("transpose", self, axes=(axes[0] if len(axes) == 1 else axes) or None)

    def astype(self, dtype: Any) -> Var:
        return self._apply("astype", self, dtype=dtype)

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
            _refuse(f"{ufunc.__name__}.reduce", {k: v for k, v in options.items() if k not in known})
            return self._apply(_REDUCE[name], *inputs, **{"axis": 0, **known})
        if method != "__call__" or out is not None or options or name not in RULES:
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
            _refuse(name, {k: v for k, v in options.items() if k != "axis"})
            return self._apply(name, *args[0], axis=options.get("axis", args[1] if len(args) > 1 else 0))
        if name in _PLAIN_FUNCTIONS:
            return function(*[as_array(a) if isinstance(a, Operators) else a for a in args], **options)
        if args and isinstance(args[0], Operators) and hasattr(args[0], name):
            if name == "clip":
                options = {_CLIP.get(k, k): v for k, v in options.items()}
            return getattr(args[0], name)(*args[1:], **options)
        raise InvalidTypeError(f"np.{name} has no derivative rule; use detach().numpy() for values")
