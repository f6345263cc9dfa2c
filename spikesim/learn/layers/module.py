"""Networks as nested modules: a Module owns parameters and other Modules, and knows how to go forward
(section 5.1.3).

Whatever is assigned as an attribute is registered: a leaf Var that requires grad as a parameter, a Module as
a part. A plain Python list hides what is in it (the notes: ``self.lyr = []  DOES NOT WORK``), so a Module
says so; use ModuleList.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, SpikesimWarning, UnknownNameError
from ..autodiff.tape import Var, as_array
from ..autodiff.tensor import Tensor, tensor

__all__ = ["Module", "ModuleList", "Parameter", "Sequential"]

M = TypeVar("M", bound="Module")


class Parameter(Tensor):
    """A Tensor that is learnt: what ``parameters()`` yields."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__


def _short(value: Any) -> str:
    return f"{type(value).__name__} of shape {np.shape(value)}" if np.ndim(value) else repr(value)


def _hidden(value: Any) -> int:
    """How many layers and parameters are in lists, tuples and dicts, however deep."""
    if isinstance(value, (list, tuple, dict)):
        return sum(_hidden(part) for part in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, Module) or (isinstance(value, Var) and value.requires_grad)


class Module:
    """A part of a network: subclass it, assign layers and parameters in ``__init__``, write ``forward``.

    Attributes
    ----------
    training : bool
        Whether the module learns (:meth:`train`) or is used (:meth:`eval`): Dropout cares.
    arguments : tuple of str
        The attributes that rebuild it (printed, and stored in files).
    """

    training: bool = True
    arguments: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # attributes that are arrays and part of the state, but not learnt
    _parameters: dict[str, Var]
    _modules: dict[str, Module]

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

    def _unwritten(self, *inputs: Any) -> Any:
        """Return the output for the inputs; to be written by each Module."""
        raise InvalidTypeError(f"{type(self).__name__}: has no forward(self, x); write it")

    forward: Callable[..., Any] = _unwritten

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.forward(*args, **options)

    # -- parts -----------------------------------------------------------------------------------------------

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
        """Yield (dotted name, module) for itself and every registered part."""
        yield prefix, self
        for name, part in self._modules.items():
            yield from part.named_modules(f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """Yield itself and every registered part."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Var]]:
        """Yield (dotted name, parameter), each parameter once, in the order of registration."""
        seen: set[int] = set()
        for prefix, module in self.named_modules():
            module._warn_of_lists()
            for name, parameter in module._parameters.items():
                if id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield f"{prefix}.{name}" if prefix else name, parameter

    def parameters(self) -> Iterator[Var]:
        """Yield every parameter once."""
        return (parameter for _, parameter in self.named_parameters())

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to zero."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self: M, mode: bool = True) -> M:
        """Switch to learning (Dropout drops)."""
        for module in self.modules():
            object.__setattr__(module, "training", bool(mode))
        return self

    def eval(self: M) -> M:
        """Switch to use (Dropout passes everything)."""
        return self.train(False)

    def astype(self: M, dtype: Any) -> M:
        """Change the precision of all parameters; float32 is about twice as fast, float64 exact to 1e-15."""
        for module in self.modules():
            for parameter in module._parameters.values():
                parameter._val = np.asarray(parameter._val).astype(dtype)
                parameter._changed()
                parameter.grad = None
            if hasattr(module, "settled"):
                object.__setattr__(module, "settled", True)
        return self

    def freeze(self: M, frozen: bool = True) -> M:
        """Hold all parameters at their values: they get no gradient, and optimisers pass them over.

        Parameters
        ----------
        frozen : bool
            False lets them learn again.
        """
        for parameter in self.parameters():
            parameter.requires_grad = not frozen
        return self

    def requires_grad_(self: M, on: bool = True) -> M:
        """Let all parameters learn, or not: PyTorch's name of :meth:`freeze`."""
        return self.freeze(not on)

    def __copy__(self: M) -> M:
        """Return a network of its own: layers that two networks share would learn for both."""
        return copy.deepcopy(self)

    # -- state -----------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Tensor]:
        """Return the parameters by name, as Tensors on copies: PyTorch's name of :meth:`state`."""
        return {name: tensor(value, dtype=value.dtype) for name, value in self.state().items()}

    def load_state_dict(self: M, state: Mapping[str, Any]) -> M:
        """Set all parameters: PyTorch's name of :meth:`load_state`."""
        return self.load_state({name: as_array(value) for name, value in state.items()})

    def buffers(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (dotted name, array) of what is kept beside the parameters, such as running means."""
        for prefix, module in self.named_modules():
            for name in module.kept:
                yield f"{prefix}.{name}" if prefix else name, getattr(module, name)

    def state(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters, and of what is kept beside them, by name."""
        found = {name: np.array(parameter._val) for name, parameter in self.named_parameters()}
        return found | {name: np.array(value) for name, value in self.buffers()}

    def load_state(self: M, state: Mapping[str, Any]) -> M:
        """Set all parameters from what :meth:`state` returned.

        Raises
        ------
        UnknownNameError, InvalidValueError
            If a name is missing or unknown, or a shape differs.
        """
        mine: dict[str, Any] = {**dict(self.named_parameters()), **dict(self.buffers())}
        if set(mine) != set(state):
            raise UnknownNameError(
                f"load_state: parameters missing: {sorted(set(mine) - set(state)) or 'none'}, unknown:"
                f" {sorted(set(state) - set(mine)) or 'none'}; the network must be built as the saved one was"
            )
        for name, parameter in mine.items():
            if not isinstance(parameter, Var):
                parameter[...] = state[name]
                continue
            value = np.array(state[name])
            if value.dtype.kind not in "fiu":
                raise InvalidTypeError(f"load_state: {name} is of dtype {value.dtype}, wanted real numbers")
            if value.dtype.kind != "f":
                value = value.astype(parameter.dtype)
            if value.shape != parameter.shape:
                raise InvalidValueError(f"load_state: {name} has shape {value.shape}, wanted {parameter.shape}")
            parameter._val = value
            parameter._changed()
        for module in self.modules():
            if hasattr(module, "settled"):
                object.__setattr__(module, "settled", True)
        return self

    def save(self, path: Any, overwrite: bool = False) -> None:
        """Write structure and parameters to an HDF5 file (see :mod:`spikesim.learn.train.store`)."""
        from ..train.store import save

        save(self, path, overwrite=overwrite)

    def to_network(self, x: Any = None, **options: Any) -> Any:
        """Return the network of the simulator that this model describes (see :func:`spikesim.learn.to_network`)."""
        from ..convert.network import to_network

        return to_network(self, x, **options)

    # -- reading ---------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        own = ", ".join(f"{a}={getattr(self, a)!r}" for a in self.arguments)
        parts = "".join("\n  " + f"({k}): {m!r}".replace("\n", "\n  ") for k, m in self._modules.items())
        return f"{type(self).__name__}({own}{parts}{chr(10) if parts else ''})"

    def summary(self) -> str:
        """Return a table of the layers, their parameters' shapes and counts."""
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


class ModuleList(Module):
    """A list of Modules that registers what is in it."""

    def __init__(self, modules: Any = ()) -> None:
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> ModuleList:
        """Add a Module at the end."""
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


class Sequential(ModuleList):
    """Layers one after the other: y = c(b(a(x))) (sections 4.2.2, 5.1.3).

    Plain functions are layers too (:class:`Lambda`).  An activation may tell the Linear layer before it how to start,
    unless that layer was given its `init`.

    Examples
    --------
    >>> from spikesim import learn
    >>> net = learn.Sequential(learn.Linear(6, 10), learn.ReLU(), learn.Linear(10, 3), learn.LogSoftmax())
    >>> [tuple(p.shape) for p in net.parameters()]
    [(10, 6), (10,), (3, 10), (3,)]
    """

    def __init__(self, *layers: Any) -> None:
        if len(layers) == 1 and isinstance(layers[0], (tuple, list)):
            layers = tuple(layers[0])
        super().__init__(layers)
        for before, layer in pairwise(self):
            prepare = getattr(layer, "prepare", None)
            if prepare is not None and getattr(before, "untouched", False):
                prepare(before)

    def forward(self, x: Any) -> Any:
        for layer in self._modules.values():
            x = layer(x)
        return x
