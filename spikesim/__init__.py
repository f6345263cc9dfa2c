"""spikesim: networks of spiking neurons, simulated and trained at the speed the machine allows.

Describe a network, run it, look:

>>> import spikesim as ss
>>> net = ss.Network(seed=1)
>>> cells = net.population("cells", 100, ss.LIF(I_e=500.0))
>>> net.record(cells, "spikes")
>>> result = net.run(100.0, progress=False)
>>> result.spikes["cells"].count() > 0
True
"""

from . import units
from .network import (
    DC,
    Network,
    Noise,
    Population,
    Selection,
    Sine,
    Steps,
    Waveform,
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total,
    from_matrix,
    from_pairs,
    one_to_one,
)
from .neurons import LIF, AdEx, HodgkinHuxley, Izhikevich, Poisson, SpikeTimes, TraubMiles, equation, model, nernst
from .synapses import AMPA, NMDA, Alpha, ConductanceAlpha, ConductanceExponential, Delta, Exponential, GABA_A, Gamma
from .random import lognormal, normal, uniform
from .engine.simulation import Simulation
from .record import load
from .record.result import Result
from .trains import SpikeTrains, Traces
from .analysis import compare
from . import analysis, plot
from .errors import SpikesimError, SpikesimWarning, UnitWarning

__version__ = "0.1.0"

__all__ = [
    "AMPA",
    "DC",
    "LIF",
    "NMDA",
    "AdEx",
    "Alpha",
    "ConductanceAlpha",
    "ConductanceExponential",
    "Delta",
    "Exponential",
    "GABA_A",
    "Gamma",
    "HodgkinHuxley",
    "Izhikevich",
    "Network",
    "Noise",
    "Poisson",
    "Population",
    "Result",
    "Selection",
    "Simulation",
    "Sine",
    "SpikeTimes",
    "SpikeTrains",
    "SpikesimError",
    "SpikesimWarning",
    "Steps",
    "Traces",
    "TraubMiles",
    "UnitWarning",
    "Waveform",
    "all_to_all",
    "analysis",
    "compare",
    "equation",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "fixed_total",
    "from_matrix",
    "from_pairs",
    "load",
    "lognormal",
    "model",
    "nernst",
    "normal",
    "one_to_one",
    "plot",
    "uniform",
    "units",
]
