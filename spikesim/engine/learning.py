"""The synapses of a plastic projection onto the neurons of one worker: by source, and by target.

They stand in the order (source, delay, target, j), those of a target in the order (source, delay, j): neither depends
on how neurons were divided among workers.  All synapses of a segment (one source, one delay) see the same arrivals.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import NumericalError
from ..program.bundles import bundle, empty
from ..program.program import Program
from ..program.wiring import Wiring
from ..program.wiring_loops import by_target

__all__ = ["Learning"]


class Learning:
    """One plastic projection on one worker.

    Parameters
    ----------
    wiring : Wiring
    program : Program
    rule : Plasticity
    column : int32 array (neurons,)
        Column of each neuron of the network among the targets of this worker, or -1.
    width : int
        How many columns there are.
    port : int
    kernel : int, optional
        Address of what delivers the bundle.

    Attributes
    ----------
    bundle : Bundle
    initial : float64 array or None
        Weights at the start, in the order of the bundle; until they have been given to an arena.
    synapse, segment : uint32 arrays
        Those of each target, `ptr` int64 (width + 1).
    synapses, segments : int
    """

    def __init__(
        self, wiring: Wiring, program: Program, rule: Any, column: np.ndarray, width: int, port: int,
        kernel: int | None = None,
    ) -> None:  # fmt: skip
        self.rule = rule
        self.wiring, self.program, self.column, self.width = wiring, program, np.ascontiguousarray(column), width
        kind = np.dtype(wiring.weight_type) if wiring.constant is None else wiring.constant
        made = bundle([wiring], port, kind, self.column, program.n, 0, program.n) or empty(port, program.n)
        target = made.target.astype(np.uint32)
        weight = np.full(target.size, made.const) if made.weight is None else made.weight.astype(np.float64, copy=False)
        self.initial: np.ndarray | None = weight
        self.bundle = made._replace(const=0.0, target=target, weight=None, kernel=kernel)
        self.ptr, order = np.zeros(width + 1, np.int64), np.empty(target.size, np.int64)
        by_target(target.view(np.int32), self.ptr, order)
        self.synapse = order.astype(np.uint32)
        self.segment = np.repeat(np.arange(made.seg_delay.size, dtype=np.uint32), np.diff(made.seg_start))[order]
        self.synapses, self.segments = target.size, made.seg_delay.size

    def posts(self) -> np.ndarray:
        """Return which target stands in each column: its position among the targets, or -1."""
        post, found = np.full(self.program.n, -1, np.int64), np.full(self.width, -1, np.int64)
        post[self.wiring.post_ids] = np.arange(self.wiring.n_post)
        mine = np.flatnonzero(self.column >= 0)
        found[self.column[mine]] = post[mine]
        return found

    def sources(self) -> np.ndarray:
        """Return the gid of the source of each segment."""
        return np.repeat(np.arange(self.program.n), np.diff(self.bundle.source_ptr))

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return of each synapse its source and target, by position in the two sides, and its delay in steps or ms."""
        bundle, wiring = self.bundle, self.wiring
        pre = np.empty(self.program.n, np.int32)
        pre[wiring.pre_ids] = np.arange(wiring.n_pre)
        sizes = np.diff(bundle.seg_start)
        post = self.posts().astype(np.int32)[bundle.target]
        return np.repeat(pre[self.sources()], sizes), post, np.repeat(bundle.seg_delay, sizes)

    def require_finite(self, weight: np.ndarray, begin: int, end: int) -> None:
        """Refuse weights that equations made infinite or not a number between two steps."""
        if np.isfinite(weight).all():
            return
        bad = int(np.flatnonzero(~np.isfinite(weight))[0])
        pre, post, _ = self.ends()
        grid = self.program.grid
        raise NumericalError(
            f"projection {self.wiring.name!r}: the weight from {pre[bad]} to {post[bad]} became "
            f"{float(weight[bad])!r} between {grid.time(begin):g} and {grid.time(end):g} ms; the equations of "
            f"{type(self.rule).__name__} divide by zero or grow without bound: give it w_max"
        )
