"""What a synapse learns by itself: rules for `plasticity=` of a connection.

The module itself declares a rule of one's own: ``@ss.plasticity`` (see :func:`.declared.plasticity`).
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from .bcm import BCM
from .clopath import Clopath2010
from .contract import Plasticity
from .declared import plasticity, rules
from .homeostasis import HomeostaticScaling
from .nearest import PresynapticSTDP, RestrictedSTDP
from .reward import RewardSTDP
from .stdp import STDP, TripletSTDP
from .vogels import Vogels2011

__all__ = [
    "BCM",
    "STDP",
    "Clopath2010",
    "HomeostaticScaling",
    "Plasticity",
    "PresynapticSTDP",
    "RestrictedSTDP",
    "RewardSTDP",
    "TripletSTDP",
    "Vogels2011",
    "plasticity",
    "rules",
]


class _Room(ModuleType):
    """``ss.plasticity`` is both this room and the decorator: ``@ss.plasticity`` above a NamedTuple declares a rule."""

    def __call__(self, cls: Any = None, **contract: Any) -> Any:
        return plasticity(**contract) if cls is None else plasticity(cls)


sys.modules[__name__].__class__ = _Room
