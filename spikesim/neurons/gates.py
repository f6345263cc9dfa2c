"""The gates of a channel at a potential: x_inf(V), tau_x(V) of x = m, h, n, for every model that gives their rates.

x_inf = alpha_x / (alpha_x + beta_x),    tau_x = 1 / (alpha_x + beta_x)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..docstrings import complete
from .membrane import steady

__all__ = ["gate"]


def gate(rates: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a method of a model, ``m_inf`` ... ``tau_n``, what its name says, by the rates of the model."""

    def of(method: Callable[..., Any]) -> Callable[..., Any]:
        left, right = method.__name__.split("_")
        x, quantity = (left, 0) if right == "inf" else (right, 1)
        which = "mhn".index(x)

        @functools.wraps(method)
        def at(self: Any, V: Any) -> Any:
            return steady(rates, which, V, self)[quantity]

        model = method.__qualname__.split(".")[-2]
        complete(at, getattr(Gates, method.__name__))
        at.__doc__ = (at.__doc__ or "").replace("HodgkinHuxley", model)
        return at

    return of


class Gates:
    """What the methods take and return, said once; only their documentation is used."""

    def m_inf(self, V: Any) -> Any:
        """Steady state of m at `V` (mV; a number or an array).

        Parameters
        ----------
        V : float or array
            Potential (mV).

        Returns
        -------
        float or array
            From 0 to 1, of the shape of `V`.

        Examples
        --------
        >>> import spikesim as ss
        >>> low, high = ss.HodgkinHuxley().m_inf([-100.0, 50.0])
        >>> bool(low < 0.01 and high > 0.99)
        True
        """

    def h_inf(self, V: Any) -> Any:
        """Steady state of h at `V` (mV; a number or an array).

        Parameters
        ----------
        V : float or array
            Potential (mV).

        Returns
        -------
        float or array
            From 0 to 1, of the shape of `V`.

        Examples
        --------
        >>> import spikesim as ss
        >>> low, high = ss.HodgkinHuxley().h_inf([-100.0, 50.0])
        >>> bool(low > 0.99 and high < 0.01)
        True
        """

    def n_inf(self, V: Any) -> Any:
        """Steady state of n at `V` (mV; a number or an array).

        Parameters
        ----------
        V : float or array
            Potential (mV).

        Returns
        -------
        float or array
            From 0 to 1, of the shape of `V`.

        Examples
        --------
        >>> import spikesim as ss
        >>> low, high = ss.HodgkinHuxley().n_inf([-100.0, 50.0])
        >>> bool(low < 0.1 and high > 0.9)
        True
        """

    def tau_m(self, V: Any) -> Any:
        """Time constant of m (ms) at `V` (mV; a number or an array).

        Parameters
        ----------
        V : float or array
            Potential (mV).

        Returns
        -------
        float or array
            In ms, of the shape of `V`.

        Examples
        --------
        >>> import spikesim as ss
        >>> bool(ss.HodgkinHuxley().tau_m(-65.0) < 0.3)
        True
        """

    def tau_h(self, V: Any) -> Any:
        """Time constant of h (ms) at `V` (mV; a number or an array).

        Parameters
        ----------
        V : float or array
            Potential (mV).

        Returns
        -------
        float or array
            In ms, of the shape of `V`.

        Examples
        --------
        >>> import spikesim as ss
        >>> round(float(ss.HodgkinHuxley().tau_h(-65.0)), 1)
        8.5
        """

    def tau_n(self, V: Any) -> Any:
        """Time constant of n (ms) at `V` (mV; a number or an array).

        Parameters
        ----------
        V : float or array
            Potential (mV).

        Returns
        -------
        float or array
            In ms, of the shape of `V`.

        Examples
        --------
        >>> import spikesim as ss
        >>> round(float(ss.HodgkinHuxley().tau_n(-65.0)), 1)
        5.5
        """
