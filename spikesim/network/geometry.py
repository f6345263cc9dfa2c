"""How far apart the neurons on the two sides of a projection stand, with open or periodic edges.

d^2 = sum_k delta_k^2,  delta_k = x_k - y_k - L_k round((x_k - y_k) / L_k);  L_k the period, the last term 0 if open.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidValueError
from .selection import Selection

__all__ = ["BOUNDARIES", "Geometry", "geometry", "nowhere"]

BOUNDARIES = ("open", "torus")


class Geometry(NamedTuple):
    """Places of sources and targets.

    ====== ==================== ===================================================
    pre    float64 (n_pre, 3)   mm; coordinates that there are not are 0
    post   float64 (n_post, 3)
    period float64 (3,)         inf: no periodic edges along this axis
    axes   int                  dimensions; 0: there are no places, all distances are NaN
    ====== ==================== ===================================================
    """

    pre: np.ndarray
    post: np.ndarray
    period: np.ndarray
    axes: int

    @property
    def known(self) -> bool:
        """Whether there are places."""
        return self.axes > 0

    def distances(self, pre: np.ndarray, post: np.ndarray) -> np.ndarray:
        """Return the distances (mm) of pairs of indices."""
        if not self.known:
            return np.full(pre.shape, np.nan)
        squares = np.zeros(pre.shape)
        for axis, period in enumerate(self.period[: self.axes]):
            delta = self.pre[pre, axis] - self.post[post, axis]
            if np.isfinite(period):
                delta -= period * np.rint(delta / period)
            squares += delta * delta
        return np.sqrt(squares)

    @property
    def longest(self) -> float:
        """No distance is longer (mm)."""
        if not self.known or not len(self.pre) or not len(self.post):
            return 0.0
        both = np.stack([np.maximum(self.pre.max(0), self.post.max(0)), np.minimum(self.pre.min(0), self.post.min(0))])
        reach = np.minimum(both[0] - both[1], 0.5 * self.period)
        return float(np.sqrt((reach * reach).sum())) * (1.0 + 1e-12)

    def turned(self) -> Geometry:
        """Return the same with the sides exchanged."""
        return Geometry(self.post, self.pre, self.period, self.axes)


def nowhere(n_pre: int, n_post: int) -> Geometry:
    """Return the geometry of neurons without places."""
    none = np.zeros(3)
    return Geometry(np.broadcast_to(none, (n_pre, 3)), np.broadcast_to(none, (n_post, 3)), np.full(3, np.inf), 0)


def geometry(where: str, pre: Selection, post: Selection, boundary: str, needed: bool) -> Geometry:
    """Return the places on both sides of a projection.

    Raises
    ------
    InvalidValueError
        If they are needed and some population has none, they differ in their number of dimensions, or edges are
        periodic and the populations have no common extent.
    """
    populations = {population.name: population for population in (*pre.populations, *post.populations)}
    missing = [name for name, population in populations.items() if population.places is None]
    if missing:
        if not needed:
            return nowhere(pre.size, post.size)
        raise InvalidValueError(
            f"{where}: it asks for distances, but the neurons of {missing[0]!r} have no places; give them some: "
            "net.population(..., positions=ss.lattice(...)), ss.uniform_positions(...), or an array in mm"
        )
    places = {name: population.places for name, population in populations.items() if population.places is not None}
    dimensions = {name: place.points.shape[1] for name, place in places.items()}
    if len(set(dimensions.values())) > 1:
        said = ", ".join(f"{name!r} in {n}" for name, n in dimensions.items())
        raise InvalidValueError(f"{where}: places must have one number of dimensions, got {said}")
    period = np.full(3, np.inf)
    if boundary == "torus" and populations:
        extents = {name: place.extent for name, place in places.items()}
        if None in extents.values() or len(set(extents.values())) > 1:
            said = ", ".join(f"{name!r} has {extent}" for name, extent in extents.items())
            raise InvalidValueError(
                f"{where}: boundary='torus' wants one extent for all, its periods, but {said}; say it with "
                "positions=ss.Positions(points, extent=(1.0, 1.0))"
            )
        extent = next(iter(extents.values()))
        period[: len(extent)] = extent
    return Geometry(_points(pre), _points(post), period, next(iter(dimensions.values()), 1))


def _points(selection: Selection) -> np.ndarray:
    found = np.zeros((selection.size, 3))
    first = 0
    for population, ids in selection.parts:
        places: Any = population.places
        if ids.size:
            found[first : first + ids.size, : places.points.shape[1]] = places.points[ids]
        first += ids.size
    return found
