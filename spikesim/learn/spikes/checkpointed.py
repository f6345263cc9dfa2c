"""Long sequences: the forward pass keeps states only now and then, the backward pass goes forward again between them.

T steps in segments of K.  Forward, all layers go through a segment before the next one begins, and only what stands
between two segments is kept: v, f and the refractory time of each neuron, and what is on its way to it.  Backward, from
the last segment to the first: forward again from the state that was kept, then back, with dL/d(v, f) after the segment
and dL/d(arrivals) of as many steps after it as the longest delay.  The gradients are those of the whole sequence; the
sums over time have another order.

T. Chen, B. Xu, C. Zhang and C. Guestrin, arXiv:1604.06174 (2016).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import all_named
from ..layers.module import Sequential
from .forward import PENDING
from .fused import Arrays, Later, Pass
from .neurons import whole
from .operation import Var, through
from .readout import Readout
from .spike_batch import SpikeBatch
from .spiking import Spiking

__all__ = ["Checkpointed"]


class Stage(NamedTuple):
    """A layer of the stack: how it is gone through, and with what."""

    plan: Pass
    arrays: Arrays
    delay: Any


class Through(NamedTuple):
    """What a segment left in a layer: the spikes that came in, v and the spikes that went out."""

    batch: SpikeBatch
    u: np.ndarray
    s: np.ndarray


@all_named
class Checkpointed(Sequential):
    """Spiking layers one after the other, for long sequences: memory of a segment of the steps in place of all.

    The same spikes and the same gradients as of a Sequential of the layers, for a second forward pass.

    Parameters
    ----------
    *layers : Spiking
        In their order; at the end a Readout or none.  The first may have no synapse (its input is a current).
    every : int
        Steps of a segment, K: best about the square root of the number of steps.

    Notes
    -----
    Memory of a batch of T steps, in numbers a sample and neuron: (T / K) (3 + D) of kept states, D the longest delay
    in steps, and five times K + D of the segment at hand; a Sequential has about five times T, and two of the layer
    before a Readout.  The input, its gradient where that is asked for, and the output of the last layer are there as a
    whole.

    A `truncate` of the layers acts as ever, at multiples of its own.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> from spikesim import learn
    >>> layers = learn.Spiking(3, ss.LIF.normalized(), ss.Exponential(5.0), n_in=4, seed=1), learn.Readout(2, seed=2)
    >>> model, x = learn.Checkpointed(*layers, every=30), np.ones((2, 1000, 4))
    >>> bool(np.allclose(model(x).detach().numpy(), learn.Sequential(*layers)(x).detach().numpy(), rtol=1e-12))
    True
    """

    arguments: tuple[str, ...] = ("every",)

    def __init__(self, *layers: Any, every: int) -> None:
        super().__init__(*layers)
        self.every = whole("Checkpointed: every", every)
        stack = list(self)
        for k, layer in enumerate(stack):
            where = f"Checkpointed: layer {k}, {type(layer).__name__}"
            if not isinstance(layer, Spiking):
                raise InvalidTypeError(
                    f"{where}: wanted Spiking layers, and a Readout or none at the end; put other layers before or"
                    " after it, in a Sequential"
                )
            if layer.reason or not layer.fused:
                raise InvalidTypeError(
                    f"{where}({layer.n}): {layer.reason or 'fused=False'}, so it goes through the tape step by step,"
                    " which keeps every step; use a Sequential, and shorter sequences"
                )
            if layer.synapse is None and k:
                raise InvalidValueError(f"{where}({layer.n}) has no synapse, so no spikes can come in; wanted it first")
            if isinstance(layer, Readout) and k + 1 < len(stack):
                raise InvalidTypeError(f"{where}({layer.n}): wanted it at the end")
        if not stack:
            raise InvalidValueError("Checkpointed: no layers, wanted one at least")

    def forward(self, x: Any) -> Any:
        layers: list[Any] = list(self)
        drive, batch = layers[0]._entering(x)
        for before, layer in pairwise(layers):
            if layer.n_in is None:
                layer._meet(before.n)
            if layer.n_in != before.n:
                raise InvalidValueError(
                    f"{type(layer).__name__}({layer.n}): spikes of {before.n} units, wanted {layer.n_in}"
                )
        kind = layers[0]._kind(x)
        plans, values = [], []
        for layer in layers:
            plan, given = layer._plan(kind)
            plans.append(plan)
            values.extend(given)
        source = x if isinstance(x, Var) and layers[0].synapse is not None else np.zeros(0)
        out = through("checkpointed", Segments(plans, batch, self.every), source, drive, *values)
        return layers[-1].read_out(out) if isinstance(layers[-1], Readout) else out


class Segments:
    """The operation on the tape: (x, drive, then w, delay, wr, c of each layer) -> (S or v of the last layer, back)."""

    def __init__(self, plans: list[Pass], batch: SpikeBatch, every: int) -> None:
        self.plans, self.batch, self.every = plans, batch, every
        self.ends = [(t, min(t + every, batch.shape[1])) for t in range(0, batch.shape[1], every)]

    def __call__(self, x: Any, drive: Any, *values: Any) -> Any:
        stages = [
            Stage(plan, plan.arrays(w, wr, c), delay)
            for plan, (w, delay, wr, c) in zip(self.plans, zip(*[iter(values)] * 4, strict=True))
        ]
        D = np.ascontiguousarray(drive, self.plans[0].dtype)
        states: list[list[np.ndarray | None]] = [[None] * len(stages)]  # before each segment, of each layer
        B, last = self.batch.shape[0], stages[-1]
        out = np.empty((B, self.batch.shape[1], last.arrays.table.shape[1]), last.plan.dtype)
        for first, end in self.ends:
            after = [np.empty((B, PENDING + s.plan.most, s.arrays.table.shape[1]), s.plan.dtype) for s in stages]
            went = self._ahead(stages, D, first, end, states[-1], after)[-1]
            out[:, first:end] = went.s if last.plan.spikes else went.u
            states.append(list(after))
        states.pop()

        def back(g: Any, needed: Any) -> Any:
            return self._behind(stages, x, D, states, g, needed)

        return out, back

    def _ahead(self, stages: list[Stage], D: Any, first: int, end: int, before: Any, after: Any) -> list[Through]:
        """Go through the steps first ... end - 1, all layers."""
        found: list[Through] = []
        batch = self.batch.between(first, end)
        for k, stage in enumerate(stages):
            drive = _part(D, first, end) if k == 0 else np.zeros((len(batch), 1, stage.arrays.table.shape[1]), D.dtype)
            u, s = stage.plan.ahead(stage.arrays, batch, drive, before[k], after[k])
            found.append(Through(batch, u, s))
            if k + 1 < len(stages):
                batch = SpikeBatch.from_dense(s)
        return found

    def _behind(self, stages: list[Stage], x: Any, D: np.ndarray, states: Any, g: Any, needed: Any) -> list[Any]:
        B = len(self.batch)
        found: list[Any] = [np.zeros(self.batch.shape, D.dtype) if needed[0] else None, np.zeros_like(D)]
        found += [None] * (4 * len(stages))
        sizes = [(B, stage.plan.most + 1, stage.arrays.table.shape[1]) for stage in stages]
        gJ = [np.zeros(size, D.dtype) for size in sizes]
        carry = [np.zeros((B, 2, size[2]), D.dtype) for size in sizes]
        for (first, end), before in zip(reversed(self.ends), reversed(states)):
            went = self._ahead(stages, D, first, end, before, [None] * len(stages))
            above = g[:, first:end]
            for k in range(len(stages) - 1, -1, -1):
                stage, (batch, u, s) = stages[k], went[k]
                incoming = went[k - 1].s if k else x[:, first:end] if np.ndim(x) == 3 else x
                drive = _part(D, first, end) if k == 0 else np.zeros((B, 1, sizes[k][2]), D.dtype)
                own = needed[2 + 4 * k : 6 + 4 * k]
                asked = [k > 0 or needed[0], own[0], own[1], own[2], k == 0 and needed[1], own[3]]
                by, reached = stage.plan.behind(
                    stage.arrays, batch, incoming, stage.delay, drive, u, s, above, asked,
                    Later(first, before[k], carry[k], gJ[k]),
                )  # fmt: skip
                if reached.size:
                    gJ[k] = reached[:, : sizes[k][1]].copy()
                above, weight, delay, recurrent, current, table = by
                for place, more in enumerate((weight, delay, recurrent, table), 2 + 4 * k):
                    if more is not None:
                        found[place] = more if found[place] is None else found[place] + more
                if current is not None:
                    _part(found[1], first, end)[...] += current
            if needed[0]:
                found[0][:, first:end] = above
        return found


def _part(D: np.ndarray, first: int, end: int) -> np.ndarray:
    """The currents of some steps; one for all the time is that of each."""
    return D if D.shape[1] == 1 else D[:, first:end]
