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
from typing import Any

import numpy as np

from ...errors import InvalidValueError, UnknownNameError
from ..autodiff.tape import Var
from .updates import adagrad, adam, descend, fall, rmsprop, roll, roll_ahead, run

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "Euler", "Optimizer", "RMSProp"]


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
    parameters : iterable of Var
        What is learnt.
    lr : float
        Learning rate, the notes' kappa; may be changed at any time (schedules do).
    weight_decay, l1 : float
        Penalties lambda of section 5.4.1.
    ascent : bool
        Climb instead of descend (section 3.1.1).
    """

    averages: tuple[str, ...] = ()

    def __init__(
        self,
        parameters: Iterable[Var],
        lr: float,
        weight_decay: float = 0.0,
        l1: float = 0.0,
        ascent: bool = False,
    ) -> None:
        self.parameters = [parameters] if isinstance(parameters, Var) else list(parameters)
        if not self.parameters:
            raise InvalidValueError(f"{type(self).__name__}: no parameters to learn; pass model.parameters()")
        for k, p in enumerate(self.parameters):
            if not (isinstance(p, Var) and p.requires_grad and p.is_leaf):
                raise InvalidValueError(
                    f"{type(self).__name__}: parameter {k} is no leaf Var that requires grad: {p!r}"
                )
        if len({id(p) for p in self.parameters}) < len(self.parameters):
            raise InvalidValueError(f"{type(self).__name__}: a parameter is given twice; it would move twice a step")
        for name, value in (("lr", lr), ("weight_decay", weight_decay), ("l1", l1)):
            if not 0.0 <= value < np.inf:
                raise InvalidValueError(f"{type(self).__name__}: {name} = {value!r}, wanted a finite number >= 0")
        self.lr, self.weight_decay, self.l1, self.ascent = (
            float(lr),
            float(weight_decay),
            float(l1),
            bool(ascent),
        )
        self.steps = 0
        self._memory: list[_Flat | dict[str, np.ndarray]] = [{} for _ in self.parameters]

    def _share(self, name: str, value: float, below: float) -> float:
        if not 0.0 <= value < below:
            raise InvalidValueError(f"{type(self).__name__}: {name} = {value!r}, wanted a number in [0, {below:g})")
        return float(value)

    def zero_grad(self) -> None:
        """Set all gradients to zero."""
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Update every parameter in place from its gradient."""
        self.steps += 1
        penalised = self.ascent or self.weight_decay or self.l1
        for k, p in enumerate(self.parameters):
            flat = self._memory[k]
            if not isinstance(flat, _Flat) or flat.array is not p._val:
                if not p.val.flags.c_contiguous:
                    p.val = np.ascontiguousarray(p.val)
                flat = self._memory[k] = _Flat(p.val, self.averages, _averages(flat))
            g = np.ascontiguousarray(p.grad).reshape(-1)
            self.update(flat.value, self.gradient(flat.value, g) if penalised else g, flat.averages)

    def gradient(self, value: np.ndarray, grad: np.ndarray) -> np.ndarray:
        """Return g: the gradient with penalties, descending."""
        if self.ascent:
            grad = -grad
        if self.weight_decay:
            grad = grad + self.weight_decay * value
        if self.l1:
            grad = grad + self.l1 * np.sign(value)
        return grad

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        """Change `value` (flat) in place by the gradient `g`; `memory` has the running averages, to be changed too."""
        raise NotImplementedError

    def state(self) -> dict[str, np.ndarray]:
        """Return what a resumed training needs: number of steps, learning rate, running averages."""
        result = {"steps": np.asarray(self.steps), "lr": np.asarray(self.lr)}
        for k, flat in enumerate(self._memory):
            result |= {f"{k}.{name}": average.copy() for name, average in _averages(flat).items()}
        return result

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Set what :meth:`state` returned."""
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

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        if self.averages:
            way = roll_ahead if self.nesterov else roll
            run(way, value, g, memory.values(), (self.lr, self.momentum, self.force))
        else:
            run(descend, value, g, (), (self.lr,))


class Euler(Optimizer):
    """Equations (6.1) and (6.2) as they stand: position and velocity under the force -g, one Euler step of
    `lr` = dt.

    The position moves with the old velocity, so it lags one step behind SGD with ``momentum=1 - friction``
    and ``lr = dt^2``.  That costs stability: along a direction of curvature c it converges only if dt^2 c < friction,
    where SGD with momentum bears dt^2 c < 2 (2 - friction); without friction it diverges from every minimum.
    """

    averages = ("velocity",)

    def __init__(self, parameters: Iterable[Var], lr: float = 0.01, friction: float = 0.1, **penalties: Any) -> None:
        super().__init__(parameters, lr, **penalties)
        if not 0.0 <= friction <= 1.0:
            raise InvalidValueError(f"Euler: friction = {friction!r}, wanted a number in [0, 1]")
        self.friction = float(friction)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        run(fall, value, g, memory.values(), (self.lr, 1.0 - self.friction))


class AdaGrad(Optimizer):
    """Steps shrink with the sum of all squared gradients so far."""

    averages = ("squares",)

    def __init__(self, parameters: Iterable[Var], lr: float = 0.01, eps: float = 1e-10, **penalties: Any) -> None:
        super().__init__(parameters, lr, **penalties)
        self.eps = self._share("eps", eps, np.inf)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        run(adagrad, value, g, memory.values(), (self.lr, self.eps))


class RMSProp(Optimizer):
    """Steps relative to a running mean of squared gradients (`decay` is PyTorch's alpha)."""

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

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        run(rmsprop, value, g, memory.values(), (self.lr, self.decay, 1.0 - self.decay, self.eps))


class Adam(Optimizer):
    """Running means of the gradient and of its square, both corrected for their start at 0."""

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

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        b1, b2 = self.betas
        correction = np.sqrt(1.0 - b2**self.steps)  # of m^ and v^, taken out of the loop
        lr = self.lr * correction / (1.0 - b1**self.steps)
        numbers = (lr, b1, 1.0 - b1, b2, 1.0 - b2, self.eps * correction, self.kept)
        run(adam, value, g, memory.values(), numbers)

    @property
    def kept(self) -> float:
        """What a step leaves of theta before it moves it."""
        return 1.0


class AdamW(Adam):
    """Adam with weight decay beside the gradient instead of in it."""

    def __init__(self, parameters: Iterable[Var], lr: float = 1e-3, weight_decay: float = 0.01, **options: Any) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay, **options)

    def gradient(self, value: np.ndarray, grad: np.ndarray) -> np.ndarray:
        grad = -grad if self.ascent else grad
        return grad + self.l1 * np.sign(value) if self.l1 else grad

    @property
    def kept(self) -> float:
        """What a step leaves of theta before it moves it."""
        return 1.0 - self.lr * self.weight_decay
