"""The contracts as public batteries: what a thing of one's own must do, run on it with one call."""

from .neuron import check_neuron
from .plasticity import check_plasticity
from .release import check_release
from .rule import check_rule
from .sink import check_sink
from .stimulus import check_stimulus
from .synapse import check_synapse

__all__ = [
    "check_neuron",
    "check_plasticity",
    "check_release",
    "check_rule",
    "check_sink",
    "check_stimulus",
    "check_synapse",
]
