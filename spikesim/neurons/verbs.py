"""What the verbs of a neuron model take and return, said once: the ``help`` of every model shows it."""

from __future__ import annotations

from typing import Any

__all__ = ["Verbs"]


class Verbs:
    """The verbs, by name; only their documentation is used."""

    @staticmethod
    def slope(s: Any, u: Any, p: Any) -> Any:
        """Return the derivative of the state by time: the differential equation.

        Parameters
        ----------
        s : tuple of float or array
            The state, in the order of ``states``.
        u : Input
            Current (pA) and conductance (nS) from synapses and electrodes, and the time ``u.t`` (ms).
        p : model
            The parameters, by name.

        Returns
        -------
        tuple of float or array
            One entry a state, per ms.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim.neurons import Input
        >>> ss.LIF.slope((-60.0,), Input(), ss.LIF())  # towards E_L = -70 mV, with tau_m = 10 ms
        (-1.0,)
        """

    @staticmethod
    def flow(s: Any, u: Any, p: Any, dt: Any) -> Any:
        """Return the state `dt` later, under an input that is constant for so long.

        Parameters
        ----------
        s : tuple of float or array
            The state, in the order of ``states``.
        u : Input
            Current (pA) and conductance (nS) from synapses and electrodes, and the time ``u.t`` (ms).
        p : model
            The parameters, by name.
        dt : float
            In ms.

        Returns
        -------
        tuple of float or array
            One entry a state.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim.neurons import Input
        >>> (v,) = ss.LIF.flow((-60.0,), Input(), ss.LIF(), 10.0)
        >>> round(float(v), 3)  # -70 + 10 / e
        -66.321
        """

    @staticmethod
    def margin(s: Any, p: Any) -> Any:
        """Return the signed distance to threshold: a spike is where it reaches 0 from below.

        Parameters
        ----------
        s : tuple of float or array
            The state, in the order of ``states``.
        p : model
            The parameters, by name.

        Returns
        -------
        float or array
            Negative below threshold.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.LIF.margin((-60.0,), ss.LIF())  # V_th = -55 mV
        -5.0
        """

    @staticmethod
    def hazard(s: Any, p: Any) -> Any:
        """Return how many spikes are to be expected in a ms: escape noise.

        Parameters
        ----------
        s : tuple of float or array
            The state, in the order of ``states``.
        p : model
            The parameters, by name.

        Returns
        -------
        float or array
            In 1/ms, >= 0.

        Examples
        --------
        >>> import spikesim as ss
        >>> near, far = (float(ss.StochasticLIF.hazard((v,), ss.StochasticLIF())) for v in (-55.0, -65.0))
        >>> near > far
        True
        """

    @staticmethod
    def reset(s: Any, p: Any) -> Any:
        """Return the state right after a spike.

        Parameters
        ----------
        s : tuple of float or array
            The state at the spike, in the order of ``states``.
        p : model
            The parameters, by name.

        Returns
        -------
        tuple of float or array
            One entry a state.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.LIF.reset((-55.0,), ss.LIF())
        (-70.0,)
        """

    @staticmethod
    def diffusion(s: Any, p: Any) -> Any:
        """Return the coefficients of noise in the equation: of dW of a Wiener process a state (Ito).

        Parameters
        ----------
        s : tuple of float or array
            The state, in the order of ``states``.
        p : model
            The parameters, by name.

        Returns
        -------
        tuple of float or array
            One entry a state, in its unit per sqrt(ms).
        """

    @staticmethod
    def rest(p: Any) -> Any:
        """Return the state at rest: without input, and with ``I_e = 0``.

        Parameters
        ----------
        p : model
            The parameters, by name: numbers, or arrays of one value a neuron.

        Returns
        -------
        tuple of float or array
            One entry a state.

        Examples
        --------
        >>> import spikesim as ss
        >>> ss.LIF.rest(ss.LIF())
        (-70.0,)
        """

    @staticmethod
    def observe(s: Any, u: Any, p: Any) -> Any:
        """Return what else of the neuron can be recorded, by name.

        Parameters
        ----------
        s : tuple of array
            The state, in the order of ``states``.
        u : Input
            Current (pA) and conductance (nS) from synapses and electrodes, and the time ``u.t`` (ms).
        p : model
            The parameters, by name.

        Returns
        -------
        dict of str to array
            A value a neuron.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim.neurons import Input
        >>> sorted(ss.WangBuzsaki.observe((-65.0, 0.8, 0.1), Input(), ss.WangBuzsaki()))
        ['I_K', 'I_Na', 'm']
        """
