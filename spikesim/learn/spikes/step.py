"""One step of a spiking layer as numbers: the program's own propagator, and its derivative by every parameter.

With one state v, held while refractory, and at most one filter f of the arriving spikes, the exact step of dt is

    v <- c_0 + c_v v + c_f f + c_d D + c_j J,    f <- p f + J        (D: current, J: what arrives)
    v >= theta: a spike, v <- R v + r

where c and p are entries of expm(M dt), M = M(parameters, synapse) of `spikesim.program.propagator`.  A parameter's
derivative of them comes from

    expm [[M, M'], [0, M]] dt  =  [[P, P'], [0, P]]                                     (Najfeld and Havel 1995)

with M' by a complex step through the neuron's own `slope`, exact to rounding (Squire and Trapp 1998).
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from ...blas import expm
from ...errors import InvalidTypeError
from ...grid import Grid
from ...neurons.contract import Input
from ...program.propagator import as_linear, joint, propagator
from ...program.rest import resting_state
from ...synapses.contract import Synapse

__all__ = [
    "COMPLEX_STEP",
    "ROWS",
    "Cell",
    "as_linear",
    "coefficients",
    "joint",
    "propagator",
    "resting_state",
    "sensitivity",
    "why_not_fused",
    "with_complex_tau",
]

#: Rows of the table of coefficients, (ROWS, n).
C_0, C_V, C_F, C_D, C_J, DECAY, THETA, R, R_0, V_0 = range(10)
ROWS = 10

SYNAPSE_TAU = "synapse.tau"
COMPLEX_STEP = 1e-30  # of the complex step: no difference is taken, so no digit is lost


class Cell(NamedTuple):
    """The neurons of a layer: their model, the parameters by name (floats, or (n,)), the synapse that feeds them."""

    model: Any
    parameters: dict[str, Any]
    synapse: Synapse | None
    n: int
    dt: float

    @property
    def t_ref(self) -> np.ndarray:
        """Refractory time in steps, int32 (n,); a single one off the grid is refused, listed ones are rounded."""
        value, grid = self.parameters.get("t_ref", 0.0), Grid(self.dt)
        if np.ndim(value):
            return grid.nearest(value, least=0)[0].astype(np.int32)
        return np.full(self.n, grid.steps(value, f"{type(self.model).__name__}: t_ref"), np.int32)

    @property
    def filters(self) -> list[Synapse]:
        return [] if self.synapse is None or not len(self.synapse.matrix) else [self.synapse]


def why_not_fused(cell: Cell) -> str:
    """Return what keeps a layer from the fused kernels, or "" where they can advance it."""
    model, synapse = type(cell.model), cell.synapse
    linear = as_linear(cell.model, cell.parameters)
    if linear is None:
        return f"{model.__name__} is no linear model"
    if (model.states, model.clamped) != (("v",), ("v",)):
        return f"{model.__name__} has the states {', '.join(model.states)}, wanted v alone"
    if synapse is not None:
        if synapse.E_rev is not None:
            return f"{synapse.label} is a conductance"
        if len(synapse.matrix) > 1:
            return f"{synapse.label} is a filter of {len(synapse.matrix)} stages, wanted one"
        if getattr(synapse, "refractory_input", False):
            return f"{synapse.label} keeps the input of the refractory time"
    if np.any(linear.R) and np.any(cell.t_ref):
        return f"{model.__name__} is refractory at a potential that depends on the spike"
    return ""


def coefficients(cell: Cell) -> np.ndarray:
    """Return the table of a layer, float64 (ROWS, n)."""
    linear = as_linear(cell.model, cell.parameters)
    assert linear is not None
    P = propagator(joint(linear, cell.filters), cell.dt)
    table = _entries(P, cell)
    scale = linear.a[0]
    table[THETA], table[R], table[R_0] = -linear.m / scale, linear.R[0, 0], linear.r[0]
    table[V_0] = resting_state("layer", cell.model, cell.parameters)[0]
    table[C_J] = float(cell.synapse is not None and not len(cell.synapse.matrix))
    return table


def _entries(P: np.ndarray, cell: Cell) -> np.ndarray:
    """Sort the entries of a propagator, or of its derivative, (width, N, N), into a table."""
    table = np.zeros((ROWS, cell.n))
    table[C_V], table[C_0], table[C_D] = P[:, 0, 0], P[:, 0, -2], P[:, 0, -1]
    if cell.filters:
        table[C_F], table[DECAY] = P[:, 0, 1], P[:, 1, 1]
    return table


def sensitivity(cell: Cell, name: str, bias: np.ndarray) -> np.ndarray:
    """Return d(table)/d(parameter), (ROWS, n): of one value a neuron, or of a common one.

    `bias` (n,) is a current beside the neurons' own: c_0 + c_D bias stands in the place of c_0.
    """
    linear = as_linear(cell.model, cell.parameters)
    assert linear is not None
    M = joint(linear, cell.filters)
    table = np.zeros((ROWS, cell.n))
    slopes = np.zeros((1, *M.shape[1:]))
    if name == SYNAPSE_TAU:
        synapse = with_complex_tau(cell.synapse)
        slopes[0, 1, 1] = np.imag(synapse.matrix[0, 0]) / COMPLEX_STEP
        slopes = slopes + np.zeros((linear.B.shape[-1], 1, 1))
        slopes[:, 0, 1] = linear.B[0] * np.imag(synapse.gain) / COMPLEX_STEP
    else:
        cls, p = type(cell.model), SimpleNamespace(**cell.parameters)
        setattr(p, name, np.asarray(getattr(p, name)) + 1j * COMPLEX_STEP)

        def by_step(verb: Any, *arguments: Any) -> np.ndarray:
            return np.atleast_1d(np.imag(np.asarray(verb(*arguments, p)).reshape(-1) / COMPLEX_STEP))

        still = by_step(cls.slope, (0.0,), Input(0.0, 0.0))
        by_v = by_step(cls.slope, (1.0,), Input(0.0, 0.0)) - still
        by_input = by_step(cls.slope, (0.0,), Input(1.0, 0.0)) - still
        slopes = slopes + np.zeros((len(still), 1, 1))
        slopes[:, 0, 0], slopes[:, 0, -2], slopes[:, 0, -1] = by_v, still, by_input
        for synapse in cell.filters:
            slopes[:, 0, 1] = by_input * synapse.gain
        table[THETA] = -by_step(cls.margin, (0.0,)) / linear.a[0]
        table[R_0] = by_step(cls.reset, (0.0,))
        table[R] = by_step(cls.reset, (1.0,)) - table[R_0]
        if cls.rest is not None:
            table[V_0] = by_step(cls.rest)
    M, slopes = np.broadcast_arrays(M, slopes)
    wide = np.concatenate([np.concatenate([M, slopes], axis=2), np.concatenate([np.zeros_like(M), M], axis=2)], axis=1)
    moved = expm(wide * cell.dt)[:, : M.shape[1], M.shape[1] :]
    found = _entries(moved, cell) + table
    found[C_0] += found[C_D] * bias
    return found


def with_complex_tau(synapse: Any) -> Any:
    """A synapse whose tau has an imaginary part: its matrix and gain carry their derivatives there."""
    if not hasattr(synapse, "tau"):
        raise InvalidTypeError(f"synapse {synapse!r} has no tau to be learnt")
    twin = object.__new__(type(synapse))
    for name, value in vars(synapse).items():
        object.__setattr__(twin, name, value)
    object.__setattr__(twin, "tau", synapse.tau + 1j * COMPLEX_STEP)
    return twin
