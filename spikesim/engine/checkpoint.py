"""A state in a file, format version 2: HDF5, without pickle, written whole or not at all.

==============================  =====================================================================================
user block                      a seal: the hash of all bytes of the file, see :mod:`spikesim.record.sealed`
``/`` attributes                ``format`` = "spikesim state", ``format_version``
``/header``                     JSON (uint8): engine, dt as a fraction, seeds, step, versions, names of the values,
                                counters of the run so far, fingerprints of the equations
``/description``                JSON (uint8): the network, as :mod:`spikesim.network.described` says it; an array is
                                {"array": k}
``/arrays/<k>``                 the arrays of the description
``/values/<k>``                 the numbers of the state, in the order of ``names`` in the header; see
                                :mod:`spikesim.engine.state`
==============================  =====================================================================================

Synapses are not stored: they are a function of the description and the seed.  What plasticity has made of them is part
of the state.  A file is written beside its place, flushed to the disk and renamed; what stood there before is kept as
``<name>.previous``.

A file of version 1 has no seal; its attribute ``digest`` is of the contents of header, description, arrays and values.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import FileFormatError, OutputFileError
from ..files import require_path, understanding
from ..record.sealed import USER_BLOCK, seal, sealed_as
from .state import State

__all__ = ["PREVIOUS", "Saved", "read", "with_arrays", "without_arrays", "write"]

FORMAT, VERSION, UNSEALED = "spikesim state", 2, 1
PREVIOUS = ".previous"
SIGNATURE = b"\x89HDF\r\n\x1a\n"
MOST_TEXT = 2**28  # bytes of JSON


class Saved(NamedTuple):
    """What a file holds."""

    header: dict[str, Any]
    description: dict[str, Any]
    state: State


def write(path: str | os.PathLike[str], header: Mapping[str, Any], description: Any, state: State) -> None:
    """Write a state to `path`; what stood there is kept beside.

    Raises
    ------
    InvalidTypeError
        If it is no path.
    OutputFileError
        If the file cannot be written, or something stands there that is no state; it still does.
    """
    require_path("save", path)
    target = Path(path)
    previous = target.with_name(target.name + PREVIOUS)
    for old in (target, previous):
        _require_ours(old)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    arrays: list[np.ndarray] = []
    texts = {
        "header": _json({**header, "step": state.step, "names": list(state)}),
        "description": _json(without_arrays(description, arrays)),
    }
    values = [np.ascontiguousarray(state[name]) for name in state]
    try:
        _write(temporary, texts, arrays, values)
        if target.exists():
            os.replace(target, previous)
        os.replace(temporary, target)
        _settle(target.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputFileError(f"save: {str(target)!r} cannot be written: {reason}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _require_ours(path: Path) -> None:
    """Refuse to displace what is no state; a damaged HDF5 file may have been one."""
    if path.is_dir():
        raise OutputFileError(f"save: {str(path)!r} is a folder; give the name of a file")
    if not path.exists():
        return
    kind = sealed_as(path) if path.is_file() else None
    if kind != FORMAT if kind is not None else not _may_be_unsealed(path):
        raise OutputFileError(f"save: {str(path)!r} is no state of a simulation and is left alone; give another name")


def _may_be_unsealed(path: Path) -> bool:
    """Whether a file without a seal may be a state."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return bool(file.attrs.get("format") == np.bytes_(FORMAT))
    except OSError:
        return not path.is_file() or path.read_bytes()[: len(SIGNATURE)] == SIGNATURE


def _write(path: Path, texts: dict[str, bytes], arrays: list[np.ndarray], values: list[np.ndarray]) -> None:
    import h5py

    with open(path, "x+b") as handle:  # (h5py's own words for a full disk or a missing folder say little)
        with h5py.File(handle, "w", userblock_size=USER_BLOCK) as file:
            file.attrs["format"], file.attrs["format_version"] = np.bytes_(FORMAT), np.int64(VERSION)
            for name, text in texts.items():
                file[name] = np.frombuffer(text, np.uint8)
            for group, entries in (("arrays", arrays), ("values", values)):
                file.create_group(group)
                for k, array in enumerate(entries):
                    file[f"{group}/{k}"] = array
    seal(path, FORMAT)


def _settle(folder: Path) -> None:
    """Let a rename reach the disk, where a folder can be told to."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: str | os.PathLike[str]) -> Saved:
    """Return what a file written by :func:`write` holds.

    Raises
    ------
    FileFormatError
        If it is no such file, of a later version, or damaged; it names the earlier one beside, if there is one.
    InputFileError
        If it does not exist, is a folder, or may not be read.
    """
    from ..record.checked import CheckedFile

    earlier = Path(f"{os.fspath(path)}{PREVIOUS}")
    try:
        with CheckedFile(os.fspath(path), sealed=True) as file, understanding(path, "a state of a simulation"):
            return _read(file)
    except FileFormatError as error:
        hint = f"; the state before it is {str(earlier)!r}" if earlier.exists() else ""
        raise FileFormatError(f"{error.args[0]}{hint}") from None


def _read(file: Any) -> Saved:
    foreign = file.sealed and sealed_as(file.path) != FORMAT
    if foreign or file.attribute("/", "format", "S") != FORMAT.encode():
        raise file.error("is no state of a simulation (a recording is opened by spikesim.load)")
    version = int(file.attribute("/", "format_version", "iu"))
    if version not in (UNSEALED, VERSION):
        raise file.error(f"has version {version} of the format; this release reads {UNSEALED} and {VERSION}")
    if file.sealed != (version == VERSION):
        raise file.error("is damaged: it has lost its seal")
    texts = {name: _text(file, name) for name in ("header", "description")}
    arrays, values = (_arrays(file, group) for group in ("arrays", "values"))
    if version == UNSEALED and file.attribute("/", "digest", "S") != _digest(texts, arrays, values):
        raise file.error("is damaged: its contents do not have the digest that it states")
    header, description = (json.loads(text) for text in texts.values())
    names = header.pop("names")
    if len(names) != len(values):
        raise file.error(f"names {len(names)} values and holds {len(values)}")
    return Saved(header, with_arrays(description, arrays), State(header["step"], dict(zip(names, values))))


def _text(file: Any, name: str) -> bytes:
    found = file.dataset(f"/{name}", "uint8", (None,), False)
    if found.size > MOST_TEXT:
        raise file.error(f"/{name}: {found.size} bytes; at most {MOST_TEXT} are read")
    return file.read(found).tobytes()


def _arrays(file: Any, group: str) -> list[np.ndarray]:
    names = sorted(file.names(f"/{group}"), key=lambda name: (len(name), name))
    return [file.read(file.plain(f"/{group}/{name}")) for name in names]


def _digest(texts: Mapping[str, bytes], arrays: Iterable[np.ndarray], values: Iterable[np.ndarray]) -> bytes:
    """What a file of version 1 says of its contents."""
    found = hashlib.blake2b(digest_size=16)
    for text in texts.values():
        found.update(len(text).to_bytes(8, "little") + text)
    for array in (*arrays, *values):
        found.update(f"{array.dtype.str}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest().encode()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def without_arrays(value: Any, arrays: list[np.ndarray]) -> Any:
    """Return the value with every array put aside, in `arrays`; in its place {"array": k}."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, Mapping):
        return {key: without_arrays(entry, arrays) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_arrays(entry, arrays) for entry in value]
    return value


def with_arrays(value: Any, arrays: list[np.ndarray]) -> Any:
    """Return the value with every array in its place again."""
    if isinstance(value, dict):
        if set(value) == {"array"}:
            return arrays[value["array"]]
        return {key: with_arrays(entry, arrays) for key, entry in value.items()}
    if isinstance(value, list):
        return [with_arrays(entry, arrays) for entry in value]
    return value
