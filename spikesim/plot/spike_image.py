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


class SpikeImage(AxesImage):
    """Marks of one colour at (times, rows), both (n,); axes with linear scales."""

    def __init__(self, ax: Axes, times: np.ndarray, rows: np.ndarray, color: Any, size: float) -> None:
        span = (float(times.min()), float(times.max()), float(rows.min()), float(rows.max()))
        super().__init__(ax, extent=span, origin="lower", interpolation="nearest")
        self.times, self.rows, self.rgb = times, rows, to_rgb(color)
        self.mark = size  #: side of a mark, points
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
        x = np.floor((self.times - x0) * (width / (x1 - x0))).astype(np.int64)
        y = np.floor((self.rows - y0) * (height / (y1 - y0))).astype(np.int64)
        x[x == width] -= 1  # a spike on the very edge of the view
        y[y == height] -= 1
        seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        hits = np.bincount(y[seen] * width + x[seen], minlength=width * height).reshape(height, width)
        side = max(1, round(self.mark * renderer.points_to_pixels(1.0) * magnification))
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
        return image, round(left), round(bottom), IdentityTransform()
