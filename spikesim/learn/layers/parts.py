"""What a Module is made of: its Modules and parameters, by dotted name, and what is done with all of them."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...errors import SpikesimWarning
from ...keywords import verbs_named
from ..autodiff.tape import Var

if TYPE_CHECKING:
    from .module import Module

__all__ = ["Parts"]

P = TypeVar("P", bound="Parts")


def _hidden(value: Any) -> int:
    """How many layers and parameters are in lists, tuples and dicts, however deep."""
    if isinstance(value, (list, tuple, dict)):
        return sum(_hidden(part) for part in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, Parts) or (isinstance(value, Var) and value.requires_grad)


@verbs_named
class Parts:
    """A tree of Modules, seen from its root."""

    training: bool
    kept: tuple[str, ...]
    _parameters: dict[str, Var]
    _modules: dict[str, Module]

    def _warn_of_lists(self) -> None:
        for name, value in vars(self).items():
            if name in ("_parameters", "_modules") or not isinstance(value, (list, tuple, dict)):
                continue
            hidden = _hidden(value)
            if hidden:
                warnings.warn(
                    f"{type(self).__name__}.{name} is a plain {type(value).__name__} that hides {hidden}"
                    f" layer(s) or"
                    " parameter(s): they are not registered and will not learn; make it a ModuleList",
                    SpikesimWarning,
                    stacklevel=4,
                )

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Yield (dotted name, module) for itself and every registered part.

        Parameters
        ----------
        prefix : str
            What stands before every name.

        Yields
        ------
        (str, Module)
            The Module itself first.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> [name for name, module in net.named_modules()]
        ['', '0', '1', '2']
        """
        return self._walk(prefix)

    def _walk(self, prefix: str) -> Iterator[tuple[str, Module]]:
        yield prefix, self  # type: ignore[misc]  # every one is a Module
        for name, part in self._modules.items():
            yield from part._walk(f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """Yield itself and every registered part.

        Yields
        ------
        Module
            The Module itself first.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> len(list(net.modules()))
        4
        """
        return (module for _, module in self._walk(""))

    def named_parameters(self) -> Iterator[tuple[str, Var]]:
        """Yield (dotted name, parameter), each parameter once, in the order of registration.

        Yields
        ------
        (str, Var)
            In the order of registration.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> [name for name, parameter in net.named_parameters()]
        ['0.weight', '0.bias', '2.weight', '2.bias']
        """
        seen: set[int] = set()
        for prefix, module in self._walk(""):
            module._warn_of_lists()
            for name, parameter in module._parameters.items():
                if id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield f"{prefix}.{name}" if prefix else name, parameter

    def parameters(self) -> Iterator[Var]:
        """Yield every parameter once.

        Yields
        ------
        Var
            In the order of registration.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> [tuple(p.shape) for p in net.parameters()]
        [(3, 2), (3,), (1, 3), (1,)]
        """
        return (parameter for _, parameter in self.named_parameters())

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to zero.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> net([[1.0, 2.0]]).sum().backward()
        >>> net.zero_grad()
        >>> float(abs(net[0].weight.grad).sum())
        0.0
        """
        for parameter in self.parameters():
            parameter.grad = None

    def train(self: P, mode: bool = True) -> P:
        """Switch to learning (Dropout drops).

        Parameters
        ----------
        mode : bool
            False: as :meth:`eval`.

        Returns
        -------
        Module
            Itself.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> net.eval().train().training
        True
        """
        for module in self.modules():
            object.__setattr__(module, "training", bool(mode))
        return self

    def eval(self: P) -> P:
        """Switch to use (Dropout passes everything).

        Returns
        -------
        Module
            Itself.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> net.eval().training
        False
        """
        return self.train(False)

    def astype(self: P, dtype: Any) -> P:
        """Change the precision of all parameters; float32 is about twice as fast, float64 exact to 1e-15.

        Parameters
        ----------
        dtype : dtype
            Such as np.float32.

        Returns
        -------
        Module
            Itself.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> net.astype(np.float32)[0].weight.dtype
        dtype('float32')
        """
        for module in self.modules():
            for parameter in module._parameters.values():
                parameter._val = np.asarray(parameter._val).astype(dtype)
                parameter._changed()
                parameter.grad = None
            if hasattr(module, "settled"):
                object.__setattr__(module, "settled", True)
        return self

    def freeze(self: P, frozen: bool = True) -> P:
        """Hold all parameters at their values: they get no gradient, and optimisers pass them over.

        Parameters
        ----------
        frozen : bool
            False lets them learn again.

        Returns
        -------
        Module
            Itself.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> [p.requires_grad for p in net.freeze().parameters()]
        [False, False, False, False]
        """
        for parameter in self.parameters():
            parameter.requires_grad = not frozen
        return self

    def requires_grad_(self: P, on: bool = True) -> P:
        """Let all parameters learn, or not: PyTorch's name of :meth:`freeze`.

        Parameters
        ----------
        on : bool
            Whether they learn.

        Returns
        -------
        Module
            Itself.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> [p.requires_grad for p in net.requires_grad_(False).parameters()]
        [False, False, False, False]
        """
        return self.freeze(not on)

    def __copy__(self: P) -> P:
        """Return a network of its own: layers that two networks share would learn for both."""
        return copy.deepcopy(self)
