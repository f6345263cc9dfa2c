"""The fused pass of a layer as one operation on the tape: forward through time, and back.

Arguments: what comes in (spikes or a current), weights (n, n_in), delays, recurrent weights (n, n), the table of
coefficients (ROWS, n).  Memory of a batch: 2 B T n numbers forward (u and S), 2 B T n more during the backward pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .backward import CHUNK, hand_down, retreat, shift_delays, weigh
from .buffers import BUFFERS
from .forward import PENDING, advance
from .independent import descend
from .spike_batch import SpikeBatch
from .step import ROWS
from .surrogate import Surrogate
from .threads import shared
from .turn import turned

__all__ = ["Arrays", "Later", "Pass"]

TARGETS = 32  #: targets of a share of `weigh`: two cache lines


class Arrays(NamedTuple):
    """What the kernels take of a layer: weights by source, recurrent weights by source, the table of coefficients."""

    wT: np.ndarray
    wrT: np.ndarray
    table: np.ndarray


class Later(NamedTuple):
    """What the backward pass of steps t_0 ... has from those after them."""

    t_0: int
    begin: np.ndarray | None  # the state before t_0, as `advance` takes it
    carry: np.ndarray  # (B, 2, n): dL/d(v, f) after the last of the steps; that before the first is written there
    gJ: np.ndarray  # (B, D + 1, n): of the steps that follow


@dataclass(frozen=True)
class Pass:
    """How a layer is gone through."""

    surrogate: Surrogate
    per_width: np.ndarray
    attached: bool
    cut: int
    spikes: bool
    t_ref: np.ndarray
    threads: int | None
    all_c: bool
    d: np.ndarray  # int32 (n_in, 1 or n), steps
    dr: np.ndarray  # int32 (n, 1 or n), steps
    step: float  # a step, in the unit of the delays
    unit: float  # of a weight
    dtype: Any
    by: np.ndarray  # of each step: what is handed up is sum_t by_t S[t]; without entries: S

    def __call__(self, batch: SpikeBatch) -> Any:
        """Return forward(x, w, delay, wr, drive, c) -> (S, its sum or v, back); `x` is `batch`, as on the tape."""

        def forward(x: Any, w: Any, delay: Any, wr: Any, drive: Any, c: Any) -> Any:
            layer = self.arrays(w, wr, c)
            D = np.ascontiguousarray(drive, self.dtype)
            felt = np.empty((len(batch) if self.by.size else 0, D.shape[2]), self.dtype)
            u, s = self.ahead(layer, batch, D, felt=felt)

            def back(g: Any, needed: Any) -> Any:
                return self.behind(layer, batch, x, delay, D, u, s, g, needed)[0]

            return (felt if self.by.size else s if self.spikes else u), back

        return forward

    def arrays(self, w: Any, wr: Any, c: Any) -> Arrays:
        """The weights by source, and the table, as the kernels take them."""
        wT, wrT = (turned(a, self.unit, self.dtype) for a in (w, wr))
        return Arrays(wT, wrT, np.ascontiguousarray(c, self.dtype))

    def ahead(
        self,
        layer: Arrays,
        batch: SpikeBatch,
        D: np.ndarray,
        begin: np.ndarray | None = None,
        end: Any = None,
        felt: Any = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Go forward; return v before the reset and the spikes, (B, T, n).

        `begin` and `end` are states before and after (see `forward`), of which the latter is written; None: the state
        at 0, and nobody asks.  `felt` (B, n) is written where sums are handed up; s has then no rows.
        """
        wT, wrT, table = layer
        D = np.ascontiguousarray(D)
        B, steps, n = batch.shape[0], batch.shape[1], table.shape[1]
        u, s = (BUFFERS.empty((rows, steps, n), self.dtype) for rows in (B, 0 if self.by.size else B))
        felt = np.empty((0, n), self.dtype) if felt is None else felt
        shared(
            advance, B, *self._events(batch), wT, self.d, D, table, self.t_ref, wrT, self.dr,
            self._or_none(begin, n), self._or_none(end, n), self.by, u, s, felt, threads=self.threads, work=u.size,
        )  # fmt: skip
        return u, s

    def behind(
        self, layer: Arrays, batch: SpikeBatch, x: Any, delay: Any, D: np.ndarray, u: np.ndarray, s: np.ndarray,
        g: Any, needed: Any, later: Later | None = None,
    ) -> tuple[list[Any], np.ndarray]:  # fmt: skip
        """Go back from g; return the derivatives by the arguments of `forward`, and g_J.

        `later`: what is known of the steps after these, where there are any; its `carry` is written.
        """
        kind, (wT, wrT, table) = self.dtype, layer
        (B, steps, n), work = u.shape, u.size
        g, D = np.ascontiguousarray(g, kind), np.ascontiguousarray(D)
        events = self._events(batch)
        dense = self._one_delay(len(wT)) and x.ndim == 3 and batch.size * (n + 40) * 2 > B * steps * len(wT) * n
        plain = later is None and not (dense or self.all_c or len(wrT) or D.shape[1] > 1)
        if plain and needed[1] and not (needed[0] or needed[2]) and self.d.shape[1] == 1:
            return self._independent(table, events, u, g, D.shape), np.empty(0, kind)
        begin, carry, t_0 = (None, None, 0) if later is None else (later.begin, later.carry, later.t_0)
        window = steps if later is None else steps + later.gJ.shape[1]
        gJ = BUFFERS.empty((B, window if len(wT) or len(wrT) else 0, n), kind)
        if later is not None and gJ.size:
            gJ[:, steps:] = later.gJ
        gD = BUFFERS.empty(D.shape, kind)
        gc = np.zeros((-(-B // CHUNK), ROWS, n), kind)
        own_delay = int(self.dr[0, 0]) if len(wrT) and (self.dr == self.dr[0, 0]).all() else 0
        shared(
            retreat, B, *events, wT, self.d, D, table, self.t_ref, wrT, self.dr, self._or_none(begin, n), own_delay, u,
            s, g, self.by, self.spikes, self.attached, self.surrogate.kind, kind(self.surrogate.factor),
            self.per_width.astype(kind), self.cut, t_0, self._or_none(carry, n), gJ, gD, gc, self.all_c,
            threads=self.threads, work=work,
        )  # fmt: skip
        found: list[Any] = [None] * 6
        same = self._one_delay(len(wT))
        sent = _earlier(gJ, same, steps) if same and x.ndim == 3 else None  # by the step of sending
        if needed[0]:
            found[0] = (
                self._below(wT, gJ, batch.shape, work)
                if sent is None
                else _product(sent.reshape(-1, n), wT.T).reshape(batch.shape)
            )
        if sent is not None and dense and not needed[2]:
            found[1] = sent.reshape(-1, n).T @ np.asarray(x, kind).reshape(-1, len(wT))
            found[1] *= kind(self.unit)
        elif needed[1] or needed[2]:
            found[1], found[2] = self._weigh(B, events, wT, self.d, gJ, needed[2], delay, work)
        if needed[3]:
            found[3] = self._weigh(B, self._events(SpikeBatch.from_dense(s)), wrT, self.dr, gJ, False, None, work)[0]
        if needed[4]:
            found[4] = gD
        if needed[5]:
            found[5] = gc.sum(axis=0)
        return found, gJ

    def _independent(self, table: np.ndarray, events: Any, u: np.ndarray, g: np.ndarray, shape: Any) -> list[Any]:
        """The derivatives by weights, current and table alone, of neurons that do not hear each other."""
        kind, (B, _, n) = self.dtype, u.shape
        gw, gD = BUFFERS.empty((len(self.d), n), kind), np.empty(shape, kind)
        gw.fill(0.0)
        gc = np.zeros((-(-B // CHUNK), ROWS, n), kind)
        shared(
            descend, n, B, *events, self.d, table, self.t_ref, u, g, self.by, self.spikes, self.attached,
            self.surrogate.kind, kind(self.surrogate.factor), self.per_width.astype(kind), self.cut, gw, gD, gc,
            threads=self.threads, work=u.size, side=TARGETS,
        )  # fmt: skip
        return [None, turned(gw, self.unit, kind), None, None, gD, gc.sum(axis=0)]

    def _events(self, batch: SpikeBatch) -> tuple[Any, ...]:
        return batch.ptr, batch.step, batch.unit, batch.amount.astype(self.dtype, copy=False)

    def _or_none(self, a: np.ndarray | None, n: int) -> np.ndarray:
        return np.empty((0, PENDING, n), self.dtype) if a is None else a

    def _one_delay(self, n_in: int) -> int:
        """The delay of all synapses (steps), or 0 where they differ."""
        return int(self.d[0, 0]) if n_in and self.d.shape[1] == 1 and (self.d == self.d[0, 0]).all() else 0

    def _weigh(self, B: int, events: Any, wT: Any, d: Any, gJ: Any, delays: bool, delay: Any, work: int) -> Any:
        """The gradients of weights (n, n_in) and delays (in the shape of `delay`)."""
        n = gJ.shape[2]
        gw = BUFFERS.empty(wT.shape, wT.dtype)
        gw.fill(0.0)
        gd = np.zeros(wT.shape if delays else (0, n), wT.dtype)
        shared(weigh, n, B, *events, wT, d, gJ, gw, gd, threads=self.threads, work=work, side=TARGETS)
        if delays:
            gd /= self.step
            gd = gd.T if np.ndim(delay) == 2 else gd.sum(axis=1)
        return turned(gw, self.unit, self.dtype), gd

    @property
    def most(self) -> int:
        """The longest delay (steps): for how long a spike may be on its way."""
        return max(int(a.max(initial=1)) for a in (self.d, self.dr))

    def _below(self, wT: np.ndarray, gJ: np.ndarray, shape: tuple[int, int, int], work: int) -> np.ndarray:
        """dL/dS of the layer below, where delays differ."""
        out = BUFFERS.empty(shape, gJ.dtype)
        if self.d.shape[1] > 1:
            shared(hand_down, shape[0], wT, self.d, gJ, out, threads=self.threads, work=work)
            return out
        shared(
            shift_delays,
            shape[0],
            self.d,
            _product(gJ.reshape(-1, gJ.shape[2]), wT.T).reshape(*gJ.shape[:2], -1),
            out,
            threads=self.threads,
            work=work,
        )
        return out


def _earlier(g: np.ndarray, by: int, steps: int) -> np.ndarray:
    """g[b, t + by] of the first steps, 0 beyond the end."""
    out = BUFFERS.empty((g.shape[0], steps, g.shape[2]), g.dtype)
    last = max(0, min(steps, g.shape[1] - by))
    out[:, :last] = g[:, by : by + last]
    out[:, last:] = 0.0
    return out


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.matmul(a, b, out=BUFFERS.empty((len(a), b.shape[1]), a.dtype))
