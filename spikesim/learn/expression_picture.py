"""The graph of an expression, drawn as the notes draw it (section 4.1)."""

from __future__ import annotations

from typing import Any

from ..keywords import named
from ..plot.style import axes

__all__ = ["expression_graph"]


@named
def expression_graph(graph: Any, ax: Any = None) -> Any:
    """Draw Vars as circles, Ops as squares, creator pointers in yellow, arguments in black (section 4.1).

    Parameters
    ----------
    graph : Graph
        Of :func:`spikesim.learn.graph`.
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
    >>> ax = learn.plots.expression_graph(learn.graph(x * x))
    """
    ax = axes(ax)
    depth: dict[int, int] = {}
    for var in graph.vars:
        depth[id(var)] = 0 if var.creator is None else 1 + max(depth[id(a)] for a in var.creator.args)
    places: dict[int, tuple[float, float]] = {}
    rows: dict[int, list[Any]] = {}
    for var in graph.vars:
        rows.setdefault(depth[id(var)], []).append(var)
    for level, row in rows.items():
        for k, var in enumerate(row):
            places[id(var)] = (k - (len(row) - 1) / 2.0 + 0.08 * level, 2.0 * level)
    size = 9.0 if max(depth.values()) <= 2 else 6.0  # a tall graph has small nodes, so that its arrows are seen
    circles: dict[int, Any] = {}
    for var in graph.vars:
        label = graph.name(var) if var.size > 1 else f"{graph.name(var)}\n{var.item():.3g}"
        circles[id(var)] = _node(ax, places[id(var)], label, "circle", "lightblue", size)
    for var in graph.vars:
        if var.creator is not None:
            x, y = places[id(var)]
            square = _node(ax, (x, y - 1.0), var.creator.name, "square", "wheat", size)
            _arrow(ax, circles[id(var)], square, color="gold", lw=2.5)
            for arg in var.creator.args:
                _arrow(ax, square, circles[id(arg)], 0.15 * (depth[id(var)] - depth[id(arg)] > 1), color="black")
    xs, ys = zip(*places.values())
    ax.set(xlim=(min(xs) - 0.7, max(xs) + 0.7), ylim=(min(ys) - 0.7, max(ys) + 0.7))
    ax.axis("off")
    return ax


def _node(ax: Any, place: tuple[float, float], label: str, shape: str, colour: str, size: float) -> Any:
    box = {"boxstyle": shape, "fc": colour}
    return ax.text(*place, label, fontsize=size, ha="center", va="center", bbox=box, zorder=3)


def _arrow(ax: Any, tail: Any, head: Any, bend: float = 0.0, **style: Any) -> None:
    """Point from one node to another: drawn after both, when their outlines are known, and cut off there."""
    ends = {"patchA": tail.get_bbox_patch(), "patchB": head.get_bbox_patch(), "shrinkA": 0, "shrinkB": 1}
    small = {"mutation_scale": 0.9 * tail.get_fontsize()}  # no head reaches back over its tail's number
    way = {"arrowstyle": "-|>", "connectionstyle": f"arc3,rad={bend}", **small, **ends, **style}
    ax.annotate("", head.get_position(), tail.get_position(), arrowprops=way, zorder=4)
