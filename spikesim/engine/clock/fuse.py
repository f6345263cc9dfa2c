"""Which parts the one-pass kernels of `fused` can advance, and what these need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...program.part import Part
from ...program.propagator import propagator
from ..growing import Coefficients
from . import fused

__all__ = ["fuse_inputs", "fuse_rest", "fuse_step"]

Filters = Sequence[tuple[Any, list[int]]]  # synapses that have a filter, and the rows of its stages


def fuse_step(
    part: Part, row: dict[str, Any], P: np.ndarray, threshold: Any, filters: Filters, coef: Coefficients, dt: float
) -> None:
    """Let one pass advance a linear part: v alone, held while refractory, common parameters, exponential currents.

    `P` (N, N, width): the propagator of v, the filters, the constant and the noise.
    """
    model = part.cell.model
    if (
        (model.states, model.clamped) == (("v",), ("v",))
        and P.shape[-1] == 1
        and row["margin_lo"] == row["margin_hi"]
        and not row["driven"]
        and row["draw_lo"] == row["draw_hi"]
        and row["keep"] < 0
        and _few_of_one_stage(part, filters)
    ):
        n = len(filters)
        of_filter, decay = np.zeros((2, fused.FILTERS))
        of_filter[:n] = P[0, 1 : 1 + n, 0]
        decay[:n] = [propagator(port.matrix[None], dt)[0, 0, 0] for port, _ in filters]
        row["fused"] = coef.put(P[0, -2], P[0, 0], of_filter, decay, threshold)
        row.update({f"filter_{j}": rows[0] for j, (_, rows) in enumerate(filters, 1)})
        row["advance"] = fused.step(n, row["delta"] >= 0)


def fuse_rest(part: Part, row: dict[str, Any], P: np.ndarray, threshold: Any, coef: Coefficients) -> None:
    """Let those at rest sleep of a linear part that `resting` can advance; P as of `fuse_step`."""
    model = part.cell.model
    if (
        len(model.states) == 2
        and model.states[0] == "v"
        and {*model.clamped} == {*model.states}
        and P.shape[:-1] == (4, 4)  # no filters: two states, the constant and the current
        and P.shape[-1] == 1
        and P[1, 0, 0] == 0.0
        and row["margin_lo"] == row["margin_hi"]
        and row["draw_lo"] == row["draw_hi"]
        and row["background_lo"] == row["background_hi"]
        and row["keep"] < 0
        and not row["driven"]
        and not part.noise
    ):
        row["fused"] = coef.put(P[0, -2], P[0, 0], P[0, 1], P[1, -2], P[1, 1], threshold)
        row["restful"] = 1


def fuse_inputs(part: Part, row: dict[str, Any], filters: Filters, coef: Coefficients, dt: float) -> None:
    """Let one pass sum the input of a nonlinear part (as it is at mid-step) and advance its filters."""
    if not _few_of_one_stage(part, filters):
        return
    table = np.zeros((3, fused.FILTERS))
    for j, (port, rows) in enumerate(filters):
        half, whole = (propagator(port.matrix[None], h)[0, 0, 0] for h in (0.5 * dt, dt))
        if port.E_rev is None:
            table[:, j] = half * port.gain, 0.0, whole
        else:
            table[:, j] = half * port.gain * port.E_rev, half * port.gain, whole
        row[f"filter_{j + 1}"] = rows[0]
    row["fused"], row["gather"] = coef.put(table), fused.inputs(len(filters))


def _few_of_one_stage(part: Part, filters: Filters) -> bool:
    few = len(filters) <= fused.FILTERS and all(len(rows) == 1 for _, rows in filters)
    return few and not part.noise + part.drifts and not any(port.general for port in part.cell.ports)
