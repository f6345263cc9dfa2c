"""The equations of models as compiled loops reach them: a registry, and what a loop asks of an entry by its key.

The equations reach the compiled code through the key of a registry, a string literal that holds a hash of their byte
code: a closure over strings and numbers is found again in Numba's cache by a new process, one over functions or classes
is not, and an edited equation has another key.

A loop holds the states and the parameters of a block of neurons in a scratch of rows of constant stride (LLVM then
knows that the rows do not overlap, and vectorises); `load`, `store` and `bind` read and write neuron k of it.
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

from ..jit import INLINE
from ..jit.reads import code_of, codes, plain, reads
from ..neurons.contract import input_of

__all__ = [
    "BLOCK", "ROW", "Equations", "as_floats", "bind", "clamp", "fingerprint",
    "load", "margin_of", "moved", "register", "registered", "reset_of", "runge_kutta", "scalars", "select", "stepped",
    "store",
]  # fmt: skip

BLOCK = 256  # neurons in a row of the scratch
ROW = 512  # and in a row of what comes from outside
VERSION = 7  # of the loops around equations: cached kernels of another version are not found


class Equations(NamedTuple):
    """A model as the kernels need it."""

    flow: Callable[..., Any]
    margin: Callable[..., Any]
    reset: Callable[..., Any]
    parameters: type
    vector: tuple[bool, ...]  # which parameters have one value a neuron
    states: int
    clamped: tuple[bool, ...]
    jump: int  # the state that Delta synapses move
    level: bool  # a spike is margin >= 0 (else: an upward crossing of 0)
    felt: type  # of the input
    hazard: Callable[..., Any] | None
    diffusion: Callable[..., Any] | None
    arrive: Callable[..., Any] | None = None  # of a neuron with synapses behind its states, see event/slopes
    shown: Callable[..., Any] | None = None
    first: str = ""  # the key of the first of the stages that come before the flow; "": none
    following: str = ""  # of such a stage: the key of the next one


#: All equations that loops can be built around, by key.
registered: dict[str, Any] = {}


def fingerprint(function: Callable[..., Any]) -> bytes:
    """Hash of what a function does: byte code, constants, defaults, and the numbers and functions that it reads.

    Names are followed through closures and modules (``constants.K``), and functions into what they read in turn.
    """
    digest = hashlib.sha256()
    _add(digest, function, set())
    return digest.digest()


def _add(digest: Any, function: Any, seen: set[Any]) -> None:
    code = code_of(function)
    if code is None or code in seen:
        digest.update(repr(getattr(function, "__name__", type(function))).encode())
        return
    seen.add(code)
    digest.update(repr((plain(function).__defaults__, plain(function).__kwdefaults__)).encode())
    for inner in codes(code):
        constants = [c for c in inner.co_consts if not isinstance(c, type(code))]
        digest.update(inner.co_code + repr((constants, inner.co_names)).encode())
    for read in reads(function):
        digest.update(read.chain.encode())
        if isinstance(read.value, (int, float, complex, str, tuple, np.number, np.bool_)):
            digest.update(repr(read.value).encode())
        elif isinstance(read.value, np.ndarray):
            digest.update(read.value.tobytes())
        elif code_of(read.value) is not None:
            _add(digest, read.value, seen)


def runge_kutta(slope: Callable[..., Any]) -> Callable[..., Any]:
    """The default flow: the classical Runge-Kutta step of order 4 (Kutta 1901) on `slope`."""
    register_jitable(forceinline=True)(slope)

    def flow(s, u, p, dt):
        middle, end = later(u, 0.5 * dt), later(u, dt)
        k1 = slope(s, u, p)
        k2 = slope(moved(s, k1, 0.5 * dt), middle, p)
        k3 = slope(moved(s, k2, 0.5 * dt), middle, p)
        k4 = slope(moved(s, k3, dt), end, p)
        return moved(moved(moved(moved(s, k1, dt / 6.0), k2, dt / 3.0), k3, dt / 3.0), k4, dt / 6.0)

    return flow


def moved(s: tuple[Any, ...], k: tuple[Any, ...], h: Any) -> tuple[Any, ...]:
    """s + h k, entry by entry."""
    return tuple(a + h * b for a, b in zip(s, k))


@overload(moved, jit_options=INLINE)
def _moved_overload(s, k, h):
    if len(s) == 1:
        return lambda s, k, h: (s[0] + h * k[0],)
    return lambda s, k, h: (s[0] + h * k[0], *moved(s[1:], k[1:], h))


def later(u: Any, h: Any) -> Any:
    """The same input, h later."""
    return u._replace(t=u.t + h)


@intrinsic
def _later(typingctx: Any, u: Any, h: Any) -> Any:
    at = u.fields.index("t")

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        t = builder.fadd(builder.extract_value(args[0], at), args[1])
        return builder.insert_value(args[0], t, at)

    return u(u, types.float64), codegen


@overload(later, jit_options=INLINE)
def _later_overload(u, h):
    return lambda u, h: _later(u, h)


def register(model: Any, vector: tuple[bool, ...]) -> str:
    """Make a model's equations known to the kernels; return the key."""
    cls = type(model)
    slope, margin = cls.slope, cls.margin or _no_margin
    flow = cls.flow or runge_kutta(slope)
    reset = cls.reset or _no_reset
    chance = [function for function in (cls.hazard, cls.diffusion) if function is not None]
    digest = hashlib.sha256()
    for function in (slope, flow, margin, reset, *chance):
        digest.update(fingerprint(function))
    states = cls.states
    clamped = tuple(s in cls.clamped for s in states)
    shape = (cls._fields, vector, states, clamped, cls.reset is None, cls.inputs, bool(cls.hazard), bool(cls.diffusion))
    digest.update(repr((VERSION, shape)).encode())
    key = f"{cls.__name__}:{digest.hexdigest()[:32]}"
    if key not in registered:
        for function in (*getattr(flow, "stages", (flow,)), margin, reset, *chance):
            register_jitable(forceinline=True)(function)
        parameters = namedtuple("parameters", cls._fields or ("none",))  # type: ignore[misc]
        *before, flow = getattr(flow, "stages", (flow,))
        keys = [f"{key}/{i}" for i in range(len(before))]
        registered[key] = made = Equations(
            flow, margin, reset, parameters, vector or (False,), len(states), clamped,
            states.index("v") if "v" in states else 0, cls.reset is not None,
            input_of(cls.inputs), cls.hazard, cls.diffusion, first=keys[0] if keys else "",
        )  # fmt: skip
        for name, stage, following in zip(keys, before, [*keys[1:], ""]):
            registered[name] = made._replace(flow=stage, first="", following=following)
    return key


def _no_reset(s, p):
    return s


def _no_margin(s, p):
    return -1.0


# -- what a kernel reads through its key ------------------------------------------------------------------------------


def load(key: str, rows: np.ndarray, k: int) -> tuple[float, ...]:
    """The state of neuron k in the scratch."""
    return tuple(float(rows[i * BLOCK + k]) for i in range(registered[key].states))


def store(key: str, rows: np.ndarray, k: int, s: tuple[float, ...]) -> None:
    """Write it back."""
    for i, value in enumerate(s):
        rows[i * BLOCK + k] = value


def scalars(key: str, parameters: np.ndarray) -> tuple[float, ...]:
    """The parameters that all neurons share (entries of vector parameters are not used)."""
    return tuple(float(v) for v in parameters[: len(registered[key].vector)])


def bind(key: str, shared: tuple[float, ...], rows: np.ndarray, k: int) -> Any:
    """The parameters of neuron k by name: shared ones, and vector ones from the rows behind the states."""
    e = registered[key]
    values, row = [], e.states
    for value, vector in zip(shared, e.vector):
        values.append(float(rows[row * BLOCK + k]) if vector else value)
        row += vector
    return e.parameters(*values)


def _row(context: Any, builder: Any, array_type: Any, array: Any, row: int, k: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    index = builder.add(k, ir.Constant(k.type, row * BLOCK))
    return builder.gep(data, [index], inbounds=True)


@intrinsic(prefer_literal=True)
def _load(typingctx: Any, key: Any, rows: Any, k: Any) -> Any:
    n = registered[key.literal_value].states

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = [builder.load(_row(context, builder, rows, args[1], i, args[2])) for i in range(n)]
        return context.make_tuple(builder, signature.return_type, values)

    return types.UniTuple(types.float64, n)(key, rows, types.int64), codegen


@intrinsic(prefer_literal=True)
def _store(typingctx: Any, key: Any, rows: Any, k: Any, s: Any) -> Any:
    n = registered[key.literal_value].states

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        for i in range(n):
            builder.store(builder.extract_value(args[3], i), _row(context, builder, rows, args[1], i, args[2]))
        return context.get_dummy_value()

    return types.void(key, rows, types.int64, types.UniTuple(types.float64, n)), codegen


@intrinsic(prefer_literal=True)
def _scalars(typingctx: Any, key: Any, parameters: Any) -> Any:
    n = len(registered[key.literal_value].vector)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(parameters)(context, builder, args[1]).data
        values = [builder.load(cgutils.gep(builder, data, i)) for i in range(n)]
        return context.make_tuple(builder, signature.return_type, values)

    return types.UniTuple(types.float64, n)(key, parameters), codegen


@intrinsic(prefer_literal=True)
def _bind(typingctx: Any, key: Any, shared: Any, rows: Any, k: Any) -> Any:
    e = registered[key.literal_value]

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values, row = [], e.states
        for i, vector in enumerate(e.vector):
            if vector:
                values.append(builder.load(_row(context, builder, rows, args[2], row, args[3])))
                row += 1
            else:
                values.append(builder.extract_value(args[1], i))
        return context.make_tuple(builder, signature.return_type, values)

    kind = types.NamedUniTuple(types.float64, len(e.vector), e.parameters)
    return kind(key, shared, rows, types.int64), codegen


@overload(load, prefer_literal=True, jit_options=INLINE)
def _load_overload(key, rows, k):
    return lambda key, rows, k: _load(key, rows, np.int64(k))


@overload(store, prefer_literal=True, jit_options=INLINE)
def _store_overload(key, rows, k, s):
    return lambda key, rows, k, s: _store(key, rows, np.int64(k), s)


@overload(scalars, prefer_literal=True, jit_options=INLINE)
def _scalars_overload(key, parameters):
    return lambda key, parameters: _scalars(key, parameters)


@overload(bind, prefer_literal=True, jit_options=INLINE)
def _bind_overload(key, shared, rows, k):
    return lambda key, shared, rows, k: _bind(key, shared, rows, np.int64(k))


def stepped(key: str, s: Any, u: Any, p: Any, dt: Any) -> Any:
    """flow of the model behind the key; its last stage, where it has several."""
    return registered[key].flow(s, u, p, dt)


@overload(stepped, prefer_literal=True, jit_options=INLINE)
def _stepped_overload(key, s, u, p, dt):
    flow = registered[key.literal_value].flow
    return lambda key, s, u, p, dt: as_floats(flow(s, u, p, dt))


def margin_of(key: str, s: Any, p: Any) -> Any:
    """margin of the model behind the key."""
    return registered[key].margin(s, p)


@overload(margin_of, prefer_literal=True, jit_options=INLINE)
def _margin_overload(key, s, p):
    margin = registered[key.literal_value].margin
    return lambda key, s, p: margin(s, p)


def reset_of(key: str, s: Any, p: Any) -> Any:
    """reset of the model behind the key."""
    return registered[key].reset(s, p)


@overload(reset_of, prefer_literal=True, jit_options=INLINE)
def _reset_overload(key, s, p):
    reset = registered[key.literal_value].reset
    return lambda key, s, p: as_floats(reset(s, p))


def as_floats(s: tuple[Any, ...]) -> tuple[Any, ...]:
    """A tuple of floats, whatever numbers the equation returned."""
    return tuple(float(a) for a in s)


@overload(as_floats, jit_options=INLINE)
def _as_floats_overload(s):
    if len(s) == 1:
        return lambda s: (float(s[0]),)
    return lambda s: (float(s[0]), *as_floats(s[1:]))


def select(condition: Any, a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    """a or b, entry by entry."""
    return a if condition else b


@overload(select, jit_options=INLINE)
def _select_overload(condition, a, b):
    if len(a) == 1:
        return lambda condition, a, b: (a[0] if condition else b[0],)
    return lambda condition, a, b: (a[0] if condition else b[0], *select(condition, a[1:], b[1:]))


def clamp(key: str, refractory: Any, new: Any, old: Any, delta: Any) -> Any:
    """The new state; clamped entries stay while refractory.  Jumps that are dropped or kept do not come here."""
    e = registered[key]
    state = [o if (c and refractory) else n for n, o, c in zip(new, old, e.clamped)]
    state[e.jump] += delta
    return tuple(state)


@intrinsic(prefer_literal=True)
def _clamp(typingctx: Any, key: Any, refractory: Any, new: Any, old: Any, delta: Any) -> Any:
    e = registered[key.literal_value]

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = []
        held = builder.icmp_unsigned("!=", args[1], ir.Constant(args[1].type, 0))
        for i in range(e.states):
            value = builder.extract_value(args[2], i)
            if e.clamped[i]:
                value = builder.select(held, builder.extract_value(args[3], i), value)
            if i == e.jump:
                value = builder.fadd(value, args[4])
            values.append(value)
        return context.make_tuple(builder, signature.return_type, values)

    return new(key, types.boolean, new, old, types.float64), codegen


@overload(clamp, prefer_literal=True, jit_options=INLINE)
def _clamp_overload(key, refractory, new, old, delta):
    return lambda key, refractory, new, old, delta: _clamp(key, refractory, new, old, delta)
