"""The Nernst equation:  E = (R T / (z F)) ln(outside / inside)  (Nernst 1889); lecture notes 1.2."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from .parameters import as_numbers, require

__all__ = ["nernst"]

GAS = 8.314462618  # J / (mol K), CODATA 2018: exact
FARADAY = 96485.33212  # C / mol, CODATA 2018: exact


@named
def nernst(z: int, outside: Any, inside: Any, temperature: float = 37.0) -> Any:
    """Return the reversal potential (mV) of an ion.

    Parameters
    ----------
    z : int
        Valence with its sign: 1 for Na+ and K+, 2 for Ca2+, -1 for Cl-.
    outside, inside : float or array
        Concentrations in one unit, > 0 (e.g. mmol/l).
    temperature : float
        Degrees Celsius.

    Returns
    -------
    float or array
        In mV.

    Raises
    ------
    InvalidValueError
        If z is 0 or no integer, a concentration is not > 0, or the temperature is below absolute zero.

    Examples
    --------
    >>> import spikesim as ss
    >>> round(ss.nernst(z=1, outside=5.0, inside=140.0), 1)  # potassium
    -89.1
    """
    if isinstance(z, bool) or z != int(z) or z == 0:
        raise InvalidValueError(f"nernst: z must be an integer other than 0, got {z!r}")
    out, into = as_numbers("nernst: outside", outside), as_numbers("nernst: inside", inside)
    require("nernst: outside", out, (out > 0) & np.isfinite(out), "finite and > 0")
    require("nernst: inside", into, (into > 0) & np.isfinite(into), "finite and > 0")
    kelvin = float(temperature) + 273.15
    if not (np.isfinite(kelvin) and kelvin > 0):
        raise InvalidValueError(f"nernst: temperature must be above -273.15 degrees Celsius, got {temperature!r}")
    potential = 1000.0 * GAS * kelvin / (z * FARADAY) * np.log(out / into)
    return float(potential) if np.ndim(potential) == 0 else potential
