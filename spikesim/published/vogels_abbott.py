"""The benchmark networks of Brette et al. (2007): self-sustained activity after Vogels and Abbott (2005).

4,000 neurons, four fifths excitatory, 2 % of all pairs connected, no input from outside.  At 10 nS of leak:

======= =================================== ===========================================================
cuba    LIF, currents                       jumps of 1.62 and -9 mV (16.2 and -90 pA), 5 and 10 ms
coba    LIF, conductances                   6 and 67 nS, 5 and 10 ms, towards 0 and -80 mV
cobahh  Traub-Miles cells, conductances     the same synapses
======= =================================== ===========================================================

R. Brette et al., "Simulation of networks of spiking neurons: a review of tools and strategies", J. Comput.
Neurosci. 23:349-398 (2007), appendix B, benchmarks 2, 1 and 3.  T. P. Vogels and L. F. Abbott, "Signal
propagation and logic gating in networks of integrate-and-fire neurons", J. Neurosci. 25:10786-10795 (2005).
No rates are printed there; the references are means over seeds of other simulators (tests/against).
"""

from __future__ import annotations

from typing import Any

from ..errors import InvalidValueError
from ..keywords import named
from ..network import DC, Network, checked, fixed_probability
from ..neurons import LIF, TraubMiles
from ..random import uniform
from ..synapses import ConductanceExponential, Exponential
from .comparison import Reference

__all__ = ["COBAHH_REFERENCE", "COBA_REFERENCE", "CUBA_REFERENCE", "coba", "cobahh", "cuba"]

EXCITATORY = 0.8  # of all neurons
CONDUCTANCES = (
    (6.0, ConductanceExponential(tau=5.0, E_rev=0.0)),
    (67.0, ConductanceExponential(tau=10.0, E_rev=-80.0)),
)

CUBA_REFERENCE = Reference(
    "NEST", "NEST 3.10, ten seeds, 0.3-1.3 s", {"exc": 5.40, "inh": 5.55}, {"exc": 0.53, "inh": 0.53}
)
COBA_REFERENCE = Reference(
    "NEST", "NEST 3.10, ten seeds, 0.3-1.3 s", {"exc": 18.2, "inh": 18.7}, {"exc": 1.61, "inh": 1.62}
)
COBAHH_REFERENCE = Reference(
    "Brian 2",
    "Brian 2.9 at dt = 0.02 ms, six seeds, 0.3-1.3 s",
    {"exc": 43.4, "inh": 42.0},
    {"exc": 2.22, "inh": 2.21},
)


@named
def cuba(neurons: int = 4000, indegree: float = 80.0, delay: float = 0.1, seed: int = 1) -> Network:
    """Return benchmark 2, LIF neurons with exponential currents; "exc" and "inh", all spikes recorded.

    Parameters
    ----------
    neurons : int
        Four fifths are excitatory.
    indegree : float
        Mean number of sources a neuron; every pair is connected with probability indegree / neurons.
    delay : float
        ms; the benchmark has none, which on a grid is one step.
    seed : int

    Returns
    -------
    Network
        Ready to run.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the numbers are not such, or a neuron would have more sources than there are neurons.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.published.cuba(neurons=1000)
    >>> net.populations["inh"].size
    200
    """
    cell = LIF(tau_m=20.0, C_m=200.0, E_L=-49.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0)
    kinds = (16.2, Exponential(tau=5.0)), (-90.0, Exponential(tau=10.0))
    return _network("cuba", neurons, indegree, delay, seed, cell, (-60.0, -50.0), kinds)


@named
def coba(
    neurons: int = 4000, indegree: float = 80.0, delay: float = 0.1, kick: float = 200.0, seed: int = 1
) -> Network:
    """Return benchmark 1, LIF neurons with exponential conductances; "exc" and "inh", all spikes recorded.

    Parameters as of :func:`cuba`, and `kick`, a current (pA) to all neurons in the first 50 ms: without one
    the activity dies at the start for some seeds.

    Parameters
    ----------
    neurons : int
        Four fifths are excitatory.
    indegree : float
        Mean number of sources a neuron.
    delay : float
        In ms; the benchmark has none, which on a grid is one step.
    kick : float
        Current (pA) into all neurons in the first 50 ms.
    seed : int
        Of the network.

    Returns
    -------
    Network
        Ready to run.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.published.coba(neurons=1000)
    >>> net.populations["exc"].size
    800
    """
    cell = LIF(tau_m=20.0, C_m=200.0, E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0)
    net = _network("coba", neurons, indegree, delay, seed, cell, (-60.0, -50.0), CONDUCTANCES)
    return _kicked(net, kick)


@named
def cobahh(
    neurons: int = 4000,
    indegree: float = 80.0,
    delay: float = 0.05,
    kick: float = 200.0,
    seed: int = 1,
    cell: Any = None,
) -> Network:
    """Return benchmark 3, Traub-Miles neurons with the synapses of :func:`coba`, for dt = 0.05 ms or less.

    Parameters as of :func:`coba`; `cell`: the model, ``TraubMiles()`` unless given.

    Parameters
    ----------
    neurons : int
        Four fifths are excitatory.
    indegree : float
        Mean number of sources a neuron.
    delay : float
        In ms; the benchmark has none, which on a grid is one step.
    kick : float
        Current (pA) into all neurons in the first 50 ms.
    seed : int
        Of the network.
    cell : neuron model, optional
        ``TraubMiles()`` unless given.

    Returns
    -------
    Network
        Ready to run.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.published.cobahh(neurons=1000)
    >>> type(net.populations["exc"].model).__name__
    'TraubMiles'
    """
    cell = TraubMiles() if cell is None else cell
    net = _network("cobahh", neurons, indegree, delay, seed, cell, (-70.0, -60.0), CONDUCTANCES)
    return _kicked(net, kick)


def _network(
    name: str, neurons: Any, indegree: Any, delay: Any, seed: Any, cell: Any, start: tuple, kinds: tuple
) -> Network:
    """Cells that start between two potentials, and kinds = (weight, synapse) of "exc" and of "inh"."""
    neurons = checked.count(f"{name}: neurons", neurons)
    indegree = checked.number(f"{name}: indegree", indegree, least=0.0)
    if not neurons or indegree > neurons:
        raise InvalidValueError(
            f"{name}: wanted neurons >= 1 and indegree <= neurons, got {neurons} neurons and an in-degree of "
            f"{indegree:g}"
        )
    net = Network(seed=seed)
    n_exc = round(EXCITATORY * neurons)
    exc = net.population("exc", n_exc, cell, v=uniform(*start))
    inh = net.population("inh", neurons - n_exc, cell, v=uniform(*start))
    rule = fixed_probability(indegree / neurons, allow_autapses=False)
    for pre, (weight, synapse) in zip((exc, inh), kinds):
        net.connect(pre, exc + inh, rule, weight=weight, delay=delay, synapse=synapse)
    net.record(exc + inh, "spikes")
    return net


def _kicked(net: Network, kick: float) -> Network:
    if kick:
        net.inject(net["exc"] + net["inh"], DC(kick, start=0.0, stop=50.0))
    return net
