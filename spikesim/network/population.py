"""A population: so many neurons of one model, with a name and an initial state."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import html
from ..errors import InvalidTypeError, InvalidValueError, UnknownParameterError, did_you_mean
from ..neurons.contract import is_model, models, require
from ..neurons.sources import is_source
from ..neurons.train import is_of_time
from ..random import Distribution
from . import checked
from .positions import Positions, placed
from .selection import Parts, Selection

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Population", "check_initial", "check_trains", "parameters", "population"]

#: Neurons are counted in 32 bits within a population.
LARGEST = 2**31 - 1


class Population(Selection):
    """Neurons of one model; made by :meth:`Network.population`, and a selection of all its neurons.

    Parameters
    ----------
    name : str
        Unique in its network.
    size : int
        Number of neurons.
    model : neuron model
        With its parameters.
    initial : dict
        State variables that do not start at rest.
    network : Network
        To which the neurons belong.
    places : Positions, optional
        Where they stand.

    Attributes
    ----------
    name : str
    size : int
    model : neuron model
        Its parameters are numbers, arrays of one value a neuron, or distributions.
    initial : dict of str to float, float64 array or Distribution
        State variables that do not start at rest.
    network : Network
    places : Positions or None
        Where the neurons stand.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 100, ss.LIF())
    >>> cells.name, cells.size, cells[:10].size, (cells[:10] + cells[90:]).size
    ('cells', 100, 10, 20)
    """

    name: str
    model: Any
    initial: dict[str, Any]
    places: Positions | None

    def __init__(
        self,
        name: str,
        size: int,
        model: Any,
        initial: dict[str, Any],
        network: Network,
        places: Positions | None = None,
    ) -> None:
        self.__dict__.update(name=name, size=size, model=model, initial=initial, network=network, places=places)

    @property
    def positions(self) -> np.ndarray | None:
        """Where the neurons stand (mm), float64 (size, 1 ... 3), read-only; None where nobody said."""
        return None if self.places is None else self.places.points

    @cached_property
    def parts(self) -> Parts:  # type: ignore[override]
        """The one run: all neurons of this population."""
        ids = np.arange(self.size, dtype=np.int64)
        ids.setflags(write=False)
        return ((self, ids),)

    @property
    def is_source(self) -> bool:
        """Whether the neurons only send spikes and receive nothing."""
        return is_source(self.model)

    @property
    def populations(self) -> tuple[Population, ...]:
        """This population alone."""
        return (self,)

    def __str__(self) -> str:
        return self.name

    def _repr_html_(self) -> str:
        return f"<code>{html.text(repr(self))}</code>"

    def __repr__(self) -> str:
        return f"<Population {self.name!r}: {self.size} {type(self.model).__name__}>"


def population(
    network: Network, name: str, size: Any, model: Any, initial: dict[str, Any], positions: Any = None
) -> Population:
    """Return a checked population (see :meth:`Network.population`)."""
    where = f"population {name!r}"
    size = checked.count(f"{where}: size", size)
    if isinstance(model, type) or not (is_model(model) or is_source(model)):
        raise InvalidTypeError(f"{where}: wanted a neuron model such as LIF(tau_m=20.0), {_instead(model)}")
    kind = type(model).__name__
    for parameter, value in parameters(model).items():
        checked.one_each(f"{where}: parameter {parameter} of {kind}", value, size)
        if is_of_time(value) and value.targets not in (None, size):
            raise InvalidValueError(
                f"{where}: {parameter} of {kind} lists values for {value.targets} neurons, but size is {size}"
            )
    check_trains(where, model, size)
    start: dict[str, Any] = {}
    for state, value in initial.items():
        if state not in model.states:
            hint = did_you_mean(state, model.states)
            if state in parameters(model):
                hint = f", but a parameter: write {kind}({state}=...)"
            raise UnknownParameterError(f"{where}: {state!r} is no state variable of {kind}{hint}")
        if callable(value) and not isinstance(value, Distribution):
            start[state] = _function(f"{where}: initial {state}", value, model)
            continue
        start[state] = checked.values(f"{where}: initial {state}", value, distribution=True)
        check_initial(f"{where}: initial {state}", model, state, start[state])
        checked.one_each(f"{where}: initial {state}", start[state], size)
    places = placed(f"{where}: positions", positions, size, network.seed, name)
    return Population(name, size, model, start, network, places)


def check_trains(where: str, model: Any, size: int) -> None:
    """Refuse a source that lists the spikes of another number of neurons."""
    trains = getattr(model, "size", size) if is_source(model) else size
    if trains != size:
        kind = type(model).__name__
        raise InvalidValueError(f"{where}: {kind} lists {trains} trains, but size is {size}; give one list a neuron")


def check_initial(where: str, model: Any, state: str, value: Any) -> None:
    """Refuse an initial value outside what a state can be: a gate is a fraction."""
    if state in getattr(model, "fractions", ()) and not isinstance(value, Distribution):
        require(where, value, (np.asarray(value) >= 0.0) & (np.asarray(value) <= 1.0), "in 0 ... 1, as a fraction")


def parameters(model: Any) -> dict[str, Any]:
    """Return the parameters of a model or source by name: floats, arrays of one a neuron, distributions."""
    names = getattr(model, "_fields", None) or tuple(name for name in ("rate",) if hasattr(model, name))
    return {name: getattr(model, name) for name in names}


def _function(where: str, value: Any, model: Any) -> Any:
    """Return a function of states and of p, the parameters, if its arguments are named so."""
    known = ("p", *model.states)
    for name in inspect.signature(value).parameters:
        if name not in known:
            raise InvalidTypeError(
                f"{where}: the function asks for {name!r}; its arguments are states and p, the parameters, as in "
                f"u=lambda v, p: p.b * v{did_you_mean(name, known)}"
            )
    return value


def _instead(value: Any) -> str:
    if isinstance(value, type) and (getattr(value, "__spikesim_model__", False) or is_source(value)):
        return f"got the class; write {value.__name__}(...)"
    if isinstance(value, str):
        return f"got the string {checked.short(value)}{did_you_mean(value, models())}"
    return f"got {type(value).__name__} {checked.short(value)}"
