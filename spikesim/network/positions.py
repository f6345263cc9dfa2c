"""Where the neurons of a population stand, in mm, in one to three dimensions.

lattice(shape, extent)      the middles of the boxes that divide the extent evenly, the last axis fastest
uniform_positions(extent)   drawn uniformly, from the seed of the network and the name of the population
Positions(points, extent)   points as given; an extent is needed only where edges are periodic
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..random import key, units
from ..scalars import number_array, real
from . import checked

__all__ = ["Positions", "UniformPositions", "lattice", "placed", "uniform_positions"]


@named
@dataclass(frozen=True, eq=False)
class Positions:
    """Places of neurons.

    Parameters
    ----------
    points : array of shape (n,), (n, 1), (n, 2) or (n, 3)
        In mm, one row a neuron.
    extent : tuple of float, optional
        Lengths of the edges of the layer (mm); with periodic edges, the periods.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If they are no such numbers.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Positions([[0.0, 0.0], [0.1, 0.0]], extent=(1.0, 1.0)).points.shape
    (2, 2)
    """

    points: Any
    extent: Any = None

    def __post_init__(self) -> None:
        points = checked.table("Positions: points (mm)", self.points)
        points = points[:, None] if points.ndim == 1 else points
        if points.ndim != 2 or not 1 <= points.shape[1] <= 3:
            raise InvalidValueError(
                f"Positions: points: wanted one row of 1 to 3 coordinates (mm) a neuron, got shape {points.shape}"
            )
        points.setflags(write=False)
        object.__setattr__(self, "points", points)
        if self.extent is not None:
            object.__setattr__(self, "extent", _extent("Positions", self.extent, points.shape[1]))

    def __repr__(self) -> str:
        n, d = self.points.shape
        return f"Positions({n} points in {d}D{'' if self.extent is None else f', extent={self.extent}'})"


@named
@dataclass(frozen=True)
class UniformPositions:
    """See :func:`uniform_positions`."""

    extent: tuple[float, ...]

    def drawn(self, size: int, seed: int, name: str) -> Positions:
        """Return the places of a population: a function of the seed of its network and of its name."""
        index = np.arange(size * len(self.extent)).reshape(size, -1)
        return Positions((units(key(seed, "positions", name), index) - 0.5) * np.array(self.extent), self.extent)


@named
def lattice(shape: Any, extent: Any = None) -> Positions:
    """Return places on a regular lattice around the origin.

    Parameters
    ----------
    shape : int or tuple of 1 to 3 ints
        Neurons along each axis; the last axis runs fastest, as in ``array.reshape(shape)``.
    extent : float or tuple of float, optional
        Lengths of the edges (mm); 1 mm each unless given. Neurons stand in the middles of the boxes, so that periodic
        edges join without a seam.

    Returns
    -------
    Positions

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If shape or extent are no such numbers.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.lattice((2, 2), extent=(1.0, 1.0)).points.tolist()
    [[-0.25, -0.25], [-0.25, 0.25], [0.25, -0.25], [0.25, 0.25]]
    """
    sizes = shape if checked.is_listed(shape) else (shape,)
    if not 1 <= len(sizes) <= 3:
        raise InvalidValueError(f"lattice: shape: wanted 1 to 3 numbers of neurons, got {checked.short(shape)}")
    counts = [checked.count(f"lattice: shape[{k}]", n) for k, n in enumerate(sizes)]
    edges = _extent("lattice", 1.0 if extent is None else extent, len(counts))
    axes = [((np.arange(n) + 0.5) / max(n, 1) - 0.5) * edge for n, edge in zip(counts, edges)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(counts))
    return Positions(points, edges)


@named
def uniform_positions(extent: Any = (1.0, 1.0)) -> UniformPositions:
    """Return places drawn uniformly from a box around the origin, when a population is given them.

    Parameters
    ----------
    extent : float or tuple of 1 to 3 floats
        Lengths of the edges (mm). The draws are a function of the network's seed and the population's name; a run with
        another seed keeps them.

    Returns
    -------
    UniformPositions
        For ``net.population(..., positions=...)``.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the extent is no such number.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> net.population("cells", 50, ss.LIF(), positions=ss.uniform_positions((2.0, 1.0))).positions.shape
    (50, 2)
    """
    return UniformPositions(
        _extent("uniform_positions", extent, number_array("uniform_positions: extent", extent).size)
    )


def placed(where: str, value: Any, size: int, seed: int, name: str) -> Positions | None:
    """Return the places of the neurons of a population; None where none are given."""
    if value is None:
        return None
    if isinstance(value, UniformPositions):
        return value.drawn(size, seed, name)
    if not isinstance(value, Positions):
        if isinstance(value, str) or callable(value):
            raise InvalidTypeError(
                f"{where}: wanted ss.lattice(...), ss.uniform_positions(...) or an array of shape (n, 1 ... 3) in mm, "
                f"got {type(value).__name__} {checked.short(value)}"
            )
        number_array(where, value, "ss.lattice(...), ss.uniform_positions(...) or an array of shape (n, 1 ... 3) in mm")
        value = Positions(value)
    if len(value.points) != size:
        raise InvalidValueError(f"{where}: wanted {size} places, one a neuron, got {len(value.points)} ({value!r})")
    return value


def _extent(where: str, given: Any, dimensions: int) -> tuple[float, ...]:
    edges = tuple(given) if checked.is_listed(given) else (given,) * dimensions
    clean = tuple(real(f"{where}: extent (mm)", edge) for edge in edges)
    if len(clean) != dimensions or not 1 <= dimensions <= 3:
        wanted = f"{dimensions} lengths" if 1 <= dimensions <= 3 else "1 to 3 lengths"
        raise InvalidValueError(f"{where}: extent: wanted {wanted} (mm), got {len(clean)}: {checked.short(given)}")
    if not min(clean) > 0.0 or not math.isfinite(max(clean)):
        raise InvalidValueError(f"{where}: extent (mm) must be > 0, got {checked.short(given)}")
    return clean
