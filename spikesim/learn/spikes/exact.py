"""Exact gradients of what a network does between its events (EventProp): no time step, no surrogate.

The event engine finds the spikes; between them a linear neuron is a sum of exponentials, so the adjoint equations are
solved in closed form too (`adjoint`).  The loss is any expression on the tape of spike times and potentials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, UnknownNameError, did_you_mean
from ...keywords import all_named, named
from ...network import Network
from ..autodiff.tape import Var
from .operation import as_array
from .recording import Recording
from .walk import Walk

__all__ = ["ExactGradients", "gradients"]


@all_named
class ExactGradients(Mapping[str, Any]):
    """Gradients by name, and what they belong to.

    Parameters
    ----------
    found : dict of str to array
        By what was asked for.
    loss : float
        Its value.
    clipped : int
        Spikes whose crossing was too slow.
    recordings : dict of str to Recording
        What the populations did.

    Attributes
    ----------
    loss : float
        Value of the loss.
    times, ids : dict of str to ndarray
        Spikes of every population.
    clipped : int
        Spikes whose potential crossed the threshold so slowly that 1 / (dv/dt) was cut off at `limit`.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> from spikesim import learn
    >>> net = ss.Network(seed=1)
    >>> a = net.population("a", 1, ss.SpikeTimes([[1.0]]))
    >>> b = net.population("b", 1, ss.LIF(tau_m=10.0))
    >>> synapses = net.connect(a, b, ss.one_to_one(), weight=2000.0, delay=1.0, synapse=ss.Exponential(5.0), name="w")
    >>> found = learn.gradients(net, lambda run: run["b"].first()[0], ["w.weight"], duration=20.0)
    >>> bool(np.all(np.asarray(found["w.weight"]) < 0.0))  # the stronger, the earlier
    True
    """

    def __init__(self, found: dict[str, Any], loss: float, clipped: int, recordings: dict[str, Recording]) -> None:
        self._found, self.loss, self.clipped = found, loss, clipped
        self.times = {name: np.asarray(as_array(r.times)) for name, r in recordings.items()}
        self.ids = {name: r.ids for name, r in recordings.items()}

    def __getitem__(self, name: str) -> Any:
        try:
            return self._found[name]
        except KeyError:
            raise UnknownNameError(f"no gradient by {name!r}{did_you_mean(str(name), self._found)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"ExactGradients(loss {self.loss:.6g}, by {', '.join(self._found)}; {self.clipped} spikes clipped)"


@named
def gradients(
    net: Network,
    loss: Callable[[dict[str, Recording]], Any],
    wrt: Sequence[str],
    *,
    duration: float = 100.0,
    seed: int | None = None,
    limit: float = 1e6,
) -> ExactGradients:
    """Return the exact derivatives of a loss of a network's spikes by its weights, delays and parameters.

    Parameters
    ----------
    net : Network
        Leaky integrate-and-fire neurons (or any linear ones of one state) with exponential synapses, sparse or dense,
        recurrent or not, each synapse with its own delay; sources that list their spikes, or Poisson; constant
        currents.
    loss : callable
        loss(run) -> Var (or a number); run["exc"] is a :class:`Recording`: ``times`` and ``ids`` of the spikes,
        ``first()``, ``v(times)``, ``integral()``.
    wrt : sequence of str
        What by: "<projection>.weight", "<projection>.delay", "<projection>.tau" (of its synapse),
        "<population>.<parameter>" (tau_m, V_th, I_e, V_reset, t_ref, ...), "<population>.v" (the state at 0),
        "<source>.times", "<injection>.amplitude".
    duration : float
        Length of the run (ms).
    seed : int, optional
        As of :meth:`spikesim.Network.run`.
    limit : float
        1 / (dv/dt) at a spike counts at most this much: where v only grazes the threshold, the spike is about to
        vanish, and its time has no bounded derivative.

    Returns
    -------
    ExactGradients
        A mapping from the names to arrays in the form in which the network was given the numbers: one number for one,
        an array for an array; for drawn ones and those of a matrix one a synapse, by targets, then sources.
        "<source>.times": a list of arrays, one a neuron.

    Raises
    ------
    UnknownNameError
        If the network has nothing of that name.
    InvalidTypeError, InvalidValueError
        If the network has something whose adjoint is not known here: conductances, Delta synapses, plasticity.

    Notes
    -----
    The derivative holds as long as no spike appears or vanishes: it does not see those that would.  Memory: 40 bytes an
    arriving spike and 8 more a projection.

    Source: Wunderlich and Pehle, Sci. Rep. 11:12829 (2021); delays: Meszaros, Knight and Nowotny 2025 (Nat. Commun.).

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim import learn
    >>> net = ss.Network()
    >>> source, cell = net.population("in", 1, ss.SpikeTimes([[5.0]])), net.population("out", 1, ss.LIF.normalized())
    >>> synapse = ss.Exponential(5.0, normalize="area")
    >>> _ = net.connect(source, cell, ss.all_to_all(), weight=60.0, delay=1.0, synapse=synapse, name="w")
    >>> g = learn.gradients(net, lambda run: run["out"].first().sum(), ["w.weight", "w.delay"], duration=30.0)
    >>> round(g["w.delay"], 9), g["w.weight"] < 0.0
    (1.0, True)
    """
    if isinstance(wrt, str) or not all(isinstance(name, str) for name in wrt):
        raise InvalidTypeError(f"gradients: wrt = {wrt!r}, wanted a list of names such as ['exc to exc.weight']")
    walk = Walk(net, duration, net.seed if seed is None else seed)
    for name in wrt:
        walk.check(name)
    recordings = walk.recordings()
    value = loss(recordings)
    if isinstance(value, Var) and value.requires_grad:
        value.backward()
    found, clipped = walk.back(recordings, list(wrt), float(limit))
    return ExactGradients(found, float(as_array(value)), clipped, recordings)
