"""Rules of operations on whole arrays: sums and extrema, shapes and parts, joining."""

from __future__ import annotations

from typing import Any

import numpy as np

from .rule import Array, Rule, spread

__all__ = ["RULES"]


def _is_plain(s: Array) -> bool:
    return isinstance(s, (np.ndarray, np.generic, float, int))


def _reduction(s: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    if not _is_plain(s):
        return np.broadcast_to(spread(s, x, axis, keepdims), np.shape(x))
    result = np.empty(np.shape(x), s.dtype)
    result[...] = spread(s, x, axis, keepdims)
    return result


def _mean_value(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    total: Any = np.sum(x, axis=axis, keepdims=True) if keepdims else np.add.reduce(x, axis=axis)
    if not np.size(x):
        return np.full(np.shape(total), np.nan, np.result_type(total, np.float32))[()]
    return total / (np.size(x) // max(np.size(total), 1))


def _mean(s: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    if axis is None and isinstance(x, np.ndarray) and x.size:  # of most losses: the least there is to do
        result = np.empty(x.shape, x.dtype)
        result.fill(s.item() / x.size)
        return result
    return _reduction(s * (np.size(y) / max(np.size(x), 1)), y, x, axis, keepdims)


def _extremum(s: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    hit = x == spread(y, x, axis, keepdims)  # equal extrema share the derivative
    share = hit / np.sum(hit, axis=axis, keepdims=True)
    return spread(s, x, axis, keepdims) * share.astype(s.dtype)


def _prod(s: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Products of all the other entries, by running products from both ends: exact where entries are zero."""
    moved = np.reshape(x, -1) if axis is None else np.moveaxis(x, axis, -1)
    before, after = np.ones_like(moved), np.ones_like(moved)
    before[..., 1:] = np.cumprod(moved[..., :-1], axis=-1)
    after[..., :-1] = np.cumprod(moved[..., :0:-1], axis=-1)[..., ::-1]
    others = before * after
    others = others.reshape(np.shape(x)) if axis is None else np.moveaxis(others, -1, axis)
    return spread(s, x, axis, keepdims) * others


def _prod_again(s: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """The same for Vars: each product written out."""
    moved = np.reshape(x, -1) if axis is None else np.moveaxis(x, axis, -1)
    n = moved.shape[-1]
    others = np.stack([moved[..., [j for j in range(n) if j != k]].prod(axis=-1) for k in range(n)], axis=-1)
    others = others.reshape(np.shape(x)) if axis is None else np.moveaxis(others, -1, axis)
    return spread(s, x, axis, keepdims) * others


def _running(s: Array, y: Array, x: Array, axis: int) -> Array:
    back = (slice(None),) * (axis % np.ndim(x)) + (slice(None, None, -1),)
    return np.cumsum(s[back], axis=axis)[back]


def _put(s: Array, y: Array, x: Array, index: Any) -> Array:
    if not _is_plain(s):
        return s._apply("put", s, index=index, shape=np.shape(x))
    return _placed(s, index, np.shape(x))


def _placed(s: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Return zeros of `shape` with `s` added at `index`: an entry picked twice gets both."""
    result = np.zeros(shape, dtype=np.asarray(s).dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(k, (list, tuple, range, np.ndarray)) and np.asarray(k).dtype != bool for k in parts):
        np.add.at(result, index, s)
    else:
        result[index] = s
    return result


def _part(s: Array, y: Array, *parts: Array, axis: Any = 0, position: int = 0) -> Array:
    if axis is None:  # the parts were flattened
        start = sum(np.size(p) for p in parts[:position])
        return np.reshape(s[start : start + np.size(parts[position])], np.shape(parts[position]))
    axis = axis % np.ndim(parts[position])
    start = sum(np.shape(p)[axis] for p in parts[:position])
    return s[(slice(None),) * axis + (slice(start, start + np.shape(parts[position])[axis]),)]


def _layer(s: Array, y: Array, *parts: Array, axis: int = 0, position: int = 0) -> Array:
    return s[(slice(None),) * (axis % np.ndim(s)) + (position,)]


def _transposed(s: Array, y: Array, x: Array, axes: Any = None) -> Array:
    return np.transpose(s, None if axes is None else np.argsort([int(k) % np.ndim(x) for k in axes]))


# fmt: off
RULES: dict[str, Rule] = {
    "sum":        Rule(np.sum,  (_reduction,), values=False),
    "mean":       Rule(_mean_value, (_mean,), values=False),
    "prod":       Rule(np.prod, (_prod,), again=(_prod_again,)),
    "max":        Rule(np.max,  (_extremum,)),
    "min":        Rule(np.min,  (_extremum,)),
    "cumsum":     Rule(np.cumsum, (_running,), values=False),
    "broadcast_to": Rule(lambda x, shape: np.array(np.broadcast_to(x, shape)), (lambda s, y, x, shape: s,),
                         values=False),
    "reshape":    Rule(lambda x, shape: np.reshape(x, shape),
                       (lambda s, y, x, shape: np.reshape(s, np.shape(x)),), values=False),
    "transpose":  Rule(np.transpose, (_transposed,), "{}.T", values=False),
    "getitem":    Rule(lambda x, index: x[index], (_put,), values=False),
    "put":        Rule(lambda s, index, shape: _placed(s, index, shape), (lambda s, y, x, index, shape: s[index],),
                       values=False),
    "astype":     Rule(lambda x, dtype: np.asarray(x).astype(dtype),
                       (lambda s, y, x, dtype: s.astype(x.dtype if hasattr(x, "dtype") else float),), values=False),
    "concatenate": Rule(lambda *parts, axis=0: np.concatenate(parts, axis=axis), (_part,), variadic=True,
                        values=False),
    "stack":      Rule(lambda *parts, axis=0: np.stack(parts, axis=axis), (_layer,), variadic=True, values=False),
}
# fmt: on
