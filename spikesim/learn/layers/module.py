"""Networks as nested modules: a Module owns parameters and other Modules, and knows how to go forward
(section 5.1.3).

Whatever is assigned as an attribute is registered: a leaf Var that requires grad as a parameter, a Module as
a part. A plain Python list hides what is in it (the notes: ``self.lyr = []  DOES NOT WORK``), so a Module
says so; use ModuleList.
"""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from ...docstrings import inherit
from ...errors import InvalidTypeError, InvalidValueError, SpikesimWarning, UnknownNameError
from ..autodiff.tape import Var, as_array
from ..autodiff.tensor import Tensor, tensor

__all__ = ["Module", "ModuleList", "Parameter", "Sequential"]

M = TypeVar("M", bound="Module")


class Parameter(Tensor):
    """A Tensor that is learnt: what ``parameters()`` yields.

    Parameters
    ----------
    val : array_like
        The value.
    requires_grad : bool
        Whether it learns.
    name : str, optional
        How printed graphs call it.
    dtype : dtype, optional
        Precision; that of the value unless given.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Parameter([1.0, 2.0])
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

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


class Module:
    """A part of a network: subclass it, assign layers and parameters in ``__init__``, write ``forward``.

    Attributes
    ----------
    training : bool
        Whether the module learns (:meth:`train`) or is used (:meth:`eval`): Dropout cares.
    arguments : tuple of str
        The attributes that rebuild it (printed, and stored in files).

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
    arguments: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # attributes that are arrays and part of the state, but not learnt
    _parameters: dict[str, Var]
    _modules: dict[str, Module]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        inherit(cls)
        inherit(cls, _Layer)

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
        yield prefix, self
        for name, part in self._modules.items():
            yield from part.named_modules(f"{prefix}.{name}" if prefix else name)

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
        return (module for _, module in self.named_modules())

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
        for prefix, module in self.named_modules():
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

    def train(self: M, mode: bool = True) -> M:
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

    def eval(self: M) -> M:
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

    def astype(self: M, dtype: Any) -> M:
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

    def freeze(self: M, frozen: bool = True) -> M:
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

    def requires_grad_(self: M, on: bool = True) -> M:
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

    def __copy__(self: M) -> M:
        """Return a network of its own: layers that two networks share would learn for both."""
        return copy.deepcopy(self)

    # -- state -----------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Tensor]:
        """Return the parameters by name, as Tensors on copies: PyTorch's name of :meth:`state`.

        Returns
        -------
        dict of str to Tensor
            By dotted name.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> sorted(net.state_dict())
        ['0.bias', '0.weight', '2.bias', '2.weight']
        """
        return {name: tensor(value, dtype=value.dtype) for name, value in self.state().items()}

    def load_state_dict(self: M, state: Mapping[str, Any]) -> M:
        """Set all parameters: PyTorch's name of :meth:`load_state`.

        Parameters
        ----------
        state : mapping of str to Tensor or array
            As :meth:`state_dict` returned it.

        Returns
        -------
        Module
            Itself.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> same = net.load_state_dict(net.state_dict())
        >>> same is net
        True
        """
        return self.load_state({name: as_array(value) for name, value in state.items()})

    def buffers(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (dotted name, array) of what is kept beside the parameters, such as running means.

        Yields
        ------
        (str, array)
            By dotted name.

        Examples
        --------
        >>> from spikesim import learn
        >>> [name for name, array in learn.BatchNorm1d(3).buffers()]
        ['running_mean', 'running_var']
        """
        for prefix, module in self.named_modules():
            for name in module.kept:
                yield f"{prefix}.{name}" if prefix else name, getattr(module, name)

    def state(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters, and of what is kept beside them, by name.

        Returns
        -------
        dict of str to array
            By dotted name.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> net.state()["0.weight"].shape
        (3, 2)
        """
        found = {name: np.array(parameter._val) for name, parameter in self.named_parameters()}
        return found | {name: np.array(value) for name, value in self.buffers()}

    def load_state(self: M, state: Mapping[str, Any]) -> M:
        """Set all parameters from what :meth:`state` returned.

        Parameters
        ----------
        state : mapping of str to array
            As :meth:`state` returned it.

        Returns
        -------
        Module
            Itself.

        Raises
        ------
        UnknownNameError, InvalidValueError
            If a name is missing or unknown, or a shape differs.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> before = net.state()
        >>> net.load_state(before) is net
        True
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
        """Write structure and parameters to an HDF5 file (see :mod:`spikesim.learn.train.store`).

        Parameters
        ----------
        path : path
            Of the file.
        overwrite : bool
            Whether a file that is there may be replaced.

        Raises
        ------
        OutputFileError
            If the file is there already, or cannot be written.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.ReLU(), learn.Linear(3, 1, seed=2))
        >>> net.save("net.h5")
        >>> learn.load("net.h5")([[1.0, 2.0]]).tolist() == net([[1.0, 2.0]]).tolist()
        True
        """
        from ..train.store import save

        save(self, path, overwrite=overwrite)

    def to_network(self, x: Any = None, **options: Any) -> Any:
        """Return the network of the simulator that this model describes (see :func:`spikesim.learn.to_network`).

        Parameters
        ----------
        x : array_like, optional
            Samples, as :func:`spikesim.learn.to_network` takes them.
        **options
            As there.

        Returns
        -------
        Network
            Of the simulator.

        Examples
        --------
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.LIFRate(), learn.Linear(3, 1, seed=2))
        >>> type(net.to_network([[0.5, 1.0]])).__name__
        'Network'
        """
        from ..convert.network import to_network

        return to_network(self, x, **options)

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
