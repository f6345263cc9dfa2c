"""A network as plain numbers and words, which a script in another simulator's Python reads: the same network by
construction, with no parameter typed twice.

    populations  name, size, model, parameters, initial
    projections  pre, post (names of populations), rule, weight, delay, synapse, plasticity (or None)
    backgrounds  target, rate, weight, synapse
    currents     target, amplitude, start, stop

A value is a number, a list (one a neuron), or a law: {"law": "uniform", "low", "high"} or {"law": "normal",
"mean", "sd", "low", "high"} with None for a bound that is not there.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, cast

import numpy as np

import spikesim as ss
from spikesim.random import CONSTANT, NORMAL, UNIFORM, Distribution

__all__ = ["plain"]


def plain(net: ss.Network) -> dict[str, Any]:
    """Return the description of a network; whole populations only.

    Raises
    ------
    ValueError
        If the network has something that the other simulators are not asked for.
    """
    return {
        "seed": net.seed,
        "populations": [
            {
                "name": p.name,
                "size": p.size,
                "model": type(p.model).__name__.removesuffix("ByRungeKutta"),
                "parameters": {k: value(v) for k, v in p.model._asdict().items()},
                "initial": rest(p.model) | {k: value(v) for k, v in p.initial.items()},
            }
            for p in net.populations.values()
        ],
        "projections": [
            {
                "pre": names(p.pre),
                "post": names(p.post),
                "rule": described(p.rule),
                "weight": value(p.weight),
                "delay": value(p.delay),
                "synapse": described(p.synapse),
                "plasticity": None if p.plasticity is None else described(p.plasticity),
            }
            for p in net.projections
        ],
        "backgrounds": [
            {
                "target": names(b.target),
                "rate": value(b.rate),
                "weight": b.weight,
                "synapse": described(b.synapse),
            }
            for b in net.backgrounds
        ],
        "currents": [
            {"target": names(i.target), **{k: value(v) for k, v in dataclasses.asdict(cast(Any, i.stimulus)).items()}}
            for i in net.injections
        ],
    }


def rest(model: Any) -> dict[str, float]:
    """Return the state without input, where a network starts unless told otherwise; it matters: between 6 and 10
    uA/cm^2 a squid axon fires or keeps still, as it was started."""
    scalars = model._replace(**{k: 0.0 for k, v in model._asdict().items() if np.ndim(v)})
    return dict(zip(model.states, map(float, type(model).rest(scalars))))


def names(selection: Any) -> list[str]:
    """Return the names of the populations that a selection consists of."""
    for population, ids in selection.parts:
        if ids.size != population.size:
            raise ValueError(f"plain: {selection!r} holds a part of {population.name!r}; whole ones only")
    return [population.name for population, _ in selection.parts]


def described(thing: Any) -> dict[str, Any]:
    """Return a rule or synapse as the name of its class and its fields."""
    return {"kind": type(thing).__name__, **dataclasses.asdict(thing)}


def value(given: Any) -> Any:
    """Return a number, a list of numbers, or a law."""
    if isinstance(given, np.ndarray):
        return given.tolist()
    if not isinstance(given, Distribution):
        return None if given is None or math.isinf(given) else float(given)
    kind, a, b, _, _, low, high = given.law.tolist()
    if kind == CONSTANT:
        return a
    if kind == UNIFORM:
        return {"law": "uniform", "low": low, "high": high}
    if kind == NORMAL:
        bounds = {k: v if math.isfinite(v) else None for k, v in (("low", low), ("high", high))}
        return {"law": "normal", "mean": a, "sd": b, **bounds}
    raise ValueError(f"plain: no {given!r}")
