"""The fused pass of a layer as one operation on the tape: forward through time, and back.

Arguments: what comes in (spikes or a current), weights (n, n_in), delays, recurrent weights (n, n), the table of
coefficients (ROWS, n).  Memory of a batch: 2 B T n numbers forward (u and S), 2 B T n more during the backward pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .backward import CHUNK, hand_down, retreat, shift_delays, weigh
from .buffers import Buffers
from .forward import advance
from .spike_batch import SpikeBatch
from .step import ROWS
from .surrogate import Surrogate
from .threads import shared

__all__ = ["Pass"]

TARGETS = 32  #: targets of a share of `weigh`: two cache lines
BUFFERS = Buffers()


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
    dtype: Any

    def __call__(self, batch: SpikeBatch, steps: int) -> Any:
        """Return forward(x, w, delay, wr, drive, c) -> (S or v, back); `x` is `batch`, as it stands on the tape."""

        def forward(x: Any, w: Any, delay: Any, wr: Any, drive: Any, c: Any) -> Any:
            kind = self.dtype
            n = c.shape[1]
            B = batch.shape[0]
            wT = np.ascontiguousarray(np.asarray(w, kind).T)
            wrT = np.ascontiguousarray(np.asarray(wr, kind).T)
            D = np.ascontiguousarray(drive, kind)
            table = np.ascontiguousarray(c, kind)
            amount = batch.amount.astype(kind, copy=False)
            events = (batch.ptr, batch.step, batch.unit, amount)
            u, s = BUFFERS.empty((B, steps, n), kind), BUFFERS.empty((B, steps, n), kind)
            work = B * steps * n
            shared(
                advance, B, *events, wT, self.d, D, table, self.t_ref, wrT, self.dr, u, s,
                threads=self.threads, work=work,
            )  # fmt: skip

            def back(g: Any, needed: Any) -> Any:
                g = np.ascontiguousarray(g, kind)
                gJ = BUFFERS.empty((B, steps if len(wT) or len(wrT) else 0, n), kind)
                gD = np.zeros_like(D)
                gc = np.zeros((-(-B // CHUNK), ROWS, n), kind)
                own_delay = int(self.dr[0, 0]) if len(wrT) and (self.dr == self.dr[0, 0]).all() else 0
                shared(
                    retreat, B, *events, wT, self.d, D, table, self.t_ref, wrT, self.dr, own_delay, u, s,
                    g, self.spikes, self.attached, self.surrogate.kind, kind(self.surrogate.scale),
                    self.per_width.astype(kind), self.cut, gJ, gD, gc, self.all_c,
                    threads=self.threads, work=work,
                )  # fmt: skip
                found: list[Any] = [None] * 6
                same = self._one_delay(len(wT))
                sent = _earlier(gJ, same) if same and x.ndim == 3 else None  # by the step of sending
                if needed[0]:
                    found[0] = (
                        self._below(wT, gJ, batch.shape, work)
                        if sent is None
                        else _product(sent.reshape(-1, n), wT.T).reshape(batch.shape)
                    )
                if sent is not None and not needed[2] and batch.size * (n + 40) * 2 > B * steps * len(wT) * n:
                    found[1] = sent.reshape(-1, n).T @ np.asarray(x, kind).reshape(-1, len(wT))
                elif needed[1] or needed[2]:
                    found[1], found[2] = self._weigh(B, events, wT, self.d, gJ, needed[2], delay, work)
                if needed[3]:
                    own = SpikeBatch.from_dense(s)
                    events_r = (own.ptr, own.step, own.unit, own.amount)
                    found[3] = self._weigh(B, events_r, wrT, self.dr, gJ, False, None, work)[0]
                if needed[4]:
                    found[4] = gD
                if needed[5]:
                    found[5] = gc.sum(axis=0)
                return found

            return (s if self.spikes else u), back

        return forward

    def _one_delay(self, n_in: int) -> int:
        """The delay of all synapses (steps), or 0 where they differ."""
        return int(self.d[0, 0]) if n_in and self.d.shape[1] == 1 and (self.d == self.d[0, 0]).all() else 0

    def _weigh(self, B: int, events: Any, wT: Any, d: Any, gJ: Any, delays: bool, delay: Any, work: int) -> Any:
        """The gradients of weights (n, n_in) and delays (in the shape of `delay`)."""
        n = gJ.shape[2]
        gw = np.zeros_like(wT)
        gd = np.zeros(wT.shape if delays else (0, n), wT.dtype)
        shared(weigh, n, B, *events, wT, d, gJ, gw, gd, threads=self.threads, work=work, side=TARGETS)
        if delays:
            gd /= self.step
            gd = gd.T if np.ndim(delay) == 2 else gd.sum(axis=1)
        return gw.T, gd

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
            _product(gJ.reshape(-1, gJ.shape[2]), wT.T).reshape(shape),
            out,
            threads=self.threads,
            work=work,
        )
        return out


def _earlier(g: np.ndarray, by: int) -> np.ndarray:
    """g[b, t + by], 0 beyond the end."""
    out = BUFFERS.empty(g.shape, g.dtype)
    last = max(0, g.shape[1] - by)
    out[:, :last] = g[:, by:]
    out[:, last:] = 0.0
    return out


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.matmul(a, b, out=BUFFERS.empty((len(a), b.shape[1]), a.dtype))
