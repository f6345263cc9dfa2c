"""A SONATA circuit, or the simulation of one, as a network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import FileFormatError, InvalidTypeError
from ...files import require_path, understanding
from ...keywords import named
from ...network.described import plain
from ...network.network import Network
from .circuit import Circuit
from .driven import SPIKES, Chosen, Simulation
from .foreign import Found, foreign_network
from .inputs import Entries
from .opened import Config
from .resolved import Neurons, Resolved
from .restore import network_value, restored

__all__ = ["from_sonata"]


@named
def from_sonata(path: Any, *, models: Mapping[str, Any] | None = None, seed: int | None = None) -> Network:
    """Return the network of a SONATA circuit or simulation.

    Parameters
    ----------
    path : path
        A ``circuit_config.json``, a ``simulation_config.json``, or a folder with one.  Of a circuit alone, virtual
        populations wait to be fed (:class:`SpikeInput`) and nothing drives it; one that :meth:`Network.to_sonata`
        wrote remembers what drove it.
    models : mapping, optional
        What templates mean that are not known here: ``models={"nest:my_model": model}``, or (model, excitatory
        synapse, inhibitory synapse), or a function that makes either of the parameters, a dict of numbers and arrays.
        Known are NEST's ``iaf_psc_{exp,alpha,delta}``, ``iaf_cond_{exp,alpha}``, ``aeif_*`` and ``izhikevich``.
    seed : int, optional
        Of the network; the circuit's own, or the simulation's ``random_seed``, unless given.

    Returns
    -------
    Network
        Of our own files: the network that was written, with the same spikes.  Of a simulation the spikes of all neurons
        are recorded, and what its reports ask for.

    Raises
    ------
    FileFormatError
        If a file is damaged, or names models, synapses or inputs that are not known; all of them are listed.
    InputFileError
        If it does not exist, or may not be read.

    Notes
    -----
    Weights are pA (iaf_psc, aeif_psc), nS (cond) or mV (delta, izhikevich), as NEST has them.  Where a population of
    nodes has several templates or synaptic time constants, it becomes several populations.

    Source: AllenInstitute/sonata, SONATA_DEVELOPER_GUIDE.md; openbraininstitute/sonata-extension.

    Examples
    --------
    >>> import tempfile
    >>> import spikesim as ss
    >>> net = ss.Network(seed=3)
    >>> cells = net.population("cells", 20, ss.LIF(I_e=400.0), v=ss.uniform(-70.0, -55.0))
    >>> _ = net.connect(cells, cells, ss.fixed_indegree(2), weight=20.0, delay=1.0, synapse=ss.Exponential(2.0))
    >>> net.record(cells, "spikes")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again = ss.from_sonata(net.to_sonata(f"{place}/circuit") / "simulation_config.json")
    >>> first, second = (n.run(100.0, progress=False).spikes["cells"] for n in (net, again))
    >>> bool((first.times == second.times).all())
    True
    """
    require_path("from_sonata", path)
    if models is not None and not isinstance(models, Mapping):
        raise InvalidTypeError(f"from_sonata: models: wanted a mapping of templates, got {type(models).__name__}")
    config = Config(_config(os.fspath(path)))
    with understanding(config.path, "SONATA"):
        return _network(config, models or {}, seed)


def _network(config: Config, models: Mapping[str, Any], seed: int | None) -> Network:
    if "networks" in config and "run" not in config:
        circuit, simulation = Circuit(config.path), None
    elif "run" in config or "network" in config:
        inside = "networks" in config and "network" not in config  # BMTK: both in one file
        network = config.get("network", "circuit_config.json")
        circuit = Circuit(config.path if inside else config.resolved(network, "network"))
        simulation = Simulation(config, circuit)
    else:
        raise config.error('is neither a circuit ("networks") nor a simulation ("run")')
    if circuit.description is not None:
        return _ours(circuit, simulation, seed)
    given = 0 if simulation is None else simulation.seed
    trains = {} if simulation is None else simulation.trains()
    found = foreign_network(circuit, models, given if seed is None else seed, trains)
    if simulation is not None:
        chosen, receptor = _of_groups(found)
        simulation.drive(found.net, chosen, receptor)
        simulation.record(found.net, chosen)
    return found.net


def _config(path: str) -> str:
    if not os.path.isdir(path):
        return path
    names = ("simulation_config.json", "circuit_config.json")
    for name in names:
        if os.path.isfile(os.path.join(path, name)):
            return os.path.join(path, name)
    raise FileFormatError(f"{path!r}: the folder has neither {' nor '.join(names)}")


def _of_groups(found: Found) -> tuple[Any, Any]:
    """From nodes to neurons, and from weights to synapses, of a circuit of anybody's."""
    groups = {group.name: group for several in found.groups.values() for group in several}

    def chosen(nodes: dict[str, np.ndarray]) -> list[Chosen]:
        rows = []
        for name, ids in nodes.items():
            for group in found.groups[name]:
                own = np.flatnonzero(np.isin(group.ids, ids))
                if own.size and not found.net[group.name].is_source:
                    rows.append(Chosen(group.name, own))
        return rows

    def receptor(population: str, weight: float) -> tuple[Any, float]:
        group = groups[population]
        synapse = group.excitatory if weight >= 0.0 else group.inhibitory
        return synapse, abs(weight) if group.conductance else weight

    return chosen, receptor


def _ours(circuit: Circuit, simulation: Simulation | None, seed: int | None) -> Network:
    """The network that was written; where its inputs were changed since, with those that there are now."""
    value = network_value(circuit, seed)
    net = restored(circuit, value)
    if simulation is None:
        return net
    dialect = "bmtk" if simulation.config.get("target_simulator") == "NEST" else "obi"
    resolved = Resolved(net, simulation.dt)
    written = Entries(resolved, dialect, simulation.duration).inputs
    if written == simulation.inputs:
        return net
    other = [k for k, entry in simulation.inputs.items() if entry.get("module") in SPIKES and written.get(k) != entry]
    for name, train in simulation.trains(other).items():
        if name in value["populations"]:
            value["populations"][name] = {**value["populations"][name], "model": plain(train)}
    for name, cell in resolved.cells.items():  # sources that send nothing any more
        if cell.source and name in written and name not in simulation.inputs:
            value["populations"][name] = {**value["populations"][name], "model": _silent(cell.size)}
    net = restored(circuit, {**value, "backgrounds": {}, "injections": {}})
    neurons = resolved.neurons

    def chosen(nodes: dict[str, np.ndarray]) -> list[Chosen]:
        return [Chosen(name, ids) for name, ids in nodes.items() if name in neurons and not neurons[name].cell.source]

    simulation.drive(net, chosen, lambda population, weight: _port(neurons[population], weight))
    return net


def _silent(size: int) -> Any:
    from ...neurons.sources import SpikeTimes

    return plain(SpikeTimes([[] for _ in range(size)]))


def _port(neurons: Neurons, weight: float) -> tuple[Any, float]:
    """The synapse of a population at which a weight of the file arrives, and that weight in its own unit."""
    for synapse, side in neurons.sides.items():
        factor = neurons.factor(synapse)
        fits = side == "both" or (side == "ex") == (weight >= 0.0)
        if fits:
            return synapse, weight / factor
    only = neurons.cell.ports
    return (only[0], weight) if len(only) == 1 else (None, weight)
