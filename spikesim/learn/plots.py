"""Pictures of learning.  Matplotlib is loaded when one is drawn; every function returns the Axes."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "decision_regions",
    "expression_graph",
    "gradient_norms",
    "learning_curve",
    "level_curves",
    "scatter",
]

_COLOURS = ("y", "r", "g", "b", "k")  # the notes' colour_options


def _axes(ax: Any) -> Any:
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1]
    return ax


def scatter(x: Any, y: Any, classes: Any, idx: tuple[int, int] = (0, 1), equal: bool = True, ax: Any = None) -> Any:
    """Scatter points coloured by class (section 5.1.2)."""
    ax = _axes(ax)
    ax.scatter(x, y, color=[_COLOURS[int(c) % len(_COLOURS)] for c in classes], marker=".")
    ax.set(xlabel=f"input {idx[0]}", ylabel=f"input {idx[1]}")
    if equal:
        ax.axis("equal")
    return ax


def learning_curve(history: Any, ax: Any = None, log: bool = True) -> Any:
    """Plot training and validation loss over epochs (section 5.2), and accuracies on a second scale."""
    ax = _axes(ax)
    for name, style in (("loss", "-"), ("validation_loss", "--")):
        if name in history:
            ax.plot(np.arange(1, len(history) + 1), history[name], style, color="C0", label=name.replace("_", " "))
    ax.set(xlabel="epoch", ylabel="loss", yscale="log" if log else "linear")
    if "accuracy" in history:
        second = ax.twinx()
        for name, style in (("accuracy", "-"), ("validation_accuracy", "--")):
            if name in history:
                second.plot(
                    np.arange(1, len(history) + 1),
                    history[name],
                    style,
                    color="C1",
                    label=name.replace("_", " "),
                )
        second.set_ylabel("accuracy")
        second.legend(loc="center right")
    ax.legend(loc="upper right")
    return ax


def gradient_norms(norms: Any, ax: Any = None, label: str | None = None) -> Any:
    """Plot the norm of dE/dz over the layers (sections 6.1, 6.2)."""
    ax = _axes(ax)
    ax.semilogy(np.arange(1, len(norms) + 1), norms, "o-", label=label)
    ax.set(xlabel="layer", ylabel=r"$\|\nabla_z E\|$")
    if label is not None:
        ax.legend()
    return ax


def level_curves(
    f: Any, x: tuple[float, float], y: tuple[float, float], path: Any = None, levels: int = 25, ax: Any = None
) -> Any:
    """Draw level curves of f(x, y), and the path of an optimisation over them (section 6.3.2)."""
    ax = _axes(ax)
    gx, gy = np.meshgrid(np.linspace(*x, 200), np.linspace(*y, 200))
    ax.contour(gx, gy, f(gx, gy), levels=levels, linewidths=0.6)
    if path is not None:
        points = np.asarray(path)
        ax.plot(points[:, 0], points[:, 1], "k.-", linewidth=0.8)
    return ax


def decision_regions(predict: Any, x: Any, classes: Any, ax: Any = None) -> Any:
    """Colour the plane by the predicted class, with the samples on it; predict(points) -> class indices."""
    ax = _axes(ax)
    low, high = np.min(x, axis=0) - 0.2, np.max(x, axis=0) + 0.2
    gx, gy = np.meshgrid(np.linspace(low[0], high[0], 200), np.linspace(low[1], high[1], 200))
    kind = np.asarray(predict(np.stack([gx.ravel(), gy.ravel()], axis=1))).reshape(gx.shape)
    ax.contourf(gx, gy, kind, levels=np.arange(-0.5, kind.max() + 1.5), alpha=0.3)
    return scatter(x[:, 0], x[:, 1], classes, ax=ax)


def expression_graph(graph: Any, ax: Any = None) -> Any:
    """Draw Vars as circles, Ops as squares, creator pointers in yellow, arguments in black (section 4.1)."""
    ax = _axes(ax)
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
    for var in graph.vars:
        x, y = places[id(var)]
        label = graph.name(var) if var.size > 1 else f"{graph.name(var)}\n{var.item():.3g}"
        ax.text(x, y, label, ha="center", va="center", bbox={"boxstyle": "circle", "fc": "lightblue"}, zorder=3)
        if var.creator is None:
            continue
        ax.annotate(
            "",
            (x, y - 1.0),
            (x, y),
            arrowprops={"arrowstyle": "-|>", "color": "gold", "lw": 2.5, "shrinkB": 8},
        )
        ax.text(
            x,
            y - 1.0,
            var.creator.name,
            ha="center",
            va="center",
            bbox={"boxstyle": "square", "fc": "wheat"},
            zorder=3,
        )
        for arg in var.creator.args:
            ax.annotate(
                "",
                places[id(arg)],
                (x, y - 1.0),
                arrowprops={"arrowstyle": "-|>", "color": "black", "shrinkB": 14},
            )
    xs, ys = zip(*places.values())
    ax.set(xlim=(min(xs) - 1.0, max(xs) + 1.0), ylim=(min(ys) - 1.0, max(ys) + 1.0))
    ax.axis("off")
    return ax
