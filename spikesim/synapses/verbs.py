"""What the verbs of a synapse and of a release take and return, said once: the ``help`` of every one shows it."""

from __future__ import annotations

from typing import Any

__all__ = ["ChanceVerbs", "ReleaseVerbs", "SynapseVerbs"]


class SynapseVerbs:
    """The verbs of a synapse as equations (see :mod:`.equations`); only their documentation is used."""

    @staticmethod
    def slope(f: Any, p: Any) -> Any:
        """Return how the states change between arrivals.

        Parameters
        ----------
        f : tuple of float or array
            The states, in the order of ``states``.
        p : synapse
            The parameters, by name.

        Returns
        -------
        tuple of float or array
            df/dt, one entry a state, per ms.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.MgNMDA.slope((1.0,), ss.MgNMDA(tau=100.0))
        (-0.01,)
        """

    @staticmethod
    def jump(f: Any, w: Any, p: Any) -> Any:
        """Return the states after a spike has arrived.

        Parameters
        ----------
        f : tuple of float or array
            The states before, in the order of ``states``.
        w : float or array
            Weight of the spike.
        p : synapse
            The parameters, by name.

        Returns
        -------
        tuple of float or array
            One entry a state.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.MgNMDA.jump((1.0,), 0.5, ss.MgNMDA())
        (1.5,)
        """

    @staticmethod
    def input(f: Any, v: Any, p: Any) -> Any:
        """Return what a neuron feels.

        Parameters
        ----------
        f : tuple of float or array
            The states, in the order of ``states``.
        v : float or array
            Potential of the neuron (mV).
        p : synapse
            The parameters, by name.

        Returns
        -------
        Input
            Current (pA) and conductance (nS): the current into the neuron is current - conductance v.

        Examples
        --------
        >>> import spikesim as ss
        >>> low, high = (float(ss.MgNMDA.input((1.0,), v, ss.MgNMDA()).conductance) for v in (-80.0, 0.0))
        >>> low < high  # magnesium blocks it where the neuron is hyperpolarised
        True
        """


class ReleaseVerbs:
    """The verbs of a release (see :mod:`.release`); only their documentation is used."""

    @staticmethod
    def between(s: Any, dt: Any, p: Any) -> Any:
        """Return the state `dt` later, when no spike came in between: the exact solution.

        Parameters
        ----------
        s : tuple of float or array
            The state of a source, in the order of ``states``.
        dt : float or array
            In ms, of any length.
        p : release
            The parameters, by name.

        Returns
        -------
        tuple of float or array
            One entry a state.

        Examples
        --------
        >>> import spikesim as ss
        >>> u, x, y = ss.TsodyksMarkram.between((0.5, 0.5, 0.0), 1e6, ss.TsodyksMarkram())
        >>> round(float(x), 6)  # all has recovered
        1.0
        """

    @staticmethod
    def on_spike(s: Any, p: Any) -> Any:
        """Return the state right after a spike, and how much of the weights that spike transmits.

        Parameters
        ----------
        s : tuple of float or array
            The state of a source, in the order of ``states``.
        p : release
            The parameters, by name.

        Returns
        -------
        state : tuple of float or array
            One entry a state.
        factor : float or array
            By which the weights are multiplied.

        Examples
        --------
        >>> import spikesim as ss
        >>> _, factor = ss.TsodyksMarkram.on_spike((0.0, 1.0, 0.0), ss.TsodyksMarkram(U=0.5))
        >>> float(factor)
        0.5
        """

    @staticmethod
    def rest(p: Any) -> Any:
        """Return the state before the first spike.

        Parameters
        ----------
        p : release
            The parameters, by name.

        Returns
        -------
        tuple of float or array
            One entry a state.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.QuantalRelease.rest(ss.QuantalRelease(n=5))
        (0.0, 5.0, 1.0)
        """


class ChanceVerbs(ReleaseVerbs):
    """Those of a release by chance."""

    @staticmethod
    def on_spike(s: Any, p: Any, z: Any) -> Any:  # type: ignore[override]
        """Return the state right after a spike, and how much of the weights that spike transmits.

        Parameters
        ----------
        s : tuple of float or array
            The state of a source, in the order of ``states``.
        p : release
            The parameters, by name.
        z : tuple of float or array
            As many independent numbers, uniform in (0, 1), as the release draws.

        Returns
        -------
        state : tuple of float or array
            One entry a state.
        factor : float or array
            By which the weights are multiplied.

        Examples
        --------
        >>> import spikesim as ss
        >>> _, factor = ss.StochasticRelease.on_spike((0.0,), ss.StochasticRelease(p=0.5), (0.4,))
        >>> float(factor)
        1.0
        """
