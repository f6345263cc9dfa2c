"""The description of a network: populations, connections, stimuli, probes."""

from .array_file import ArrayFile
from .background import Background
from .law import box, distance, distance_law, exponential, gaussian
from .network import Network
from .population import Population
from .positions import Positions, lattice, uniform_positions
from .projection import Projection
from .rules import (
    Rule,
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total,
    from_function,
    from_matrix,
    from_pairs,
    one_to_one,
)
from .selection import Selection
from .stimulus import DC, Noise, OrnsteinUhlenbeck, Sine, Steps, Stimulus, Waveform, WhiteNoise

__all__ = [
    "DC",
    "ArrayFile",
    "Background",
    "Network",
    "Noise",
    "OrnsteinUhlenbeck",
    "Population",
    "Positions",
    "Projection",
    "Rule",
    "Selection",
    "Sine",
    "Steps",
    "Stimulus",
    "Waveform",
    "WhiteNoise",
    "all_to_all",
    "box",
    "distance",
    "distance_law",
    "exponential",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "fixed_total",
    "from_function",
    "from_matrix",
    "from_pairs",
    "gaussian",
    "lattice",
    "one_to_one",
    "uniform_positions",
]
