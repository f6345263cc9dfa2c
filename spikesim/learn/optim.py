"""PyTorch's ``torch.optim`` as ``learn.optim``: the optimisers by its names too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..keywords import named
from .train.optim import SGD, AdaGrad, Adam, AdamW, Euler, Optimizer, RMSProp

__all__ = ["SGD", "AdaGrad", "Adagrad", "Adam", "AdamW", "Euler", "Optimizer", "RMSProp", "RMSprop"]

Adagrad = AdaGrad


@named
class RMSprop(RMSProp):
    """RMSProp with PyTorch's name of the decay, `alpha`.

    Parameters
    ----------
    params : iterable of Var
        What is learnt.
    lr : float
        Learning rate.
    alpha : float
        Decay of the running mean.
    eps : float
        Added to its root.
    **o
        Of :class:`spikesim.learn.Optimizer`: weight_decay, l1, ascent.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(1.0)
    >>> learn.optim.RMSprop([x], lr=0.1).lr
    0.1
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8, **o: Any
    ) -> None:
        super().__init__(params, lr, alpha, eps, **o)
