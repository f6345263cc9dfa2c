"""A circuit of ours back as the network it was: SONATA's own columns, with the digits and classes that stand beside.

What a column says counts.  The digits beside it hold where they are the same in single precision; parameters, weights
and delays that somebody changed are taken as they are now.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...errors import FileFormatError, SpikesimError
from ...network.described import network_of, record_again
from ...network.network import Network
from .circuit import Circuit, Edges
from .resolved import Neurons, Resolved

__all__ = ["network_value", "restored"]

CLOSE = 1e-6  # of a column in single precision


def restored(circuit: Circuit, value: dict[str, Any]) -> Network:
    """Return the network of a value, with what is recorded of it."""
    with _described(circuit):
        net = network_of(value)
        record_again(net, value["recorded"])
        return net


@contextlib.contextmanager
def _described(circuit: Circuit) -> Iterator[None]:
    """Turn what a damaged description leads to into a FileFormatError."""
    try:
        yield
    except SpikesimError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise FileFormatError(
            f"{circuit.config.path!r}: the description of the circuit (/spikesim) is damaged: {type(error).__name__} "
            f"{str(error)[:100]}"
        ) from error


def network_value(circuit: Circuit, seed: int | None) -> dict[str, Any]:
    """Return the description of a circuit of ours as :func:`.network_of` takes it.

    Raises
    ------
    FileFormatError
        If the description and the files do not go together.
    """
    given = circuit.description or {}
    with _described(circuit):
        value = {**given, "seed": given["seed"] if seed is None else seed, "projections": {}}
        populations, projections = dict(given["populations"]), dict(given["projections"])
        _same_sizes(circuit, populations)
        for name, p in projections.items():
            kept = {k: v for k, v in p.items() if k != "edges"}
            value["projections"][name] = kept | _synapses(circuit, name, p, populations)
        value["populations"] = _parameters(circuit, value)
    return value


def _same_sizes(circuit: Circuit, populations: dict[str, Any]) -> None:
    for name, p in populations.items():
        if name not in circuit.nodes:
            raise circuit.config.error(f"there are no nodes {name!r}, which the description of the circuit has")
        if circuit.nodes[name].size != p["size"]:
            raise circuit.config.error(
                f"nodes {name!r}: {circuit.nodes[name].size} nodes, {p['size']} in the description of the circuit"
            )


def _synapses(circuit: Circuit, name: str, p: dict[str, Any], populations: dict[str, Any]) -> dict[str, Any]:
    """The rule, weights and delays of a projection, from its populations of edges."""
    pre, post = (_positions(p[side], populations) for side in ("pre", "post"))
    columns: list[tuple[Any, ...]] = []
    for source, target, edges in p["edges"]:
        if edges not in circuit.edges:
            raise circuit.config.error(f"there are no edges {edges!r}, which are part of the projection {name!r}")
        found = circuit.edges[edges]
        if (found.source.name, found.target.name) != (source, target):
            raise circuit.config.error(f"edges {edges!r} join other populations than {source!r} and {target!r}")
        i, j = found.pairs()
        for side, where, ids in (("source", pre[source], i), ("target", post[target], j)):
            bad = np.flatnonzero(where[ids] < 0)
            if bad.size:
                raise circuit.config.error(f"edges {edges!r}: {side} {ids[bad[0]]} is not part of the projection")
        columns.append((pre[source][i], post[target][j], *_values(found)))
    i, j = (np.concatenate([c[k] for c in columns]) for k in (0, 1))
    order = np.argsort(j, kind="stable")
    fields = {"pre": i[order].astype(np.int32), "post": j[order].astype(np.int32)}
    for array in fields.values():
        array.setflags(write=False)
    weight, delay = (_one_for_all([(c[k], c[0].size) for c in columns], order) for k in (2, 3))
    return {"rule": {"kind": "value", "class": "FromPairs", "fields": fields}, "weight": weight, "delay": delay}


def _positions(selection: dict[str, Any], populations: dict[str, Any]) -> dict[str, np.ndarray]:
    """For each population of a selection: the position of each of its neurons; -1: not in it."""
    found, at = {name: np.full(populations[name]["size"], -1, np.int64) for name, _ in selection["parts"]}, 0
    for name, ids in selection["parts"]:
        ids = np.arange(populations[name]["size"]) if ids is None else ids
        found[name][ids] = np.arange(at, at + len(ids))
        at += len(ids)
    return found


def _values(edges: Edges) -> tuple[Any, Any]:
    """Weights (of ours) and delays of a population of edges."""
    own = f"/spikesim/{edges.name}"
    result = []
    with edges.opened() as file:
        factor = (file.numeric(own, "factor") if file.has(own) else None) or 1.0
        for what, title, scale in (("weight", "syn_weight", factor), ("delay", "delay", 1.0)):
            column = edges.attribute(title)
            if column is None:
                raise file.error(f"{edges.root}: there is no {title}")
            if isinstance(column, np.ndarray) and column.dtype.kind not in "iuf":
                raise file.error(f"{edges.root}/0/{title}: wanted numbers")
            exact = file.numeric(own, what) if file.has(own) else None
            if exact is None and file.has(f"{own}/{what}"):
                exact = file.column(f"{own}/{what}", "f", edges.size)  # type: ignore[assignment]
            result.append(refined(np.asarray(column, np.float64), exact, scale))
    return result[0], result[1]


def refined(column: np.ndarray, exact: Any, scale: float) -> Any:
    """Return a column over `scale`, with the exact digits where they are those of the column in single precision."""
    if exact is None:
        return column / scale
    single = np.asarray(np.asarray(exact * scale, np.float64).astype(np.float32), np.float64)
    same = np.isclose(column, single, rtol=CLOSE, atol=0.0)
    return exact if np.all(same) else np.where(same, exact, column / scale)


def _one_for_all(columns: list[tuple[Any, int]], order: np.ndarray) -> Any:
    """One number where all edges of all columns have the same; else one an edge, in order."""
    numbers = {float(c) for c, _ in columns if np.ndim(c) == 0}
    if len(numbers) == 1 and all(np.ndim(c) == 0 for c, _ in columns):
        return numbers.pop()
    return np.concatenate([np.broadcast_to(c, (n,)) for c, n in columns])[order].astype(np.float64)


def _parameters(circuit: Circuit, value: dict[str, Any]) -> dict[str, Any]:
    """The populations, with parameters that somebody changed."""
    net = network_of(value)
    resolved = Resolved(net, 0.1) if net.populations else None
    found = dict(value["populations"])
    for name, neurons in (resolved.neurons if resolved else {}).items():
        if not neurons.cell.source:
            changed = _changed(circuit, name, neurons)
            fields = {**found[name]["model"]["fields"], **changed}
            found[name] = {**found[name], "model": {**found[name]["model"], "fields": fields}}
    return found


def _changed(circuit: Circuit, name: str, neurons: Neurons) -> dict[str, Any]:
    """The parameters of a population that are others now than those the description has."""
    now = circuit.nodes[name].parameters()
    then = neurons.columns
    other = {}
    for title, value in then.items():
        if title not in now:
            raise circuit.config.error(f"nodes {name!r}: there is no parameter {title!r}")
        found = refined(np.asarray(now[title], np.float64), np.asarray(value, np.float64), 1.0)
        if not np.array_equal(
            np.broadcast_to(found, (neurons.cell.size,)), np.broadcast_to(value, (neurons.cell.size,))
        ):
            other[title] = found
    if not other:
        return {}
    if neurons.template is None:
        return {title: _plain(values) for title, values in other.items()}
    synaptic = [title for title in other if title.startswith(("tau_syn", "E_ex", "E_in", "refractory_input"))]
    if synaptic:
        raise circuit.config.error(
            f"nodes {name!r}: {synaptic[0]} is another than when spikesim wrote it, and synapses are described in "
            "/spikesim; remove that group from the files of nodes and edges to read them as anybody's"
        )
    model = neurons.template.neuron({**then, **{title: _plain(values) for title, values in other.items()}})
    before = neurons.cell.parameters
    return {k: v for k, v in model._asdict().items() if not np.array_equal(v, before[k])}


def _plain(values: Any) -> Any:
    """One number where all are the same."""
    column = np.atleast_1d(np.asarray(values, np.float64))
    return float(column[0]) if column.size and (column == column[0]).all() else column
