"""Neuron models: one file a model; `model` and `equation` declare your own."""

from __future__ import annotations

from .adex import AdEx
from .contract import Input, equation, is_model, model, models
from .hodgkin_huxley import HodgkinHuxley
from .izhikevich import Izhikevich
from .lif import LIF
from .eif import EIF
from .fitzhugh_nagumo import FitzHughNagumo
from .gif import GIF
from .glif import GLIF
from .izhikevich_full import IzhikevichFull
from .mat2 import MAT2
from .morris_lecar import MorrisLecar
from .qif import QIF
from .stochastic_lif import StochasticLIF
from .wang_buzsaki import WangBuzsaki
from .nernst import nernst
from .sources import Poisson, SpikeInput, SpikeTimes, is_source
from .traub_miles import TraubMiles
from .variant import by_runge_kutta

__all__ = [
    "WangBuzsaki",
    "StochasticLIF",
    "QIF",
    "MorrisLecar",
    "MAT2",
    "IzhikevichFull",
    "GLIF",
    "GIF",
    "FitzHughNagumo",
    "EIF",
    "LIF",
    "AdEx",
    "HodgkinHuxley",
    "Input",
    "Izhikevich",
    "Poisson",
    "SpikeInput",
    "SpikeTimes",
    "TraubMiles",
    "by_runge_kutta",
    "equation",
    "is_model",
    "is_source",
    "model",
    "models",
    "nernst",
]
