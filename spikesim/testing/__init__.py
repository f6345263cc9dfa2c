"""The contracts as public batteries: what a thing of one's own must do, run on it with one call."""

from .plasticity import check_plasticity
from .rule import check_rule
from .sink import check_sink

__all__ = ["check_plasticity", "check_rule", "check_sink"]
