"""The linear nodes of NIR as matrices: y = M x + b, with x and y flattened (C order).

Conv1d, Conv2d and the pools follow PyTorch: y[o, p] = b[o] + sum_i,k w[o, i, k] x[i, stride p + dilation k - padding];
an average counts the padding.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import FileFormatError
from ...machine import require_memory

__all__ = ["LINEAR", "matrix_of"]

LINEAR = ("Affine", "Linear", "Scale", "Conv1d", "Conv2d", "SumPool2d", "AvgPool2d", "Flatten")
Shape = tuple[int, ...]


def matrix_of(name: str, node: Any, shape: Shape) -> tuple[Any, np.ndarray, Shape]:
    """Return (M sparse, b, shape of y) of a linear node for inputs of a shape."""
    import scipy.sparse as sparse

    kind, n = type(node).__name__, int(np.prod(shape))
    if kind in ("Affine", "Linear"):
        weight = np.asarray(node.weight, np.float64)
        if weight.ndim != 2 or weight.shape[1] != n:
            raise FileFormatError(f"NIR: {name!r}: weight of shape {weight.shape} for inputs of shape {shape}")
        bias = np.asarray(node.bias, np.float64).ravel() if kind == "Affine" else np.zeros(len(weight))
        return sparse.csr_array(weight), _sized(name, bias, len(weight)), (len(weight),)
    if kind == "Scale":
        return sparse.diags_array(_sized(name, np.ravel(node.scale), n)).tocsr(), np.zeros(n), shape
    if kind == "Flatten":
        return sparse.eye_array(n, format="csr"), np.zeros(n), (n,)
    if kind in ("SumPool2d", "AvgPool2d"):
        size, stride, rim = (_pair(getattr(node, key)) for key in ("kernel_size", "stride", "padding"))
        value = 1.0 if kind == "SumPool2d" else 1.0 / (size[0] * size[1])
        channels = _image(name, shape)[0]
        kernel = np.full((channels, 1, *size), value)
        return _convolution(name, shape, kernel, np.zeros(channels), stride, rim, (1, 1), channels)
    kernel, bias = np.asarray(node.weight, np.float64), np.ravel(np.asarray(node.bias, np.float64))
    stride, dilation, groups = node.stride, node.dilation, int(np.ravel(node.groups)[0])
    padding: Any = node.padding.decode() if isinstance(node.padding, bytes) else node.padding
    if kind == "Conv1d":  # an image of one row
        kernel, shape = kernel[:, :, None, :], (shape[0], 1, *shape[1:])
        stride, dilation = (1, *np.ravel(stride)), (1, *np.ravel(dilation))
        padding = padding if isinstance(padding, str) else (0, *np.ravel(padding))
    spread = _pair(dilation)
    if isinstance(padding, str):
        reach = [d * (k - 1) for d, k in zip(spread, kernel.shape[2:])]
        around: Any = (0, 0) if padding == "valid" else tuple(r / 2 for r in reach)
    else:
        around = _pair(padding)
    matrix, b, out = _convolution(name, shape, kernel, bias, _pair(stride), around, spread, groups)
    return matrix, b, (out[0], *out[2:]) if kind == "Conv1d" else out


def _sized(name: str, values: Any, n: int) -> np.ndarray:
    """One number for all, or one each."""
    found = np.asarray(values, np.float64)
    if found.size not in (1, n):
        raise FileFormatError(f"NIR: {name!r}: {found.size} values for {n}")
    return np.broadcast_to(found, (n,)).copy()


def _pair(value: Any) -> tuple[Any, Any]:
    flat = np.ravel(value).tolist()
    return (flat[0], flat[-1])


def _image(name: str, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise FileFormatError(f"NIR: {name!r}: wanted inputs of shape (channels, height, width), got {shape}")
    return shape


def _convolution(
    name: str, shape: Shape, kernel: np.ndarray, bias: np.ndarray, stride: Any, padding: Any, dilation: Any, groups: int
) -> tuple[Any, np.ndarray, Shape]:
    import scipy.sparse as sparse

    channels, height, width = _image(name, shape)
    out, inside, *size = kernel.shape
    if kernel.ndim != 4 or groups < 1 or out % groups or inside * groups != channels:
        raise FileFormatError(f"NIR: {name!r}: kernel of shape {kernel.shape} in {groups} groups for inputs {shape}")
    reach = [d * (k - 1) for d, k in zip(dilation, size)]
    left = [int(np.floor(p)) for p in padding]  # "same" of an even kernel: one more at the end
    total = [round(2 * p) for p in padding]
    rows, columns = (
        int((n + t - r - 1) // s + 1) for n, t, r, s in zip((height, width), total, reach, stride)
    )  # fmt: skip
    if rows < 1 or columns < 1:
        raise FileFormatError(f"NIR: {name!r}: a kernel of {size} does not fit into inputs of shape {shape}")
    require_memory({f"the matrix of {name}": 24.0 * out * inside * size[0] * size[1] * rows * columns})
    o, i, a, b, r, c = np.ogrid[:out, :inside, : size[0], : size[1], :rows, :columns]
    y, x = stride[0] * r + dilation[0] * a - left[0], stride[1] * c + dilation[1] * b - left[1]
    channel = i + (o // (out // groups)) * inside
    parts = [(o * rows + r) * columns + c, (channel * height + y) * width + x, kernel[..., None, None]]
    valid = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    *parts, valid = np.broadcast_arrays(*parts, valid)
    target, source, value = (part[valid] for part in parts)
    shape2 = (out * rows * columns, channels * height * width)
    matrix = sparse.coo_array((value, (target, source)), shape=shape2).tocsr()
    return matrix, np.repeat(_sized(name, bias, out), rows * columns), (out, rows, columns)
