"""A million spikes as pixels: an image that is made anew at the size and the limits at which it is drawn.

So zooming in and printing at any resolution show every spike sharply, and drawing costs one pass over the
spikes instead of one marker each.  Where several spikes share a pixel it is darker.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.image import AxesImage
from matplotlib.transforms import IdentityTransform

__all__ = ["SpikeImage"]

#: Spikes that are placed at a time: what stands between stays in the cache.
BLOCK = 2**17


class SpikeImage(AxesImage):
    """Marks of one colour at (times, rows), both (n,); axes with linear scales."""

    def __init__(self, ax: Axes, times: np.ndarray, rows: np.ndarray, color: Any, size: float) -> None:
        span = (float(times.min()), float(times.max()), float(rows.min()), float(rows.max()))
        super().__init__(ax, extent=span, origin="lower", interpolation="nearest")
        self.times, self.rows, self.rgb = times, rows, to_rgb(color)
        self.mark = size  #: side of a mark, points
        self._drawn: tuple[Any, Any] = (None, None)  # the last view, and its pixels
        self.set_data(np.zeros((1, 1)))

    def can_composite(self) -> bool:
        """Drawn by itself: its pixels are those of the renderer."""
        return False

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        """Return the pixels of the view, RGBA uint8 (height, width, 4), and where they go."""
        left, bottom, right, top = self.axes.bbox.extents
        width = max(1, round((round(right) - round(left)) * magnification))
        height = max(1, round((round(top) - round(bottom)) * magnification))
        (x0, x1), (y0, y1) = self.axes.get_xlim(), self.axes.get_ylim()
        side = max(1, round(self.mark * renderer.points_to_pixels(1.0) * magnification))
        view = (width, height, x0, x1, y0, y1, side)
        if self._drawn[0] != view:  # a figure that finds its layout is drawn twice
            self._drawn = view, self._pixels(*view)
        return self._drawn[1], round(left), round(bottom), IdentityTransform()

    def _pixels(self, width: int, height: int, x0: float, x1: float, y0: float, y1: float, side: int) -> np.ndarray:
        """RGBA uint8 (height, width, 4) of a view; a mark is `side` pixels wide."""
        flat = np.zeros(width * height, np.int64)
        for k in range(0, self.times.size, BLOCK):
            x = np.floor((self.times[k : k + BLOCK] - x0) * (width / (x1 - x0))).astype(np.int64)
            y = np.floor((self.rows[k : k + BLOCK] - y0) * (height / (y1 - y0))).astype(np.int64)
            x[x == width] -= 1  # a spike on the very edge of the view
            y[y == height] -= 1
            seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            pixel = y * width + x
            flat += np.bincount(pixel if seen.all() else pixel[seen], minlength=flat.size)
        hits = flat.reshape(height, width)
        if side > 1:
            spread = hits.copy()
            for shift in range(1, side):
                spread[:, shift:] += hits[:, :-shift]
            hits = spread.copy()
            for shift in range(1, side):
                hits[shift:] += spread[:-shift]
        image = np.empty((height, width, 4), np.uint8)
        image[..., :3] = np.round(np.multiply(self.rgb, 255.0))
        some = hits[hits > 0]
        # the typical marked pixel is nearly opaque; emptier and fuller ones stay apart from it
        pale = 0.18 ** (1.0 / max(1.0, float(np.median(some)))) if some.size else 1.0
        image[..., 3] = np.round(255.0 * (1.0 - pale**hits))
        return image
