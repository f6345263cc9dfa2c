"""Population, PopulationView, Assembly: parameters and initial values, in PyNN's units, of one value a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common, errors
from pyNN.parameters import LazyArray, ParameterSpace, Sequence, simplify

from ..errors import InvalidValueError
from . import simulator
from .recording import Recorder

__all__ = ["Assembly", "Population", "PopulationView"]


class Assembly(common.Assembly):
    __doc__ = common.Assembly.__doc__
    _simulator = simulator


class Shared:
    """What a population and its views do alike."""

    @property
    def _root(self) -> Any:
        """The population."""
        return self

    @property
    def _rows(self) -> np.ndarray:
        """Which of its cells."""
        return np.arange(self.size)  # type: ignore[attr-defined]

    def _get_view(self, selector: Any, label: Any = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        known = self._root._parameters
        for name in names:
            if name not in known:
                raise errors.NonExistentParameterError(name, type(self._root.celltype).__name__, list(known))
        return ParameterSpace({name: simplify(known[name][self._rows]) for name in names}, shape=(len(self._rows),))

    _get_native_parameters = _get_parameters

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        parameter_space.evaluate(simplify=False)
        parameter_space.flatten()
        values = {k: v for k, v in parameter_space.as_dict().items() if not isinstance(v, dict)}
        for name, value in values.items():
            checked(name, value)
        for name, value in values.items():
            self._root._parameters[name][self._rows] = value
        if simulator.state.built is not None:
            simulator.state.built.set_parameters(self._root, list(values))


class PopulationView(Shared, common.PopulationView):
    __doc__ = common.PopulationView.__doc__
    _assembly_class = Assembly
    _simulator = simulator

    @property
    def _root(self) -> Any:
        return self.grandparent

    @property
    def _rows(self) -> np.ndarray:
        return self.index_in_grandparent(np.arange(self.size))

    @property
    def initial_values(self) -> dict[str, Any]:
        """The initial values of these cells, by variable."""
        rows = self._rows
        return {
            name: LazyArray(value.evaluate()[rows], shape=(self.size,), dtype=float)
            for name, value in self._root.initial_values.items()
        }

    def initialize(self, **initial_values: Any) -> None:
        """Set initial values of these cells, as `Population.initialize`."""
        for name, value in initial_values.items():
            found = LazyArray(value, shape=(self.size,), dtype=float).evaluate()
            before = self._root.initial_values.get(name)
            whole = np.zeros(self._root.size) if before is None else np.array(before.evaluate(), np.float64)
            whole[self._rows] = found
            self._root.initialize(**{name: whole})


class Population(Shared, common.Population):
    __doc__ = common.Population.__doc__
    _simulator = simulator
    _recorder_class = Recorder
    _assembly_class = Assembly

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        simulator.state.require_unbuilt("Population")
        super().__init__(*args, **kwargs)

    def _create_cells(self) -> None:
        state = simulator.state
        self._mask_local = np.ones(self.size, bool)
        space = self.celltype.native_parameters
        space.shape = (self.size,)
        space.evaluate(simplify=False)
        space.flatten()
        self._parameters = {
            name: np.array(np.broadcast_to(value, (self.size,)))
            for name, value in space.as_dict().items()
            if not isinstance(value, dict)
        }
        for name, value in self._parameters.items():
            checked(name, value)
        numbers = range(state.id_counter, state.id_counter + self.size)
        self.all_cells = np.array([simulator.ID(number) for number in numbers], dtype=simulator.ID)
        for cell in self.all_cells:
            cell.parent = self
        state.id_counter += self.size
        state.populations.append(self)

    def _set_initial_value_array(self, variable: str, initial_values: LazyArray) -> None:
        values = initial_values.evaluate(simplify=True)  # once: what is random is drawn here
        initial_values.base_value, initial_values.operations = values, []
        states = self.celltype.states
        if variable not in states:
            if np.any(np.asarray(values) != 0.0):
                raise InvalidValueError(
                    f"initialize {self.label!r}: {variable} = {values!r:.60}: only {', '.join(states)} of "
                    f"{type(self.celltype).__name__} can start at another value than 0 here"
                )
            return
        if simulator.state.built is not None:
            simulator.state.built.set_state(self, variable, values)


def checked(name: str, values: np.ndarray) -> None:
    """Refuse lists of times that do not ascend."""
    if name == "spike_times":
        for number, times in enumerate(values):
            if isinstance(times, Sequence) and np.any(np.diff(times.value) < 0.0):
                raise errors.InvalidParameterValueError(
                    f"spike_times of cell {number} do not ascend; sort them: {times.value!r:.80}"
                )
