"""Algorithms 1 and 2 of the notes (sections 4.2.1 and 4.2.2), line by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import InvalidValueError, NumericalError
from ...keywords import named
from ..autodiff.tape import Var, no_grad
from ..layers.function import network
from ..layers.module import Module

__all__ = ["gradient_descent", "neural_learning"]


@named
def gradient_descent(
    E: Var, v: Var, k: float = 0.1, converged: Callable[[float], bool] | float = 1e-10, most: int = 100_000
) -> list[float]:
    """Minimise E with respect to v by Algorithm 1, "Gradient Descent (using AD)"; return E before every step.

    Parameters
    ----------
    E : Var
        A scalar expression of `v`; line 2 of the algorithm.
    v : Var
        The variable; it is changed.
    k : float
        Step.
    converged : float or callable
        The norm of the gradient at which to stop, or a function of it.
    most : int
        Steps after which to give up.

    Returns
    -------
    list of float
        E before every step.

    Raises
    ------
    NumericalError
        If E becomes NaN or infinite, or nothing has converged after `most` steps.

    Examples
    --------
    >>> from spikesim import learn
    >>> v = learn.Var(0.0)
    >>> E = (v - 3.0) ** 2
    >>> path = learn.gradient_descent(E, v, k=0.25)
    >>> round(float(v.item()), 9)
    3.0
    """
    done = converged if callable(converged) else lambda norm: norm <= converged
    values = []
    for _ in range(most):  # while not converged do
        values.append(float(E.evaluate()))  # evaluate E at v
        if not np.isfinite(values[-1]):
            raise NumericalError(f"gradient_descent: E = {values[-1]} after {len(values) - 1} steps; use a smaller k")
        E.zero_grad()  # set gradients to zero
        E.backward(retain_graph=True)  # propagate derivatives down
        if done(float(np.sqrt(np.sum(np.square(v.grad))))):
            return values
        v.val = v._val - k * v.grad  # v <- v - k v.grad
    raise NumericalError(f"gradient_descent: not converged after {most} steps; E = {values[-1]:.6g}")


@named
def neural_learning(
    X: Any, T: Any, net: Any, cost: Callable[[Any, Any], Var], kappa: float = 0.1, epochs: int = 100
) -> list[float]:
    """Train a network by Algorithm 2, "Neural learning using AD"; return the loss before every step.

    Parameters
    ----------
    X, T : array_like
        The data set.
    net : Module, or a sequence of layers and functions
        The network model with its parameters theta.
    cost : callable
        Cost(y, T) -> Var.
    kappa : float
        Learning rate.
    epochs : int
        How often all the data are gone through.

    Returns
    -------
    list of float
        The loss before every step.

    Examples
    --------
    >>> from spikesim import learn
    >>> W = learn.Var([[0.5]])
    >>> losses = learn.neural_learning([[1.0]], [[1.0]], (lambda z: z @ W,), learn.MSELoss(), kappa=1.0, epochs=1)
    >>> losses, W.val.tolist()
    ([0.125], [[1.0]])
    """
    net = net if isinstance(net, Module) else network(net)
    theta = list(net.parameters())
    if not theta:
        raise InvalidValueError("neural_learning: the network has no parameters to learn")
    losses = []
    for _ in range(epochs):
        y = net(np.asarray(X) if not isinstance(X, Var) else X)  # feedforward
        loss = cost(y, T)
        losses.append(float(loss.item()))
        loss.zero_grad()
        loss.backward()
        with no_grad():
            for parameter in theta:
                parameter -= kappa * parameter.grad  # gradient descent
    return losses
