"""Linear: z = x W^T + b, the notes' z = W x + b (section 1.7) for a batch of rows x.  Dropout: section 5.4.3.

Two conventions live in the notes: section 1.7 writes z = W x + b with W of shape (n_out, n_in), columns x;
from chapter 3 on, h W with rows h and W of shape (n_in, n_out).  Here, as in PyTorch and in the network
description of spikesim, the stored matrix is that of section 1.7 (row = target), and data are rows.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...keywords import all_named, named
from ..autodiff.tape import Var, apply, as_array
from .activation import floating
from .initialise import draw, generator
from .module import Module, Parameter

__all__ = ["Dropout", "Linear", "augmented"]


@all_named
class Linear(Module):
    """Connection weights and biases from `n_in` nodes to `n_out`.

    Parameters
    ----------
    n_in, n_out : int
        Numbers of nodes; ``weight`` has shape (n_out, n_in), ``bias`` (n_out,).
    bias : bool
        Whether there is a bias.
    init : str, optional
        Scheme of :mod:`spikesim.learn.layers.initialise`; by default ``"default"``, which the next activation in a
        Sequential may improve upon.
    seed : int, optional
        For weights of its own stream.
    dtype : dtype, optional
        Precision.  By default that of the first data that come through: a layer that first sees float32 is
        float32.
    in_features, out_features : int
        PyTorch's names of `n_in` and `n_out`.

    Examples
    --------
    >>> from spikesim import learn
    >>> layer = learn.Linear(2, 3, seed=1)
    >>> tuple(layer.weight.shape), tuple(layer([[1.0, 2.0]]).shape)
    ((3, 2), (1, 3))
    """

    arguments: tuple[str, ...] = ("n_in", "n_out")
    repeatable = True

    def __init__(
        self,
        n_in: int | None = None,
        n_out: int | None = None,
        bias: bool = True,
        init: str | None = None,
        seed: int | None = None,
        dtype: Any = None,
        *,
        in_features: int | None = None,
        out_features: int | None = None,
    ) -> None:
        n_in, n_out = _either("Linear: n_in", n_in, in_features), _either("Linear: n_out", n_out, out_features)
        for name, n in (("n_in", n_in), ("n_out", n_out)):
            if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
                raise InvalidValueError(f"Linear: {name} must be a positive whole number, got {n!r}")
        self.n_in, self.n_out, self.has_bias, self.init = int(n_in), int(n_out), bool(bias), init
        self.settled = dtype is not None
        self.rng = generator(seed)
        self.weight = Parameter(np.zeros((n_out, n_in)), dtype=dtype)
        self.bias = Parameter(np.zeros(n_out), dtype=dtype) if bias else None
        if not bias:
            self.arguments = ("n_in", "n_out", "has_bias")
        self.restart(init or "default")

    @property
    def in_features(self) -> int:
        """PyTorch's name of `n_in`."""
        return self.n_in

    @property
    def out_features(self) -> int:
        """PyTorch's name of `n_out`."""
        return self.n_out

    def restart(self, scheme: str) -> None:
        """Draw weights and biases again; the biases are 0 but for the scheme ``default``.

        Parameters
        ----------
        scheme : str
            Of :mod:`spikesim.learn.layers.initialise`, such as "he".

        Examples
        --------
        >>> from spikesim import learn
        >>> layer = learn.Linear(2, 3, seed=1)
        >>> layer.restart("he")
        >>> float(abs(layer.bias.val).max())
        0.0
        """
        self.weight.val = draw(scheme, (self.n_out, self.n_in), self.rng)
        self.drawn = zlib.crc32(self.weight._val.tobytes())
        if self.bias is not None:
            self.bias.val = (
                self.rng.uniform(-1, 1, self.n_out) / np.sqrt(self.n_in)
                if scheme == "default"
                else 0.0 * self.bias._val
            )

    @property
    def untouched(self) -> bool:
        """Whether the weights are still those of the default draw, so that a better scheme may replace them."""
        return self.init is None and self.drawn == zlib.crc32(np.ascontiguousarray(self.weight._val).tobytes())

    def forward(self, x: Any) -> Var:
        dtype = x.dtype if isinstance(x, (Var, np.ndarray)) else np.asarray(x).dtype
        if not self.settled:
            if dtype == np.float32:
                self.astype(np.float32)
            self.settled = True
        if dtype.kind not in "fiub":
            raise InvalidTypeError(
                f"Linear({self.n_in}, {self.n_out}): input of dtype {dtype}, wanted real numbers; convert it with"
                " astype(float)"
            )
        if dtype.kind != "f":
            x = np.asarray(as_array(x), dtype=self.weight.dtype)
        elif not isinstance(x, (Var, np.ndarray)):
            x = np.asarray(x)
        shape = (x._val if isinstance(x, Var) else x).shape  # a Tensor would make a Size of it
        if not shape or shape[-1] != self.n_in:
            raise InvalidValueError(
                f"Linear({self.n_in}, {self.n_out}): input of shape {tuple(shape)}, wanted (..., {self.n_in});"
                " one sample a row, its features along the last axis"
            )
        if self.bias is None:
            return apply("linear", x, self.weight)
        return apply("linear", x, self.weight, self.bias)


def _either(name: str, ours: Any, other: Any) -> Any:
    """Return a number that has two names, given by one of them."""
    if ours is not None and other is not None:
        raise InvalidTypeError(f"{name} = {ours!r} is given by PyTorch's name too, {other!r}; give one")
    return other if ours is None else ours


@all_named
class Dropout(Module):
    """d(h) = {h}_alpha / (1 - alpha): each node is dropped with probability alpha while training (section
    5.4.3).

    The masks are a function of (seed, number of the call), so that a resumed training draws what it would
    have drawn.

    Parameters
    ----------
    alpha : float
        Probability in [0, 1); 0.5 unless given.
    seed : int, optional
        Seed of the masks.
    p : float
        PyTorch's name of `alpha`.

    Examples
    --------
    >>> from spikesim import learn
    >>> layer = learn.Dropout(0.5, seed=1)
    >>> layer.eval()([1.0, 2.0])
    [1.0, 2.0]
    """

    arguments: tuple[str, ...] = ("alpha",)

    def __init__(self, alpha: float | None = None, seed: int | None = None, *, p: float | None = None) -> None:
        alpha = _either("Dropout: alpha", alpha, p)
        alpha = 0.5 if alpha is None else alpha
        if not (isinstance(alpha, (int, float, np.number)) and 0.0 <= alpha < 1.0):
            raise InvalidValueError(f"Dropout: alpha = {alpha!r}, wanted a probability in [0, 1)")
        self.alpha = float(alpha)
        self.seed = int(generator(seed).integers(2**31)) if seed is None else int(seed)
        self.calls = 0

    def forward(self, h: Any) -> Any:
        """Return the activities, some of them 0 and the others scaled up.

        Parameters
        ----------
        h : array_like, Var or Tensor
            Activities.

        Returns
        -------
        Var or `h`
            `h` itself where nothing is dropped.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> sorted(set(learn.Dropout(0.5, seed=1).forward(learn.Var(np.ones(100))).tolist()))
        [0.0, 2.0]
        """
        if not self.training or self.alpha == 0.0:
            return h
        rng = np.random.Generator(np.random.SFC64([self.seed, self.calls]))
        self.calls += 1
        h = floating(h)
        values = as_array(h)
        kept = np.greater_equal(rng.random(values.shape, dtype=np.float32), self.alpha)
        return apply("multiply", h, kept.astype(values.dtype) / values.dtype.type(1.0 - self.alpha))


@named
def augmented(weight: Any, bias: Any) -> np.ndarray:
    """Return (W, b) side by side, so that W x + b = (W, b) (x; 1) (section 1.7).

    Parameters
    ----------
    weight, bias : array_like
        Shapes (M, N) and (M,).

    Returns
    -------
    ndarray
        Shape (M, N + 1).

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.augmented([[1.0, 2.0]], [3.0]).tolist()
    [[1.0, 2.0, 3.0]]
    """
    w, b = as_array(weight), as_array(bias)
    if w.ndim != 2 or b.shape != w.shape[:1]:
        raise InvalidTypeError(f"augmented: weight {w.shape} and bias {b.shape}, wanted (M, N) and (M,)")
    return np.concatenate([w, b[:, None]], axis=1)
