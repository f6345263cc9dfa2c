"""The equations of rules of plasticity as compiled loops reach them: a registry, as that of `engine.equations`.

Variables of synapses and traces stand in rows; `taken` and `put` read and write entry k of each row, `seen` gives the
numbers the names that equations use.
"""

from __future__ import annotations

import hashlib
from collections import namedtuple
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_jitable

from ..jit import INLINE, exp
from ..plasticity.declared import VERBS, as_tuple, halves
from .chance import SERIES, counted, unchanged
from .equations import fingerprint

__all__ = [
    "Rule", "active_of", "after_arrival", "after_event", "after_spike", "after_step", "decayed", "left_by_arrival",
    "left_by_spike", "put", "register", "registered", "seen", "sizes", "taken", "times", "within",
]  # fmt: skip

VERSION = 1  # of the loops around equations: cached kernels of another version are not found


class Rule(NamedTuple):
    """A rule as the kernels need it; where a side has no names, it has one that is 0 and called "none"."""

    verbs: dict[str, Callable[..., Any]]
    names: dict[str, Any]  # "synapse", "pre", "post", "parameters": the tuple type
    paired: dict[str, bool]  # which verbs return traces beside variables
    traces: dict[str, int]  # how many of "pre" and "post" verbs return
    marks: dict[str, tuple[float, ...]]  # what a spike adds to "pre" and "post" where no verb says: 1 to what decays
    random: frozenset[str]  # verbs that are given random numbers, and how many
    draws: int
    reads: int  # states of the target
    stepped: bool
    evented: bool


registered: dict[str, Rule] = {}


def register(cls: Any) -> str:
    """Make the equations of a declared rule known to the kernels; return the key."""
    digest = hashlib.sha256(repr((VERSION, cls._fields, cls.seen, len(cls.pre), len(cls.post))).encode())
    for verb in VERBS:
        function = getattr(cls, verb)
        digest.update(verb.encode() + (b"" if function is None else fingerprint(function)))
    digest.update(repr(cls.draws).encode() if cls.draws else b"")
    key = f"{cls.__name__}:{digest.hexdigest()[:32]}"
    if key not in registered:
        marks = (*(float(isinstance(tau, str)) for tau in cls.post.values()), *(0.0 for _ in cls.watched))
        seen = {**cls.seen, "parameters": (*cls._fields, *(("stream",) if cls.draws else ()))}
        registered[key] = Rule(
            verbs={verb: getattr(cls, verb) for verb in VERBS},
            names={what: namedtuple(what, names or ("none",)) for what, names in seen.items()},
            paired={"on_pre": bool(cls.pre), "on_post": bool(cls.post), "on_step": False, "on_event": False},
            traces={"pre": len(cls.pre), "post": len(cls.post)},
            marks={"pre": (1.0,) * max(1, len(cls.pre)), "post": marks or (0.0,)},
            random=frozenset(cls.random),
            draws=cls.draws,
            reads=len(cls.watched),
            stepped=cls.on_step is not None,
            evented=cls.on_event is not None,
        )
    return key


# -- rows -------------------------------------------------------------------------------------------------------------


def sizes(key: str) -> tuple[int, int, int, int]:
    """Return how many variables, traces of sources, entries of targets and parameters a rule has."""
    return tuple(len(registered[key].names[what]._fields) for what in ("synapse", "pre", "post", "parameters"))  # type: ignore[return-value]


def taken(n: int, rows: np.ndarray, stride: int, k: int) -> tuple[float, ...]:
    """Entry k of each of n rows."""
    return tuple(float(rows[i * stride + k]) for i in range(n))


def put(n: int, rows: np.ndarray, stride: int, k: int, values: tuple[float, ...]) -> None:
    """Write the first n of `values` into entry k of n rows."""
    for i in range(n):
        rows[i * stride + k] = values[i]


def _entry(context: Any, builder: Any, kind: Any, rows: Any, i: int, stride: Any, k: Any) -> Any:
    data = context.make_array(kind)(context, builder, rows).data
    index = builder.add(k, builder.mul(stride, ir.Constant(stride.type, i)))
    return builder.gep(data, [index], inbounds=True)


@intrinsic(prefer_literal=True)
def _taken(typingctx: Any, n: Any, rows: Any, stride: Any, k: Any) -> Any:
    count = n.literal_value

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = [builder.load(_entry(context, builder, rows, args[1], i, *args[2:])) for i in range(count)]
        return context.make_tuple(builder, signature.return_type, values)

    return types.UniTuple(types.float64, count)(n, rows, types.int64, types.int64), codegen


@intrinsic(prefer_literal=True)
def _put(typingctx: Any, n: Any, rows: Any, stride: Any, k: Any, values: Any) -> Any:
    count = n.literal_value

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        for i in range(count):
            where = _entry(context, builder, rows, args[1], i, args[2], args[3])
            builder.store(builder.extract_value(args[4], i), where)
        return context.get_dummy_value()

    return types.void(n, rows, types.int64, types.int64, values), codegen


@overload(taken, prefer_literal=True, jit_options=INLINE)
def _taken_overload(n, rows, stride, k):
    return lambda n, rows, stride, k: _taken(n, rows, np.int64(stride), np.int64(k))


@overload(put, prefer_literal=True, jit_options=INLINE)
def _put_overload(n, rows, stride, k, values):
    return lambda n, rows, stride, k, values: _put(n, rows, np.int64(stride), np.int64(k), values)


def seen(key: str, what: str, values: tuple[float, ...]) -> Any:
    """The numbers of a side by name."""
    return registered[key].names[what](*values)


@intrinsic(prefer_literal=True)
def _seen(typingctx: Any, key: Any, what: Any, values: Any) -> Any:
    kind = types.NamedUniTuple(types.float64, len(values), registered[key.literal_value].names[what.literal_value])

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        entries = cgutils.unpack_tuple(builder, args[2])
        return context.make_tuple(builder, signature.return_type, entries)

    return kind(key, what, values), codegen


@overload(seen, prefer_literal=True, jit_options=INLINE)
def _seen_overload(key, what, values):
    return lambda key, what, values: _seen(key, what, values)


# -- tuples -----------------------------------------------------------------------------------------------------------


def times(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    """a b, entry by entry."""
    return tuple(x * y for x, y in zip(a, b))


@overload(times, jit_options=INLINE)
def _times_overload(a, b):
    if len(a) == 1:
        return lambda a, b: (a[0] * b[0],)
    return lambda a, b: (a[0] * b[0], *times(a[1:], b[1:]))


def decayed(rates: tuple[float, ...], t: float) -> tuple[float, ...]:
    """exp(-rate t), entry by entry."""
    return tuple(exp(-r * t) for r in rates)


@overload(decayed, jit_options=INLINE)
def _decayed_overload(rates, t):
    if len(rates) == 1:
        return lambda rates, t: (exp(-rates[0] * t),)
    return lambda rates, t: (exp(-rates[0] * t), *decayed(rates[1:], t))


def within(new: tuple[float, ...], old: tuple[float, ...], low: float, high: float, frozen: bool) -> tuple[float, ...]:
    """The variables after a change: the weight within its bounds (what is no number stays none), or as it was."""
    return (_bounded(new[0], old[0], low, high, frozen), *new[1:])


@register_jitable(forceinline=True)
def _bounded(new, old, low, high, frozen):
    kept = low if new < low else new
    kept = high if kept > high else kept
    return old if frozen else kept


@overload(within, jit_options=INLINE)
def _within_overload(new, old, low, high, frozen):
    if len(new) == 1:
        return lambda new, old, low, high, frozen: (_bounded(new[0], old[0], low, high, frozen),)
    return lambda new, old, low, high, frozen: (_bounded(new[0], old[0], low, high, frozen), *new[1:])


def row_of(value: Any) -> tuple[float, ...]:
    """A tuple of floats of a tuple of numbers or one number."""
    return tuple(float(a) for a in as_tuple(value))


@overload(row_of, jit_options=INLINE)
def _row_of_overload(value):
    if not isinstance(value, types.BaseTuple):
        return lambda value: (float(value),)
    if len(value) == 1:
        return lambda value: (float(value[0]),)
    return lambda value: (float(value[0]), *row_of(value[1:]))


# -- verbs ------------------------------------------------------------------------------------------------------------


def plus(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    """a + b, entry by entry."""
    return tuple(x + y for x, y in zip(a, b))


@overload(plus, jit_options=INLINE)
def _plus_overload(a, b):
    if len(a) == 1:
        return lambda a, b: (a[0] + b[0],)
    return lambda a, b: (a[0] + b[0], *plus(a[1:], b[1:]))


def _half(result: Any, paired: bool, which: int) -> tuple[float, ...]:
    """The variables (0) or the traces (1) in what a verb returned."""
    return row_of(halves(result, paired)[which])


@overload(_half, prefer_literal=True, jit_options=INLINE)
def _half_overload(result, paired, which):
    pair = isinstance(result, types.BaseTuple) and len(result) == 2
    if not (pair and (paired.literal_value or isinstance(result[1], types.BaseTuple))):
        return lambda result, paired, which: row_of(result)
    if which.literal_value == 0:
        return lambda result, paired, which: row_of(result[0])
    return lambda result, paired, which: row_of(result[1])


def drawn(key: str, s: Any, p: Any) -> tuple[float, ...]:
    """The random numbers of a call of a verb."""
    n = registered[key].draws
    with np.errstate(over="ignore"):
        return SERIES[n](p.stream, s.which, np.uint64(s.drawn) * np.uint64(n))


@overload(drawn, prefer_literal=True, jit_options=INLINE)
def _drawn_overload(key, s, p):
    n = registered[key.literal_value].draws
    series, width = SERIES[n], np.uint64(n)
    return lambda key, s, p: series(p.stream, s.which, np.uint64(s.drawn) * width)


def _after(verb: str) -> Callable[..., tuple[float, ...]]:
    """Return the function that gives the variables of a synapse after a spike that `verb` answers."""

    def after(key: str, s: Any, pre: Any, post: Any, p: Any) -> tuple[float, ...]:
        rule = registered[key]
        made, paired = rule.verbs[verb], rule.paired[verb]
        if made is None:
            return row_of(tuple(s))
        if verb in rule.random:
            return counted(_half(made(s, pre, post, p, drawn(key, s, p)), paired, 0), s)
        found = _half(made(s, pre, post, p), paired, 0)
        return unchanged(found, s) if rule.draws else found

    @overload(after, prefer_literal=True, jit_options=INLINE)
    def _after_overload(key, s, pre, post, p):
        rule = registered[key.literal_value]
        made, paired = rule.verbs[verb], rule.paired[verb]
        if made is None:
            return lambda key, s, pre, post, p: row_of(s)
        if verb in rule.random:
            return lambda key, s, pre, post, p: counted(_half(made(s, pre, post, p, drawn(key, s, p)), paired, 0), s)
        if rule.draws:
            return lambda key, s, pre, post, p: unchanged(_half(made(s, pre, post, p), paired, 0), s)
        return lambda key, s, pre, post, p: _half(made(s, pre, post, p), paired, 0)

    return after


def _left(verb: str, side: str) -> Callable[..., tuple[float, ...]]:
    """Return the function that gives the traces of one side after its spike (the rest: of any of its synapses)."""

    def left(key: str, s: Any, pre: Any, post: Any, p: Any) -> tuple[float, ...]:
        rule = registered[key]
        made = rule.verbs[verb]
        if made is None or not rule.traces[side]:
            return plus(pre if side == "pre" else post, rule.marks[side])
        given = (drawn(key, s, p),) if verb in rule.random else ()
        return _half(made(s, pre, post, p, *given), True, 1)

    @overload(left, prefer_literal=True, jit_options=INLINE)
    def _left_overload(key, s, pre, post, p):
        rule = registered[key.literal_value]
        made, marks = rule.verbs[verb], rule.marks[side]
        if made is not None and rule.traces[side] and verb in rule.random:
            return lambda key, s, pre, post, p: _half(made(s, pre, post, p, drawn(key, s, p)), True, 1)
        if made is not None and rule.traces[side]:
            return lambda key, s, pre, post, p: _half(made(s, pre, post, p), True, 1)
        if side == "pre":
            return lambda key, s, pre, post, p: plus(pre, marks)
        return lambda key, s, pre, post, p: plus(post, marks)

    return left


after_arrival, after_spike = _after("on_pre"), _after("on_post")
left_by_arrival, left_by_spike = _left("on_pre", "pre"), _left("on_post", "post")


def _amounted(verb: str) -> Callable[..., tuple[float, ...]]:
    """Return the function that gives the variables of a synapse after what `verb` answers, which has an amount."""

    def after(key: str, s: Any, pre: Any, post: Any, p: Any, amount: float) -> tuple[float, ...]:
        rule = registered[key]
        made = rule.verbs[verb]
        if made is None:
            return row_of(tuple(s))
        if verb in rule.random:
            return counted(_half(made(s, pre, post, p, amount, drawn(key, s, p)), False, 0), s)
        found = _half(made(s, pre, post, p, amount), False, 0)
        return unchanged(found, s) if rule.draws else found

    @overload(after, prefer_literal=True, jit_options=INLINE)
    def _after_overload(key, s, pre, post, p, amount):
        rule = registered[key.literal_value]
        made = rule.verbs[verb]
        if made is None:
            return lambda key, s, pre, post, p, amount: row_of(s)
        if verb in rule.random:
            return lambda key, s, pre, post, p, amount: counted(
                _half(made(s, pre, post, p, amount, drawn(key, s, p)), False, 0), s
            )
        if rule.draws:
            return lambda key, s, pre, post, p, amount: unchanged(_half(made(s, pre, post, p, amount), False, 0), s)
        return lambda key, s, pre, post, p, amount: _half(made(s, pre, post, p, amount), False, 0)

    return after


after_step, after_event = _amounted("on_step"), _amounted("on_event")


def active_of(key: str, post: Any, p: Any) -> float:
    """Whether a step of a target matters: > 0."""
    active = registered[key].verbs["active"]
    return 1.0 if active is None else float(active(post, p))


@overload(active_of, prefer_literal=True, jit_options=INLINE)
def _active_of_overload(key, post, p):
    active = registered[key.literal_value].verbs["active"]
    if active is None:
        return lambda key, post, p: 1.0
    return lambda key, post, p: float(active(post, p))
