"""Convolution and pooling: layers whose units see a window of the image by common weights (LeCun et al. 1998)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import all_named, verbs_named
from ...machine import require_memory
from ..autodiff.tape import Var, apply, constant
from .initialise import generator
from .module import Module, Parameter

__all__ = ["AvgPool2d", "Conv1d", "Conv2d", "Flatten", "MaxPool2d"]


def _whole(where: str, least: int, **values: Any) -> None:
    for name, n in values.items():
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < least:
            raise InvalidValueError(f"{where}: {name} = {n!r}, wanted a whole number >= {least}")


def _images(where: str, x: Any, ndim: int, channels: int | None, window: int) -> Var:
    """Return images as a Var of (N, C, [H,] W), checked."""
    x = x if isinstance(x, Var) else constant(np.asarray(x))
    if x.dtype.kind not in "fiub":
        raise InvalidTypeError(f"{where}: input of dtype {x.dtype}, wanted real numbers")
    wanted = "(N, C, H, W)" if ndim == 4 else "(N, C, L)"
    if x.ndim != ndim or (channels is not None and x.shape[1] != channels):
        raise InvalidValueError(
            f"{where}: input of shape {tuple(x.shape)}, wanted {wanted}"
            + ("" if channels is None else f" with C = {channels}")
        )
    if min(x.shape[2:]) < window:
        raise InvalidValueError(f"{where}: an input of {tuple(x.shape[2:])} is smaller than the window of {window}")
    return x if x.dtype.kind == "f" else constant(np.asarray(x._val, dtype=np.float64))


@all_named
class Conv2d(Module):
    """Convolution of images (N, C, H, W) with windows of k x k: y of shape (N, n_out, H', W'), H' = (H + 2p - k)/s + 1.

    Parameters
    ----------
    n_in, n_out : int
        Channels of the input and of the output; ``weight`` has shape (n_out, n_in, k, k), ``bias`` (n_out,).
    kernel_size : int
        Side k of the window.
    stride, padding : int
        Step s of the window, and zeros p put around the image.
    bias : bool
        Whether there is a bias.
    seed : int, optional
        For weights of its own stream; they start as U(+-1/sqrt(n_in k k)).

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.Conv2d(1, 6, 5, padding=2)(np.zeros((2, 1, 28, 28))).shape)
    (2, 6, 28, 28)
    """

    arguments: tuple[str, ...] = ("n_in", "n_out", "kernel_size", "stride", "padding")
    repeatable = True
    dimensions = 2

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        seed: int | None = None,
    ) -> None:
        name = type(self).__name__
        _whole(name, 1, n_in=n_in, n_out=n_out, kernel_size=kernel_size, stride=stride)
        _whole(name, 0, padding=padding)
        self.n_in, self.n_out, self.kernel_size = int(n_in), int(n_out), int(kernel_size)
        self.stride, self.padding, self.has_bias, self.settled = int(stride), int(padding), bool(bias), False
        rng = generator(seed)
        shape = (self.n_out, self.n_in, *(self.kernel_size,) * self.dimensions)
        reach = 1.0 / np.sqrt(np.prod(shape[1:]))
        self.weight = Parameter(rng.uniform(-reach, reach, shape))
        self.bias = Parameter(rng.uniform(-reach, reach, self.n_out)) if bias else None
        if not bias:
            self.arguments = (*self.arguments, "has_bias")

    def _require_memory(self, x: Var, rows: int) -> None:
        """Refuse an image that is too large with the zeros around it."""
        size = 8.0 * rows * (x.shape[-1] + 2 * self.padding) * x.shape[0] * self.n_in
        require_memory({f"{type(self).__name__}: an input with padding = {self.padding}": size}, remedy="pad it less")

    def _settle(self, x: Var) -> None:
        """A layer that first sees float32 is float32, as Linear."""
        if not self.settled:
            if x.dtype == np.float32:
                self.astype(np.float32)
            self.settled = True

    def forward(self, x: Any) -> Var:
        x = _images(type(self).__name__, x, 4, self.n_in, self.kernel_size - 2 * self.padding)
        self._require_memory(x, x.shape[2] + 2 * self.padding)
        self._settle(x)
        learnt = (self.weight,) if self.bias is None else (self.weight, self.bias)
        return apply("conv2d", x, *learnt, stride=self.stride, padding=self.padding)


@all_named
class Conv1d(Conv2d):
    """Convolution of series (N, C, L) with windows of k: y of shape (N, n_out, L').

    Parameters are those of :class:`Conv2d`; ``weight`` has shape (n_out, n_in, k).

    Parameters
    ----------
    n_in, n_out : int
        Channels.
    kernel_size : int
        k.
    stride : int
        From one window to the next.
    padding : int
        Zeros at both ends.
    bias : bool
        Whether there is one.
    seed : int, optional
        For weights of its own stream.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.Conv1d(2, 4, 3, seed=1)(np.zeros((5, 2, 10))).shape)
    (5, 4, 8)
    """

    dimensions = 1
    repeatable = True

    def forward(self, x: Any) -> Var:
        x = _images("Conv1d", x, 3, self.n_in, self.kernel_size - 2 * self.padding)
        self._require_memory(x, 1)
        self._settle(x)
        if self.padding:
            edge = np.zeros((x.shape[0], x.shape[1], self.padding), x.dtype)
            x = apply("concatenate", edge, x, edge, axis=2)
        flat = x.reshape(x.shape[0], x.shape[1], 1, x.shape[2])
        weight = self.weight.reshape(self.n_out, self.n_in, 1, self.kernel_size)
        learnt = (weight,) if self.bias is None else (weight, self.bias)
        y = apply("conv2d", flat, *learnt, stride=1, padding=0)
        return y.reshape(y.shape[0], y.shape[1], y.shape[3])[:, :, :: self.stride]


@all_named
class MaxPool2d(Module):
    """The largest entry of every window of k x k of (N, C, H, W).

    Parameters
    ----------
    kernel_size : int
        k.
    stride : int, optional
        From one window to the next; k unless given.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.MaxPool2d(2)(np.zeros((1, 3, 8, 8))).shape)
    (1, 3, 4, 4)
    """

    arguments: tuple[str, ...] = ("kernel_size", "stride")
    repeatable = True

    def __init__(self, kernel_size: int, stride: int | None = None) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        _whole(type(self).__name__, 1, kernel_size=self.kernel_size, stride=self.stride)

    def forward(self, x: Any) -> Var:
        x = _images(type(self).__name__, x, 4, None, self.kernel_size)
        return apply("max_pool2d", x, k=self.kernel_size, stride=self.stride)


@all_named
class AvgPool2d(MaxPool2d):
    """The mean of every window of k x k of (N, C, H, W); windows do not overlap (stride k).

    Parameters
    ----------
    kernel_size : int
        k.
    stride : int, optional
        From one window to the next; k, and nothing else.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.AvgPool2d(2)(np.zeros((1, 3, 8, 8))).shape)
    (1, 3, 4, 4)
    """

    repeatable = True

    def __init__(self, kernel_size: int, stride: int | None = None) -> None:
        super().__init__(kernel_size, stride)
        if self.stride != self.kernel_size:
            raise InvalidValueError(f"AvgPool2d: stride = {stride!r}, wanted that of the window, {kernel_size}")

    def forward(self, x: Any) -> Var:
        k = self.kernel_size
        x = _images("AvgPool2d", x, 4, None, k)
        n, c, h, w = x.shape
        if h % k or w % k:
            x = x[:, :, : h - h % k, : w - w % k]
        return x.reshape(n, c, h // k, k, w // k, k).mean(axis=(3, 5))


@verbs_named
class Flatten(Module):
    """Every sample as one row: (N, ...) to (N, n).

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.Flatten()(np.zeros((5, 3, 8, 8))).shape)
    (5, 192)
    """

    repeatable = True

    def forward(self, x: Any) -> Var:
        x = x if isinstance(x, Var) else constant(np.asarray(x))
        return x.reshape(x.shape[0], -1)
