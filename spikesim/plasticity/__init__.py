"""What a synapse learns by itself: rules for `plasticity=` of a connection."""

from __future__ import annotations

from .contract import Plasticity
from .reward import RewardSTDP
from .stdp import STDP, TripletSTDP

__all__ = ["STDP", "Plasticity", "RewardSTDP", "TripletSTDP"]
