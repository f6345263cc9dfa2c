"""A trained spiking model as a network of the simulator, and back.

The network does, step by step, what the layers do in training: the same neurons, synapses, delays and weights, with the
biases as currents; so a run on the clock engine with the model's dt sends exactly the model's spikes.  Samples run side
by side, as copies: copy k of a layer of n neurons is ``population[k n : (k + 1) n]``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...grid import Grid
from ...keywords import named
from ...network import DC, Network, Steps, from_pairs
from ...neurons.sources import SpikeTimes, is_source
from ...program.program import Program
from ..layers.linear import Dropout, Linear
from ..layers.module import Module, Sequential
from .encoders import DeltaCode, Encoder
from .operation import as_array, no_grad
from .readout import Readout, read_potential
from .spike_batch import SpikeBatch
from .spiking import Spiking

__all__ = ["NetworkRun", "from_network", "is_spiking", "join", "run_network", "spiking_network"]


class Layers(NamedTuple):
    """The parts of a spiking model: what comes before the first layer of neurons, and the layers by their names."""

    before: list[Module]
    spiking: dict[str, Spiking]


def is_spiking(model: Any) -> bool:
    """Whether a model has layers of spiking neurons."""
    return isinstance(model, Module) and any(isinstance(m, Spiking) for m in model.modules())


def _flat(model: Any) -> list[Module]:
    """The layers of a Sequential, those of the ones in it in their places."""
    return [layer for part in model for layer in _flat(part)] if isinstance(model, Sequential) else [model]


def read_layers(model: Any) -> Layers:
    """Return the layers of a Sequential of encoder or Linear, Spiking, ..., Readout."""
    layers = [layer for layer in _flat(model) if not isinstance(layer, Dropout)]
    where = f"to_network: {type(model).__name__}"
    first = next(k for k, layer in enumerate(layers) if isinstance(layer, Spiking))
    spiking: dict[str, Spiking] = {}
    for k, layer in enumerate(layers[first:]):
        if not isinstance(layer, Spiking) or (spiking and layer.synapse is None):
            raise InvalidTypeError(
                f"{where}: layer {first + k} is {type(layer).__name__}"
                f"{' without a synapse' * isinstance(layer, Spiking)}; wanted an encoder or a Linear,"
                " then Spiking layers with synapses, and a Readout at the end"
            )
        if isinstance(layer, Readout) and first + k + 1 < len(layers):
            raise InvalidTypeError(f"{where}: layer {first + k} is a Readout, wanted it at the end only")
        spiking["readout" if isinstance(layer, Readout) else f"layer {k + 1}"] = layer
    steps = {layer.dt for layer in spiking.values()}
    if len(steps) > 1:
        raise InvalidValueError(
            f"{where}: layers of dt = {', '.join(f'{s:g}' for s in sorted(steps))} ms, wanted one dt"
        )
    before = layers[:first]
    for k, layer in enumerate(before):
        if not isinstance(layer, (Encoder, Linear)):
            raise InvalidTypeError(
                f"{where}: layer {k} ({type(layer).__name__}) stands before the first spikes; wanted an encoder"
                " or a Linear"
            )
    return Layers(before, spiking)


def spiking_network(model: Any, x: Any = None, *, seed: int = 0) -> Network:
    """Return the network of a spiking model; see :func:`spikesim.learn.to_network`."""
    before, spiking = read_layers(model)
    first = next(iter(spiking.values()))
    with no_grad():
        modes = [(m, m.training) for m in model.modules()]
        model.eval()
        try:
            for layer in before if x is not None else ():
                x = layer(x)
        finally:
            for m, mode in modes:
                object.__setattr__(m, "training", mode)
    net = Network(seed=seed)
    copies = 1
    if first.synapse is None:
        source = None
    else:
        if first.n_in is None:
            raise InvalidValueError("to_network: the first layer has no weights yet; train the model, or give n_in=")
        batch = _batch(x, first.n_in)
        copies = len(batch)
        times = [train for k in range(copies) for train in batch.times(k, first.dt)]
        source = net.population("input", len(times), SpikeTimes(times))
    width = first.n_in
    for name, layer in spiking.items():
        if layer.synapse is None:
            current = np.zeros((1, layer.n)) if x is None else np.asarray(as_array(x), np.float64)
            copies = len(current)
        cell = layer.cell()
        copied = {k: np.tile(v, copies) for k, v in cell.parameters.items() if np.ndim(v)}
        neurons = net.population(name, copies * layer.n, cell.model._replace(**copied) if copied else cell.model)
        if layer.bias is not None:
            net.inject(neurons, DC(np.tile(layer.biases(), copies)), name=f"bias of {name}")
        if layer.synapse is None:
            if current.ndim == 2:
                net.inject(neurons, DC(current.ravel()), name="input")
            else:
                rows = np.moveaxis(current, 1, 0).reshape(current.shape[1], -1)
                net.inject(neurons, Steps(layer.grid.times(np.arange(len(rows))), rows), name="input")
        else:
            assert source is not None and width is not None
            if layer.n_in != width:
                raise InvalidValueError(f"to_network: {name} has weights from {layer.n_in} sources, {width} come in")
            delays = layer.grid.times(layer.delay_steps())
            join(net, source, neurons, layer.weights(), delays, cell.synapse, copies)
        if layer.recurrent:
            delays = layer.grid.times(layer.recurrent_steps())
            join(net, neurons, neurons, layer.recurrent_weights(), delays, cell.synapse, copies)
        source, width = neurons, layer.n
    return net


def _batch(x: Any, n_in: int) -> SpikeBatch:
    if x is None:
        none = np.zeros(0, np.int32)
        return SpikeBatch(none, none, none, (1, 1, n_in))
    if not isinstance(x, SpikeBatch):
        array = np.asarray(as_array(x))
        if array.ndim != 3 or array.shape[2] != n_in:
            raise InvalidValueError(f"to_network: x of shape {array.shape}, wanted spikes (samples, steps, {n_in})")
        x = SpikeBatch.from_dense(np.ascontiguousarray(array))
    if not x.binary:
        raise InvalidValueError("to_network: x has entries other than 0 and 1; in the simulator a spike is a spike")
    return x


def join(net: Network, pre: Any, post: Any, W: np.ndarray, delays: np.ndarray, synapse: Any, copies: int) -> None:
    """Connect each copy of `pre` to its copy of `post`, all to all; delays (ms) of (1,), (n_in,) or (n, n_in)."""
    n, n_in = W.shape
    shift = np.arange(copies)[:, None, None]
    pre_ids = np.broadcast_to(shift * n_in + np.arange(n_in), (copies, n, n_in)).ravel()
    post_ids = np.broadcast_to(shift * n + np.arange(n)[:, None], (copies, n, n_in)).ravel()
    each = np.broadcast_to(delays, (n, n_in)).ravel()
    delay: Any = float(each[0]) if delays.size == 1 else np.tile(each, copies)
    net.connect(
        pre, post, from_pairs(pre_ids, post_ids), weight=np.tile(W.ravel(), copies), delay=delay, synapse=synapse,
        name=f"{pre.name} to {post.name}",
    )  # fmt: skip


class NetworkRun(NamedTuple):
    """What a model's network did with samples.

    spikes: of every layer, (samples, steps, n), by population; outputs: those of the Readout, (samples, n), or None.

    Parameters
    ----------
    spikes : dict of str to array, shape (samples, steps, n)
        Of every layer, by population.
    outputs : array, shape (samples, n), or None
        Of the Readout.

    Examples
    --------
    >>> from spikesim import learn
    >>> layers = learn.Linear(2, 3, seed=1), learn.Spiking(3, steps=20), learn.Readout(2, n_in=3, seed=2)
    >>> model = learn.Sequential(*layers)
    >>> run = learn.run_network(model, [[0.5, 1.0]])
    >>> run.outputs.shape
    (1, 2)
    """

    spikes: dict[str, np.ndarray]
    outputs: np.ndarray | None


@named
def run_network(model: Any, x: Any, *, batch_size: int | None = None, threads: int | None = None) -> NetworkRun:
    """Run a spiking model in the simulator, and return its spikes in the form that the layers have them.

    Parameters
    ----------
    model : Sequential
        Of encoder or Linear, Spiking layers, and a Readout at the end or none.
    x : array_like or SpikeBatch
        What the model takes.
    batch_size : int, optional
        Samples that run side by side; as many as make about four million synapses unless given.
    threads : int, optional
        See :meth:`spikesim.Network.run`.

    Returns
    -------
    NetworkRun

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As :func:`to_network`.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.Spiking(4, synapse=learn.Readout(1).synapse, n_in=5, gain=9.0, seed=1)).eval()
    >>> x = np.ones((2, 20, 5))
    >>> run = learn.run_network(model, x)
    >>> bool(np.array_equal(run.spikes["layer 1"], model(x).detach().numpy()))
    True
    """
    _, spiking = read_layers(model)
    synapses = sum(int(p.size) for p in model.parameters())
    size = max(1, 4_000_000 // max(1, synapses)) if batch_size is None else int(batch_size)
    found: dict[str, list[np.ndarray]] = {name: [] for name in spiking}
    outputs = []
    steps = _length(model, x)
    for first in range(0, len(x), size):
        part = x[first : first + size]
        net = spiking_network(model, part)
        for name, layer in spiking.items():
            if layer.reads_potential:
                net.record(net[name], "v", every=layer.dt)
            else:
                net.record(net[name], "spikes")
        dt = next(iter(spiking.values())).dt
        result = net.run(Grid(dt).time(steps), dt=dt, threads=threads, progress=False)
        for name, layer in spiking.items():
            if isinstance(layer, Readout) and layer.reads_potential:
                v = result.traces[name]["v"].values.reshape(steps, len(part), layer.n)
                outputs.append(read_potential(np.moveaxis(v, 0, 1), layer.read))
                continue
            spikes = np.zeros((len(part), steps, layer.n))
            trains = result.spikes[name]
            copy, unit = np.divmod(trains.ids, layer.n)
            spikes[copy, np.rint(trains.times / dt).astype(np.int64) - 1, unit] = 1.0
            found[name].append(spikes)
            if isinstance(layer, Readout):
                with no_grad():
                    outputs.append(np.asarray(as_array(layer.read_spikes(spikes))))
    return NetworkRun(
        {name: np.concatenate(parts) for name, parts in found.items() if parts},
        np.concatenate(outputs) if outputs else None,
    )


def _length(model: Any, x: Any) -> int:
    """How many steps a model runs for an input."""
    before, spiking = read_layers(model)
    first = next(iter(spiking.values()))
    for layer in before:
        if isinstance(layer, Encoder) and not isinstance(layer, DeltaCode):
            return layer.steps
    return int(x.shape[1]) if np.ndim(x) == 3 or isinstance(x, SpikeBatch) else int(first.steps or 0)


@named
def from_network(net: Network, *, dt: float = 1.0, weights: Any = None) -> Sequential:
    """Return a network of the simulator as a model that can be trained.

    Parameters
    ----------
    net : Network
        A source population, then populations in a row, each fed by the one before and perhaps by itself, each by one
        projection and synapse; as :func:`to_network` makes it, with one copy.
    dt : float
        Time step of the model (ms).
    weights : mapping, optional
        Weights (n_post, n_pre) by projection that replace those of the description: ``result.weights`` after a run with
        plasticity.

    Returns
    -------
    Sequential
        Of Spiking layers; the last is a Readout where its neurons never fire (V_th infinite).  Every weight is a full
        matrix: pairs without a synapse have the weight 0.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the network has another form; the message says where.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim import learn
    >>> net = ss.Network(seed=1)
    >>> a = net.population("a", 2, ss.SpikeTimes([[1.0], [2.0]]))
    >>> b = net.population("b", 3, ss.LIF())
    >>> synapses = net.connect(a, b, ss.all_to_all(), weight=100.0, delay=1.0, synapse=ss.Exponential(5.0))
    >>> model = learn.from_network(net, dt=1.0)
    >>> model[0].weights().shape
    (3, 2)
    """
    grid = Grid(dt)
    program = Program(net, grid, net.seed)
    sources = [p for p in net.populations.values() if is_source(p.model)]
    if len(sources) != 1:
        raise InvalidValueError(f"from_network: {len(sources)} source populations, wanted one: the input")
    at, layers, left = sources[0], [], dict(net.populations)
    del left[at.name]
    while left:
        ahead = [p for p in program.projections if p.pre.populations == (at,) and p.post.populations != (at,)]
        if len(ahead) != 1:
            raise InvalidValueError(
                f"from_network: {len(ahead)} projections lead on from {at.name!r}, wanted one;"
                " the populations must stand in a row"
            )
        forward = ahead[0]
        target = forward.post.populations[0]
        back = [p for p in program.projections if p.pre.populations == p.post.populations == (target,)]
        if any(p.synapse != forward.synapse for p in back) or len(back) > 1:
            raise InvalidValueError(
                f"from_network: {target.name!r} has recurrent synapses of another kind than those from {at.name!r}"
            )
        if target.name not in left:
            raise InvalidValueError(
                f"from_network: {target.name!r} is reached twice; the populations must stand in a row"
            )
        layers.append(_layer(net, program, target, forward, back[0] if back else None, weights or {}, dt))
        del left[target.name]
        at = target
    return Sequential(*layers)


def _layer(net: Network, program: Program, target: Any, forward: Any, back: Any, weights: Any, dt: float) -> Spiking:
    cell = program.by_name[target.name]
    options: dict[str, Any] = {"bias": True, "dt": dt, "n_in": forward.pre.populations[0].size}
    R = None
    W, options["delays"] = _matrix(program, forward, weights)
    if back is not None:
        options["recurrent"] = True
        R, options["recurrent_delays"] = _matrix(program, back, weights)
    neuron = cell.model._replace(**cell.parameters) if cell.parameters else cell.model
    silent = np.all(np.isinf(cell.parameters.get("V_th", 0.0)))
    make = Readout if silent else Spiking
    layer = make(target.size, neuron, forward.synapse, **options)
    bias = np.zeros(target.size)
    for injection in net.injections:
        if injection.target.populations == (target,):
            if (
                not isinstance(injection.stimulus, DC)
                or injection.stimulus.start > 0.0
                or np.isfinite(injection.stimulus.stop)
            ):
                raise InvalidValueError(
                    f"from_network: {injection.name!r} is no constant current, which a bias could be"
                )
            bias[np.concatenate([ids for _, ids in injection.target.parts])] += injection.stimulus.amplitude
    return layer.set_weights(W, R, bias)


def _matrix(program: Program, projection: Any, weights: Any) -> tuple[np.ndarray, Any]:
    """Weights (n_post, n_pre) and delays (ms) of a projection; pairs without a synapse have weight 0 and any delay."""
    wiring = next(w for w in program.wirings if w.name == projection.name)
    pre, post, weight, steps = wiring.edges()
    n_pre, n_post = projection.pre.populations[0].size, projection.post.populations[0].size
    if len(np.unique(post * n_pre + pre)) < len(pre):
        raise InvalidValueError(f"from_network: {projection.name!r} has several synapses of one pair")
    W = np.zeros((n_post, n_pre))
    W[post, pre] = weight
    if projection.name in weights:
        given = weights[projection.name]
        W = np.asarray(given.toarray() if hasattr(given, "toarray") else given, np.float64)
    if len(np.unique(steps)) <= 1:
        return W, program.grid.time(int(steps[0])) if len(steps) else None
    D = np.full((n_post, n_pre), int(steps.min()))
    D[post, pre] = steps
    return W, program.grid.times(D)
