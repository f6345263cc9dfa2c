"""A table of runs: a row a run, columns by name; in memory and in an HDF5 file that is always whole."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, InvalidValueError, OutputFileError, UnknownNameError, did_you_mean
from ..files import require_readable, understanding
from ..keywords import named
from ..optional import required
from ..record.sealed import USER_BLOCK, require_seal, seal
from ..scalars import of_python

__all__ = ["Table"]

FORMAT, VERSION = "spikesim table", 1


@named
class Table(Mapping[str, np.ndarray]):
    """Rows of numbers and texts; ``len(table)`` counts rows, ``table["rate"]`` is a column.

    Parameters
    ----------
    rows : iterable of mapping
        Values by column; what a row lacks is NaN (an empty text among texts).
    first : sequence of str
        Columns that stand first, in this order.

    Examples
    --------
    >>> from spikesim.runs import Table
    >>> table = Table([{"g": 4.0, "rate": 20.0}, {"g": 5.0, "rate": 8.0}])
    >>> len(table), table["rate"].tolist()
    (2, [20.0, 8.0])
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], first: Sequence[str] = ()) -> None:
        self.rows = [dict(row) for row in rows]
        names = dict.fromkeys([*first, *(name for row in self.rows for name in row)])
        self.columns = tuple(sorted(names, key=lambda name: name == "error"))

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a column: float64, int64, bool or texts, one a row."""
        if name not in self.columns:
            raise UnknownNameError(f"no column {name!r}{did_you_mean(str(name), self.columns)}")
        values = [row.get(name) for row in self.rows]
        if any(isinstance(value, str) for value in values):
            return np.array(["" if value is None else str(value) for value in values], dtype=object)
        if values and all(isinstance(value, (bool, np.bool_)) for value in values):
            return np.array(values, bool)
        if values and all(isinstance(value, (int, np.integer)) for value in values):
            return np.array(values, np.int64)
        return np.array([np.nan if value is None else value for value in values], np.float64)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)

    @named
    def to_pandas(self) -> Any:
        """Return the table as a pandas DataFrame (needs pandas).

        Returns
        -------
        pandas.DataFrame
            A row a run.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.

        Examples
        --------
        >>> from spikesim.runs import Table
        >>> Table([{"g": 4.0, "rate": 20.0}, {"g": 5.0, "rate": 8.0}]).to_pandas().shape
        """
        return required("pandas", "Table.to_pandas").DataFrame({name: self[name] for name in self.columns})

    @named
    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table as comma-separated values.

        Parameters
        ----------
        path : path
            Of the file; its first line has the names of the columns.

        Raises
        ------
        OutputFileError
            If the file exists or cannot be written.

        Examples
        --------
        >>> from spikesim.runs import Table
        >>> Table([{"g": 4.0, "rate": 20.0}]).to_csv("table.csv")
        >>> open("table.csv").read().splitlines()
        ['g,rate', '4.0,20.0']
        """
        import csv

        try:
            with open(path, "x", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(self.columns)
                writer.writerows(zip(*(self[name].tolist() for name in self.columns)))
        except OSError as error:
            raise OutputFileError(f"to_csv: {os.fspath(path)!r}: {error.strerror or error}") from error

    # -- in a file ----------------------------------------------------------------------------------------------------

    @named
    def write(self, path: str | os.PathLike[str], about: Mapping[str, Any]) -> None:
        """Write the table to an HDF5 file, whole or not at all; `about`: what it is a table of (JSON can hold it).

        Parameters
        ----------
        path : path
            Of the file.
        about : mapping
            What it is a table of; JSON can hold it.

        Raises
        ------
        OutputFileError
            If the file cannot be written.

        Examples
        --------
        >>> from spikesim.runs import Table
        >>> Table([{"g": 4.0, "rate": 20.0}]).write("table.h5", about={"what": "rates"})
        >>> Table.read("table.h5").columns
        ('g', 'rate')
        """
        import h5py

        target = Path(path)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with open(temporary, "w+b") as handle, h5py.File(handle, "w", userblock_size=USER_BLOCK) as file:
                file.attrs["format"], file.attrs["format_version"] = FORMAT, VERSION
                file.attrs["about"] = json.dumps(about, sort_keys=True, default=of_python)
                file.attrs["columns"] = json.dumps(self.columns)
                for k, name in enumerate(self.columns):
                    column = self[name]
                    texts = column.dtype == object
                    file.create_dataset(f"columns/{k}", data=column, dtype=h5py.string_dtype() if texts else None)
            seal(temporary)
            os.replace(temporary, target)
        except OSError as error:
            raise OutputFileError(f"table: {str(target)!r} cannot be written: {error.strerror or error}") from error
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    @named
    def read(cls, path: str | os.PathLike[str]) -> Table:
        """Return the table in a file.

        Parameters
        ----------
        path : path
            Of a file that :meth:`write` wrote.

        Returns
        -------
        Table
            As it was written.

        Raises
        ------
        FileFormatError
            If it is no such file.

        Examples
        --------
        >>> from spikesim.runs import Table
        >>> Table([{"g": 4.0, "rate": 20.0}]).write("table.h5", about={})
        >>> Table.read("table.h5")["rate"].tolist()
        [20.0]
        """
        return cls.read_with(path)[0]

    @classmethod
    @named
    def read_with(cls, path: str | os.PathLike[str]) -> tuple[Table, dict[str, Any]]:
        """Return the table in a file, and what it says it is a table of.

        Parameters
        ----------
        path : path
            Of a file that :meth:`write` wrote.

        Returns
        -------
        table : Table
            As it was written.
        about : dict
            What it says it is a table of.

        Raises
        ------
        FileFormatError
            If it is no such file.

        Examples
        --------
        >>> from spikesim.runs import Table
        >>> Table([{"g": 4.0, "rate": 20.0}]).write("table.h5", about={"what": "rates"})
        >>> Table.read_with("table.h5")[1]
        {'what': 'rates'}
        """
        import h5py

        where = os.fspath(path)
        require_readable(where)
        require_seal(where)
        with understanding(where, "a table of runs"), h5py.File(where, "r") as file:
            if file.attrs.get("format") != FORMAT or file.attrs.get("format_version") != VERSION:
                raise FileFormatError(f"{where!r} is no table of runs of version {VERSION}")
            names, about = json.loads(file.attrs["columns"]), json.loads(file.attrs["about"])
            columns = []
            for k in range(len(names)):
                data = file[f"columns/{k}"]
                if data.ndim != 1 or (data.size and not data.id.get_storage_size()):
                    raise FileFormatError(
                        f"{where!r}: {data.name}: shape {data.shape}, of which nothing is in the file"
                    )
                columns.append(data.asstr()[...].tolist() if data.dtype.kind == "O" else data[...].tolist())
            if len({len(column) for column in columns}) > 1:
                raise FileFormatError(f"{where!r}: columns of different lengths")
            return cls([dict(zip(names, row)) for row in zip(*columns)], names), about

    # -- looking ------------------------------------------------------------------------------------------------------

    def _cells(self) -> list[list[str]]:
        columns = [[_shown(value) for value in self[name].tolist()] for name in self.columns]
        return [list(row) for row in zip(*columns)]

    def __repr__(self) -> str:
        cells = [list(self.columns), *self._cells()[:20]]
        widths = [max(len(row[k]) for row in cells) for k in range(len(self.columns))]
        lines = ["  ".join(text.rjust(width) for text, width in zip(row, widths)) for row in cells]
        more = [f"... {len(self)} rows"] if len(self) > 20 else []
        return "\n".join([*lines, *more]) if self.columns else "Table of no rows"

    def _repr_html_(self) -> str:
        def row(texts: list[str], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts) + "</tr>"

        body = "".join(row(texts, "td") for texts in self._cells()[:20])
        more = f"<p>... {len(self)} rows</p>" if len(self) > 20 else ""
        return f"<table><thead>{row(list(self.columns), 'th')}</thead><tbody>{body}</tbody></table>{more}"


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def checked_row(where: str, found: Any) -> dict[str, Any]:
    """Return what a measure found as a row of numbers and texts, or refuse."""
    if not isinstance(found, Mapping):
        raise InvalidValueError(
            f"{where}: measure must return a mapping of names to numbers, as in {{'rate': 5.0}}, got "
            f"{type(found).__name__}"
        )
    row: dict[str, Any] = {}
    for name, value in found.items():
        plain = value.item() if isinstance(value, (np.generic, np.ndarray)) and np.size(value) == 1 else value
        if not isinstance(name, str) or not isinstance(plain, (bool, int, float, str)):
            raise InvalidValueError(
                f"{where}: measure returned {name!r}: {type(value).__name__}; wanted numbers or texts by name"
            )
        row[name] = plain
    return row
