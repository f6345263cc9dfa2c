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

from ..errors import InvalidValueError, UnknownNameError
from .tape import Var

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "Euler", "Optimizer", "RMSProp"]

_BLOCK = 32_768  # entries an update goes through at once


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
        self._memory: list[dict[str, np.ndarray]] = [{} for _ in self.parameters]

    def zero_grad(self) -> None:
        """Set all gradients to zero."""
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Update every parameter in place from its gradient, in blocks that stay in the cache."""
        self.steps += 1
        for p, memory in zip(self.parameters, self._memory):
            if not p.val.flags.c_contiguous:
                p.val = np.ascontiguousarray(p.val)
            value, grad = p.val.reshape(-1), p.grad.reshape(-1)
            if "scratch" not in memory or memory["scratch"].dtype != value.dtype:
                memory["scratch"] = np.empty(min(value.size, _BLOCK), value.dtype)
                for name in self.averages:
                    old = memory.get(name)
                    memory[name] = np.zeros_like(value) if old is None else old.astype(value.dtype)
            for start in range(0, value.size, _BLOCK):
                part = slice(start, min(start + _BLOCK, value.size))
                block = {name: memory[name][part] for name in self.averages}
                block["scratch"] = memory["scratch"][: part.stop - start]
                self.update(value[part], self.gradient(value[part], grad[part]), block)

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
        """Change `value` (flat) in place; `memory` has the running averages and a scratch array of its shape."""
        raise NotImplementedError

    def state(self) -> dict[str, np.ndarray]:
        """Return what a resumed training needs: number of steps, learning rate, running averages."""
        result = {"steps": np.asarray(self.steps), "lr": np.asarray(self.lr)}
        for k, memory in enumerate(self._memory):
            result |= {f"{k}.{name}": memory[name].copy() for name in self.averages if name in memory}
        return result

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Set what :meth:`state` returned."""
        self.steps, self.lr = int(state["steps"]), float(state["lr"])
        self._memory = [{} for _ in self.parameters]
        for key in set(state) - {"steps", "lr"}:
            k, _, name = key.partition(".")
            if int(k) >= len(self._memory) or name not in self.averages:
                raise UnknownNameError(
                    f"{type(self).__name__}: unknown entry {key!r} in its state; was it another optimiser's?"
                )
            self._memory[int(k)][name] = np.array(state[key])


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
        scratch = memory["scratch"]
        if self.averages:
            v = memory["velocity"]
            v *= self.momentum
            v += g if self.force == 1.0 else self.force * g
            g = g + self.momentum * v if self.nesterov else v
        np.multiply(g, self.lr, out=scratch)
        value -= scratch


class Euler(Optimizer):
    """Equations (6.1) and (6.2) as they stand: position and velocity under the force -g, one Euler step of
    `lr` = dt.

    The position moves with the old velocity, so it lags one step behind SGD with ``momentum=1 - friction``
    and ``lr = dt^2``.
    """

    averages = ("velocity",)

    def __init__(self, parameters: Iterable[Var], lr: float = 0.01, friction: float = 0.1, **penalties: Any) -> None:
        super().__init__(parameters, lr, **penalties)
        if not 0.0 <= friction <= 1.0:
            raise InvalidValueError(f"Euler: friction = {friction!r}, wanted a number in [0, 1]")
        self.friction = float(friction)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        v = memory["velocity"]
        value += self.lr * v
        v *= 1.0 - self.friction
        v -= self.lr * g


class AdaGrad(Optimizer):
    """Steps shrink with the sum of all squared gradients so far."""

    averages = ("squares",)

    def __init__(self, parameters: Iterable[Var], lr: float = 0.01, eps: float = 1e-10, **penalties: Any) -> None:
        super().__init__(parameters, lr, **penalties)
        self.eps = float(eps)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        squares = memory["squares"]
        squares += g * g
        value -= self.lr * g / (np.sqrt(squares) + self.eps)


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
        self.decay, self.eps = float(decay), float(eps)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        squares = memory["squares"]
        squares *= self.decay
        squares += (1.0 - self.decay) * g * g
        value -= self.lr * g / (np.sqrt(squares) + self.eps)


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
        if not all(0.0 <= b < 1.0 for b in betas):
            raise InvalidValueError(f"{type(self).__name__}: betas = {betas!r}, wanted two numbers in [0, 1)")
        self.betas, self.eps = (float(betas[0]), float(betas[1])), float(eps)

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        mean, squares, scratch = memory["mean"], memory["squares"], memory["scratch"]
        b1, b2 = self.betas
        mean *= b1
        np.multiply(g, 1.0 - b1, out=scratch)
        mean += scratch
        squares *= b2
        np.multiply(g, g, out=scratch)
        scratch *= 1.0 - b2
        squares += scratch
        # lr m^ / (sqrt(v^) + eps) with the corrections taken out of the arrays
        correction = np.sqrt(1.0 - b2**self.steps)
        np.sqrt(squares, out=scratch)
        scratch += self.eps * correction
        np.divide(mean, scratch, out=scratch)
        scratch *= self.lr * correction / (1.0 - b1**self.steps)
        value -= scratch


class AdamW(Adam):
    """Adam with weight decay beside the gradient instead of in it."""

    def __init__(self, parameters: Iterable[Var], lr: float = 1e-3, weight_decay: float = 0.01, **options: Any) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay, **options)

    def gradient(self, value: np.ndarray, grad: np.ndarray) -> np.ndarray:
        grad = -grad if self.ascent else grad
        return grad + self.l1 * np.sign(value) if self.l1 else grad

    def update(self, value: np.ndarray, g: np.ndarray, memory: dict[str, np.ndarray]) -> None:
        value *= 1.0 - self.lr * self.weight_decay
        super().update(value, g, memory)
