"""The random network of excitatory and inhibitory neurons of Brunel (2000), model A.

    tau dV/dt = -V,  V >= theta: spike, V = V_r for t_ref       every arriving spike moves V by J or -g J
    nu_thr = theta / (J C_E tau)                                external rate that alone reaches threshold
    nu_ext = eta nu_thr,  from C_E trains a neuron

N. Brunel, "Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons", J. Comput.
Neurosci. 8:183-208 (2000).  Parameters: section 2 and caption of figure 8; rates and frequencies: table 1.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..keywords import named
from ..network import Network, checked, fixed_indegree
from ..neurons import LIF
from ..random import uniform
from ..synapses import Delta
from .comparison import Reference

__all__ = ["REGIMES", "Regime", "brunel"]

THETA, V_RESET, TAU, T_REF = 20.0, 10.0, 20.0, 2.0  # mV, mV, ms, ms
J, DELAY = 0.1, 1.5  # mV, ms
EXCITATORY = 0.8  # of all neurons
SOURCE = "Brunel 2000, J Comput Neurosci 8:183, table 1"


class Regime(NamedTuple):
    """A point of the phase diagram and what is known of the network there.

    `rate` and `frequency` (Hz; of a neuron, of the global oscillation) are those of the paper's simulation,
    None where it gives none; `nest` has mean rates of "exc" and "inh", and mean CVs.

    Parameters
    ----------
    g : float
        Inhibition relative to excitation.
    eta : float
        External rate relative to the one that reaches threshold.
    title : str
        What the regime is called.
    nest : pair of pairs of float
        Mean rates (Hz) of "exc" and "inh", and mean CVs, of NEST.
    rate : float, optional
        Of the paper (Hz).
    frequency : float, optional
        Of the global oscillation, of the paper (Hz).

    Examples
    --------
    >>> from spikesim.published import REGIMES
    >>> REGIMES["AI"].g, REGIMES["AI"].eta
    (5.0, 2.0)
    """

    g: float  #: inhibition relative to excitation
    eta: float  #: external rate relative to nu_thr
    title: str
    nest: tuple[tuple[float, float], tuple[float, float]]
    rate: float | None = None
    frequency: float | None = None

    @property
    def references(self) -> tuple[Reference, ...]:
        """The paper's rate, as one of both populations (they differ only in what they send), and NEST's."""
        names = ("exc", "inh")
        rates, cvs = (dict(zip(names, values)) for values in self.nest)
        peer = Reference("NEST", "NEST 3.10, ten seeds, 0.2-1.2 s (SR: 0.2-0.7 s; tests/against)", rates, cvs)
        if self.rate is None:
            return (peer,)
        return (Reference("Brunel", SOURCE, dict.fromkeys(names, self.rate)), peer)


#: The panels A to D of figure 8.
REGIMES = {
    "SR": Regime(3.0, 2.0, "synchronous regular", ((333.2, 333.2), (0.001, 0.001))),
    "SI fast": Regime(6.0, 4.0, "synchronous irregular, fast oscillation", ((58.4, 58.9), (0.804, 0.806)), 60.7, 180.0),
    "AI": Regime(5.0, 2.0, "asynchronous irregular", ((37.5, 37.6), (0.420, 0.421)), 37.7),
    "SI slow": Regime(4.5, 0.9, "synchronous irregular, slow oscillation", ((5.79, 5.83), (0.538, 0.539)), 5.5, 22.0),
}


@named
def brunel(
    regime: str | tuple[float, float] = "AI", neurons: int = 12_500, epsilon: float = 0.1, seed: int = 1
) -> Network:
    """Return Brunel's network, "exc" and "inh", with the spikes of all neurons recorded.

    Parameters
    ----------
    regime : str or (float, float)
        One of :data:`REGIMES`, or (g, eta).
    neurons : int
        N; four fifths are excitatory.
    epsilon : float
        In-degree over size: every neuron has C_E = epsilon N_E and C_I = epsilon N_I sources.  A smaller
        network keeps its in-degrees, and with them its state, with a larger epsilon.
    seed : int

    Returns
    -------
    Network
        Ready to run.

    Raises
    ------
    UnknownNameError, InvalidTypeError, InvalidValueError
        If anything is not as above.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.published.brunel("AI", neurons=1000, epsilon=0.1)
    >>> {name: cells.size for name, cells in net.populations.items()}
    {'exc': 800, 'inh': 200}
    """
    g, eta = _point(regime)
    neurons = checked.count("brunel: neurons", neurons)
    epsilon = checked.number("brunel: epsilon", epsilon, above=0.0)
    n_exc = round(EXCITATORY * neurons)
    c_exc, c_inh = round(epsilon * n_exc), round(epsilon * (neurons - n_exc))
    if not c_exc or not c_inh or neurons - n_exc < 1:
        raise InvalidValueError(
            f"brunel: {neurons} neurons and epsilon = {epsilon:g} leave no sources; give more of either"
        )
    cell = LIF(tau_m=TAU, C_m=250.0, E_L=0.0, V_th=THETA, V_reset=V_RESET, t_ref=T_REF)
    net = Network(seed=seed)
    exc = net.population("exc", n_exc, cell, v=uniform(0.0, THETA))
    inh = net.population("inh", neurons - n_exc, cell, v=uniform(0.0, THETA))
    everyone = exc + inh
    nu_thr = 1000.0 * THETA / (J * c_exc * TAU)
    net.background(everyone, rate=eta * nu_thr * c_exc, weight=J, synapse=Delta())
    net.connect(exc, everyone, fixed_indegree(c_exc), weight=J, delay=DELAY, synapse=Delta())
    net.connect(inh, everyone, fixed_indegree(c_inh), weight=-g * J, delay=DELAY, synapse=Delta())
    net.record(everyone, "spikes")
    return net


def _point(regime: str | tuple[float, float]) -> tuple[float, float]:
    if isinstance(regime, str):
        if regime not in REGIMES:
            raise UnknownNameError(f"brunel: no regime {regime!r}{did_you_mean(regime, REGIMES)}")
        return REGIMES[regime].g, REGIMES[regime].eta
    if not isinstance(regime, tuple) or len(regime) < 2:
        raise InvalidTypeError(f"brunel: regime: wanted a name or (g, eta), got {regime!r}")
    return (
        checked.number("brunel: g", regime[0], above=0.0),
        checked.number("brunel: eta", regime[1], above=0.0),
    )
