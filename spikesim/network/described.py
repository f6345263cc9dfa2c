"""A network as a plain value: nested dictionaries of numbers, strings and arrays; for files, digests and comparison.

Whatever is described by a NamedTuple (a model), a dataclass (a synapse, a rule, a stimulus) or a value that says by
``__reduce__`` how it is made becomes {"class": name, "kind": ..., fields}.  Nothing is pickled and nothing read is
executed: a class is found again by its name among those that are declared.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import FileFormatError, UnitWarning, did_you_mean
from ..neurons.contract import models
from ..neurons.train import Source
from ..plasticity.contract import Plasticity
from ..plasticity.declared import rules
from ..random import Distribution
from ..synapses.contract import Synapse
from ..synapses.release import releases
from .array_file import ArrayFile
from .electrode import Stimulus
from .law import Law
from .network import Network
from .positions import Positions
from .rule import Rule
from .selection import Selection

__all__ = [
    "by_name",
    "described",
    "difference",
    "digest",
    "flat",
    "made",
    "network_of",
    "plain",
    "record_again",
    "recorded",
]


def described(net: Network) -> dict[str, Any]:
    """Return all that the description of a network says; equal networks give equal values."""
    return {
        "seed": net.seed,
        "populations": {
            p.name: {
                "size": p.size,
                "model": plain(p.model),
                "initial": {k: plain(v) for k, v in p.initial.items()},
                **({} if p.places is None else {"positions": plain(p.places)}),
            }
            for p in net.populations.values()
        },
        "projections": by_name(net.projections),
        "backgrounds": by_name(net.backgrounds),
        "injections": by_name(net.injections),
        **({"couplings": by_name(net.couplings)} if net.couplings else {}),
    }


def recorded(net: Network) -> dict[str, Any]:
    """Return what is recorded of a network; it decides nothing of what happens there."""
    return {
        "spikes": [plain(target) for target in net.spike_targets],
        **({"at_spike": {name: list(states) for name, states in net.at_spike.items()}} if net.at_spike else {}),
        "windows": {name: list(window) for name, window in net.windows.items()},
        "probes": [
            {
                "target": plain(p.target),
                "variables": plain(p.variables),
                "every": p.every,
                "window": list(p.window),
            }
            for p in net.probes
        ],
        "weights": [
            {"projection": p.projection.name, "every": p.every}
            | ({} if p.variable == "w" else {"variable": p.variable})
            for p in net.weight_probes
        ],
    }


def record_again(net: Network, value: Mapping[str, Any]) -> None:
    """Let a network record what `recorded` said of another."""
    kept = {name: (float(start), float(stop)) for name, (start, stop) in value.get("windows", {}).items()}
    for target in (made(target, net) for target in value["spikes"]):
        start, stop = kept.get(target.populations[0].name, (0.0, math.inf))
        net.record(target, "spikes", start=start, stop=stop)
    net.at_spike |= {name: tuple(states) for name, states in value.get("at_spike", {}).items()}
    for probe in value["probes"]:
        target = made(probe["target"], net)  # a file without windows of variables has one for a whole population
        start, stop = probe["window"] if "window" in probe else kept.get(target.populations[0].name, (0.0, math.inf))
        net.record(target, *made(probe["variables"], net), every=probe["every"], start=start, stop=stop)
    projections = {p.name: p for p in net.projections}
    for probe in value.get("weights", ()):
        net.record(projections[probe["projection"]], probe.get("variable", "w"), every=probe["every"])


def by_name(entries: Any) -> dict[str, Any]:
    """Return projections, backgrounds or injections as plain values by name."""
    return {
        e.name: {f.name: plain(getattr(e, f.name)) for f in dataclasses.fields(e) if f.name != "name"} for e in entries
    }


def plain(value: Any) -> Any:
    """Return a value of a description as numbers, strings, arrays, lists and dictionaries."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return value.item()
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, Distribution):
        return {"kind": "distribution", "law": np.array(value.law), "text": repr(value)}
    if isinstance(value, Selection):
        return {
            "kind": "selection",
            "parts": [
                [p.name, None if ids.size == p.size and np.array_equal(ids, np.arange(p.size)) else ids]
                for p, ids in value.parts
            ],
        }
    if hasattr(value, "_asdict") and hasattr(type(value), "__spikesim_equations__"):
        return {
            "kind": "model",
            "class": type(value).__name__,
            "fields": {k: plain(v) for k, v in value._asdict().items()}
            | ({} if getattr(value, "held", True) else {"hold": False}),
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"kind": "value", "class": type(value).__name__, "fields": fields}
    if isinstance(value, (tuple, list)):
        if value and all(isinstance(v, np.ndarray) for v in value):
            return {"kind": "ragged", "flat": np.concatenate(value), "lengths": np.array([len(v) for v in value])}
        return [plain(v) for v in value]
    if callable(value) and hasattr(value, "__code__"):
        return {
            "kind": "function",
            "code": hashlib.sha256(value.__code__.co_code + repr(value.__code__.co_consts).encode()).hexdigest(),
        }
    if getattr(value, "source", False):
        _, arguments = value.__reduce__()
        return {"kind": "source", "class": type(value).__name__, "arguments": [plain(a) for a in arguments]}
    return {"kind": "other", "class": type(value).__name__, "text": repr(value)}


# -- comparing --------------------------------------------------------------------------------------------------------


def flat(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, leaf) for all numbers, strings and arrays of a value, in an order that depends on nothing else."""
    if isinstance(value, Mapping):
        for name in sorted(value):
            yield from flat(value[name], f"{where}/{name}" if where else str(name))
    elif isinstance(value, (list, tuple)):
        for k, entry in enumerate(value):
            yield from flat(entry, f"{where}[{k}]")
    else:
        yield where, value


def difference(a: Any, b: Any) -> str | None:
    """Return in words the first thing that differs between two values; None where nothing does."""
    left, right = dict(flat(a)), dict(flat(b))
    for where in sorted({*left, *right}):
        if where not in left or where not in right:
            return f"{where} is only in the {'first' if where in left else 'second'}"
        x, y = left[where], right[where]
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            x, y = np.asarray(x), np.asarray(y)
            if x.shape != y.shape:
                return f"{where}: shapes {x.shape} and {y.shape}"
            differ = np.flatnonzero(x.ravel() != y.ravel())
            if differ.size:
                k = int(differ[0])
                return f"{where}[{k}]: {x.ravel()[k]!r} and {y.ravel()[k]!r} ({differ.size} differ)"
        elif type(x) is not type(y) or (x != y and not (x != x and y != y)):
            return f"{where}: {x!r} and {y!r}"
    return None


def digest(value: Any) -> str:
    """Return a hash of all numbers, strings and arrays of a value."""
    found = hashlib.blake2b(digest_size=16)
    for where, leaf in flat(value):
        array = leaf if isinstance(leaf, np.ndarray) else None
        text = f"{where}={leaf!r};" if array is None else f"{where}={array.dtype}{array.shape};"
        found.update(text.encode())
        if array is not None:
            found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


# -- and back ---------------------------------------------------------------------------------------------------------


def network_of(value: Mapping[str, Any]) -> Network:
    """Return the network that a value describes.

    Raises
    ------
    FileFormatError
        If it names a class that is not declared here, or holds what cannot be made from a file (a function).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnitWarning)  # it was said to who described it
        return _network_of(value)


def _network_of(value: Mapping[str, Any]) -> Network:
    net = Network(seed=value["seed"])
    for name, p in value["populations"].items():
        places = made(p.get("positions"), net)
        initial = {k: made(v, net) for k, v in p["initial"].items()}
        net.population(name, p["size"], made(p["model"], net), positions=places, **initial)
    for name, e in value["projections"].items():
        rule = made(e["rule"], net)
        weight = None if rule.weights is not None else made(e["weight"], net)
        given = {k: made(v, net) for k, v in e.items() if k not in ("rule", "weight", "pre", "post")}
        net.connect(made(e["pre"], net), made(e["post"], net), rule, weight=weight, name=name, **given)
    for name, e in value.get("couplings", {}).items():
        rule = made(e["rule"], net)
        conductance = None if rule.weights is not None else made(e["conductance"], net)
        net.couple(made(e["a"], net), made(e["b"], net), rule, conductance=conductance, name=name)
    for name, e in value["backgrounds"].items():
        net.background(made(e["target"], net), name=name, **{k: made(v, net) for k, v in e.items() if k != "target"})
    for name, e in value["injections"].items():
        net.inject(made(e["target"], net), made(e["stimulus"], net), name=name, into=e.get("into"))
    return net


def made(value: Any, net: Network) -> Any:
    """Return what `plain` turned into a plain value; selections are of `net`."""
    if isinstance(value, list):
        return tuple(made(v, net) for v in value)
    if not isinstance(value, Mapping):
        return value
    kind = value["kind"]
    if kind == "distribution":
        return Distribution(list(value["law"]), value["text"])
    if kind == "selection":
        parts = [net[name] if ids is None else net[name][ids] for name, ids in value["parts"]]
        return sum(parts[1:], parts[0])
    if kind == "ragged":
        ends = np.cumsum(value["lengths"])
        return tuple(np.split(value["flat"], ends[:-1])) if ends.size else ()
    if kind == "source":
        return _class(value["class"])(*(made(v, net) for v in value["arguments"]))
    if kind in ("model", "value"):
        return _class(value["class"])(**{k: made(v, net) for k, v in value["fields"].items()})
    raise FileFormatError(
        f"the description holds {value.get('text', 'a function')}, which cannot be made from a file; give the network"
    )


def _class(name: str) -> Any:
    """Return the declared class of a name: a model, source, synapse, rule, stimulus or rule of plasticity."""
    known: dict[str, Any] = {**models(), **releases(), **rules()}

    def descend(cls: Any) -> None:
        for child in cls.__subclasses__():
            known[child.__name__] = child
            descend(child)

    from ..neurons import sources

    for base in (Synapse, Rule, Law, Stimulus, Plasticity, Source):
        descend(base)
    known |= {"Positions": Positions, "ArrayFile": ArrayFile}
    known |= {k: getattr(sources, k) for k in sources.__all__ if isinstance(getattr(sources, k), type)}
    if name not in known:
        hint = did_you_mean(name, known)
        raise FileFormatError(
            f"the description names the class {name!r}, which is not declared here{hint}; give the network"
        )
    return known[name]
