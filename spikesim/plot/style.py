"""One look for all figures: few lines, units in every label, colours that hold on white and on black paper.

Nothing global is changed: figures are made inside a `matplotlib.rc_context`, and axes that a caller brings keep
their own settings but for frame and ticks.  Ink follows the paper: on axes with a dark face the colours are those for
black (see :mod:`.palette`), whoever made it dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..keywords import named
from .palette import BLUE, COLOURS, GREEN, GREY, ON_BLACK, VERMILION, contrast, legible, of_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "COLOURS",
    "GREEN",
    "GREY",
    "VERMILION",
    "axes",
    "colours",
    "dark",
    "dressed",
    "figure",
    "ink",
    "legend",
    "note",
    "paper",
    "short_name",
    "text_colour",
    "window",
]

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


def _cycle(colours: Sequence[str]) -> dict[str, str]:
    return {"axes.prop_cycle": f"cycler('color', {list(colours)})"}


#: The look of the package for figures of one's own: a style for matplotlib, ``plt.style.use(ss.plot.LIGHT)``.
LIGHT: Any = {**STYLE, "legend.frameon": False, **_cycle(COLOURS)}

#: White ink on black paper: a style for matplotlib, ``plt.style.use(ss.plot.DARK)``.
DARK: Any = {
    **_cycle(ON_BLACK),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "black"),
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "axes.titlecolor", "xtick.color", "ytick.color"), "0.9"
    ),
    "legend.labelcolor": "0.9",
}


@named
def dark() -> AbstractContextManager[None]:
    """Return a context in which figures have white ink on black paper.

    For all figures of a script or notebook take the same as a style: ``plt.style.use(ss.plot.DARK)``.

    Returns
    -------
    context manager
        For ``with``.

    Examples
    --------
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([[1.0, 5.0], [3.0]], stop=10.0)
    >>> with ss.plot.dark():
    ...     figure = ss.plot.raster(trains).figure
    >>> figure.get_facecolor()
    (0.0, 0.0, 0.0, 1.0)
    """
    import matplotlib as mpl

    return mpl.rc_context(DARK)


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
    """Add a legend without a frame when there is more than one thing to tell apart, in columns of at most 16."""
    handles, labels = ax.get_legend_handles_labels()
    if len(labels) > 1:
        look: dict[str, Any] = {"frameon": False, "fontsize": 8.0, "handlelength": 1.4, "ncols": -(-len(labels) // 16)}
        ax.legend(handles, [short_name(label, 30) for label in labels], **{**look, **options})


def note(ax: Axes, text: str) -> None:
    """Say in the middle of the axes why there is nothing to see."""
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, fontsize=8.0, color=text_colour(GREY, ax))


def window(ax: Axes, start: float, stop: float) -> None:
    """Show `start` ... `stop`, or a unit of time where they are one instant."""
    ax.set_xlim(start, stop if stop > start else start + 1.0)


def short_name(name: str, most: int = 18) -> str:
    """Return a name of at most `most` characters, its middle left out where it is longer."""
    half = (most - 1) // 2
    return name if len(name) <= most else f"{name[: most - 1 - half]}…{name[-half:]}"


# ---- colours


def paper(ax: Axes) -> str:
    """Return the colour behind what is drawn, "#RRGGBB": the face of the axes, of the figure, or white."""
    from matplotlib.colors import to_hex, to_rgba

    faces = (ax.get_facecolor(), ax.get_figure().get_facecolor())  # type: ignore[union-attr]
    return next((to_hex(face) for face in faces if to_rgba(face)[3] > 0.5), "#ffffff")


def _palette(ax: Axes | None) -> tuple[str, ...]:
    return ON_BLACK if ax is not None and contrast("#FFFFFF", paper(ax)) > contrast("#000000", paper(ax)) else COLOURS


def ink(ax: Axes, colour: str | int) -> str:
    """Return a colour of the palette (or its place, which goes round) as it is on the paper of these axes."""
    place = colour if isinstance(colour, int) else COLOURS.index(colour)
    return _palette(ax)[place % len(COLOURS)]


def colours(names: Sequence[str], ax: Axes | None = None) -> list[str]:
    """Return a colour a population, for the paper of `ax` (white without it)."""
    return [_palette(ax)[place] for place in of_names(names)]


def text_colour(colour: str, ax: Axes) -> str:
    """Return the colour for text on the paper of these axes: legible."""
    return legible(colour, paper(ax))
