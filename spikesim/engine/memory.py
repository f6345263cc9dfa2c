"""Whether a machine has room for its ranks' shares of a network."""

from __future__ import annotations

from ..machine import require_memory
from ..network.memory import everywhere_bytes, predicted_bytes
from ..network.network import Network
from .ranks import Alone

__all__ = ["require_shares"]


def require_shares(net: Network, dt: float | None, threads: int, ranks: Alone) -> None:
    """Refuse what this machine has no room for: its share of the network, and what each of its ranks has whole.

    Raises
    ------
    MemoryLimitError
        Before anything is built.
    """
    share = ranks.here / ranks.size
    needed = {what: share * size for what, size in predicted_bytes(net, dt).items()}
    if ranks.size > 1:
        needed["what every rank has of the whole network"] = ranks.here * everywhere_bytes(net, threads)
    require_memory(needed, remedy="make the network smaller, use a larger machine, or several machines (comm=)")
