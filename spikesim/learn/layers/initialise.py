"""Where networks start: random weights by named schemes, from a seed.

| scheme         | law of the weights of a layer with n_in inputs and n_out outputs |
| -------------- | --- |
| ``default``    | U(-1/sqrt(n_in), 1/sqrt(n_in)), the biases too: PyTorch's, and so chapter 5's |
| ``glorot``     | U(-a, a), a = sqrt(6 / (n_in + n_out)) (Glorot and Bengio 2010) |
| ``he``         | N(0, 2 / n_in) (He et al. 2015) |
| ``normal``     | N(0, 1) |
| ``orthogonal`` | a matrix with orthonormal rows or columns (Saxe et al. 2014) |
| ``zeros``      | 0 |
"""

from __future__ import annotations

import numpy as np

from ...errors import InvalidValueError, UnknownNameError, did_you_mean
from ...keywords import named

__all__ = ["SCHEMES", "draw", "generator", "manual_seed"]

SCHEMES = ("default", "glorot", "he", "normal", "orthogonal", "zeros")
_stream = np.random.default_rng(0)  # the same networks in every process, until another seed is asked for


@named
def manual_seed(seed: int) -> None:
    """Start the stream again that layers without a seed of their own draw from (affects layers made
    afterwards).

    Parameters
    ----------
    seed : int
        Of the stream.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.manual_seed(5)
    >>> first = learn.rand(3).tolist()
    >>> learn.manual_seed(5)
    >>> learn.rand(3).tolist() == first
    True
    """
    global _stream
    _stream = _seeded(seed)


def generator(seed: int | None) -> np.random.Generator:
    """Return the random generator of a layer: its own for a seed, else the common stream of
    :func:`manual_seed`."""
    return _stream if seed is None else _seeded(seed)


def _seeded(seed: int) -> np.random.Generator:
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise InvalidValueError(f"seed = {seed!r}, wanted a whole number >= 0") from None


def draw(scheme: str, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return a weight matrix (n_out, n_in) drawn by `scheme`."""
    n_out, n_in = shape
    if scheme == "default":
        return rng.uniform(-1.0, 1.0, shape) / np.sqrt(n_in)
    if scheme == "glorot":
        return rng.uniform(-1.0, 1.0, shape) * np.sqrt(6.0 / (n_in + n_out))
    if scheme == "he":
        return rng.normal(0.0, np.sqrt(2.0 / n_in), shape)
    if scheme == "normal":
        return rng.normal(size=shape)
    if scheme == "orthogonal":
        q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
        q = q * np.sign(np.diag(r))
        return np.ascontiguousarray(q if n_out >= n_in else q.T)
    if scheme == "zeros":
        return np.zeros(shape)
    raise UnknownNameError(f"Linear: init={scheme!r} is no scheme{did_you_mean(scheme, SCHEMES)}")
