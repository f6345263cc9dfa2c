"""The background: what reaches a neuron from outside the network, one independent Poisson train a neuron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..keywords import freeze
from ..neurons.sources import check_rate
from ..plausibility import warn_of_unit
from ..synapses.contract import Synapse
from . import checked
from .projection import selected, synapse_value, unique, warn_of_weight
from .selection import Selection

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Background", "background"]


@dataclass(frozen=True, eq=False)
class Background:
    """Poisson trains of `rate` (Hz; one number or one a target), each spike with `weight`."""

    name: str
    target: Selection
    rate: float | np.ndarray
    weight: float
    synapse: Synapse


freeze(Background, "describe another one with net.background(...)")


def background(network: Network, target: Any, rate: Any, weight: Any, synapse: Any, name: str | None) -> Background:
    """Return a checked background (see :meth:`Network.background`)."""
    target = selected("background: target", network, target, receives=True)
    title = unique(name, f"background of {target}", (b.name for b in network.backgrounds), "background")
    where = f"background {title!r}" if name is not None else title
    rate = checked.values(f"{where}: rate", rate, least=0.0)
    check_rate(f"{where}: rate", rate)
    warn_of_unit("rate of a background", f"{where}: rate", rate)
    checked.one_each(f"{where}: rate", rate, target.size)
    weight = checked.number(f"{where}: weight", weight)
    synapse = synapse_value(where, synapse, target)
    warn_of_weight(where, weight, synapse)
    return Background(title, target, rate, weight, synapse)
