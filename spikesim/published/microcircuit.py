"""The cortical microcircuit under one square millimetre of cortex (Potjans and Diesmann 2014).

Four layers with an excitatory and an inhibitory population each: at full scale 77,169 LIF neurons and 299
million synapses.  The number of synapses of a projection is the K at which a pair is connected with the
probability C of table 5,

    K = ln(1 - C) / ln(1 - 1 / (N_pre N_post)),                               multapses and autapses allowed.

T. C. Potjans and M. Diesmann, "The cell-type specific cortical microcircuit: relating structure and activity
in a full-scale spiking network model", Cereb. Cortex 24:785-806 (2014), tables 4 and 5; initial potentials
and mean rates: the authors' implementation for NEST (PyNEST example Potjans_2014).

At a smaller scale (S. J. van Albada, M. Helias and M. Diesmann, "Scalability of asynchronous networks is
limited by one-to-one mapping between effective connectivity and correlations", PLoS Comput. Biol. 11:e1004490
(2015)) in-degrees times k and weights over sqrt(k) keep the variance of the input; a direct current restores
the mean that is lost, (1 - sqrt(k)) tau_syn sum over sources of (weight, in-degree, full-scale rate).
"""

from __future__ import annotations

import math

import numpy as np

from ..errors import InvalidValueError
from ..keywords import named
from ..kinds import one_of
from ..network import Network, checked, fixed_total
from ..neurons import LIF
from ..random import normal
from ..synapses import Exponential
from .comparison import Reference

__all__ = ["MICROCIRCUIT_REFERENCES", "POPULATIONS", "SCALED_REFERENCE", "microcircuit"]

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])  # in-degree from other areas
# probability that a pair is connected; row = target, column = source
PROBABILITIES = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
WEIGHT, WEIGHT_SPREAD, G = 87.8, 0.1, -4.0  # pA (0.15 mV), relative sd, inhibition over excitation
DELAYS, DELAY_SPREAD = (1.5, 0.75), 0.5  # ms from excitatory and inhibitory sources, relative sd
SHORTEST_DELAY = 0.05  # ms: what rounds to a step of 0.1 ms
TAU_SYN, BACKGROUND = 0.5, 8.0  # ms; Hz of one external source
CELL = {"tau_m": 10.0, "C_m": 250.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0}
# mV: a normal law a population that is near the stationary one, so that a run starts without a burst
V_MEAN = (-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43)
V_SD = (5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48)
FULL_RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # Hz, at full scale


def _by_population(*values: float) -> dict[str, float]:
    return dict(zip(POPULATIONS, values))


#: At full scale: the authors' rates, and those of an independent implementation, with CVs.
MICROCIRCUIT_REFERENCES = (
    Reference(
        "published",
        "Potjans and Diesmann 2014, mean rates of the authors' implementation at full scale",
        _by_population(*FULL_RATES.tolist()),
    ),
    Reference(
        "NetPyNE",
        "Romaro et al. 2021, Neural Comput 33:1993, tables A.1 and A.3, full scale, 60 s",
        _by_population(0.90, 2.80, 4.39, 5.70, 6.80, 8.22, 1.14, 7.60),
        _by_population(0.938, 0.916, 0.891, 0.873, 0.847, 0.809, 0.924, 0.819),
    ),
)
#: Scaled to a tenth, where cells are slower than at full scale: mean and variance are kept, not all the rest.
#: The CVs are those of one second, which are low.
SCALED_REFERENCE = Reference(
    "NEST 0.1",
    "NEST 3.10 at scale 0.1, ten seeds, 0.5-1.5 s (tests/against)",
    _by_population(0.471, 2.10, 3.96, 5.00, 6.42, 7.79, 0.821, 7.00),
    _by_population(0.636, 0.616, 0.641, 0.653, 0.641, 0.639, 0.641, 0.641),
)


@named
def microcircuit(
    scale: float = 0.1, indegree_scale: float | None = None, background: str = "poisson", seed: int = 1
) -> Network:
    """Return the microcircuit, populations "L23E" ... "L6I", with the spikes of all neurons recorded.

    Parameters
    ----------
    scale : float
        Size relative to the published one, > 0; 1.0 takes 299 million synapses.
    indegree_scale : float, optional
        In-degrees relative to the published ones; `scale` unless given.
    background : {"poisson", "dc"}
        Input from other areas: Poisson trains of 8 Hz a source, or their mean as a direct current.
    seed : int

    Returns
    -------
    Network
        Ready to run.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the numbers are not such, or a population would be empty.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.published.microcircuit(scale=0.02)
    >>> len(net.populations), net.populations["L23E"].size
    (8, 414)
    """
    scale = checked.number("microcircuit: scale", scale, above=0.0)
    k = scale if indegree_scale is None else indegree_scale
    k = checked.number("microcircuit: indegree_scale", k, above=0.0)
    one_of("microcircuit: background", background, ("poisson", "dc"))
    sizes = np.rint(scale * SIZES).astype(int)
    if not sizes.min():
        raise InvalidValueError(
            f"microcircuit: scale = {scale:g} leaves {POPULATIONS[int(sizes.argmin())]} empty; "
            f"wanted {1.0 / SIZES.min():.1g} or more"
        )
    weights, synapse = full_weights() / math.sqrt(k), Exponential(TAU_SYN)
    net = Network(seed=seed)
    currents = lost_current(k) + (external_current() * math.sqrt(k) if background == "dc" else 0.0)
    for i, name in enumerate(POPULATIONS):
        cell = LIF(**CELL, I_e=float(currents[i]))
        net.population(name, int(sizes[i]), cell, v=normal(V_MEAN[i], V_SD[i]))
        if background == "poisson":
            rate, weight = BACKGROUND * EXTERNAL[i] * k, WEIGHT / math.sqrt(k)
            net.background(net[name], rate=float(rate), weight=weight, synapse=synapse)
    numbers = np.rint(indegrees() * k * sizes[:, None]).astype(int)
    for (i, j), number in np.ndenumerate(numbers):
        if number:
            net.connect(
                net[POPULATIONS[j]],
                net[POPULATIONS[i]],
                fixed_total(int(number)),
                weight=_spread(float(weights[i, j])),
                delay=normal(DELAYS[j % 2], DELAY_SPREAD * DELAYS[j % 2], low=SHORTEST_DELAY),
                synapse=synapse,
            )
    for name in POPULATIONS:
        net.record(net[name], "spikes")
    return net


def full_weights() -> np.ndarray:
    """Return the mean weights (pA) at full scale, row = target; those from L4E to L23E count twice."""
    weights = np.tile([WEIGHT, G * WEIGHT], (8, 4))
    weights[0, 2] *= 2.0
    return weights


def indegrees() -> np.ndarray:
    """Return the mean in-degrees at full scale, row = target: K / N_post."""
    pairs = np.outer(SIZES, SIZES).astype(np.float64)
    return np.log1p(-PROBABILITIES) / np.log1p(-1.0 / pairs) / SIZES[:, None]


def external_current() -> np.ndarray:
    """Return the mean current (pA) from other areas at full scale, by population."""
    return 1e-3 * TAU_SYN * WEIGHT * EXTERNAL * BACKGROUND  # 1e-3: events a second to events a ms


def lost_current(k: float) -> np.ndarray:
    """Return the mean current (pA) that in-degrees times k and weights over sqrt(k) take away."""
    recurrent = 1e-3 * TAU_SYN * (full_weights() * indegrees()) @ FULL_RATES
    return (1.0 - math.sqrt(k)) * (recurrent + external_current())


def _spread(mean: float) -> object:
    """The law of a weight: normal with a tenth of spread, never of the other sign."""
    sd = WEIGHT_SPREAD * abs(mean)
    return normal(mean, sd, low=0.0) if mean > 0.0 else normal(mean, sd, high=0.0)
