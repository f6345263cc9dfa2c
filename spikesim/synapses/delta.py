"""Delta synapse: V <- V + weight (mV) when a spike arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError
from ..keywords import named
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
    """

    refractory_input: bool = False

    label = "Delta"

    def __post_init__(self) -> None:
        if not isinstance(self.refractory_input, (bool, np.bool_)):
            raise InvalidTypeError(f"Delta: refractory_input must be True or False, got {self.refractory_input!r}")

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
        return np.zeros(np.shape(t))
