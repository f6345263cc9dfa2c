"""Error backpropagation written out layer by layer (section 3.2), beside the tape that does it in general.

In the notes' convention of chapter 3, h is a row (or a batch of rows), W has shape (n_in, n_out):

    z^(l+1) = h^(l) W^(l) + b^(l+1),   h^(l+1) = sigma(z^(l+1))
    grad_{z^(l)} E = sigma'(z^(l)) * [grad_{z^(l+1)} E . (W^(l))^T]
    grad_{W^(l)} E = [h^(l)]^T grad_{z^(l+1)} E

(The summary of the notes writes grad_{z^(l+1)} on both sides of its first sentence; the one wanted is
grad_{z^(l)}.) A learn.Linear stores the transpose, the W of section 1.7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...keywords import named
from .tape import Var, apply, as_array, no_grad

__all__ = ["Gradients", "backprop", "forward"]

Array = np.ndarray


class Gradients(NamedTuple):
    """dE by the input currents z, weights W and biases b of every layer.

    Parameters
    ----------
    z : list of array, shape (batch, n_out)
        By the input currents of every layer.
    weights : list of array, shape (n_in, n_out)
        By the weights.
    biases : list of array, shape (n_out,)
        By the biases.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> weights, biases = [np.array([[0.5], [-0.5]])], [np.zeros(1)]
    >>> found = learn.backprop([[1.0, 2.0]], weights, biases, ["tanh"], np.array([[1.0]]))
    >>> found.weights[0].round(3).tolist()
    [[0.786], [1.573]]
    """

    z: list[Array]
    weights: list[Array]
    biases: list[Array]


def _slope(activation: str, z: Array) -> tuple[Array, Array]:
    """Return sigma(z) and sigma'(z)."""
    with no_grad():
        h = apply(activation, z)._val
    slopes: dict[str, Callable[[], Array]] = {
        "logistic": lambda: h * (1.0 - h),
        "tanh": lambda: 1.0 - h * h,
        "relu": lambda: (z > 0.0).astype(z.dtype),
        "arctan": lambda: 1.0 / (1.0 + z * z),
        "softplus": lambda: 1.0 / (1.0 + np.exp(-z)),
        "positive": lambda: np.ones_like(z),
    }
    return h, slopes[activation]()


@named
def forward(x: Any, weights: Sequence[Any], biases: Sequence[Any], activations: Sequence[str]) -> tuple[list, list]:
    """Return the activities h of all layers, the input first, and the input currents z.

    Parameters
    ----------
    x : array_like
        Shape (n_in,) or (batch, n_in).
    weights, biases : sequences
        W of shape (n_in, n_out) and b of (n_out,), a layer each.
    activations : sequence of str
        "logistic", "tanh", "relu", "arctan", "softplus" or "positive" (the identity), a layer each.

    Returns
    -------
    h : list of array
        Activities of all layers, the input first.
    z : list of array
        Input currents of all layers but the first.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> weights, biases = [np.array([[0.5], [-0.5]])], [np.zeros(1)]
    >>> h, z = learn.forward([[1.0, 2.0]], weights, biases, ["tanh"])
    >>> z[0].tolist()
    [[-0.5]]
    """
    h, z = [as_array(x)], []
    for w, b, activation in zip(weights, biases, activations):
        z.append(h[-1] @ as_array(w) + as_array(b))
        h.append(_slope(activation, z[-1])[0])
    return h, z


@named
def backprop(
    x: Any,
    weights: Sequence[Any],
    biases: Sequence[Any],
    activations: Sequence[str],
    output_gradient: Callable[[Array], Array] | Any,
    at: str = "h",
) -> Gradients:
    """Return the gradients of E by every z, W and b, from the output down.

    Parameters
    ----------
    x, weights, biases, activations
        As in :func:`forward`.
    output_gradient : callable or array_like
        dE/dy as a function of the output y, or the array itself.
    at : {"h", "z"}
        Whether that is the gradient by the output, or by the last input current already: y - t for the
        pairings of section 2.3 (logistic with cross entropy, softmax with its own).

    Returns
    -------
    Gradients
        ``.z``, ``.weights`` and ``.biases``, a list of arrays each.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> weights, biases = [np.array([[0.5], [-0.5]])], [np.zeros(1)]
    >>> found = learn.backprop([[1.0, 2.0]], weights, biases, ["tanh"], lambda y: y - 1.0)
    >>> found.biases[0].round(3).tolist()
    [-1.15]
    """
    h, z = forward(x, weights, biases, activations)
    above = output_gradient(h[-1]) if callable(output_gradient) else as_array(output_gradient)
    gradients = Gradients([], [], [])
    for level in reversed(range(len(weights))):
        if at == "h" or level < len(weights) - 1:
            above = _slope(activations[level], z[level])[1] * above
        below = np.atleast_2d(h[level])
        gradients.z.insert(0, above)
        gradients.weights.insert(0, below.T @ np.atleast_2d(above))
        gradients.biases.insert(0, np.atleast_2d(above).sum(axis=0))
        above = above @ as_array(weights[level]).T
    return gradients


@named
def as_rows(network: Any) -> tuple[list[Array], list[Array]]:
    """Return the weights (n_in, n_out) and biases of the Linear layers of a network, in the notes'
    convention.

    Parameters
    ----------
    network : Module
        Its Linear layers are taken, in their order.

    Returns
    -------
    weights : list of array, shape (n_in, n_out)
        Transposed.
    biases : list of array, shape (n_out,)
        As they are.

    Examples
    --------
    >>> from spikesim import learn
    >>> weights, biases = learn.as_rows(learn.Sequential(learn.Linear(2, 3, seed=1)))
    >>> weights[0].shape
    (2, 3)
    """
    weights = [m.weight._val.T for m in network.modules() if isinstance(getattr(m, "weight", None), Var)]
    biases = [m.bias._val for m in network.modules() if isinstance(getattr(m, "bias", None), Var)]
    return weights, biases
