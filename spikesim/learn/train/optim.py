"""Optimisers: from gradients to the next parameters (sections 3.1.1, 5.4.1, 6.3).

In all of them g = dE/dtheta + weight_decay * theta + l1 * sign(theta), with the opposite sign of dE for
``ascent``: weight decay adds lambda/2 ||theta||^2 to E, l1 adds lambda sum |theta| (section 5.4.1).  Updates
are made in place.

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

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...docstrings import inherit
from ...errors import InvalidValueError, NumericalError, UnknownNameError
from ..autodiff.tape import Var
from .updates import adagrad, adam, descend, fall, rmsprop, roll, roll_ahead, run

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "Euler", "Optimizer", "RMSProp", "clip_gradients"]


class Group(NamedTuple):
    """Numbers that hold for some of the parameters: learning rate and penalties."""

    lr: float
    weight_decay: float
    l1: float


class _Flat:
    """A parameter's entries and running averages, flat; made once, and again if the array is another one."""

    def __init__(self, array: np.ndarray, averages: Iterable[str], old: Mapping[str, np.ndarray]) -> None:
        self.array, self.value = array, array.reshape(-1)
        dtype = array.dtype
        self.averages = {n: old[n].astype(dtype) if n in old else np.zeros(array.size, dtype) for n in averages}


class Optimizer:
    """Holds parameters and their running averages; :meth:`step` after each backward.

    Parameters
    ----------
    parameters : iterable of Var, or of dict
        What is learnt; what is frozen is passed over while it is.  Groups of parameters with numbers of their own are
        dicts: ``[{"params": net[0].parameters(), "lr": 1e-4}, {"params": net[2].parameters()}]``.
    lr : float
        Learning rate, the notes' kappa; may be changed at any time (schedules do).  The rate of a group keeps its ratio
        to it.
    weight_decay, l1 : float
        Penalties lambda of section 5.4.1.
    ascent : bool
        Climb instead of descend (section 3.1.1).

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> class Sign(learn.Optimizer):
    ...     def update(self, value, g, memory, group):
    ...         value -= group.lr * np.sign(g)
    >>> x = learn.Var(1.0)
    >>> (x * x).backward()
    >>> Sign([x], lr=0.1).step()
    >>> x.item()
    0.9
    """

    averages: tuple[str, ...] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        inherit(cls)

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float,
        weight_decay: float = 0.0,
        l1: float = 0.0,
        ascent: bool = False,
    ) -> None:
        for name, value in (("lr", lr), ("weight_decay", weight_decay), ("l1", l1)):
            self._penalty(name, value)
        self.lr, self.weight_decay, self.l1, self.ascent = (
            float(lr),
            float(weight_decay),
            float(l1),
            bool(ascent),
        )
        self.parameters: list[Var] = []
        self._own: list[dict[str, float]] = []  # what a parameter's group has of its own
        for part in [parameters] if isinstance(parameters, (Var, dict)) else list(parameters):
            own: dict[str, Any] = dict(part) if isinstance(part, dict) else {"params": [part]}
            members = own.pop("params", None)
            if members is None or not set(own) <= set(Group._fields):
                raise InvalidValueError(
                    f"{type(self).__name__}: a group has {sorted(part)}; wanted params, and of its own at most"
                    f" {', '.join(Group._fields)}"
                )
            for name, value in own.items():
                self._penalty(name, value)
            for p in [members] if isinstance(members, Var) else members:
                self.parameters.append(p)
                self._own.append(own)
        if not self.parameters:
            raise InvalidValueError(f"{type(self).__name__}: no parameters to learn; pass model.parameters()")
        for k, p in enumerate(self.parameters):
            if not (isinstance(p, Var) and p.is_leaf and p.dtype.kind == "f"):
                shape = f" of shape {tuple(p.shape)}" if isinstance(p, Var) else ""
                raise InvalidValueError(
                    f"{type(self).__name__}: parameter {k} is no leaf Var that requires grad, but a"
                    f" {type(p).__name__}{shape}"
                )
        if not any(p.requires_grad for p in self.parameters):
            raise InvalidValueError(
                f"{type(self).__name__}: none of the {len(self.parameters)} parameters is a leaf Var that learns;"
                " unfreeze some, or make them with requires_grad=True"
            )
        if len({id(p) for p in self.parameters}) < len(self.parameters):
            raise InvalidValueError(f"{type(self).__name__}: a parameter is given twice; it would move twice a step")
        self.steps, self._base = 0, self.lr
        self._memory: list[_Flat | dict[str, np.ndarray]] = [{} for _ in self.parameters]

    def _penalty(self, name: str, value: float) -> None:
        if not 0.0 <= value < np.inf:
            raise InvalidValueError(f"{type(self).__name__}: {name} = {value!r}, wanted a finite number >= 0")

    def _share(self, name: str, value: float, below: float) -> float:
        if not 0.0 <= value < below:
            raise InvalidValueError(f"{type(self).__name__}: {name} = {value!r}, wanted a number in [0, {below:g})")
        return float(value)

    def group(self, k: int) -> Group:
        """Return the numbers that hold for parameter `k` now.

        Parameters
        ----------
        k : int
            Its place among the parameters.

        Returns
        -------
        Group
            A named tuple (lr, weight_decay, l1).

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.SGD([learn.Var(1.0)], lr=0.1).group(0).lr
        0.1
        """
        own = self._own[k]
        if not own:
            return Group(self.lr, self.weight_decay, self.l1)
        lr = self.lr
        if "lr" in own:
            lr = own["lr"] * (self.lr / self._base if self._base else 1.0)
        return Group(lr, own.get("weight_decay", self.weight_decay), own.get("l1", self.l1))

    def zero_grad(self) -> None:
        """Set all gradients to zero.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(1.0)
        >>> (x * x).backward()
        >>> learn.SGD([x], lr=0.1).zero_grad()
        >>> float(x.grad)
        0.0
        """
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Update every parameter in place from its gradient.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(1.0)
        >>> (x * x).backward()
        >>> learn.SGD([x], lr=0.1).step()
        >>> x.item()
        0.8
        """
        self.steps += 1
        common = Group(self.lr, self.weight_decay, self.l1)
        for k, p in enumerate(self.parameters):
            if not p.requires_grad:
                continue
            group = self.group(k) if self._own[k] else common
            flat = self._memory[k]
            if not isinstance(flat, _Flat) or flat.array is not p._val:
                if not p._val.flags.c_contiguous:
                    p._val = np.ascontiguousarray(p._val)
                flat = self._memory[k] = _Flat(p._val, self.averages, _averages(flat))
            if p._grad is None:
                p._grad = np.zeros_like(p._val)
            g = np.ascontiguousarray(p._grad).reshape(-1)
            if self.ascent or group.weight_decay or group.l1:
                g = self.gradient(flat.value, g, group)
            self.update(flat.value, g, flat.averages, group)
            p._changed()

    def gradient(self, value: np.ndarray, grad: np.ndarray, group: Group) -> np.ndarray:
        """Return g: the gradient with penalties, descending.

        Parameters
        ----------
        value, grad : array of float, shape (n,)
            A parameter and the derivative by it.
        group : Group
            Its numbers.

        Returns
        -------
        array of float, shape (n,)
            Against which the step goes.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> opt = learn.SGD([learn.Var(1.0)], lr=0.1, weight_decay=0.5)
        >>> opt.gradient(np.array([2.0]), np.array([0.0]), opt.group(0)).tolist()
        [1.0]
        """
        if self.ascent:
            grad = -grad
        if group.weight_decay:
            grad = grad + group.weight_decay * value
        if group.l1:
            grad = grad + group.l1 * np.sign(value)
        return grad

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray], group: Group) -> None:
        """Change `value` (flat) in place by the gradient `g`; `memory` has the running averages, to be changed too.

        Parameters
        ----------
        value, g : array of float, shape (n,)
            A parameter and the gradient, with penalties.
        memory : dict of str to array of float (n,)
            The running averages that the class names in ``averages``.
        group : Group
            Its numbers.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> opt, value = learn.SGD([learn.Var(1.0)], lr=0.1), np.array([1.0])
        >>> opt.update(value, np.array([2.0]), {}, opt.group(0))
        >>> value.tolist()
        [0.8]
        """
        raise NotImplementedError

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return :meth:`state`: PyTorch's name of it.

        Returns
        -------
        dict of str to array
            Copies.

        Examples
        --------
        >>> from spikesim import learn
        >>> sorted(learn.SGD([learn.Var(1.0)]).state_dict())
        ['lr', 'steps']
        """
        return self.state()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set the state: PyTorch's name of :meth:`load_state`.

        Parameters
        ----------
        state : mapping of str to array
            As it was returned.

        Examples
        --------
        >>> from spikesim import learn
        >>> opt = learn.SGD([learn.Var(1.0)], lr=0.1)
        >>> opt.load_state_dict(opt.state_dict())
        """
        self.load_state(state)

    def state(self) -> dict[str, np.ndarray]:
        """Return what a resumed training needs: number of steps, learning rate, running averages.

        Returns
        -------
        dict of str to array
            Copies.

        Examples
        --------
        >>> from spikesim import learn
        >>> x = learn.Var(1.0)
        >>> (x * x).backward()
        >>> opt = learn.Adam([x])
        >>> opt.step()
        >>> sorted(opt.state())
        ['0.mean', '0.squares', 'lr', 'steps']
        """
        result = {"steps": np.asarray(self.steps), "lr": np.asarray(self.lr)}
        for k, flat in enumerate(self._memory):
            result |= {f"{k}.{name}": average.copy() for name, average in _averages(flat).items()}
        return result

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Set what :meth:`state` returned.

        Parameters
        ----------
        state : mapping of str to array
            As it was returned.

        Raises
        ------
        UnknownNameError, InvalidValueError
            If it is that of another optimiser, or of other parameters.

        Examples
        --------
        >>> from spikesim import learn
        >>> opt = learn.SGD([learn.Var(1.0)], lr=0.1)
        >>> opt.load_state(opt.state())
        """
        if not {"steps", "lr"} <= set(state):
            raise UnknownNameError(f"{type(self).__name__}: no steps and lr in its state, only {sorted(state)}")
        memory: list[dict[str, np.ndarray]] = [{} for _ in self.parameters]
        for key in set(state) - {"steps", "lr"}:
            k, _, name = key.partition(".")
            if not k.isdecimal() or int(k) >= len(memory) or name not in self.averages:
                raise UnknownNameError(
                    f"{type(self).__name__}: unknown entry {key!r} in its state; was it another optimiser's?"
                )
            value = np.array(state[key])
            if value.shape != (self.parameters[int(k)].size,):
                raise InvalidValueError(
                    f"{type(self).__name__}: {key} of its state has shape {value.shape}, parameter {k} has"
                    f" {self.parameters[int(k)].size} entries"
                )
            memory[int(k)][name] = value
        self._memory = list(memory)
        self.steps, self.lr = int(state["steps"]), float(state["lr"])


def _averages(flat: _Flat | dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return flat.averages if isinstance(flat, _Flat) else flat


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


def clip_gradients(parameters: Iterable[Var], norm: float | None = None, value: float | None = None) -> float:
    """Limit gradients before a step: all of them together to a norm (Pascanu et al. 2013), or each entry to a value.

    Parameters
    ----------
    parameters : iterable of Var
        Whose gradients are limited, in place.
    norm : float, optional
        Largest norm of all gradients as one vector; their direction stays.
    value : float, optional
        Largest absolute value of an entry.

    Returns
    -------
    float
        The norm before.

    Examples
    --------
    >>> from spikesim import learn
    >>> w = learn.Var([3.0, 4.0])
    >>> (0.5 * w * w).sum().backward()
    >>> learn.clip_gradients([w], norm=1.0)
    5.0
    >>> w.grad
    array([0.6, 0.8])
    """
    for name, limit in (("norm", norm), ("value", value)):
        if limit is not None and not limit > 0.0:
            raise InvalidValueError(f"clip_gradients: {name} = {limit!r}, wanted a number > 0")
    learnt = [p for p in ([parameters] if isinstance(parameters, Var) else parameters) if p._grad is not None]
    total = float(np.sqrt(sum(float(np.sum(np.square(p._grad, dtype=np.float64))) for p in learnt)))
    if not np.isfinite(total):
        raise NumericalError(f"clip_gradients: the norm of the gradients is {total}; lower the learning rate")
    for p in learnt:
        if value is not None:
            p._grad = np.clip(p._grad, -value, value)
        if norm is not None and total > norm:
            p._grad = p._grad * p._grad.dtype.type(norm / total)
    return total
