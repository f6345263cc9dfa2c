"""Pictures inside the page: each twice, for light and for dark screens, as data that loads nothing."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from .. import plot
from ..html import text
from ..plot.style import STYLE

__all__ = ["picture"]


def picture(
    draw: Callable[[Any], Any],
    alt: str,
    size: tuple[float, float],
    kind: str = "svg",
    *,
    dark: bool = True,
    dpi: float = 144.0,
) -> str:
    """Return the HTML of what `draw(ax)` draws, at `size` (inches), described by `alt`.

    Parameters
    ----------
    draw : callable
        Gets the axes to draw on.
    alt : str
        What there is to see, for those who do not.
    size : (float, float)
        Inches.
    kind : {"svg", "png"}
        PNG for what has too many points for lines.
    dark : bool
        Whether there is one for dark screens, too.
    dpi : float
        Of a PNG.
    """
    both = ("light", "dark") if dark else ("",)  # the style shows one of them, on paper always the light one
    return "".join(
        f'<img class="{paper}" src="{_drawn(draw, size, kind, dpi, paper == "dark")}" alt="{text(alt)}" '
        f'width="{round(96 * size[0])}">'
        for paper in both
    )


def _drawn(draw: Callable[[Any], Any], size: tuple[float, float], kind: str, dpi: float, black: bool) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    into = io.BytesIO()
    with plot.dark() if black else nullcontext(), mpl.rc_context({**STYLE, "svg.hashsalt": "spikesim"}):
        page = Figure(figsize=size, layout="constrained")  # none of pyplot's: no window
        draw(page.add_subplot())
        metadata = {"Date": None} if kind == "svg" else {}
        page.savefig(into, format=kind, dpi=dpi, bbox_inches="tight", metadata=metadata)
    media = "image/svg+xml" if kind == "svg" else "image/png"
    return f"data:{media};base64,{base64.b64encode(into.getvalue()).decode()}"
