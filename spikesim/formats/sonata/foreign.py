"""A circuit of anybody's as a network: nodes by their template, edges by the receptor at which they arrive.

A population of one model becomes one population; one of several (other templates, other synaptic time constants) one
for each, named after its types.  Weights above 0 arrive at the excitatory receptor, others at the inhibitory one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ...errors import FileFormatError, InvalidTypeError
from ...network.network import Network
from ...network.positions import Positions
from ...network.rule_lists import from_pairs
from ...neurons.contract import is_model
from ...neurons.sources import SpikeInput
from .circuit import Circuit, Edges, Nodes
from .nest import IDLE, OFF, STATES, Template, ours

__all__ = ["Found", "Group", "foreign_network"]

MICRO = 1e-3  # mm in a um
PLAIN = (None, "static_synapse", "nest:static_synapse", "", "NULL")
SYNAPTIC = ("tau_syn_ex", "tau_syn_in", "E_ex", "E_in", "refractory_input")


class Group(NamedTuple):
    """Some nodes that are one population of ours."""

    name: str
    ids: np.ndarray  #: which nodes
    excitatory: Any  #: the synapse at which weights above 0 arrive, or None
    inhibitory: Any
    conductance: bool


class Found(NamedTuple):
    """A network made of a circuit, and who is who."""

    net: Network
    groups: dict[str, list[Group]]  #: by population of nodes


def foreign_network(circuit: Circuit, models: Mapping[str, Any], seed: int, trains: Mapping[str, Any]) -> Found:
    """Return the network of a circuit.

    Parameters
    ----------
    circuit : Circuit
    models : mapping
        By template: a model, (model, excitatory synapse, inhibitory synapse), or a function of the parameters, a dict,
        that returns either.
    seed : int
    trains : mapping
        By virtual population: its source.
    """
    net = Network(seed=seed)
    groups: dict[str, list[Group]] = {}
    unknown: list[str] = []
    plans: dict[str, list[Any]] = {}
    for name, nodes in circuit.nodes.items():
        if not nodes.virtual:
            plans[name] = _plans(nodes, models, unknown)
    strange = [f"edges {e.name!r}: {why}" for e in circuit.edges.values() for why in _strange(e)]
    if unknown or strange:
        hint = '; say what they are with models={"template": model}' if unknown else ""
        raise FileFormatError(f"{circuit.config.path!r}: not known here: {'; '.join(unknown + strange)}{hint}")
    for name, nodes in circuit.nodes.items():
        if nodes.virtual:
            net.population(name, nodes.size, trains.get(name, SpikeInput()))
            groups[name] = [Group(name, np.arange(nodes.size), None, None, False)]
        else:
            groups[name] = [_population(net, nodes, plan) for plan in plans[name]]
    for edges in circuit.edges.values():
        _connect(net, edges, groups)
    return Found(net, groups)


class _Plan(NamedTuple):
    name: str
    ids: np.ndarray
    template: Template | None
    parameters: dict[str, Any]
    made: Any  #: (model, excitatory, inhibitory) where the user says so


def _plans(nodes: Nodes, models: Mapping[str, Any], unknown: list[str]) -> list[_Plan]:
    """How a population of nodes is divided, and what each part is; what is not known is added to `unknown`."""
    templates, parameters = nodes.attribute("model_template"), nodes.parameters()
    shown = templates if isinstance(templates, np.ndarray) else np.full(nodes.size, templates, object)
    keys = [shown.astype(str)]
    keys += [np.asarray(v).astype(str) for k, v in parameters.items() if k in SYNAPTIC and np.ndim(v)]
    different = list(dict.fromkeys(zip(*(k.tolist() for k in keys)))) if nodes.size else []
    number = {key: k for k, key in enumerate(different)}
    part = np.array([number[key] for key in zip(*(k.tolist() for k in keys))], np.int64)
    plans = []
    for k, (template, *_) in enumerate(different):
        ids = np.flatnonzero(part == k)
        known = ours(template)
        usual = {} if known is None else {**known.defaults, **known.start(known.defaults)}
        own = {title: _of_part(v, ids, usual.get(title, np.nan)) for title, v in parameters.items()}
        own = {title: v for title, v in own.items() if v is not None}
        name = nodes.name if len(different) == 1 else f"{nodes.name}.{_label(nodes, ids, k)}"
        said = models.get(template, models.get(template.split(":")[-1]))
        if said is not None:
            plans.append(_Plan(name, ids, None, own, _given(template, said, own)))
            continue
        bad = [] if known is None else _unknown(known, own)
        if known is None or bad:
            what = f"parameters {', '.join(bad)} of {template}" if bad else f"model {template!r}"
            unknown.append(f"{what} (nodes {nodes.name!r}, {ids.size} of {nodes.size})")
            continue
        plans.append(_Plan(name, ids, known, own, None))
    names = [plan.name for plan in plans]
    return [p if names.count(p.name) == 1 else p._replace(name=f"{p.name} {k}") for k, p in enumerate(plans)]


def _label(nodes: Nodes, ids: np.ndarray, k: int) -> str:
    """What a part is called: as its type is, where it is one."""
    kinds = np.unique(nodes.type_ids[ids]).tolist()
    titles = {str(nodes.used_types[kind].get("pop_name") or kind) for kind in kinds}
    return titles.pop().replace("/", "_") if len(titles) == 1 else str(k)


def _one(values: Any) -> Any:
    """One number where all are the same."""
    if np.ndim(values) == 0:
        return values
    return values.tolist()[0] if values.size and (values == values[0]).all() else np.asarray(values, np.float64)


def _of_part(values: Any, ids: np.ndarray, usual: Any) -> Any:
    """The values of some nodes; what their type does not say is as usual; None where none of their types says it."""
    if np.ndim(values) == 0:
        return values
    some = values[ids]
    missing = np.array([x is None for x in some]) if some.dtype == object else np.zeros(some.size, bool)
    if missing.all() and some.size:
        return None
    return _one(np.where(missing, usual, some)) if missing.any() else _one(some)


def _unknown(template: Template, given: dict[str, Any]) -> list[str]:
    """The parameters that a neuron here does not have."""
    known = {*template.defaults, *STATES.values(), *IDLE, "refractory_input", "threshold_current", "holding_current"}
    bad = [name for name in given if name not in known and name not in OFF]
    bad += [f"{name} = {given[name]}" for name, off in OFF.items() if name in given and np.any(given[name] != off)]
    if template.kind != "psc_delta" and np.any(given.get("refractory_input", False)):
        bad.append("refractory_input")
    return bad


def _given(template: str, known: Any, parameters: dict[str, Any]) -> tuple[Any, Any, Any]:
    """What the user says a template is."""
    found = known(dict(parameters)) if callable(known) and not is_model(known) else known
    if is_model(found):
        return found, None, None
    if isinstance(found, tuple) and len(found) == 3 and is_model(found[0]):
        return found
    raise InvalidTypeError(
        f"from_sonata: models[{template!r}]: wanted a model, (model, excitatory synapse, inhibitory synapse), or a "
        f"function of the parameters that returns one of these, got {type(found).__name__} {found!r:.60}"
    )


def _population(net: Network, nodes: Nodes, plan: _Plan) -> Group:
    positions = [nodes.of_group(axis) for axis in "xyz"]
    places = None
    if all(p is not None and p.dtype.kind in "iuf" for p in positions[:2]):
        columns = [p for p in positions if p is not None]
        places = Positions(np.stack(columns, axis=1)[plan.ids].astype(np.float64) * MICRO)
    if plan.template is None:
        model, excitatory, inhibitory = plan.made
        net.population(plan.name, plan.ids.size, model, positions=places)
        conductance = getattr(excitatory or inhibitory, "E_rev", None) is not None
        return Group(plan.name, plan.ids, excitatory, inhibitory, conductance)
    template = plan.template
    given = {**template.defaults, **plan.parameters}
    start = template.start({**template.defaults, **plan.parameters})
    net.population(plan.name, plan.ids.size, template.neuron(given), positions=places, **start)
    excitatory, inhibitory = (template.synapse(side, given) for side in ("ex", "in"))
    return Group(plan.name, plan.ids, excitatory, inhibitory, template.kind.startswith("cond"))


def _strange(edges: Edges) -> list[str]:
    """What of edges a network here does not have."""
    found = []
    templates = edges.attribute("model_template")
    different = dict.fromkeys(templates.tolist()) if isinstance(templates, np.ndarray) else {templates: None}
    found += [f"synapse {name!r}" for name in different if name not in PLAIN]
    functions = {row.get("weight_function") for row in edges.used_types.values()}
    found += [f"weight_function {name!r}" for name in sorted(f for f in functions if f not in (None, "wmax"))]
    named = any(row.get("dynamics_params") for row in edges.used_types.values())
    files = edges.parameter_files("synaptic_models_dir") if named else {}
    found += [f"parameter {name} of synapses" for name in sorted({n for one in files.values() for n in one})]
    return found


def _numbers(edges: Edges, name: str, default: float | None) -> np.ndarray:
    found = edges.attribute(name, default)
    if found is None:
        raise FileFormatError(f"{edges.path!r}: {edges.root}: there is no {name}, neither of edges nor of their types")
    values = np.asarray(found)
    if values.dtype.kind not in "iuf":
        raise FileFormatError(f"{edges.path!r}: {edges.root}: {name}: wanted numbers")
    return np.broadcast_to(values.astype(np.float64), (edges.size,))


def _connect(net: Network, edges: Edges, groups: dict[str, list[Group]]) -> None:
    """Connect what one population of edges joins: once for each population and receptor at which they arrive."""
    source, target = edges.pairs()
    weight = _numbers(edges, "syn_weight", None) * _numbers(edges, "nsyns", 1.0)
    delay = _numbers(edges, "delay", None)
    senders = groups[edges.source.name]
    pre = sum((net[g.name] for g in senders[1:]), net[senders[0].name])
    place = np.empty(edges.source.size, np.int64)
    place[np.concatenate([g.ids for g in senders])] = np.arange(edges.source.size)
    of, local = np.empty(edges.target.size, np.int64), np.empty(edges.target.size, np.int64)
    for k, group in enumerate(groups[edges.target.name]):
        of[group.ids], local[group.ids] = k, np.arange(group.ids.size)
    several = len(groups[edges.target.name]) > 1
    for k, group in enumerate(groups[edges.target.name]):
        for sign, synapse in ((1, group.excitatory), (-1, group.inhibitory)):
            same = group.excitatory == group.inhibitory
            wanted = (weight < 0.0) == (sign < 0)
            chosen = np.flatnonzero((of[target] == k) & ((sign > 0) if same else wanted))
            if not chosen.size:
                continue
            if synapse is None:
                raise FileFormatError(
                    f"{edges.path!r}: {edges.root}: edges onto {group.name!r}, of whose synapses nothing is known; "
                    "give models={template: (model, excitatory synapse, inhibitory synapse)}"
                )
            w = np.abs(weight[chosen]) if group.conductance else weight[chosen]
            title = edges.name + (f" onto {group.name}" if several else "")
            mixed = not same and (weight >= 0.0).any() and (weight < 0.0).any()
            title += f" ({'ex' if sign > 0 else 'in'})" if mixed else ""
            net.connect(
                pre, net[group.name], from_pairs(place[source[chosen]], local[target[chosen]]), weight=_one(w),
                delay=_one(delay[chosen]), synapse=synapse, name=title,
            )  # fmt: skip
