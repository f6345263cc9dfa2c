"""Columns of a table by name, wherever it stands: csv, npz, parquet, SONATA edges, or in memory.

Nothing that is read is executed, and what is no such table, or lacks a column, is an error that says so.  With the
columns comes the SHA-256 of the bytes they were read from.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import FileFormatError, InvalidTypeError, UnknownNameError, did_you_mean
from ..files import require_readable, understanding, unpacked
from ..optional import required

__all__ = ["Columns", "columns", "texts"]

KINDS = "csv (also .csv.gz, .tsv), npz, parquet, SONATA edges (.h5)"


class Columns(NamedTuple):
    """Some columns of a table, the SHA-256 of its bytes, and what it is called."""

    values: dict[str, np.ndarray]
    sha256: str
    name: str


def columns(where: str, source: Any, names: Sequence[str]) -> Columns:
    """Return columns of numbers of a file or of a table in memory, each of one dimension and of equal length.

    Parameters
    ----------
    where : str
        As a message begins.
    source : path, or mapping, structured array or data frame
    names : sequence of str
        Of whole numbers but for the last, of any numbers.

    Raises
    ------
    InvalidTypeError
        If the source is neither a path nor a table.
    FileFormatError
        If a file is not what its name says, or is damaged.
    UnknownNameError
        If a column is missing.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        reader = _reader(where, path)
        with understanding(path, f"a table ({KINDS})"):
            found = reader(f"{where}: {path.name!r}", path, names)
        sha256, name = _of_file(path), path.name
    else:
        found, name = _in_memory(where, source, names), f"a {type(source).__name__}"
        sha256 = _of_arrays(found)
    lengths = {key: value.shape for key, value in found.items()}
    if len({*lengths.values()}) > 1 or any(len(shape) != 1 for shape in lengths.values()):
        raise FileFormatError(f"{where}: {name}: wanted columns of one length, got shapes {lengths}")
    return Columns(found, sha256, name)


def texts(where: str, path: Any) -> tuple[dict[str, np.ndarray], str, str]:
    """Return all columns of a csv file (whole numbers, numbers or text), its SHA-256 and its name.

    Raises
    ------
    InvalidTypeError
        If the path is none.
    FileFormatError
        If it is no such file, or a line has another number of fields than the first.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidTypeError(f"{where}: wanted the path of a csv file, got {type(path).__name__} {path!r:.60}")
    path = Path(path)
    require_readable(path)
    with understanding(path, "a table (csv)"), _opened(path) as file:
        rows = csv.reader(file, delimiter=_delimiter(file))
        header = next(rows, [])
        lines = [row for row in rows if row]
    if not header:
        raise FileFormatError(f"{where}: {path.name!r}: wanted names of columns in the first line, it is empty")
    for number, row in enumerate(lines, 2):
        if len(row) != len(header):
            raise FileFormatError(
                f"{where}: {path.name!r}, line {number}: wanted {len(header)} fields, got {len(row)}: "
                f"{','.join(row):.60}"
            )
    if len({*header}) < len(header):
        raise FileFormatError(f"{where}: {path.name!r}: two columns have one name: {', '.join(header):.80}")
    made = {name: _typed([row[i] for row in lines]) for i, name in enumerate(header)}
    return made, _of_file(path), path.name


def _typed(values: list[str]) -> np.ndarray:
    """Whole numbers where all are, else numbers, else text."""
    kinds: tuple[Any, ...] = (np.int64, np.float64)
    for kind in kinds:
        try:
            return np.array([kind(v) for v in values], kind)
        except (ValueError, OverflowError):
            continue
    return np.array(values, str)


def _reader(where: str, path: Path) -> Callable[[str, Path, Sequence[str]], dict[str, np.ndarray]]:
    endings = [s.lower() for s in path.suffixes]
    kind = endings[-2] if len(endings) > 1 and endings[-1] == ".gz" else (endings or [""])[-1]
    readers = {
        ".csv": _csv, ".tsv": _csv, ".npz": _npz, ".parquet": _parquet, ".h5": _sonata, ".hdf5": _sonata,
        ".sonata": _sonata,
    }  # fmt: skip
    if kind not in readers:
        raise FileFormatError(f"{where}: {str(path)!r}: wanted one of {KINDS}, got a file ending in {kind!r}")
    require_readable(path)
    return readers[kind]


def _missing(where: str, name: str, known: Any) -> UnknownNameError:
    return UnknownNameError(f"{where}: no column {name!r}{did_you_mean(name, known)}")


def _opened(path: Path) -> Any:
    """A text file, packed by gzip or not; what is no UTF-8 is no table."""
    if path.suffix.lower() == ".gz":
        return io.TextIOWrapper(io.BytesIO(unpacked(path)), encoding="utf-8-sig", newline="")
    return open(path, encoding="utf-8-sig", newline="")


def _delimiter(file: Any) -> str:
    """A tab where the first line has one, else a comma."""
    first = file.readline(1 << 20)
    file.seek(0)
    return "\t" if "\t" in first else ","


def _csv(where: str, path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    with _opened(path) as file:
        delimiter = _delimiter(file)
        header = next(csv.reader(file, delimiter=delimiter), [])
        for name in names:
            if name not in header:
                raise _missing(where, name, header)
        kinds = [np.int64] * (len(names) - 1) + [np.float64]
        table = np.loadtxt(
            file,
            dtype=[(f"c{i}", kind) for i, kind in enumerate(kinds)],
            delimiter=delimiter,
            usecols=[header.index(name) for name in names],
            comments=None,
            quotechar='"',
            ndmin=1,
        )
    return {name: np.ascontiguousarray(table[f"c{i}"]) for i, name in enumerate(names)}


def _npz(where: str, path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    with open(path, "rb") as raw:
        file = np.load(raw, allow_pickle=False)
        if isinstance(file, np.ndarray):
            raise FileFormatError(f"{where}: wanted an archive of named arrays (np.savez), got one array")
        for name in names:
            if name not in file.files:
                raise _missing(where, name, file.files)
        return {name: file[name] for name in names}


def _parquet(where: str, path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    parquet = required("pyarrow.parquet", f"{where}: reading parquet")
    with parquet.ParquetFile(path) as file:
        for name in names:
            if name not in file.schema_arrow.names:
                raise _missing(where, name, file.schema_arrow.names)
        table = file.read(columns=list(names))
    return {name: table.column(name).to_numpy() for name in names}


def _sonata(where: str, path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """The one population of edges of a SONATA file; attributes of edges stand in its group 0."""
    import h5py

    with h5py.File(path, "r") as file:
        populations = list(file["edges"]) if "edges" in file else []
        if len(populations) != 1:
            got = ", ".join(populations) or "none"
            raise FileFormatError(f"{where}: wanted one population of edges (/edges/NAME), got {got}")
        edges = file["edges"][populations[0]]
        known = {name: item for name, item in edges.items() if isinstance(item, h5py.Dataset)}
        groups = [name for name, item in edges.items() if name.isdigit() and isinstance(item, h5py.Group)]
        if len(groups) > 1:
            raise FileFormatError(f"{where}: wanted edges in one group, got {len(groups)} groups")
        for group in groups:
            known |= {name: item for name, item in edges[group].items() if isinstance(item, h5py.Dataset)}
            index = known.get("edge_group_index")
            if index is not None and not np.array_equal(index[:], np.arange(index.size)):
                raise FileFormatError(f"{where}: the attributes of the edges stand in another order than the edges")
        for name in names:
            if name not in known:
                raise _missing(where, name, known)
        return {name: known[name][:] for name in names}


def _in_memory(where: str, source: Any, names: Sequence[str]) -> dict[str, np.ndarray]:
    known = source.dtype.names if isinstance(source, np.ndarray) else None
    if known is None:
        known = list(source) if isinstance(source, Mapping) else getattr(source, "columns", None)
    if known is None:
        raise InvalidTypeError(
            f"{where}: wanted the path of a file ({KINDS}) or a table of named columns (a dictionary of arrays, a data "
            f"frame), got {type(source).__name__} {source!r:.60}"
        )
    for name in names:
        if name not in known:
            raise _missing(where, name, map(str, known))
    return {name: _column(f"{where}: {name}", source[name]) for name in names}


def _column(where: str, values: Any) -> np.ndarray:
    """One column of a table in memory."""
    try:
        return np.asarray(values)
    except ValueError:
        raise FileFormatError(f"{where}: wanted a column of numbers, got rows of different lengths") from None


def _of_file(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _of_arrays(found: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name, values in found.items():
        digest.update(f"{name} {values.dtype.str} {values.shape} ".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
