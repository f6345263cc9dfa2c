"""Neuron models: one file a model; `model` and `equation` declare your own."""

from __future__ import annotations

from .adex import AdEx
from .contract import Input, equation, is_model, model, models
from .hodgkin_huxley import HodgkinHuxley
from .izhikevich import Izhikevich
from .lif import LIF
from .nernst import nernst
from .sources import Poisson, SpikeInput, SpikeTimes, is_source
from .traub_miles import TraubMiles
from .variant import by_runge_kutta

__all__ = [
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
