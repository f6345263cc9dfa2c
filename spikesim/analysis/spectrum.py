"""At which frequencies: the power spectral density of population activity.

Welch's method (Welch 1967, IEEE Trans Audio Electroacoust 15:70): the activity in bins is cut into
overlapping segments, each is windowed (Hann) and transformed, and the squares are averaged.  The density is
one-sided: its integral over the frequencies is the variance of the rate.  Independent Poisson neurons of rate
r have the flat spectrum 2 r / N.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..trains import SpikeTrains, Traces
from .rates import population_rate

__all__ = ["Spectrum", "spectrum"]


class Spectrum(NamedTuple):
    """A one-sided power spectral density.

    Parameters
    ----------
    frequencies : array of float, shape (m,)
        In Hz, from 0 on.
    power : array of float, shape (m,)
        In unit^2 / Hz; for spike trains the unit is Hz.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([np.arange(1.0, 1000.0, 25.0)], stop=1000.0)
    >>> found = ss.analysis.spectrum(trains)
    >>> len(found.frequencies) == len(found.power)
    True
    """

    frequencies: np.ndarray  #: Hz, (m,)
    power: np.ndarray  #: unit^2 / Hz, (m,); for spike trains the unit is Hz

    @property
    def peak(self) -> float:
        """Frequency of the largest power above 0 Hz."""
        return float(self.frequencies[1:][np.argmax(self.power[1:])])


@named
def spectrum(activity: SpikeTrains | Traces, bin: float = 1.0, segment: float = 500.0) -> Spectrum:
    """Return the spectrum of the population rate, or of the mean of recorded traces.

    Parameters
    ----------
    activity : SpikeTrains or Traces
    bin : float
        Width of the bins for spike trains, ms; frequencies reach 500 / bin Hz.  Traces have their own
        interval.
    segment : float
        Length of a segment, ms; frequencies are 1000 / segment Hz apart.  A recording shorter than that is
        one segment.

    Returns
    -------
    Spectrum
        ``.frequencies`` (Hz), ``.power`` and ``.peak``, the frequency of the largest power above 0 Hz.

    Raises
    ------
    InvalidValueError
        If there are fewer than three bins or samples.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> trains = ss.SpikeTrains.from_lists([np.arange(1.0, 1000.0, 25.0)], stop=1000.0)
    >>> ss.analysis.spectrum(trains, segment=200.0).peak % 40.0
    0.0
    """
    if isinstance(activity, Traces):
        if len(activity) < 3:
            raise InvalidValueError(f"spectrum: wanted at least 3 samples, got {len(activity)}")
        x, bin = activity.values.mean(axis=1), float(activity.times[1] - activity.times[0])
    else:
        x = population_rate(activity, bin)[1]
    n = round(segment / bin)
    if n < 2:
        raise InvalidValueError(f"spectrum: segment = {segment:g} ms must hold at least 2 bins of {bin:g} ms")
    from scipy.signal import welch  # long to import: only who asks for a spectrum waits for it

    return Spectrum(*welch(x, fs=1000.0 / bin, nperseg=min(n, x.size), detrend="constant"))
