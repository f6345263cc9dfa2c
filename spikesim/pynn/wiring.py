"""A projection of PyNN as projections of ours.

Here a projection joins two populations by one synapse, and has one rule of plasticity and one state of release a
source; there a receptor's time constants differ from cell to cell, and all parameters from connection to connection.
So the connections are sorted into as few pieces as it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import InvalidValueError

if TYPE_CHECKING:
    from .simulator import State

__all__ = ["Piece", "pieces"]

MOST = 2000  # pieces of one projection


class Piece(NamedTuple):
    """Some connections, `rows` of the columns, in the order in which a simulation lists synapses."""

    rows: np.ndarray
    pre: Any
    post: Any
    sources: np.ndarray
    targets: np.ndarray
    synapse: Any
    unit: float
    plasticity: Any = None
    release: Any = None
    dendritic_delay: float = 0.0
    name: str = ""


def pieces(projection: Any, state: State) -> Iterator[Piece]:
    """Yield the pieces of a projection."""
    columns, kind = projection.columns, projection.synapse_type
    firsts = np.array([int(p.first_id) for p in state.populations])
    sides = []
    for side, name in ((projection.pre, "presynaptic_index"), (projection.post, "postsynaptic_index")):
        ids = side.all_cells.astype(np.int64)[columns[name]]
        whose = np.searchsorted(firsts, ids, side="right") - 1
        sides.append((whose, ids - firsts[whose]))
    (pre_of, sources), (post_of, targets) = sides
    for both in _classes(np.stack([pre_of, post_of], axis=1)):
        pre, post = state.populations[pre_of[both[0]]], state.populations[post_of[both[0]]]
        receptor, names = post.celltype.receptor_of(projection.receptor_type)
        values = [post._parameters[name][targets[both]] for name in names]
        values += [columns[name][both] for name in kind.common]
        late = state.grid.nearest(kind.dendritic_delay_fraction * columns["delay"][both], least=0)[0]
        values.append(late)
        for some in _classes(np.stack(values, axis=1)):
            rows = both[some]
            one = [v[some[0]] for v in values]
            synapse = receptor.synapse(projection.receptor_type, *one[: len(names)])
            rule = kind.plasticity(dict(zip(kind.common, one[len(names) : -1])), receptor.weight)
            behind = float(state.grid.time(int(one[-1])))
            for layer in _layers(projection, rows, sources):
                delay = columns["delay"][layer]
                delay = delay if state.engine == "event" else state.grid.nearest(delay)[0]
                mine = layer[np.lexsort((delay, targets[layer], sources[layer]))]
                tau = getattr(synapse, "tau", None)
                release = kind.release(_a_source(kind.shared, columns, mine, sources, pre.size), tau)
                yield Piece(
                    mine, pre, post, sources[mine], targets[mine], synapse, receptor.weight, rule, release, behind
                )


def _classes(table: np.ndarray) -> list[np.ndarray]:
    """Sort rows by what stands in them: the indices of each distinct row."""
    if not table.shape[1]:
        return [np.arange(len(table))] if len(table) else []
    _, which = np.unique(table, axis=0, return_inverse=True)
    which = which.ravel()
    order = np.argsort(which, kind="stable")
    return [part for part in np.split(order, np.flatnonzero(np.diff(which[order])) + 1) if part.size]


def _layers(projection: Any, rows: np.ndarray, sources: np.ndarray) -> list[np.ndarray]:
    """Divide connections so that in each part a source has one release; or, where each is its own, one connection."""
    kind = projection.synapse_type
    if not kind.shared:
        return [rows]
    table = np.stack([projection.columns[name][rows] for name in kind.shared], axis=1)
    which = np.arange(rows.size) if kind.apart else np.unique(table, axis=0, return_inverse=True)[1].ravel()
    pairs, back = np.unique(np.stack([sources[rows], which], axis=1), axis=0, return_inverse=True)
    first = np.searchsorted(pairs[:, 0], pairs[:, 0], side="left")
    layer = (np.arange(len(pairs)) - first)[back.ravel()]
    if layer.max(initial=0) >= MOST:
        raise InvalidValueError(
            f"Projection {projection.label!r}: {type(kind).__name__}: a source has {int(layer.max()) + 1} connections "
            f"with a release of their own; at most {MOST} are possible here; let {', '.join(kind.shared)} depend on "
            "the source alone" + (", or use fewer targets" if kind.apart else "")
        )
    return [rows[part] for part in _classes(layer[:, None])]


def _a_source(names: Any, columns: Any, rows: np.ndarray, sources: np.ndarray, size: int) -> dict[str, Any]:
    """Parameters of one value a source, from its connections; one number where all are the same."""
    found = {}
    for name in names:
        values = columns[name][rows]
        each = np.full(size, values[0])
        each[sources[rows]] = values
        found[name] = float(values[0]) if np.all(each == values[0]) else each
    return found
