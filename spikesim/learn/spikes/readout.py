"""The output of a spiking network: neurons that never fire, read by their potential; or spikes, counted or timed.

| read        | output y of a neuron |
| ----------- | --- |
| mean        | mean of v over the steps |
| max         | largest v |
| last        | v at the end |
| exponential | mean of v weighted with exp(-t / T), T the length of the run (Nowotny et al. 2022) |
| count       | number of spikes |
| first       | minus the time of the first spike in units of the run; a silent neuron: -1 |
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...errors import UnknownNameError, did_you_mean
from ...keywords import all_named
from ...neurons.lif import LIF
from ...synapses.contract import Synapse
from ...synapses.gamma import Exponential
from .buffers import BUFFERS
from .neurons import never_firing
from .operation import Var, as_array, through
from .spike_batch import SpikeBatch
from .spiking import Spiking
from .step import C_0, C_F, C_J, C_V, DECAY, V_0

__all__ = ["READS", "Readout", "read_potential"]

READS = ("mean", "max", "last", "exponential", "count", "first")


@all_named
class Readout(Spiking):
    """Output neurons: (samples, steps, n_in) spikes in, (samples, n) numbers out.

    Parameters
    ----------
    n : int
        Number of outputs.
    neuron : neuron model, optional
        ``LIF.normalized()`` unless given; to be read by its potential its threshold is set to infinity.
    synapse : Synapse, optional
        ``Exponential(5.0, normalize="area")`` unless given.
    read : {"mean", "max", "last", "exponential", "count", "first"}
        What is made of potentials (the first four) or spikes.
    **options
        As of :class:`Spiking`.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.Readout(3, read="max", seed=1)(np.ones((2, 20, 4))).detach().numpy().shape
    (2, 3)
    """

    arguments: tuple[str, ...] = ("n", "neuron", "synapse", "read", "dt")

    def __init__(
        self, n: int, neuron: Any = None, synapse: Synapse | None = None, *, read: str = "mean", **options: Any
    ) -> None:
        if read not in READS:
            raise UnknownNameError(f"Readout({n!r}): read = {read!r}{did_you_mean(read, READS)}")
        self.read = read
        neuron = LIF.normalized() if neuron is None else neuron
        self.reads_potential = read in ("mean", "max", "last", "exponential")
        if self.reads_potential:
            neuron = never_firing(f"Readout({n!r}, read={read!r})", neuron)
        self._slopes: dict[Any, tuple[np.ndarray, float, float] | None] = {}  # of `_sums`, found once
        super().__init__(n, neuron, Exponential(5.0, normalize="area") if synapse is None else synapse, **options)

    def forward(self, x: Any) -> Var:
        slopes = self._sums(x.shape[2], x.shape[1]) if isinstance(x, Var) and x.ndim == 3 else None
        if slopes is None:
            return self.read_out(super().forward(x))
        felt: Any = through("felt", _over_time(slopes[0]), x)
        return self._at_once(felt, *slopes)

    def _joined(self, before: Any, x: Any) -> Var | None:
        """Return the outputs for what enters the layer before: its spikes are summed where they are made.

        None where it has to be gone through by itself.
        """
        plain = getattr(before, "forward", None), self.forward
        if [getattr(f, "__func__", None) for f in plain] != [Spiking.forward, Readout.forward]:
            return None
        if not before.training or before.reason or not before.fused or before.recurrent or before.learn:
            return None
        if not self._is_linear or self.n_in not in (None, before.n):
            return None
        drive, batch = before._entering(x)
        slopes = self._sums(before.n, batch.shape[1])
        if slopes is None or slopes[0].dtype != before._kind(x):
            return self(before._sent(x, drive, batch))
        return self._at_once(before._sent(x, drive, batch, by=slopes[0]), *slopes)

    @property
    def _is_linear(self) -> bool:
        """Whether outputs are sums over spikes as far as the layer's options say.

        Not in use, where potentials are the simulator's, and not where something beside weights and biases learns.
        """
        if not (self.training and self.reads_potential and self.read != "max" and self.fused and not self.reason):
            return False
        return not (self.recurrent or self.learn or self.truncate or self.delay is not None)

    def _sums(self, units: int, steps: int) -> tuple[np.ndarray, float, float] | None:
        """What the outputs are sums of, see `_at_once`; None where each step is gone through.

        So it is where the read is not linear or the neurons are not alike.
        """
        if not self._is_linear or self.n_in not in (None, units):
            return None  # (of other units: it is refused)
        if self.n_in is None:
            self._meet(units)
        kind = self._kind(self.weight)
        key = steps, self.read, np.dtype(kind).char
        if key not in self._slopes:
            self._slopes[key] = self._by_one(kind, steps)
        return self._slopes[key]

    def _at_once(self, felt: Any, by_spike: np.ndarray, by_constant: float, by_start: float) -> Any:
        """Return the outputs as sums: they are linear in the spikes, in the constant of a step and in v at 0.

        `felt` (samples, n_in) are the spikes, each step times `by_spike`.
        """
        weight, table = self._weight("forward") * self.unit, self.table()
        return felt @ weight.T + (table[C_0] * by_constant + table[V_0] * by_start).astype(by_spike.dtype)

    def _by_one(self, kind: Any, steps: int) -> tuple[np.ndarray, float, float] | None:
        """dy/dS of each step for a weight of 1, dy/dc_0 and dy/dv_0: the backward pass of one neuron of one source."""
        c = self._without_bias(self.cell(), ())[[C_V, C_F, C_J, DECAY]]
        if len(self.delay_steps()) > 1 or np.any(c != c[:, :1]):
            return None
        v = Var(np.zeros((1, steps, 1), kind))
        read_potential(v, self.read).sum().backward()
        plan, (_, _, _, table) = self._plan(kind)
        d = self.delay_steps().astype(np.int32).reshape(1, 1)
        plan = replace(plan, d=d, t_ref=plan.t_ref[:1], per_width=plan.per_width[:1], all_c=True, unit=1.0)
        layer = plan.arrays(np.ones((1, 1)), np.zeros((1, 0)), as_array(table)[:, :1])
        still, none = np.zeros((1, steps, 1), kind), np.zeros(0, np.int32)
        batch = SpikeBatch(none, none, none, still.shape)
        asked = [True, False, False, False, False, True]
        found, _ = plan.behind(layer, batch, still, None, still[:, :1], still, still, v.grad, asked)
        return np.asarray(found[0]).reshape(-1), float(found[5][C_0, 0]), float(found[5][V_0, 0])

    def read_out(self, out: Any) -> Any:
        """Return what `read` makes of potentials or spikes, whichever it is that is read.

        Parameters
        ----------
        out : Var or array, shape (samples, steps, n)
            Potentials, or spikes.

        Returns
        -------
        Var or array, shape (samples, n)
            The outputs.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.Readout(2, n_in=3, read="max").read_out(np.ones((1, 5, 2))).tolist()
        [[1.0, 1.0]]
        """
        return read_potential(out, self.read) if self.reads_potential else self.read_spikes(out)

    def read_spikes(self, S: Any) -> Any:
        """Return what `read` makes of spikes (samples, steps, n).

        Parameters
        ----------
        S : Var or array, shape (samples, steps, n)
            Spikes.

        Returns
        -------
        Var or array, shape (samples, n)
            Counts, or the times of first spikes.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.Readout(2, n_in=3, read="count").read_spikes(np.ones((1, 5, 2))).tolist()
        [[5.0, 5.0]]
        """
        return S.sum(axis=1) if self.read == "count" else first_spike(S)


def _over_time(c: np.ndarray) -> Any:
    """Return forward(x) -> (sum_t c_t x[:, t], back)."""

    def forward(x: Any) -> Any:
        def back(g: Any, _: Any) -> Any:
            out = BUFFERS.empty(x.shape, x.dtype)
            return [np.multiply(g[:, None, :], c.astype(x.dtype)[:, None], out=out)]

        return np.matmul(c.astype(x.dtype), x), back

    return forward


def read_potential(v: Any, read: str) -> Any:
    """Return what `read` makes of potentials (samples, steps, n): an array or a Var (samples, n)."""
    if read == "mean":
        return v.mean(axis=1)
    if read == "max":
        return v.max(axis=1)
    if read == "last":
        return v[:, -1]
    steps = v.shape[1]
    weights = np.exp(-np.arange(1, steps + 1) / steps)
    return (v * (weights / weights.sum()).astype(v.dtype)[:, None]).sum(axis=1)


def first_spike(S: Any) -> Var:
    """Return minus the first spike's time, as a share of the run; -1 for silence.

    t_1 / T = mean over the steps of prod_{s <= t} (1 - S[s]): the share of steps before it; its derivative by S[t] is
    that of this product, so that a spike earlier than the first counts and a later one does not.
    """

    def forward(s: Any) -> Any:
        waiting = np.cumprod(1.0 - s, axis=1)
        steps = s.shape[1]
        y = -waiting.mean(axis=1)

        def back(g: Any, _: Any) -> Any:
            before = np.concatenate([np.ones_like(waiting[:, :1]), waiting[:, :-1]], axis=1)
            # without spike at t: waiting goes on to the next spike after t
            following = np.zeros_like(s)
            run = np.zeros_like(s[:, 0])
            for t in range(steps - 1, -1, -1):
                run = 1.0 + (run if t + 1 == steps else (1.0 - s[:, t + 1]) * run)
                following[:, t] = run
            return [g[:, None, :] * before * following / steps]

        return y.astype(s.dtype), back

    return through("first_spike", forward, S)
