"""Neurons that compete for patterns and learn them without labels, after Diehl and Cook (2015).

Inputs fire at random with rates in proportion to a pattern.  A neuron

    tau dv/dt = I - v,   tau_theta dtheta/dt = -theta,   v > 1 + theta: spike, v = 0, theta <- theta + step

that fires silences the others for a while, becomes harder to excite, and takes the pattern that it has just seen into
its weights: at its spike those of inputs that were active grow, the others shrink,

    dw = A (x - x_target) F(w)      (their equation 6; x: trace of arrivals; F: soft bounds)

and after each pattern the weights onto a neuron are scaled to a fixed sum.  So every neuron comes to stand for a kind
of pattern, and all of them for about equally many.  Labels are used afterwards only, to name the neurons.

P. U. Diehl and M. Cook, "Unsupervised learning of digit recognition using spike-timing-dependent plasticity", Front.
Comput. Neurosci. 9:99 (2015).  There are no inhibitory neurons here (each neuron inhibits all others itself), currents
stand in for conductances, and a pattern is shown once, however few spikes it causes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidValueError
from ..keywords import all_named, named
from ..network import Network, all_to_all, from_matrix
from ..neurons import SpikeTimes, equation, model
from ..plasticity import STDP
from ..random import uniform
from ..scalars import number_array, whole_array
from ..synapses import Exponential

__all__ = ["AdaptiveThreshold", "Competition", "names_of", "votes"]

RATE, SHOWN, PAUSE, DT = 36.0, 200.0, 50.0, 0.5  # Hz, mean of all inputs; ms
MEAN_WEIGHT, INHIBITION = 0.2, 5.0


@model(states=("v", "theta"))
class AdaptiveThreshold(NamedTuple):
    """tau dv/dt = I - v,  tau_theta dtheta/dt = -theta;  v > 1 + theta: spike, v = 0, theta <- theta + step

    Parameters
    ----------
    tau : float
        Time constant of v (ms).
    tau_theta : float
        Time constant of theta (ms).
    step : float
        By how much theta grows at a spike.
    t_ref : float
        Refractory time (ms).
    hold : bool
        False: v runs while refractory.

    Examples
    --------
    >>> from spikesim.published import AdaptiveThreshold
    >>> AdaptiveThreshold().states
    ('v', 'theta')
    """

    tau: float = 20.0
    t_ref: float = 5.0
    tau_theta: float = 1e6
    step: float = 0.02

    @equation
    def slope(s, u, p):
        return ((u.current - s[0]) / p.tau, -s[1] / p.tau_theta)

    @equation
    def margin(s, p):
        return s[0] - 1.0 - s[1]

    @equation
    def reset(s, p):
        return (0.0, s[1] + p.step)


@all_named
@dataclass(frozen=True, eq=False)
class Competition:
    """A layer of competing neurons: a value; what it has learnt is in the one that `learn` returns.

    Parameters
    ----------
    size : int
        Number of neurons.
    inputs : int
        Number of inputs.
    seed : int
        Of the weights at the start and of all input spikes.
    fields : float64 array (size, inputs)
        Weights onto each neuron; drawn where nothing is given.
    theta : float64 array (size,)
        How much harder than at first each neuron is to excite.
    step : float
        By how much a threshold grows at a spike while the layer learns.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> layer = ss.published.Competition(size=4, inputs=9, seed=1)
    >>> layer.respond(np.ones((1, 9))).shape
    (1, 4)
    """

    size: int
    inputs: int
    seed: int = 0
    fields: np.ndarray | None = None
    theta: np.ndarray = field(default_factory=lambda: np.zeros(1))
    step: float = 0.02

    def network(self, patterns: Any, *, learning: bool) -> Network:
        """Return the network that is shown patterns (n, inputs), all >= 0, for 200 ms each and a pause of 50 ms.

        Parameters
        ----------
        patterns : array of float, shape (n, inputs)
            What is shown, all >= 0.
        learning : bool
            Whether weights and thresholds change.

        Returns
        -------
        Network
            Ready to run, "cells" being the layer.

        Raises
        ------
        InvalidValueError
            If the patterns have another shape, or negative values.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> layer = ss.published.Competition(size=4, inputs=9, seed=1)
        >>> layer.network(np.ones((1, 9)), learning=True).populations["cells"].size
        4
        """
        patterns = np.asarray(patterns, np.float64)
        if patterns.ndim != 2 or patterns.shape[1] != self.inputs or not (patterns >= 0.0).all():
            raise InvalidValueError(
                f"Competition: patterns must have shape (n, {self.inputs}) and values >= 0, got shape {patterns.shape}"
            )
        mean = np.maximum(patterns.mean(axis=1, keepdims=True), 1e-300)
        rng = np.random.default_rng([self.seed, int(learning)])
        counts = rng.poisson(RATE * SHOWN / 1000.0 * patterns / mean)
        start = np.arange(len(patterns)) * (SHOWN + PAUSE)
        trains = [np.sort(np.repeat(start, n) + rng.uniform(DT, SHOWN, n.sum())) for n in counts.T]
        net = Network(seed=self.seed)
        sources = net.population("inputs", self.inputs, SpikeTimes(trains))
        cell = AdaptiveThreshold(step=self.step if learning else 0.0)
        theta = np.broadcast_to(self.theta, (self.size,))
        cells = net.population("cells", self.size, cell, theta=theta)
        most = 64.0 / self.inputs  # so that all inputs together are as strong for any number of them
        mean_weight = MEAN_WEIGHT * most
        stdp = STDP(
            A_plus=0.02 * most, A_minus=0.0, A_post=-0.6 * 0.02 * most, w_max=most, mu_plus=1.0, mu_minus=1.0,
            w_total=mean_weight * self.inputs, every=SHOWN + PAUSE,
        )  # fmt: skip
        net.connect(
            sources, cells, all_to_all() if self.fields is None else from_matrix(self.fields),
            weight=uniform(0.25 * mean_weight, 1.75 * mean_weight) if self.fields is None else None, delay=DT,
            synapse=Exponential(tau=5.0), plasticity=stdp if learning else None, name="fields",
        )  # fmt: skip
        others = all_to_all(allow_autapses=False)
        net.connect(cells, cells, others, weight=-INHIBITION, delay=DT, synapse=Exponential(tau=10.0), name="rivals")
        net.record(cells, "spikes")
        net.record(cells, "theta", every=SHOWN + PAUSE)
        return net

    def _run(self, patterns: Any, learning: bool) -> Any:
        net = self.network(patterns, learning=learning)
        return net.run(len(patterns) * (SHOWN + PAUSE), dt=DT, progress=False)

    def learn(self, patterns: Any) -> Competition:
        """Return what the layer has become when the patterns (n, inputs) have been shown once, in their order.

        Parameters
        ----------
        patterns : array of float, shape (n, inputs)
            What is shown, all >= 0.

        Returns
        -------
        Competition
            With other fields and thresholds.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> layer = ss.published.Competition(size=4, inputs=9, seed=1)
        >>> layer.learn(np.ones((2, 9))).fields.shape
        (4, 9)
        """
        result = self._run(patterns, True)
        theta = result.traces["cells"]["theta"].values[-1]
        return replace(self, fields=result.weights["fields"].toarray(), theta=theta)

    def respond(self, patterns: Any) -> np.ndarray:
        """Return how often each neuron fires at each pattern, (n, size), while nothing is learnt.

        Parameters
        ----------
        patterns : array of float, shape (n, inputs)
            What is shown, all >= 0.

        Returns
        -------
        array of float, shape (n, size)
            Spikes.

        Examples
        --------
        >>> import numpy as np
        >>> import spikesim as ss
        >>> layer = ss.published.Competition(size=4, inputs=9, seed=1)
        >>> layer.respond(np.zeros((1, 9))).tolist()
        [[0.0, 0.0, 0.0, 0.0]]
        """
        spikes, fired = self._run(patterns, False).spikes["cells"], np.zeros((len(patterns), self.size))
        at = np.minimum((spikes.times // (SHOWN + PAUSE)).astype(int), len(patterns) - 1)
        np.add.at(fired, (at, spikes.ids), 1.0)
        return fired


@named
def names_of(fired: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Return the class, int64 (size,), to which each neuron answers most; `labels` are those of the rows of `fired`.

    Parameters
    ----------
    fired : array of float, shape (n, size)
        As :meth:`Competition.respond` returns them.
    labels : array of int, shape (n,)
        The classes of the patterns.
    classes : int
        How many there are.

    Returns
    -------
    array of int, shape (size,)
        A class a neuron, of those that are among the labels.

    Raises
    ------
    InvalidValueError
        If there are no patterns, or not one label for each, from 0 to `classes` - 1.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim.published import names_of
    >>> names_of(np.array([[5.0, 0.0], [1.0, 4.0]]), np.array([0, 1]), classes=2).tolist()
    [0, 1]
    """
    fired, labels = _answers("names_of", fired), _classes("names_of: labels", labels, classes, len(fired))
    if not labels.size:
        raise InvalidValueError("names_of: no pattern was shown, so that no neuron has a class")
    shown = np.unique(labels)
    return shown[np.array([fired[labels == c].mean(axis=0) for c in shown]).argmax(axis=0)]


@named
def votes(fired: np.ndarray, names: np.ndarray, classes: int) -> np.ndarray:
    """Return the class, int64 (n,), whose neurons answer most to each pattern.

    Parameters
    ----------
    fired : array of float, shape (n, size)
        As :meth:`Competition.respond` returns them.
    names : array of int, shape (size,)
        The class of each neuron.
    classes : int
        How many there are.

    Returns
    -------
    array of int, shape (n,)
        A class a pattern; 0 where no neuron fired.

    Raises
    ------
    InvalidValueError
        If there are no neurons, or not one name for each, from 0 to `classes` - 1.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim.published import votes
    >>> votes(np.array([[5.0, 0.0], [1.0, 4.0]]), np.array([0, 1]), classes=2).tolist()
    [0, 1]
    """
    fired = _answers("votes", fired)
    names = _classes("votes: names", names, classes, fired.shape[1])
    present = np.unique(names)
    if not present.size:
        raise InvalidValueError("votes: there are no neurons, so that no pattern has a class")
    answers = np.array([fired[:, names == c].mean(axis=1) for c in present])
    return np.where(answers.max(axis=0) > 0.0, present[answers.argmax(axis=0)], 0)


def _answers(where: str, fired: Any) -> np.ndarray:
    """Numbers of spikes, a row a pattern, a column a neuron."""
    fired = number_array(f"{where}: fired", fired)
    if fired.ndim != 2 or not np.isfinite(fired).all() or (fired < 0).any():
        raise InvalidValueError(f"{where}: fired: wanted numbers of spikes of shape (n, size), got shape {fired.shape}")
    return fired


def _classes(where: str, given: Any, classes: int, count: int) -> np.ndarray:
    """A class for each of so many."""
    found = whole_array(where, given)
    if found.shape != (count,):
        raise InvalidValueError(f"{where}: wanted {count} classes, one each, got shape {found.shape}")
    bad = np.flatnonzero((found < 0) | (found >= classes))
    if bad.size:
        got = f"{found[bad[0]]} at index {bad[0]}"
        raise InvalidValueError(f"{where}: wanted classes from 0 to {classes - 1}, got {got} (classes={classes})")
    return found
