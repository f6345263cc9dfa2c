"""Synapse values: how an arriving spike becomes input for a neuron."""

from __future__ import annotations

from .conductance import AMPA, GABA_A, NMDA, ConductanceAlpha, ConductanceExponential
from .contract import Synapse, synapses
from .delta import Delta
from .gamma import Alpha, Exponential, Gamma

__all__ = [
    "AMPA",
    "GABA_A",
    "NMDA",
    "Alpha",
    "ConductanceAlpha",
    "ConductanceExponential",
    "Delta",
    "Exponential",
    "Gamma",
    "Synapse",
    "synapses",
]
