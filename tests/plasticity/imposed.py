"""Networks in which both sides of every plastic synapse fire when they are told to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import spikesim as ss

DT = 0.1


def imposed(
    pre: Sequence[Any],
    post: Sequence[Any],
    rule: ss.plasticity.Plasticity,
    *,
    weight: object = 0.5,
    delay: object = 2.0,
    connect: object = None,
    synapse: object = None,
    jumps: float = 1000.0,
    dendritic_delay: float = 0.0,
) -> ss.Network:
    """Sources fire at the steps `pre`; neurons at the steps `post` (>= 2), kicked by a jump of v that nothing beats."""
    net = ss.Network(seed=5)
    sources = net.population("pre", len(pre), ss.SpikeTimes([np.multiply(t, DT).tolist() for t in pre]))
    early = [np.multiply(np.subtract(t, 1), DT).tolist() for t in post]
    kicks = net.population("kicks", len(post), ss.SpikeTimes(early))
    cells = net.population("post", len(post), ss.LIF(t_ref=0.0))
    net.connect(kicks, cells, ss.one_to_one(), weight=jumps, delay=DT, synapse=ss.Delta(), name="kicks")
    net.connect(
        sources, cells, connect or ss.all_to_all(), weight=weight, delay=delay,
        synapse=synapse or ss.Exponential(tau=2.0), plasticity=rule, name="plastic",
        dendritic_delay=dendritic_delay,
    )  # fmt: skip
    net.record(cells, "spikes")
    net.record(cells, "I_syn")
    return net


def steps_of(result: ss.Result, name: str = "post") -> list[list[int]]:
    """Steps of the spikes of every neuron."""
    trains = result.spikes[name]
    return [np.rint(trains.times[trains.ids == i] / DT).astype(int).tolist() for i in range(trains.size)]
