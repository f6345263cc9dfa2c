"""Automatic differentiation as the notes build it (chapter 4): Var and Op objects, and one walk over their
graph.

An operation on Vars makes an Op that remembers its arguments, and a Var whose `creator` is that Op.  By the
chain rule (section 4.1.2) dE/dx is the sum, over all uses of x, of s * dOp/dx, where s = dE/d(output of Op).
The notes' recursion visits a shared expression once for every path to it; here the Vars are walked once, the
youngest first, so that each is reached when all of its uses have spoken: linear in the size of the graph, and
no recursion however deep it is.

Slips of the notes: their comment in ``Var.backward`` says self.var for self.val; and "increment does not
necessarily mean add" is about the factors of the chain rule: what arrives at a Var by several ways is added.

On the same classes stands what section 5.1.1 shows of tensors: requires_grad, no_grad, detach, numpy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from operator import attrgetter
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, StateError
from .operators import Operators, as_array
from .rules import RULES

__all__ = ["Op", "Var", "apply", "as_array", "no_grad", "ordered", "tensor"]

_recording: ContextVar[bool] = ContextVar("recording", default=True)
_births = count(1)
_age = attrgetter("_born")


class Op:
    """One operation of an expression: the name of its rule, its arguments (Vars) and its options."""

    __slots__ = ("args", "kept", "name", "options", "rule")

    def __init__(self, name: str, args: tuple[Var, ...], options: dict[str, Any]) -> None:
        self.name, self.args, self.options, self.rule = name, args, options, RULES[name]
        self.kept: Any = None

    def compute(self) -> Any:
        """Return the value of the operation on the present values of its arguments."""
        result = self.rule.forward(*[a._val for a in self.args], **self.options)
        if self.rule.keeps:
            result, self.kept = result
        else:
            self.kept = result
        return result

    def derivatives(self, s: Any) -> list[tuple[Var, Any]]:
        """Return (argument, s * dOp/dargument) for every argument that needs it; `s` is shaped as the output."""
        rule, kept, options = self.rule, self.kept, self.options
        values = [a._val for a in self.args]
        found = []
        for position, arg in enumerate(self.args):
            if arg.requires_grad:
                if rule.variadic:
                    g = rule.derivatives[0](s, kept, *values, position=position, **options)
                else:
                    g = rule.derivatives[position](s, kept, *values, **options)
                shape = values[position].shape
                found.append((arg, g if np.shape(g) == shape else _sum_to(g, shape)))
        return found

    def evaluate(self) -> Any:
        """Evaluate every argument, then compute and return the value (section 4.1.1)."""
        for arg in self.args:
            arg.evaluate()
        return self.compute()

    def backward(self, s: Any) -> None:
        """Pass the derivative `s` of what stands above on to the arguments (section 4.1.2)."""
        _walk(self.derivatives(np.asarray(s)))

    def __repr__(self) -> str:
        return f"Op({self.name})"


def _sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting: sum the derivative over what was repeated."""
    lead = np.ndim(g) - len(shape)
    axes = tuple(range(lead)) + tuple(lead + k for k, n in enumerate(shape) if n == 1 and np.shape(g)[lead + k] != 1)
    return np.broadcast_to(np.sum(g, axis=axes, keepdims=True).reshape(shape) if axes else g, shape)


def ordered(*roots: Var) -> list[Var]:
    """Return every Var below and including `roots`, each once, the youngest first.

    An operation is younger than its arguments, so descending age is a topological order.
    """
    found: dict[int, Var] = {}
    stack = list(roots)
    while stack:
        var = stack.pop()
        if id(var) not in found:
            found[id(var)] = var
            if var.creator is not None:
                stack.extend(var.creator.args)
    return sorted(found.values(), key=_age, reverse=True)


def _walk(arriving: list[tuple[Var, Any]]) -> list[Var]:
    """The one walk: hand every Var the sum of what arrives at it, and its Op the task to pass it on."""
    pending: dict[int, Any] = {}
    order = ordered(*[var for var, _ in arriving])
    for var, s in arriving:
        pending[id(var)] = pending[id(var)] + s if id(var) in pending else s
    for var in order:
        s = pending.pop(id(var), None)
        if s is None:
            continue
        var._receive(s)
        if var.creator is not None:
            for arg, g in var.creator.derivatives(s):
                if g is s and isinstance(g, np.ndarray):
                    g = g.view()  # marked as shared, see Var._receive
                before = pending.get(id(arg))
                pending[id(arg)] = g if before is None else before + g
    return order


def apply(name: str, *args: Any, **options: Any) -> Var:
    """Do the operation `name` of the table: make the Op, and the Var whose creator it is (section 4.1).

    Numbers and arrays among `args` become constants.  Nothing is recorded where no argument requires a
    gradient, or inside :func:`no_grad`.
    """
    variables = tuple([a if isinstance(a, Var) else _constant(a) for a in args])
    op = Op(name, variables, options)
    out = _constant(op.compute())
    if _recording.get():
        for a in variables:
            if a.requires_grad:
                out.requires_grad, out.creator = True, op
                break
    return out


def _constant(value: Any) -> Var:
    """A Var around `value` as it is: a Python number stays one and leaves the precision of others alone."""
    var = Var.__new__(Var)
    var._val = value if isinstance(value, (np.ndarray, np.generic, float, int)) else np.asarray(value)
    var._grad, var.creator, var.requires_grad, var.name = None, None, False, None
    var._born = next(_births)
    return var


@contextmanager
def no_grad() -> Iterator[None]:
    """Suspend recording: what is computed inside has no creator and gets no gradient (section 5.1.1)."""
    token = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(token)


class Var(Operators):
    """A variable of an expression: a value, the Op that made it, and the derivative of an expression by it.

    Parameters
    ----------
    val : array_like
        The value; integers become float64 (a :func:`tensor` keeps them).
    requires_grad : bool
        Whether derivatives are wanted (default True).
    name : str, optional
        How printed graphs call it.

    Attributes
    ----------
    val : ndarray
        The value.  It may be changed, and :meth:`evaluate` called on what depends on it.
    grad : ndarray or None
        d(expression)/d(self), of the shape of `val`; derivatives add up until :meth:`zero_grad`.
        None if no gradient is required.
    creator : Op or None
        The operation that made this Var; None for a leaf.

    Examples
    --------
    >>> x, y = Var(2.0), Var(3.0)
    >>> f = np.sin(x) + x * y
    >>> f.backward()
    >>> bool(x.grad == np.cos(2.0) + 3.0), float(y.grad)
    (True, 2.0)
    """

    __slots__ = ("__weakref__", "_born", "_grad", "_val", "creator", "name", "requires_grad")
    _apply = staticmethod(apply)
    _is_recording = staticmethod(_recording.get)
    _val: Any
    _grad: Any
    creator: Op | None
    requires_grad: bool
    name: str | None
    _born: int

    def __init__(self, val: Any, requires_grad: bool = True, name: str | None = None, dtype: Any = None) -> None:
        array = np.array(as_array(val), dtype=dtype)
        if requires_grad and array.dtype.kind in "iub" and dtype is None:
            array = array.astype(np.float64)
        if array.dtype.kind not in "iubf" or (requires_grad and array.dtype.kind != "f"):
            raise InvalidTypeError(
                f"Var: val of dtype {array.dtype} cannot"
                f" {'require a gradient' if array.dtype.kind in 'iub' else 'be used'};"
                " wanted real numbers, floating point where requires_grad=True; give dtype=float or convert"
                " first"
            )
        self._val, self._grad, self.creator = array, None, None
        self.requires_grad, self.name, self._born = bool(requires_grad), name, next(_births)

    # -- value and derivative --------------------------------------------------------------------------------

    @property
    def val(self) -> Any:
        return self._val

    @val.setter
    def val(self, value: Any) -> None:
        self._val = np.asarray(as_array(value), dtype=np.asarray(self._val).dtype)

    @property
    def grad(self) -> Any:
        if self._grad is None and self.requires_grad:
            self._grad = np.zeros(np.shape(self._val), dtype=np.asarray(self._val).dtype)
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        self._grad = None if value is None else np.array(value, dtype=np.asarray(self._val).dtype)

    def _receive(self, s: Any) -> None:
        """Add `s` to the gradient; a leaf, whose gradient a user may change in place, must own its array."""
        if self._grad is not None:
            self._grad = self._grad + s
        elif self.creator is not None or (isinstance(s, np.ndarray) and s.base is None):
            self._grad = s
        else:
            self._grad = np.array(s)

    def evaluate(self) -> Any:
        """Return the value, computed afresh from the leaves (section 4.1.1; here without recursion)."""
        for var in reversed(ordered(self)):
            if var.creator is not None:
                var._val = var.creator.compute()
        return self.val

    def backward(self, s: Any = None, retain_graph: bool = True) -> None:
        """Add to the `grad` of every Var below what `s` times this expression's derivative by it is.

        Parameters
        ----------
        s : array_like, optional
            Derivative of what stands above by this Var, of its shape; 1 for a scalar.
        retain_graph : bool
            False forgets the graph afterwards, which frees its memory.

        Raises
        ------
        StateError
            If no gradient was asked for, or an array is differentiated without `s`.
        InvalidValueError
            If `s` has another shape.
        """
        if not self.requires_grad:
            raise StateError(
                "backward: this Var does not require grad and has no creator (made from constants, inside"
                " no_grad,"
                " or detached); make the leaves with requires_grad=True"
            )
        if s is None:
            if np.size(self._val) != 1:
                raise StateError(
                    f"backward: only a scalar starts with the derivative 1, this has shape {self.shape};"
                    f" give s of that"
                    " shape, or reduce it with sum() or mean()"
                )
            s = np.ones(self.shape, self.dtype)
        else:
            s = np.array(as_array(s), dtype=self.dtype)
        if s.shape != self.shape:
            raise InvalidValueError(f"backward: s has shape {s.shape}, wanted that of the Var, {self.shape}")
        walked = _walk([(self, s)])
        if not retain_graph:
            for var in walked:
                var.creator = None

    def zero_grad(self) -> None:
        """Set the gradient of every Var of this expression to zero (line 5 of Algorithms 1 and 2)."""
        for var in ordered(self):
            var._grad = None

    # -- tensor manners (section 5.1.1) ----------------------------------------------------------------------

    def detach(self) -> Var:
        """Return a Var on the same memory, outside the expression graph: a constant."""
        return _constant(self._val)

    def numpy(self) -> np.ndarray:
        """Return the values as an array that shares their memory.

        Raises
        ------
        StateError
            If the Var requires grad; use ``detach().numpy()``.
        """
        if self.requires_grad:
            raise StateError("Can't call numpy() on a Var that requires grad. Use detach().numpy() instead.")
        self._val = np.asarray(self._val)
        return self._val

    def __repr__(self) -> str:
        array = np.asarray(self._val)
        body = np.array2string(array, precision=4, floatmode="maxprec_equal", separator=", ", prefix="tensor(")
        if self.creator is not None:
            body += f", grad_fn=<{self.creator.name}>"
        elif self.requires_grad:
            body += ", requires_grad=True"
        if array.dtype not in (np.float64, np.int64, np.bool_):
            body += f", dtype={array.dtype}"
        return f"tensor({body})"


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Var:
    """Return a Var holding a copy of `data`, by default a constant (section 5.1.1).

    Parameters
    ----------
    data : array_like
        Nested lists or an array; it is copied.
    dtype : dtype, optional
        ``float`` (float64), ``np.float32``, ``int``, ...; by default that of `data`.
    requires_grad : bool
        Whether derivatives are wanted.

    Examples
    --------
    >>> z = tensor([1, 2], dtype=float, requires_grad=True)
    >>> y = np.prod(z)
    >>> y.backward()
    >>> z.grad
    array([2., 1.])
    """
    return Var(data, requires_grad=requires_grad, dtype=dtype)
