"""One population of a program: its model, its parameters as numbers, its state at the start."""

from __future__ import annotations

import inspect
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidValueError, UnknownParameterError, did_you_mean
from ..network.population import Population, check_initial, parameters
from ..neurons.sources import Poisson
from ..neurons.train import Train
from ..random import Distribution, key
from ..synapses.contract import Synapse
from .propagator import Linear, as_linear
from .rest import resting_state, steady

if TYPE_CHECKING:
    from .program import Program

__all__ = ["Cell", "check_exact"]

#: The longest refractory period in steps (int32).
LONGEST = 2**31 - 2


def needs(value: Any) -> set[str]:
    """Return the names that an initial value asks for: the arguments of a function, else none."""
    return set(inspect.signature(value).parameters) if callable(value) else set()


class Cell:
    """One population, resolved: parameters as numbers, ports in canonical order, initial state."""

    def __init__(self, population: Population, first: int, program: Program, model: Any = None) -> None:
        self.population, self.name, self.size, self.first = population, population.name, population.size, first
        self.model = population.model if model is None else model
        self.source = population.is_source
        self.seed, self._noise_seed = program.seed, program.noise_seed
        self.ports: list[Synapse] = []
        self.grid = program.grid
        #: Whether it has gap junctions.
        self.coupled = any(population in (*c.a.populations, *c.b.populations) for c in program.net.couplings)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Parameters by name: floats, or float64 (size,) where neurons differ; drawn ones are checked too."""
        given = parameters(self.model)
        if not self.size:  # nobody has them: any number will do where one a neuron is listed or drawn
            known = getattr(self.model, "_field_defaults", {})
            return {name: v if isinstance(v, float) else float(known.get(name, 1.0)) for name, v in given.items()}
        drawn = {
            name: value.sample(key(self.seed, "parameter", self.name, name), np.arange(self.size))
            for name, value in given.items()
            if isinstance(value, Distribution)
        }
        try:
            model = self.model._replace(**drawn) if drawn else self.model
        except InvalidValueError as error:
            laws = ", ".join(f"{name} = {getattr(self.model, name)!r}" for name in drawn)
            raise InvalidValueError(
                f"population {self.name!r}: {error.args[0]}; drawn from {laws}: bound it with low= and high="
            ) from None
        return parameters(model)

    @property
    def lists(self) -> bool:
        """Whether it is a source that knows its times before."""
        return hasattr(self.model, "listed") and not getattr(self.model, "trains", ())

    @property
    def trains(self) -> tuple[Train, ...]:
        """The renewal trains of a source; none where it lists its times, is fed, or is a plain Poisson process."""
        plain = isinstance(self.model, Poisson) and self.model.steady
        return () if plain else getattr(self.model, "trains", ())

    @cached_property
    def listed(self) -> tuple[np.ndarray, ...]:
        """The times (ms) of each neuron of a source that knows them before."""
        return self.model.listed(key(self._noise_seed, "listed", self.name), self.size)

    @cached_property
    def linear(self) -> Linear | None:
        """The affine parts, where the model is linear and neither a synapse nor a junction is a conductance."""
        if self.source or self.coupled or any(port.E_rev is not None for port in self.ports):
            return None
        return as_linear(self.model, self.parameters)

    @cached_property
    def initial(self) -> np.ndarray:
        """The state at the start, float64 (states, size): what is given, and what is steady at that."""
        states, given = self.model.states, self.population.initial
        rows = np.empty((len(states), self.size))
        known: dict[str, Any] = {}
        waiting = dict(given)
        while waiting:
            ready = [name for name, value in waiting.items() if needs(value) <= {*known, "p"}]
            if not ready:
                break
            for name in ready:
                known[name] = rows[states.index(name)] = self._start(name, waiting.pop(name), known)
        missing = [i for i, state in enumerate(states) if state not in given]
        if waiting:  # a function of what is to be found first
            self._refuse_waiting(waiting)
        if len(missing) == len(states):
            for i, value in enumerate(resting_state(self.name, self.model, self.parameters)):
                rows[i] = value
        elif missing and self.size:
            rest = resting_state(self.name, self.model, self.parameters)
            for i in missing:
                rows[i] = rest[i]
            rows = steady(self.name, self.model, self.parameters, rows, missing)
        return rows

    def _start(self, state: str, value: Any, known: dict[str, Any]) -> Any:
        """The value of a state that is given: a number, an array, drawn, or a function of others and of p."""
        where = f"population {self.name!r}: initial {state}"
        if isinstance(value, Distribution):
            drawn = value.sample(key(self.seed, "initial", self.name, state), np.arange(self.size))
            check_initial(where, self.model, state, drawn)
            return drawn
        if not callable(value):
            return value
        p = SimpleNamespace(**self.parameters)
        values = {**known, "p": p}
        try:
            answer = value(**{name: values[name] for name in needs(value)})
        except AttributeError as error:
            if error.obj is not p:
                raise
            hint = did_you_mean(str(error.name), self.parameters)
            raise UnknownParameterError(f"{where}: the function uses p.{error.name}{hint}") from error
        found = np.asarray(answer)
        numbers = found.dtype.kind in "fiu" and np.all(np.isfinite(found))
        if not numbers or found.shape not in ((), (self.size,)):
            wanted = f"one finite number or {self.size} (one a neuron)"
            raise InvalidValueError(f"{where}: the function must return {wanted}, got {answer!r:.80}")
        found = found.astype(np.float64)
        check_initial(where, self.model, state, found)
        return found

    def _refuse_waiting(self, waiting: dict[str, Any]) -> None:
        name, value = next(iter(waiting.items()))
        raise InvalidValueError(
            f"population {self.name!r}: initial {name} is a function of {', '.join(sorted(needs(value)))}, of which "
            f"not all are given; a function may use states that are given and p, the parameters"
        )

    @cached_property
    def t_ref(self) -> tuple[np.ndarray, float]:
        """Refractory period in steps, (1,) or (size,), and by how much rounding moved a listed one at most (ms)."""
        value = self.parameters.get("t_ref", 0.0)
        if np.ndim(value) == 0:
            steps, shift = np.array([self.grid.steps(value, f"population {self.name!r}: t_ref")]), 0.0
        else:
            steps, shift = self.grid.nearest(value, least=0)
        if steps.max(initial=0) > LONGEST:
            raise InvalidValueError(
                f"population {self.name!r}: t_ref = {float(np.max(value))!r} ms is more than {LONGEST} steps of "
                f"{self.grid.dt:g} ms, which are counted in 32 bits; use a shorter one, or a larger dt"
            )
        return steps, shift


def check_exact(cell: Cell) -> None:
    """Refuse a model that only steps on the grid.

    Raises
    ------
    InvalidValueError
        If it has noise in its equations.
    """
    cls = type(cell.model)
    if getattr(cls, "diffusion", None):
        raise InvalidValueError(
            f"population {cell.name!r}: {cls.__name__} has noise in its equation (`diffusion`): between two looks its "
            'path may cross the threshold and come back, and no spike has an exact time; use engine="clock" with a '
            "small dt, or inject Noise, which is held from one time to the next"
        )
