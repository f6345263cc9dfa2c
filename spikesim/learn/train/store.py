"""Networks and trainings in HDF5 files, without pickle: nothing in a file is ever executed.

| where               | what |
| ------------------- | --- |
| attribute `format`  | "spikesim.learn", and `version` = 1 |
| attribute `network` | JSON {"layer": class name, "arguments": {...}, "parts": {...}} |
| /parameters/<name>  | the array of each parameter, by dotted name |
| /optimizer/<name>   | (checkpoints) steps, lr, running averages |
| /history            | (checkpoints) attribute `state` JSON; /history/columns/<name>, /history/best/<name> |
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ...errors import FileFormatError, OutputFileError
from ...files import require_path, require_readable, understanding
from ...keywords import named
from ...record.sealed import USER_BLOCK, require_seal, seal
from ...scalars import of_python
from ..layers import activations, convolution, embedding, linear, module, normalise, recurrent
from ..layers.linear import Linear
from ..layers.module import Module, ModuleList
from .estimator_state import describe, restore
from .history import History
from .optimizer import Optimizer

__all__ = ["load", "load_checkpoint", "save", "save_checkpoint"]

FORMAT, VERSION = "spikesim.learn", 1
_PLAIN = ("lr", "epoch", "batch", "stopped", "best_epoch", "sums")  # of a History
_KNOWN = {
    name: value
    for room in (activations, convolution, embedding, linear, module, normalise, recurrent)
    for name, value in vars(room).items()
    if isinstance(value, type) and issubclass(value, Module) and not name.startswith("_")
}


def _describe(part: Module) -> dict[str, Any]:
    """Return the structure of a network as plain values."""
    return {
        "layer": type(part).__name__,
        "arguments": {a: getattr(part, a) for a in part.arguments},
        "parts": {name: _describe(p) for name, p in part._modules.items()},
    }


def _build(description: Any, path: Path, shapes: Mapping[str, tuple[int, ...]], prefix: str = "") -> Module:
    """Make the network; no layer before its parameters are known to be in the file, in their size."""
    name = description["layer"]
    if name not in _KNOWN:
        raise FileFormatError(
            f"{path}: {name!r} is no layer of spikesim; build your own Module first, then load(path, into=model)"
        )
    cls = _KNOWN[name]
    if issubclass(cls, ModuleList):
        parts = [_build(p, path, shapes, f"{prefix}{k}.") for k, p in enumerate(description["parts"].values())]
        result: Module = cls.__new__(cls)
        ModuleList.__init__(result, parts)  # type: ignore[arg-type]
        return result
    arguments = {("bias" if k == "has_bias" else k): v for k, v in description["arguments"].items()}
    wanted = (arguments.get("n_out"), arguments.get("n_in"))
    if cls is Linear and shapes.get(f"{prefix}weight") != wanted:
        raise FileFormatError(
            f"{path}: layer {prefix[:-1]} wants weights of shape {wanted}, the file has {shapes.get(f'{prefix}weight')}"
        )
    stored = [n for key, shape in shapes.items() if key.startswith(prefix) for n in shape]
    large = [v for v in arguments.values() if isinstance(v, int) and v > max([1000, *stored])]
    if large:
        raise FileFormatError(
            f"{path}: layer {prefix[:-1]} ({name}) of size {large[0]}, of which nothing is in the file"
        )
    try:
        return cls(**arguments)
    except (TypeError, ValueError) as error:
        raise FileFormatError(f"{path}: layer {name} with arguments {arguments}: {error}") from error


@named
def save(model: Any, path: Any, overwrite: bool = False) -> None:
    """Write the structure and parameters of `model`: a Module, or a fitted estimator.

    Parameters
    ----------
    model : Module or estimator
        What is written.
    path : path
        Of the file.
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    OutputFileError
        If the file exists and `overwrite` is False.

    Examples
    --------
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.Linear(2, 1, seed=1))
    >>> learn.save(model, "model.h5")
    >>> learn.load("model.h5")([[1.0, 2.0]]).tolist() == model([[1.0, 2.0]]).tolist()
    True
    """
    require_path("save", path)
    path = Path(path)
    if path.exists() and not overwrite:
        raise OutputFileError(f"{path} exists; give overwrite=True or another name")
    if isinstance(model, Module):
        _write(path, model)
    else:
        _write(path, model._fitted(), estimator=model)


def _write(
    path: Path,
    model: Module,
    optimizer: Optimizer | None = None,
    history: History | None = None,
    estimator: Any = None,
) -> None:
    """Write to a neighbour first and rename: a crash leaves the old file whole."""
    fresh = path.with_name(path.name + ".part")
    try:
        with h5py.File(fresh, "w", userblock_size=USER_BLOCK) as file:
            file.attrs["format"], file.attrs["version"] = FORMAT, VERSION
            file.attrs["network"] = json.dumps(_describe(model), default=partial(of_python, words=repr))
            for name, value in model.state().items():
                file.create_dataset(f"parameters/{name}", data=value, fletcher32=value.ndim > 0)
            if estimator is not None:
                file.attrs["estimator"] = json.dumps(describe(estimator), default=of_python)
            if optimizer is not None:
                for name, value in optimizer.state().items():
                    file.create_dataset(f"optimizer/{name}", data=value)
            if history is not None:
                group = file.create_group("history")
                plain = {k: getattr(history, k) for k in _PLAIN}
                drawing: list[Any] = [m for m in model.modules() if hasattr(m, "calls")]
                plain["dropout"] = [[m.seed, m.calls] for m in drawing]
                group.attrs["state"] = json.dumps(plain, default=of_python)
                for name, column in history.columns.items():
                    group.create_dataset(f"columns/{name}", data=np.asarray(column))
                for name, value in (history.best or {}).items():
                    group.create_dataset(f"best/{name}", data=value)
        seal(fresh)
        os.replace(fresh, path)
    except OSError as error:
        raise OutputFileError(f"{path}: could not be written ({error})") from error
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _open(path: Path) -> Iterator[h5py.File]:
    """Open a file of ours; whatever is wrong in it is a FileFormatError."""
    require_readable(path)
    require_seal(path)
    with understanding(path, "an HDF5 file written by model.save"), h5py.File(path, "r") as file:
        version, kind = file.attrs.get("version", -1), file.attrs.get("format")
        if not (isinstance(kind, str) and kind == FORMAT and 1 <= int(version) <= VERSION):
            raise FileFormatError(
                f"{path}: format {kind!r}, version {version!r}; wanted {FORMAT!r}, at most {VERSION}: written by"
                " model.save"
            )
        yield file


def _datasets(group: Any) -> dict[str, h5py.Dataset]:
    """Return the datasets of a group by name; refuses one that claims more than it holds."""
    found: dict[str, h5py.Dataset] = {}
    if group is not None:
        group.visititems(lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) else None)
    for item in found.values():
        if item.dtype.kind not in "fiu" or item.shape is None or item.id.get_storage_size() < item.nbytes:
            raise FileFormatError(
                f"{item.file.filename}: {item.name} has shape {item.shape} of {item.dtype} in"
                f" {item.id.get_storage_size()} bytes, wanted numbers, all of them stored"
            )
    return found


def _arrays(group: Any) -> dict[str, np.ndarray]:
    return {name: item[()] for name, item in _datasets(group).items()}


@named
def load(path: Any, into: Module | None = None) -> Any:
    """Return the network, or the fitted estimator, of a file written by ``model.save`` or ``learn.save``.

    Parameters
    ----------
    path : path
        The file.
    into : Module, optional
        A network built as the saved one was, needed where it has Modules of your own; its parameters are set.

    Returns
    -------
    Module or estimator
        As it was.

    Raises
    ------
    FileFormatError
        If the file is damaged, or was not written by ``model.save``.
    UnknownNameError, InvalidValueError
        If its parameters are not those of the network.

    Examples
    --------
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.Linear(2, 1, seed=1))
    >>> learn.save(model, "model.h5")
    >>> type(learn.load("model.h5")).__name__
    'Sequential'
    """
    require_path("load", path)
    path = Path(path)
    with _open(path) as file:
        stored = file.get("parameters")
        shapes = {name: item.shape for name, item in _datasets(stored).items()}
        model = _build(json.loads(file.attrs["network"]), path, shapes) if into is None else into
        model.load_state(_arrays(stored))
        if into is None and "estimator" in file.attrs:
            return restore(json.loads(file.attrs["estimator"]), model)
        return model


@named
def save_checkpoint(path: Any, model: Module, optimizer: Optimizer, history: History) -> None:
    """Write all that a training needs to go on bit for bit.

    Parameters
    ----------
    path : path
        Of the file; replaced whole or not at all.
    model : Module
        What learns.
    optimizer : Optimizer
        Over its parameters.
    history : History
        Of what has been learnt so far.

    Examples
    --------
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.Linear(2, 1, seed=1))
    >>> optimizer, history = learn.SGD(model.parameters()), learn.History(lr=0.01)
    >>> learn.save_checkpoint("training.h5", model, optimizer, history)
    >>> learn.load_checkpoint("training.h5", model, optimizer).epoch
    0
    """
    require_path("save_checkpoint", path)
    _write(Path(path), model, optimizer, history)


@named
def load_checkpoint(path: Any, model: Module, optimizer: Optimizer) -> History | None:
    """Set `model` and `optimizer` as they were, and return the History; None if there is no such file.

    Parameters
    ----------
    path : path
        Of the file.
    model : Module
        What learns.
    optimizer : Optimizer
        Over its parameters.

    Returns
    -------
    History or None
        Of what had been learnt.

    Raises
    ------
    FileFormatError
        If the file is no checkpoint.
    UnknownNameError, InvalidValueError
        If it is of another model or optimiser.

    Examples
    --------
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.Linear(2, 1, seed=1))
    >>> optimizer, history = learn.SGD(model.parameters()), learn.History(lr=0.01)
    >>> learn.save_checkpoint("training.h5", model, optimizer, history)
    >>> learn.load_checkpoint("no such file.h5", model, optimizer) is None
    True
    """
    require_path("load_checkpoint", path)
    path = Path(path)
    if not path.exists():
        return None
    with _open(path) as file:
        if "history" not in file:
            raise FileFormatError(f"{path}: a network, no checkpoint of a training; load it with learn.load")
        state = json.loads(file["history"].attrs["state"])
        if set(state) != {*_PLAIN, "dropout"}:
            raise FileFormatError(f"{path}: the history's state has {sorted(state)}, wanted {sorted(_PLAIN)}, dropout")
        history = History(float(state["lr"]))
        model.load_state(_arrays(file.get("parameters")))
        optimizer.load_state(_arrays(file.get("optimizer")))
        for layer, (seed, calls) in zip((m for m in model.modules() if hasattr(m, "calls")), state.pop("dropout")):
            layer.seed, layer.calls = seed, calls
        for name, value in state.items():
            setattr(history, name, value)
        history.columns = {k: list(map(float, v)) for k, v in _arrays(file["history"].get("columns")).items()}
        history.best = _arrays(file["history"].get("best")) or None
        history.started = True
    return history
