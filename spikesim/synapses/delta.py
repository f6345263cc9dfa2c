"""Delta synapse: V <- V + weight (mV) when a spike arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..neurons.parameters import as_numbers
from .contract import Synapse

__all__ = ["Delta"]


@named
@dataclass(frozen=True)
class Delta(Synapse):
    """The potential jumps by the weight (mV) on arrival; the threshold is tested in that same sample.

    Parameters
    ----------
    refractory_input : bool
        Whether a refractory neuron keeps what arrives, decaying with tau_m, and adds it when released (as
        NEST's parameter of this name), instead of dropping it.
    to : str, optional
        Another state of the neuron that arrivals move, in its own unit, at once: a sample at that time shows it, and
        the next step starts from it.  A state that the model holds while refractory (`clamped`) drops what arrives
        until it is released.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.Delta(), ss.Delta(to="u").to
    (Delta(refractory_input=False, to=None), 'u')
    """

    refractory_input: bool = False
    to: str | None = None

    label = "Delta"

    def __post_init__(self) -> None:
        if self.to is not None and not isinstance(self.to, str):
            raise InvalidTypeError(f"Delta: to must be the name of a state, got {self.to!r:.60}")
        if self.to == "v":
            object.__setattr__(self, "to", None)
        if self.to is not None and self.refractory_input:
            raise InvalidValueError(f"Delta: refractory_input is of moves of v, to = {self.to!r} is another state")

    @property
    def matrix(self) -> np.ndarray:
        """No state: shape (0, 0)."""
        return np.zeros((0, 0))

    @property
    def gain(self) -> float:
        """1: the weight is the jump (mV)."""
        return 1.0

    def psc(self, t: Any) -> np.ndarray:
        """Return 0 for every t: there is no current, only a jump of V at t = 0."""
        return np.zeros(as_numbers("psc: t", t).shape)
