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

from typing import TYPE_CHECKING, Any

from . import units
from .errors import SpikesimError, SpikesimWarning, UnitWarning
from .network import (
    DC,
    ArrayFile,
    Network,
    Noise,
    OrnsteinUhlenbeck,
    Population,
    Positions,
    Selection,
    Sine,
    Steps,
    Waveform,
    WhiteNoise,
    all_to_all,
    box,
    distance,
    distance_law,
    exponential,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total,
    from_function,
    from_matrix,
    from_pairs,
    gaussian,
    lattice,
    one_to_one,
    uniform_positions,
)
from .neurons import (
    EIF,
    GIF,
    GLIF,
    LIF,
    MAT2,
    QIF,
    AdEx,
    Correlated,
    FitzHughNagumo,
    GammaTrain,
    HodgkinHuxley,
    Izhikevich,
    IzhikevichFull,
    MorrisLecar,
    Poisson,
    PulsePackets,
    SpikeInput,
    SpikeTimes,
    StochasticLIF,
    TraubMiles,
    WangBuzsaki,
    equation,
    model,
    nernst,
    shared,
)
from .plasticity import (
    BCM,
    STDP,
    Clopath2010,
    HomeostaticScaling,
    PresynapticSTDP,
    RestrictedSTDP,
    RewardSTDP,
    TripletSTDP,
    Vogels2011,
)
from .random import lognormal, normal, uniform
from .report import report
from .synapses import (
    AMPA,
    GABA_A,
    NMDA,
    Alpha,
    ConductanceAlpha,
    ConductanceExponential,
    Delta,
    DoubleExponential,
    Exponential,
    Gamma,
    Input,
    MgNMDA,
    NMDASaturating,
    QuantalRelease,
    StochasticRelease,
    TsodyksMarkram,
    release,
    synapse,
)
from .trains import SpikeTrains, Traces

if TYPE_CHECKING:
    from . import analysis, learn, plot, published, runs, testing
    from .analysis.compare import compare
    from .engine.simulation import Simulation
    from .formats.nir import from_nir, to_nir
    from .formats.sonata.read import from_sonata
    from .record.reading import load
    from .record.result import Result
    from .runs.sweep import sweep
    from .runs.worlds import worlds

#: Loaded when first used: they need SciPy, h5py or matplotlib, which take longer to load than the rest.
_LATER = {
    "Result": "record.result",
    "Simulation": "engine.simulation",
    "analysis": None,
    "compare": "analysis",
    "from_nir": "formats",
    "from_sonata": "formats",
    "learn": None,
    "load": "record.reading",
    "plot": None,
    "published": None,
    "testing": None,
    "runs": None,
    "sweep": "runs",
    "to_nir": "formats",
    "worlds": "runs",
}


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _LATER:
        raise AttributeError(f"module 'spikesim' has no attribute {name!r}")
    room = _LATER[name]
    value = import_module(f".{name}", __name__) if room is None else getattr(import_module(f".{room}", __name__), name)
    globals()[name] = value
    return value


__version__ = "0.1.0"

__all__ = [
    "AMPA",
    "BCM",
    "DC",
    "EIF",
    "GABA_A",
    "GIF",
    "GLIF",
    "LIF",
    "MAT2",
    "NMDA",
    "QIF",
    "STDP",
    "AdEx",
    "Alpha",
    "ArrayFile",
    "Clopath2010",
    "ConductanceAlpha",
    "ConductanceExponential",
    "Correlated",
    "Delta",
    "DoubleExponential",
    "Exponential",
    "FitzHughNagumo",
    "Gamma",
    "GammaTrain",
    "HodgkinHuxley",
    "HomeostaticScaling",
    "Input",
    "Izhikevich",
    "IzhikevichFull",
    "MgNMDA",
    "MorrisLecar",
    "NMDASaturating",
    "Network",
    "Noise",
    "OrnsteinUhlenbeck",
    "Poisson",
    "Population",
    "Positions",
    "PresynapticSTDP",
    "PulsePackets",
    "QuantalRelease",
    "RestrictedSTDP",
    "Result",
    "RewardSTDP",
    "Selection",
    "Simulation",
    "Sine",
    "SpikeInput",
    "SpikeTimes",
    "SpikeTrains",
    "SpikesimError",
    "SpikesimWarning",
    "Steps",
    "StochasticLIF",
    "StochasticRelease",
    "Traces",
    "TraubMiles",
    "TripletSTDP",
    "TsodyksMarkram",
    "UnitWarning",
    "Vogels2011",
    "WangBuzsaki",
    "Waveform",
    "WhiteNoise",
    "all_to_all",
    "analysis",
    "box",
    "compare",
    "distance",
    "distance_law",
    "equation",
    "exponential",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "fixed_total",
    "from_function",
    "from_matrix",
    "from_nir",
    "from_pairs",
    "from_sonata",
    "gaussian",
    "lattice",
    "learn",
    "load",
    "lognormal",
    "model",
    "nernst",
    "normal",
    "one_to_one",
    "plot",
    "published",
    "release",
    "report",
    "runs",
    "shared",
    "sweep",
    "synapse",
    "testing",
    "to_nir",
    "uniform",
    "uniform_positions",
    "units",
    "worlds",
]
