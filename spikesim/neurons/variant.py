"""The same equations with another step."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

from ..errors import InvalidTypeError
from ..keywords import named
from .contract import model

__all__ = ["by_runge_kutta"]

Model = TypeVar("Model", bound=type)


@named
@functools.cache
def by_runge_kutta(cls: Model) -> Model:
    """Return a model with the equations of `cls`, stepped by the classical Runge-Kutta method, not by its `flow`.

    Of order 4 (Kutta 1901) where a Hodgkin-Huxley cell's own splitting is of order 2, at one and a half to two times
    the cost of a step; but unstable above some step (0.05 ms is safe for the cells of this package, 0.1 ms is not),
    where the splitting stays finite at any.  The event engine uses neither.

    Parameters
    ----------
    cls : model class
        Such as :class:`HodgkinHuxley`.

    Returns
    -------
    model class
        With the same parameters: ``by_runge_kutta(ss.TraubMiles)(g_L=20.0)``.

    Raises
    ------
    InvalidTypeError
        If `cls` is no neuron model with equations.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.neurons import by_runge_kutta
    >>> by_runge_kutta(ss.HodgkinHuxley)().order
    4
    """
    if not (isinstance(cls, type) and getattr(cls, "__spikesim_model__", False) and hasattr(cls, "slope")):
        what = cls.__name__ if isinstance(cls, type) else f"{type(cls).__name__} {cls!r}"
        raise InvalidTypeError(f"by_runge_kutta: wanted the class of a neuron model, as HodgkinHuxley, got {what}")
    contents: dict[str, Any] = {
        "__slots__": (), "__module__": "spikesim", "__doc__": cls.__doc__, "flow": None, "order": 4,
    }  # fmt: skip
    made: Any = type(f"{cls.__name__}ByRungeKutta", (cls,), contents)
    return model(made)
