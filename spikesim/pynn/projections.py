"""Projection: all connections as columns, one entry a connection, in PyNN's units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import common
from pyNN.space import Space

from ..errors import InvalidValueError
from . import simulator
from .synapses import StaticSynapse, Synapse

__all__ = ["Connection", "Projection"]

PRE, POST = "presynaptic_index", "postsynaptic_index"


class Connection(common.Connection):
    """One connection: its parameters are read and set as attributes."""

    def __init__(self, projection: Projection, row: int) -> None:
        object.__setattr__(self, "projection", projection)
        object.__setattr__(self, "row", row)

    def __getattr__(self, name: str) -> Any:
        if name not in self.projection.columns:
            raise AttributeError(f"a connection has no {name!r}; it has {', '.join(self.projection.columns)}")
        value = self.projection.now(name)[self.row]
        return int(value) if name in (PRE, POST) else float(value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.projection.columns or name in (PRE, POST):
            raise AttributeError(f"of a connection {name!r} cannot be set")
        self.projection.put(name, np.array([self.row]), value)

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """Return some of its attributes."""
        return tuple(getattr(self, name) for name in names)


class Projection(common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: Any = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        super().__init__(
            presynaptic_population,
            postsynaptic_population,
            connector,
            synapse_type,
            source,
            receptor_type,
            Space() if space is None else space,
            label,
        )
        what = f"Projection {self.label!r}"
        simulator.state.require_unbuilt(what)
        if not isinstance(self.synapse_type, Synapse):
            kind = type(self.synapse_type)
            raise InvalidValueError(f"{what}: {kind.__module__}.{kind.__name__} is of another back end")
        self._blocks: list[dict[str, Any]] = []
        self._columns: dict[str, np.ndarray] | None = None
        connector.connect(self)
        simulator.state.projections.append(self)

    # -- connecting ---------------------------------------------------------------------------------------------------

    def _convergent_connect(
        self, presynaptic_indices: Any, postsynaptic_index: Any, location_selector: Any = None, **parameters: Any
    ) -> None:
        """Connect cells, each with `postsynaptic_index`: one, or one each."""
        if location_selector is not None:
            raise InvalidValueError(f"Projection {self.label!r}: cells are points here; leave location_selector out")
        self._blocks.append({PRE: np.asarray(presynaptic_indices, np.int64), POST: postsynaptic_index, **parameters})
        self._columns = None

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """The connections as they were made: which cells, and each parameter of the synapse type."""
        if self._columns is None:
            names = (PRE, POST, *self.synapse_type.get_parameter_names())
            sizes = [block[PRE].size for block in self._blocks]
            self._columns = {
                name: np.concatenate(
                    [np.zeros(0), *(np.broadcast_to(b[name], (n,)) for b, n in zip(self._blocks, sizes))]
                ).astype(np.int64 if name in (PRE, POST) else np.float64)
                for name in names
            }
            self._blocks = [self._columns] if sizes else []
        return self._columns

    def __len__(self) -> int:
        return self.columns[PRE].size

    @property
    def connections(self) -> Iterator[Connection]:
        """All connections."""
        return (Connection(self, row) for row in range(len(self)))

    def __getitem__(self, i: int) -> Connection:
        return Connection(self, range(len(self))[i])

    # -- reading and setting ------------------------------------------------------------------------------------------

    def now(self, name: str) -> np.ndarray:
        """Return a column as it is now: of weights that learn, what they have become."""
        built = simulator.state.built
        if name == "weight" and built is not None and self.synapse_type.common:
            return built.weights(self)
        return self.columns[name]

    def put(self, name: str, rows: np.ndarray, values: Any) -> None:
        """Set a parameter of some connections."""
        built = simulator.state.built
        if name != "weight":
            simulator.state.require_unbuilt(f"Projection {self.label!r}: set {name}")
        self.columns[name][rows] = values
        if built is not None:
            built.set_weights(self, rows)

    def _set_attributes(self, parameter_space: Any) -> None:
        columns, rows = self.columns, np.arange(len(self))
        for name, value in parameter_space.items():
            value.shape = self.shape
            found = np.asarray(value.evaluate(simplify=True), np.float64)
            self.put(name, rows, found if found.ndim == 0 else found[columns[PRE], columns[POST]])

    def _set_initial_value_array(self, variable: str, initial_value: Any) -> None:
        rest = self.synapse_type.begins.get(variable)
        rest = self.columns[rest] if isinstance(rest, str) else rest
        if rest is None or not np.allclose(initial_value.evaluate(simplify=True), rest):
            raise InvalidValueError(
                f"Projection {self.label!r}: initialize {variable}: what short-term plasticity remembers begins at "
                f"rest{'' if rest is None else f', {variable} = {np.unique(rest)}'}; leave it out"
            )

    def _get_attributes_as_list(self, names: Any) -> list[tuple[Any, ...]]:
        return list(zip(*(self.now(name).tolist() for name in names)))

    def _get_attributes_as_arrays(self, names: Any, multiple_synapses: str = "sum") -> list[np.ndarray]:
        where = (self.columns[PRE], self.columns[POST])
        return [_table(self.now(name), where, self.shape, multiple_synapses) for name in names]


def _table(values: np.ndarray, where: Any, shape: tuple[int, int], several: str) -> np.ndarray:
    """Values as a matrix; NaN where there is no connection, and of several what is asked for."""
    found = np.full(shape, np.nan)
    if several == "first":
        found[tuple(side[::-1].copy() for side in where)] = values[::-1].copy()  # NumPy would turn a view around
    elif several == "last":
        found[where] = values
    else:
        join, start = {"sum": (np.add, 0.0), "min": (np.minimum, np.inf), "max": (np.maximum, -np.inf)}[several]
        found[where] = start
        join.at(found, where, values)
    return found
