"""A nonlinear neuron between events: Runge-Kutta steps of its own length.

The pair of Dormand and Prince (1980), order 5 with an embedded error estimate of order 4; a step is accepted when

    max_i |error_i| / (atol + rtol max(|s_i|, |s_i'|)) <= 1.

The synaptic input within a step is the exact decay of the filters, evaluated at the stages, and a step never
crosses an event: one that an arrival cuts short is taken again up to the arrival.  Crossings of the margin are
looked for at NODES points of the continuous extension (Hairer, Norsett and Wanner I, II.6) and located by steps
of order 5 from the start of the step.

Limit: an excursion above the threshold that begins and ends between two of those points is missed; on the analytic
path of linear neurons none is.  Within a step the margin is nearly a polynomial of degree 5, and such an
excursion is shorter than an eighth of a step: what is missed grazes the threshold.  A smaller rtol shortens the
steps.

A stiff neuron takes short steps (about 3 / its fastest rate) and is no less accurate for it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from ...jit import INLINE, compiled, kernel_address, view
from ...jit.records import floats, struct, table
from ..equations import bind, clamp, margin_of, moved, registered, reset_of, scalars
from .crossing import decay_filters, evolve, external, sines
from .felt import felt
from .records import MODEL_AT, PART, PORT, STATES, head, kept, linear, stepping
from .slopes import slope_of

SIGNATURE = "void(int64,int64,int64,int64,float64,int64)"
#: What a kernel is asked for.
PLAN, ADVANCE, MARGIN, RESET, PLAN_AFTER = 0, 1, 2, 3, 4
NODES = 8  # points of a step at which the margin is looked at
TRIALS = 100  # rejections of a step in a row
SHORT = 2.0**-42  # a step below this part of t does not end at a float
SHORTEST = 1e-290
#: Steps a ms that may go on for ever, and how many may be taken beyond.
MOST, PATIENCE = 1e4, 1e6


# -- what a kernel reads through its key
# ------------------------------------------------------------------------------


def get(key: str, x: np.ndarray) -> tuple[float, ...]:
    """The state in a record."""
    return tuple(float(v) for v in x[STATES : STATES + registered[key].states])


def put(key: str, x: np.ndarray, s: tuple[float, ...]) -> None:
    """Write it back."""
    x[STATES : STATES + len(s)] = s


@intrinsic(prefer_literal=True)
def _get(typingctx: Any, key: Any, x: Any) -> Any:
    n = registered[key.literal_value].states

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(x)(context, builder, args[1]).data
        values = [builder.load(builder.gep(data, [ir.Constant(ir.IntType(64), STATES + i)])) for i in range(n)]
        return context.make_tuple(builder, signature.return_type, values)

    return types.UniTuple(types.float64, n)(key, x), codegen


@intrinsic(prefer_literal=True)
def _put(typingctx: Any, key: Any, x: Any, s: Any) -> Any:
    n = registered[key.literal_value].states

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(x)(context, builder, args[1]).data
        for i in range(n):
            builder.store(
                builder.extract_value(args[2], i), builder.gep(data, [ir.Constant(ir.IntType(64), STATES + i)])
            )
        return context.get_dummy_value()

    return types.void(key, x, types.UniTuple(types.float64, n)), codegen


@overload(get, prefer_literal=True, jit_options=INLINE)
def _get_overload(key, x):
    return lambda key, x: _get(key, x)


@overload(put, prefer_literal=True, jit_options=INLINE)
def _put_overload(key, x, s):
    return lambda key, x, s: _put(key, x, s)


def level_of(key: str) -> bool:
    """Whether a spike is margin >= 0 (the model has a reset), or else an upward crossing."""
    return registered[key].level


@overload(level_of, prefer_literal=True, jit_options=INLINE)
def _level_overload(key):
    level = registered[key.literal_value].level
    return lambda key: level


def worst(e: tuple[float, ...], s: tuple[float, ...], z: tuple[float, ...], rtol: float, atol: float) -> float:
    """The largest error in units of what is allowed; nan where something is not finite."""
    sizes = [abs(a) / (atol + rtol * max(abs(b), abs(c))) for a, b, c in zip(e, s, z)]
    return math.nan if any(v != v for v in sizes) else max(sizes)


@overload(worst, jit_options=INLINE)
def _worst_overload(e, s, z, rtol, atol):
    if len(e) == 1:
        return lambda e, s, z, rtol, atol: abs(e[0]) / (atol + rtol * max(abs(s[0]), abs(z[0])))

    def largest(e, s, z, rtol, atol):
        one = abs(e[0]) / (atol + rtol * max(abs(s[0]), abs(z[0])))
        rest = worst(e[1:], s[1:], z[1:], rtol, atol)
        return one if (one > rest or one != one) else rest

    return largest


def keyed(function: Any) -> Any:
    """As `register_jitable`, for functions that hand a key on: it stays a literal."""
    overload(function, prefer_literal=True, jit_options=INLINE, strict=False)(lambda *args: function)
    return function


# -- the equations with their input
# -----------------------------------------------------------------------------------


@compiled
def synaptic(x, d, dt, room_at):
    """Synaptic current and conductance dt after the time of x, with the current of the electrodes."""
    start = head(x).time
    current, _ = external(x, d, start + dt)
    current += sines(x, d, start + dt)
    conductance = 0.0
    for port in table(d.ports, PORT):
        first, stages = port.at, port.stages
        if port.matrix.n == 0:
            s = port.rate * dt
            total, power = 0.0, 1.0
            for j in range(stages):
                total += x[first + stages - 1 - j] * power
                power *= s / (j + 1.0)
            strength = port.gain * total * math.exp(-s)
        else:
            room = view(room_at, 3 * stages, np.float64)
            evolve(x[first : first + stages], floats(port.matrix), dt, room[:stages], room[stages:])
            strength, output = 0.0, floats(port.output)
            for j in range(stages):
                strength += output[j] * room[j]
        if port.conductance != 0:
            conductance += strength
            current += strength * port.reversal
        else:
            current += strength
    return current, conductance


@keyed
def slope_at(key, x, d, p, held, room_at, s, dt):
    """ds/dt; states that are clamped stand still."""
    current, conductance = synaptic(x, d, dt, room_at)
    k = slope_of(key, s, felt(key, x, d, head(x).time + dt, current, conductance), p)
    return clamp(key, held, k, moved(k, k, -1.0), 0.0)


@keyed
def attempt(key, x, d, p, held, room_at, s, k1, h):
    """One step; return the new state, the error, and what the continuous extension needs."""
    k2 = slope_at(key, x, d, p, held, room_at, moved(s, k1, h * 0.2), 0.2 * h)
    y = moved(moved(s, k1, h * (3.0 / 40.0)), k2, h * (9.0 / 40.0))
    k3 = slope_at(key, x, d, p, held, room_at, y, 0.3 * h)
    y = moved(moved(moved(s, k1, h * (44.0 / 45.0)), k2, h * (-56.0 / 15.0)), k3, h * (32.0 / 9.0))
    k4 = slope_at(key, x, d, p, held, room_at, y, 0.8 * h)
    y = moved(moved(s, k1, h * (19372.0 / 6561.0)), k2, h * (-25360.0 / 2187.0))
    y = moved(moved(y, k3, h * (64448.0 / 6561.0)), k4, h * (-212.0 / 729.0))
    k5 = slope_at(key, x, d, p, held, room_at, y, h * (8.0 / 9.0))
    y = moved(moved(s, k1, h * (9017.0 / 3168.0)), k2, h * (-355.0 / 33.0))
    y = moved(moved(moved(y, k3, h * (46732.0 / 5247.0)), k4, h * (49.0 / 176.0)), k5, h * (-5103.0 / 18656.0))
    k6 = slope_at(key, x, d, p, held, room_at, y, h)
    y = moved(moved(moved(s, k1, h * (35.0 / 384.0)), k3, h * (500.0 / 1113.0)), k4, h * (125.0 / 192.0))
    new = moved(moved(y, k5, h * (-2187.0 / 6784.0)), k6, h * (11.0 / 84.0))
    k7 = slope_at(key, x, d, p, held, room_at, new, h)
    zero = moved(s, s, -1.0)
    e = moved(moved(moved(zero, k1, h * (71.0 / 57600.0)), k3, h * (-71.0 / 16695.0)), k4, h * (71.0 / 1920.0))
    e = moved(moved(moved(e, k5, h * (-17253.0 / 339200.0)), k6, h * (22.0 / 525.0)), k7, h * (-1.0 / 40.0))
    # r5 of the continuous extension: s + t (ds + u (r3 + t (r4 + u r5))), u = 1 - t
    r = moved(moved(zero, k1, h * (-12715105075.0 / 11282082432.0)), k3, h * (87487479700.0 / 32700410799.0))
    r = moved(moved(r, k4, h * (-10690763975.0 / 1880347072.0)), k5, h * (701980252875.0 / 199316789632.0))
    r = moved(moved(r, k6, h * (-1453857185.0 / 822651844.0)), k7, h * (69997945.0 / 29380423.0))
    return new, e, k7, r


@keyed
def between(s, new, k1, k7, r, h, t):
    """The continuous extension at the fraction t of a step."""
    ds = moved(new, s, -1.0)
    r3 = moved(moved(k1, k1, h - 1.0), ds, -1.0)  # h k1 - ds
    r4 = moved(moved(ds, k7, -h), r3, -1.0)
    u = 1.0 - t
    return moved(moved(moved(moved(s, ds, t), r3, t * u), r4, t * t * u), r, t * t * u * u)


@keyed
def locate(key, x, d, p, held, room_at, s, k1, h, low, high):
    """The fraction of the step h, between low and high, at which the margin reaches 0 (Illinois, then halving)."""
    f_low = (
        margin_of(key, attempt(key, x, d, p, held, room_at, s, k1, h * low)[0], p)
        if low > 0.0
        else margin_of(key, s, p)
    )
    f_high = margin_of(key, attempt(key, x, d, p, held, room_at, s, k1, h * high)[0], p)
    if not f_low < 0.0:
        return low
    if not f_high >= 0.0:
        return high
    side = 0
    for i in range(200):
        if (high - low) * h <= 2e-16 * (abs(head(x).time) + h) or f_high == 0.0:
            break
        t = (low * f_high - high * f_low) / (f_high - f_low)
        if i > 40 or not (low < t < high):
            t = 0.5 * (low + high)
            if not (low < t < high):
                break
        f = margin_of(key, attempt(key, x, d, p, held, room_at, s, k1, h * t)[0], p)
        if f >= 0.0:
            high, f_high = t, f
            if side == 1:
                f_low *= 0.5
            side = 1
        else:
            low, f_low = t, f
            if side == -1:
                f_high *= 0.5
            side = -1
    return high


# -- the kernel
# -------------------------------------------------------------------------------------------------------


def build(key: str) -> int:
    """Compile the kernel of a registered model; return its address.

    Arguments: what is asked for; addresses of the record, of the parameters and of the PART; a time; address of the
    answer (float64: 2, then room for filters).

    ======= ================= =======================================================================================
    PLAN    time: of the next answer[0]: when the next thing happens; answer[1]: 1 a spike, 0 the step has
    ended, -1 no step
            change of input   is short enough
    ADVANCE time              the record is advanced to it; it lies within the planned step
    MARGIN                    answer[0]: the margin
    RESET                     the state is reset, where the model has a reset
    ======= ================= =======================================================================================

    PLAN_AFTER is PLAN right after an arrival: the step is not longer than filters need to be seen.
    """
    n_parameters = len(registered[key].vector)

    def kernel(task, x_at, par_at, part_at, t, answer_at):
        d = struct(part_at, PART)
        x = view(x_at, d.width, np.float64)
        n, g = head(x), stepping(x, d)
        parameters = view(par_at + 8 * MODEL_AT, n_parameters, np.float64)
        p = bind(key, scalars(key, parameters), parameters, 0)
        answer, room_at = view(answer_at, 2, np.float64), answer_at + 16
        s = get(key, x)
        held = n.time < n.free
        if task == MARGIN:
            answer[0] = margin_of(key, s, p)
        elif task == RESET:
            put(key, x, reset_of(key, s, p))
            g.armed = 0.0
        elif task == ADVANCE:
            short = g.length > 0.0 and t >= g.end
            h = g.length if short else (t - n.time) - g.low
            g.length = 0.0
            if h > 0.0:
                k1 = slope_at(key, x, d, p, held, room_at, s, 0.0)
                put(key, x, attempt(key, x, d, p, held, room_at, s, k1, h)[0])
                decay_filters(x, d, h, view(room_at, 3 * d.width, np.float64))
                if t >= g.end:
                    g.armed = 1.0
                g.spent = max(0.0, g.spent + 1.0 - MOST * h)
                if short:  # the sum of two floats (Knuth 1969) keeps what is lost of h
                    total = n.time + h
                    back = total - n.time
                    low = g.low + ((n.time - (total - back)) + (h - back))
                    n.time = total + low
                    g.low = low - (n.time - total)
                else:
                    n.time, g.low = t, 0.0
                if d.keep >= 0 and held:
                    moves = kept(x, d)
                    moves.so_far *= math.exp(-linear(view(par_at, MODEL_AT, np.float64)).a * h)
                    if t >= n.free:
                        x[d.jump] += moves.so_far
                        moves.so_far = 0.0
        else:
            k1 = slope_at(key, x, d, p, held, room_at, s, 0.0)
            proposed = min(g.ahead, d.longest)
            h = proposed
            most = d.quick if task == PLAN_AFTER else np.inf
            last = min(t, n.free) if held else t  # where the input changes, or the neuron is released
            answer[0], answer[1] = t, -1.0
            for _ in range(TRIALS):
                whole = n.time + h >= last
                if whole:
                    h = (last - n.time) - g.low
                new, e, k7, r = attempt(key, x, d, p, held, room_at, s, k1, h)
                error = worst(e, s, new, d.rtol, d.atol)
                if error <= 1.0 and h > most:
                    h = most
                    continue
                if error <= 1.0:
                    longer = h * min(5.0, 0.9 * max(error, 1e-10) ** -0.2)
                    g.ahead = max(longer, proposed) if whole and longer >= h else longer
                    g.end = last if whole else n.time + h
                    short = h < SHORT * n.time and not whole
                    answer[0], answer[1], g.length = g.end, 0.0, h if short else 0.0
                    if not held:
                        level = level_of(key)
                        low, before = 0.0, margin_of(key, s, p)
                        if not level and g.armed == 0.0:
                            before = 1.0  # the spike that was just made
                        if level and before >= 0.0:  # as one may be that is released, or begins
                            answer[0], answer[1] = n.time, 1.0
                            if short:
                                g.end, g.length = n.time, 0.0
                            break
                        for i in range(1, NODES + 1):
                            high = i / NODES
                            y = between(s, new, k1, k7, r, h, high) if i < NODES else new
                            now = margin_of(key, y, p)
                            if now >= 0.0 and (before < 0.0 or level):
                                part = locate(key, x, d, p, held, room_at, s, k1, h, low, high)
                                answer[0], answer[1] = n.time + h * part, 1.0
                                if short:
                                    g.end, g.length = answer[0], h * part
                                break
                            low, before = high, now
                    break
                h *= max(0.1, 0.9 * error**-0.2) if error < np.inf else 0.1
                if h < SHORTEST:
                    break

    return kernel_address(kernel, SIGNATURE)
