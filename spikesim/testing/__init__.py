"""The contracts as public batteries: what a thing of one's own must do, run on it with one call."""

from .neuron import check_neuron
from .plasticity import check_plasticity
from .rule import check_rule
from .sink import check_sink
from .stimulus import check_stimulus

__all__ = ["check_neuron", "check_plasticity", "check_rule", "check_sink", "check_stimulus"]
