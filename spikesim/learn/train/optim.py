"""Optimisers: from gradients to the next parameters (sections 3.1.1, 5.4.1, 6.3).

What g is, :mod:`spikesim.learn.train.optimizer` says.

| optimiser | update |
| --------- | --- |
| SGD       | theta <- theta - lr g |
| momentum  | V <- beta V + g;  theta <- theta - lr V   (section 6.3.2, "as is commonly used") |
| friction  | V <- (1 - r) V + eta g;  theta <- theta - lr V   (section 6.3.2, with resistance r) |
| nesterov  | V <- beta V + g;  theta <- theta - lr (g + beta V) |
| Euler     | theta <- theta + dt V;  V <- (1 - r) V - dt g   (equations 6.1 and 6.2 as they stand) |
| AdaGrad   | G <- G + g^2;  theta <- theta - lr g / (sqrt(G) + eps)   (Duchi et al. 2011) |
| RMSProp   | G <- a G + (1-a) g^2;  theta <- theta - lr g / (sqrt(G) + eps)   (Hinton, lecture 6e) |
| Adam      | m, v means of g, g^2, corrected;  theta <- theta - lr m^ / (sqrt(v^) + eps)  (Kingma, Ba 2015) |
| AdamW     | Adam, and theta <- theta - lr * weight_decay * theta beside it (Loshchilov and Hutter 2019) |
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import named
from ..autodiff.tape import Var
from .optimizer import Group, Optimizer
from .optimizer import _Flat as _Flat  # pickles name it here
from .updates import adagrad, adam, descend, fall, rmsprop, roll, roll_ahead, run

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "Euler", "Optimizer", "RMSProp"]


@named
class SGD(Optimizer):
    """Gradient descent, plain, with momentum (`momentum` beta, or `friction` r and `force` eta), or
    Nesterov's.

    On batches from a DataLoader it is stochastic gradient descent (section 6.3.1).

    Parameters
    ----------
    parameters : iterable of Var, or of groups (dicts with params, lr, weight_decay, l1)
        What is learnt.
    lr : float
        Learning rate.
    momentum : float
        beta, in [0, 1).
    nesterov : bool
        Whether the gradient is that of where momentum leads.
    friction : float, optional
        r = 1 - beta, in the place of `momentum`.
    force : float
        eta, with `friction`.
    **penalties
        Of :class:`Optimizer`: weight_decay, l1, ascent.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(1.0)
    >>> (x * x).backward()
    >>> learn.SGD([x], lr=0.1, momentum=0.9).step()
    >>> round(x.item(), 4)
    0.8
    """

    def __init__(
        self,
        parameters: Iterable[Var],
        lr: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        friction: float | None = None,
        force: float = 1.0,
        **penalties: Any,
    ) -> None:
        super().__init__(parameters, lr, **penalties)
        if friction is not None and momentum:
            raise InvalidValueError("SGD: give momentum (beta) or friction (r = 1 - beta), not both")
        if friction is None and force != 1.0:
            raise InvalidValueError(
                f"SGD: force = {force!r} (eta) belongs to the form with friction; give friction too"
            )
        beta = momentum if friction is None else 1.0 - friction
        if not 0.0 <= beta <= 1.0:
            raise InvalidValueError(f"SGD: momentum = {beta!r} (1 - friction), wanted a number in [0, 1]")
        if nesterov and not beta:
            raise InvalidValueError("SGD: nesterov=True needs momentum > 0")
        self.momentum, self.force, self.nesterov = float(beta), float(force), bool(nesterov)
        self.averages = ("velocity",) if beta or friction is not None else ()

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray], group: Group) -> None:
        if self.averages:
            way = roll_ahead if self.nesterov else roll
            run(way, value, g, memory.values(), (group.lr, self.momentum, self.force))
        else:
            run(descend, value, g, (), (group.lr,))


@named
class Euler(Optimizer):
    """Equations (6.1) and (6.2) as they stand: position and velocity under the force -g, one Euler step of
    `lr` = dt.

    The position moves with the old velocity, so it lags one step behind SGD with ``momentum=1 - friction``
    and ``lr = dt^2``.  That costs stability: along a direction of curvature c it converges only if dt^2 c < friction,
    where SGD with momentum bears dt^2 c < 2 (2 - friction); without friction it diverges from every minimum.

    Parameters
    ----------
    parameters : iterable of Var, or of groups (dicts with params, lr, weight_decay, l1)
        What is learnt.
    lr : float
        Learning rate.
    friction : float
        In [0, 1].
    **penalties
        Of :class:`Optimizer`: weight_decay, l1, ascent.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(1.0)
    >>> (x * x).backward()
    >>> learn.Euler([x], lr=0.1).step()
    >>> round(x.item(), 4)
    1.0
    """

    averages = ("velocity",)

    def __init__(self, parameters: Iterable[Var], lr: float = 0.01, friction: float = 0.1, **penalties: Any) -> None:
        super().__init__(parameters, lr, **penalties)
        if not 0.0 <= friction <= 1.0:
            raise InvalidValueError(f"Euler: friction = {friction!r}, wanted a number in [0, 1]")
        self.friction = float(friction)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray], group: Group) -> None:
        run(fall, value, g, memory.values(), (group.lr, 1.0 - self.friction))


@named
class AdaGrad(Optimizer):
    """Steps shrink with the sum of all squared gradients so far.

    Parameters
    ----------
    parameters : iterable of Var, or of groups (dicts with params, lr, weight_decay, l1)
        What is learnt.
    lr : float
        Learning rate.
    eps : float
        Added to the root.
    **penalties
        Of :class:`Optimizer`: weight_decay, l1, ascent.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(1.0)
    >>> (x * x).backward()
    >>> learn.AdaGrad([x], lr=0.1).step()
    >>> round(x.item(), 4)
    0.9
    """

    averages = ("squares",)

    def __init__(self, parameters: Iterable[Var], lr: float = 0.01, eps: float = 1e-10, **penalties: Any) -> None:
        super().__init__(parameters, lr, **penalties)
        self.eps = self._share("eps", eps, np.inf)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray], group: Group) -> None:
        run(adagrad, value, g, memory.values(), (group.lr, self.eps))


@named
class RMSProp(Optimizer):
    """Steps relative to a running mean of squared gradients (`decay` is PyTorch's alpha).

    Parameters
    ----------
    parameters : iterable of Var, or of groups (dicts with params, lr, weight_decay, l1)
        What is learnt.
    lr : float
        Learning rate.
    decay : float
        Of the running mean, in [0, 1).
    eps : float
        Added to the root.
    **penalties
        Of :class:`Optimizer`: weight_decay, l1, ascent.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(1.0)
    >>> (x * x).backward()
    >>> learn.RMSProp([x], lr=0.1).step()
    >>> round(x.item(), 4)
    0.0
    """

    averages = ("squares",)

    def __init__(
        self,
        parameters: Iterable[Var],
        lr: float = 0.01,
        decay: float = 0.99,
        eps: float = 1e-8,
        **penalties: Any,
    ) -> None:
        super().__init__(parameters, lr, **penalties)
        self.decay, self.eps = self._share("decay", decay, 1.0), self._share("eps", eps, np.inf)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray], group: Group) -> None:
        run(rmsprop, value, g, memory.values(), (group.lr, self.decay, 1.0 - self.decay, self.eps))


@named
class Adam(Optimizer):
    """Running means of the gradient and of its square, both corrected for their start at 0.

    Parameters
    ----------
    parameters : iterable of Var, or of groups (dicts with params, lr, weight_decay, l1)
        What is learnt.
    lr : float
        Learning rate.
    betas : (float, float)
        Decay of the two running means, in [0, 1).
    eps : float
        Added to the root.
    **penalties
        Of :class:`Optimizer`: weight_decay, l1, ascent.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(1.0)
    >>> (x * x).backward()
    >>> learn.Adam([x], lr=0.1).step()
    >>> round(x.item(), 4)
    0.9
    """

    averages = ("mean", "squares")

    def __init__(
        self,
        parameters: Iterable[Var],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        **penalties: Any,
    ) -> None:
        super().__init__(parameters, lr, **penalties)
        if len(betas) != 2 or not all(0.0 <= b < 1.0 for b in betas):
            raise InvalidValueError(f"{type(self).__name__}: betas = {betas!r}, wanted two numbers in [0, 1)")
        self.betas, self.eps = (float(betas[0]), float(betas[1])), self._share("eps", eps, np.inf)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray], group: Group) -> None:
        b1, b2 = self.betas
        correction = np.sqrt(1.0 - b2**self.steps)  # of m^ and v^, taken out of the loop
        lr = group.lr * correction / (1.0 - b1**self.steps)
        numbers = (lr, b1, 1.0 - b1, b2, 1.0 - b2, self.eps * correction, self.kept(group))
        run(adam, value, g, memory.values(), numbers)

    def kept(self, group: Group) -> float:
        """Return what a step leaves of theta before it moves it.

        Parameters
        ----------
        group : Group
            Numbers of a parameter.

        Returns
        -------
        float
            1 but for :class:`AdamW`.

        Examples
        --------
        >>> from spikesim import learn
        >>> opt = learn.AdamW([learn.Var(1.0)], lr=0.1, weight_decay=0.5)
        >>> opt.kept(opt.group(0))
        0.95
        """
        return 1.0


@named
class AdamW(Adam):
    """Adam with weight decay beside the gradient instead of in it.

    Parameters
    ----------
    parameters : iterable of Var, or of groups (dicts with params, lr, weight_decay, l1)
        What is learnt.
    lr : float
        Learning rate.
    weight_decay : float
        By which all parameters shrink, beside the gradient.
    **options
        Of :class:`Optimizer`: l1, ascent; of :class:`Adam`.

    Examples
    --------
    >>> from spikesim import learn
    >>> x = learn.Var(1.0)
    >>> (x * x).backward()
    >>> learn.AdamW([x], lr=0.1).step()
    >>> round(x.item(), 4)
    0.899
    """

    def __init__(self, parameters: Iterable[Var], lr: float = 1e-3, weight_decay: float = 0.01, **options: Any) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay, **options)

    def gradient(self, value: np.ndarray, grad: np.ndarray, group: Group) -> np.ndarray:
        return super().gradient(value, grad, group._replace(weight_decay=0.0))

    def kept(self, group: Group) -> float:
        """Return what a step leaves of theta before it moves it."""
        return 1.0 - group.lr * group.weight_decay
