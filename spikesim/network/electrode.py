"""What a stimulus is: a current from an electrode (pA) as a function of time t (ms), right-continuous.

=================== ==========================================================================================
value(t)            the current at the times t: (T,), or (T, targets) where amplitudes are listed one a target
breaks()            the times where the value or its slope jumps
piecewise_constant  whether the current is constant between breaks
on_grid(grid)       refuses a current that would jump between two steps
range()             between which values it lies: for a function of time that is a rate (Hz)
pieces()            what it is between breaks in closed form, for the event engine; told by value where it is constant
=================== ==========================================================================================

The currents themselves stand in stimulus.py.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.polynomial import legendre

from ..docstrings import inherit
from ..errors import InvalidTypeError, InvalidValueError
from ..grid import Grid
from . import checked
from .array_file import in_a_file
from .pieces import HOLD, Piece, changes_of, levels_of, values_of

__all__ = ["Stimulus"]

_NODES, _WEIGHTS = legendre.leggauss(8)


class Stimulus:
    """A current that is injected: what the compiler and the engines ask of it."""

    piecewise_constant: ClassVar[bool] = False  #: whether the current is constant between `breaks`

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        inherit(cls)

    of_time = True  #: a function of time, which may be a rate

    #: Parameters that are one number for all targets or one a target.
    per_target: ClassVar[tuple[str, ...]] = ()

    @property
    def targets(self) -> int | None:
        """For how many neurons amplitudes are listed; None: one for all."""
        lengths = {name: len(getattr(self, name)) for name in self.per_target if np.ndim(getattr(self, name))}
        if len(set(lengths.values())) > 1:
            text = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise InvalidValueError(f"{type(self).__name__}: lists must have one value a target each, but {text}")
        return next(iter(lengths.values()), None)

    def value(self, t: np.ndarray) -> np.ndarray:
        """Return the current (pA) at the times `t` (ms, float64 (T,)), shape (T,) or (T, targets).

        Parameters
        ----------
        t : array of float, shape (T,)
            Times (ms).

        Returns
        -------
        array of float, shape (T,) or (T, targets)
            In pA; a column a target where amplitudes are listed one a target.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> ss.DC(100.0, start=1.0, stop=3.0).value(np.array([0.0, 1.0, 3.0])).tolist()
        [0.0, 100.0, 0.0]
        """
        raise NotImplementedError

    def breaks(self) -> np.ndarray:
        """Return the times (ms, ascending) where the value or its slope jumps.

        Returns
        -------
        array of float, shape (n,)
            In ms.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.DC(100.0, start=1.0, stop=3.0).breaks().tolist()
        [1.0, 3.0]
        """
        return np.empty(0)

    def on_grid(self, grid: Grid, where: str) -> None:
        """Raise :class:`InvalidValueError` when the current jumps between two steps of the grid.

        Parameters
        ----------
        grid : Grid
            Of the clock engine.
        where : str
            What a refusal names.

        Raises
        ------
        InvalidValueError
            If it jumps between two steps.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim.grid import Grid
        >>> ss.DC(100.0, start=1.0).on_grid(Grid(0.1), "run")
        >>> ss.DC(100.0, start=1.05).on_grid(Grid(0.1), "run")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        spikesim.errors.InvalidValueError: run: DC: ...
        """
        times = self.breaks()
        if grid.nearest(times, least=0)[1] == 0.0:
            return
        for k, time in enumerate(times.tolist()):
            grid.steps(time, f"{where}: {type(self).__name__}: time {k} at which the current changes")

    def range(self) -> tuple[float, float]:
        """Return between which values it lies at all times.

        Returns
        -------
        low, high : float

        Raises
        ------
        InvalidTypeError
            If that is not known: then it is no rate.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.Steps([0.0, 5.0], [1.0, 2.0]).range()[1]
        2.0
        """
        raise InvalidTypeError(
            f"{type(self).__name__} is no rate: it is not known to lie between 0 Hz and a highest value; give a "
            "number, or a Steps, Waveform, Sine or DC in Hz (a stimulus of your own says it by a method `range`)"
        )

    def pieces(self) -> list[Piece]:
        """Return what it is from break to break, in closed form; 0 between the pieces.

        Returns
        -------
        list of Piece
            In the order of time; where it is constant between breaks, one from each to the next, unless told.

        Raises
        ------
        InvalidValueError
            If it has no closed form.

        Examples
        --------
        >>> import spikesim as ss
        >>> len(ss.DC(3.0).pieces())
        1
        """
        if self.piecewise_constant:
            times = changes_of(self)
            rows = zip(times, np.append(times[1:], np.inf), levels_of(self, times) if times.size else ())
            return [Piece(HOLD, max(a, 0.0), b, (value,)) for a, b, value in rows if b > max(a, 0.0)]
        raise InvalidValueError(
            f"{type(self).__name__} has no `pieces`: the event engine goes from one change to the next, exactly, and "
            "must know in closed form what it is between breaks; say it by `pieces`, by `piecewise_constant` if it is "
            'constant there, give it as a Waveform, or use engine="clock"'
        )

    def averaged(self, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return the mean over intervals inside which there is no break.

        Parameters
        ----------
        begin, end : float64 array, shape (T,)
            Their ends (ms).

        Returns
        -------
        float64 array, shape (T,) or (T, targets)
            In the unit of the stimulus.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> ss.DC(3.0).averaged(np.array([0.0, 1.0]), np.array([1.0, 2.0])).tolist()
        [3.0, 3.0]
        """
        middle, half = 0.5 * (begin + end), 0.5 * (end - begin)
        if self.piecewise_constant:
            return values_of(self, middle)
        return sum(0.5 * w * values_of(self, middle + half * x) for x, w in zip(_NODES, _WEIGHTS))  # type: ignore[return-value]

    # -- checks, each called once from __post_init__ of a frozen dataclass --

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _at(self, name: str) -> str:
        return f"{type(self).__name__}: {name}"

    def _check_amplitudes(self, **least: float) -> None:
        """Check the parameters of one for all targets or one a target, some of them against a least value."""
        for name in self.per_target:
            bound = least.get(name)
            self._set(**{name: checked.values(self._at(name), getattr(self, name), least=bound)})
        self.targets  # noqa: B018  # refuses lists of different lengths

    def _check_window(self, start: Any, stop: Any) -> None:
        start = checked.number(self._at("start"), start, least=0.0)
        stop = checked.number(self._at("stop"), stop, infinite=True)
        if not start < stop:
            raise InvalidValueError(
                f"{self._at('stop')} must be after start, got start = {start!r} and stop = {stop!r} ms"
            )
        self._set(start=start, stop=stop)

    def _check_series(self, times: str, rows: str) -> None:
        """Check ascending times and a row of values for each: (K,) or (K, targets)."""
        t = np.atleast_1d(checked.values(self._at(times), getattr(self, times), least=0.0))
        if t.size == 0:
            raise InvalidValueError(f"{self._at(times)} must hold at least one time, got none")
        back = np.flatnonzero(np.diff(t) <= 0)
        if back.size:
            k = int(back[0]) + 1
            raise InvalidValueError(
                f"{self._at(times)} must ascend, got {float(t[k])!r} after {float(t[k - 1])!r} ms at "
                f"index {k} ({back.size} such places); sort times and {rows} together"
            )
        given = getattr(self, rows)
        x: Any = in_a_file(given)
        x = np.atleast_1d(checked.table(self._at(rows), given)) if x is None else x
        if x.ndim > 2 or len(x) != t.size:
            raise InvalidValueError(
                f"{self._at(rows)}: wanted one a time, shape ({t.size},), or one a time and target, "
                f"({t.size}, targets), got shape {x.shape}"
            )
        t.setflags(write=False)
        self._set(**{times: t, rows: x})
