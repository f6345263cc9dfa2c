"""Values that look as if they were given in another unit: one table for all that is described.

A value outside its row is used as it is, and warned of; zero and infinity mean what they say.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .errors import UnitWarning, warn

__all__ = ["PLAUSIBLE", "warn_of_unit", "warn_of_volts"]


class Row(NamedTuple):
    """Sizes that a quantity has, and the unit that is probably meant beyond them."""

    low: float
    high: float
    unit: str
    below: str
    above: str = ""


PLAUSIBLE = {
    "time constant": Row(0.05, np.inf, "ms", "seconds"),
    "capacitance": Row(1e-6, np.inf, "pF", "farads"),
    "time step": Row(5e-4, np.inf, "ms", "seconds"),
    "delay": Row(5e-3, np.inf, "ms", "seconds"),
    "jump": Row(0.0, 40.0, "mV", "volts", "pA (that is Exponential) or uV"),
    "rate of a background": Row(0.1, 1e6, "Hz", "kHz", "mHz"),  # the sum of thousands of trains
    "rate of a source": Row(0.0, 1e6, "Hz", "", "mHz"),
}

FLAT = 0.2  # mV: potentials that are all below are volts


def warn_of_unit(kind: str, where: str, value: Any) -> None:
    """Warn of a number, or of the first one of an array, whose size lies outside the row of its kind."""
    row = PLAUSIBLE[kind]
    sizes = np.abs(np.atleast_1d(np.asarray(value, np.float64)))
    small = sizes[(sizes > 0.0) & (sizes < row.low)]
    large = sizes[np.isfinite(sizes) & (sizes > row.high)]
    if small.size:
        warn(f"{where} = {small.flat[0]:g} {row.unit} is below {row.low:g} {row.unit}; did you give {row.below}?",
             UnitWarning)  # fmt: skip
    elif large.size:
        warn(f"{where} = {large.flat[0]:g} {row.unit} is above {row.high:g} {row.unit}; did you give {row.above}?",
             UnitWarning)  # fmt: skip


def warn_of_volts(where: str, potentials: dict[str, np.ndarray]) -> None:
    """Warn of a neuron all of whose potentials are that small."""
    sizes = {name: float(np.abs(v).max()) for name, v in potentials.items() if np.size(v) and np.isfinite(v).all()}
    if sizes and 0.0 < max(sizes.values()) < FLAT:
        name = max(sizes, key=sizes.__getitem__)
        value = potentials[name].flat[np.abs(potentials[name]).argmax()]
        warn(f"{where}: {name} = {value:g} mV, no potential above; did you give volts?", UnitWarning)
