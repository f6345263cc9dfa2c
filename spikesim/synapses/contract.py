"""What a synapse is: a small frozen value that turns arriving spikes into input for a neuron.

Every synapse of the package is a linear filter.  With the filter state f (a vector; spikes arrive at f[0]):

====== =============================================== ==========================================
verb   equation                                        meaning
====== =============================================== ==========================================
flow   df/dt = A f                                     decay between events; `matrix` is A
jump   f[0] <- f[0] + weight                           what one arriving spike adds
input  s = gain * f[-1]                                what the neuron feels: a current (pA), or with a
                                                       reversal potential `E_rev` a conductance (nS)
====== =============================================== ==========================================

The state is in units of the weight, so weights are stored exactly as they were given and the normalisation
stands in one place, `gain`.  A population has one port for each distinct synapse value that is connected to
it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..docstrings import inherit
from ..keywords import named

__all__ = ["Synapse", "synapses"]

_registry: dict[str, type] = {}


@named
def synapses() -> dict[str, type]:
    """Return every synapse class that has been declared, by name (a leading underscore: abstract).

    Returns
    -------
    dict of str to type
        Those of the package, and yours.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.synapses import synapses
    >>> synapses()["AMPA"] is ss.AMPA
    True
    """
    return dict(_registry)


class Synapse:
    """Base of the synapse values: frozen dataclasses with `matrix`, `gain` and, for conductances, `E_rev`.

    Examples
    --------
    >>> import spikesim as ss
    >>> synapse = ss.Exponential(tau=5.0)
    >>> synapse.matrix.tolist(), synapse.gain, synapse.E_rev
    ([[-0.2]], 1.0, None)
    """

    label: str = ""  #: how a port is called in recordings, e.g. "Exponential" gives the variable "I_Exponential"
    E_rev: float | None = None  #: reversal potential (mV); None: a current

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        inherit(cls)
        if not cls.__name__.startswith("_"):
            _registry[cls.__name__] = cls

    #: The state, other than v, that arrivals move (see :class:`.Delta`).
    to: str | None = None
    #: Whether it is no linear filter: then an engine follows its equations (see :mod:`.equations`).
    general: bool = False

    @property
    def conducts(self) -> bool:
        """Whether a conductance is felt, not a current alone."""
        return self.E_rev is not None

    @property
    def rows(self) -> int:
        """How many numbers a target holds."""
        return max(1, len(self.matrix))

    @property
    def output(self) -> np.ndarray:
        """What of each filter state is felt: `gain` of the last one."""
        return self.gain * np.eye(len(self.matrix))[-1] if len(self.matrix) else np.zeros(0)

    @property
    def matrix(self) -> np.ndarray:
        """A of df/dt = A f, shape (n, n), 1/ms; shape (0, 0) for a synapse that moves v itself."""
        raise NotImplementedError

    @property
    def gain(self) -> float:
        """Factor from the last filter state to the input."""
        raise NotImplementedError

    def psc(self, t: Any) -> np.ndarray:
        """Return the response at the times `t` (ms) to one spike of weight 1 at t = 0; 0 for t < 0.

        Parameters
        ----------
        t : array of float
            Times (ms) since the arrival.

        Returns
        -------
        array of float
            A current (pA) or a conductance (nS), of the shape of `t`.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.Alpha(tau=5.0).psc([-1.0, 5.0]).tolist()
        [0.0, 1.0]
        """
        raise NotImplementedError
