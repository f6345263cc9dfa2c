"""The brain of a fly: integrate-and-fire neurons on its connectome (Shiu et al. 2024).

    tau_m dv/dt = E_L - v + g,   tau_g dg/dt = -g       v > V_th: spike, v = V_reset, g = 0, both held for t_ref
    a spike arrives: g += 0.275 mV for each synapse of the connection, unless the target is refractory

P. K. Shiu et al., "A Drosophila computational brain model reveals sensorimotor processing", Nature 634:210-219 (2024);
the authors' own code runs on Brian 2.  Neurons that are activated get a Poisson train each, whose spikes move v by 250
synapses' worth (68.75 mV, beyond threshold wherever v was), and have no refractory period.  A neuron is silenced by
the weights of all that it sends being 0.

No data is shipped (that of FlyWire is CC BY-NC): give the paths of the published files, or a connectome that is made up
(:func:`synthetic_connectome`).
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnitWarning
from ..keywords import named
from ..network import Network, checked, from_pairs, one_to_one
from ..neurons import Poisson, equation, model
from ..synapses import Delta
from .connectome import Connectome, connectome

__all__ = ["FlyNeuron", "fly_brain"]

PER_SYNAPSE, DELAY = 0.275, 1.8  # mV, ms
ACTIVATION = 250.0  # synapses
T_REF, T_REF_ACTIVATED = 2.2, 0.1  # ms


@model(states=("v", "g"), clamped=("v", "g"), ordered=(("V_reset", "V_th"),))
class FlyNeuron(NamedTuple):
    """tau_m dv/dt = E_L - v + g + I,  tau_g dg/dt = -g;  at V_th: v = V_reset, g = 0, both held for t_ref.

    ``ss.Delta(to="g")`` brings what arrives into g (mV).  A current (pA) is felt through 1 GOhm: 1 pA leads to 1 mV.

    Parameters
    ----------
    tau_m, tau_g : float
        Time constants of the membrane and of what has arrived (ms).
    E_L, V_th, V_reset : float
        Resting potential, threshold and reset (mV).
    t_ref : float
        For which v and g are held after a spike (ms).
    hold : bool
        False: they run while refractory.

    Examples
    --------
    >>> from spikesim.published.fly_brain import FlyNeuron
    >>> FlyNeuron().states
    ('v', 'g')
    """

    tau_m: float = 20.0
    tau_g: float = 5.0
    E_L: float = -52.0
    V_th: float = -45.0
    V_reset: float = -52.0
    t_ref: float = T_REF

    @equation
    def slope(s, u, p):
        v, g = s
        return ((p.E_L - v + g + u.current - u.conductance * v) / p.tau_m, -g / p.tau_g)

    @equation
    def margin(s, p):
        return s[0] - p.V_th

    @equation
    def reset(s, p):
        return (p.V_reset, 0.0)

    @equation
    def rest(p):
        return (p.E_L, 0.0 * p.E_L)


@named
def fly_brain(
    connectivity: Any,
    completeness: Any = None,
    activate: Any = (),
    silence: Any = (),
    *,
    rate: Any = 150.0,
    t_ref_activated: float = T_REF_ACTIVATED,
    seed: int = 1,
) -> Network:
    """Return the network of Shiu et al. (2024), "brain", and "activation", whose trains drive some of it.

    The spikes of "brain" are recorded; its neurons stand in the order of the connectome, which finds them by id
    (:meth:`Connectome.index`).  The synapses are the projection "connectome".

    Parameters
    ----------
    connectivity : path, table, or Connectome
        As published (``Connectivity_783.parquet``), see :func:`connectome`.
    completeness : path, array or int, optional
        Who the neurons are (``Completeness_783.csv``, whose first column has their root ids).
    activate : array of ids
        Neurons with a Poisson train each; without `completeness` an id is an index.
    silence : array of ids
        Neurons that send nothing: their synapses have weight 0.
    rate : float or array of one value an activated neuron
        Of the trains (Hz), in the order of `activate`.
    t_ref_activated : float
        For which activated neurons are held (ms).  The model's is 0, by which in Brian 2 what arrives in the step of a
        spike is lost; one step of 0.1 ms here is the same.
    seed : int
        Of the trains.

    Returns
    -------
    Network
        Ready to run.

    Raises
    ------
    FileFormatError, UnknownNameError
        If the files are not as published, or an id is of no neuron.
    InvalidTypeError, InvalidValueError
        If anything else is not as above.

    Notes
    -----
    Spike by spike that of Brian 2 at dt = 0.1 ms (tests/against), whose spikes at step k are at step k + 1 here: Brian
    names a step by its beginning.  Brian tests the threshold one step after a train moved v, by when v has decayed by
    exp(-dt / tau_m); here at once.  The trains reach the neurons after 1.8 ms.

    Examples
    --------
    >>> import spikesim as ss
    >>> c = ss.published.synthetic_connectome(200, 4000)
    >>> net = ss.published.fly_brain(c, activate=c.where(kind="sensory"))
    >>> net["brain"].size, net["activation"].size
    (200, 24)
    """
    if isinstance(connectivity, Connectome):
        if completeness is not None:
            raise InvalidTypeError("fly_brain: a Connectome says who its neurons are; leave completeness out")
        brain = connectivity
    else:
        brain = connectome(connectivity, completeness)
    given, silenced = (_known(brain, name, ids) for name, ids in (("activate", activate), ("silence", silence)))
    rate = checked.values("fly_brain: rate", rate, least=0.0)
    checked.one_each("fly_brain: rate", rate, given.size)
    order = np.argsort(given)
    activated = given[order]
    rate = rate[order] if np.ndim(rate) else rate
    t_ref: Any = np.full(brain.size, T_REF)
    t_ref[activated] = checked.number("fly_brain: t_ref_activated", t_ref_activated, least=0.0)
    weight = PER_SYNAPSE * brain.weight
    if silenced.size:
        weight[np.isin(brain.pre, silenced)] = 0.0
    net = Network(seed=seed)
    cells = net.population("brain", brain.size, FlyNeuron(t_ref=t_ref))
    rule = from_pairs(brain.pre, brain.post)
    net.connect(cells, cells, rule, weight=weight, delay=DELAY, synapse=Delta(to="g"), name="connectome")
    if activated.size:
        trains = net.population("activation", activated.size, Poisson(rate))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnitWarning)  # a jump of 69 mV is meant
            net.connect(
                trains, cells[activated], one_to_one(), weight=PER_SYNAPSE * ACTIVATION, delay=DELAY, synapse=Delta()
            )
    net.record(cells, "spikes")
    return net


def _known(brain: Connectome, name: str, ids: Any) -> np.ndarray:
    """Positions of neurons, each named once."""
    found = brain.index(ids)
    different, times = np.unique(found, return_counts=True)
    if different.size < found.size:
        raise InvalidValueError(f"fly_brain: {name}: {brain.ids[different[times > 1][0]]} is named twice")
    return found
