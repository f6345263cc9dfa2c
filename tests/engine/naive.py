"""The obvious simulator: one neuron and one spike at a time, in plain Python.  It shares no code with the engine.

LIF with current filters (a cascade of n + 1 stages each) and Delta jumps, on a grid: the state is advanced by a dense
matrix exponential, arrivals are kept in a dictionary.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np
from scipy.linalg import expm


class Edge(NamedTuple):
    pre: int
    post: int
    weight: float
    delay: int  # steps
    port: int


class Cell(NamedTuple):
    tau_m: float
    C_m: float
    E_L: float
    V_th: float
    V_reset: float
    t_ref: int  # steps
    I_e: float
    v: float


class Port(NamedTuple):
    stages: int  # 0: Delta
    tau: float
    gain: float


def simulate(
    cells: list[Cell], ports: list[Port], edges: list[Edge], listed: dict[int, list[int]], steps: int, dt: float
) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Return spikes (step, neuron) and v (steps, neurons); ids from len(cells) on are sources with listed steps."""
    sizes = [p.stages for p in ports]
    propagators = []
    for c in cells:
        n = 1 + sum(sizes) + 1
        M = np.zeros((n, n))
        M[0, 0] = -1.0 / c.tau_m
        M[0, -1] = c.E_L / c.tau_m + c.I_e / c.C_m
        at = 1
        for p in ports:
            for k in range(p.stages):
                M[at + k, at + k] = -1.0 / p.tau
                if k:
                    M[at + k, at + k - 1] = 1.0 / p.tau
            if p.stages:
                M[0, at + p.stages - 1] = p.gain / c.C_m
            at += p.stages
        propagators.append(expm(M * dt))
    first = np.concatenate(([1], 1 + np.cumsum(sizes)))[:-1]
    Y = [np.array([c.v, *np.zeros(sum(sizes)), 1.0]) for c in cells]
    held = [0] * len(cells)
    arrivals: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    outgoing = defaultdict(list)
    for e in edges:
        outgoing[e.pre].append(e)
    spikes, trace = [], np.empty((steps, len(cells)))

    def send(neuron: int, step: int) -> None:
        spikes.append((step, neuron))
        for e in outgoing[neuron]:
            arrivals[step + e.delay].append((e.post, e.port, e.weight))

    for source, times in listed.items():
        for _ in range(times.count(0)):
            send(source, 0)
    for step in range(1, steps + 1):
        jump = [0.0] * len(cells)
        for post, port, weight in arrivals[step - 1]:
            if ports[port].stages:
                Y[post][first[port]] += weight
        for post, port, weight in arrivals[step]:
            if not ports[port].stages:
                jump[post] += weight
        for i, c in enumerate(cells):
            v = Y[i][0]
            Y[i] = propagators[i] @ Y[i]
            if held[i]:
                Y[i][0] = v
                held[i] -= 1
            else:
                Y[i][0] += jump[i]
                if Y[i][0] >= c.V_th:
                    Y[i][0] = c.V_reset
                    held[i] = c.t_ref
                    send(i, step)
            trace[step - 1, i] = Y[i][0]
        for source, times in listed.items():
            for _ in range(times.count(step)):
                send(source, step)
    return spikes, trace


def gamma_gain(n: int, tau: float, normalize: str) -> float:
    """Factor from the last stage to the current, from the definition of the kernel."""
    return 1.0 / tau if normalize == "area" else math.factorial(n) * math.e**n / (n**n if n else 1)
