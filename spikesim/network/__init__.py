"""The description of a network: populations, connections, stimuli, probes."""

from .background import Background
from .network import Network
from .population import Population
from .projection import Projection
from .rules import (
    Rule,
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total,
    from_matrix,
    from_pairs,
    one_to_one,
)
from .selection import Selection
from .stimulus import DC, Noise, OrnsteinUhlenbeck, Sine, Steps, Stimulus, Waveform, WhiteNoise

__all__ = [
    "DC",
    "Background",
    "Network",
    "Noise",
    "OrnsteinUhlenbeck",
    "Population",
    "Projection",
    "Rule",
    "Selection",
    "Sine",
    "Steps",
    "Stimulus",
    "Waveform",
    "WhiteNoise",
    "all_to_all",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "fixed_total",
    "from_matrix",
    "from_pairs",
    "one_to_one",
]
