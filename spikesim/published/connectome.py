"""A connectome: who is connected with whom by how many synapses, and what is known of each neuron."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from ..errors import FileFormatError, InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean, suggestion
from ..keywords import named
from ..network import checked
from ..scalars import number_array
from .columns import columns, texts

__all__ = ["Connectome", "connectome"]


@named
@dataclass(frozen=True, eq=False, repr=False)
class Connectome:
    """A list of connections between neurons, and annotations of the neurons; made by :func:`connectome`.

    Parameters
    ----------
    pre, post : array of int, shape (connections,)
        Positions of source and target among the neurons.
    weight : array of float, shape (connections,)
        Strength of a connection: its number of synapses, negative where it inhibits.
    ids : array, shape (neurons,)
        What the neurons are called where they come from.
    annotations : mapping of str to array of shape (neurons,)
        Of the neurons.
    sources : tuple of (str, str)
        Name of everything that was read, and its SHA-256.

    Raises
    ------
    FileFormatError, InvalidValueError
        If an index or a weight cannot be.

    Attributes
    ----------
    pre, post : int32 array, shape (connections,)
        Positions of source and target among the neurons.
    weight : float64 array, shape (connections,)
        Strength of a connection: its number of synapses, negative where it inhibits.
    ids : array, shape (neurons,)
        What the neurons are called where they come from.
    annotations : mapping of str to array of shape (neurons,)
    sources : tuple of (str, str)
        Name of everything that was read, and its SHA-256 ("": made up).

    Examples
    --------
    >>> import spikesim as ss
    >>> c = ss.published.synthetic_connectome(200, 4000)
    >>> c.size, c.pre.size == c.weight.size
    (200, True)
    """

    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    ids: np.ndarray
    annotations: Mapping[str, np.ndarray] = field(default_factory=dict)
    sources: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        ids = np.asarray(self.ids)
        values = {
            "ids": ids,
            "pre": _index("Connectome: pre", np.asarray(self.pre), ids),
            "post": _index("Connectome: post", np.asarray(self.post), ids),
            "weight": _weights("Connectome: weight", self.weight),
        }
        if not values["pre"].shape == values["post"].shape == values["weight"].shape:
            lengths = ", ".join(f"{name} {values[name].shape}" for name in ("pre", "post", "weight"))
            raise InvalidValueError(f"Connectome: wanted one source, target and weight a connection, got {lengths}")
        for name, array in values.items():
            object.__setattr__(self, name, array)
        for array in (self.pre, self.post, self.weight, self.ids, *self.annotations.values()):
            array.setflags(write=False)
        object.__setattr__(self, "annotations", MappingProxyType(dict(self.annotations)))

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.ids.size

    @property
    def description(self) -> str:
        """How large it is, and of which data: names and SHA-256."""
        data = "; ".join(f"{name} (SHA-256 {sha256})" if sha256 else name for name, sha256 in self.sources)
        synapses = np.abs(self.weight).sum()
        inhibit = 100.0 * np.mean(self.weight < 0.0) if self.weight.size else 0.0
        return (
            f"{self.size:,} neurons, {self.pre.size:,} connections of {synapses:,.0f} synapses, {inhibit:.1f} % of "
            f"the connections inhibitory; from {data or 'memory'}"
        )

    def __repr__(self) -> str:
        return f"<Connectome: {self.description}>"

    @named
    def index(self, ids: Any) -> np.ndarray:
        """Return the positions of neurons that are named by their ids, int64 (n,).

        Parameters
        ----------
        ids : array of the kind of ``ids``
            Of neurons.

        Returns
        -------
        array of int, shape (n,)
            In the order of `ids`.

        Raises
        ------
        UnknownNameError
            If there is no neuron of such an id.

        Examples
        --------
        >>> import spikesim as ss
        >>> c = ss.published.synthetic_connectome(200, 4000)
        >>> c.index(c.ids[[5, 0]]).tolist()
        [5, 0]
        """
        given = np.atleast_1d(np.asarray(ids))
        if given.size == 0:
            return np.zeros(0, np.int64)
        if (given.dtype.kind in "iu") != (self.ids.dtype.kind in "iu"):
            raise InvalidTypeError(
                f"connectome: ids: wanted {self.ids.dtype} such as {self.ids[:1]}, got {given.dtype} "
                f"{given.ravel()[:1]}"
            )
        order = np.argsort(self.ids, kind="stable")
        at = np.minimum(np.searchsorted(self.ids, given, sorter=order), self.size - 1)
        found = order[at]
        bad = np.flatnonzero(self.ids[found] != given)
        if bad.size:
            raise UnknownNameError(
                f"connectome: no neuron of id {given[bad[0]]} ({bad.size} of {given.size} are not there); ids are "
                f"such as {self.ids[0]}"
            )
        return found.astype(np.int64)

    def where(self, **wanted: Any) -> np.ndarray:
        """Return the ids of the neurons whose annotations are as wanted: ``where(type="sugar")``, or one of a list.

        Parameters
        ----------
        **wanted
            A value, or a list of values, of an annotation.

        Returns
        -------
        array, shape (n,)
            Ids.

        Raises
        ------
        UnknownNameError
            If there is no such annotation, or no neuron has such a value of it.

        Examples
        --------
        >>> import spikesim as ss
        >>> c = ss.published.synthetic_connectome(200, 4000)
        >>> 0 < c.where(kind="sensory").size < 200
        True
        """
        keep = np.ones(self.size, bool)
        for name, value in wanted.items():
            if name not in self.annotations:
                raise UnknownNameError(f"connectome: no annotation {name!r}{did_you_mean(name, self.annotations)}")
            known = self.annotations[name]
            try:
                values = np.atleast_1d(np.asarray(value))
            except ValueError:
                raise InvalidTypeError(
                    f"connectome: {name}: wanted a value or a list of them, got a list of lists"
                ) from None
            for one in values.ravel()[~np.isin(values.ravel(), known)]:
                meant = suggestion(str(one), np.unique(known).astype(str).tolist())
                raise UnknownNameError(f"connectome: no neuron has {name} = {one!s}{meant}")
            keep &= np.isin(known, values)
        return self.ids[keep]


@named
def connectome(
    connections: Any,
    neurons: Any = None,
    *,
    pre: str = "Presynaptic_Index",
    post: str = "Postsynaptic_Index",
    weight: str = "Excitatory x Connectivity",
    annotations: Any = None,
    annotated: str | None = None,
) -> Connectome:
    """Read a connectome: a list of connections by index, and who the neurons are.

    Parameters
    ----------
    connections : path, or table
        csv (also .csv.gz, .tsv), npz, parquet (needs pyarrow), SONATA edges (.h5), or a dictionary of arrays or data
        frame.
    neurons : path, array or int, optional
        The neurons in the order of their indices: a csv file whose first column has their ids, and whose others
        annotate them; an array of ids; how many there are.  Without it: as many as the largest index says.
    pre, post, weight : str
        The columns with the index of the source and of the target (from 0), and the signed strength.  Of SONATA:
        "source_node_id", "target_node_id", "syn_weight".
    annotations : path, optional
        A csv file with one line a neuron, in any order: ids in the column `annotated`, annotations in the others.
    annotated : str, optional
        That column; unless given, the first.

    Returns
    -------
    Connectome
        Its `description` states the SHA-256 of all that was read.

    Raises
    ------
    FileFormatError
        If a file is not what its name says, or an index or weight in it cannot be.
    UnknownNameError
        If a column is missing.
    InvalidTypeError, InvalidValueError
        If an argument is not as above.

    Examples
    --------
    >>> from spikesim import published
    >>> table = {"Presynaptic_Index": [0, 1], "Postsynaptic_Index": [1, 2], "Excitatory x Connectivity": [12, -5]}
    >>> c = published.connectome(table, neurons=[720, 721, 722])
    >>> c.size, c.pre.size, c.index([722])
    (3, 2, array([2]))
    """
    read = columns("connectome", connections, (pre, post, weight))
    sources = [(read.name, read.sha256)]
    ids, notes = _neurons(neurons, sources)
    of = sources[1][0] if len(sources) > 1 else "neurons"
    source, target = (_index(f"connectome: {read.name}: {name}", read.values[name], ids, of) for name in (pre, post))
    strength = _weights(f"connectome: {read.name}: {weight}", read.values[weight])
    if ids is None:
        ids = np.arange(1 + max(int(source.max(initial=-1)), int(target.max(initial=-1))))
    if annotations is not None:
        notes |= _annotations(annotations, annotated, ids, sources)
    return Connectome(source, target, strength, ids, notes, tuple(sources))


def _neurons(given: Any, sources: list[tuple[str, str]]) -> tuple[np.ndarray | None, dict[str, np.ndarray]]:
    """The ids in the order of the indices (None: not known), and what else a file says of the neurons."""
    if given is None:
        return None, {}
    if isinstance(given, (str, os.PathLike)):
        found, sha256, name = texts("connectome: neurons", given)
        sources.append((name, sha256))
        ids, *_ = found.values()
        notes = dict(list(found.items())[1:])
    elif np.ndim(given) == 0:
        return np.arange(checked.count("connectome: neurons", given, most=2**31 - 1)), {}
    else:
        ids, notes, name = np.array(given), {}, "neurons"
    if ids.ndim != 1 or ids.dtype.kind not in "iuU":
        raise InvalidTypeError(f"connectome: {name}: wanted a list of ids, whole numbers or names, got {ids.dtype}")
    first, times = np.unique(ids, return_counts=True)
    if first.size < ids.size:
        raise InvalidValueError(f"connectome: {name}: two neurons have the id {first[times > 1][0]}")
    return ids, notes


def _index(where: str, values: np.ndarray, ids: np.ndarray | None, of: str = "neurons") -> np.ndarray:
    """Indices of neurons as int32, or an error with the first that is none."""
    if values.dtype.kind not in "iu":
        raise FileFormatError(f"{where}: wanted whole numbers (indices of neurons), got {values.dtype}")
    most = 2**31 - 1 if ids is None else ids.size
    bad = np.flatnonzero((values < 0) | (values >= most))
    if bad.size:
        raise FileFormatError(
            f"{where}: wanted indices from 0 to {most - 1}, got {values[bad[0]]} at connection {bad[0]} "
            f"({bad.size} such); does the list of neurons ({of}) belong to it?"
        )
    return np.array(values, np.int32)


def _weights(where: str, values: Any) -> np.ndarray:
    values = number_array(where, values).astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise FileFormatError(f"{where}: wanted finite numbers, got {values[bad[0]]} at connection {bad[0]}")
    return values


def _annotations(
    path: Any, key: str | None, ids: np.ndarray, sources: list[tuple[str, str]]
) -> Iterable[tuple[str, np.ndarray]]:
    """The columns of a file that has its own order of neurons, in that of `ids`; "" or NaN for who is not in it."""
    found, sha256, name = texts("connectome: annotations", path)
    sources.append((name, sha256))
    key = next(iter(found)) if key is None else key
    if key not in found:
        raise UnknownNameError(f"connectome: annotations: {name!r} has no column {key!r}{did_you_mean(key, found)}")
    told = found.pop(key)
    if told.dtype.kind != ids.dtype.kind:
        raise FileFormatError(f"connectome: annotations: {name!r}: ids in {key!r} are {told.dtype}, not {ids.dtype}")
    order = np.argsort(told, kind="stable")
    at = np.searchsorted(told, ids, sorter=order)
    row = order[np.minimum(at, max(told.size - 1, 0))] if told.size else np.zeros(ids.size, np.int64)
    there = told[row] == ids if told.size else np.zeros(ids.size, bool)
    made = {}
    for title, values in found.items():
        none = np.array("" if values.dtype.kind == "U" else np.nan)
        made[title] = np.where(there, values[row], none) if told.size else np.full(ids.size, none)
    return made.items()
