"""From rates to spikes: a trained rate network as an ordinary spikesim.Network (sections 1.4, 1.6, 1.7).

A unit  r = amplitude G(z),  z = W x + b,  becomes a neuron of tuning curve G, the bias its constant current.
One of its spikes adds, at each target, a current of area 1000 amplitude W (in ms times the unit of z):

    mean of I = W (1000 amplitude) (rate / 1000 ms) = W r

so the mean filtered current is the rate layer's input, exactly.  Samples run side by side, as copies of the
network: copy k of a layer of n units is ``population[k n : (k + 1) n]``, and the connections of a layer are a
block-diagonal matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import named
from ...kinds import one_of
from ...network import from_matrix
from ...network.network import Network
from ...neurons.lif import LIF
from ...neurons.sources import Poisson
from ...synapses.gamma import Exponential
from ..autodiff.tape import as_array
from ..spikes.event_network import event_network, is_exact
from ..spikes.network import is_spiking, spiking_network
from .integrate_and_fire import integrator, relu_neuron
from .stages import Chain, Stage, read_chain

__all__ = ["to_network"]

INPUTS = ("current", "regular", "poisson")
STARTS = ("stationary", "rest")


@named
def to_network(
    model: Any,
    x: Any = None,
    *,
    input: str | None = None,
    input_rate: float = 200.0,
    tau_s: float = 5.0,
    delay: float = 1.0,
    copies: int = 1,
    start: str = "stationary",
    max_rate: float = 200.0,
    calibration: Any = None,
    seed: int = 0,
) -> Network:
    """Return the spiking network that a trained network describes.

    A model of :class:`Spiking` layers becomes a network of the same neurons, synapses, weights and delays, which sends
    exactly the model's spikes on the clock engine with the model's dt; of the arguments it takes `x` (spikes, or what
    its encoder takes) and `seed`; so does one of :class:`ExactSpiking` layers, for the event engine.  The rest is about
    rate networks.

    Parameters
    ----------
    model : Module, RateClassifier or RateRegressor
        Linear layers with LIFRate or ReLU between them, a Linear at the end; Dropout is left out, and an
        output function at the very end (Softmax, LogSoftmax, Logistic, OneHot) is not part of the network.  Any Module
        will do whose tape is a chain of that kind: what is affine (convolution, mean pooling, normalisation in use,
        reshaping) counts as Linear.
    x : array_like, shape (n_in,) or (n, ...), optional
        Samples, one a row (or one image), each presented all the time to a copy of the network.  Without them
        the network is one copy whose inputs are to be injected: ``net.inject(net["input"], ss.DC(pixels))``.
    input : {"current", "regular", "poisson"}, optional
        How samples enter.  "current": W x + b as a constant current of the first layer, exact; the default
        with `x`.  "regular": through a population "input" of integrators that fire evenly at x * input_rate;
        the default without `x`.  "poisson": through Poisson trains of that rate.
    input_rate : float
        Rate (Hz) that stands for an input of 1.
    tau_s : float
        Time constant of the PSC filter (ms), exponential, of area 1.
    delay : float
        Conduction delay from layer to layer (ms).
    copies : int
        Neurons a unit.  They take its place in turn, so k of them carry k times the spikes of one.
    start : {"stationary", "rest"}
        Initial potentials: in the midst of firing at the rate that is due, at a random phase; or at rest.
    max_rate : float
        Rate (Hz) of an integrate-and-fire neuron that stands for the largest output of its ReLU layer.
    calibration : array_like, shape (m, n_in), optional
        Inputs by which that largest output is found (99.9th percentile over them); `x` unless given, and 1
        without both.
    seed : int
        Of the network: the Poisson trains and the initial phases.

    Returns
    -------
    Network
        Populations "input" (unless "current"), "layer 1" ... and "readout".  The read-out neurons never fire;
        their v is the integral of the last Linear's output, so that (v(t) - v(s)) / (t - s) is its mean over
        (s, t].  Nothing is recorded yet.

    Raises
    ------
    InvalidTypeError
        If a layer has no spiking counterpart; the message names it.
    InvalidValueError
        If the samples or an option are not as above.

    Notes
    -----
    A LIF neuron has the hard tuning curve: a LIFRate of gamma > 0 fires a little below threshold, its neuron
    does not.  On MNIST (784-256-10, gamma = 0.05, 10,000 test images) that costs nothing: 96.78 % right by
    the smooth rates, 96.78 % by the hard ones, 96.75 % in spikes after 100 ms, and 96.77 % after 30 ms.
    On the grid an interval is long by half a step on average: rates G are low by the part G dt / 2.

    Source: lecture notes 1.4 to 1.7; E. Hunsberger and C. Eliasmith, arXiv:1611.05141 (2016), for LIF;
    B. Rueckauer et al., Front. Neurosci. 11:682 (2017), for ReLU.

    Examples
    --------
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.Linear(4, 8), learn.LIFRate(), learn.Linear(8, 3))
    >>> net = learn.to_network(model, [[0.1, 0.5, 0.9, 0.3], [1.0, 0.0, 0.0, 1.0]])
    >>> [(name, population.size) for name, population in net.populations.items()]
    [('layer 1', 16), ('readout', 6)]
    """
    if is_exact(model):
        return event_network(model, x, seed=seed)
    if is_spiking(model):
        return spiking_network(model, x, seed=seed)
    samples = None if x is None else as_samples("to_network: x", x)
    known = samples if calibration is None else as_samples("to_network: calibration", calibration)
    shape = sample_shape(x if calibration is None else calibration)
    _require("max_rate", max_rate, max_rate > 0.0, "> 0 Hz")
    return network_of(
        read_chain(model, max_rate, known, shape),
        samples,
        input=input,
        input_rate=input_rate,
        tau_s=tau_s,
        delay=delay,
        copies=copies,
        start=start,
        seed=seed,
    )


def network_of(
    chain: Chain,
    x: np.ndarray | None,
    *,
    input: str | None = None,
    input_rate: float = 200.0,
    tau_s: float = 5.0,
    delay: float = 1.0,
    copies: int = 1,
    start: str = "stationary",
    seed: int = 0,
) -> Network:
    """Return the network of a chain that has been read; the arguments are those of :func:`to_network`."""
    kind = checked_input(input, x)
    one_of("to_network: start", start, STARTS)
    if isinstance(copies, bool) or not isinstance(copies, (int, np.integer)) or copies < 1:
        raise InvalidValueError(f"to_network: copies must be a whole number >= 1, got {copies!r}")
    _require("input_rate", input_rate, input_rate > 0.0, "> 0 Hz")
    if x is not None and x.shape[1] != chain.n_in:
        raise InvalidValueError(f"to_network: x of shape {x.shape}, wanted (n, {chain.n_in}): one sample a row")
    if x is not None and kind != "current" and (x < 0.0).any():
        bad = np.argwhere(x < 0.0)
        raise InvalidValueError(
            f"to_network: x[{bad[0, 0]}, {bad[0, 1]}] = {x[tuple(bad[0])]:g} ({len(bad)} negative entries),"
            f' but input={kind!r} makes rates of them, >= 0; use input="current"'
        )
    net, n = Network(seed=seed), 1 if x is None else len(x)
    drives = None if x is None else chain.drives(x)
    phases = np.random.default_rng([seed, 0x0FA5E])
    synapse = Exponential(tau_s, normalize="area")
    source, amplitude, width = None, 1.0, 1

    if kind == "poisson":
        assert x is not None
        source = net.population("input", x.size, Poisson(input_rate * x.ravel()))
        amplitude = 1.0 / input_rate
    elif kind == "regular":
        relay = relu_neuron(input_rate / 1000.0, 0.0 if x is None else x.ravel())
        v = 0.0 if x is None or start == "rest" else phases.random(x.size)
        source, amplitude = net.population("input", n * chain.n_in, relay, v=v), 1.0 / input_rate

    for k, stage in enumerate(chain.stages):
        known = kind == "current" and k == 0 and drives is not None
        here = drives[k] if known and drives is not None else np.broadcast_to(stage.bias, (n, stage.size))
        neuron = stage.neuron._replace(I_e=np.repeat(here.ravel(), copies))
        v = np.zeros(n * stage.size * copies)
        if start == "stationary" and drives is not None:
            v = _in_the_midst(stage, drives[k].ravel(), copies, phases)
        layer = net.population(f"layer {k + 1}", n * stage.size * copies, neuron, v=v)
        if source is not None:
            W = _block_diagonal(1000.0 * amplitude * stage.weight, n, copies, width)
            net.connect(source, layer, from_matrix(W), delay=delay, synapse=synapse)
        source, amplitude, width = layer, stage.amplitude, copies

    first = not chain.stages and kind == "current"  # a linear network has no neurons but the read-out
    constant = drives[-1] if first and drives is not None else np.broadcast_to(chain.bias, (n, len(chain.bias)))
    readout = net.population("readout", constant.size, integrator(constant.ravel()))
    if source is not None:
        W = _block_diagonal(1000.0 * amplitude * chain.weight, n, 1, width)
        net.connect(source, readout, from_matrix(W), delay=delay, synapse=synapse)
    return net


def sample_shape(x: Any) -> tuple[int, ...] | None:
    """Return the shape of one of several images; None for rows, whose length the layers know."""
    return None if x is None or np.ndim(as_array(x)) <= 2 else tuple(as_array(x).shape[1:])


def as_samples(where: str, x: Any) -> np.ndarray:
    """Return finite float64 rows; images become rows."""
    rows = np.atleast_2d(np.asarray(as_array(x), dtype=np.float64))
    if rows.ndim > 2 and rows.size:
        rows = rows.reshape(len(rows), -1)
    if rows.ndim != 2 or rows.size == 0:
        raise InvalidValueError(f"{where} of shape {rows.shape}, wanted (n, n_in): one sample a row")
    bad = np.argwhere(~np.isfinite(rows))
    if len(bad):
        i, j = bad[0]
        raise InvalidValueError(f"{where}[{i}, {j}] = {rows[i, j]} ({len(bad)} such), wanted finite numbers")
    return rows


def checked_input(kind: str | None, x: Any) -> str:
    """Return how samples enter, by default or as asked for."""
    if kind is None:
        return "regular" if x is None else "current"
    one_of("to_network: input", kind, INPUTS)
    if x is None and kind != "regular":
        raise InvalidValueError(f'to_network: input={kind!r} needs the samples x; without them input="regular"')
    return kind


def _require(name: str, value: Any, holds: bool, wanted: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise InvalidTypeError(f"to_network: {name} must be a number {wanted}, got {type(value).__name__}")
    if not (holds and np.isfinite(value)):
        raise InvalidValueError(f"to_network: {name} = {value!r}, wanted a finite number {wanted}")


def _block_diagonal(W: np.ndarray, n: int, into: int, out: int) -> Any:
    """Return n copies of W on the diagonal, its rows `into` times each, its columns `out` times, weaker."""
    import scipy.sparse  # slow to import

    block = scipy.sparse.csr_array(np.repeat(np.repeat(W, into, axis=0), out, axis=1) / out)
    rows, columns = block.shape
    index = (block.indices + columns * np.arange(n)[:, None]).ravel().astype(np.int32)
    ends = (block.indptr[1:] + block.nnz * np.arange(n, dtype=np.int64)[:, None]).ravel()
    return scipy.sparse.csr_array(
        (np.tile(block.data, n), index, np.concatenate([[0], ends])), shape=(n * rows, n * columns)
    )


def _in_the_midst(stage: Stage, z: np.ndarray, copies: int, rng: np.random.Generator) -> np.ndarray:
    """Return potentials of neurons that have long been firing at drives z: u of an interval T is still to go.

    Copies of a unit stand 1/copies of an interval apart.  A LIF that reaches threshold u T from now,
    v = z - (z - 1) e^(u T / tau_m), may start below its reset: so the rest of its refractory time passes.
    """
    u = ((rng.random(z.size)[:, None] + np.arange(copies)) / copies).ravel()
    z = np.repeat(z, copies)
    if isinstance(stage.neuron, LIF):
        rate = stage.rate(z)
        togo = u * np.where(rate > 0.0, 1000.0 / np.maximum(rate, 1e-300), 0.0)
        # at a drive of 1 + 1e-300 an interval is all but endless
        return np.where(rate > 0.0, z - (z - 1.0) * np.exp(np.minimum(togo / stage.neuron.tau_m, 700.0)), z)
    return np.where(z > 0.0, 1.0 - u, 0.0)
