"""The synapses of a plastic projection onto the neurons of one worker: by source, and by target.

They stand in the order (source, delay, target, j), those of a target in the order (source, delay, j): neither depends
on how neurons were divided among workers.  All synapses of a segment (one source, one delay) see the same arrivals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidValueError, NumericalError
from ..plasticity.contract import Law
from ..plasticity.declared import CHANCE
from ..program.bundles import bundle, empty
from ..program.program import Program
from ..program.wiring import Wiring
from ..program.wiring_loops import by_target
from ..random import key

__all__ = ["Learning", "sorted_places"]

#: Synapses that are sorted at a time, about.
BLOCK = 2**18
#: An eligibility is referred to a new time before it has grown by e^4: what it gained stays exact.
FURTHEST_ELIGIBLE = 4.0


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
    places : unsigned array or None
        Where its synapses stand by (pre, post, delay) among those of all workers, `whole` of them, once that was asked
        for.
    """

    places: np.ndarray | None = None
    whole: int | None = None

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

    def require_share(self, share: float, shortest: float) -> None:
        """Refuse a dendritic share (ms) of the delays that is more than the shortest of them."""
        if shortest < share:
            raise InvalidValueError(
                f"projection {self.wiring.name!r}: dendritic_delay = {share:g} ms is a share of the delay, of which "
                f"the shortest is {shortest:g} ms; give a smaller one"
            )

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

    def rewards(self, law: Law) -> tuple[np.ndarray, np.ndarray, int]:
        """Return when a law's rewards come (steps), their sizes, and how often eligibility is referred anew (steps)."""
        steps, _ = self.program.grid.nearest([time for time, _ in law.rewards], least=0)
        sizes = np.array([amount for _, amount in law.rewards], np.float64)
        return steps, sizes, max(1, int(FURTHEST_ELIGIBLE * law.tau_c / self.program.grid.dt)) if law.tau_c else 0

    def numbers(self, rule: Any) -> np.ndarray:
        """Return the parameters of a rule of equations as loops take them; one of chance has its stream behind them."""
        stream = key(self.program.noise_seed, "plasticity", self.wiring.name)
        return np.array([*rule, *([float(stream.a >> np.uint64(11))] if rule.draws else []), 0.0], np.float64)

    def chance(self) -> dict[str, np.ndarray]:
        """Return what synapses of a rule of chance start with: which they are, and from where on they draw.

        Several from one source to one target draw from far apart.
        """
        pre, post, _ = self.ends()
        which = pre.astype(np.int64) * self.wiring.n_post + post
        order = np.argsort(which, kind="stable")
        new = np.append(True, np.diff(which[order]) != 0)[: which.size]
        first = np.flatnonzero(new)
        nth = np.empty(which.size, np.int64)
        nth[order] = np.arange(which.size) - np.repeat(first, np.diff(np.append(first, which.size)))
        return dict(zip(CHANCE, (which.astype(np.float64), nth * 2.0**40)))

    def require_finite(self, weight: np.ndarray, begin: int, end: int) -> None:
        """Refuse weights that equations made infinite or not a number between two steps."""
        if np.isfinite(weight).all():
            return
        bad = int(np.flatnonzero(~np.isfinite(weight))[0])
        pre, post, _ = self.ends()
        grid, bounded = self.program.grid, np.isfinite(self.rule.w_max)
        why = "divide by zero" if bounded else "divide by zero or grow without bound: give it w_max"
        raise NumericalError(
            f"projection {self.wiring.name!r}: the weight from {pre[bad]} to {post[bad]} became "
            f"{float(weight[bad])!r} between {grid.time(begin):g} and {grid.time(end):g} ms; the equations of "
            f"{type(self.rule).__name__} {why}"
        )


def sorted_places(parts: Sequence[tuple[np.ndarray, ...]]) -> np.ndarray:
    """Return where each synapse, (pre, post, delay) of one part after the other, stands when sorted; equals keep order.

    Parts go by source as a rule; then some sources are sorted at a time, which takes no memory worth the name.
    """
    sizes = [pre.size for pre, _, _ in parts]
    first = np.concatenate([[0], np.cumsum(sizes)])
    at = np.empty(first[-1], np.uint32 if first[-1] < 2**32 else np.uint64)
    n_pre = 1 + max((int(pre.max(initial=-1)) for pre, _, _ in parts), default=-1)
    by_source = all(np.all(pre[1:] >= pre[:-1]) for pre, _, _ in parts)
    pieces = max(1, min(n_pre, int(first[-1]) // BLOCK)) if by_source else 1
    edges = np.linspace(0, n_pre, pieces + 1).astype(np.int32)
    cuts = [np.searchsorted(pre, edges) if by_source else [0, pre.size] for pre, _, _ in parts]
    done = 0
    for k in range(pieces):
        own = [slice(cut[k], cut[k + 1]) for cut in cuts]
        pre, post, delay = (np.concatenate([part[i][some] for part, some in zip(parts, own)]) for i in range(3))
        where = np.concatenate([np.arange(start + some.start, start + some.stop) for start, some in zip(first, own)])
        at[where[np.lexsort((delay, post, pre))]] = np.arange(done, done + pre.size)
        done += pre.size
    return at
