"""What spikes travel along: projections between neurons, and the background of independent Poisson trains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..random import Distribution
from ..synapses.contract import Synapse
from . import checked
from .rules import Rule
from .selection import Selection

if TYPE_CHECKING:
    from .network import Network

Shapes = tuple[tuple[int, ...], ...]

__all__ = ["Background", "Projection", "background", "projection", "selected", "shared", "synapse_value", "unique"]


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from `pre` onto `post`, made by a rule when the network is compiled.

    `weight` and `delay` (ms) are a number, a distribution, or one value a synapse in the order the rule lists them.
    """

    name: str
    pre: Selection
    post: Selection
    rule: Any
    weight: Any
    delay: Any
    synapse: Synapse
    plasticity: Any = None


@dataclass(frozen=True, eq=False)
class Background:
    """An independent Poisson train of `rate` (Hz; one number or one a target) onto every neuron of `target`."""

    name: str
    target: Selection
    rate: Any
    weight: float
    synapse: Synapse


def selected(where: str, network: Network, value: Any, *, receives: bool = False) -> Selection:
    """Return `value` if it is a selection of this network (and can receive input)."""
    if not isinstance(value, Selection):
        hint = f'; write net["{value}"]' if isinstance(value, str) else ""
        raise InvalidTypeError(
            f"{where}: wanted a population or a selection of one, got {type(value).__name__} {checked.short(value)}{hint}"
        )
    if value.network is not network:
        raise InvalidValueError(f"{where}: '{value}' belongs to {value.network!r}, not to {network!r}; one network at a time")
    for population in value.populations:
        if receives and population.is_source:
            kind = type(population.model).__name__
            raise InvalidValueError(f"{where}: {population.name!r} is a source ({kind}) and receives no input")
    return value


def synapse_value(where: str, value: Any, post: Selection) -> Synapse:
    """Return `value` if it is a synapse that the neurons of `post` can have."""
    if isinstance(value, type) and issubclass(value, Synapse):
        raise InvalidTypeError(f"{where}: synapse: got the class; write {value.__name__}(...)")
    if not isinstance(value, Synapse):
        hint = "; call it" if callable(value) else ""
        raise InvalidTypeError(
            f"{where}: synapse: wanted a synapse such as Delta() or Exponential(tau=5.0), "
            f"got {type(value).__name__} {checked.short(value)}{hint}"
        )
    for population in post.populations:
        if not len(value.matrix) and "v" not in population.model.states:
            raise InvalidValueError(
                f"{where}: {value!r} moves v, which {type(population.model).__name__} of {population.name!r} has not "
                f"(its states: {', '.join(population.model.states)})"
            )
    return value


def unique(wanted: str | None, automatic: str, taken: Iterable[str], where: str) -> str:
    """Return a checked name that none of `taken` has: the wanted one, or the automatic one with " #2", " #3", ..."""
    names = set(taken)
    if wanted is not None:
        name = checked.name(where, wanted)
        if name in names:
            raise InvalidValueError(f"{where}: the name {name!r} is taken; each name stands once in a network")
        return name
    name, n = automatic, 1
    while name in names:
        n += 1
        name = f"{automatic} #{n}"
    return name


def projection(
    network: Network, pre: Any, post: Any, rule: Any, weight: Any, delay: Any, synapse: Any, plasticity: Any, name: str | None
) -> Projection:
    """Return a checked projection (see :meth:`Network.connect`)."""
    pre = selected("connect: pre", network, pre)
    post = selected("connect: post", network, post, receives=True)
    title = unique(name, f"{pre} to {post}", (p.name for p in network.projections), "connect")
    where = f"projection {title!r}"
    if not isinstance(rule, Rule):
        hint = "; call it" if callable(rule) else ""
        raise InvalidTypeError(
            f"{where}: rule: wanted a rule of connection such as all_to_all() or fixed_probability(0.1), "
            f"got {type(rule).__name__} {checked.short(rule)}{hint}"
        )
    rule.check(where, pre.size, post.size, shared(pre, post))
    synapse = synapse_value(where, synapse, post)
    if plasticity is not None:
        raise InvalidValueError(f"{where}: plasticity is not available in this version; got {checked.short(plasticity)}, give None")
    shapes = rule.shapes(pre.size, post.size)
    return Projection(
        name=title,
        pre=pre,
        post=post,
        rule=rule,
        weight=_weight(where, rule, weight, shapes),
        delay=_delay(where, rule, delay, shapes),
        synapse=synapse,
    )


def shared(pre: Selection, post: Selection) -> int:
    """Return how many neurons stand on both sides."""
    return sum(
        np.intersect1d(mine, other, assume_unique=True).size
        for sender, mine in pre.parts
        for receiver, other in post.parts
        if sender is receiver
    )


def _weight(where: str, rule: Rule, weight: Any, shapes: Shapes) -> Any:
    """Return the weights as a number, a distribution or one a synapse; a rule from a matrix brings its own."""
    if rule.weights is not None:
        if weight is not None:
            raise InvalidValueError(
                f"{where}: weight: the entries of the matrix are the weights, leave weight out; got {checked.short(weight)}"
            )
        return rule.weights
    if weight is None:
        raise InvalidTypeError(f"{where}: weight is missing: give a number, a distribution or one value a synapse")
    return _one_a_synapse(f"{where}: weight", rule, weight, shapes)


def _delay(where: str, rule: Rule, delay: Any, shapes: Shapes) -> Any:
    """Return the delays as a number > 0, a distribution that reaches above 0, or one a synapse."""
    if isinstance(delay, Distribution) and not delay.high > 0:
        raise InvalidValueError(f"{where}: delay must be > 0 ms, but {delay!r} draws nothing above 0")
    return _one_a_synapse(f"{where}: delay", rule, delay, shapes, above=0.0)


def _one_a_synapse(where: str, rule: Rule, value: Any, shapes: Shapes, **bounds: Any) -> Any:
    """Refuse a list where the rule draws the synapses, and a list of another shape than the rule's."""
    if not np.ndim(value) or isinstance(value, Distribution):
        return checked.values(where, value, distribution=True, **bounds)
    table = checked.table(where, value, **bounds)
    if not shapes:
        raise InvalidValueError(
            f"{where}: got {table.size} values, but {rule!r} draws its synapses; give one number or a distribution "
            "(or list the synapses with from_pairs or from_matrix)"
        )
    if table.shape not in shapes:
        wanted = " or ".join(str(shape) for shape in shapes)
        turned = "; it looks transposed: a row is a target" if table.shape[::-1] in shapes else ""
        raise InvalidValueError(
            f"{where}: wanted one number, or one a synapse in shape {wanted}, got shape {table.shape}{turned}"
        )
    return table


def background(network: Network, target: Any, rate: Any, weight: Any, synapse: Any, name: str | None) -> Background:
    """Return a checked background (see :meth:`Network.background`)."""
    target = selected("background: target", network, target, receives=True)
    title = unique(name, f"background of {target}", (b.name for b in network.backgrounds), "background")
    where = title if title.startswith("background") else f"background {title!r}"
    rate = checked.values(f"{where}: rate", rate, least=0.0)
    checked.one_each(f"{where}: rate", rate, target.size)
    weight = checked.number(f"{where}: weight", weight)
    return Background(title, target, rate, weight, synapse_value(where, synapse, target))
