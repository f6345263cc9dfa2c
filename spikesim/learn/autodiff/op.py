"""One operation of an expression: what it was applied to, and the derivatives by that (section 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import StateError
from ...keywords import named
from .rules import RULES, Rule
from .walk import sum_to, walk

if TYPE_CHECKING:
    from .tape import Var

__all__ = ["Op"]


class Op:
    """One operation of an expression: its rule and the rule's name, its arguments (Vars) and its options.

    Parameters
    ----------
    name : str
        Of its rule.
    args : tuple of Var
        What it is applied to.
    options : dict
        What else the rule takes, such as an axis.
    rule : Rule, optional
        The rule itself; that of the name unless given.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(3.0)
    >>> y = x * x
    >>> y.creator, y.creator.args[0] is x
    (Op(multiply), True)
    """

    __slots__ = ("args", "kept", "made", "name", "options", "rule", "seen")

    def __init__(self, name: str, args: tuple[Var, ...], options: dict[str, Any], rule: Rule | None = None) -> None:
        self.name, self.args, self.options = name, args, options
        self.rule = RULES[name] if rule is None else rule
        self.kept: Any = None
        self.seen: list[int] = []  # the versions of the arguments that `compute` saw
        self.made = 0  # the version of the result

    def compute(self) -> Any:
        """Return the value of the operation on the present values of its arguments.

        Returns
        -------
        array
            Its value.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> y = x * x
        >>> float(y.creator.compute())
        9.0
        """
        result = self.rule.forward(*[a._val for a in self.args], **self.options)
        if self.rule.keeps:
            result, self.kept = result
        else:
            self.kept = result
        self.seen = [0 if (m := a._memory) is None else m.now(a._val) for a in self.args]
        return result

    def derivatives(self, s: Any, out: Var | None = None) -> list[tuple[Var, Any]]:
        """Return (argument, s * dOp/dargument) for every argument that needs it; `s` is shaped as the output.

        With the Var `out` that the operation made, on Vars: the derivatives are expressions again.

        Parameters
        ----------
        s : array
            Derivative of what stands above by the output.
        out : Var, optional
            The output: the derivatives are then Vars.

        Returns
        -------
        list of (Var, array)
            Of the shapes of the arguments.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> y = x * x
        >>> [float(g) for _, g in y.creator.derivatives(np.array(1.0))]
        [3.0, 3.0]
        """
        rule, kept, options, functions = self.rule, self.kept, self.options, self.rule.derivatives
        values: Any = [a._val for a in self.args]
        if out is not None:
            values, kept = self.args, out
            if rule.again is not None:
                functions = rule.again
            if not functions:
                raise StateError(f"{self.name} has no second derivative; differentiate it once, or write it otherwise")
        found = []
        for position, arg in enumerate(self.args):
            if arg.requires_grad:
                if rule.variadic:
                    g = functions[0](s, kept, *values, position=position, **options)
                else:
                    g = functions[position](s, kept, *values, **options)
                shape = values[position].shape
                found.append((arg, g if getattr(g, "shape", ()) == shape else sum_to(g, shape)))
        return found

    def check(self, out: Var) -> None:
        """Refuse to mix values: what the derivatives read must be what the forward pass saw.

        Parameters
        ----------
        out : Var
            What the operation made.

        Raises
        ------
        StateError
            Naming the argument that was changed.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> y = x * x
        >>> y.creator.check(y)  # nothing was changed
        """
        for position, (arg, seen) in enumerate(zip(self.args, self.seen)):
            if arg._memory is not None and arg._memory.now(arg._val) != seen:
                named = f" ({arg.name})" if arg.name else ""
                raise StateError(
                    f"backward: argument {position + 1}{named} of {self.name}, of shape {tuple(arg.shape)}, was changed"
                    " after the forward pass (by a step, in place, or by setting val); the gradient would mix old and"
                    " new values: compute the expression again, or call evaluate() first"
                )
        if out._memory is not None and out._memory.now(out._val) != self.made:
            raise StateError(
                f"backward: the result of {self.name}, of shape {tuple(out.shape)}, was changed after the forward pass;"
                " the gradient would mix old and new values: compute the expression again, or call evaluate() first"
            )

    def evaluate(self) -> Any:
        """Evaluate every argument, then compute and return the value (section 4.1.1).

        Returns
        -------
        array
            Its value.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> y = x * x
        >>> x.val = 4.0
        >>> float(y.creator.evaluate())
        16.0
        """
        for arg in self.args:
            arg.evaluate()
        return self.compute()

    @named
    def backward(self, s: Any) -> None:
        """Pass the derivative `s` of what stands above on to the arguments (section 4.1.2).

        Parameters
        ----------
        s : array_like
            Derivative of what stands above by the output.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(3.0)
        >>> y = x * x
        >>> y.creator.backward(1.0)
        >>> float(x.grad)
        6.0
        """
        walk(self.derivatives(np.asarray(s)))

    def __repr__(self) -> str:
        return f"Op({self.name})"
