"""Vanishing and exploding gradients, looked at (sections 6.1, 6.2): the norm of dE/dz in every layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError
from ...keywords import named
from ..autodiff.tape import Var, as_array
from ..layers.linear import Linear
from ..layers.module import Module, Sequential

__all__ = ["layer_gradient_norms", "parameter_norm", "sparsity"]


@named
def layer_gradient_norms(model: Sequential, x: Any, t: Any, loss: Any) -> np.ndarray:
    """Return ||grad_{z^(l)} E|| for the input currents z of every Linear layer, from the first on (section
    6.1).

    The gradients of the parameters are left as they were.  For a batch the norm is over all its samples.

    Parameters
    ----------
    model : Sequential
        With Linear layers.
    x, t : array_like
        Inputs and targets, a sample a row.
    loss : Loss
        loss(output, target).

    Returns
    -------
    array, shape (layers,)
        From the first layer on.

    Raises
    ------
    InvalidTypeError
        If the model is no Sequential.

    Examples
    --------
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.Linear(2, 3, seed=1), learn.Tanh(), learn.Linear(3, 1, seed=2))
    >>> learn.layer_gradient_norms(model, [[1.0, 2.0]], [[0.0]], learn.MSELoss()).shape
    (2,)
    """
    if not isinstance(model, Sequential):
        raise InvalidTypeError(
            f"layer_gradient_norms: wanted a Sequential, whose layers can be listened to, got {type(model).__name__}"
        )
    before = [(p, p._grad) for p in model.parameters()]
    h: Any = as_array(x)
    currents: list[Var] = []
    for layer in model:
        h = layer(h)
        if isinstance(layer, Linear):
            currents.append(h)
    loss(h, t).backward()
    for p, grad in before:
        p._grad = grad
    return np.array([float(np.sqrt(np.sum(np.square(z.grad)))) for z in currents])


@named
def parameter_norm(model: Module) -> float:
    """Return ``||theta||_F^2``, the sum of squares of all weights and biases (section 5.4.1).

    Parameters
    ----------
    model : Module
        Any.

    Returns
    -------
    float
        Not its root.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.parameter_norm(learn.ModuleList([learn.Linear(1, 1, seed=1)])) > 0.0
    True
    """
    return float(sum(np.sum(np.square(p._val, dtype=np.float64)) for p in model.parameters()))


@named
def sparsity(model: Module, below: float = 1e-3) -> float:
    """Return the share of parameters with ``|theta| < below`` (section 5.4.1, L1).

    Parameters
    ----------
    model : Module
        Any.
    below : float
        What counts as nothing.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.Linear(2, 3, seed=1), learn.Tanh(), learn.Linear(3, 1, seed=2))
    >>> learn.sparsity(model) < 0.5
    True
    """
    values = np.concatenate([np.ravel(p._val) for p in model.parameters()])
    return float(np.mean(np.abs(values) < below))
