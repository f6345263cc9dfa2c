"""How Vars behave in formulas: Python's operators, and what an array says of itself.

Every operation ends in ``apply(name, ...)`` of the tape, so each has its rule in the one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InvalidTypeError, StateError
from ...keywords import verbs_named
from .numpy_functions import NumpyFunctions, as_array

if TYPE_CHECKING:
    from .tape import Op, Var

__all__ = ["Operators", "as_array"]


def _entry(k: Any) -> Any:
    """Return one part of an index as NumPy understands it: sequences and Vars are arrays."""
    k = k._val if isinstance(k, NumpyFunctions) else k
    if isinstance(k, (list, tuple, range)):
        return np.asarray(k) if len(k) else np.zeros(0, np.intp)
    return k


@verbs_named
class Operators(NumpyFunctions):
    """What formulas need of a Var; the tape gives it `_val`, `_apply` and the rest."""

    __slots__ = ()
    _is_recording: Callable[[], bool]
    _changed: Callable[[], None]
    creator: Op | None
    _spent: str | None

    # -- the manners of an array -----------------------------------------------------------------------------

    def item(self) -> float:
        """Return the one entry as a Python number.

        Returns
        -------
        float or int
            Of Python.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([2.5]).item()
        2.5
        """
        return np.asarray(self._val).item()

    def tolist(self) -> Any:
        """Return the values as nested lists.

        Returns
        -------
        list or float
            As of NumPy.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0]).tolist()
        [1.0, 2.0]
        """
        return np.asarray(self._val).tolist()

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
        return self.creator is None and self._spent is None

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

    def __index__(self) -> int:
        """Return the one whole number: a Var of a class picks from a list."""
        value = np.asarray(self._val)
        if value.dtype.kind not in "iu" or value.size != 1:
            raise InvalidTypeError(f"an index must be one whole number, got a Var of {value.dtype}, {value.shape}")
        return int(value.item())

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
        parts = tuple(map(_entry, index)) if isinstance(index, tuple) else _entry(index)
        return self._apply("getitem", self, index=parts)

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
        self._changed()
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
        parts = tuple(map(_entry, index)) if isinstance(index, tuple) else _entry(index)
        self._val[parts] = as_array(value)
        self._changed()
