"""One look for all figures: colours that colour-blind readers tell apart, few lines, units in every label.

The colours are those of Okabe and Ito (2008, "Color Universal Design"), without the yellow that white paper
swallows. Nothing global is changed: figures are made inside a `matplotlib.rc_context`, and axes that a caller
brings keep their own settings but for frame and ticks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "GREY", "axes", "colours", "dressed", "figure", "legend"]

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, GREY = "#E69F00", "#56B4E9", "#5A5A5A"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY)

#: Shades for layered networks: excitatory cells in blues, inhibitory ones in reds.
EXCITATORY, INHIBITORY = (
    ("#08519C", "#2F7FBF", "#0B6FA4", "#5BA3CF"),
    ("#B2300A", "#E0622A", "#C8501E", "#F08C5A"),
)

STYLE: Any = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "lines.linewidth": 1.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "figure.dpi": 120.0,
    "savefig.dpi": 150.0,
}


def figure(width: float, height: float) -> Figure:
    """Return a new figure (inches) that pyplot shows like any other, in the style of the package."""
    import matplotlib as mpl
    from matplotlib import pyplot

    with mpl.rc_context(STYLE):
        return pyplot.figure(figsize=(width, height), layout="constrained")


def axes(ax: Axes | None, width: float = 5.6, height: float = 3.4) -> Axes:
    """Return the caller's axes, or those of a new figure: never whatever figure happens to be current."""
    if ax is None:
        import matplotlib as mpl

        with mpl.rc_context(STYLE):
            ax = figure(width, height).add_subplot()
    return dressed(ax)


def dressed(ax: Axes) -> Axes:
    """Take away the frame's upper and right side and make the ticks quiet."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(length=3.0, width=0.8, labelsize=8.0)
    ax.xaxis.label.set_fontsize(9.0)
    ax.yaxis.label.set_fontsize(9.0)
    return ax


def legend(ax: Axes, **options: Any) -> None:
    """Add a legend without a frame when there is more than one thing to tell apart."""
    handles, labels = ax.get_legend_handles_labels()
    if len(labels) > 1:
        ax.legend(handles, labels, **{"frameon": False, "fontsize": 8.0, "handlelength": 1.4, **options})


def _kind(name: str) -> str | None:
    """Whether a name tells an excitatory or an inhibitory population: exc, inh, L23E, L4I, pyramidal."""
    if re.search(r"inh|[^a-z]i$|^i$|\di$|[A-Z0-9]I$|basket|pv|sst|vip", name, re.IGNORECASE):
        return "I"
    if re.search(r"exc|[^a-z]e$|^e$|\de$|pyr", name, re.IGNORECASE):
        return "E"
    return None


def colours(names: Sequence[str]) -> list[str]:
    """Return a colour a population: blues and reds where all names tell E from I, else the plain cycle."""
    kinds = [_kind(name) for name in names]
    if None in kinds or len(names) < 2:
        return [COLOURS[k % len(COLOURS)] for k in range(len(names))]
    if kinds.count("E") <= 1 and kinds.count("I") <= 1:
        return [BLUE if kind == "E" else VERMILION for kind in kinds]
    seen = {"E": 0, "I": 0}
    chosen = []
    for kind in kinds:
        shades = EXCITATORY if kind == "E" else INHIBITORY
        chosen.append(shades[seen[str(kind)] % len(shades)])
        seen[str(kind)] += 1
    return chosen
