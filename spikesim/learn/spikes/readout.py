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

from typing import Any

import numpy as np

from ...errors import UnknownNameError, did_you_mean
from ...neurons.lif import LIF
from ...synapses.contract import Synapse
from ...synapses.gamma import Exponential
from .neurons import never_firing
from .operation import Var, through
from .spiking import Spiking

__all__ = ["READS", "Readout", "read_potential"]

READS = ("mean", "max", "last", "exponential", "count", "first")


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
        super().__init__(n, neuron, Exponential(5.0, normalize="area") if synapse is None else synapse, **options)

    def forward(self, x: Any) -> Var:
        return self.read_out(super().forward(x))

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
