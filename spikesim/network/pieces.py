"""A function of time from break to break: in closed form (pieces), and its values where an engine asks for them.

What a user writes is checked here, wherever it is asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError

__all__ = [
    "HOLD",
    "LINE",
    "SINE",
    "Piece",
    "breaks_of",
    "changes_of",
    "levels_of",
    "pieces_of",
    "require_constant",
    "values_of",
    "width_of",
]

#: Forms of a piece, and how many numbers each has.
HOLD, LINE, SINE = 0, 1, 2
NUMBERS = {HOLD: 1, LINE: 2, SINE: 4}

#: How many pieces are held against the values, how near those must be, and how far (ms) an endless one is looked at.
LOOKED_AT, NEAR, FAR = 256, 1e-6, 1000.0


class Piece(NamedTuple):
    """A function of time between two breaks, each number one for all or one a target.

    ==== ==================================================================================
    HOLD numbers[0]
    LINE from numbers[0] at `begin` to numbers[1] at `end`
    SINE numbers[0] + numbers[1] sin(numbers[2] (t - begin) + numbers[3]), numbers[2] in 1/ms
    ==== ==================================================================================
    """

    form: int
    begin: float
    end: float
    numbers: tuple[Any, ...]


def breaks_of(stimulus: Any, where: str = "") -> np.ndarray:
    """Return the breaks of a stimulus, float64 (n,): finite, ascending."""
    what = f"{where}{type(stimulus).__name__}.breaks"
    found = _numbers(what, stimulus.breaks(), "times (ms) in an array of shape (n,)")
    if found.ndim != 1:
        raise InvalidValueError(f"{what}: wanted times (ms) in an array of shape (n,), got shape {found.shape}")
    bad = np.flatnonzero(~np.isfinite(found))
    if bad.size:
        raise InvalidValueError(
            f"{what}: wanted finite times (ms), got {float(found[bad[0]])!r} at index {bad[0]}; leave out what never "
            "comes"
        )
    back = np.flatnonzero(np.diff(found) < 0.0)
    if back.size:
        k = int(back[0])
        raise InvalidValueError(
            f"{what}: wanted ascending times (ms), got {float(found[k + 1])!r} behind {float(found[k])!r}; sort them"
        )
    return found


def values_of(stimulus: Any, t: np.ndarray) -> np.ndarray:
    """Return the values of a stimulus at times, float64 (T,) or (T, targets), all finite."""
    what, targets = f"{type(stimulus).__name__}.value", stimulus.targets
    shape = (t.size,) if targets is None else (t.size, targets)
    if not t.size:
        return np.zeros(shape)
    found = _numbers(what, stimulus.value(t), f"an array of shape {shape}")
    if found.shape != shape:
        hint = "" if targets is not None else "; a stimulus of one value a target says how many by its `targets`"
        raise InvalidValueError(
            f"{what} of {t.size} times: wanted an array of shape {shape}, got shape {found.shape}{hint}"
        )
    if not np.isfinite(found).all():
        first = tuple(np.argwhere(~np.isfinite(found))[0].tolist())
        raise InvalidValueError(f"{what} is {float(found[first])!r} at {float(t[first[0]])!r} ms: it must be finite")
    return found


def width_of(stimulus: Any) -> int:
    """Return how many numbers its value at a time has."""
    return 1 if stimulus.targets is None else int(stimulus.targets)


def changes_of(stimulus: Any) -> np.ndarray:
    """Return when it changes (ms): at its breaks, and at 0 where it is not 0 before the first of them."""
    times = breaks_of(stimulus)
    if times.size and times[0] <= 0.0:
        return times
    before = np.array([0.5 * times[0] if times.size else 1.0])
    return np.append(0.0, times) if np.any(values_of(stimulus, before)) else times


def levels_of(stimulus: Any, times: np.ndarray, first: int = 0, stop: int | None = None) -> np.ndarray:
    """Return what it is from each change times[first:stop] on; of a constant one in the middle of what follows it."""
    stop = times.size if stop is None else stop
    if not stimulus.piecewise_constant:
        return values_of(stimulus, times[first:stop])
    ends = np.append(times[first + 1 : stop + 1], times[-1:] + 2.0)[: stop - first]
    return values_of(stimulus, times[first:stop] + 0.5 * (ends - times[first:stop]))


def pieces_of(where: str, stimulus: Any) -> list[Piece]:
    """Return its pieces, which follow one another from 0 ms on and say what its values say."""
    try:
        found = list(stimulus.pieces())
    except InvalidValueError as error:
        raise InvalidValueError(f"{where}: {error.args[0]}") from None
    name, targets, until = type(stimulus).__name__, stimulus.targets, 0.0
    made: list[Piece] = []
    for k, piece in enumerate(found):
        made.append(_checked(f"{where}: {name}.pieces: number {k}", piece, targets, until))
        until = made[-1].end
    _hold_against_values(f"{where}: {name}.pieces", stimulus, made)
    return made


def _checked(what: str, piece: Any, targets: int | None, until: float) -> Piece:
    """Return a piece whose numbers are arrays, or refuse it."""
    if not isinstance(piece, Piece) or piece.form not in NUMBERS or len(piece.numbers) != NUMBERS[piece.form]:
        raise InvalidTypeError(
            f"{what}: wanted Piece(HOLD, begin, end, (value,)), Piece(LINE, begin, end, (first, last)) or "
            f"Piece(SINE, begin, end, (offset, height, omega, phase)), got {piece!r:.80}"
        )
    begin, end = (float(_numbers(what, time, "times (ms)")) for time in (piece.begin, piece.end))
    if not until <= begin < end or (piece.form == LINE and np.isinf(end)):
        last = ", at a finite time" if piece.form == LINE else ""
        raise InvalidValueError(
            f"{what}: wanted one that begins at or after {until:g} ms and ends behind its beginning{last}, got begin = "
            f"{begin!r} and end = {end!r} ms"
        )
    numbers = tuple(_numbers(what, number, "numbers") for number in piece.numbers)
    for number in numbers:
        if number.shape not in ((), (targets,)) or not np.isfinite(number).all():
            wanted = "a number" if targets is None else f"a number or {targets} (one a target)"
            hint = "; a stimulus of one value a target says how many by its `targets`" if number.ndim == 1 else ""
            raise InvalidValueError(f"{what}: wanted {wanted}, finite, got {number.tolist()!r:.60}{hint}")
    if piece.form == SINE and np.any(numbers[2] < 0.0):
        raise InvalidValueError(
            f"{what}: omega must be >= 0, got {numbers[2].min():g}; turn the signs of height and phase"
        )
    return Piece(piece.form, begin, end, numbers)


def value_of(piece: Piece, t: np.ndarray) -> np.ndarray:
    """Return a piece at times, (T,) or (T, targets)."""
    listed = any(np.ndim(number) for number in piece.numbers)
    s = (t - piece.begin)[:, None] if listed else t - piece.begin
    if piece.form == HOLD:
        return piece.numbers[0] + 0.0 * s
    if piece.form == LINE:
        a, b = piece.numbers
        return a + (b - a) * (s / (piece.end - piece.begin))
    offset, height, omega, phase = piece.numbers
    return offset + height * np.sin(omega * s + phase)


def _hold_against_values(what: str, stimulus: Any, pieces: Sequence[Piece]) -> None:
    """Refuse pieces that are not what `value` says: inside some of them, and 0 between them."""
    ends = [(0.0, 0.0), *((piece.begin, piece.end) for piece in pieces), (np.inf, np.inf)]
    gaps = [Piece(HOLD, a, b, (0.0,)) for (_, a), (b, _) in itertools.pairwise(ends) if a < b]
    every = sorted([*pieces, *gaps], key=lambda piece: piece.begin)
    some = [every[k] for k in np.unique(np.linspace(0, len(every) - 1, LOOKED_AT).astype(int))]
    inside = [p.begin + np.array([0.03, 0.41, 0.93]) * min(p.end - p.begin, FAR) for p in some]
    values = values_of(stimulus, np.concatenate(inside)).reshape(len(some), 3, width_of(stimulus))
    for piece, t, value in zip(some, inside, values):
        told = np.broadcast_to(value_of(piece, t).T, value.T.shape).T
        size = max(np.abs(value).max(initial=0.0), *(np.abs(n).max(initial=0.0) for n in piece.numbers[:2]))
        bad = np.argwhere(~(np.abs(told - value) <= NEAR * size))
        if bad.size:
            at = tuple(bad[0].tolist())
            raise InvalidValueError(
                f"{what}: at {t[at[0]]:g} ms it is {told[at]:.9g} by them, but {value[at]:.9g} by "
                "`value`; the two must say the same"
            )


def require_constant(where: str, stimulus: Any) -> None:
    """Refuse a stimulus that says it is constant between its breaks, but is not; looked at here and there."""
    cuts = np.unique(np.append(0.0, breaks_of(stimulus)))
    some = np.unique(np.linspace(0, cuts.size - 1, LOOKED_AT).astype(int))
    lengths = np.minimum(np.append(np.diff(cuts), FAR), FAR)[some]
    t = cuts[some][:, None] + lengths[:, None] * np.geomspace(1e-4, 0.93, 24)
    values = values_of(stimulus, t.ravel()).reshape(*t.shape, width_of(stimulus))
    off = np.abs(values - values[:, :1])
    bad = np.argwhere(off > NEAR * np.abs(values).max(axis=1, keepdims=True))
    if bad.size:
        row, k, target = bad[0].tolist()
        first, other = (f"{values[row, j, target]:.9g} at {t[row, j]:g} ms" for j in (0, k))
        raise InvalidValueError(
            f"{where}: {type(stimulus).__name__} says that it is constant between its breaks, but `value` is {first} "
            f"and {other} with no break between; name that break, or leave out piecewise_constant"
        )


def _numbers(what: str, value: Any, wanted: str) -> np.ndarray:
    """Return real numbers as float64."""
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "biuf":
            raise TypeError
    except (TypeError, ValueError):
        raise InvalidTypeError(f"{what}: wanted {wanted}, got {type(value).__name__} {value!r:.60}") from None
    return found.astype(np.float64, copy=False)
