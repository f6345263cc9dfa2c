"""How many bytes a run on the event engine takes, before anything is made."""

from __future__ import annotations

from ...network.memory import expected_synapses
from ...network.network import Network
from ...network.projection import Projection

__all__ = ["predicted"]


def predicted(net: Network) -> dict[str, float]:
    """Return the bytes of a run by projection and by population.

    A synapse takes 2 to 4 bytes and its weight of 0 to 8; with a delay of its own a segment more (12) and, while it is
    arranged, its ends and both numbers once more; one that learns its variables, its place among those of its target,
    a segment with traces and, while all are sorted, four columns and their order.  A neuron takes its record and its
    places in the tables.
    """
    items = {f"projection {p.name!r}": expected_synapses(p) * _of_synapse(p) for p in net.projections}
    return items | {f"population {p.name!r}": 300.0 * p.size for p in net.populations.values()}


def _of_synapse(projection: Projection) -> float:
    if projection.plasticity is not None:
        return 120.0
    return 8.0 if isinstance(projection.delay, (int, float)) else 60.0
