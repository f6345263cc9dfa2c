"""Random numbers as functions: of (seed, what for, index), never of order, threads or history.

A 64-bit word is a keyed hash of its index,

    word(a, b, i) = mix(mix(a + i g) ^ b),    g = 2^64 / golden ratio,

with `mix` the finaliser of splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators",
variant 13 of Stafford) and (a, b) a 128-bit BLAKE2 key of the seed and of the names the number is for.  Any word can be
computed at any time by anybody, so results cannot depend on how work was divided.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any, NamedTuple

import numpy as np
from numba.extending import register_jitable

from .errors import InvalidValueError
from .jit import compiled, part_of, traced
from .keywords import named
from .scalars import real

__all__ = [
    "Distribution",
    "Key",
    "binomial",
    "key",
    "lognormal",
    "normal",
    "quantile",
    "subkey",
    "uniform",
    "unit",
    "units",
    "word",
    "words",
]


class Key(NamedTuple):
    """A stream of random words."""

    a: np.uint64
    b: np.uint64


def key(seed: int, *purpose: str | int) -> Key:
    """Return the stream for a purpose, e.g. ``key(seed, "weights", "exc to inh")``."""
    text = "\x1f".join(f"{type(p).__name__}:{p}" for p in (int(seed), *purpose))
    digest = hashlib.blake2b(text.encode(), digest_size=16, person=b"spikesim").digest()
    return Key(np.uint64(int.from_bytes(digest[:8], "little")), np.uint64(int.from_bytes(digest[8:], "little")))


def mix(x: Any) -> Any:
    """Finaliser of splitmix64 on uint64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _word(a: Any, b: Any, i: Any) -> Any:
    return mix(mix(a + i * np.uint64(0x9E3779B97F4A7C15)) ^ b)


@traced()
def word(a: Any, b: Any, i: Any) -> Any:
    """The i-th 64-bit word of stream (a, b)."""
    return _word(a, b, i)


@traced(2)
def subkey(a: Any, b: Any, i: Any) -> Any:
    """The i-th stream below stream (a, b), e.g. one a time step."""
    return _word(a, b, i), _word(b, a, i)


@part_of
def unit(w):
    """A float64 in (0, 1), ends excluded, from a 64-bit word."""
    return (np.float64(w >> np.uint64(12)) + 0.5) * 2.220446049250313e-16


@part_of
def ndtri(u):
    """Quantile of the standard normal (Wichura 1988, algorithm AS 241; relative error 1e-16)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        num = (
            (((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
               + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.387132872796366608  # fmt: skip
        den = (
            (((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
               + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
            + 42.313330701600911252) * r + 1.0  # fmt: skip
        return q * num / den
    r = u if q < 0.0 else 1.0 - u
    r = math.sqrt(-math.log(r))
    if r <= 5.0:
        r -= 1.6
        num = (
            (((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
               + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
            + 4.6303378461565452959) * r + 1.42343711074968357734  # fmt: skip
        den = (
            (((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
               + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
            + 2.05319162663775882187) * r + 1.0  # fmt: skip
    else:
        r -= 5.0
        num = (
            (((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
               + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
            + 5.4637849111641143699) * r + 6.6579046435011037772  # fmt: skip
        den = (
            (((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
               + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
            + 0.59983220655588793769) * r + 1.0  # fmt: skip
    return -num / den if q < 0.0 else num / den


#: Kinds of distribution as the kernels know them.
CONSTANT, UNIFORM, NORMAL, LOGNORMAL = 0, 1, 2, 3


@part_of
def quantile(law, u):
    """Value of a distribution at probability `u`; law = [kind, a, b, P(low), P(high), low, high] (float64)."""
    kind = law[0]
    if kind == 0.0:
        return law[1]
    if kind == 1.0:
        return law[1] + (law[2] - law[1]) * u
    x = law[1] + law[2] * ndtri(law[3] + (law[4] - law[3]) * u)
    if kind == 3.0:
        x = math.exp(x)
    x = law[5] if x < law[5] else x  # (Numba compiles a min of its own for each kind of argument)
    return law[6] if x > law[6] else x


@register_jitable  # (not `compiled`: equations are evaluated once when they are declared)
def binomial(n, p, u):
    """How many of `n` things happen, each with probability p: the least k whose cumulative probability exceeds u."""
    if p >= 1.0:
        return float(n)
    each = math.exp(n * math.log1p(-p))
    below, k = each, 0.0
    while below <= u and k < n:
        each *= (n - k) / (k + 1.0) * (p / (1.0 - p))
        below += each
        k += 1.0
    return k


@compiled
def _sample(a, b, law, index, out):
    for k in range(index.size):
        out[k] = quantile(law, unit(word(a, b, index[k])))


@compiled
def _quantiles(law, u, out):
    for k in range(u.size):
        out[k] = quantile(law, u[k])


def words(stream: Key, index: np.ndarray) -> np.ndarray:
    """Return the words of a stream at the indices, uint64 of the same shape."""
    found: np.ndarray = np.asarray(word(stream.a, stream.b, index))
    return found


def units(stream: Key, index: np.ndarray) -> np.ndarray:
    """Return the words of a stream as float64 in (0, 1), of the same shape (the NumPy twin of `unit`)."""
    return units_of(words(stream, index))


def units_of(found: np.ndarray) -> np.ndarray:
    """Return the float64 in (0, 1) of words, uint64."""
    made: np.ndarray = ((found >> np.uint64(12)).astype(np.float64) + 0.5) * 2.220446049250313e-16
    return made


class Distribution:
    """A distribution that weights, delays, parameters and initial states are drawn from; frozen."""

    __slots__ = ("_law", "_text")

    def __init__(self, law: list[float], text: str) -> None:
        array = np.array(law, np.float64)
        array.setflags(write=False)
        self._law, self._text = array, text

    @property
    def law(self) -> np.ndarray:
        """The seven numbers that :func:`quantile` takes."""
        return self._law

    @property
    def low(self) -> float:
        """Smallest value that can be drawn."""
        return float(self._law[5])

    @property
    def high(self) -> float:
        """Largest value that can be drawn."""
        return float(self._law[6])

    @property
    def median(self) -> float:
        """Value that half of the draws stay below."""
        return self._at(0.5)[0]

    @property
    def range(self) -> tuple[float, float]:
        """Smallest and largest value that is ever drawn: the quantiles of the least and the largest draw."""
        lowest, highest = self._at(*units_of(np.array([0, 2**64 - 1], np.uint64)))
        return lowest, highest

    def _at(self, *probabilities: float) -> list[float]:
        u = np.array(probabilities)
        out = np.empty(u.size)
        with np.errstate(over="ignore"):
            _quantiles(self._law, u, out)
        return [float(value) for value in out]

    def sample(self, stream: Key, index: np.ndarray) -> np.ndarray:
        """Return the values for the indices, float64 of the same length: a pure function of both arguments."""
        index = np.ascontiguousarray(index, np.int64)
        out = np.empty(index.shape, np.float64)
        with np.errstate(over="ignore"):
            _sample(stream.a, stream.b, self._law, index, out)
        return out

    def __repr__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Distribution) and np.array_equal(self._law, other._law)

    def __hash__(self) -> int:
        return hash(self._law.tobytes())


@named
def uniform(low: float, high: float) -> Distribution:
    """Return the uniform distribution on (low, high).

    Parameters
    ----------
    low, high : float
        Ends of the interval, low <= high.

    Returns
    -------
    Distribution
        For weights, delays, parameters and initial states.

    Raises
    ------
    InvalidValueError
        If low is above high.
    InvalidTypeError
        If one is no number.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.uniform(-70.0, -55.0)
    uniform(-70, -55)
    """
    a, b = real("uniform: low", low), real("uniform: high", high)
    if a > b:
        raise InvalidValueError(f"uniform: low must not be above high, got low = {a!r}, high = {b!r}")
    return Distribution([UNIFORM, a, b, 0.0, 1.0, a, b], f"uniform({a:g}, {b:g})")


@named
def normal(mean: float, sd: float, low: float = -math.inf, high: float = math.inf) -> Distribution:
    """Return the normal distribution, cut to [low, high] (the exact truncated law, no piling up at the ends).

    Parameters
    ----------
    mean, sd : float
        Of the law before it is cut, sd >= 0.
    low, high : float
        Values outside are not drawn.

    Returns
    -------
    Distribution
        For weights, delays, parameters and initial states.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If these are no such numbers.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.normal(1.5, 0.75, low=0.1)
    normal(1.5, 0.75, low=0.1, high=inf)
    """
    return _gaussian("normal", NORMAL, mean, sd, low, high)


@named
def lognormal(mean: float, sd: float, low: float = 0.0, high: float = math.inf) -> Distribution:
    """Return the log-normal distribution whose values have this `mean` and `sd`, cut to [low, high].

    Parameters
    ----------
    mean, sd : float
        Of the values themselves, before they are cut; mean > 0, sd >= 0.
    low, high : float
        Values outside are not drawn.

    Returns
    -------
    Distribution
        For weights, delays, parameters and initial states.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If these are no such numbers.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.lognormal(0.5, 0.25)
    lognormal(0.5, 0.25)
    """
    m, s = real("lognormal: mean", mean), real("lognormal: sd", sd)
    if m <= 0:
        raise InvalidValueError(f"lognormal: mean must be > 0, got {m!r}")
    if s < 0:
        raise InvalidValueError(f"lognormal: sd must be >= 0, got {s!r}")
    variance = math.log1p(s / m * (s / m)) if s / m < 1e150 else 2.0 * math.log(s / m)
    return _gaussian("lognormal", LOGNORMAL, m, s, low, high, (math.log(m) - variance / 2, math.sqrt(variance)))


def _gaussian(
    name: str, kind: int, mean: float, sd: float, low: float, high: float, log: tuple[float, float] | None = None
) -> Distribution:
    m, s = real(f"{name}: mean", mean), real(f"{name}: sd", sd)
    lo = real(f"{name}: low", low, infinite=True)
    hi = real(f"{name}: high", high, infinite=True)
    if s < 0:
        raise InvalidValueError(f"{name}: sd must be >= 0, got {s!r}")
    if not lo < hi:
        raise InvalidValueError(f"{name}: low must be below high, got low = {lo!r}, high = {hi!r}")
    unbounded = (lo, hi) == (0.0 if kind == LOGNORMAL else -math.inf, math.inf)
    text = f"{name}({m:g}, {s:g})" if unbounded else f"{name}({m:g}, {s:g}, low={lo:g}, high={hi:g})"
    if s == 0.0:
        if not lo <= m <= hi:
            raise InvalidValueError(f"{text}: the only value, {m!r}, lies outside [low, high]")
        return Distribution([CONSTANT, m, 0.0, 0.0, 1.0, m, m], text)
    mu, sigma = log or (m, s)

    def probability(x: float) -> float:
        if log:
            if x <= 0:
                return 0.0
            x = math.log(x) if math.isfinite(x) else math.inf
        return 0.5 * math.erfc(-(x - mu) / sigma / math.sqrt(2.0))

    below, above = probability(lo), probability(hi)
    if above - below < 1e-12:
        raise InvalidValueError(f"{text}: [low, high] holds less than 1e-12 of the probability; move the bounds")
    return Distribution([kind, mu, sigma, below, above, lo, hi], text)
