"""The notes' numbers beside ours: what every example of this folder prints, saves and answers for.

An example makes one Page, gives it rows (a number of the notes, ours, how far they may differ), claims and slips,
saves its figure and ends with `done()`, which fails the run if any row or claim does not hold.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot

from spikesim.plot import LIGHT

WIDTH = 52


class Page:
    """One worked example; `text` is the docstring of its script."""

    def __init__(self, text: str) -> None:
        self.script = Path(sys.argv[0])
        parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--out", type=Path, default=Path("."), help="file of the figure, or a folder for it")
        parser.add_argument("--quick", action="store_true", help="fewer seeds, samples or epochs")
        options = parser.parse_args()
        self.quick: bool = options.quick
        self.out: Path = options.out if options.out.suffix else options.out / f"{self.script.stem}.png"
        self.wrong: list[str] = []
        print(text.strip().splitlines()[0])

    def section(self, title: str, first: str = "notes", second: str = "ours") -> None:
        """Begin a table; its columns are the notes' (or a truth's) numbers and ours."""
        print(f"\n{title}\n{'':<{WIDTH}}{first:>16}{second:>16}")

    def row(self, what: str, notes: Any, ours: Any, within: float | None = None, digits: str = ".4g") -> None:
        """Print a number of the notes beside ours; `within` is how far they may differ (None: only shown)."""
        good = within is None or bool(np.allclose(notes, ours, rtol=0.0, atol=within))
        shown = [v if isinstance(v, str) else format(float(v), digits) for v in (notes, ours)]
        self._verdict(f"{what:<{WIDTH}}{shown[0]:>16}{shown[1]:>16}", good, "" if within is None else "ok")

    def claim(self, what: str, holds: Any, ours: str = "") -> None:
        """Print a statement of the notes and whether it holds here."""
        wide = WIDTH + 32
        self._verdict(f"{what:<{wide - len(ours)}}{ours}", bool(holds), "ok")

    def slip(self, text: str) -> None:
        """Name a slip of the notes."""
        print(f"  slip in the notes: {text}")

    def panels(self, rows: int = 1, columns: int = 1, size: tuple[float, float] = (3.6, 3.0), **options: Any) -> Any:
        """Return the Axes of the figure, `size` inches a panel; also set as `self.figure`."""
        mpl.rcParams.update({**LIGHT, "lines.markersize": 4.0})
        self.figure, axes = pyplot.subplots(
            rows, columns, figsize=(columns * size[0], rows * size[1]), layout="constrained", **options
        )
        return axes

    def done(self) -> None:
        """Save the figure, with a legend where things have labels, and end: with an error if anything did not hold."""
        for ax in self.figure.axes:
            if ax.get_legend() is None and len(ax.get_legend_handles_labels()[1]) > 1:
                ax.legend(frameon=False, fontsize=7)
        self.out.parent.mkdir(parents=True, exist_ok=True)
        self.figure.savefig(self.out)
        print(f"\nfigure: {self.out}")
        if self.wrong:
            sys.exit(f"{len(self.wrong)} of the numbers differ:\n" + "\n".join(self.wrong))

    def _verdict(self, line: str, good: bool, mark: str) -> None:
        print(f"{line}  {mark if good else 'DIFFERS'}".rstrip())
        if not good:
            self.wrong.append(line)
