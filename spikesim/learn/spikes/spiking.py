"""A layer of spiking neurons: the simulator's own models, with weights, delays and parameters that learn.

In each step of dt the layer does what the clock engine does (see `forward`), so that a trained layer, made a network,
sends the very same spikes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError, StateError
from ...keywords import all_named
from ...synapses.contract import Synapse
from ..layers.initialise import generator
from ..layers.module import Parameter
from .delays import checked_delays, delay_rows, delay_steps
from .fused import Pass
from .neurons import Neurons, held, whole
from .operation import Var, as_array, through
from .spike_batch import SpikeBatch, as_batch, require_finite
from .step import SYNAPSE_TAU, as_linear
from .surrogate import as_surrogate
from .threads import checked_threads
from .unroll import unrolled

__all__ = ["Spiking"]


@all_named
class Spiking(Neurons):
    """Spiking neurons with the synapses that lead to them: spikes in, spikes out.

    Input are spikes of shape (samples, steps, n_in): an array, a :class:`SpikeBatch`, or the output of another layer or
    an encoder; index t stands for the time (t + 1) dt.  Output has shape (samples, steps, n).

    Parameters
    ----------
    n : int
        Number of neurons.
    neuron : neuron model, optional
        Any of the simulator's, or your own; ``LIF.normalized()`` unless given.  Parameters are numbers or arrays (n,).
    synapse : Synapse or None
        How spikes act.  None: there are no synapses, and the input is a current (pA, or the model's unit), (samples, n)
        for all the time or (samples, steps, n); put a Linear before it.
    recurrent : bool
        Whether the neurons are connected among each other as well, each with each, by the same synapse.
    delays : float, array or {True, "axon"}
        Delays (ms): one number, (n_in,) of each source, or (n, n_in) of each synapse.  True: one a synapse, learnt;
        "axon": one a source, learnt.  They act rounded to steps.  dt unless given.
    recurrent_delays : float or array
        The same for recurrent synapses; they are not learnt.
    learn : tuple of str
        Which parameters of the neuron learn beside the weights, such as ``("tau_m", "V_th")``, and ``"synapse.tau"``.
        One value a neuron where the model was given an array.
    bias : bool
        Whether a current of each neuron is learnt.
    n_in : int, optional
        Number of sources; by default that of the first input.
    steps : int, optional
        Steps of a run, where the input is a current for all the time.
    dt : float
        Time step (ms).
    surrogate : str or (str, float)
        Derivative of the spike: "fast_sigmoid", "arctan", "triangle", "gaussian" or "boxcar", and its scale.
    reset : {"detached", "attached"}
        Whether gradients go through the reset (attached), or around it.
    truncate : int
        No gradient crosses the steps k * truncate (0: none is cut).
    max_delay : float, optional
        Learnt delays stay below (ms); 20 steps unless given.
    gain : float
        Size of the first weights: ``gain`` times U(-1, 1) / sqrt(n_in).
    threads : int, optional
        Unless given, all cores where the batch is worth it.  The result has the same bits for any number.
    fused : bool
        False goes through the neuron's own verbs on the tape, step by step: slower, the same gradients.  Models that
        the fused loops do not know take that way anyway.
    seed : int, optional
        Of the first weights and delays.

    Attributes
    ----------
    weight : Parameter, shape (n, n_in)
        Row = target; 1: a spike moves v by about the way from reset to threshold (:meth:`weights` has the synapse's
        unit).
    delay : Parameter
        Learnt delays, as a share of `max_delay`.
    recurrent_weight : Parameter, shape (n, n)
    bias : Parameter, shape (n,)

    Notes
    -----
    Memory of a batch: four numbers a neuron and step, two before a Readout; less in a :class:`Checkpointed`.

    Source: Zenke and Ganguli, Neural Comput. 30 (2018) 1514; Neftci, Mostafa and Zenke, IEEE Signal Process. Mag. 36
    (2019) 51; delays: Hammouamri et al. 2023 (arXiv:2306.17670).

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> from spikesim import learn
    >>> layer = learn.Spiking(3, ss.LIF.normalized(), ss.Exponential(5.0, normalize="area"), seed=1)
    >>> layer(np.ones((2, 20, 4))).detach().numpy().shape
    (2, 20, 3)
    """

    arguments: tuple[str, ...] = ("n", "neuron", "synapse", "dt")
    reads_potential = False

    def __init__(
        self,
        n: int,
        neuron: Any = None,
        synapse: Synapse | None = None,
        *,
        recurrent: bool = False,
        delays: Any = None,
        recurrent_delays: Any = None,
        learn: tuple[str, ...] = (),
        bias: bool = True,
        n_in: int | None = None,
        steps: int | None = None,
        dt: float = 1.0,
        surrogate: Any = "fast_sigmoid",
        reset: str = "detached",
        truncate: int = 0,
        max_delay: float | None = None,
        gain: float = 1.0,
        threads: int | None = None,
        fused: bool = True,
        seed: int | None = None,
    ) -> None:
        where = f"{type(self).__name__}({n!r})"
        super().__init__(where, n, neuron, synapse, learn, bias, dt)
        self.surrogate = as_surrogate(where, surrogate)
        if reset not in ("detached", "attached"):
            raise InvalidValueError(f'{where}: reset = {reset!r}, wanted "detached" or "attached"')
        self.reset = reset
        self.truncate = whole(f"{where}: truncate", truncate, least=0)
        self.steps = None if steps is None else whole(f"{where}: steps", steps)
        self.threads, self.fused, self.gain = checked_threads(where, threads), bool(fused), float(gain)
        self.rng = generator(seed)
        for what, given in (("recurrent=True", recurrent), (f"n_in={n_in!r}", n_in is not None)):
            if given and synapse is None:
                raise InvalidValueError(f"{where}: {what} needs a synapse; without one the input is a current")
        self.max_delay = 20.0 * self.dt if max_delay is None else float(max_delay)
        if not self.dt <= self.max_delay < np.inf:
            raise InvalidValueError(f"{where}: max_delay = {max_delay!r} ms, wanted at least dt = {dt:g} ms")
        self.delays, self.recurrent_delays = checked_delays(where, delays, recurrent_delays, recurrent, self.grid)
        if recurrent:
            size = self.gain / np.sqrt(self.n)
            self.recurrent_weight = Parameter(self.rng.uniform(-1.0, 1.0, (self.n, self.n)) * size)
        self.recurrent = bool(recurrent)
        self.n_in: int | None = None
        self.weight = Parameter(np.zeros((self.n, 0))) if synapse is not None else None
        self.delay = Parameter(np.zeros(0)) if delays is True or isinstance(delays, str) else None
        if n_in is not None:
            self._meet(whole(f"{where}: n_in", n_in))
        linear = as_linear(self.neuron, self.cell().parameters) is not None
        tape, cut = self.reason or ("" if fused else "fused=False"), self.truncate or self.delay is not None
        if tape and (cut or (self.reason and ((self.learn and linear) or SYNAPSE_TAU in self.learn))):
            raise InvalidValueError(
                f"{where}: {tape}, so it goes through the tape step by step, where neither delays nor tau of a"
                " synapse nor parameters of a linear model learn, and truncate does not act; leave these away"
            )

    # -- synapses -----------------------------------------------------------------------------------------------------

    def _meet(self, n_in: int) -> None:
        """Make the weights, now that the number of sources is known."""
        assert self.weight is not None  # it has a synapse: who asks has seen to it
        kind = self.weight.dtype
        self.n_in = n_in
        size = self.gain / np.sqrt(n_in)
        self.weight._val = (self.rng.uniform(-1.0, 1.0, (self.n, n_in)) * size).astype(kind)
        if self.delay is not None:
            shape = (n_in,) if self.delays == "axon" else (self.n, n_in)
            self.delay._val = self.rng.uniform(self.dt / self.max_delay, 1.0, shape).astype(kind)

    def _weight(self, where: str) -> Parameter:
        if self.weight is None:
            raise StateError(f"{type(self).__name__}({self.n}): {where}: it has no synapse, and no weights")
        return self.weight

    def weights(self) -> np.ndarray:
        """Return the weights (n, n_in) in the synapse's own unit, as the simulator takes them.

        Returns
        -------
        array, shape (n, n_in)
            Such as in pA.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, seed=1)
        >>> layer.weights().shape
        (2, 3)
        """
        return np.asarray(as_array(self._weight("weights")), np.float64) * self.unit

    def recurrent_weights(self) -> np.ndarray:
        """Return the recurrent weights (n, n) in the synapse's own unit.

        Returns
        -------
        array, shape (n, n)
            Row: target.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> learn.Spiking(2, None, ss.Exponential(5.0), n_in=3, recurrent=True, seed=1).recurrent_weights().shape
        (2, 2)
        """
        return np.asarray(as_array(self.recurrent_weight), np.float64) * self.unit

    def set_weights(self, weights: Any, recurrent: Any = None, biases: Any = None) -> Spiking:
        """Set weights, recurrent weights and biases, all in the simulator's own units; return the layer.

        Parameters
        ----------
        weights : array_like, shape (n, n_in)
            In the unit of the synapse.
        recurrent : array_like, shape (n, n), optional
            Of a recurrent layer.
        biases : array_like, shape (n,), optional
            Currents (pA).

        Returns
        -------
        Spiking
            Itself.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If they are no finite numbers, a shape differs, or the layer has no such synapses or biases.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, seed=1)
        >>> layer.set_weights(np.full((2, 3), 50.0)).weights().tolist()
        [[50.0, 50.0, 50.0], [50.0, 50.0, 50.0]]
        """
        weight, n = self._weight("set_weights"), self.n
        sources = np.shape(as_array(weights))[-1:] if self.n_in is None else (self.n_in,)
        W = held("set_weights: weights", weights, (n, *sources))
        among = None if recurrent is None else held("set_weights: recurrent", recurrent, *[(n, n)] * self.recurrent)
        if biases is not None:
            biases = held("set_weights: biases", biases, *[(), (1,), (n,)] * (self.bias is not None))
        if self.n_in is None:
            self._meet(W.shape[1])
        weight.val = W / self.unit
        if among is not None:
            self.recurrent_weight.val = among / self.unit
        if self.bias is not None and biases is not None:
            self.bias.val = np.broadcast_to(biases, (self.n,)) / self.current_unit
        return self

    def delay_ms(self) -> np.ndarray:
        """Return the delays in ms as they act: (1,), (n_in,) or (n, n_in).

        Returns
        -------
        array, shape (1,), (n_in,) or (n, n_in)
            Multiples of dt.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, seed=1)
        >>> layer.delay_ms().tolist()
        [1.0]
        """
        return self.grid.times(self.delay_steps())

    def delay_steps(self) -> np.ndarray:
        """Return the delays in steps, as :meth:`delay_ms`.

        Returns
        -------
        array of int
            As they act.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, seed=1)
        >>> layer.delay_steps().tolist()
        [1]
        """
        if self.delay is None:
            return delay_steps(f"{type(self).__name__}({self.n}): delays", self.delays, self.grid)
        ms = np.clip(np.asarray(as_array(self.delay), np.float64), 0.0, 1.0) * self.max_delay
        return self.grid.nearest(ms, least=1)[0]

    def recurrent_steps(self) -> np.ndarray:
        """Return the delays of recurrent synapses in steps: (1,), (n,) or (n, n).

        Returns
        -------
        array of int, shape (1,), (n,) or (n, n)
            As they act.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> learn.Spiking(2, None, ss.Exponential(5.0), n_in=3, recurrent=True, seed=1).recurrent_steps().tolist()
        [1]
        """
        return delay_steps(f"{type(self).__name__}({self.n}): recurrent_delays", self.recurrent_delays, self.grid)

    # -- forward ------------------------------------------------------------------------------------------------------

    def forward(self, x: Any) -> Var:
        return self._sent(x, *self._entering(x))

    def _sent(self, x: Any, drive: Any, batch: SpikeBatch, by: np.ndarray | None = None) -> Var:
        """What the layer hands up of an input that entered as `drive` and `batch`; `by`: sums of spikes, see Pass."""
        kind = self._kind(x)
        if self.reason or not self.fused:
            return unrolled(self, x if self.synapse is not None else drive, batch, batch.shape[1], kind)
        plan, (weight, delay, recurrent, table) = self._plan(kind, by)
        source = x if isinstance(x, Var) and self.synapse is not None else np.zeros(0)
        return through(type(self).__name__.lower(), plan(batch), source, weight, delay, recurrent, drive, table)

    def _entering(self, x: Any) -> tuple[Any, SpikeBatch]:
        """What comes in, as currents (samples, 1 or steps, n) and as spikes; of one of the two there are none."""
        where = f"{type(self).__name__}({self.n})"
        if self.synapse is None:
            return self._current(where, x)
        batch = as_batch(where, x, self.n_in)
        if self.n_in is None:
            self._meet(batch.shape[2])
        return np.zeros((batch.shape[0], 1, self.n), batch.dtype), batch

    def _plan(self, kind: Any, by: np.ndarray | None = None) -> tuple[Pass, tuple[Any, Any, Any, Any]]:
        """How the layer is gone through, and with what: weights, delays, recurrent weights, the table; on the tape."""
        where, (per_width, t_ref) = f"{type(self).__name__}({self.n})", self._fixed(self.cell())
        weight: Any = np.zeros((self.n, 0), kind) if self.weight is None else self.weight
        n_in = 0 if self.weight is None else int(self.n_in or 0)
        recurrent: Any = self.recurrent_weight if self.recurrent else np.zeros((self.n, 0), kind)
        n_r = self.n if self.recurrent else 0
        d = delay_rows(where, self.delay_steps(), self.n, n_in) if n_in else np.ones((0, 1), np.int32)
        dr = delay_rows(where, self.recurrent_steps(), self.n, n_r) if n_r else np.ones((0, 1), np.int32)
        plan = Pass(
            surrogate=self.surrogate,
            per_width=per_width,
            attached=self.reset == "attached",
            cut=self.truncate,
            spikes=not self.reads_potential,
            t_ref=t_ref,
            threads=self.threads,
            all_c=bool(self.learn),
            d=d,
            dr=dr,
            step=self.dt / self.max_delay,
            unit=self.unit,
            dtype=kind,
            by=np.zeros(0, kind) if by is None else by,
        )
        delay: Any = np.zeros(0) if self.delay is None else self.delay
        return plan, (weight, delay, recurrent, self.table())

    def _kind(self, x: Any) -> Any:
        """The precision: float64 in use, so that the spikes are the simulator's; in training that of the data."""
        if not self.training:
            return np.float64
        first = self.weight if self.weight is not None else x
        return np.float32 if first.dtype == np.float32 else np.float64

    def _current(self, where: str, x: Any) -> tuple[Any, SpikeBatch]:
        x = x if isinstance(x, Var) else np.asarray(x)
        if x.ndim not in (2, 3) or x.shape[-1] != self.n:
            raise InvalidValueError(
                f"{where}: input of shape {x.shape} without a synapse, wanted currents (samples, {self.n}) or (samples,"
                f" steps, {self.n}); put a Linear before it, or give a synapse"
            )
        if not x.shape[1]:
            raise InvalidValueError(f"{where}: input of shape {x.shape}, wanted one step at least")
        if x.ndim == 2 and self.steps is None:
            raise StateError(f"{where}: a current for all the time; for how long? Give steps=")
        steps = int(self.steps or x.shape[1]) if x.ndim == 2 else x.shape[1]
        require_finite(f"{where}: the currents", as_array(x))
        drive = x.reshape(x.shape[0], 1, self.n) if x.ndim == 2 else x
        none = np.zeros(0, np.int32)
        return drive, SpikeBatch(none, none, none, (x.shape[0], steps, 1))
