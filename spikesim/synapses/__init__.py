"""Synapse values: how an arriving spike becomes input for a neuron."""

from __future__ import annotations

from ..neurons.contract import Input, equation
from .conductance import AMPA, GABA_A, NMDA, ConductanceAlpha, ConductanceExponential
from .contract import Synapse, synapses
from .delta import Delta
from .double_exponential import DoubleExponential
from .equations import synapse
from .gamma import Alpha, Exponential, Gamma
from .nmda import MgNMDA, NMDASaturating
from .quantal import QuantalRelease, StochasticRelease
from .release import is_release, release, releases
from .tsodyks_markram import TsodyksMarkram

__all__ = [
    "AMPA",
    "GABA_A",
    "NMDA",
    "Alpha",
    "ConductanceAlpha",
    "ConductanceExponential",
    "Delta",
    "DoubleExponential",
    "Exponential",
    "Gamma",
    "Input",
    "MgNMDA",
    "NMDASaturating",
    "QuantalRelease",
    "StochasticRelease",
    "Synapse",
    "TsodyksMarkram",
    "equation",
    "is_release",
    "release",
    "releases",
    "synapse",
    "synapses",
]
