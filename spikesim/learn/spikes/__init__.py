"""Training networks of spiking neurons: surrogate gradients on the clock's grid, exact ones between events."""

from .encoders import DeltaCode, Latency, PoissonCode, Population, Regular
from .estimators import SpikingClassifier, SpikingRegressor
from .exact import ExactGradients, gradients
from .losses import FirstSpikeLoss, RatePenalty
from .network import NetworkRun, from_network, run_network
from .readout import Readout
from .recording import Recording
from .spike_batch import SpikeBatch
from .spiking import Spiking

__all__ = [
    "DeltaCode",
    "ExactGradients",
    "FirstSpikeLoss",
    "Latency",
    "NetworkRun",
    "PoissonCode",
    "Population",
    "RatePenalty",
    "Readout",
    "Recording",
    "Regular",
    "SpikeBatch",
    "Spiking",
    "SpikingClassifier",
    "SpikingRegressor",
    "from_network",
    "gradients",
    "run_network",
]
