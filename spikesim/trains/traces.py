"""The course of a variable of some neurons, sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import export
from ..errors import InvalidValueError
from ..keywords import named
from .checked import bounds, chosen, finite, frozen

__all__ = ["Traces"]


@named
@dataclass(frozen=True, eq=False, repr=False)
class Traces:
    """The course of one variable of some neurons of a population.

    ``traces[3]`` and the like select neurons by id, ``traces[3, 100.0:200.0]`` also a window of time in ms: as for
    spikes 100 < t <= 200, so that windows that follow each other share no sample.

    Parameters
    ----------
    times : float64 (T,)
        When, ms.
    values : float64 (T, k)
        A column a neuron.
    ids : int64 (k,)
        The neurons of the columns.
    variable, unit, name : str
        The variable ("v"), its unit ("mV") and the population.

    Examples
    --------
    >>> import spikesim as ss
    >>> v = ss.Traces(times=[0.1, 0.2], values=[[-70.0, -65.0], [-69.0, -64.0]], ids=[3, 7], variable="v", unit="mV")
    >>> v[7].values.ravel().tolist()
    [-65.0, -64.0]
    """

    times: np.ndarray
    values: np.ndarray
    ids: np.ndarray
    variable: str = ""
    unit: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        where = f"trace of {self.variable!r} of {self.name!r}"
        object.__setattr__(self, "times", finite(frozen(self.times, np.float64, f"{where}: times"), f"{where}: times"))
        object.__setattr__(self, "values", frozen(self.values, np.float64, f"{where}: values", 2))
        object.__setattr__(self, "ids", frozen(self.ids, np.int64, f"{where}: ids"))
        if self.values.shape != (self.times.size, self.ids.size):
            raise InvalidValueError(
                f"{where}: wanted values of shape {(self.times.size, self.ids.size)} (times, neurons), "
                f"got {self.values.shape}"
            )

    def __len__(self) -> int:
        return int(self.times.size)

    def __getitem__(self, index: Any) -> Traces:
        where = f"trace of {self.variable!r} of {self.name!r}"
        index, window = index if isinstance(index, tuple) and len(index) == 2 else (index, slice(None))
        start, stop = bounds(window, where)
        who = chosen(index, self.ids, int(self.ids.max(initial=-1)) + 1, where)
        order = np.argsort(self.ids)
        columns = order[np.searchsorted(self.ids, who, sorter=order)]
        rows = slice(
            0 if start is None else int(np.searchsorted(self.times, start, "right")),
            None if stop is None else int(np.searchsorted(self.times, stop, "right")),
        )
        values = np.asarray(self._rows(rows))[:, columns]
        return Traces(self.times[rows], values, self.ids[columns], self.variable, self.unit, self.name)

    def _rows(self, rows: slice) -> np.ndarray:
        return self.values[rows]

    @named
    def to_pandas(self) -> Any:
        """Return the samples as a DataFrame of pandas: times (ms) as index, a column a neuron.

        Returns
        -------
        pandas.DataFrame
            ``attrs`` holds variable, unit and population.  A MissingPackageError says that pandas is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> trace = ss.Traces(np.array([0.1, 0.2]), np.zeros((2, 3)), np.arange(3), "v", "mV", "exc")
        >>> trace.to_pandas()                                                   # doctest: +SKIP
        """
        return export.traces_frame(self)

    def __repr__(self) -> str:
        unit = f" ({self.unit})" if self.unit else ""
        what = f"{self.variable!r}{unit} of {self.ids.size} neurons of {self.name!r}"
        return f"Traces({what} at {self.times.size} times)"
