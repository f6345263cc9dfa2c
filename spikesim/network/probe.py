"""What is looked at and what is put in: recorded spikes, probes of variables, injected currents."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..keywords import freeze
from ..synapses.contract import Synapse
from . import checked
from .array_file import kept_in_files
from .pieces import breaks_of, require_constant
from .population import Population, parameters
from .projection import Projection, selected, unique
from .selection import Selection
from .stimulus import Stimulus

if TYPE_CHECKING:
    from .network import Network

__all__ = [
    "Injection",
    "Probe",
    "Sampled",
    "Variable",
    "WeightProbe",
    "injection",
    "kept_at_spike",
    "probed",
    "recorded_spikes",
    "recorded_traces",
    "weight_probes",
    "widest",
    "window_of",
    "windows",
    "within",
]

Variable: TypeAlias = str | Synapse
Window: TypeAlias = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Probe:
    """Variables of some neurons, sampled at every, 2*every, ... (ms) within a window; `every` None is each step."""

    target: Selection
    variables: tuple[Variable, ...]
    every: float | None
    window: Window = (0.0, math.inf)


class Sampled(NamedTuple):
    """A variable of a population that is sampled: of which neurons (ascending), how often, within which window (ms)."""

    population: Population
    variable: Variable
    ids: np.ndarray
    every: float | None
    window: Window


@dataclass(frozen=True, eq=False)
class WeightProbe:
    """The weights of a projection that learns ("w"), or a state of its release, sampled at every, 2*every, ... (ms)."""

    projection: Projection
    every: float
    variable: str = "w"


@dataclass(frozen=True, eq=False)
class Injection:
    """A current into each neuron of `target`, or an input that its model names."""

    name: str
    target: Selection
    stimulus: Stimulus
    into: str | None = None


freeze(Injection, "describe another one with net.inject(...)")


def _told_by_a_user(stimulus: Stimulus) -> bool:
    """Whether the values of a stimulus are another's than the package's, and do not stay in a file."""
    return type(stimulus).value.__module__.split(".")[0] != __name__.split(".")[0] and not kept_in_files(stimulus)


def injection(network: Network, target: Any, stimulus: Any, name: str | None, into: Any) -> Injection:
    """Return a checked injection (see :meth:`Network.inject`)."""
    target = selected("inject: target", network, target, receives=True)
    title = unique(name, f"stimulus of {target}", (i.name for i in network.injections), "inject")
    if not isinstance(stimulus, Stimulus):
        got = f"the class {stimulus.__name__}; call it" if isinstance(stimulus, type) else ""
        got = got or f"{type(stimulus).__name__} {checked.short(stimulus)}"
        raise InvalidTypeError(f"inject into '{target}': wanted a stimulus such as DC(300.0), got {got}")
    breaks_of(stimulus, f"inject into '{target}': ")
    if stimulus.targets not in (None, target.size):
        raise InvalidValueError(
            f"inject into '{target}': {type(stimulus).__name__} lists amplitudes for {stimulus.targets} "
            f"targets, but there are {target.size}; give one for all or one a target"
        )
    if stimulus.piecewise_constant and _told_by_a_user(stimulus):
        require_constant(f"inject into '{target}'", stimulus)
    for population in () if into is None else target.populations:
        kind, known = type(population.model).__name__, population.model.inputs
        if not isinstance(into, str) or into not in known:
            names = f"its inputs are {', '.join(known)}" if known else "it names none (inputs = ... in its declaration)"
            raise UnknownNameError(
                f"inject into '{target}': {kind} has no input {checked.short(into)}; {names}"
                f"{did_you_mean(str(into), known)}"
            )
    return Injection(title, target, stimulus, into)


def weight_probes(
    network: Network, projection: Projection, variables: tuple[Any, ...], every: Any
) -> list[WeightProbe]:
    """Return checked probes of weights and of states of a release (see :meth:`Network.record`)."""
    where = f"record {projection.name!r}"
    if all(projection is not known for known in network.projections):
        raise InvalidValueError(f"{where}: this projection belongs to another network")
    states = () if projection.release is None else type(projection.release).states
    for variable in variables:
        if variable not in ("w", *states):
            known = did_you_mean(str(variable), ("w", *states))
            also = f" and the states of its release, {', '.join(states)}," if states else ""
            raise UnknownNameError(f"{where}: of a projection its weights{also} are recorded, got {variable!r}{known}")
    if not variables:
        raise InvalidTypeError(f'{where}: no variable was named; name "w", the weights')
    if projection.plasticity is None and "w" in variables:
        raise InvalidValueError(f"{where}: its weights do not change; result.weights[{projection.name!r}] has them")
    if every is None:
        raise InvalidTypeError(f"{where}: every is missing: the interval between two samples (ms)")
    every = checked.number(f"{where}: every", every, above=0.0)
    if projection.name in network.populations:
        raise InvalidValueError(f"{where}: a population has the same name; give the projection another, name=")
    for probe in network.weight_probes:
        if probe.projection is projection and probe.variable in variables:
            what = "its weights are" if probe.variable == "w" else f"{probe.variable!r} is"
            raise InvalidValueError(f"{where}: {what} recorded already; it has one interval")
    return [WeightProbe(projection, every, variable) for variable in dict.fromkeys(variables)]


def probed(
    network: Network, target: Any, variables: tuple[Any, ...], every: Any, start: Any, stop: Any
) -> tuple[Selection, Window | None, Probe | None]:
    """Return the target, the window of its spikes if they are wanted, and the probe of the rest.

    See `Network.record`.
    """
    target = selected("record: target", network, target)
    where = f"record '{target}'"
    if not variables:
        raise InvalidTypeError(f'{where}: no variable was named; name some, such as "spikes" or "v"')
    if every is not None:
        every = checked.number(f"{where}: every", every, above=0.0)
    for variable in variables:
        if not isinstance(variable, (str, Synapse)):
            got = f"the class {variable.__name__}; call it" if isinstance(variable, type) else ""
            got = got or f"{type(variable).__name__} {checked.short(variable)}"
            raise InvalidTypeError(f"{where}: wanted names of variables or synapse values, got {got}")
        for population in target.populations:
            _check_recordable(where, population, variable)
    window = window_of(where, start, stop)
    sampled = tuple(dict.fromkeys(variable for variable in variables if variable != "spikes"))
    if not sampled:
        if every is not None:
            raise InvalidValueError(f"{where}: spikes are recorded as they come; leave every = {every:g} out")
        return target, window, None
    probe = Probe(target, sampled, every, window)
    _check_interval(where, network, probe)
    return target, window if "spikes" in variables else None, probe


def window_of(where: str, start: Any, stop: Any) -> Window:
    """Return a checked window (ms)."""
    start = checked.number(f"{where}: start", start, least=0.0)
    stop = checked.number(f"{where}: stop", stop, infinite=True)
    if not start < stop:
        raise InvalidValueError(f"{where}: stop must be after start, got start = {start!r} and stop = {stop!r} ms")
    return start, stop


def windows(network: Network, target: Selection, window: Window) -> dict[str, Window]:
    """Return from when to when the spikes of a target's populations are kept; see `Network.record`."""
    for name in (population.name for population in target.populations):
        if network.windows.get(name, window) != window:
            raise _another_window(f"record '{target}'", "spikes", name, network.windows[name], window)
    return {population.name: window for population in target.populations}


def _another_window(where: str, what: str, name: str, known: Window, got: Window) -> InvalidValueError:
    return InvalidValueError(
        f"{where}: {what} of {name!r} are recorded from {known[0]:g} to {known[1]:g} ms already, got {got[0]:g} to "
        f"{got[1]:g}; the spikes of a population have one window, and so has each of its variables"
    )


def kept_at_spike(network: Network, target: Selection, spikes: bool, at_spike: Any) -> dict[str, tuple[str, ...]]:
    """Return which states the populations of a target keep with each spike; see `Network.record`."""
    where = f"record '{target}': at_spike"
    if isinstance(at_spike, Mapping) or not isinstance(at_spike, Iterable):
        raise InvalidTypeError(f'{where}: wanted names of states, such as ("v",), got {checked.short(at_spike)}')
    names = tuple(dict.fromkeys((at_spike,) if isinstance(at_spike, str) else at_spike))
    if names and not spikes:
        raise InvalidValueError(f'{where}: states are kept with spikes; name "spikes" among what is recorded')
    for population in target.populations:
        states = () if population.is_source else population.model.states
        for name in names:
            if name not in states:
                kind = type(population.model).__name__
                known = f"its states are {', '.join(states)}" if states else "it has none"
                raise UnknownNameError(
                    f"{where}: {population.name!r} ({kind}) has no state {checked.short(name)}; {known}"
                    f"{did_you_mean(str(name), states)}"
                )
        seen = population.name in network.windows
        recorded = seen and any(population in other.populations for other in network.spike_targets)
        before = network.at_spike.get(population.name, ())
        if spikes and recorded and sorted(before) != sorted(names):
            raise InvalidValueError(
                f"{where}: spikes of {population.name!r} are recorded with {list(before)} already, got {list(names)}; "
                "a population has one list for all its recorded spikes"
            )
    return {population.name: names for population in target.populations} if names else {}


def widest(network: Network) -> int:
    """Return how many states are kept with a spike, at most."""
    return max(map(len, network.at_spike.values()), default=0)


def _check_recordable(where: str, population: Population, variable: Variable) -> None:
    """Refuse what the population cannot have; which synapses it has is known only when compiled."""
    states = (*population.model.states, *getattr(population.model, "observed", ()))
    if variable == "spikes" or variable in states:
        return
    is_parameter = variable in parameters(population.model)
    synaptic = isinstance(variable, Synapse) or variable.startswith(("I_", "g_")) or "." in variable
    if synaptic and not is_parameter and not population.is_source:
        return
    known = ["spikes", *states, *(() if population.is_source else ("I_syn", "g_syn"))]
    hint = did_you_mean("" if is_parameter else str(variable), known)
    why = ": it is a parameter and does not change" if is_parameter else ""
    raise UnknownNameError(
        f"{where}: {population.name!r} ({type(population.model).__name__}) has no variable "
        f"{checked.short(variable)} to record{why}{hint}"
    )


def _check_interval(where: str, network: Network, probe: Probe) -> None:
    """Refuse a second interval or window of one variable of one population: its samples make one table."""
    for key in sampled(probe):
        other = network.sampled.get(key)
        if other is None or (other.every, other.window) == (probe.every, probe.window) or other not in network.probes:
            continue
        name, variable = key
        if other.every == probe.every:
            raise _another_window(where, f"samples of {checked.short(variable)}", name, other.window, probe.window)
        raise InvalidValueError(
            f"{where}: {checked.short(variable)} of {name!r} is recorded {interval(other.every)} "
            f"already, got {interval(probe.every)}; a variable of a population has one interval"
        )


def sampled(probe: Probe) -> Iterator[tuple[str, Variable]]:
    """Yield (population, variable) of all that a probe samples."""
    return ((population.name, variable) for population in probe.target.populations for variable in probe.variables)


def interval(every: float | None) -> str:
    """Return a sampling interval in words."""
    return "each step" if every is None else f"every {every:g} ms"


def within(window: Window) -> str:
    """Return a window in words; nothing where it is the whole run."""
    start, stop = window
    begun = f" from {start:g} ms" if start > 0.0 else ""
    return begun + (f" to {stop:g} ms" if stop < math.inf else "")


def recorded_spikes(network: Network) -> dict[str, np.ndarray | None]:
    """Return whose spikes are recorded: by population, ascending ids, or None for all of them."""
    wanted: dict[str, list[np.ndarray]] = {}
    for target in network.spike_targets:
        for population, ids in target.parts:
            wanted.setdefault(population.name, []).append(ids)
    united = {name: np.unique(np.concatenate(ids)) for name, ids in sorted(wanted.items())}
    return {name: None if ids.size == network.populations[name].size else ids for name, ids in united.items()}


def recorded_traces(network: Network) -> list[Sampled]:
    """Return what is sampled, by population."""
    wanted: dict[tuple[Population, Variable], tuple[list[np.ndarray], Probe]] = {}
    for probe in network.probes:
        for population, ids in probe.target.parts:
            for variable in probe.variables:
                wanted.setdefault((population, variable), ([], probe))[0].append(ids)
    rows = [
        Sampled(*what, np.unique(np.concatenate(ids)), probe.every, probe.window)
        for what, (ids, probe) in wanted.items()
    ]
    return sorted(rows, key=lambda row: row.population.name)  # a population's in the order of the calls
