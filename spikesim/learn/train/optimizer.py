"""What an optimiser is: parameters in groups, their gradients with penalties, and running averages.

In all of them g = dE/dtheta + weight_decay * theta + l1 * sign(theta), with the opposite sign of dE for ``ascent``:
weight decay adds lambda/2 ||theta||^2 to E, l1 adds lambda sum |theta| (section 5.4.1).  Updates are made in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...docstrings import inherit
from ...errors import InvalidValueError, UnknownNameError
from ...keywords import named
from ..autodiff.tape import Var

__all__ = ["Group", "Optimizer"]


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


@named
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

    @named
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

    @named
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

    @named
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
