"""A layer step by step on the tape, through the neuron's own verbs: for any model, and as the twin of the fused pass.

Linear models take the program's exact propagator, others their `flow` (or Runge-Kutta's step on `slope`) under the
input of the mid-step, as the clock engine does.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...engine.equations import runge_kutta
from ...neurons.contract import Input
from .delays import delay_rows
from .operation import Var, as_array, through
from .step import C_0, C_D, C_F, C_V, DECAY, SYNAPSE_TAU, V_0, as_linear, joint, propagator, resting_state
from .surrogate import slope

if TYPE_CHECKING:
    from .spiking import Spiking

__all__ = ["unrolled"]


def spike(layer: Spiking, margin: Any, per_width: Any) -> Var:
    """H(margin), with the layer's surrogate derivative."""

    def forward(m: Any) -> Any:
        return (m >= 0.0).astype(m.dtype), lambda g, _: [g * slope(layer.surrogate, m * per_width) * per_width]

    return through("spike", forward, margin)


def unrolled(layer: Spiking, x: Any, batch: Any, steps: int, kind: Any) -> Var:
    """Return the spikes (or potentials) of a layer, (B, steps, n)."""
    cell = layer.cell()
    cls, n, dt, B = type(cell.model), layer.n, layer.dt, batch.shape[0]
    p = SimpleNamespace(**cell.parameters)
    for name in set(layer.learn) - {SYNAPSE_TAU}:
        value = getattr(layer, layer.parameter_name(name))
        setattr(p, name, np.exp(value) if name in layer.positive else value)
    arrivals = _Arrivals(layer, x, batch, kind)
    linear = as_linear(cell.model, cell.parameters)
    exact = linear is not None and (cell.synapse is None or cell.synapse.E_rev is None)
    step = _by_flow(cell, p, dt) if not exact else _by_propagator(cell, dt) if layer.reason else _by_table(layer)
    rest = resting_state("layer", cell.model, cell.parameters)
    state: Any = tuple(Var(np.broadcast_to(np.asarray(r, kind), (B, n)), requires_grad=False) for r in rest)
    if not layer.reason:
        state = (layer.table()[V_0] + np.zeros((B, n), kind),)
    size = 0 if cell.synapse is None else len(cell.synapse.matrix)
    f: list[Any] = [Var(np.zeros((B, n), kind), requires_grad=False) for _ in range(size)]
    fade: Any = propagator(cell.synapse.matrix[None], dt)[0] if size else None  # type: ignore[union-attr]
    if not layer.reason:
        table: Any = layer.table()
        fade = [[table[DECAY]]]
    per_width = layer.per_width(cell) if not layer.reason else 1.0
    left, t_ref, out = np.zeros((B, n), np.int32), cell.t_ref, []
    before = as_array(cls.margin(state, p)) >= 0.0
    moved = cls.states.index("v") if "v" in cls.states else 0
    for t in range(steps):
        free = left == 0
        J = arrivals.at(t)
        drive: Any = x[:, min(t, x.shape[1] - 1)] if cell.synapse is None else 0.0
        if layer.reason:  # (the table has the bias in its constant)
            drive = drive + (0.0 if layer.bias is None else layer.bias * layer.current_unit)
        new = list(step(state, f, drive))
        if cell.synapse is not None and size == 0:
            new[moved] = np.where(free, new[moved] + J, new[moved])
        state = tuple(np.where(free, b, a) if name in cls.clamped else b for name, a, b in zip(cls.states, state, new))
        f = [sum((fade[i][j] * f[j] for j in range(i)), fade[i][i] * f[i]) for i in range(size)]
        if size:
            f[0] = f[0] + J
        margin = cls.margin(state, p)
        above = as_array(margin) >= 0.0
        allowed = free if cls.reset is not None else ~before
        S = np.where(allowed, spike(layer, margin, per_width), 0.0)
        before = above
        if layer.reads_potential:
            out.append(state[moved])
        if cls.reset is not None:
            chosen = S if layer.reset == "attached" else as_array(S)
            fresh = cls.reset(state, p)
            state = tuple(a + chosen * (b - a) for a, b in zip(state, fresh))
            left = np.where(above & allowed, t_ref, left - (left > 0))
        arrivals.send(t, S)
        if not layer.reads_potential:
            out.append(S)
    stacked: Any = np.stack(out, axis=1)
    return stacked


class _Arrivals:
    """What arrives at each step, (B, n): of the input, and of the layer's own spikes."""

    def __init__(self, layer: Spiking, x: Any, batch: Any, kind: Any) -> None:
        self.layer, self.kind = layer, kind
        self.x: Any = x if isinstance(x, Var) else None if layer.synapse is None else batch.dense(kind)
        self.own: list[Any] = []
        n_in = 0 if layer.synapse is None else batch.shape[2]
        where, n = f"{type(layer).__name__}({layer.n})", layer.n
        self.delays = delay_rows(where, layer.delay_steps(), n, n_in).T if n_in else None
        if layer.recurrent:
            self.recurrent = delay_rows(where, layer.recurrent_steps(), n, n).T

    def at(self, t: int) -> Any:
        if self.layer.synapse is None:
            return 0.0
        weight: Any = self.layer.weight
        total: Any = _sum(weight * self.layer.unit, self.delays, lambda s: self.x[:, s], t)
        if self.layer.recurrent:
            total = total + _sum(
                self.layer.recurrent_weight * self.layer.unit, self.recurrent, lambda s: self.own[s], t
            )
        return total

    def send(self, t: int, S: Any) -> None:
        self.own.append(S)


def _sum(weight: Any, delays: Any, spikes: Any, t: int) -> Any:
    """sum_d spikes(t - d) W_d^T over the delays d, (n, n_in) or (1, n_in)."""
    total: Any = 0.0
    for d in np.unique(delays):
        if t - d >= 0:
            total = total + spikes(t - int(d)) @ np.where(delays == d, weight, 0.0).T
    return total


def _by_table(layer: Spiking) -> Any:
    """The step whose coefficients are on the tape."""
    c: Any = layer.table()

    def step(s: Any, f: Any, drive: Any) -> Any:
        return [sum((c[C_F] * g for g in f), c[C_0] + c[C_V] * s[0] + c[C_D] * drive)]

    return step


def _by_propagator(cell: Any, dt: float) -> Any:
    """The exact step of a linear model, as the program's propagator has it (a constant of the tape)."""
    linear = as_linear(cell.model, cell.parameters)
    assert linear is not None
    P = np.moveaxis(propagator(joint(linear, cell.filters), dt), 0, -1)
    n = len(type(cell.model).states)

    def step(s: Any, f: Any, drive: Any) -> Any:
        sources = [*s, *f]
        return [
            sum((P[i, j] * source for j, source in enumerate(sources)), P[i, -2] + P[i, -1] * drive) for i in range(n)
        ]

    return step


def _by_flow(cell: Any, p: Any, dt: float) -> Any:
    """The model's own step under the input of the mid-step."""
    cls = type(cell.model)
    flow = cls.flow or runge_kutta(cls.slope)
    synapse = cell.synapse
    half = propagator(synapse.matrix[None], 0.5 * dt)[0][-1] * synapse.gain if cell.filters else ()

    def step(s: Any, f: Any, drive: Any) -> Any:
        felt = sum((h * g for h, g in zip(half, f)), 0.0)
        current, conductance = (felt, 0.0) if synapse is None or synapse.E_rev is None else (felt * synapse.E_rev, felt)
        return flow(s, Input(current + drive, conductance), p, dt)

    return step
