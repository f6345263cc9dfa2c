"""Networks over models, synapses, sources, stimuli and plasticity, and on which engines each is run."""

from __future__ import annotations

import functools
from collections.abc import Callable

import spikesim as ss

from . import drives, learning, neurons

__all__ = ["CASES", "NETWORKS"]

BOTH, CLOCK = ("clock", "event"), ("clock",)
NETWORKS: dict[str, tuple[Callable[[], ss.Network], tuple[str, ...]]] = {
    "LIF exponential": (neurons.lif_exponential, BOTH),
    "LIF delta": (neurons.lif_delta, BOTH),
    "LIF delta kept": (neurons.lif_kept_delta, BOTH),
    "LIF alpha gamma": (neurons.lif_alpha_gamma, BOTH),
    "LIF conductance": (neurons.lif_conductance, BOTH),
    "LIF drawn": (neurons.lif_drawn, BOTH),
    "Hodgkin-Huxley": (neurons.hodgkin_huxley, BOTH),
    "Traub-Miles": (neurons.traub_miles, CLOCK),
    "AdEx": (neurons.adex, CLOCK),
    "Izhikevich": (neurons.izhikevich, BOTH),
    "sources": (drives.sources, BOTH),
    "stimuli": (drives.stimuli, BOTH),
    "STDP": (learning.stdp, BOTH),
    "STDP soft": (learning.stdp_soft, BOTH),
    "STDP normalised": (learning.stdp_normalised, BOTH),
    "triplets": (learning.triplets, BOTH),
    "reward": (learning.reward, BOTH),
    "noise": (drives.noise, CLOCK),
    "releases": (learning.releases, BOTH),
    "released": (functools.partial(learning.releases, learns=False), BOTH),
    "Vogels": (learning.vogels, BOTH),
    "Clopath": (learning.clopath, CLOCK),
    "nearest neighbours": (learning.nearest, BOTH),
    "dendritic delay": (learning.dendritic, CLOCK),
    "told late": (learning.told_late, BOTH),
    "one by one": (learning.one_by_one, BOTH),
    "gap junctions": (neurons.gap_junctions, CLOCK),
    "equations": (neurons.equations, BOTH),
    "Brunel": (drives.brunel, BOTH),
    "microcircuit": (drives.microcircuit, CLOCK),
    "layer": (drives.layer, BOTH),
    "fly": (neurons.fly, BOTH),
    "moves": (neurons.moves, BOTH),
    "chance": (neurons.chance, BOTH),
    "inputs": (neurons.inputs, BOTH),
    "trains": (drives.trains, BOTH),
}
CASES = [(name, engine) for name, (_, engines) in NETWORKS.items() for engine in engines]
