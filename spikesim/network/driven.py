"""What is put into a network from outside: Poisson trains and currents."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..keywords import named
from ..synapses.contract import Synapse
from .background import Background, background
from .probe import Injection, injection
from .selection import Selection
from .stimulus import Stimulus

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Driven"]


class Driven:
    """The verbs by which neurons of a :class:`Network` are driven."""

    backgrounds: list[Background]
    injections: list[Injection]

    @named
    def background(  # type: ignore[misc]
        self: Network,
        target: Selection,
        *,
        rate: Any,
        weight: float,
        synapse: Synapse,
        name: str | None = None,
        start: float = 0.0,
        stop: float = math.inf,
    ) -> Background:
        """Give every neuron of `target` a Poisson train of its own, or what a source makes.

        Parameters
        ----------
        target : Population or Selection
        rate : float, array of shape (target.size,), function of time, or source
            In Hz, >= 0; the sum of all the external trains of one neuron.  ``Steps``, ``Waveform``, ``Sine`` or ``DC``
            change it in time, the same for all or listed by target.  A source makes other trains: ``GammaTrain``,
            ``Correlated``, ``shared(...)``.
        weight : float
            In the unit of the synapse.
        synapse : Synapse
        name : str, optional
            Unique among the backgrounds.
        start, stop : float
            Time (ms) from which on, and up to which, there are spikes; like the times of Steps multiples of dt with the
            clock engine.  Of a source that has a window of its own, there are spikes where both last.

        Returns
        -------
        Background

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If anything is not as above; the network is then unchanged.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 100, ss.LIF())
        >>> net.background(cells, rate=1_500.0, weight=0.6, synapse=ss.Delta(), name="noise").name
        'noise'
        """
        added = background(self, target, rate, weight, synapse, name, start, stop)
        self.backgrounds.append(added)
        return added

    @named
    def inject(  # type: ignore[misc]
        self: Network, target: Selection, stimulus: Stimulus, *, name: str | None = None, into: str | None = None
    ) -> Injection:
        """Inject a current (pA) into every neuron of `target`; several add up.

        Parameters
        ----------
        target : Population or Selection
        stimulus : Stimulus
        name : str, optional
        into : str, optional
            An input that the model of the targets names (``inputs = ("x",)``), instead of the current.

        Returns
        -------
        Injection
            What was added; its name is the one for :meth:`Simulation.set`.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If the target is a source or of another network, or the stimulus lists amplitudes for another
            number of targets.
        UnknownNameError
            If the model has no such input.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 100, ss.LIF())
        >>> net.inject(cells[:10], ss.DC(300.0, start=50.0, stop=100.0), name="pulse").name
        'pulse'
        """
        added = injection(self, target, stimulus, name, into)
        self.injections.append(added)
        return added
