"""A back end of PyNN: ``import spikesim.pynn as sim`` in place of ``import pyNN.nest as sim``.

PyNN (Davison et al. 2009, Front. Neuroinform. 2:11) describes a network once for several simulators.  Here a script's
populations, projections, electrodes and recordings are kept as they were given, in PyNN's units (ms, mV, nA, uS, nF);
the first `run` makes a :class:`spikesim.Network` of them and runs it as a :class:`spikesim.Simulation`:

============== ======================================================================================================
cells          which neuron and which synapses a cell type is made of
point_neuron   cells put together from a neuron and receptors
synapses       which release and which plasticity a synapse type is made of
electrodes     currents
populations    Population, PopulationView, Assembly: parameters and initial values
connectors     what differs from PyNN's own
projections    Projection: the connections as columns
building       the network that all this is
simulator      the one network that PyNN has at a time, and its run
recording      samples and spikes, for Neo
control        setup, run, reset, end
============== ======================================================================================================

PyNN itself (CeCILL licence) is an optional package, imported here and nowhere else; once this module is imported,
``pyNN.utility.get_simulator("spikesim")`` finds it as ``pyNN.spikesim``.
"""

import sys

from ..optional import required

required("pyNN.common", "spikesim.pynn")

# ruff: noqa: E402, F401, F403
from pyNN import errors, random, space
from pyNN.connectors import *
from pyNN.network import Network
from pyNN.random import GSLRNG, NumpyRNG, RandomDistribution
from pyNN.space import Space
from pyNN.standardmodels import StandardCellType

from .cells import *
from .connectors import *
from .control import (
    connect,
    create,
    end,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    initialize,
    num_processes,
    rank,
    record,
    record_gsyn,
    record_v,
    reset,
    run,
    run_for,
    run_until,
    set,
    setup,
)
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .point_neuron import *
from .populations import Assembly, Population, PopulationView
from .projections import Projection
from .sources import *
from .synapses import *


def list_standard_models() -> list[str]:
    """Return the names of the cell types that there are."""
    return sorted(
        name
        for name, value in globals().items()
        if isinstance(value, type) and issubclass(value, StandardCellType) and value is not StandardCellType
    )


sys.modules.setdefault("pyNN.spikesim", sys.modules[__name__])
