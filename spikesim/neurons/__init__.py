"""Neuron models: one file a model; `model` and `equation` declare your own."""

from __future__ import annotations

from .adex import AdEx
from .contract import Input, equation, is_model, model, models
from .correlated import Correlated, shared
from .eif import EIF
from .fitzhugh_nagumo import FitzHughNagumo
from .gif import GIF
from .glif import GLIF
from .hodgkin_huxley import HodgkinHuxley
from .izhikevich import Izhikevich
from .izhikevich_full import IzhikevichFull
from .lif import LIF
from .mat2 import MAT2
from .morris_lecar import MorrisLecar
from .nernst import nernst
from .packets import PulsePackets
from .qif import QIF
from .renewal import GammaTrain
from .sources import Poisson, SpikeInput, SpikeTimes, is_source
from .stochastic_lif import StochasticLIF
from .traub_miles import TraubMiles
from .variant import by_runge_kutta
from .wang_buzsaki import WangBuzsaki

__all__ = [
    "EIF",
    "GIF",
    "GLIF",
    "LIF",
    "MAT2",
    "QIF",
    "AdEx",
    "Correlated",
    "FitzHughNagumo",
    "GammaTrain",
    "HodgkinHuxley",
    "Input",
    "Izhikevich",
    "IzhikevichFull",
    "MorrisLecar",
    "Poisson",
    "PulsePackets",
    "SpikeInput",
    "SpikeTimes",
    "StochasticLIF",
    "TraubMiles",
    "WangBuzsaki",
    "by_runge_kutta",
    "equation",
    "is_model",
    "is_source",
    "model",
    "models",
    "nernst",
    "shared",
]
