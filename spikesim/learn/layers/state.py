"""The numbers of a Module by name: taken, set, written to files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, UnknownNameError
from ...keywords import verbs_named
from ..autodiff.tape import Var, as_array
from ..autodiff.tensor import Tensor, tensor
from .parts import Parts

__all__ = ["State"]

S = TypeVar("S", bound="State")


@verbs_named
class State(Parts):
    """Parts whose numbers are asked for, and carried elsewhere."""

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

    def load_state_dict(self: S, state: Mapping[str, Any]) -> S:
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

    def load_state(self: S, state: Mapping[str, Any]) -> S:
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
