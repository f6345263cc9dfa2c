"""Networks as nested modules: a Module owns parameters and other Modules, and knows how to go forward
(section 5.1.3).

Whatever is assigned as an attribute is registered: a leaf Var that requires grad as a parameter, a Module as
a part. A plain Python list hides what is in it (the notes: ``self.lyr = []  DOES NOT WORK``), so a Module
says so; use ModuleList.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from ...docstrings import inherit
from ...errors import InvalidTypeError, SpikesimError
from ...keywords import all_named, answer
from ..autodiff.tape import Var
from .parameter import Parameter
from .state import State

__all__ = ["Module", "ModuleList", "Parameter", "Sequential"]

M = TypeVar("M", bound="Module")


def _short(value: Any) -> str:
    return f"{type(value).__name__} of shape {np.shape(value)}" if np.ndim(value) else repr(value)


class _Layer:
    """What :meth:`Module.forward` of one input takes and returns; only its documentation is used."""

    def forward(self, x: Any) -> Any:
        """Return the output for the input: what a call of the layer returns.

        Parameters
        ----------
        x : array_like, Var or Tensor
            A sample a row, unless the class says otherwise.

        Returns
        -------
        Var or SpikeBatch
            The output; of spikes from what makes spikes.

        Examples
        --------
        >>> from spikesim import learn
        >>> layer = learn.Linear(2, 3, seed=1)
        >>> tuple(layer.forward([[1.0, 2.0]]).shape) == tuple(layer([[1.0, 2.0]]).shape) == (1, 3)
        True
        """


class Module(State):
    """A part of a network: subclass it, assign layers and parameters in ``__init__``, write ``forward``.

    Attributes
    ----------
    training : bool
        Whether the module learns (:meth:`train`) or is used (:meth:`eval`): Dropout cares.
    arguments : tuple of str
        The attributes that rebuild it (printed, and stored in files).
    repeatable : bool
        Whether ``forward`` does the same for every input of one shape: operations on Vars, its parameters and numbers,
        and nothing that draws, remembers or chooses by values.  A class that says so learns faster in :func:`fit`.

    Examples
    --------
    >>> from spikesim import learn
    >>> class Twice(learn.Module):
    ...     def __init__(self):
    ...         self.layer = learn.Linear(2, 2, seed=1)
    ...     def forward(self, x):
    ...         return self.layer(self.layer(x))
    >>> sum(p.size for p in Twice().parameters())
    6
    """

    training: bool = True
    repeatable: bool = False
    _edits: int = 0  # how often an attribute was set
    arguments: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # attributes that are arrays and part of the state, but not learnt

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        inherit(cls)
        inherit(cls, _Layer)
        if "repeatable" not in vars(cls) and any(map(inspect.isfunction, vars(cls).values())):
            cls.repeatable = False  # what it does is not what its base said of itself
        if "forward" in vars(cls):
            cls._forward = getattr(cls.forward, "__wrapped__", cls.forward)

    def __new__(cls: type[M], *args: Any, **options: Any) -> M:
        if cls.__init__ is object.__init__ and (args or options):
            given = ", ".join([*map(_short, args), *(f"{k}={_short(v)}" for k, v in options.items())])
            raise InvalidTypeError(
                f"{cls.__name__}({given}): {cls.__name__} takes no arguments; make it first and call it then,"
                f" {cls.__name__}()(x)"
            )
        self = super().__new__(cls)
        object.__setattr__(self, "_parameters", {})
        object.__setattr__(self, "_modules", {})
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        self._parameters.pop(name, None)
        self._modules.pop(name, None)
        if isinstance(value, Module):
            self._modules[name] = value
        elif isinstance(value, Var) and value.is_leaf and (value.requires_grad or isinstance(value, Parameter)):
            self._parameters[name] = value
        object.__setattr__(self, name, value)
        object.__setattr__(self, "_edits", self._edits + 1)

    def _unwritten(self, *inputs: Any) -> Any:
        """Return the output for the inputs; to be written by each Module.

        Parameters
        ----------
        *inputs : Var or array_like
            What the Module takes.

        Returns
        -------
        Var
            Whatever it makes of them.

        Raises
        ------
        InvalidTypeError
            If the class has none.

        Examples
        --------
        >>> from spikesim import learn
        >>> class Double(learn.Module):
        ...     def forward(self, x):
        ...         return 2.0 * learn.Var(x)
        >>> Double()([1.0, 2.0]).tolist()
        [2.0, 4.0]
        """
        raise InvalidTypeError(f"{type(self).__name__}: has no forward(self, x); write it")

    forward: Callable[..., Any] = _unwritten
    _forward: Callable[..., Any] = _unwritten  # as it was written: what answers for it is __call__

    def __call__(self, *args: Any, **options: Any) -> Any:
        forward = self.__dict__.get("forward")  # an own one, set on this Module alone
        try:  # here, so that no call between layers costs another
            return self._forward(*args, **options) if forward is None else forward(*args, **options)
        except SpikesimError:
            raise
        except Exception as error:
            function = type(self)._forward
            told = answer(
                f"{type(self).__name__}.forward", function, (self, *args), options, error, True, function.__doc__
            )
            if told is None:
                raise
            raise told from error

    # -- reading ---------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        own = ", ".join(f"{a}={getattr(self, a)!r}" for a in self.arguments)
        parts = "".join("\n  " + f"({k}): {m!r}".replace("\n", "\n  ") for k, m in self._modules.items())
        return f"{type(self).__name__}({own}{parts}{chr(10) if parts else ''})"

    def summary(self) -> str:
        """Return a table of the layers, their parameters' shapes and counts.

        Returns
        -------
        str
            Lines of text.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> print(net.summary().splitlines()[-1].split()[-1])
        13
        """
        rows = [("layer", "", "parameters", "count")]
        total = 0
        for name, module in self.named_modules():
            if module._modules and not module._parameters:
                continue
            shapes = "  ".join(f"{k} {tuple(p.shape)}" for k, p in module._parameters.items())
            count = sum(p.size for p in module._parameters.values())
            total += count
            text = ", ".join(f"{a}={getattr(module, a)!r}" for a in module.arguments)
            rows.append((name, f"{type(module).__name__}({text})", shapes, f"{count:,}" if count else ""))
        rows.append(("", "", "total", f"{total:,}"))
        widths = [max(len(row[k]) for row in rows) for k in range(4)]
        return "\n".join(
            "  ".join((*(c.ljust(w) for c, w in zip(row[:3], widths)), row[3].rjust(widths[3]))) for row in rows
        )


# a class that writes no __init__ takes nothing: what __new__ is given for the others is theirs
Module.__new__.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [inspect.Parameter("cls", inspect.Parameter.POSITIONAL_ONLY)]
)


@all_named
class ModuleList(Module):
    """A list of Modules that registers what is in it.

    Parameters
    ----------
    modules : iterable of Module or callable
        What is in it at first.

    Examples
    --------
    >>> from spikesim import learn
    >>> layers = learn.ModuleList([learn.Linear(2, 3, seed=1), learn.ReLU()])
    >>> len(layers), len(list(layers.parameters()))
    (2, 2)
    """

    def __init__(self, modules: Any = ()) -> None:
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> ModuleList:
        """Add a Module at the end.

        Parameters
        ----------
        module : Module or callable
            A function becomes a :class:`Lambda`.

        Returns
        -------
        ModuleList
            Itself.

        Raises
        ------
        InvalidTypeError
            If it is neither.

        Examples
        --------
        >>> from spikesim import learn
        >>> len(learn.ModuleList().append(learn.ReLU()))
        1
        """
        if not isinstance(module, Module):
            if isinstance(module, type) or not callable(module):
                raise InvalidTypeError(f"{type(self).__name__}: wanted a Module, got {type(module).__name__}")
            from .function import Lambda

            module = Lambda(module)
        setattr(self, str(len(self._modules)), module)
        return self

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __getitem__(self, index: Any) -> Any:
        parts = list(self._modules.values())[index]
        return type(self)(*parts) if isinstance(index, slice) and isinstance(self, Sequential) else parts


@all_named
class Sequential(ModuleList):
    """Layers one after the other: y = c(b(a(x))) (sections 4.2.2, 5.1.3).

    Plain functions are layers too (:class:`Lambda`).  An activation may tell the Linear layer before it how to start,
    unless that layer was given its `init`.

    Parameters
    ----------
    *layers : Module or callable, or one sequence of them
        In their order.

    Examples
    --------
    >>> from spikesim import learn
    >>> net = learn.Sequential(learn.Linear(6, 10), learn.ReLU(), learn.Linear(10, 3), learn.LogSoftmax())
    >>> [tuple(p.shape) for p in net.parameters()]
    [(10, 6), (10,), (3, 10), (3,)]
    """

    repeatable = True

    def __init__(self, *layers: Any) -> None:
        if len(layers) == 1 and isinstance(layers[0], (tuple, list)):
            layers = tuple(layers[0])
        super().__init__(layers)
        for before, layer in pairwise(self):
            prepare = getattr(layer, "prepare", None)
            if prepare is not None and getattr(before, "untouched", False):
                prepare(before)

    def forward(self, x: Any) -> Any:
        rest: list[Any] = list(self._modules.values())
        while rest:
            layer = rest.pop(0)
            joined = getattr(rest[0], "_joined", None) if rest else None  # a layer may take in the one before it
            y = None if joined is None else joined(layer, x)
            if y is None:
                x = layer(x)
            else:
                x = y
                del rest[0]
        return x
