"""Automatic differentiation as the notes build it (chapter 4): Var and Op objects, and one walk over their
graph.

An operation on Vars makes an Op that remembers its arguments, and a Var whose `creator` is that Op.  By the
chain rule (section 4.1.2) dE/dx is the sum, over all uses of x, of s * dOp/dx, where s = dE/d(output of Op).
The notes' recursion visits a shared expression once for every path to it; here the Vars are walked once, the
youngest first, so that each is reached when all of its uses have spoken: linear in the size of the graph, and
no recursion however deep it is.

Slips of the notes: their comment in ``Var.backward`` says self.var for self.val; and "increment does not
necessarily mean add" is about the factors of the chain rule: what arrives at a Var by several ways is added.

What section 5.1.1 shows of tensors stands on the same classes, see :mod:`spikesim.learn.autodiff.tensor`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any, ClassVar

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, StateError
from ...keywords import all_named, named
from ...scalars import number_array
from .memory import Memory
from .op import Op
from .operators import as_array
from .reductions import Reductions
from .rules import Rule
from .unfit import unfit
from .walk import ordered, walk

__all__ = ["Op", "Var", "apply", "as_array", "constant", "given", "no_grad", "ordered"]

_recording: ContextVar[bool] = ContextVar("recording", default=True)
_births = count(1)


def apply(name: str, *args: Any, rule: Rule | None = None, **options: Any) -> Var:
    """Do the operation `name` of the table: make the Op, and the Var whose creator it is (section 4.1).

    Numbers and arrays among `args` become constants.  Nothing is recorded where no argument requires a
    gradient, or inside :func:`no_grad`.  A `rule` that is given stands for one of the table.

    Parameters
    ----------
    name : str
        Of a rule of the table.
    *args : Var, Tensor or array_like
        What it is applied to.
    rule : Rule, optional
        Another rule.
    **options
        What else the rule takes, such as an axis.

    Returns
    -------
    Var
        The result.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.apply("multiply", learn.Var(2.0), 3.0)
    tensor(6., grad_fn=<multiply>)
    """
    variables = tuple([a if isinstance(a, Var) else given(a) for a in args])
    op = Op(name, variables, options, rule)
    kind, learns = Var, False
    for a in variables:
        if a._kind is not Var:
            kind = a._kind
        if a.requires_grad:
            learns = True
    try:
        value = op.compute()
    except Exception as error:
        told = unfit(op.name, [a._val for a in op.args], error)
        if told is None:
            raise
        raise told from error
    out = constant(value, kind)
    if learns and _recording.get():
        out.requires_grad, out.creator = True, op
    return out


def constant(value: Any, kind: type[Var] | None = None) -> Var:
    """A Var around `value` as it is: a Python number stays one and leaves the precision of others alone."""
    var = Var.__new__(kind or Var)
    var._val = value if isinstance(value, (np.ndarray, np.generic, float, int)) else np.asarray(value)
    var._grad, var._memory, var.creator, var.requires_grad, var.name = None, None, None, False, None
    var._spent, var._born = None, next(_births)
    return var


def given(value: Any) -> Var:
    """A constant of what an operation is given: real numbers."""
    return constant(value if isinstance(value, (float, int)) else as_array(value))


@contextmanager
@named
def no_grad() -> Iterator[None]:
    """Suspend recording: what is computed inside has no creator and gets no gradient (section 5.1.1).

    Returns
    -------
    context manager
        For ``with``; also a decorator.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(3.0)
    >>> with learn.no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    token = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(token)


@all_named
class Var(Reductions):
    """A variable of an expression: a value, the Op that made it, and the derivative of an expression by it.

    Parameters
    ----------
    val : array_like
        The value; integers become float64 (a :func:`tensor` keeps them).
    requires_grad : bool
        Whether derivatives are wanted (default True).
    name : str, optional
        How printed graphs call it.
    dtype : dtype, optional
        Precision; that of the value unless given.

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
    >>> import numpy as np
    >>> from spikesim import learn
    >>> x, y = learn.Var(2.0), learn.Var(3.0)
    >>> f = np.sin(x) + x * y
    >>> f.backward()
    >>> bool(x.grad == np.cos(2.0) + 3.0), float(y.grad)
    (True, 2.0)
    """

    __slots__ = ("__weakref__", "_born", "_grad", "_memory", "_spent", "_val", "creator", "name", "requires_grad")
    _apply = staticmethod(apply)
    _is_recording = staticmethod(_recording.get)
    _kind: ClassVar[type[Var]]  # of what is computed from it
    _val: Any
    _grad: Any
    _memory: Memory | None
    _spent: str | None  # the operation whose graph backward freed
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
        self._val, self._grad, self._memory, self.creator = array, None, None, None
        self.requires_grad, self.name, self._born, self._spent = bool(requires_grad), name, next(_births), None

    # -- value and derivative --------------------------------------------------------------------------------

    @property
    def val(self) -> Any:
        self._lend()
        return self._val

    @val.setter
    def val(self, value: Any) -> None:
        self._val = np.asarray(as_array(value), dtype=np.asarray(self._val).dtype)
        self._changed()

    def _lend(self) -> Memory:
        """Hand the array out: from now on its entries are watched."""
        if self._memory is None:
            self._memory = Memory()
        if isinstance(self._val, np.ndarray):
            self._memory.lend(self._val)
        return self._memory

    def _changed(self) -> None:
        """Count a change of the value; every change that goes through a Var ends here."""
        if self._memory is None:
            self._memory = Memory()
        self._memory.changed(self._val)

    @property
    def grad(self) -> Any:
        if self._grad is None and self.requires_grad:
            self._grad = np.zeros(np.shape(self._val), dtype=np.asarray(self._val).dtype)
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        self._grad = None if value is None else np.array(as_array(value), dtype=np.asarray(self._val).dtype)

    def _receive(self, s: Any) -> None:
        """Add `s` to the gradient; a leaf, whose gradient a user may change in place, must own its array."""
        if self._grad is not None:
            self._grad = self._grad + s
        elif self.creator is not None or (isinstance(s, np.ndarray) and isinstance(s.base, (type(None), bytearray))):
            self._grad = s
        else:
            self._grad = np.array(s)

    def evaluate(self) -> Any:
        """Return the value, computed afresh from the leaves (section 4.1.1; here without recursion).

        Returns
        -------
        array
            The value.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> y = x * x
        >>> x.val = 4.0
        >>> float(y.evaluate())
        16.0
        """
        for var in reversed(ordered(self)):
            if var.creator is not None:
                var._val = var.creator.compute()
                var._changed()
                var.creator.made = 0 if var._memory is None else var._memory.version
        return self._val

    def backward(self, s: Any = None, retain_graph: bool = True) -> None:
        """Add to the `grad` of every Var below what `s` times this expression's derivative by it is.

        Parameters
        ----------
        s : array_like, optional
            Derivative of what stands above by this Var, of its shape; 1 for a scalar.
        retain_graph : bool
            False forgets the graph afterwards, which frees its memory; a second backward through it is refused.

        Raises
        ------
        StateError
            If no gradient was asked for, or an array is differentiated without `s`.
        InvalidValueError
            If `s` has another shape.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> y = x * x
        >>> y.backward()
        >>> float(x.grad)
        6.0
        """
        self._backward(s, retain_graph)

    def _backward(self, s: Any, retain_graph: bool) -> None:
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
            s = np.ones(np.shape(self._val), self.dtype)
        else:
            s = number_array("backward: s", as_array(s)).astype(self.dtype)
            if not np.isfinite(s).all():
                raise InvalidValueError("backward: s: wanted finite numbers; what comes of others is no derivative")
        if s.shape != np.shape(self._val):
            raise InvalidValueError(f"backward: s has shape {s.shape}, wanted that of the Var, {tuple(self.shape)}")
        walked, _ = walk([(self, s)])
        if not retain_graph:
            for var in walked:
                if var.creator is not None:
                    var._spent, var.creator = var.creator.name, None

    def zero_grad(self) -> None:
        """Set the gradient of every Var of this expression to zero (line 5 of Algorithms 1 and 2).

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> y = x * x
        >>> y.backward()
        >>> y.zero_grad()
        >>> float(x.grad)
        0.0
        """
        for var in ordered(self):
            var._grad = None

    # -- tensor manners (section 5.1.1) ----------------------------------------------------------------------

    def detach(self) -> Var:
        """Return a Var on the same memory, outside the expression graph: a constant.

        Returns
        -------
        Var
            A constant.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> x.detach().requires_grad
        False
        """
        self._lend()
        var = constant(self._val, self._kind)
        var._memory = self._memory
        return var

    def numpy(self) -> np.ndarray:
        """Return the values as an array that shares their memory.

        Returns
        -------
        array
            A change of one is seen in the other.

        Raises
        ------
        StateError
            If the Var requires grad; use ``detach().numpy()``.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Var([1.0, 2.0]).detach().numpy().tolist()
        [1.0, 2.0]
        """
        if self.requires_grad:
            raise StateError("Can't call numpy() on a Var that requires grad. Use detach().numpy() instead.")
        self._val = np.asarray(self._val)
        self._lend()
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


Var._kind = Var
