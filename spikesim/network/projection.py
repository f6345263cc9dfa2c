"""A projection: the synapses from some neurons onto others, by a rule, not yet made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, did_you_mean, warn
from ..keywords import freeze
from ..plasticity import Plasticity
from ..plausibility import warn_of_unit
from ..random import Distribution, key
from ..synapses.contract import Synapse
from ..synapses.delta import Delta
from ..synapses.release import is_release
from . import checked
from .geometry import Geometry, geometry
from .law import Law, evaluated, refuse
from .rules import Rule
from .selection import Selection

if TYPE_CHECKING:
    from .network import Network

AGAIN = "give another, or, where a cell of a notebook is run again, make the network in that cell: net = ss.Network()"
TAIL = 0.05  # of drawn delays: the tail of a law that is cut off at one step without a word
LARGEST, SMALLEST = float(np.finfo(np.float32).max), float(np.finfo(np.float32).tiny)
Shapes = tuple[tuple[int, ...], ...]

__all__ = [
    "Projection",
    "between",
    "check_chances",
    "check_laws",
    "laws",
    "projection",
    "selected",
    "shared",
    "synapse_value",
    "unique",
    "verified",
    "warn_of_weight",
    "weight_value",
]


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from `pre` onto `post`, made by a rule when the network is compiled.

    `weight` (in the unit of the synapse) and `delay` (ms) are a number, a distribution, a law of distance, or one value
    a synapse in the order the rule lists them; `weight` is None where the rule brings the weights.  With
    `plasticity` the weights are those at the start, and `dendritic_delay` (ms) is that share of each delay which lies
    behind the synapse; with a `release` a spike transmits a share of the weights.
    """

    name: str
    pre: Selection
    post: Selection
    rule: Rule
    weight: float | Distribution | Law | np.ndarray | None
    delay: float | Distribution | Law | np.ndarray
    synapse: Synapse
    plasticity: Plasticity | None = None
    release: Any = None
    dendritic_delay: float = 0.0


freeze(
    Projection, "describe another connection with net.connect(...); a run changes weights by plasticity= or sim.weights"
)


def projection(
    network: Network,
    pre: Any,
    post: Any,
    rule: Any,
    weight: Any,
    delay: Any,
    synapse: Any,
    plasticity: Any,
    name: str | None,
    release: Any = None,
    dendritic_delay: Any = 0.0,
) -> Projection:
    """Return a checked projection (see :meth:`Network.connect`)."""
    pre = selected("connect: pre", network, pre)
    post = selected("connect: post", network, post, receives=True)
    title = unique(name, f"{pre} to {post}", (p.name for p in network.projections), "connect")
    given = Projection(title, pre, post, rule, weight, delay, synapse, plasticity, release, dendritic_delay)
    return verified(f"projection {title!r}", given)


def verified(where: str, given: Projection) -> Projection:
    """Return the projection with clean values, where they go together."""
    _, pre, post, rule, weight, delay, synapse, plasticity, release, dendritic_delay = (
        getattr(given, field.name) for field in fields(given)
    )
    if not isinstance(rule, Rule):
        hint = "; call it" if callable(rule) else ""
        raise InvalidTypeError(
            f"{where}: rule: wanted a rule of connection such as all_to_all() or fixed_indegree(100), got "
            f"{type(rule).__name__} {checked.short(rule)}{hint}"
        )
    rule.check(where, pre.size, post.size, shared(pre, post))
    shapes = rule.shapes(pre.size, post.size)
    weight = weight_value(where, rule, weight, shapes)
    delay = _delay(where, rule, delay, shapes)
    synapse = synapse_value(where, synapse, post)
    check_laws(where, rule, weight, delay, pre, post)
    warn_of_weight(where, rule.weights if weight is None else weight, synapse)
    if plasticity is not None:
        _within_bounds(where, plasticity, rule.weights if weight is None else weight, rule, pre, post)
        _has_states(where, plasticity, post)
    if release is not None:
        _check_release(where, release, pre.size)
    dendritic_delay = _dendritic(where, dendritic_delay, delay)
    return replace(given, weight=weight, delay=delay, synapse=synapse, dendritic_delay=dendritic_delay)


def _check_release(where: str, release: Any, sources: int) -> None:
    """Refuse what is no release, and parameters for another number of sources."""
    if not is_release(release):
        got = f"the class {release.__name__}; call it" if isinstance(release, type) else ""
        got = got or f"{type(release).__name__} {checked.short(release)}"
        hint = "; it is a rule of plasticity: give plasticity=" if isinstance(release, Plasticity) else ""
        raise InvalidTypeError(
            f"{where}: release: wanted a release such as TsodyksMarkram(...) or None, got {got}{hint}"
        )
    for name, value in zip(release._fields, release):
        if np.ndim(value) and np.size(value) != sources:
            raise InvalidValueError(
                f"{where}: release: {name} has {np.size(value)} values for {sources} sources; give one number, or one "
                "a source: all synapses of a source share its state; what differs between targets is a projection each"
            )


def laws(rule: Rule, weight: Any, delay: Any) -> dict[str, Law]:
    """Return what is made of distance, by what it is: a probability, a kernel, weights, delays."""
    named = {"weight": weight, "delay (ms)": delay, "kernel": getattr(rule, "kernel", None)}
    named["probability"] = rule if isinstance(rule, Law) else getattr(rule, "p", None)
    return {name: law for name, law in named.items() if isinstance(law, Law)}


def between(where: str, pre: Selection, post: Selection, rule: Rule, weight: Any, delay: Any) -> Geometry:
    """Return how far apart the two sides of a projection stand; refused where it is asked for and not known."""
    needed = any(law.of_distance for law in laws(rule, weight, delay).values())
    return geometry(where, pre, post, rule.boundary, needed or rule.boundary != "open")


def check_laws(where: str, rule: Rule, weight: Any, delay: Any, pre: Selection, post: Selection) -> None:
    """Evaluate laws on some of the pairs: what fails there would fail when the network is built."""
    asked = laws(rule, weight, delay)
    if not asked and rule.boundary == "open":
        return
    places = between(where, pre, post, rule, weight, delay)
    if not pre.size or not post.size:
        return
    some = [np.unique(np.linspace(0, n - 1, 32).astype(np.int64)) for n in (pre.size, post.size)]
    i, j = (side.ravel() for side in np.meshgrid(*some))
    d = places.distances(i, j)
    for name, law in asked.items():
        values = evaluated(f"{where}: {name}", law, i, j, d)
        if name in ("probability", "kernel"):
            check_chances(f"{where}: {name}", law, values, i, j, d, unbounded=name == "kernel")


def check_chances(
    where: str, law: Law, values: np.ndarray, pre: np.ndarray, post: np.ndarray, distance: Any, unbounded: bool = False
) -> None:
    """Refuse probabilities outside [0, 1], and kernels below 0."""
    bad = np.flatnonzero((values < 0.0) | (values > (np.inf if unbounded else 1.0)))
    if bad.size:
        refuse(where, law, values, bad, pre, post, distance, ">= 0" if unbounded else "in [0, 1] (see law.clip)")


def _within_bounds(where: str, plasticity: Any, weight: Any, rule: Rule, pre: Selection, post: Selection) -> None:
    """Refuse what is no rule of plasticity, and weights that its bounds do not allow."""
    drawn = ""
    if not isinstance(plasticity, Plasticity):
        got = f"the class {plasticity.__name__}; call it" if isinstance(plasticity, type) else ""
        got = got or f"{type(plasticity).__name__} {checked.short(plasticity)}"
        hint = "; it is a release: give release=" if is_release(plasticity) else ""
        raise InvalidTypeError(f"{where}: plasticity: wanted a rule such as STDP(...) or None, got {got}{hint}")
    if isinstance(weight, Law):
        longest = between(where, pre, post, rule, weight, None).longest
        found = weight.bounds(np.zeros(1), np.full(1, longest))
        weight = np.concatenate(found)
        drawn = "; cut the law with law.clip(w_min, w_max)"
    low, high = (
        (weight.low, weight.high)
        if isinstance(weight, Distribution)
        else (np.min(weight), np.max(weight))
        if np.size(weight)
        else (plasticity.w_min, plasticity.w_max)
    )
    if not plasticity.w_min <= low <= high <= plasticity.w_max:
        drawn = "; bound the distribution with low= and high=" if isinstance(weight, Distribution) else drawn
        raise InvalidValueError(
            f"{where}: weights must lie within the bounds of the plasticity, w_min = {plasticity.w_min:g} ... "
            f"w_max = {plasticity.w_max:g}, got {float(low):g} ... {float(high):g}{drawn}"
        )


def _has_states(where: str, plasticity: Any, post: Selection) -> None:
    """Refuse a rule that reads a state which a target does not have."""
    for state in getattr(plasticity, "watched", ()):
        for population in post.populations:
            if state not in population.model.states:
                raise InvalidValueError(
                    f"{where}: plasticity: {type(plasticity).__name__} reads {state!r} of its targets, which "
                    f"{type(population.model).__name__} of {population.name!r} does not have (its states: "
                    f"{', '.join(population.model.states)})"
                )


def warn_of_weight(where: str, weight: Any, synapse: Synapse) -> None:
    """Warn of weights whose size or sign is that of another unit or another simulator."""
    if isinstance(weight, Law):
        return
    if isinstance(weight, Distribution):
        weight = weight.median
    if isinstance(synapse, Delta) and synapse.to is None:  # another state has a unit of its own
        warn_of_unit("jump", f"{where}: weight", weight)
    E_rev = getattr(synapse, "E_rev", None)
    negative = np.asarray(weight)[np.asarray(weight) < 0.0]
    if E_rev is not None and negative.size:
        warn(
            f"{where}: weight = {negative.flat[0]:g} nS ({negative.size} such): a conductance is positive, and its "
            f"reversal potential, {E_rev:g} mV, says whether it excites; is the sign that of a current?"
        )


def _storable(where: str, law: Distribution, each: str) -> Distribution:
    """Refuse drawn weights that single precision, which they are kept in, cannot hold."""
    largest = max(map(abs, law.range))
    if largest > LARGEST:
        raise InvalidValueError(
            f"{where}: {law!r} draws values up to {largest:g}; drawn weights are kept in single precision, at most "
            f"{LARGEST:g}; bound the law with low= and high=, or give one value a {each}"
        )
    if 0.0 < largest < SMALLEST * 1e7:
        raise InvalidValueError(
            f"{where}: {law!r} draws nothing above {largest:g}; drawn weights are kept in single precision, whose "
            f"digits end at {SMALLEST:g}; use another unit, or give one value a {each}"
        )
    return law


def weight_value(
    where: str, rule: Rule, weight: Any, shapes: Shapes, what: str = "weight", each: str = "synapse"
) -> Any:
    """Return the weights as a float, a distribution, a law or one for `each`; None where the rule brings them."""
    if rule.weights is not None:
        if weight is not None:
            raise InvalidValueError(
                f"{where}: {what}: the entries of the matrix are the {what}s; leave it out, got {checked.short(weight)}"
            )
        return None
    if weight is None:
        raise InvalidTypeError(f"{where}: {what} is missing: give a number, a distribution or one value a {each}")
    if isinstance(weight, Distribution):
        return _storable(f"{where}: {what}", weight, each)
    if isinstance(weight, Law):
        return weight
    return _one_each(f"{where}: {what}", rule, weight, shapes, each=each)


def _delay(where: str, rule: Rule, delay: Any, shapes: Shapes) -> Any:
    """Return the delays as a float > 0, a distribution that reaches above 0, or one a synapse, all > 0."""
    where = f"{where}: delay (ms)"
    if isinstance(delay, Distribution) and not delay.high > 0:
        raise InvalidValueError(f"{where} must be > 0, but {delay!r} draws nothing above 0")
    if isinstance(delay, Distribution):
        below = float(np.mean(delay.sample(key(0, "delay"), np.arange(4096)) <= 0.0))
        if below > TAIL:
            warn(f"{where}: {below:.0%} of what {delay!r} draws is not above 0; with dt each becomes one step")
    if isinstance(delay, Law):
        return delay
    delay = _one_each(where, rule, delay, shapes, above=0.0)
    size = delay.median if isinstance(delay, Distribution) else np.max(delay, initial=0.0)
    warn_of_unit("delay", where, size)  # (a short one among others is none in another unit)
    return delay


def _dendritic(where: str, value: Any, delay: Any) -> float:
    """Return the share of the delays that lies behind the synapse, which is no longer than any delay that is known."""
    share = checked.number(f"{where}: dendritic_delay (ms)", value, least=0.0)
    shortest = np.min(delay, initial=np.inf) if isinstance(delay, (float, np.ndarray)) else np.inf
    if isinstance(delay, Distribution):
        shortest = delay.low
    if share > max(shortest, 0.0):
        raise InvalidValueError(
            f"{where}: dendritic_delay = {share:g} ms is a share of the delay, of which the shortest is "
            f"{max(float(shortest), 0.0):g} ms; give a smaller one, or bound the distribution with low="
        )
    return share


def _one_each(
    where: str, rule: Rule, value: Any, shapes: Shapes, above: float | None = None, each: str = "synapse"
) -> Any:
    """Refuse a list where the rule draws its synapses (`each`: or pairs), and one of another shape than the rule's."""
    if isinstance(value, Distribution) or not checked.is_listed(value):
        return checked.values(where, value, above=above, distribution=True)
    table = checked.table(where, value, above=above)
    if table.shape not in shapes:
        wanted = " or ".join(map(str, shapes))
        hint = f"; wanted one number or one a {each} in shape {wanted}"
        if not shapes:
            hint = f", but {rule!r} draws its {each}s; give one number or a distribution, or use from_pairs"
        elif table.shape[::-1] in shapes:
            hint += "; it looks transposed: a row is a target"
        raise InvalidValueError(f"{where}: got an array of shape {table.shape}{hint}")
    return table


def shared(pre: Selection, post: Selection) -> int:
    """Return how many neurons stand on both sides."""
    return sum(
        np.intersect1d(mine, other, assume_unique=True).size
        for sender, mine in pre.parts
        for receiver, other in post.parts
        if sender is receiver
    )


def selected(where: str, network: Network, value: Any, *, receives: bool = False) -> Selection:
    """Return `value` if it is a selection of this network (that can receive input)."""
    if not isinstance(value, Selection):
        hint = f'; write net["{value}"]' if isinstance(value, str) and value in network else ""
        if isinstance(value, Projection):
            hint = f"; its weights are in result.weights[{value.name!r}]"
        raise InvalidTypeError(
            f"{where}: wanted a population or a selection of one, got {type(value).__name__} "
            f"{checked.short(value)}{hint}"
        )
    if value.network is not network:
        raise InvalidValueError(
            f"{where}: '{value}' belongs to another network, {value.network!r}; this one is {network!r}"
        )
    for population in value.populations:
        if receives and population.is_source:
            kind = type(population.model).__name__
            raise InvalidValueError(f"{where}: {population.name!r} is a source ({kind}) and receives no input")
    return value


def synapse_value(where: str, value: Any, post: Selection) -> Synapse:
    """Return `value` if it is a synapse that the neurons of `post` can have."""
    if not isinstance(value, Synapse):
        got = f"got the class {value.__name__}; call it" if isinstance(value, type) else ""
        got = got or f"got {type(value).__name__} {checked.short(value)}"
        hint = "; it is a release: give release=" if is_release(value) else ""
        hint = "; it is a rule of plasticity: give plasticity=" if isinstance(value, Plasticity) else hint
        raise InvalidTypeError(
            f"{where}: synapse: wanted a synapse such as Delta() or Exponential(tau=5.0), {got}{hint}"
        )
    for population in post.populations:
        if value.to is not None:
            if value.to not in population.model.states:
                known = did_you_mean(value.to, population.model.states)
                raise InvalidValueError(f"{where}: synapse: {population.name!r} has no state {value.to!r}{known}")
            continue
        if (not len(value.matrix) or value.general) and "v" not in population.model.states:
            raise InvalidValueError(
                f"{where}: synapse: {value!r} moves v, which {type(population.model).__name__} of "
                f"{population.name!r} does not have (its states: {', '.join(population.model.states)})"
            )
    return value


def unique(wanted: str | None, automatic: str, taken: Iterable[str], where: str) -> str:
    """Return a free name: the wanted one, or the automatic one with " #2", " #3", ... if need be."""
    names = set(taken)
    if wanted is not None:
        name = checked.name(where, wanted)
        if name in names:
            raise InvalidValueError(f"{where}: the name {name!r} is taken; {AGAIN}")
        return name
    name, n = automatic, 1
    while name in names:
        n += 1
        name = f"{automatic} #{n}"
    return name
