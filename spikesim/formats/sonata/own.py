"""What SONATA has no words for, beside it in nodes.h5: the classes, the order, and all the digits.

================================ ==================================================================================
``/spikesim`` attributes         ``format`` = "spikesim circuit", ``format_version``
``/spikesim/description``        JSON (uint8): the network as :mod:`spikesim.network.described` says it, with what was
                                 drawn as numbers; an array is {"array": k}; a projection has, in place of a rule,
                                 `edges`: the populations of edges.h5 that are it
``/spikesim/arrays/<k>``         those arrays
edges.h5 ``/spikesim/<edges>``   ``weight``, ``delay`` float64, where single precision does not hold them; attributes
                                 ``weight``, ``delay`` of all; ``factor``: what weights were multiplied with
================================ ==================================================================================

Digits refine, and never overrule: they hold where, in single precision, they are what the standard column says.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

from ...engine.checkpoint import with_arrays, without_arrays
from ...network.described import by_name, plain, recorded
from ...network.positions import Positions
from .resolved import Resolved

__all__ = ["FORMAT", "VERSION", "describe", "edge_names", "read_description", "strange", "write_description"]

FORMAT, VERSION = "spikesim circuit", 1


def edge_names(projection: Any, taken: set[str]) -> dict[tuple[str, str], str]:
    """Return the names of a projection's populations of edges, by pair of populations."""
    pairs = [(a.name, b.name) for a in projection.pre.populations for b in projection.post.populations]
    found = {}
    for a, b in pairs:
        name = projection.name if len(pairs) == 1 else f"{projection.name} ({a} to {b})"
        while name in taken:
            name += "_"
        taken.add(name)
        found[a, b] = name
    return found


def describe(resolved: Resolved, edges: dict[str, dict[tuple[str, str], str]]) -> dict[str, Any]:
    """Return the description of a network whose numbers are all known."""
    populations = {}
    for name, cell in resolved.cells.items():
        population, model = cell.population, cell.model
        if cell.source:
            model = model._replace(**cell.parameters) if cell.parameters else model
        else:
            model = model._replace(**cell.parameters)
        places = population.places
        populations[name] = {
            "size": cell.size,
            "model": plain(model),
            "initial": {} if cell.source else {s: np.array(x) for s, x in zip(cell.model.states, cell.initial)},
            "positions": None if places is None else plain(Positions(places.points, places.extent)),
        }
    projections = {}
    for p in resolved.net.projections:
        names = [f.name for f in dataclasses.fields(p) if f.name not in ("name", "rule", "weight", "delay")]
        kept = {k: plain(getattr(p, k)) for k in names}
        projections[p.name] = kept | {"edges": [[a, b, name] for (a, b), name in edges[p.name].items()]}
    net = resolved.net
    return {
        "seed": net.seed,
        "populations": populations,
        "projections": projections,
        "backgrounds": by_name(net.backgrounds),
        "injections": by_name(net.injections),
        "recorded": recorded(net),
    }


def strange(value: Any, where: str = "") -> list[str]:
    """Return the places of a description that hold a function, which no file can hold."""
    if isinstance(value, dict):
        if value.get("kind") in ("function", "other"):
            return [f"{where}: {value.get('text', 'a function of your own')}"]
        return [found for key, entry in value.items() for found in strange(entry, f"{where} {key}".strip())]
    if isinstance(value, (list, tuple)):
        return [found for entry in value for found in strange(entry, where)]
    return []


def write_description(file: Any, description: dict[str, Any]) -> None:
    """Write a description into an open file."""
    arrays: list[np.ndarray] = []
    text = json.dumps(without_arrays(description, arrays), separators=(",", ":")).encode()
    group = file.require_group("spikesim")
    group.attrs["format"], group.attrs["format_version"] = np.bytes_(FORMAT), np.int64(VERSION)
    group["description"] = np.frombuffer(text, np.uint8)
    for k, array in enumerate(arrays):
        group[f"arrays/{k}"] = array


def read_description(file: Any) -> dict[str, Any] | None:
    """Return the description in a file of nodes; None where there is none.

    Raises
    ------
    FileFormatError
        If it is damaged, or of a later version.
    """
    if "spikesim" not in file.names("/") or "description" not in file.names("/spikesim"):
        return None
    if file.attribute("/spikesim", "format", "S") != FORMAT.encode():
        raise file.error("/spikesim: is no description of a circuit")
    version = int(file.attribute("/spikesim", "format_version", "iu"))
    if version != VERSION:
        raise file.error(f"has version {version} of /spikesim; this release reads {VERSION}")
    text = file.read(file.plain("/spikesim/description")).tobytes()
    names = file.names("/spikesim/arrays") if "arrays" in file.names("/spikesim") else []
    with file.guard("/spikesim"):
        names = sorted(names, key=int)
    arrays = [file.read(file.plain(f"/spikesim/arrays/{name}")) for name in names]
    with file.guard("/spikesim/description"):
        return with_arrays(json.loads(text), arrays)
