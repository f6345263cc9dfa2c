"""The compiled passes of learning against NumPy.  Truths: the same text run on whole arrays; the textbook formula."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from spikesim import learn
from spikesim.jit import JIT
from spikesim.learn.autodiff.cross_entropy import cross_entropy, cross_entropy_slope
from spikesim.learn.train import updates

UPDATES = [name for name in updates.__all__ if name != "run"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", UPDATES)
def test_compiled_updates_have_the_bits_of_numpy(name, dtype):
    """No fused multiply-add, no other precision: a resumed or a hand-written training is the same to the bit."""
    update = getattr(updates, name)
    text = getattr(update, "py_func", update)
    names = list(inspect.signature(text).parameters)
    averages = [n for n in names if n in ("V", "G", "m", "v")]
    rng = np.random.default_rng(1)
    arrays = [rng.random(1003).astype(dtype) for _ in ("value", "g", *averages)]
    scalars = tuple(rng.uniform(0.1, 0.9, len(names) - len(arrays)))
    mine, plain = [a.copy() for a in arrays], [a.copy()[None] for a in arrays]
    updates.run(update, mine[0], mine[1], mine[2:], scalars)
    inspect.unwrap(text)(*plain, *[dtype(s) for s in scalars])
    assert not np.array_equal(mine[0], arrays[0])
    for a, b in zip(mine, plain):
        assert np.array_equal(a, b[0])


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_precisions_that_the_compiler_does_not_know_learn_too(dtype):
    theta = learn.Var(np.array([1.0, -2.0]), dtype=dtype)
    optimizer = learn.Adam([theta], lr=0.1)
    for _ in range(100):
        optimizer.zero_grad()
        (theta * theta).sum().backward()
        optimizer.step()
    assert theta.val.dtype == dtype and np.abs(theta.val).max() < 0.2
    z = np.random.default_rng(1).normal(size=(5, 3)).astype(dtype)
    losses, p = cross_entropy(z, np.array([0, 1, 2, 0, 1]))
    assert losses.dtype == p.dtype == dtype and np.allclose(p.sum(axis=1), 1.0, atol=2e-3)


@pytest.mark.parametrize("shape", [(7, 5), (2, 3, 4), (6,), (0, 3), (4, 1)])
def test_cross_entropy_is_the_textbooks(shape):
    """-ln(e^z_c / sum e^z) and p - t, written out; rows that are not contiguous too."""
    rng = np.random.default_rng(2)
    z = np.asfortranarray(rng.normal(size=shape))
    classes = rng.integers(0, shape[-1], shape[:-1])
    losses, p = cross_entropy(z, classes)
    expected = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    t = np.eye(shape[-1])[classes]
    assert np.allclose(p, expected, rtol=1e-13) and np.allclose(
        losses, -np.log((expected * t).sum(axis=-1)), rtol=1e-12
    )
    s = rng.random(shape[:-1])
    assert np.allclose(cross_entropy_slope(s, p, z, classes), s[..., None] * (expected - t), atol=1e-15)


def test_cross_entropy_of_what_is_not_finite_is_not_finite():
    for bad in (np.nan, np.inf):
        z = np.zeros((2, 3))
        z[1, 2] = bad
        with np.errstate(all="ignore"):
            losses, _ = cross_entropy(z, np.array([0, 0]))
        assert np.isfinite(losses[0]) and not np.isfinite(losses[1]), JIT
