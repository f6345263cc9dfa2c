"""What is looked at and what is put in: probes of variables, recorded spikes, injected currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..synapses.contract import Synapse
from . import checked
from .population import parameters
from .projection import selected, unique
from .selection import Selection
from .stimulus import Stimulus

if TYPE_CHECKING:
    from .network import Network
    from .population import Population

__all__ = ["Injection", "Probe", "injection", "probed", "recorded_spikes", "recorded_traces"]

Variable = str | Synapse


@dataclass(frozen=True, eq=False)
class Probe:
    """Variables of some neurons, sampled at every, 2*every, ... (ms); `every` None is each step."""

    target: Selection
    variables: tuple[Variable, ...]
    every: float | None


@dataclass(frozen=True, eq=False)
class Injection:
    """A current into each neuron of `target`."""

    name: str
    target: Selection
    stimulus: Stimulus


def injection(network: Network, target: Any, stimulus: Any, name: str | None) -> Injection:
    """Return a checked injection (see :meth:`Network.inject`)."""
    target = selected("inject: target", network, target, receives=True)
    title = unique(name, f"stimulus of {target}", (i.name for i in network.injections), "inject")
    if not isinstance(stimulus, Stimulus):
        got = f"the class {stimulus.__name__}; call it" if isinstance(stimulus, type) else f"{type(stimulus).__name__} "
        got += "" if isinstance(stimulus, type) else checked.short(stimulus)
        raise InvalidTypeError(f"{title}: wanted a stimulus such as DC(300.0), got {got}")
    if stimulus.targets is not None and stimulus.targets != target.size:
        raise InvalidValueError(
            f"{title}: {type(stimulus).__name__} lists amplitudes for {stimulus.targets} targets, but there are {target.size}; "
            "give one for all or one a target"
        )
    return Injection(title, target, stimulus)


def probed(network: Network, target: Any, variables: tuple[Any, ...], every: Any) -> tuple[Selection, bool, Probe | None]:
    """Return the target, whether its spikes are wanted, and the probe of its other variables (see :meth:`Network.record`)."""
    target = selected("record: target", network, target)
    where = f"record of '{target}'"
    if not variables:
        raise InvalidTypeError(f'{where}: say what, e.g. net.record({target}, "spikes") or net.record({target}, "v")')
    if every is not None:
        every = checked.number(f"{where}: every", every, unit="ms", above=0.0)
    sampled: list[Variable] = []
    for variable in dict.fromkeys(variables):
        if variable == "spikes":
            continue
        for population in target.populations:
            _recordable(where, population, variable)
        sampled.append(variable)
    if not sampled and every is not None:
        raise InvalidValueError(f"{where}: spikes are recorded as they come; leave every = {every!r} out")
    probe = Probe(target, tuple(sampled), every) if sampled else None
    if probe:
        _agrees(where, network, probe)
    return target, "spikes" in variables, probe


def _recordable(where: str, population: Population, variable: Any) -> None:
    """Refuse a variable that the population cannot have; whether it has that synapse is known when compiled."""
    if not isinstance(variable, (str, Synapse)):
        got = f"the class {variable.__name__}; call it" if isinstance(variable, type) else checked.short(variable)
        raise InvalidTypeError(f"{where}: wanted the name of a variable or a synapse value, got {got}")
    states = () if population.is_source else tuple(population.model.states)
    if variable in states:
        return
    synaptic = isinstance(variable, Synapse) or variable[:2] in ("I_", "g_")
    kind = type(population.model).__name__
    if synaptic and not population.is_source and variable not in parameters(population.model):
        return
    known = ["spikes", *states, *(() if population.is_source else ("I_syn", "g_syn"))]
    hint = did_you_mean(variable if isinstance(variable, str) else "", known)
    if variable in parameters(population.model):
        hint = f": it is a parameter, which does not change{did_you_mean('', known)}"
    what = repr(variable) if isinstance(variable, Synapse) else checked.short(variable)
    raise UnknownNameError(f"{where}: {population.name!r} ({kind}) has no variable {what} to record{hint}")


def _agrees(where: str, network: Network, probe: Probe) -> None:
    """Refuse a second sampling interval for one variable of one population: its samples make one table."""
    for other in network.probes:
        if other.every == probe.every:
            continue
        both = set(other.variables) & set(probe.variables)
        shared = set(other.target.populations) & set(probe.target.populations)
        if both and shared:
            variable = min(both, key=str)
            population = min(shared, key=str)
            raise InvalidValueError(
                f"{where}: {variable!r} of {str(population)!r} is recorded every {_interval(other.every)} already; "
                f"got every {_interval(probe.every)}, but a variable of a population has one interval"
            )


def _interval(every: float | None) -> str:
    return "step" if every is None else f"{every:g} ms"


def recorded_spikes(network: Network) -> dict[str, np.ndarray | None]:
    """Return whose spikes are recorded: by population, ascending ids, or None for all of them."""
    wanted: dict[str, list[np.ndarray]] = {}
    for target in network.spike_targets:
        for population, ids in target.parts:
            wanted.setdefault(population.name, []).append(ids)
    united = {name: np.unique(np.concatenate(ids)) for name, ids in sorted(wanted.items())}
    return {name: None if ids.size == network.populations[name].size else ids for name, ids in united.items()}


def recorded_traces(network: Network) -> list[tuple[Population, Variable, np.ndarray, float | None]]:
    """Return what is sampled: (population, variable, ascending ids, every), once each, in canonical order."""
    wanted: dict[tuple[Population, Variable], tuple[list[np.ndarray], float | None]] = {}
    for probe in network.probes:
        for population, ids in probe.target.parts:
            for variable in probe.variables:
                wanted.setdefault((population, variable), ([], probe.every))[0].append(ids)
    rows = [(pop, variable, np.unique(np.concatenate(ids)), every) for (pop, variable), (ids, every) in wanted.items()]
    return sorted(rows, key=lambda row: (row[0].name, str(row[1])))
