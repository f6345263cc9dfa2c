"""A network as a graph of NIR.

==================================== =================================================================================
a source                             Input
LIF                                  LIF, and with V_th = inf LI: v_leak = E_L + R I_e, r = R = tau_m / C_m (GOhm)
LIF with one Exponential             CubaLIF, CubaLI: w_in, so that weights keep their numbers
LIF with several currents            an LI a synapse before it; n + 1 in a row for Gamma(n) and Alpha
Integrator                           IF, I
a projection                         Linear, and before it a Delay; several side by side where delays differ
what is recorded (or all)            Output
==================================== =================================================================================

Times are s; potentials and currents keep their numbers (mV, pA).  Where neurons start stands in their metadata.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, OutputFileError, warn
from ...files import require_path
from ...keywords import named
from ...machine import require_memory
from ...network.network import Network
from ...network.probe import recorded_spikes, recorded_traces
from ...network.stimulus import DC
from ...neurons.lif import LIF
from ...optional import required
from ...synapses.delta import Delta
from ..sonata.resolved import Resolved
from .integrator import Integrator

__all__ = ["to_nir"]

S = 1e-3  # s in a ms
MOST = 200  # delays of one projection


@named
def to_nir(net: Any, path: Any, *, allow_loss: bool = False, overwrite: bool = False) -> str:
    """Write a network, or a trained model, as a NIR file.

    Parameters
    ----------
    net : Network or Module
        A model is turned into its network first (``model.to_network()``).
    path : path
        The file.
    allow_loss : bool
        Whether to go on, with a warning, without what NIR cannot express: refractory times, backgrounds, currents that
        change, plasticity, release.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    str
        The path.

    Raises
    ------
    InvalidValueError
        If the network has what NIR cannot express; all of it is listed.
    OutputFileError
        If the file exists already, or cannot be written.
    MissingPackageError
        If nir is not installed (``pip install "spikesim[nir]"``).

    Notes
    -----
    All arrays have the shape of their layer.  Times are in s; potentials and currents keep their numbers, so that a
    normalised neuron has the threshold 1.  A spike is a Dirac pulse, and a weight of :class:`Delta` (mV) becomes
    ``weight * tau / r``.  Sources become inputs: what they send is data.

    Source: Pedersen et al. 2024, Nat. Commun. 15:8122.

    Examples
    --------
    >>> import tempfile
    >>> from importlib.util import find_spec
    >>> import spikesim as ss
    >>> net = ss.Network()
    >>> cells = net.population("cells", 3, ss.LIF(t_ref=0.0))
    >>> if find_spec("nir"):  # pip install "spikesim[nir]"
    ...     with tempfile.TemporaryDirectory() as place:
    ...         path = ss.to_nir(net, f"{place}/net.nir")
    """
    require_path("to_nir", path)
    if not isinstance(net, Network):
        net = _network_of(net)
    nir, name = required("nir", "to_nir"), str(os.fspath(path))
    if os.path.lexists(name) and not overwrite:
        raise OutputFileError(f"to_nir: {name!r} exists already; give another name, or overwrite=True")
    graph = _Writer(net, nir, allow_loss).graph()
    try:
        nir.write(name, graph)
    except OSError as error:
        raise OutputFileError(f"to_nir: {name!r} cannot be written: {error.strerror or error}") from error
    return name


def _network_of(model: Any) -> Network:
    """The network of a model that learns."""
    from ...learn.convert.network import to_network
    from ...learn.layers.module import Module

    if isinstance(model, Module) or hasattr(model, "predict"):
        return to_network(model)
    raise InvalidTypeError(f"to_nir: wanted a Network or a model, got {type(model).__name__} {model!r:.60}")


class _Writer:
    """One network."""

    def __init__(self, net: Network, nir: Any, allow_loss: bool) -> None:
        self.net, self.nir = net, nir
        self.resolved = Resolved(net, 0.1)
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, str]] = []
        self.impossible, self.lost = [], []  # type: ignore[var-annotated]
        self._examine()
        if self.impossible or (self.lost and not allow_loss):
            hint = "; allow_loss=True goes on without" if not self.impossible else ""
            raise InvalidValueError(f"to_nir: NIR cannot express {'; '.join(self.impossible + self.lost)}{hint}")
        if self.lost:
            warn(f"to_nir: left out, as NIR cannot express it: {'; '.join(self.lost)}")

    def _examine(self) -> None:
        """List what NIR does not have."""
        for name, cell in self.resolved.cells.items():
            if cell.source:
                continue
            if type(cell.model) not in (LIF, Integrator):
                self.impossible.append(f"population {name!r}: {type(cell.model).__name__}")
            elif np.any(np.asarray(cell.parameters.get("t_ref", 0.0)) > 0.0):
                self.lost.append(f"population {name!r}: t_ref")
        for p in self.net.projections:
            if p.synapse.E_rev is not None or p.synapse.to is not None or not self._known(p.synapse):
                self.impossible.append(f"projection {p.name!r}: {p.synapse!r}")
            elif isinstance(p.synapse, Delta) and p.synapse.refractory_input:
                self.lost.append(f"projection {p.name!r}: refractory_input")
            self.lost += [f"projection {p.name!r}: {x!r}" for x in (p.plasticity, p.release) if x is not None]
        self.lost += [f"background {b.name!r}" for b in self.net.backgrounds]
        for i in self.net.injections:
            if not self._constant(i):
                self.lost.append(f"inject {i.name!r}: {type(i.stimulus).__name__}")

    @staticmethod
    def _known(synapse: Any) -> bool:
        return isinstance(synapse, Delta) or (hasattr(synapse, "n") and hasattr(synapse, "normalize"))

    @staticmethod
    def _constant(i: Any) -> bool:
        """Whether a current is always on: then it is part of the leak."""
        s = i.stimulus
        return isinstance(s, DC) and s.start == 0.0 and math.isinf(s.stop) and i.into is None

    def graph(self) -> Any:
        """Return the graph."""
        entry = {name: self._population(name) for name in self.resolved.cells}
        for p in self.net.projections:
            self._projection(p, entry)
        recorded = {*recorded_spikes(self.net), *(p.name for p, *_ in recorded_traces(self.net))}
        for name, cell in self.resolved.cells.items():
            if not cell.source and (name in recorded or not recorded):
                self._add(f"{name} output", self.nir.Output(output_type={"output": np.array([cell.size])}), name)
        return self.nir.NIRGraph(nodes=self.nodes, edges=self.edges)

    def _add(self, name: str, node: Any, after: str | None = None) -> str:
        while name in self.nodes:
            name += "_"
        self.nodes[name] = node
        if after is not None:
            self.edges.append((after, name))
        return name

    def _population(self, name: str) -> dict[Any, tuple[str, Any]]:
        """Write the neurons of a population; return for each synapse where it arrives, and what weights become."""
        cell, nir = self.resolved.cells[name], self.nir
        n = cell.size
        if cell.source:
            self._add(name, nir.Input(input_type={"input": np.array([n])}))
            return {}

        def of(key: str) -> np.ndarray:
            return np.array(np.broadcast_to(np.asarray(cell.parameters[key], np.float64), (n,)))

        constant = of("I_e") + self._always(cell)
        leaky, fires = type(cell.model) is LIF, bool(np.all(np.isfinite(of("V_th"))))
        spikes = {"v_threshold": of("V_th"), "v_reset": of("V_reset")} if fires else {}
        meta = {"metadata": {"v": np.array(cell.initial[0])}}
        ports: list[Any] = [port for port in cell.ports if not isinstance(port, Delta)]
        if not leaky:
            if constant.any():
                raise InvalidValueError(f"to_nir: population {name!r}: a neuron of NIR without a leak has no I_e")
            kind, r, jump = (nir.IF if fires else nir.I), of("gain") / S, 1.0 / (of("gain") / S)
            self._add(name, kind(r=r, **spikes, **meta))
        else:
            tau, r = S * of("tau_m"), of("tau_m") / of("C_m")
            leak, jump = of("E_L") + r * constant, tau / r
            if len(cell.ports) == 1 and len(ports) == 1 and ports[0].n == 0:
                port = ports[0]
                tau_syn = np.full(n, S * port.tau)
                given = {"tau_mem": tau, "tau_syn": tau_syn, "r": r, "v_leak": leak, "w_in": port.gain * tau_syn}
                self._add(name, (nir.CubaLIF if fires else nir.CubaLI)(**given, **spikes, **meta))
                return {port: (name, np.ones(n))}
            self._add(name, (nir.LIF if fires else nir.LI)(tau=tau, r=r, v_leak=leak, **spikes, **meta))
        found: dict[Any, tuple[str, Any]] = {port: (name, jump) for port in cell.ports if isinstance(port, Delta)}
        for port in ports:
            found[port] = self._filter(name, port, n), np.ones(n)
        return found

    def _filter(self, name: str, port: Any, n: int) -> str:
        """Write the leaky integrators that a current synapse is; return the first."""
        tau, after = np.full(n, S * port.tau), name
        for k in range(port.n, -1, -1):
            r = (S * port.tau if k == 0 else 1.0) * (port.gain if k == port.n else 1.0)
            stage = self._add(f"{name} {port.label} {k}", self.nir.LI(tau=tau, r=np.full(n, r), v_leak=np.zeros(n)))
            self.edges.append((stage, after))
            after = stage
        return after

    def _always(self, cell: Any) -> np.ndarray:
        """The currents (pA) that are always on."""
        total = np.zeros(cell.size)
        for i in self.net.injections:
            if isinstance(i.stimulus, DC) and self._constant(i):
                amplitudes, at = np.broadcast_to(np.asarray(i.stimulus.amplitude), (i.target.size,)), 0
                for population, ids in i.target.parts:
                    if population.name == cell.name:
                        total[ids] += amplitudes[at : at + ids.size]
                    at += ids.size
        return total

    def _projection(self, p: Any, entry: dict[str, dict[Any, tuple[str, Any]]]) -> None:
        """Write a projection: for each pair of populations and each delay a Delay and a Linear."""
        wiring = self.resolved.wiring(p)
        found: dict[tuple[str, str, float], list[Any]] = {}
        for block in self.resolved.blocks(p, wiring):
            for delay in np.unique(block.delay):
                own = block.delay == delay
                lists = found.setdefault((block.pre, block.post, float(delay)), [])
                lists.append((block.target[own], block.source[own], block.weight[own]))
        if len(found) > MOST:
            raise InvalidValueError(
                f"to_nir: projection {p.name!r}: {len(found)} different delays; NIR has one a neuron: at most {MOST} "
                "are written, side by side"
            )
        sizes: dict[str, int] = {name: cell.size for name, cell in self.resolved.cells.items()}
        require_memory({f"matrices of {p.name}": 8.0 * float(sum([sizes[a] * sizes[b] for a, b, _ in found]))})
        for k, ((pre, post, delay), lists) in enumerate(sorted(found.items())):
            where, scale = entry[post][p.synapse]
            W = np.zeros((sizes[post], sizes[pre]))
            for target, source, weight in lists:
                np.add.at(W, (target, source), weight)
            title = p.name if len(found) == 1 else f"{p.name} {k}"
            before = self._add(f"{title} delay", self.nir.Delay(delay=np.full(sizes[pre], S * delay)), pre)
            linear = self._add(title, self.nir.Linear(weight=W * scale[:, None]), before)
            self.edges.append((linear, where))
