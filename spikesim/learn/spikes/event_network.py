"""A model of exact layers as a network of the simulator: the same neurons, weights and delays, for the event engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...network import DC, Network
from ...neurons.sources import SpikeTimes
from ..layers.module import Module, Sequential
from .event_batch import EventBatch, TimeCode
from .event_layers import ExactLayer, ExactReadout
from .network import join

__all__ = ["event_network", "is_exact"]


def is_exact(model: Any) -> bool:
    """Whether a model has layers of exact gradients."""
    return isinstance(model, Module) and any(isinstance(m, ExactLayer) for m in model.modules())


def event_network(model: Any, x: Any = None, *, seed: int = 0) -> Network:
    """Return the network of a model of TimeCode and exact layers; see :func:`spikesim.learn.to_network`."""
    layers = list(model) if isinstance(model, Sequential) else [model]
    code = layers.pop(0) if isinstance(layers[0], TimeCode) else None
    exact = [layer for layer in layers if isinstance(layer, ExactLayer)]
    for layer in layers:
        if not isinstance(layer, ExactLayer):
            raise InvalidTypeError(
                f"to_network: layer of {type(layer).__name__}, wanted a TimeCode or none, then ExactSpiking layers, and"
                " an ExactReadout at the end or none"
            )
    first = exact[0]
    if x is None:
        batch = EventBatch([], [], [0, 0], first.n_in, 1.0)
    else:
        batch = x if code is None else code(x)
        if not isinstance(batch, EventBatch) or batch.n != first.n_in:
            raise InvalidValueError(
                f"to_network: x of {type(x).__name__}, wanted {'values of a TimeCode' if code else 'an EventBatch'} of"
                f" {first.n_in} sources"
            )
    net = Network(seed=seed)
    copies = len(batch)
    source = net.population(
        "input", copies * first.n_in, SpikeTimes([train for k in range(copies) for train in batch.trains(k)])
    )
    for k, layer in enumerate(exact):
        name = "readout" if isinstance(layer, ExactReadout) else f"layer {k + 1}"
        values: Any = {f: np.tile(v, copies) for f in layer.neuron._fields if np.ndim(v := getattr(layer.neuron, f))}
        neurons = net.population(name, copies * layer.n, layer.neuron._replace(**values))
        if layer.bias is not None:
            net.inject(neurons, DC(np.tile(layer.biases(), copies)), name=f"bias of {name}")
        join(net, source, neurons, layer.weights(), np.array([layer.delay]), layer.synapse, copies)
        source = neurons
    return net
