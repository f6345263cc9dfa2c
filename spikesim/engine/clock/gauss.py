"""The random numbers of a part and what each does: what `disturb` runs on.

A linear part moves jointly with the currents that drift: with (currents, states) = Y, dY = D Y dt + G dW, the noise of
a step is L xi (see `program.covariance`), one number xi a variable.  A nonlinear part gets the mean of a current over
the step, drawn jointly with the current at its end, and the numbers that its equations ask for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...network.stimulus import WhiteNoise
from ...program.covariance import noise_factor
from ...program.part import Part
from ...program.propagator import Linear
from ...random import key
from ..growing import Coefficients, Table
from . import records as t
from .disturb import ADD, DRIFT, PUT
from .layout import Layout, own_values

__all__ = ["Draws"]


class Draws:
    """The tables `gauss` and `kick` while they grow."""

    def __init__(self, layout: Layout, coef: Coefficients) -> None:
        self.layout, self.program, self.coef = layout, layout.program, coef
        self.numbers, self.kicks = Table(t.DRAW), Table(t.KICK)

    def draw(self, part: Part, *purpose: str, uniform: bool = False) -> None:
        """Draw one number a neuron and step; what follows says what it does."""
        stream = key(self.program.noise_seed, *purpose, part.cell.name)
        self.numbers.add(
            uniform=uniform, first=part.own.start, key_a=stream.a, key_b=stream.b, kick_lo=len(self.kicks),
            kick_hi=len(self.kicks),
        )  # fmt: skip

    def kick(self, kind: int, to: int, coefficient: np.ndarray, decay: float = 1.0) -> None:
        """Let the number that was drawn last act."""
        if kind == ADD and not np.any(coefficient):
            return
        self.kicks.add(kind=kind, to=to, at=self.coef.put(coefficient), own=coefficient.size > 1, decay=decay)
        self.numbers.rows[-1]["kick_hi"] = len(self.kicks)

    def whites(self, part: Part) -> list[tuple[Any, np.ndarray]]:
        """The white noise into a part: injection, intensity of each neuron."""
        return [
            (injection, short(own_values(self.program, injection, part, "intensity")))
            for injection in self.program.injections
            if isinstance(injection.stimulus, WhiteNoise) and part.cell.population in injection.target.populations
        ]

    def linear(self, part: Part, linear: Linear, held: bool) -> None:
        """What chance does to a linear part; `held`: rows behind the states are those of a refractory neuron."""
        cls, cell, n, h = type(part.cell.model), part.cell, len(part.cell.model.states), self.program.grid.dt
        drifts, whites = self.layout.drifts[part.number], self.whites(part)
        if not part.size or not (drifts or whites or cls.diffusion is not None):
            return
        m = len(drifts)
        B = part.cut(linear.B)
        columns = [short(own_values(self.program, i, part, "sd")) * math.sqrt(2.0 / i.stimulus.tau) for i, _ in drifts]
        states = [np.zeros(1)] * n if cls.diffusion is None else constants(part)
        width = max(map(len, (*columns, *states, *(w for _, w in whites), B[0])))
        G = np.zeros((width, m + n, m + n + len(whites)))
        for j, column in enumerate([*columns, *states]):
            G[:, j, j] = column
        for j, (_, intensity) in enumerate(whites):
            G[:, m:, m + n + j] = (B * intensity).T
        A = part.cut(linear.A)
        D = np.zeros((max(A.shape[-1], B.shape[-1]), m + n, m + n))
        D[:, m:, m:] = np.moveaxis(A, -1, 0)
        for j, (injection, _) in enumerate(drifts):
            D[:, j, j] = -1.0 / injection.stimulus.tau
            D[:, m:, j] = B.T
        L = [noise_factor(D, G, h)]
        if held:
            clamped = np.array([False] * m + [state in cell.model.clamped for state in cell.model.states])
            D[:, clamped], G[:, clamped] = 0.0, 0.0
            L.append(noise_factor(D, G, h))
        for j in range(m + n):
            name = f"noise {drifts[j][0].name}" if j < m else f"diffusion {cell.model.states[j - m]}"
            self.draw(part, name)
            if j < m:
                self.kick(DRIFT, drifts[j][1], L[0][:, j, j], math.exp(-h / drifts[j][0].stimulus.tau))
            for shift, factor in zip((0, n), L):
                for i in range(n):
                    if shift == 0 or cell.model.states[i] not in cell.model.clamped:
                        self.kick(ADD, shift + i, factor[:, m + i, j])

    def nonlinear(self, part: Part, row_of: Any, extra: int) -> None:
        """What chance does to a nonlinear part.

        `row_of(into)`: the row of the scratch of a current or named input; `extra`: the first for numbers.
        """
        cls, h = type(part.cell.model), self.program.grid.dt
        for injection, at in self.layout.drifts[part.number]:
            tau, row = injection.stimulus.tau, row_of(injection.into)
            sd = short(own_values(self.program, injection, part, "sd"))
            D = np.array([[[-1.0 / tau, 0.0], [1.0 / h, 0.0]]])  # the current and its mean so far
            L = noise_factor(D, np.array([[[math.sqrt(2.0 / tau)], [0.0]]]), h)
            self.draw(part, f"noise {injection.name}")
            self.kick(DRIFT, at, sd * L[0, 0, 0], math.exp(-h / tau))
            self.kick(ADD, row, sd * L[0, 1, 0])
            self.draw(part, f"noise {injection.name}, its mean")
            self.kick(ADD, row, sd * L[0, 1, 1])
        for injection, intensity in self.whites(part):
            self.draw(part, f"noise {injection.name}")
            self.kick(ADD, row_of(injection.into), intensity / math.sqrt(h))
        if cls.diffusion is not None:
            for i, state in enumerate(cls.states):
                self.draw(part, f"diffusion {state}")
                self.kick(PUT, extra + i, np.ones(1))
            extra += len(cls.states)
        if cls.hazard is not None:
            self.draw(part, "hazard", uniform=True)
            self.kick(PUT, extra, np.ones(1))


def short(values: np.ndarray) -> np.ndarray:
    """One number where all are alike."""
    return values[:1] if values.size and np.all(values == values[0]) else values


def constants(part: Part) -> list[np.ndarray]:
    """The coefficients of dW of a model where they depend on no state."""
    from types import SimpleNamespace

    p = SimpleNamespace(**part.cell.parameters)
    values = type(part.cell.model).diffusion((0.0,) * len(part.cell.model.states), p)
    return [part.cut(value) for value in values]
