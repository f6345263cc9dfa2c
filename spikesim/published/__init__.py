"""Networks of the literature, each a function that returns an :class:`spikesim.Network` ready to run.

They are described through the public surface and nothing else, so their files are examples too.
"""

from .brunel import REGIMES, Regime, brunel
from .comparison import Reference, table
from .competition import AdaptiveThreshold, Competition, names_of, votes
from .connectome import Connectome, connectome
from .fly_brain import FlyNeuron, fly_brain
from .microcircuit import MICROCIRCUIT_REFERENCES, POPULATIONS, SCALED_REFERENCE, microcircuit
from .synthetic import synthetic_connectome
from .vogels_abbott import COBA_REFERENCE, COBAHH_REFERENCE, CUBA_REFERENCE, coba, cobahh, cuba

__all__ = [
    "COBAHH_REFERENCE",
    "COBA_REFERENCE",
    "CUBA_REFERENCE",
    "MICROCIRCUIT_REFERENCES",
    "POPULATIONS",
    "REGIMES",
    "SCALED_REFERENCE",
    "AdaptiveThreshold",
    "Competition",
    "Connectome",
    "FlyNeuron",
    "Reference",
    "Regime",
    "brunel",
    "coba",
    "cobahh",
    "connectome",
    "cuba",
    "fly_brain",
    "microcircuit",
    "names_of",
    "synthetic_connectome",
    "table",
    "votes",
]
