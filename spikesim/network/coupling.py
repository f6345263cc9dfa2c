"""Gap junctions: a current g (v_j - v_i) into neuron i and its opposite into neuron j, at all times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import freeze
from ..random import Distribution
from . import checked
from .law import Law
from .projection import check_laws, selected, shared, unique, weight_value
from .rule_lists import FromMatrix, FromPairs
from .rules import OneToOne, Rule
from .selection import Selection

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Coupling", "coupling"]


@dataclass(frozen=True, eq=False)
class Coupling:
    """Gap junctions between neurons of `a` and `b`, made by a rule; `conductance` in nS, None where the rule has it."""

    name: str
    a: Selection
    b: Selection
    rule: Rule
    conductance: float | Distribution | Law | np.ndarray | None


freeze(Coupling, "describe other gap junctions with net.couple(...)")


def coupling(network: Network, a: Any, b: Any, rule: Any, conductance: Any, name: str | None) -> Coupling:
    """Return checked gap junctions (see :meth:`Network.couple`)."""
    a = selected("couple: a", network, a, receives=True)
    b = selected("couple: b", network, b, receives=True)
    title = unique(name, f"{a} with {b}", (c.name for c in network.couplings), "couple")
    where = f"gap junctions {title!r}"
    if not isinstance(rule, Rule):
        hint = "; call it" if callable(rule) else ""
        raise InvalidTypeError(
            f"{where}: rule: wanted a rule of connection such as all_to_all() or fixed_probability(0.1), got "
            f"{type(rule).__name__} {checked.short(rule)}{hint}"
        )
    rule.check(where, a.size, b.size, shared(a, b))
    _not_itself(where, rule, a, b)
    for population in (*a.populations, *b.populations):
        if "v" not in population.model.states:
            raise InvalidValueError(
                f"{where}: {type(population.model).__name__} of {population.name!r} has no state v, whose differences "
                "drive the current"
            )
    given = weight_value(where, rule, conductance, rule.shapes(a.size, b.size), "conductance", "pair")
    _not_negative(f"{where}: conductance", rule.weights if given is None else given)
    check_laws(where, rule, given, None, a, b)
    return Coupling(title, a, b, rule, given)


def _not_negative(where: str, value: Any) -> None:
    """Refuse conductances below 0, as far as they are known."""
    least = 0.0 if isinstance(value, Law) else getattr(value, "low", None)
    least = np.min(value, initial=0.0) if least is None else least
    if least < 0.0:
        if isinstance(value, Distribution):
            raise InvalidValueError(
                f"{where} (nS) must be >= 0, but {value!r} draws values below 0; bound the distribution with low=0"
            )
        raise InvalidValueError(f"{where} (nS) must be >= 0, got {float(least):g}")


def _not_itself(where: str, rule: Rule, a: Selection, b: Selection) -> None:
    """Refuse a junction of a neuron with itself, where a rule names one: no current would flow."""
    if isinstance(rule, FromPairs):
        i, j = rule.pre, rule.post
    elif isinstance(rule, OneToOne):
        i = j = np.arange(a.size)
    else:
        return
    populations, first = list(dict.fromkeys((*a.populations, *b.populations))), [0]
    for population in populations:
        first.append(first[-1] + population.size)
    start = dict(zip(populations, first))
    one, other = (
        np.concatenate([np.zeros(0, np.int64), *(start[p] + ids for p, ids in side.parts if ids.size)])
        for side in (a, b)
    )
    same = np.flatnonzero(one[i] == other[j])
    if same.size:
        k = int(same[0])
        what = "entry" if isinstance(rule, FromMatrix) else "pair"
        at = (j[k], i[k]) if isinstance(rule, FromMatrix) else (i[k], j[k])
        raise InvalidValueError(
            f"{where}: {what} ({at[0]}, {at[1]}) couples a neuron with itself ({same.size} such); leave it out"
        )
