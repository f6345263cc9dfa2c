"""A stored recipe, rebuilt in spikesim through its public surface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import spikesim as ss

from .stored import Recipe, Synapses

# parameters that belong to the synapses in spikesim and to the cell in NEST
_SYNAPTIC = ("tau_syn_ex", "tau_syn_in", "E_ex", "E_in", "refractory_input")


def rebuild(
    recipe: Recipe,
    model: Callable[..., Any],
    excitatory: Any,
    inhibitory: Any,
    *,
    names: dict[str, str] | None = None,
    sign: float = 1.0,
) -> ss.Network:
    """The recipe as a network with one population "cells" and one of sources, "trains".

    `names` maps the peer's parameters and states to the model's where they differ.  `sign` multiplies
    inhibitory weights: -1 where an inhibitory weight is a conductance, which has no sign of its own.
    """
    names = {"V_m": "v", **(names or {})}
    parameters = {names.get(k, k): v for k, v in recipe.cell.items() if k not in _SYNAPTIC}
    initial = {names.get(k, k): np.array(v) for k, v in recipe.initial.items()}
    net = ss.Network(seed=1)
    cells = net.population("cells", recipe.size, model(**parameters), **initial)
    groups = [(cells, recipe.recurrent)]
    if recipe.trains:
        times = [train * recipe.dt for train in recipe.trains]
        groups.append((net.population("trains", len(times), ss.SpikeTimes(times)), recipe.inputs))
    for pre, synapses in groups:
        positive = synapses.weight >= 0
        _connect(net, pre, cells, synapses.where(positive), excitatory, 1.0, recipe.dt)
        _connect(net, pre, cells, synapses.where(~positive), inhibitory, sign, recipe.dt)
    if recipe.current:
        steps, amplitudes = zip(*recipe.current)
        net.inject(cells, ss.Steps([step * recipe.dt for step in steps], list(amplitudes)))
    net.record(cells, "spikes")
    net.record(cells[list(recipe.traced)], "v", every=recipe.stride * recipe.dt)
    return net


def _connect(net: ss.Network, pre: Any, post: Any, synapses: Synapses, synapse: Any, sign: float, dt: float) -> None:
    if synapses.pre.size:
        net.connect(
            pre,
            post,
            ss.from_pairs(synapses.pre, synapses.post),
            weight=sign * synapses.weight,
            delay=synapses.delay * dt,
            synapse=synapse,
        )


def spikes_of(result: Any, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Steps and ids of the spikes of "cells"; every time must lie on the grid."""
    train = result.spikes["cells"]
    steps = np.rint(train.times / dt).astype(int)
    np.testing.assert_allclose(train.times, steps * dt, rtol=1e-12, atol=1e-9)
    return steps, train.ids
