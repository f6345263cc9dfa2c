"""The expression graph, printed, traced and drawn (sections 4.1 and 4.1.1).

Nodes are Vars and Ops; an edge from a Var to its Op is the creator pointer, edges from an Op to Vars its
arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...keywords import named, verbs_named
from .tape import Op, Var, ordered

__all__ = ["Graph", "draw_graph", "graph", "trace"]


@verbs_named
class Graph:
    """The Vars and Ops of an expression, with a name for each Var.

    Parameters
    ----------
    root : Var
        The expression.
    names : mapping, optional
        Names of Vars; ``locals()`` will do.

    Attributes
    ----------
    vars, ops : list
        Oldest first; the expression itself is the last Var.
    names : dict
        id(Var) -> name.

    Examples
    --------
    >>> from spikesim import learn
    >>> x, y = learn.Var(2.0, name="x"), learn.Var(3.0, name="y")
    >>> f = learn.sin(x) + x * y
    >>> g = learn.graph(f, {"f": f})
    >>> len(g.vars), len(g.ops)
    (5, 3)
    """

    def __init__(self, root: Var, names: Mapping[str, Any] | None = None) -> None:
        self.root = root
        self.vars = ordered(root)[::-1]
        self.ops = [v.creator for v in self.vars if v.creator is not None]
        self.names: dict[int, str] = {id(v): v.name for v in self.vars if v.name}
        taken = {id(v) for v in self.vars}
        for name, value in (names or {}).items():
            if isinstance(value, Var) and id(value) in taken:
                self.names.setdefault(id(value), name)
        free = (f"v{k}" for k in range(1, len(self.vars) + 1))
        for v in self.vars:
            if id(v) not in self.names:
                constant = v.creator is None and not v.requires_grad and v.size == 1
                self.names[id(v)] = f"{v.item():g}" if constant else next(free)

    def name(self, var: Var) -> str:
        """Return the name of a Var.

        Parameters
        ----------
        var : Var
            One of the expression.

        Returns
        -------
        str
            As it was given, or v1, v2, ...

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(2.0, name="x")
        >>> f = learn.sin(x) * x
        >>> learn.graph(f).name(x)
        'x'
        """
        return self.names[id(var)]

    def formula(self, op: Op, call: str = "") -> str:
        """Return the operation on its arguments' names, e.g. ``sin(x)``, ``x * y``.

        Parameters
        ----------
        op : Op
            One of the expression.
        call : str
            What is put behind each name.

        Returns
        -------
        str
            With operators where the operation has one.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(2.0, name="x")
        >>> f = learn.sin(x) * x
        >>> learn.graph(f).formula(f.creator)
        'v1 * x'
        """
        args = [self.name(a) + call for a in op.args]
        form = op.rule.form
        return form.format(*args) if form.count("{}") == len(args) else f"{op.name}({', '.join(args)})"

    def __str__(self) -> str:
        """One line a Var, oldest first: name, creator, value, gradient."""
        lines = []
        for v in self.vars:
            made = self.formula(v.creator) if v.creator is not None else "leaf" if v.requires_grad else "constant"
            value = f"{v.item():.6g}" if v.size == 1 else f"shape {v.shape}"
            grad = (
                "" if v._grad is None else f"   grad {float(v.grad.sum()):.6g}" if v.size == 1 else f"   grad {v.shape}"
            )
            lines.append(f"{self.name(v)} = {made}   val {value}{grad}")
        return "\n".join(lines)

    __repr__ = __str__


@named
def graph(f: Var, names: Mapping[str, Any] | None = None) -> Graph:
    """Return the expression graph of `f`; print it.

    Parameters
    ----------
    f : Var
        The expression.
    names : mapping, optional
        Names of Vars; ``locals()`` will do.

    Returns
    -------
    Graph
        A line a Var when it is printed.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(2.0, name="x")
    >>> f = learn.sin(x) * x
    >>> print(learn.graph(f, {"f": f}))
    x = leaf   val 2
    v1 = sin(x)   val 0.909297
    f = v1 * x   val 1.81859
    """
    return Graph(f, names)


@named
def trace(f: Var, names: Mapping[str, Any] | None = None) -> str:
    """Return the tree of calls that ``f.evaluate()`` stands for, level by level, as section 4.1.1 draws it.

    Calls of one level stand side by side; a Var asked for twice on a level is shown once.

    Parameters
    ----------
    f : Var
        The expression.
    names : mapping, optional
        Names of Vars; ``locals()`` will do.

    Returns
    -------
    str
        Lines of text.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(2.0, name="x")
    >>> f = learn.sin(x) * x
    >>> print(learn.trace(f, {"f": f}).splitlines()[0])
    f.evaluate()
    """
    g = Graph(f, names)
    level: list[tuple[str, Var]] = [("var", f)]
    blocks: list[str] = []
    while level:
        pipes = bool(blocks)
        cells, below = [], []
        for kind, var in level:
            op, name = var.creator, g.name(var)
            if kind == "op" and op is not None:
                cells.append((f"{name}.creator.evaluate()", f"  return {g.formula(op, '.evaluate()')}"))
                below += [("var", arg) for arg in op.args]
            elif op is None:
                cells.append((f"{name}.evaluate()", f"  return {name}.val"))
            else:
                cells.append((f"{name}.evaluate()", f"  return {name}.creator.evaluate()"))
                below.append(("op", var))
        widths = [max(map(len, cell)) for cell in cells]
        if pipes:  # above the calls that they lead to
            for mark in "|v":
                blocks.append("".join(f"    {mark}".ljust(w + 4) for w in widths).rstrip())
        for line in range(2):
            blocks.append("    ".join(cell[line].ljust(w) for cell, w in zip(cells, widths)).rstrip())
        seen: set[tuple[str, int]] = set()
        level = [(k, v) for k, v in below if not ((k, id(v)) in seen or seen.add((k, id(v))))]  # type: ignore[func-returns-value]
    return "\n".join(blocks)


@named
def draw_graph(f: Var, names: Mapping[str, Any] | None = None, ax: Any = None) -> Any:
    """Draw the expression graph: Vars round, Ops square, creator pointers yellow; return the Axes.

    Parameters
    ----------
    f : Var
        The expression.
    names : mapping, optional
        Names of Vars; ``locals()`` will do.
    ax : Axes, optional
        Where to draw; a figure of its own unless given.

    Returns
    -------
    Axes
        Of the picture.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(2.0, name="x")
    >>> f = learn.sin(x) * x
    >>> ax = learn.draw_graph(f, {"f": f})
    """
    from ..plots import expression_graph

    return expression_graph(Graph(f, names), ax)
