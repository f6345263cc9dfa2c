"""What can be read and set between pieces of a run: ``sim.state["exc"]["v"]``, ``sim.weights["a to b"]``.

What is set acts from this step on, in both engines, the same bits for any number of workers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..network import checked
from ..program.wiring_plans import order_by_source
from .variables import is_named, named
from .weights import edges_of, matrix

if TYPE_CHECKING:
    from .simulation import Simulation

__all__ = ["Neurons", "States", "WeightsNow"]


class States(Mapping[str, "Neurons"]):
    """The state variables of all populations, by name."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def __getitem__(self, population: str) -> Neurons:
        names = [cell.name for cell in self._simulation.program.cells if not cell.source]
        if population not in names:
            raise UnknownNameError(
                f"state: no population {population!r} with a state{did_you_mean(str(population), names)}"
            )
        return Neurons(self._simulation, population)

    def __setitem__(self, population: str, value: Any) -> None:
        known = ", ".join(self[population])
        raise InvalidTypeError(
            f"state of {population!r}: variables are set one by one ({known}): "
            f"sim.state[{population!r}][{next(iter(self[population]), 'v')!r}] = ..."
        )

    def __iter__(self) -> Iterator[str]:
        return (cell.name for cell in self._simulation.program.cells if not cell.source)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<state of {', '.join(map(repr, self))} at {self._simulation.time:g} ms>"


class Neurons(Mapping[str, np.ndarray]):
    """The state variables of one population and of the synapses onto it.

    Reading copies, assigning sets from this step on.
    A synapse that is declared by equations has its states by name, ``"MgNMDA.g"``; a filter of one stage what it gives,
    ``"I_Exponential"`` or ``"g_Exponential"``.
    """

    def __init__(self, simulation: Simulation, population: str) -> None:
        self._simulation, self._population = simulation, population

    @property
    def _cell(self) -> Any:
        return self._simulation.program.by_name[self._population]

    def _known(self, variable: Any) -> str:
        if not is_named(self._cell, variable):
            meant = did_you_mean(str(variable), named(self._cell))
            raise UnknownNameError(f"state of {self._population!r}: no variable {variable!r}{meant}")
        return variable

    def __getitem__(self, variable: str) -> np.ndarray:
        return np.array(self._simulation.engine.observe(self._population, self._known(variable)), np.float64)

    def __setitem__(self, variable: str, value: Any) -> None:
        """Set a variable of all neurons: one number, or one a neuron."""
        where = f"state of {self._population!r}: {self._known(variable)}"
        self._simulation.require_idle(where)
        size = self._cell.size
        clean = checked.values(where, value)
        checked.one_each(where, clean, size)
        values = np.broadcast_to(np.asarray(clean, np.float64), (size,)).copy()
        self._simulation.engine.assign(self._population, variable, values)

    def __iter__(self) -> Iterator[str]:
        return iter(named(self._cell))

    def __len__(self) -> int:
        return len(named(self._cell))

    def __repr__(self) -> str:
        return f"<state of {self._population!r}: {', '.join(self)}>"


class WeightsNow(Mapping[str, Any]):
    """The weights of all projections, as they are now: sparse (n_post, n_pre); assigning sets them."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def __iter__(self) -> Iterator[str]:
        return (wiring.name for wiring in self._simulation.program.wirings)

    def __len__(self) -> int:
        return len(self._simulation.program.wirings)

    def __getitem__(self, projection: str) -> Any:
        wiring = self._simulation.wiring(projection)
        return matrix(edges_of(self._simulation.engine, wiring), wiring)

    def __setitem__(self, projection: str, value: Any) -> None:
        """Set weights: one for all, a matrix (n_post, n_pre), or one a synapse in the order of ``sim.synapses``.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If the shape fits neither, a number is not finite, or a matrix has an entry where there is no synapse.
        """
        where = f"weights of {projection!r}"
        self._simulation.require_idle(where)
        wiring = self._simulation.wiring(projection)
        pre, post, _, delay = wiring.edges()
        self._simulation.set_weights(projection, _one_each(where, value, wiring, pre, post, delay))

    def __repr__(self) -> str:
        return f"<weights of {', '.join(map(repr, self))}>"


def _one_each(where: str, value: Any, wiring: Any, pre: np.ndarray, post: np.ndarray, delay: np.ndarray) -> Any:
    """Return one weight for all, or one a synapse in the order of the edges."""
    import scipy.sparse

    if not scipy.sparse.issparse(value) and not np.ndim(value):
        return checked.number(where, value)
    shape = (wiring.n_post, wiring.n_pre)
    table = value if scipy.sparse.issparse(value) else checked.table(where, value)
    if table.ndim == 1 and table.shape == pre.shape:
        found = np.empty(pre.size)
        found[order_by_source(pre, post, delay)] = table
        return found
    if table.shape != shape:
        turned = "; it looks transposed: a row is a target" if table.shape == shape[::-1] else ""
        raise InvalidValueError(
            f"{where}: wanted one number, a matrix of shape {shape} (row = target) or {pre.size} numbers (one a "
            f"synapse, in the order of sim.synapses), got shape {table.shape}{turned}"
        )
    pairs = post * np.int64(wiring.n_pre) + pre
    if np.unique(pairs).size != pairs.size:
        raise InvalidValueError(f"{where}: several synapses join one pair; give one number a synapse, see sim.synapses")
    rows = scipy.sparse.csr_array(table)
    if not np.all(np.isfinite(rows.data)):
        raise InvalidValueError(f"{where}: wanted finite weights")
    entries = scipy.sparse.coo_array(rows)
    there = np.isin(entries.row * np.int64(wiring.n_pre) + entries.col, pairs) | (entries.data == 0.0)
    if not there.all():
        k = int(np.flatnonzero(~there)[0])
        raise InvalidValueError(
            f"{where}: entry [{entries.row[k]}, {entries.col[k]}] = {entries.data[k]!r}, but no synapse is there "
            f"({np.count_nonzero(~there)} such); sim.connect adds synapses"
        )
    return np.asarray(rows[post, pre], np.float64).ravel()


def parameters_of(where: str, model: Any, given: Mapping[str, Any]) -> Any:
    """Return a model with other parameters, checked by the model itself."""
    if not hasattr(model, "_replace"):
        raise InvalidTypeError(f"{where}: {type(model).__name__} has no parameters that can be set by name")
    return model._replace(**given)
