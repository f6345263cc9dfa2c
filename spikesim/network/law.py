"""Numbers made of distance: probabilities, weights and delays as expressions of how far apart two neurons stand.

=================== ==========================================
distance            d, in mm
gaussian(sigma)     exp(-d^2 / (2 sigma^2))
exponential(scale)  exp(-d / scale)
box(radius)         1 where d <= radius, else 0
distance_law(f)     f(d), any vectorised function
=================== ==========================================

Laws are added, subtracted, multiplied, divided, raised to powers and cut (`law.clip(low, high)`), with numbers and with
each other.  `value` evaluates a law on arrays; `bounds` encloses it over intervals of distance (interval arithmetic:
Moore 1966), so that pairs too far apart to be connected are never looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from . import checked

__all__ = [
    "BoxLaw", "Combined", "Constant", "Distance", "DistanceLaw", "ExponentialLaw", "GaussianLaw", "Law", "box",
    "distance", "distance_law", "evaluated", "exponential", "gaussian", "refuse",
]  # fmt: skip

Interval = tuple[np.ndarray, np.ndarray]

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power, "min": np.minimum,
    "max": np.maximum,
}  # fmt: skip


class Law:
    """A number for every pair of neurons, as a function of their indices and their distance; frozen."""

    __array_ufunc__ = None  # a NumPy number beside a law leaves the operation to the law

    #: Whether it asks how far apart two neurons stand.
    of_distance: bool = True

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        """Return the values for pairs: indices int64 (n,) within the two sides, distance float64 (n,) in mm."""
        raise NotImplementedError

    def bounds(self, low: np.ndarray, high: np.ndarray) -> Interval:
        """Return what the values lie between wherever the distance lies between `low` and `high` (mm)."""
        return np.full(low.shape, -np.inf), np.full(low.shape, np.inf)

    def clip(self, low: float = -math.inf, high: float = math.inf) -> Law:
        """Return the law cut to [low, high]."""
        return Combined("min", Combined("max", self, _law(low)), _law(high))

    def __add__(self, other: Any) -> Law:
        return Combined("+", self, _law(other))

    def __radd__(self, other: Any) -> Law:
        return Combined("+", _law(other), self)

    def __sub__(self, other: Any) -> Law:
        return Combined("-", self, _law(other))

    def __rsub__(self, other: Any) -> Law:
        return Combined("-", _law(other), self)

    def __mul__(self, other: Any) -> Law:
        return Combined("*", self, _law(other))

    def __rmul__(self, other: Any) -> Law:
        return Combined("*", _law(other), self)

    def __truediv__(self, other: Any) -> Law:
        return Combined("/", self, _law(other))

    def __rtruediv__(self, other: Any) -> Law:
        return Combined("/", _law(other), self)

    def __pow__(self, other: Any) -> Law:
        return Combined("**", self, _law(other))

    def __neg__(self) -> Law:
        return Combined("-", Constant(0.0), self)


def _law(value: Any) -> Law:
    return value if isinstance(value, Law) else Constant(checked.number("law of distance: a number in it", value))


@dataclass(frozen=True, repr=False)
class Constant(Law):
    """A number, as a law."""

    number: float
    of_distance = False

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        return np.full(distance.shape, self.number)

    def bounds(self, low: np.ndarray, high: np.ndarray) -> Interval:
        return np.full(low.shape, self.number), np.full(low.shape, self.number)

    def __repr__(self) -> str:
        return f"{self.number:g}"


@dataclass(frozen=True, repr=False)
class Distance(Law):
    """See :data:`distance`."""

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        return distance

    def bounds(self, low: np.ndarray, high: np.ndarray) -> Interval:
        return low, high

    def __repr__(self) -> str:
        return "distance"


@dataclass(frozen=True, repr=False)
class GaussianLaw(Law):
    """See :func:`gaussian`."""

    sigma: float

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        with np.errstate(over="ignore"):  # so far away that nothing is left
            return np.exp(-0.5 * (distance / self.sigma) ** 2)

    def bounds(self, low: np.ndarray, high: np.ndarray) -> Interval:
        return self.value(high, high, high), self.value(low, low, low)

    def __repr__(self) -> str:
        return f"gaussian({self.sigma:g})"


@dataclass(frozen=True, repr=False)
class ExponentialLaw(Law):
    """See :func:`exponential`."""

    scale: float

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        return np.exp(-distance / self.scale)

    def bounds(self, low: np.ndarray, high: np.ndarray) -> Interval:
        return self.value(high, high, high), self.value(low, low, low)

    def __repr__(self) -> str:
        return f"exponential({self.scale:g})"


@dataclass(frozen=True, repr=False)
class BoxLaw(Law):
    """See :func:`box`."""

    radius: float

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        return (distance <= self.radius).astype(np.float64)

    def bounds(self, low: np.ndarray, high: np.ndarray) -> Interval:
        return self.value(high, high, high), self.value(low, low, low)

    def __repr__(self) -> str:
        return f"box({self.radius:g})"


@dataclass(frozen=True, repr=False)
class DistanceLaw(Law):
    """See :func:`distance_law`."""

    f: Callable[[np.ndarray], Any]
    reach: float = math.inf

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        found = np.asarray(self.f(distance))
        if found.shape != distance.shape:
            raise InvalidValueError(
                f"{self!r}: f must return one number for each distance, shape {distance.shape}, got shape "
                f"{found.shape}; use NumPy functions of the whole array"
            )
        return np.where(distance <= self.reach, found, 0.0)

    def bounds(self, low: np.ndarray, high: np.ndarray) -> Interval:
        anything = np.where(low > self.reach, 0.0, np.inf)
        return -anything, anything

    def __repr__(self) -> str:
        reach = "" if math.isinf(self.reach) else f", reach={self.reach:g}"
        return f"distance_law({getattr(self.f, '__name__', 'f')}{reach})"


@dataclass(frozen=True, repr=False)
class Combined(Law):
    """Two laws joined by an operation."""

    operation: str
    left: Law
    right: Law

    @property
    def of_distance(self) -> bool:  # type: ignore[override]
        """Whether either asks for the distance."""
        return self.left.of_distance or self.right.of_distance

    def value(self, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> Any:
        a, b = self.left.value(pre, post, distance), self.right.value(pre, post, distance)
        with np.errstate(all="ignore"):  # what is not finite is refused, with the pair, by who asked
            return _OPERATIONS[self.operation](a, b)

    def bounds(self, low: np.ndarray, high: np.ndarray) -> Interval:
        a, b = self.left.bounds(low, high), self.right.bounds(low, high)
        with np.errstate(all="ignore"):
            corners = np.stack([_OPERATIONS[self.operation](x, y) for x in a for y in b])
            if self.operation == "**":  # monotone in both only where the base is positive and the exponent one number
                known = (b[0] == b[1]) & (a[0] > 0.0)
            else:
                known = ~((self.operation == "/") & (b[0] <= 0.0) & (b[1] >= 0.0))
        known &= ~np.isnan(corners).any(axis=0)
        least, most = np.where(np.isnan(corners), np.inf, corners), np.where(np.isnan(corners), -np.inf, corners)
        return np.where(known, least.min(axis=0), -np.inf), np.where(known, most.max(axis=0), np.inf)

    def __repr__(self) -> str:
        if self.operation in ("min", "max"):
            return f"{self.operation}({self.left!r}, {self.right!r})"
        return f"({self.left!r} {self.operation} {self.right!r})"


#: The distance of two neurons (mm), to make weights and delays of: ``delay=0.5 + ss.distance / 0.3``.
distance = Distance()


@named
def gaussian(sigma: float) -> GaussianLaw:
    """Return exp(-d^2 / (2 sigma^2)), 1 at distance 0; `sigma` in mm.

    Parameters
    ----------
    sigma : float
        Standard deviation (mm), > 0.

    Returns
    -------
    Law
        For probabilities, kernels, weights and delays; laws and numbers may be added and multiplied.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If sigma is no number > 0.

    Examples
    --------
    >>> import spikesim as ss
    >>> 0.8 * ss.gaussian(sigma=0.1)
    (0.8 * gaussian(0.1))
    """
    return GaussianLaw(checked.number("gaussian: sigma (mm)", sigma, above=0.0))


@named
def exponential(scale: float) -> ExponentialLaw:
    """Return exp(-d / scale), 1 at distance 0; `scale` in mm.

    Parameters
    ----------
    scale : float
        In mm, > 0.

    Returns
    -------
    Law
        For probabilities, kernels, weights and delays; laws and numbers may be added and multiplied.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the scale is no number > 0.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.exponential(0.2)
    exponential(0.2)
    """
    return ExponentialLaw(checked.number("exponential: scale (mm)", scale, above=0.0))


@named
def box(radius: float) -> BoxLaw:
    """Return 1 up to the distance `radius` (mm), and 0 beyond.

    Parameters
    ----------
    radius : float
        In mm, >= 0.

    Returns
    -------
    Law
        For probabilities, kernels, weights and delays; laws and numbers may be added and multiplied.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the radius is no number >= 0.

    Examples
    --------
    >>> import spikesim as ss
    >>> 0.1 * ss.box(0.25)
    (0.1 * box(0.25))
    """
    return BoxLaw(checked.number("box: radius (mm)", radius, least=0.0))


@named
def distance_law(f: Callable[[np.ndarray], Any], reach: float = math.inf) -> DistanceLaw:
    """Return a law that any function of the distance makes.

    Parameters
    ----------
    f : callable
        Takes float64 distances (n,) in mm, returns as many numbers.
    reach : float
        Beyond it (mm) the law is 0 and f is not asked. Without one, every pair of neurons is looked at.

    Returns
    -------
    Law
        For probabilities, kernels, weights and delays; laws and numbers may be added and multiplied.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If f cannot be called, or the reach is no number >= 0; where it is used, if f returns something else.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> ss.fixed_probability(ss.distance_law(lambda d: 1.0 / (1.0 + (d / 0.1) ** 2), reach=0.5))
    fixed_probability(distance_law(<lambda>, reach=0.5))
    """
    if not callable(f):
        raise InvalidTypeError(f"distance_law: f: wanted a function of distances, got {type(f).__name__} {f!r:.60}")
    return DistanceLaw(f, checked.number("distance_law: reach (mm)", reach, least=0.0, infinite=True))


def evaluated(where: str, law: Law, pre: np.ndarray, post: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Return the values of a law as finite float64 numbers, one a pair, or refuse them with the first bad pair."""
    found = np.asarray(law.value(pre, post, distance))
    if found.dtype.kind not in "biuf":
        raise InvalidTypeError(f"{where}: {law!r} must give numbers, got {found.dtype}")
    if found.shape != pre.shape:
        raise InvalidValueError(f"{where}: {law!r} must give one number a pair, shape {pre.shape}, got {found.shape}")
    values = found.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        refuse(where, law, values, bad, pre, post, distance, "finite")
    return values


def refuse(
    where: str, law: Law, values: Any, bad: Any, pre: np.ndarray, post: np.ndarray, distance: Any, wanted: str
) -> None:
    """Say which pair has a value that is not as wanted."""
    k = int(bad[0])
    raise InvalidValueError(
        f"{where} must be {wanted}, but {law!r} is {float(values[k])!r} for the pair from {int(pre[k])} to "
        f"{int(post[k])}, {float(distance[k]):g} mm apart ({len(bad)} such pairs)"
    )
