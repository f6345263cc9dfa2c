"""An independent simulator of one linear neuron at 40 digits: Taylor series of its equations on short pieces.

    dv/dt = -(v - E_L) / tau_m + (I + I_e + sum_ports gain f_n) / C_m,     df_k/dt = (f_(k-1) - f_k) / tau

A piece is at most `PIECE` ms long and ends at events; on it v is a polynomial of degree `TERMS`, whose first
root and whose peaks are found by sampling it and its derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import mpmath as mp

mp.mp.dps = 40
PIECE, TERMS, POINTS = 0.25, 45, 12


class Port(NamedTuple):
    """A filter of n + 1 stages; n = -1: Delta."""

    n: int
    tau: float
    gain: Any


class Neuron(NamedTuple):
    """Parameters of a LIF, floats."""

    tau_m: float
    C_m: float
    E_L: float
    V_th: float
    V_reset: float
    t_ref: float
    I_e: float = 0.0
    v: float = 0.0


def polynomial(c: Sequence[Any], t: Any) -> Any:
    total = mp.mpf(0)
    for a in reversed(c):
        total = total * t + a
    return total


def series(neuron: Neuron, ports: Sequence[Port], state: list[Any], current: Any, held: bool) -> list[list[Any]]:
    """Taylor coefficients of all states: v, then the stages of each port."""
    rows = [[s] for s in state]
    for k in range(TERMS):
        at, drive = 1, mp.mpf(0)
        for port in ports:
            for i in range(port.n + 1):
                before = rows[at + i - 1][k] if i else mp.mpf(0)
                rows[at + i].append((before - rows[at + i][k]) / port.tau / (k + 1))
            if port.n >= 0:
                drive += rows[at + port.n][k] * port.gain
            at += port.n + 1
        if k == 0:
            drive += current + mp.mpf(neuron.I_e)
        leak = (rows[0][k] - (mp.mpf(neuron.E_L) if k == 0 else 0)) / neuron.tau_m
        rows[0].append(mp.mpf(0) if held else (drive / neuron.C_m - leak) / (k + 1))
    return rows


def first_root(c: list[Any], threshold: Any, length: Any) -> Any:
    """The first t in (0, length] with polynomial = threshold, from below; None without."""
    derivative = [k * a for k, a in enumerate(c)][1:]
    points = [length * i / POINTS for i in range(POINTS + 1)]
    for a, b in pairwise(points):
        tops = [b]
        if polynomial(derivative, a) > 0 > polynomial(derivative, b):
            tops = [halve(lambda t: -polynomial(derivative, t), a, b), b]
        for top in tops:
            if polynomial(c, top) >= threshold:
                return halve(lambda t: polynomial(c, t) - threshold, a, top)
    return None


def halve(f: Any, a: Any, b: Any) -> Any:
    """The root of f between f(a) < 0 and f(b) >= 0."""
    for _ in range(130):
        middle = (a + b) / 2
        if f(middle) >= 0:
            b = middle
        else:
            a = middle
    return b


def simulate(
    neuron: Neuron, ports: Sequence[Port], arrivals: Sequence[tuple[float, int, float]], stop: float,
    steps: Sequence[tuple[float, float]] = (),
) -> tuple[list[float], Any]:  # fmt: skip
    """Return the spike times and v(stop); arrivals: (time, port, weight); steps: (time, current from then on)."""
    size = 1 + sum(p.n + 1 for p in ports)
    first = [1 + sum(p.n + 1 for p in ports[:k]) for k in range(len(ports))]
    state = [mp.mpf(neuron.v)] + [mp.mpf(0)] * (size - 1)
    times = sorted({mp.mpf(t) for t, *_ in (*arrivals, *steps)} | {mp.mpf(stop)})
    t, free, current, spikes = mp.mpf(0), mp.mpf(-1), mp.mpf(0), []
    threshold = mp.mpf(neuron.V_th)
    while t < stop:
        ends = [e for e in times if e > t]
        end = min(ends[0], t + PIECE)
        held = t < free
        if held:
            end = min(end, free)
        c = series(neuron, ports, state, current, held)
        root = None if held else first_root(c[0], threshold, end - t)
        fired = root is not None
        h = root if root is not None else end - t
        state = [polynomial(row, h) for row in c]
        t = t + h if fired else end
        jump = mp.mpf(0)
        for when, port, weight in arrivals:
            if mp.mpf(when) == t:
                if ports[port].n < 0:
                    jump += mp.mpf(weight)
                else:
                    state[first[port]] += mp.mpf(weight)
        for when, value in steps:
            if mp.mpf(when) == t:
                current = mp.mpf(value)
        if fired:
            state[0] = threshold
        if t > free:
            state[0] += jump
        if t >= free and state[0] >= threshold:
            spikes.append(float(t))
            state[0] = mp.mpf(neuron.V_reset)
            free = t + mp.mpf(neuron.t_ref)
    return spikes, state[0]
