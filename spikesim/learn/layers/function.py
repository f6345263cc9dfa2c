"""A plain function as a layer: the notes' ``b = lambda z: z W`` in ``net = (a, b, c)`` (section 4.2.2)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from ...errors import InvalidTypeError
from ...keywords import all_named, named
from ..autodiff.tape import Var
from .module import Module, Sequential

__all__ = ["Lambda", "network"]


@all_named
class Lambda(Module):
    """A function of one argument as a layer; the Vars that it reads from outside are its parameters.

    Parameters
    ----------
    function : callable
        Of one argument.

    Examples
    --------
    >>> from spikesim import learn
    >>> W = learn.Var([[1.0], [2.0]])
    >>> layer = learn.Lambda(lambda z: z @ W)
    >>> layer([[3.0, 4.0]]).tolist(), [p is W for p in layer.parameters()]
    ([[11.0]], [True])
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        if not callable(function):
            raise InvalidTypeError(f"Lambda: wanted a function, got {type(function).__name__}")
        self.function = function
        try:
            outside = inspect.getclosurevars(function)
        except TypeError:  # built in: it reads nothing from outside
            return
        for name, value in {**outside.globals, **outside.nonlocals}.items():
            learnt = isinstance(value, Module) or (isinstance(value, Var) and value.is_leaf and value.requires_grad)
            if learnt and name.isidentifier():
                setattr(self, f"outer_{name}", value)

    def forward(self, x: Any) -> Any:
        return self.function(x)

    def __repr__(self) -> str:
        return f"Lambda({getattr(self.function, '__name__', type(self.function).__name__)})"


@named
def network(layers: Iterable[Callable[[Any], Any]]) -> Sequential:
    """Return the network that a sequence of functions and layers is: ``net = network((a, b, c))``, y = c(b(a(x))).

    Parameters
    ----------
    layers : iterable of Modules and functions
        Functions become :class:`Lambda` layers.

    Returns
    -------
    Sequential
        Of the layers.

    Examples
    --------
    >>> from spikesim import learn
    >>> W = learn.Var([[1.0], [2.0]])
    >>> learn.network((lambda z: z @ W, learn.ReLU()))([[3.0, 4.0]]).tolist()
    [[11.0]]
    """
    return Sequential(*layers)
