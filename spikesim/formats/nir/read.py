"""A graph of NIR as a network.

Nodes with a state become populations, in between everything is linear and becomes the weights of projections: what
leads from one population to another is a sum of products of matrices, each with its delay.  A leaky integrator between
them is a filter, and with the others on its way a synapse; at the end of the graph it is a population that never fires.

============= ==========================================================================================
LIF           tau dv/dt = v_leak - v + r I          LIF(tau_m = tau, C_m = tau_m / r, E_L = v_leak)
CubaLIF       the same, I' = (-I + w_in S) / tau_syn: with Exponential(tau_syn)
IF            dv/dt = r I                           Integrator(gain = r)
LI, CubaLI, I the same without a threshold
============= ==========================================================================================

Times are s in NIR and ms here; potentials and currents keep their numbers (mV, pA, and r in GOhm).  A spike is a Dirac
pulse, so one through a weight w into a LIF moves v by r w / tau.  There is no refractory time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...errors import FileFormatError, warn
from ...files import require_path, require_readable, understanding
from ...keywords import named
from ...network import checked
from ...network.network import Network
from ...network.rule_lists import from_matrix
from ...neurons.lif import LIF
from ...neurons.sources import SpikeInput
from ...optional import required
from ...synapses.delta import Delta
from ...synapses.gamma import Exponential, Gamma
from .integrator import Integrator
from .linear import LINEAR, matrix_of

__all__ = ["from_nir"]

MS = 1e3  # ms in a s
NEURONS = ("LIF", "CubaLIF", "IF", "LI", "CubaLI", "I")
FILTERS = ("LI",)
SILENT = ("LI", "CubaLI", "I")


class Term(NamedTuple):
    """What reaches a node from one population: filtered, delayed, weighted."""

    source: str
    delay: float  #: ms
    taus: tuple[float, ...]  #: time constants (s) of the filters on the way
    matrix: Any


class Arriving(NamedTuple):
    """All that reaches a node, and what is constant in it."""

    terms: list[Term]
    bias: np.ndarray
    shape: tuple[int, ...]


@named
def from_nir(path: Any, *, delay: float = 0.1, allow_loss: bool = False, as_model: bool = False) -> Any:
    """Return the network of a NIR file.

    Parameters
    ----------
    path : path
        A file that :func:`nir.write` wrote.
    delay : float
        Delay (ms) of connections without a Delay node: in NIR they take no time.
    allow_loss : bool
        Whether to go on, with a warning, where something cannot be expressed exactly.
    as_model : bool
        Return a model that can be trained (:func:`spikesim.learn.from_network`) where the network is a row of layers.

    Returns
    -------
    Network or Sequential
        A population for each node with a state, under its name; an Input is a population of :class:`SpikeInput`.  What
        leads to an Output is recorded: spikes, or v of neurons without a threshold.  A constant of an Affine is the
        targets' I_e.

    Raises
    ------
    InvalidValueError
        If the graph has what cannot be expressed; all of it is listed.
    FileFormatError
        If the file is damaged, or shapes do not fit.
    MissingPackageError
        If nir is not installed (``pip install "spikesim[nir]"``).

    Notes
    -----
    Neurons start at v_leak, or, where that is above threshold, at v_reset.  Times are in s in the file; potentials and
    currents keep their numbers.

    Source: Pedersen et al. 2024, Nat. Commun. 15:8122.

    Examples
    --------
    >>> import tempfile
    >>> from importlib.util import find_spec
    >>> import spikesim as ss
    >>> net = ss.Network()
    >>> cells = net.population("cells", 3, ss.LIF(tau_m=20.0, t_ref=0.0))
    >>> if find_spec("nir"):  # pip install "spikesim[nir]"
    ...     with tempfile.TemporaryDirectory() as place:
    ...         again = ss.from_nir(ss.to_nir(net, f"{place}/net.nir"))
    ...     assert again["cells"].model.tau_m == 20.0
    """
    require_path("from_nir", path)
    delay = checked.number("from_nir: delay (ms)", delay, above=0.0)
    nir = required("nir", "from_nir")
    name = os.fspath(path)
    require_readable(name)
    try:
        graph = nir.read(name)
    except Exception as error:
        raise FileFormatError(f"{name!r} is no NIR file: {type(error).__name__}: {str(error)[:200]}") from error
    with understanding(name, "NIR"):
        net = _Reader(graph, delay, allow_loss).network()
    if not as_model:
        return net
    from ...learn.spikes.network import from_network

    return from_network(net)


class _Reader:
    """One graph."""

    def __init__(self, graph: Any, delay: float, allow_loss: bool) -> None:
        from ...errors import InvalidValueError

        self.nodes, self.delay = graph.nodes, delay
        self.before: dict[str, list[str]] = {name: [] for name in self.nodes}
        self.after: dict[str, list[str]] = {name: [] for name in self.nodes}
        for a, b in graph.edges:
            if a not in self.nodes or b not in self.nodes:
                raise FileFormatError(f"NIR: the edge {a!r} to {b!r} has an end that is no node")
            self.before[b].append(a)
            self.after[a].append(b)
        known = (*NEURONS, *LINEAR, "Input", "Output", "Delay")
        bad = [f"{name!r} ({self.kind(name)})" for name in self.nodes if self.kind(name) not in known]
        if bad:
            raise InvalidValueError(f"from_nir: no network here has {', '.join(bad)}")
        self.lost: list[str] = []
        self.allow_loss = allow_loss

    def kind(self, name: str) -> str:
        return type(self.nodes[name]).__name__

    def is_population(self, name: str) -> bool:
        """Whether a node becomes neurons: filters in the midst of the graph do not."""
        if self.kind(name) == "Input":
            return True
        ends = not self.after[name] or any(self.kind(b) == "Output" for b in self.after[name])
        return self.kind(name) in NEURONS and (self.kind(name) not in SILENT or ends)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a node with a state, or of an input."""
        node = self.nodes[name]
        if self.kind(name) == "Input":
            return tuple(int(n) for n in np.ravel(node.input_type["input"]))
        size = np.broadcast_shapes(*(np.shape(v) for k, v in vars(node).items() if isinstance(v, np.ndarray)))
        return tuple(size) or (1,)

    def network(self) -> Network:
        """Return the network."""
        from ...errors import InvalidValueError

        net = Network()
        populations = [name for name in self.nodes if self.is_population(name)]
        arriving = {n: self.arriving(n, self.shape(n), ()) for n in populations if self.kind(n) != "Input"}
        for name in populations:
            if self.kind(name) == "Input":
                net.population(name, math.prod(self.shape(name)), SpikeInput())
            else:
                model, start = self.model(name, arriving[name].bias)
                net.population(name, math.prod(self.shape(name)), model, v=start)
        plans = [plan for name, found in arriving.items() for plan in self.projections(name, found)]
        if self.lost and not self.allow_loss:
            raise InvalidValueError(f"from_nir: not expressed exactly: {'; '.join(self.lost)}; allow_loss=True goes on")
        if self.lost:
            warn(f"from_nir: not expressed exactly: {'; '.join(self.lost)}")
        for source, name, ids, matrix, synapse, delay in plans:
            if matrix.nnz:
                net.connect(net[source], net[name][ids], from_matrix(matrix), delay=delay, synapse=synapse)
        for name in populations:
            if any(self.kind(b) == "Output" for b in self.after[name]) and self.kind(name) != "Input":
                net.record(net[name], "v" if self.kind(name) in SILENT else "spikes")
        return net

    # -- backwards through what is linear --

    def arriving(self, name: str, shape: tuple[int, ...], seen: tuple[str, ...]) -> Arriving:
        """All that reaches a node of a shape."""
        n = math.prod(shape)
        terms, bias = [], np.zeros(n)
        for before in self.before[name]:
            found = self.leaving(before, (*seen, name))
            if found.bias.size != n:
                got = f"{found.bias.size} values (shape {found.shape})"
                raise FileFormatError(f"NIR: {before!r} to {name!r}: {got} for {n} (shape {shape})")
            terms += found.terms
            bias = bias + found.bias
        return Arriving(terms, bias, shape)

    def leaving(self, name: str, seen: tuple[str, ...]) -> Arriving:
        """What a node sends on."""
        import scipy.sparse as sparse

        kind, node = self.kind(name), self.nodes[name]
        if kind == "Input" or (kind in NEURONS and kind not in SILENT):
            shape = self.shape(name)
            n = math.prod(shape)
            return Arriving([Term(name, 0.0, (), sparse.eye_array(n, format="csr"))], np.zeros(n), shape)
        if name in seen:
            raise FileFormatError(f"NIR: a loop through {name!r} in which nothing fires")
        if kind in FILTERS:
            return self.filtered(name, node, seen)
        if kind in SILENT:
            self.lost.append(f"{name!r} ({kind}) sends its potential on")
            return Arriving([], np.zeros(math.prod(self.shape(name))), self.shape(name))
        inner = self.inner(name, seen)
        if kind == "Delay":
            return Arriving(list(self.delayed(name, node, inner)), inner.bias, inner.shape)
        matrix, bias, shape = matrix_of(name, node, inner.shape)
        terms = [term._replace(matrix=(matrix @ term.matrix).tocsr()) for term in inner.terms]
        return Arriving(terms, matrix @ inner.bias + bias, shape)

    def inner(self, name: str, seen: tuple[str, ...]) -> Arriving:
        """What reaches a node that has no shape of its own."""
        if not self.before[name]:
            raise FileFormatError(f"NIR: nothing leads to {name!r}")
        first = self.leaving(self.before[name][0], (*seen, name))
        return first if len(self.before[name]) == 1 else self.arriving(name, first.shape, seen)

    def filtered(self, name: str, node: Any, seen: tuple[str, ...]) -> Arriving:
        """What a leaky integrator makes of what reaches it."""
        import scipy.sparse as sparse

        shape = self.shape(name)
        inner, n = self.arriving(name, shape, seen), math.prod(shape)
        r, tau, leak = (np.broadcast_to(np.ravel(getattr(node, k)), (n,)) for k in ("r", "tau", "v_leak"))
        if (tau != tau[0]).any():
            self.lost.append(f"{name!r}: a filter with several time constants")
        if (r * inner.bias).any():
            self.lost.append(f"a constant through {name!r} (it is there at once)")
        scale = sparse.diags_array(r.astype(np.float64)).tocsr()
        terms = [t._replace(matrix=(scale @ t.matrix).tocsr(), taus=(*t.taus, float(tau[0]))) for t in inner.terms]
        return Arriving(terms, r * inner.bias + leak, shape)

    def delayed(self, name: str, node: Any, inner: Arriving) -> Iterator[Term]:
        """The terms, apart by delay."""
        import scipy.sparse as sparse

        n = inner.bias.size
        values = np.ravel(np.asarray(node.delay, np.float64))
        if values.size not in (1, n) or (values < 0.0).any():
            raise FileFormatError(f"NIR: {name!r}: wanted {n} delays >= 0, got {values.size}")
        values = np.broadcast_to(values, (n,))
        for value in np.unique(values):
            rows = sparse.diags_array((values == value).astype(np.float64)).tocsr()
            for term in inner.terms:
                part = (rows @ term.matrix).tocsr()
                part.eliminate_zeros()
                if part.nnz:
                    yield term._replace(delay=term.delay + MS * float(value), matrix=part)

    # -- populations and projections --

    def model(self, name: str, bias: np.ndarray) -> tuple[Any, Any]:
        """The neurons of a node, and where they start."""
        node, kind, n = self.nodes[name], self.kind(name), math.prod(self.shape(name))

        def of(key: str) -> np.ndarray:
            return np.broadcast_to(np.ravel(np.asarray(getattr(node, key), np.float64)), (n,))

        fires = kind not in SILENT
        r, current = of("r"), bias
        if kind.startswith("Cuba"):
            current = bias * of("w_in")
            if current.any():
                self.lost.append(f"a constant into {name!r} ({kind}; it is there at once)")
        threshold = of("v_threshold") if fires else np.full(n, math.inf)
        given: dict[str, Any] = {"V_th": _one(threshold), "I_e": _one(current)}
        if kind in ("IF", "I"):
            reset = of("v_reset") if fires else np.zeros(n)
            start, made = reset, Integrator(gain=_one(r / MS), V_reset=_one(reset), **given)
        else:
            tau, leak = of("tau_mem" if kind.startswith("Cuba") else "tau"), of("v_leak")
            reset = of("v_reset") if fires else leak
            start = np.where(leak < threshold, leak, reset)
            made = LIF(  # type: ignore[assignment]
                tau_m=_one(MS * tau), C_m=_one(MS * tau / r), E_L=_one(leak), V_reset=_one(reset), t_ref=0.0, **given
            )
        known = (node.metadata or {}).get("v")
        if known is not None and np.size(known) in (1, n):
            start = np.broadcast_to(np.ravel(np.asarray(known, np.float64)), (n,))
        return made, _one(start)

    def projections(self, name: str, found: Arriving) -> Iterator[tuple[Any, ...]]:
        """Yield (source, target, which targets, weights, synapse, delay) for all that reaches a population."""
        import scipy.sparse as sparse

        node, kind, n = self.nodes[name], self.kind(name), found.bias.size

        def of(key: str) -> np.ndarray:
            return np.broadcast_to(np.ravel(np.asarray(getattr(node, key), np.float64)), (n,))

        groups = [((), np.ones(n), np.arange(n))]
        if kind.startswith("Cuba"):
            tau, w_in = of("tau_syn"), of("w_in")
            groups = [((float(t),), w_in, np.flatnonzero(tau == t)) for t in np.unique(tau)]  # type: ignore[misc]
        jump = of("r") / of("tau") if kind in ("LIF", "LI") else of("r")
        for term in found.terms:
            for own, factor, ids in groups:
                taus = (*term.taus, *own)
                synapse, unit = self.synapse(name, taus)
                scale = factor * (jump if not taus else unit)
                matrix = (sparse.diags_array(scale).tocsr() @ term.matrix).tocsr()[ids]
                yield term.source, name, ids, matrix, synapse, term.delay or self.delay

    def synapse(self, name: str, taus: tuple[float, ...]) -> tuple[Any, float]:
        """The synapse that filters are, and what a weight of NIR is multiplied with."""
        if not taus:
            return Delta(), 1.0
        if len(set(taus)) > 1:
            self.lost.append(f"filters of {', '.join(f'{t:g}' for t in taus)} s in a row onto {name!r}")
        if len(taus) == 1:
            return Exponential(MS * taus[0]), 1.0 / taus[0]
        return Gamma(len(taus) - 1, MS * taus[-1]), MS


def _one(values: np.ndarray) -> Any:
    """One number where all are the same."""
    return float(values[0]) if values.size and (values == values[0]).all() else np.array(values)
