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
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ..errors import FileFormatError, OutputFileError
from . import activations, layers, module
from .history import History
from .layers import Dropout
from .module import Module, ModuleList
from .optim import Optimizer

__all__ = ["load", "load_checkpoint", "save", "save_checkpoint"]

FORMAT, VERSION = "spikesim.learn", 1
_KNOWN = {
    name: value
    for room in (activations, layers, module)
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


def _build(description: Any, path: Path) -> Module:
    name = description.get("layer")
    if name not in _KNOWN:
        raise FileFormatError(
            f"{path}: {name!r} is no layer of spikesim; build your own Module first, then load(path, into=model)"
        )
    cls = _KNOWN[name]
    if issubclass(cls, ModuleList):
        parts = [_build(p, path) for p in description["parts"].values()]
        result: Module = cls.__new__(cls)
        ModuleList.__init__(result, parts)  # type: ignore[arg-type]
        return result
    arguments = {("bias" if k == "has_bias" else k): v for k, v in description["arguments"].items()}
    try:
        return cls(**arguments)
    except (TypeError, ValueError) as error:
        raise FileFormatError(f"{path}: layer {name} with arguments {arguments}: {error}") from error


def save(model: Module, path: Any, overwrite: bool = False) -> None:
    """Write the structure and parameters of `model`.

    Raises
    ------
    OutputFileError
        If the file exists and `overwrite` is False.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise OutputFileError(f"{path} exists; give overwrite=True or another name")
    _write(path, model)


def _write(path: Path, model: Module, optimizer: Optimizer | None = None, history: History | None = None) -> None:
    """Write to a neighbour first and rename: a crash leaves the old file whole."""
    fresh = path.with_name(path.name + ".part")
    with h5py.File(fresh, "w") as file:
        file.attrs["format"], file.attrs["version"] = FORMAT, VERSION
        file.attrs["network"] = json.dumps(_describe(model))
        for name, value in model.state().items():
            file.create_dataset(f"parameters/{name}", data=value, fletcher32=value.ndim > 0)
        if optimizer is not None:
            for name, value in optimizer.state().items():
                file.create_dataset(f"optimizer/{name}", data=value)
        if history is not None:
            group = file.create_group("history")
            plain = {k: getattr(history, k) for k in ("lr", "epoch", "batch", "stopped", "best_epoch", "sums")}
            plain["dropout"] = [[m.seed, m.calls] for m in model.modules() if isinstance(m, Dropout)]
            group.attrs["state"] = json.dumps(plain)
            for name, column in history.columns.items():
                group.create_dataset(f"columns/{name}", data=np.asarray(column))
            for name, value in (history.best or {}).items():
                group.create_dataset(f"best/{name}", data=value)
    os.replace(fresh, path)


def _open(path: Path) -> h5py.File:
    try:
        file = h5py.File(path, "r")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileFormatError(f"{path}: no HDF5 file, or damaged ({error})") from error
    if file.attrs.get("format") != FORMAT or int(file.attrs.get("version", -1)) > VERSION:
        found = f"format {file.attrs.get('format')!r}, version {file.attrs.get('version')!r}"
        file.close()
        raise FileFormatError(f"{path}: {found}; wanted {FORMAT!r}, at most {VERSION}: written by model.save")
    return file


def _arrays(group: Any) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    if group is not None:
        group.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def load(path: Any, into: Module | None = None) -> Module:
    """Return the network of a file written by ``model.save``.

    Parameters
    ----------
    path : path
        The file.
    into : Module, optional
        A network built as the saved one was, needed where it has Modules of your own; its parameters are set.
    """
    path = Path(path)
    with _open(path) as file:
        model = _build(json.loads(file.attrs["network"]), path) if into is None else into
        return model.load_state(_arrays(file.get("parameters")))


def save_checkpoint(path: Any, model: Module, optimizer: Optimizer, history: History) -> None:
    """Write all that a training needs to go on bit for bit."""
    _write(Path(path), model, optimizer, history)


def load_checkpoint(path: Any, model: Module, optimizer: Optimizer) -> History | None:
    """Set `model` and `optimizer` as they were, and return the History; None if there is no such file."""
    path = Path(path)
    if not path.exists():
        return None
    with _open(path) as file:
        if "history" not in file:
            raise FileFormatError(f"{path}: a network, no checkpoint of a training; load it with learn.load")
        model.load_state(_arrays(file.get("parameters")))
        optimizer.load_state(_arrays(file.get("optimizer")))
        state = json.loads(file["history"].attrs["state"])
        history = History(state["lr"])
        for layer, (seed, calls) in zip((m for m in model.modules() if isinstance(m, Dropout)), state.pop("dropout")):
            layer.seed, layer.calls = seed, calls
        for name, value in state.items():
            setattr(history, name, value)
        history.columns = {k: list(map(float, v)) for k, v in _arrays(file["history"].get("columns")).items()}
        history.best = _arrays(file["history"].get("best")) or None
        history.started = True
    return history
