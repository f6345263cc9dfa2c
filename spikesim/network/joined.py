"""What joins neurons of a network: synapses, in one direction, with a delay; gap junctions, in both, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..keywords import named
from ..plasticity import Plasticity
from ..synapses.contract import Synapse
from .coupling import Coupling, coupling
from .projection import Projection, projection
from .rules import Rule
from .selection import Selection

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Joined"]


class Joined:
    """The verbs by which neurons of a :class:`Network` are joined."""

    projections: list[Projection]
    couplings: list[Coupling]

    @named
    def connect(  # type: ignore[misc]
        self: Network,
        pre: Selection,
        post: Selection,
        rule: Rule,
        *,
        weight: Any = None,
        delay: Any,
        synapse: Synapse,
        plasticity: Plasticity | None = None,
        release: Any = None,
        dendritic_delay: float = 0.0,
        name: str | None = None,
    ) -> Projection:
        """Connect neurons.

        Parameters
        ----------
        pre, post : Population or Selection
            Who sends and who receives; a group counts as one population for the rule.
        rule : Rule
            ``all_to_all()``, ``fixed_indegree(k)``, ``fixed_probability(ss.gaussian(0.1))``, ``from_matrix(W)`` ...
        weight : float, Distribution, law of distance, or array of one a listed synapse
            In the unit of the synapse (mV, pA, nS); left out for ``from_matrix``, whose entries are the
            weights. Zero is allowed, the sign is free.
        delay : float, Distribution, law of distance, or array of one a listed synapse
            In ms, > 0, such as ``0.5 + ss.distance / 0.3``.  On the grid one number must be a multiple of dt; all
            others are rounded to
            the nearest step, at least one, and ``result.stats`` says how many moved.
        synapse : Synapse
        plasticity : Plasticity, optional
            A rule by which the weights change, such as ``STDP(...)``; they then start as given, and
            ``result.weights[name]`` is what they have become.  Both engines run all rules but those that read a state
            of the target, which are the clock engine's.
        release : release, optional
            What share of the weights a spike transmits, from the earlier spikes of its source: ``TsodyksMarkram(...)``,
            ``StochasticRelease(...)``, ``QuantalRelease(...)``, or one of your own (``@release``); on both engines.
        dendritic_delay : float
            That share of each delay (ms, a multiple of dt) which lies between the synapse and the soma: to the rule of
            `plasticity` a presynaptic spike comes ``delay - dendritic_delay`` after it was emitted, a postsynaptic one
            ``dendritic_delay`` after it (NEST: the whole delay).  Weights act that much later than they change, and are
            shown, scaled and rewarded as they act.  Without plasticity it makes no difference.
        name : str, optional
            Unique among the projections; "pre to post" unless given.

        Returns
        -------
        Projection

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If anything is not as above; the network is then unchanged.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> exc, inh = net.population("exc", 80, ss.LIF()), net.population("inh", 20, ss.LIF())
        >>> net.connect(exc, inh, ss.fixed_indegree(8), weight=0.5, delay=1.5, synapse=ss.Delta()).name
        'exc to inh'
        """
        added = projection(self, pre, post, rule, weight, delay, synapse, plasticity, name, release, dendritic_delay)
        self.projections.append(added)
        return added

    @named
    def couple(  # type: ignore[misc]
        self: Network,
        a: Selection,
        b: Selection,
        rule: Rule,
        *,
        conductance: Any = None,
        name: str | None = None,
    ) -> Coupling:
        """Couple neurons by gap junctions: g (v_j - v_i) flows into neuron i, and its opposite into neuron j.

        Of the clock engine only.  Over a step each neuron has its own v by its own equations, and the v of the others
        as it will be in the middle of the step, extrapolated from the step before: of order 2 in dt while v is smooth
        (two cells without spikes: four times nearer at half the step), of order 1 in the steps in which some neuron
        is reset, as spikes on a grid are.  The same bits for any number of threads.  g dt / C of a neuron, g the sum of
        its conductances, may be up to 0.5; above 0.25, where the difference of two cells is wrong by up to 2.6 %, a run
        warns.

        Parameters
        ----------
        a, b : Population or Selection
            Neurons with a state v, the same or other ones.
        rule : Rule
            Which pairs.  A pair that it names from both sides, as ``all_to_all()`` of one population does, has one
            junction; a probability is that of a pair.  Nobody is coupled with
            himself: that is left out, and refused where it is listed (``from_pairs``, ``from_matrix``, ``one_to_one``).
        conductance : float, Distribution, law of distance, or array of one a listed pair
            In nS, >= 0; left out for ``from_matrix``, whose entries they are.
        name : str, optional
            Unique among the gap junctions; "a with b" unless given.

        Returns
        -------
        Coupling

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If anything is not as above; the network is then unchanged.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> net = ss.Network()
        >>> cells = net.population("cells", 2, ss.LIF(tau_m=10.0, C_m=100.0, E_L=-70.0), v=np.array([-70.0, -66.0]))
        >>> _ = net.couple(cells, cells, ss.all_to_all(), conductance=5.0)
        >>> net.record(cells, "v", every=10.0)
        >>> v = net.run(10.0).traces["cells"]["v"].values[0] + 70.0  # sum and difference decay as exp(-1), exp(-2)
        >>> np.round(v @ [[1, -1], [1, 1]], 3).tolist()
        [1.472, 0.541]
        """
        added = coupling(self, a, b, rule, conductance, name)
        self.couplings.append(added)
        return added
