"""Connectors that differ from PyNN's own, which are used for all else."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import connectors

__all__ = ["OneToOneConnector"]


class OneToOneConnector(connectors.OneToOneConnector):
    """Each cell to the one of the same number on the other side.

    PyNN's own asks for every pair of cells whether it is connected, and, with recent releases of NumPy, fails for
    populations of one cell.
    """

    def connect(self, projection: Any) -> None:
        """Make the connections."""
        both = np.arange(min(projection.shape))
        space = self._parameters_from_synapse_type(projection)
        alike = {name: value.evaluate(simplify=True) for name, value in space.items() if value.is_homogeneous}
        kind = projection.synapse_type
        for cells in [both] if len(alike) == len(space.keys()) else np.split(both, both.size):
            single = {name: value[cells, cells[0]] for name, value in space.items() if name not in alike}
            values = {name: np.atleast_1d(value) for name, value in single.items()} | alike
            if self.safe:
                for name, check in kind.parameter_checks.items():
                    check(values[name], projection)
            projection._convergent_connect(cells, cells, self.location_selector, **values)
