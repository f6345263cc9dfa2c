"""What the verbs of a rule of plasticity take and return, said once: the ``help`` of every rule shows it."""

from __future__ import annotations

from typing import Any

__all__ = ["Verbs"]


class Verbs:
    """The verbs, by name (see :mod:`.declared`); only their documentation is used."""

    @staticmethod
    def on_pre(s: Any, pre: Any, post: Any, p: Any) -> Any:
        """Return what a presynaptic spike leaves that has arrived at the synapse.

        Parameters
        ----------
        s, pre, post : named tuple
            Variables of the synapse (``s.w`` is its weight), traces of the source and of the target, before the spike.
        p : rule
            The parameters, by name.

        Returns
        -------
        s : float or tuple
            The variables of the synapse, in their order.
        pre : float or tuple
            The traces of the source, where the rule has any.

        Examples
        --------
        >>> from types import SimpleNamespace as values
        >>> import spikesim as ss
        >>> rule = ss.BCM(eta=0.01, target=5.0, w_max=1.0)
        >>> ss.BCM.on_pre(values(w=0.5), values(x=1.0), values(y=0.0, theta=0.0), rule)
        (0.5, 2.0)
        """

    @staticmethod
    def on_post(s: Any, pre: Any, post: Any, p: Any) -> Any:
        """Return what a spike of the target leaves.

        Parameters
        ----------
        s, pre, post : named tuple
            Variables of the synapse (``s.w`` is its weight), traces of the source and of the target, before the spike.
        p : rule
            The parameters, by name.

        Returns
        -------
        s : float or tuple
            The variables of the synapse, in their order.
        post : float or tuple
            The traces of the target, where the rule has any.

        Examples
        --------
        >>> from types import SimpleNamespace as values
        >>> import spikesim as ss
        >>> rule = ss.Vogels2011(eta=0.1, target=5.0, w_max=1.0)
        >>> w, y = ss.Vogels2011.on_post(values(w=0.5), values(x=1.0), values(y=0.0), rule)
        >>> round(w, 3), y
        (0.6, 1.0)
        """

    @staticmethod
    def on_step(s: Any, pre: Any, post: Any, p: Any, dt: Any) -> Any:
        """Return the variables of the synapse `dt` later: at every step, or every ``p.every`` ms.

        Parameters
        ----------
        s, pre, post : named tuple
            Variables of the synapse (``s.w`` is its weight), traces of the source and of the target.
        p : rule
            The parameters, by name.
        dt : float
            In ms.

        Returns
        -------
        float or tuple
            The variables of the synapse, in their order.

        Examples
        --------
        >>> from types import SimpleNamespace as values
        >>> import spikesim as ss
        >>> rule = ss.HomeostaticScaling(beta=1e-4, target=5.0, w_max=1.0)
        >>> quiet = ss.HomeostaticScaling.on_step(values(w=0.5), None, values(y=0.0), rule, 10.0)
        >>> bool(quiet > 0.5)  # a silent neuron's weights grow
        True
        """

    @staticmethod
    def on_event(s: Any, pre: Any, post: Any, p: Any, amount: Any) -> Any:
        """Return the variables of the synapse after ``sim.reward(amount)``: a third factor.

        Parameters
        ----------
        s, pre, post : named tuple
            Variables of the synapse (``s.w`` is its weight), traces of the source and of the target.
        p : rule
            The parameters, by name.
        amount : float
            Of the reward.

        Returns
        -------
        float or tuple
            The variables of the synapse, in their order.
        """

    @staticmethod
    def active(post: Any, p: Any) -> Any:
        """Return whether `on_step` does anything for a target.

        Parameters
        ----------
        post : named tuple
            Traces of the target.
        p : rule
            The parameters, by name.

        Returns
        -------
        float
            It is left out where this is not > 0.

        Examples
        --------
        >>> from types import SimpleNamespace as values
        >>> import spikesim as ss
        >>> rule = ss.Clopath2010()
        >>> float(ss.Clopath2010.active(values(v=-70.0, u_minus=-70.0, u_plus=-70.0), rule)) > 0.0  # at rest
        False
        """
