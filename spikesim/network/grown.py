"""Synapses that are added to a projection while it runs: described, and checked as the projection itself was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InvalidTypeError
from .projection import Projection, verified

__all__ = ["grown"]


def grown(where: str, p: Projection, rule: Any, weight: Any, delay: Any) -> Projection:
    """Return checked synapses that are to be added to a projection; its weight and its delay where none are given."""
    if weight is None and getattr(rule, "weights", None) is None:
        weight = _described(where, "weight", p.weight)
    if delay is None:
        delay = _described(where, "delay", p.delay)
    return verified(where, replace(p, rule=rule, weight=weight, delay=delay))


def _described(where: str, what: str, value: Any) -> Any:
    """Return what the projection says of all synapses that it may have."""
    if value is None or np.ndim(value):
        raise InvalidTypeError(
            f"{where}: {what} is missing: the projection was given one a synapse; give a number, a distribution or one "
            "value a new synapse"
        )
    return value
