"""Layers that are gone through from event to event, and learn by exact gradients (EventProp).

There is no time step and no surrogate: the spikes of a layer are those of the event engine, and the derivatives of
their times are exact as long as none appears or vanishes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, NumericalError, UnknownNameError, did_you_mean
from ...grid import Grid
from ...keywords import all_named, verbs_named
from ...network import Network, all_to_all, checked
from ...neurons.contract import is_model
from ...neurons.lif import LIF
from ...neurons.sources import SpikeTimes
from ...program.program import Program
from ...synapses.contract import Synapse
from ...synapses.gamma import Exponential
from ..layers.initialise import generator
from ..layers.module import Module, Parameter
from .adjoint import RESET, THETA, V_0, A, B, C, kernel, kernel_sum
from .buffers import BUFFERS
from .event_batch import EventBatch
from .event_pass import PART, launch, remain, retire
from .neurons import currents, never_firing, whole
from .operation import Var, as_array, through
from .threads import checked_threads, shared
from .turn import turned
from .walk import rows

__all__ = ["ExactLayer", "ExactReadout", "ExactSpiking"]

MOST = 2**22  #: spikes of a sample beyond which a layer has run away


@verbs_named
class ExactLayer(Module):
    """What both share: linear neurons of common time constants, an exponential synapse, weights and a bias."""

    arguments: tuple[str, ...] = ("n", "neuron", "synapse", "delay")

    def __init__(
        self, n: int, neuron: Any, synapse: Synapse | None, n_in: int, delay: float, init: Any, bias: bool, seed: Any
    ) -> None:
        where = f"{type(self).__name__}({n!r})"
        self.n, self.n_in = whole(f"{where}: n", n), whole(f"{where}: n_in", n_in)
        self.neuron = LIF.normalized() if neuron is None else neuron
        self.synapse = Exponential(5.0, normalize="area") if synapse is None else synapse
        if not is_model(self.neuron) or not isinstance(self.synapse, Exponential):
            raise InvalidTypeError(
                f"{where}: neuron = {self.neuron!r:.60}, synapse = {self.synapse!r:.60}, wanted a LIF or another linear"
                " neuron, and an Exponential"
            )
        self.delay = checked.number(f"{where}: delay", delay, above=0.0)
        net = Network()
        source, cells = net.population("source", 1, SpikeTimes([[]])), net.population("cells", self.n, self.neuron)
        net.connect(source, cells, all_to_all(), weight=1.0, delay=1.0, synapse=self.synapse)
        program = Program(net, Grid(1.0), 0, exact=True)
        cell, matrix = program.by_name["cells"], self.synapse.matrix
        linear = cell.linear
        if linear is None or len(cell.model.states) != 1:
            raise InvalidTypeError(f"{where}: {type(self.neuron).__name__} is no linear neuron of one state")
        self.table, self.port = rows(cell), np.array([-matrix[0, 0], self.synapse.gain])
        if np.ptp(self.table[:, A]) > 0.0 or np.ptp(self.table[:, B]) > 0.0 or not self.table[0, A] > 0.0:
            raise InvalidValueError(
                f"{where}: wanted one membrane time constant and resistance for all neurons, and a leak"
            )
        self.bias = Parameter(np.zeros(self.n)) if bias else None
        if init is None:
            mean, sd = 7.5 / self.n_in, 3.75 / self.n_in
        elif isinstance(init, (tuple, list)) and len(init) == 2:
            mean, sd = (
                checked.number(f"{where}: init[0]", init[0]),
                checked.number(f"{where}: init[1]", init[1], least=0.0),
            )
        else:
            raise InvalidTypeError(f"{where}: init = {init!r}, wanted (mean, standard deviation) of the first weights")
        self.weight = Parameter(generator(seed).normal(mean, sd, (self.n, self.n_in)))

    @property
    def current_unit(self) -> float:
        """The current that holds v at a threshold one unit of :attr:`width` above rest."""
        return float(self.width * self.table[0, A] / self.table[0, B])

    @property
    def unit(self) -> float:
        """A weight of 1, in the unit of the synapse: the current jumps by what would hold v at threshold."""
        return self.current_unit / float(self.port[1])

    @property
    def width(self) -> float:
        """From reset to threshold; 1 where there is no threshold."""
        width = float(np.mean(self.table[:, THETA] - self.table[:, RESET]))
        return width if 0.0 < width < np.inf else 1.0

    def weights(self) -> np.ndarray:
        """Return the weights (n, n_in) in the synapse's own unit, as the simulator takes them.

        Returns
        -------
        array, shape (n, n_in)
            Such as in pA ms.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.ExactSpiking(2, n_in=3, seed=1).weights().shape
        (2, 3)
        """
        return np.asarray(as_array(self.weight), np.float64) * self.unit

    def biases(self) -> np.ndarray:
        """Return the currents (n,) beside the neurons' own.

        Returns
        -------
        array, shape (n,)
            0 where none is learnt.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.ExactSpiking(2, n_in=3).biases().tolist()
        [0.0, 0.0]
        """
        return currents(self.bias, self.n, self.current_unit)

    def _batch(self, x: Any) -> EventBatch:
        where = f"{type(self).__name__}({self.n})"
        if not isinstance(x, EventBatch):
            raise InvalidTypeError(
                f"{where}: input of {type(x).__name__}, wanted an EventBatch; make it of values with"
                " learn.TimeCode(duration)"
            )
        if x.n != self.n_in:
            raise InvalidValueError(f"{where}: spikes of {x.n} sources, wanted {self.n_in}")
        return x


@all_named
class ExactSpiking(ExactLayer):
    """Spiking neurons that learn by the exact derivatives of their spike times: events in, events out.

    Parameters
    ----------
    n : int
        Number of neurons.
    neuron : neuron model, optional
        A linear one of one state with one membrane time constant; ``LIF.normalized()`` unless given.
    synapse : Exponential, optional
        ``Exponential(5.0, normalize="area")`` unless given.
    n_in : int
        Number of sources.
    delay : float
        Of all synapses (ms).
    init : (float, float), optional
        Mean and standard deviation of the first weights, such as make most neurons fire now and then: a silent one
        learns nothing.
    bias : bool
        Whether a current of each neuron is learnt.
    limit : float
        1 / (dv/dt) at a spike counts at most this much (ms a unit of v), see :func:`gradients`.
    threads : int, optional
        Unless given, all cores where the batch is worth it.  The result has the same bits for any number.
    seed : int, optional
        Of the first weights.

    Attributes
    ----------
    weight : Parameter, shape (n, n_in)
        1: a spike makes the current jump by what would hold v at threshold.
    clipped : int
        How many spikes the last backward pass has clipped.

    Notes
    -----
    Float64.  Memory of a batch: 32 bytes a spike, 8 n_in n a part of 32 samples.

    Source: Wunderlich and Pehle, Sci. Rep. 11:12829 (2021).

    Examples
    --------
    >>> from spikesim import learn
    >>> model = learn.Sequential(learn.TimeCode(30.0), learn.ExactSpiking(4, n_in=2, init=(4.0, 1.0), seed=1))
    >>> spikes = model([[0.9, 0.7]])
    >>> bool((spikes.first().detach().numpy() < 30.0).all())
    True
    """

    def __init__(
        self,
        n: int,
        neuron: Any = None,
        synapse: Synapse | None = None,
        *,
        n_in: int,
        delay: float = 1.0,
        init: tuple[float, float] | None = None,
        bias: bool = False,
        limit: float = 1e3,
        threads: int | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(n, neuron, synapse, n_in, delay, init, bias, seed)
        self.limit = checked.number(f"ExactSpiking({n!r}): limit", limit, above=0.0, infinite=True)
        self.threads, self.clipped = checked_threads("ExactSpiking", threads), 0
        self._room = 4 * self.n

    def forward(self, x: Any) -> EventBatch:
        """Return the spikes.

        Parameters
        ----------
        x : EventBatch
            Of `n_in` sources.

        Returns
        -------
        EventBatch
            Its times are on the tape.

        Examples
        --------
        >>> from spikesim import learn
        >>> layer = learn.ExactSpiking(4, n_in=2, init=(4.0, 1.0), seed=1)
        >>> layer.forward(learn.TimeCode(30.0)([[0.9, 0.7]])).n
        4
        """
        batch = self._batch(x)
        sent: dict[str, Any] = {}
        bias: Any = np.zeros(self.n) if self.bias is None else self.bias
        times = through("exact_spiking", self._pass(batch, sent), batch.times, self.weight, bias)
        return EventBatch(times, sent["unit"], sent["ptr"], self.n, batch.duration)

    def _pass(self, batch: EventBatch, sent: dict[str, Any]) -> Any:
        """Return forward(times, weight, bias) -> (spike times, back); whose they are is written to `sent`."""
        count, T = len(batch), batch.duration

        def forward(times: Any, weight: Any, bias: Any) -> Any:
            at = np.asarray(times, np.float64) + self.delay
            w = turned(weight, self.unit, np.float64)
            table = self.table.copy()
            table[:, C] += table[:, B] * self.current_unit * np.asarray(bias, np.float64)
            work = len(at) * self.n
            while True:
                shape = count, self._room
                time, who = BUFFERS.empty(shape, np.float64), BUFFERS.empty(shape, np.int64)
                rise, amount = BUFFERS.empty((*shape, 2), np.float64), np.zeros(count, np.int64)
                given = (batch.ptr, at, batch.unit, w, table, self.port, T, time, who, rise, amount)
                shared(launch, count, *given, threads=self.threads, work=work, side=PART)
                most = int(amount.max(initial=0))
                if most <= self._room:
                    break
                if most > MOST:
                    raise NumericalError(
                        f"ExactSpiking({self.n}): {most:,} spikes in a sample; the weights have run away: lower the"
                        " learning rate, or give the neurons a t_ref"
                    )
                self._room = 2 * most
            there = np.arange(self._room) < amount[:, None]
            sent["unit"], sent["ptr"] = who[there], np.concatenate([[0], np.cumsum(amount)])

            def back(g: Any, needed: Any) -> Any:
                full = BUFFERS.empty(time.shape, np.float64)
                full[there] = g
                parts = -(-count // PART)
                gt = np.zeros(len(at) if needed[0] else 0)
                gw = BUFFERS.empty((parts, *w.shape), np.float64)
                gw.fill(0.0)
                gc, clipped = np.zeros((parts, self.n)), np.zeros(count, np.int64)
                shared(
                    retire, parts, *given, full, self.limit, gt, gw, gc, clipped,
                    threads=self.threads, work=work, side=1,
                )  # fmt: skip
                self.clipped = int(clipped.sum())
                by_current = table[:, B] * self.current_unit
                total = np.add.reduce(gw, axis=0, out=BUFFERS.empty(w.shape, np.float64))
                return [gt, turned(total, self.unit, np.float64), gc.sum(axis=0) * by_current]

            return time[there], back

        return forward


@all_named
class ExactReadout(ExactLayer):
    """Output neurons that never fire, read by the mean of their potential, which is a closed form of the spikes.

    Parameters
    ----------
    n : int
        Number of outputs.
    neuron : neuron model, optional
        ``LIF.normalized()`` unless given; its threshold is set to infinity.
    synapse : Exponential, optional
        ``Exponential(5.0, normalize="area")`` unless given.
    n_in : int
        Number of sources.
    read : {"mean", "exponential"}
        Mean of v over the run, or the mean weighted with exp(-t / duration) (Nowotny et al. 2022), which lets no spike
        be deleted for coming late.
    delay : float
        Of all synapses (ms).
    init : (float, float), optional
        Mean and standard deviation of the first weights; 0 and 1 / sqrt(n_in) unless given.
    bias : bool
        Whether a current of each output is learnt.
    seed : int, optional
        Of the first weights.

    Examples
    --------
    >>> from spikesim import learn
    >>> layers = learn.ExactSpiking(4, n_in=2, init=(4.0, 1.0), seed=1), learn.ExactReadout(3, n_in=4, seed=2)
    >>> learn.Sequential(learn.TimeCode(30.0), *layers)([[0.9, 0.7]]).detach().numpy().shape
    (1, 3)
    """

    arguments: tuple[str, ...] = ("n", "neuron", "synapse", "read", "delay")

    def __init__(
        self,
        n: int,
        neuron: Any = None,
        synapse: Synapse | None = None,
        *,
        n_in: int,
        read: str = "mean",
        delay: float = 1.0,
        init: tuple[float, float] | None = None,
        bias: bool = True,
        seed: int | None = None,
    ) -> None:
        if read not in ("mean", "exponential"):
            raise UnknownNameError(f"ExactReadout({n!r}): read = {read!r}{did_you_mean(read, ('mean', 'exponential'))}")
        neuron = LIF.normalized() if neuron is None else neuron
        self.read, neuron = read, never_firing(f"ExactReadout({n!r})", neuron)
        start = (0.0, 1.0 / math.sqrt(whole(f"ExactReadout({n!r}): n_in", n_in))) if init is None else init
        super().__init__(n, neuron, synapse, n_in, delay, start, bias, seed)

    def forward(self, x: Any) -> Var:
        """Return the outputs.

        Parameters
        ----------
        x : EventBatch
            Of `n_in` sources.

        Returns
        -------
        Var, shape (samples, n)
            In the unit of v.

        Examples
        --------
        >>> from spikesim import learn
        >>> batch = learn.EventBatch([1.0], [0], [0, 1], n=2, duration=10.0)
        >>> tuple(learn.ExactReadout(3, n_in=2, seed=1).forward(batch).shape)
        (1, 3)
        """
        batch = self._batch(x)
        a, b, T = self.table[0, A], self.table[0, B], batch.duration
        fall = 1.0 / T if self.read == "exponential" else 0.0
        norm = kernel(0.0, fall, T)
        share = kernel_sum(fall, a + fall, T) / norm
        offset = self.table[:, V_0] * kernel(0.0, a + fall, T) / norm + self.table[:, C] * share
        felt: Any = through("exact_readout", self._felt(batch, a + fall, fall, b / norm), batch.times)
        weight: Any = self.weight * self.unit
        y = felt @ weight.T + offset
        found: Var = y if self.bias is None else y + self.bias * (self.current_unit * b * share)
        return found

    def _felt(self, batch: EventBatch, a: float, fall: float, factor: float) -> Any:
        """Return forward(times) -> (what a weight of 1 from each source adds to the output, (samples, n_in); back)."""
        r, gain = self.port[0] + fall, self.port[1] * factor
        place = batch.sample() * self.n_in + batch.unit

        def forward(times: Any) -> Any:
            at = np.asarray(times, np.float64) + self.delay
            value, slope = np.empty(len(at)), np.empty(len(at))
            remain(at, batch.duration, r, a, fall, gain, value, slope)
            felt = np.bincount(place, value, len(batch) * self.n_in).reshape(len(batch), self.n_in)

            def back(g: Any, needed: Any) -> Any:
                return [np.asarray(g, np.float64).reshape(-1)[place] * slope]

            return felt, back

        return forward
