"""Running a trained network in spikes: scores from the mean filtered input of the read-out.

The read-out neurons integrate their input (see :func:`to_network`), so the mean over any window (s, t] is
(v(t) - v(s)) / (t - s), without sampling error.  The window begins at about 3 tau_s, when the PSC filters
have come to 95 % of their mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import named
from ..autodiff.tape import as_array, no_grad
from ..layers.module import Module
from ..train.fit import accuracy
from .network import as_samples, checked_input, network_of, sample_shape
from .stages import Chain, read_chain

__all__ = ["SpikingRun", "run_spiking"]

SYNAPSES_AT_ONCE = 4_000_000  # 16 bytes each while they are listed
NEURONS_AT_ONCE = 600_000


@dataclass(frozen=True, eq=False)
class SpikingRun:
    """What a spiking network made of samples.

    Parameters
    ----------
    times : array, shape (T,)
        When the read-out was sampled (ms).
    integrals : array, shape (T, n, n_out)
        The read-out's input, integrated from 0 to each time.
    after : float
        Where the window of averaging begins (ms).
    rates : dict of str to array, shape (n, units)
        Spikes per second of every neuron of a population.
    head : tuple of Module
        What the model applies to its last Linear.

    Attributes
    ----------
    times : ndarray, shape (T,)
        When the read-out was sampled (ms).
    integrals : ndarray, shape (T, n, n_out)
        The read-out's input, integrated from 0 to each time.
    after : float
        Where the window of averaging begins (ms).
    rates : dict of str to ndarray, shape (n, units)
        Spikes per second of every neuron of a population over the whole run, in turn for its copies.
    head : tuple of Module
        What the model applies to its last Linear.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> run = learn.SpikingRun(np.array([1.0, 2.0]), np.array([[[1.0]], [[3.0]]]), after=1.0, rates={})
    >>> run.outputs_at(2.0).tolist()
    [[2.0]]
    """

    times: np.ndarray
    integrals: np.ndarray
    after: float
    rates: dict[str, np.ndarray] = field(repr=False)
    head: tuple[Module, ...] = field(default=(), repr=False)

    def outputs_at(self, time: float) -> np.ndarray:
        """Return the mean output, shape (n, n_out), over (after, time] ms, or (0, time] before that.

        Parameters
        ----------
        time : float
            In ms, one at which the read-out was sampled or later.

        Returns
        -------
        array, shape (n, n_out)
            With the last layers of the model applied.

        Raises
        ------
        InvalidValueError
            If it is before the first sample.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> run = learn.SpikingRun(np.array([1.0, 2.0]), np.array([[[1.0, 0.0]], [[3.0, 1.0]]]), after=0.0, rates={})
        >>> run.outputs_at(2.0).tolist()
        [[1.5, 0.5]]
        """
        stop = int(np.searchsorted(self.times, time * (1.0 + 1e-12), side="right")) - 1
        if stop < 0:
            raise InvalidValueError(f"outputs_at: time = {time!r} ms, wanted {self.times[0]:g} ... {self.times[-1]:g}")
        begin = int(np.searchsorted(self.times, self.after * (1.0 - 1e-12)))
        v, t = self.integrals[stop], self.times[stop]
        if begin < stop and self.after > 0.0:
            v, t = v - self.integrals[begin], t - self.times[begin]
        return v / t

    @property
    def scores(self) -> np.ndarray:
        """The mean output of the last Linear at the end, shape (n, n_out): what classes are judged by."""
        return self.outputs_at(self.times[-1])

    @property
    def outputs(self) -> np.ndarray:
        """The scores after the model's output function, if it has one; shape (n, n_out)."""
        y: Any = self.scores
        with no_grad():
            for layer in self.head:
                y = layer(y)
        return as_array(y)

    @property
    def classes(self) -> np.ndarray:
        """The class of the largest score, shape (n,)."""
        return np.argmax(self.scores, axis=1)

    def accuracy(self, classes: Any, time: float | None = None) -> float:
        """Return the share of samples judged rightly, after `time` ms (at the end unless given).

        Parameters
        ----------
        classes : array_like of int, shape (n,)
            The right ones.
        time : float, optional
            In ms; the end unless given.

        Returns
        -------
        float
            From 0 to 1.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> run = learn.SpikingRun(np.array([1.0, 2.0]), np.array([[[1.0, 0.0]], [[3.0, 1.0]]]), after=0.0, rates={})
        >>> run.accuracy([0])
        1.0
        """
        return accuracy(self.outputs_at(self.times[-1] if time is None else time), classes)


@named
def run_spiking(
    model: Any,
    x: Any,
    duration: float = 100.0,
    *,
    after: float | None = None,
    dt: float = 0.1,
    every: float = 1.0,
    engine: str = "clock",
    threads: int | None = None,
    batch_size: int | None = None,
    tau_s: float = 5.0,
    copies: int = 1,
    max_rate: float = 200.0,
    calibration: Any = None,
    input: str | None = None,
    seed: int = 0,
    **options: Any,
) -> SpikingRun:
    """Present samples to the spiking form of a trained network, and read it out.

    Parameters
    ----------
    model, x, tau_s, copies, max_rate, calibration, input, seed, **options
        See :func:`to_network`; the samples are `x`, shape (n, n_in).
    duration : float
        How long each sample is shown (ms).
    after : float, optional
        Where the window of averaging begins (ms); 3 tau_s unless given.
    dt, engine, threads
        See :meth:`spikesim.Network.run`.
    every : float
        Sampling interval of the read-out (ms), a multiple of dt.
    batch_size : int, optional
        Samples that run side by side; as many as fit into about 100 MB unless given.

    Returns
    -------
    SpikingRun

    Raises
    ------
    InvalidValueError, InvalidTypeError
        As :func:`to_network`; or if the window of averaging is empty.

    Examples
    --------
    >>> from spikesim import learn
    >>> net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.LIFRate(), learn.Linear(3, 2, seed=2))
    >>> run = learn.run_spiking(net, [[0.5, 1.0], [1.0, 0.0]], duration=50.0)
    >>> run.outputs_at(50.0).shape
    (2, 2)
    """
    rows = as_samples("run_spiking: x", x)
    known = rows if calibration is None else as_samples("run_spiking: calibration", calibration)
    chain = read_chain(model, max_rate, known, sample_shape(x))
    start = every * math.ceil((3.0 * tau_s if after is None else after) / every - 1e-9)
    if not 0.0 <= start < duration:
        raise InvalidValueError(
            f"run_spiking: averaging from {start:g} ms on in a run of {duration:g} ms;"
            " give a longer duration, or a smaller `after`"
        )
    kind = checked_input(input, rows)
    batch = _batch(chain, kind, copies) if batch_size is None else int(batch_size)
    if batch < 1:
        raise InvalidValueError(f"run_spiking: batch_size = {batch_size!r}, wanted a whole number >= 1")
    integrals, rates, times = [], [], np.zeros(0)
    for k, first in enumerate(range(0, len(rows), batch)):
        part = rows[first : first + batch]
        net = network_of(chain, part, input=kind, tau_s=tau_s, copies=copies, seed=seed + k, **options)
        net.record(net["readout"], "v", every=every)
        firing = [population for name, population in net.populations.items() if name != "readout"]
        for population in firing:
            net.record(population, "spikes")
        result = net.run(duration, dt=dt, engine=engine, threads=threads, progress=False)
        trace = result.traces["readout"]["v"]
        times = trace.times
        integrals.append(trace.values.reshape(len(times), len(part), -1))
        rates.append({p.name: result.spikes[p.name].rates().reshape(len(part), -1) for p in firing})
    joined = {name: np.concatenate([r[name] for r in rates]) for name in rates[0]}
    return SpikingRun(times, np.concatenate(integrals, axis=1), start, joined, chain.head)


def _batch(chain: Chain, kind: str, copies: int) -> int:
    """How many copies of the network fit."""
    sizes = [stage.size * copies for stage in chain.stages] + [len(chain.bias)]
    if kind != "current":
        sizes = [chain.n_in, *sizes]
    synapses = sum(a * b for a, b in pairwise(sizes))
    return max(1, min(SYNAPSES_AT_ONCE // max(synapses, 1), NEURONS_AT_ONCE // sum(sizes)))
