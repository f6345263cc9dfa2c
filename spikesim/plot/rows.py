"""Many curves without a tangle: up to four in one panel, more in a row each with its name and its own scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .style import axes, colours, dressed, ink, short_name, text_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["OVERLAID", "height_of", "rows"]

#: More curves than this get a row each.
OVERLAID = 4


def height_of(n: int, height: float, most: int = OVERLAID) -> float:
    """Return how high (inches) a figure of `n` curves is, of up to `most` of them `height`."""
    return max(height, 0.7 + max(0.13, min(0.42, 6.0 / n)) * n) if n > most else height


def rows(
    ax: Axes | None,
    names: Sequence[str],
    width: float = 5.6,
    height: float = 3.4,
    most: int = OVERLAID,
    turn: bool = False,
) -> tuple[Axes, dict[str, tuple[Axes, str]]]:
    """Return the panel, and for each name the axes to draw it on and its colour.

    The rows stand inside the panel and share its time axis; the panel keeps the labels.  A figure of its own is made
    as high as they need.  Colours are those of populations by their names, or with `turn` one after the other.
    """
    n = len(names)
    many = n > most
    panel = axes(ax, width, height_of(n, height, most))
    given = [ink(panel, k) for k in range(n)] if turn else colours(names, panel)
    if not many:
        return panel, {name: (panel, colour) for name, colour in zip(names, given)}
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.yaxis.labelpad = 28.0
    room = panel.get_window_extent().height * 72.0 / panel.figure.dpi / n  # points a row
    found: dict[str, tuple[Axes, str]] = {}
    for k, (name, colour) in enumerate(zip(names, given)):
        row = dressed(panel.inset_axes((0.0, 1.0 - (k + 0.86) / n, 1.0, 0.72 / n), sharex=panel))
        row.set_facecolor("none")
        row.tick_params(bottom=False, labelbottom=False, labelsize=6.5)
        row.spines["bottom"].set(linewidth=0.5, alpha=0.5)
        row.locator_params(axis="y", nbins=2 if room > 32.0 else 1, min_n_ticks=1)
        row.margins(x=0.0)
        if room < 18.0:  # too low for numbers
            row.set_yticks([])
            row.spines["left"].set_visible(False)
        label: dict[str, Any] = {"textcoords": "offset points", "va": "center", "annotation_clip": False}
        size = max(4.0, min(8.0, 0.9 * room))
        row.annotate(
            short_name(name), (1.0, 0.5), (5.0, 0.0), xycoords="axes fraction", fontsize=size,
            color=text_colour(colour, panel), **label,
        )  # fmt: skip
        found[name] = row, colour
    return panel, found
