"""Networks as the notes draw them: layers of circles from left to right, and a line for each weight."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..plot.style import BLUE, VERMILION, axes
from .autodiff.tape import Var, as_array
from .layers.activation import Activation
from .layers.convolution import Conv2d
from .layers.linear import Linear
from .layers.module import Module

__all__ = ["draw_network"]

MOST = 9  # nodes of a layer that are drawn; of a larger one the first and the last


@named
def draw_network(
    net: Any,
    weights: bool = True,
    values: bool = False,
    names: Sequence[str] | None = None,
    dropped: Any = None,
    ax: Any = None,
) -> Any:
    """Draw a network: a circle for each node, a line for each weight.

    Parameters
    ----------
    net : Module, or sequence of int
        Its Linear layers are drawn, with the name of the activation after each; or the numbers of nodes of the layers,
        ``(3, 4, 2)``.
    weights : bool
        Whether lines are coloured by sign (blue positive, red negative) and as strong as the weight; else all alike.
    values : bool
        Whether the weights are written on the lines (for small networks).
    names : sequence of str, optional
        What the layers are called; by default x, h, y by their place.
    dropped : dict of int to indices, optional
        Nodes to draw as dropped (section 5.4.3): ``{1: [0, 3]}`` are two of the first hidden layer.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from spikesim import learn
    >>> len(learn.draw_network((3, 4, 2)).texts) > 0
    True
    """
    matrices, sizes, labels = _read(net)
    names = list(names) if names is not None else _names(len(sizes))
    if len(names) != len(sizes):
        raise InvalidValueError(f"draw_network: {len(names)} names for {len(sizes)} layers")
    gone = {int(k): set(map(int, v)) for k, v in (dropped or {}).items()}
    panel = axes(ax)
    tallest = max(min(n, MOST) for n in sizes)
    size = 420.0 * min(1.0, 5.0 / tallest)
    places = [_places(k, n) for k, n in enumerate(sizes)]
    largest = max((float(np.max(np.abs(m), initial=0.0)) for m in matrices if m is not None), default=0.0) or 1.0
    for k, (left, right) in enumerate(pairwise(places)):
        matrix = matrices[k] if weights else None
        for j, (x1, y1) in right.items():
            for i, (x0, y0) in left.items():
                faded = i in gone.get(k, ()) or j in gone.get(k + 1, ())
                w = None if matrix is None else float(matrix[j, i])
                share = 0.45 if w is None else abs(w) / largest
                colour = "0.5" if w is None else BLUE if w >= 0.0 else VERMILION
                panel.plot(
                    (x0, x1), (y0, y1), color="0.85" if faded else colour, zorder=1,
                    linewidth=0.4 if faded else 0.4 + 2.2 * share,
                    alpha=1.0 if faded or w is None else 0.3 + 0.7 * share,
                )  # fmt: skip
                if values and matrices[k] is not None:
                    at = 0.32 if (i + j) % 2 else 0.68
                    panel.text(
                        x0 + at * (x1 - x0), y0 + at * (y1 - y0), f"{matrices[k][j, i]:.3g}", fontsize=7, zorder=3,
                        ha="center", va="center", bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"},
                    )  # fmt: skip
    for k, layer in enumerate(places):
        for j, (x, y) in layer.items():
            out = j in gone.get(k, ())
            panel.scatter(x, y, s=size, color="white", edgecolor="0.75" if out else "0.15", linewidth=1.1, zorder=4)
            panel.text(
                x, y, "×" if out else f"${names[k]}_{{{j + 1}}}$" if sizes[k] > 1 else f"${names[k]}$",
                color="0.6" if out else "0.1", ha="center", va="center", zorder=5, fontsize=8 if size > 250 else 6,
            )  # fmt: skip
        if sizes[k] > MOST:
            panel.text(k, 0.0, "⋮", ha="center", va="center", fontsize=14, zorder=5)
        half = max(y for _, y in layer.values())
        panel.text(k, -tallest / 2.0 - 0.35, labels[k], ha="center", va="top", fontsize=7.5, color="0.3")
        if sizes[k] > MOST:
            panel.text(k, half + 0.55, str(sizes[k]), ha="center", va="bottom", fontsize=7.5, color="0.3")
    panel.set(xlim=(-0.35, len(sizes) - 0.65), ylim=(-tallest / 2.0 - 0.8, tallest / 2.0 + 0.4))
    panel.axis("off")
    return panel


def _read(net: Any) -> tuple[list[Any], list[int], list[str]]:
    """Return the weight matrices (n_out, n_in) or None, the sizes of the layers, and what is written below each."""
    if isinstance(net, Module):
        linear: list[Linear] = []
        labels = ["input"]
        for module in net.modules():
            if isinstance(module, Linear):
                linear.append(module)
                labels.append("")
            elif isinstance(module, Activation) and len(labels) > 1:
                labels[-1] = type(module).__name__
            elif isinstance(module, Conv2d):
                raise InvalidTypeError("draw_network: convolutions have no line for each weight; draw their windows")
        if not linear:
            raise InvalidTypeError(f"draw_network: {type(net).__name__} has no Linear layer to draw")
        if any(a.n_out != b.n_in for a, b in pairwise(linear)):
            raise InvalidTypeError(f"draw_network: the Linear layers of {type(net).__name__} are no chain")
        return [as_array(m.weight) for m in linear], [linear[0].n_in, *(m.n_out for m in linear)], labels
    if isinstance(net, (tuple, list)) and len(net) > 1 and all(isinstance(n, (int, np.integer)) and n > 0 for n in net):
        return [None] * (len(net) - 1), [int(n) for n in net], ["input", *[""] * (len(net) - 2), "output"]
    if isinstance(net, (tuple, list)) and net and all(isinstance(w, (Var, np.ndarray)) for w in net):
        found = [as_array(w).T for w in net]  # chapter 3's (n_in, n_out)
        return found, [found[0].shape[1], *(w.shape[0] for w in found)], ["input", *[""] * (len(net) - 1), "output"]
    raise InvalidTypeError(f"draw_network: wanted a Module, the sizes of layers or their matrices, got {net!r}")


def _names(n: int) -> list[str]:
    if n == 3:
        return ["x", "h", "y"]
    return ["x", *[f"h^{{({k})}}" for k in range(1, n - 1)], "y"]


def _places(k: int, n: int) -> dict[int, tuple[float, float]]:
    """Return where the nodes of layer k stand, by index, from the top down; of a large layer some."""
    shown = list(range(n)) if n <= MOST else [*range(MOST // 2), *range(n - MOST // 2, n)]
    rows = np.linspace((min(n, MOST) - 1) / 2.0, -(min(n, MOST) - 1) / 2.0, min(n, MOST))
    if n > MOST:
        rows = np.concatenate([rows[: MOST // 2], rows[-(MOST // 2) :]])
    return {j: (float(k), float(y)) for j, y in zip(shown, rows)}
