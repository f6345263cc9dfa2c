"""Neuron models: one file a model; `model` and `equation` declare your own."""

from __future__ import annotations

from .contract import Input, equation, is_model, model, models
from .lif import LIF
from .sources import Poisson, SpikeTimes, is_source

__all__ = ["LIF", "Input", "Poisson", "SpikeTimes", "equation", "is_model", "is_source", "model", "models"]
