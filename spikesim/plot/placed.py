"""Where neurons are, and what each of them does there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from .style import axes, colours, dressed, figure, legend, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["placed"]


@named
def placed(positions: Any, values: Any = None, *, label: str = "", unit: str = "mm", ax: Axes | None = None) -> Axes:
    """Draw neurons where they are, in one, two or three dimensions.

    Parameters
    ----------
    positions : array_like (n, 1...3), something with such `positions`, or a mapping of them by name
    values : array_like (n,), optional
        One a neuron, such as ``result.spikes["exc"].rates()``: as colour; of one population only.
    label : str
        What the values are, with their unit.
    unit : str
        Of the positions.
    ax : Axes, optional
        For three dimensions one with ``projection="3d"``.

    Returns
    -------
    Axes

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If positions are not finite numbers of one, two or three coordinates, or values are not one a neuron.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> grid = np.stack(np.meshgrid([0.0, 0.1], [0.0, 0.1]), axis=-1).reshape(-1, 2)
    >>> ss.plot.placed(grid, [1.0, 2.0, 3.0, 4.0], label="Rate (Hz)").get_xlabel()
    'x (mm)'
    """
    named = positions if isinstance(positions, Mapping) else {getattr(positions, "name", ""): positions}
    points = {str(name): _points(str(name), each) for name, each in named.items()}
    dimensions = {each.shape[1] for each in points.values() if each.size} or {2}
    if len(dimensions) > 1:
        raise InvalidValueError(f"placed: populations have {' and '.join(map(str, sorted(dimensions)))} coordinates")
    (d,) = dimensions
    if values is not None and len(points) > 1:
        raise InvalidValueError("placed: values are one a neuron of one population; draw one population")
    panel = dressed(figure(5.0, 4.2).add_subplot(projection="3d")) if ax is None and d == 3 else axes(ax, 4.8, 4.0)
    if not any(map(len, points.values())):
        note(panel, "no neurons")
    for k, ((name, each), colour) in enumerate(zip(points.items(), colours(list(points), panel))):
        if not len(each):
            continue
        coordinates: Any = [*each.T] if d > 1 else [each[:, 0], np.full(len(each), float(k))]
        look: dict[str, Any] = {"s": float(np.clip(6000.0 / len(each), 2.0, 40.0)), "linewidths": 0.0, "label": name}
        if values is None:
            panel.scatter(*coordinates, color=colour, **look)
            continue
        given = np.ravel(np.asarray(values, dtype=np.float64))
        if given.size != len(each):
            raise InvalidValueError(f"placed: wanted one value a neuron, {len(each)}, got {given.size}")
        drawn = panel.scatter(*coordinates, **{"c": given, "cmap": "viridis", **look})
        bar = panel.figure.colorbar(drawn, ax=panel, shrink=0.85)
        bar.outline.set_visible(False)
        bar.ax.tick_params(length=3.0, width=0.8, labelsize=8.0)
        bar.set_label(label, fontsize=9.0)
    panel.set_xlabel(f"x ({unit})")
    if d == 1:
        panel.set_yticks([])
        panel.spines["left"].set_visible(False)
    else:
        panel.set_ylabel(f"y ({unit})")
        panel.set_aspect("equal")
    if d == 3:
        panel.set_zlabel(f"z ({unit})")  # type: ignore[attr-defined]
    legend(panel, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panel


def _points(name: str, given: Any) -> np.ndarray:
    given = getattr(given, "positions", given)
    where = f"placed: positions of {name!r}" if name else "placed: positions"
    try:
        points = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidTypeError(f"{where}: wanted numbers (n, 1 ... 3), got {type(given).__name__}") from None
    if points.ndim != 2 or not 1 <= points.shape[1] <= 3:
        raise InvalidValueError(f"{where}: wanted an array (n, 1 ... 3), got shape {points.shape}")
    if not np.isfinite(points).all():
        raise InvalidValueError(f"{where}: wanted finite numbers, neuron {int((~np.isfinite(points)).any(1).argmax())}")
    return points
