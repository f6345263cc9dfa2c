"""How a training went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from .style import BLUE, GREEN, GREY, VERMILION, axes, dressed, ink, legend, text_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["learning_curve"]

LOSSES = {
    "loss": ("training", BLUE),
    "validation_loss": ("validation", VERMILION),
    "test_loss": ("test", GREEN),
}
ACCURACIES = {
    "accuracy": ("training", BLUE),
    "validation_accuracy": ("validation", VERMILION),
    "test_accuracy": ("test", GREEN),
}


@named
def learning_curve(history: Any, *, log: bool = True, ax: Axes | None = None) -> Axes:
    """Draw losses over epochs, and accuracies as dotted lines on a second scale.

    Parameters
    ----------
    history : mapping of sequences
        A History of :func:`spikesim.learn.fit`, or a dict: "loss", "validation_loss", "test_loss",
        "accuracy", "validation_accuracy", "test_accuracy", one number an epoch; or one sequence of losses.
    log : bool
        Whether the losses are on a logarithmic scale.
    ax : Axes, optional

    Returns
    -------
    Axes
        Of the losses.

    Examples
    --------
    >>> import spikesim as ss
    >>> len(ss.plot.learning_curve({"loss": [1.0, 0.5, 0.25]}).get_lines())
    1
    """
    if not isinstance(history, Mapping) and not hasattr(history, "columns"):
        history = {"loss": history}
    columns: Mapping[str, Sequence[float]] = getattr(history, "columns", history)
    losses = {name: np.asarray(columns[name], dtype=np.float64) for name in LOSSES if len(columns.get(name, ()))}
    if not losses:
        raise InvalidValueError(f"learning_curve: no loss in the history; it has {', '.join(columns) or 'nothing'}")
    panel = axes(ax)
    for name, values in losses.items():
        label, colour = LOSSES[name]
        panel.plot(np.arange(1, values.size + 1), values, color=ink(panel, colour), label=label)
    positive = all((values > 0.0).all() for values in losses.values())
    panel.set(xlabel="Epoch", ylabel="Loss", yscale="log" if log and positive else "linear")
    best = losses.get("validation_loss")
    if best is not None and best.size > 2 and 0 < int(best.argmin()) < best.size - 1:
        lowest = int(best.argmin())
        panel.plot(lowest + 1, best[lowest], "o", color=ink(panel, VERMILION), markersize=4.5, label="lowest")
    accuracies = {name: columns[name] for name in ACCURACIES if len(columns.get(name, ()))}
    if accuracies:
        second = dressed(panel.twinx())
        second.spines["right"].set_visible(True)
        for name, share in accuracies.items():
            colour = ink(panel, ACCURACIES[name][1])
            second.plot(np.arange(1, len(share) + 1), share, color=colour, linestyle=(0, (1, 1.5)), linewidth=1.4)
        second.set(ylabel="Accuracy (dotted)")
        second.set_ylim(None, 1.0)
        second.yaxis.label.set_color(text_colour(GREY, panel))
    panel.margins(x=0.0)
    if accuracies:  # above the panel: inside, one of the curves would run through it
        legend(panel, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)
    else:
        legend(panel)
    return panel
