"""Small tasks to learn: the notes' own, and two that spiking networks are compared on."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import all_named, named
from ..autodiff.tape import as_array
from .dataset import Dataset

__all__ = ["DiscreteMapping", "blood_sugar", "spirals", "xor", "yin_yang", "yin_yang_class"]


@all_named
class DiscreteMapping(Dataset):
    """Noisy copies of the rows of A, each with the row of B of the same number as target (section 5.1.2).

    Parameters
    ----------
    A : array_like
        Input vectors, shape (classes, inputs).
    B : array_like
        Target vectors, shape (classes, outputs); the notes take the identity.
    n : int
        Number of samples.
    noise : float
        Standard deviation of what is added to the inputs.
    seed : int
        Of the classes and the noise.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> x, t = learn.DiscreteMapping(np.eye(3), np.eye(3), n=10).arrays()
    >>> x.shape, t.shape
    ((10, 3), (10, 3))
    """

    def __init__(self, A: Any, B: Any, n: int = 300, noise: float = 0.1, seed: int = 0) -> None:
        a, b = as_array(A), as_array(B)
        if a.ndim != 2 or b.ndim != 2 or len(a) != len(b):
            raise InvalidValueError(
                f"DiscreteMapping: A of shape {a.shape}, B of {b.shape}; wanted one row a class in both"
            )
        self.n_classes, self.input_dim = a.shape
        rng = np.random.default_rng([seed, 0xD1])
        r = rng.integers(self.n_classes, size=n)
        super().__init__(a[r] + noise * rng.normal(size=(n, self.input_dim)), b[r].astype(np.float64))

    def plot(self, labels: Any = (), idx: tuple[int, int] = (0, 1), equal: bool = True, ax: Any = None) -> Any:
        """Scatter two input dimensions, coloured by class or by `labels` (class indices or output rows);
        return the Axes.

        Parameters
        ----------
        labels : array_like, optional
            Class indices or output rows; the classes unless given.
        idx : (int, int)
            Which two inputs.
        equal : bool
            Whether both axes have one scale.
        ax : Axes, optional
            Where to draw; a figure of its own unless given.

        Returns
        -------
        Axes
            Of the picture.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.DiscreteMapping(np.eye(3), np.eye(3), n=10).plot().get_xlabel()
        'input 0'
        """
        from ..plots import scatter

        x = self.arrays()[0]
        classes = self.classes().val if len(labels) == 0 else as_array(labels)
        classes = np.argmax(classes, axis=-1) if np.ndim(classes) == 2 else classes
        return scatter(x[:, idx[0]], x[:, idx[1]], classes, idx, equal, ax)


@named
def xor(repeat: int = 1, noise: float = 0.0, seed: int = 0) -> Dataset:
    """Return the XOR table of section 2.1: inputs (A, B), targets (4, 1) in {0, 1}; optionally repeated with
    noise.

    Parameters
    ----------
    repeat : int
        How often the table stands.
    noise : float
        Standard deviation of what is added to the inputs.
    seed : int
        Of what is drawn.

    Returns
    -------
    Dataset
        4 repeat samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.xor().arrays()[1].ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    table = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    x = np.tile(table, (repeat, 1))
    t = np.logical_xor(x[:, 0], x[:, 1]).astype(np.float64)[:, None]
    return Dataset(x + noise * np.random.default_rng([seed, 0x0A]).normal(size=x.shape), t)


@named
def blood_sugar(n: int = 6, seed: int = 0, noise: float = 0.095) -> Dataset:
    """Return n doses and blood-sugar levels, the data set of section 5.2.

    The notes' figure is lost; this law gives back its numbers: level = 0.35 + 0.9 dose + N(0, noise^2).  Up
    to ten doses stand evenly in [0.05, 0.95] with a jitter of 0.03 (the six samples to fit); more are uniform
    in [0, 1].

    Parameters
    ----------
    n : int
        Samples.
    seed : int
        Of what is drawn.
    noise : float
        Standard deviation of the levels.

    Returns
    -------
    Dataset
        Inputs and targets of shape (n, 1).

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.blood_sugar(6).arrays()[0].shape
    (6, 1)
    """
    rng = np.random.default_rng([seed, n, 0xB5])
    if n <= 10:
        dose = np.linspace(0.05, 0.95, n) + rng.normal(0.0, 0.03, n)
    else:
        dose = rng.uniform(0.0, 1.0, n)
    level = 0.35 + 0.9 * dose + rng.normal(0.0, noise, n)
    return Dataset(dose[:, None], level[:, None])


def yin_yang_class(xy: np.ndarray, r_small: float = 0.1, r_big: float = 0.5) -> np.ndarray:
    """Return the class of points (n, 2) of the disc: 0 yin, 1 yang, 2 dot."""
    right = np.hypot(xy[:, 0] - 1.5 * r_big, xy[:, 1] - r_big)
    left = np.hypot(xy[:, 0] - 0.5 * r_big, xy[:, 1] - r_big)
    yin = (right <= r_small) | ((left > r_small) & (left <= 0.5 * r_big)) | ((xy[:, 1] > r_big) & (right > 0.5 * r_big))
    return np.where((right < r_small) | (left < r_small), 2, np.where(yin, 1, 0))


@named
def yin_yang(n: int = 5000, seed: int = 0, r_small: float = 0.1, r_big: float = 0.5) -> Dataset:
    """Return the Yin-Yang data set (Kriener, Goeltz and Petrovici 2022): inputs (x, y, 1-x, 1-y), classes
    yin, yang, dot.

    Points are drawn evenly over the classes, as in the paper's generator.

    Parameters
    ----------
    n : int
        Samples.
    seed : int
        Of what is drawn.
    r_small, r_big : float
        Radii of the dots and of the disc.

    Returns
    -------
    Dataset
        Inputs (n, 4), classes (n,).

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.yin_yang(100).arrays()[0].shape
    (100, 4)
    """
    if not 0.0 < r_small < 0.5 * r_big < np.inf:
        raise InvalidValueError(f"yin_yang: r_small = {r_small!r}, r_big = {r_big!r}, wanted 0 < r_small < r_big / 2")
    rng = np.random.default_rng([seed, 0x1E])
    points = np.empty((n, 2))
    wanted = rng.integers(3, size=n)
    missing = np.arange(n)
    while missing.size:
        xy = rng.uniform(0.0, 2.0 * r_big, (missing.size, 2))
        kind = yin_yang_class(xy, r_small, r_big)
        good = (np.hypot(xy[:, 0] - r_big, xy[:, 1] - r_big) <= r_big) & (kind == wanted[missing])
        points[missing[good]] = xy[good]
        missing = missing[~good]
    return Dataset(np.concatenate([points, 1.0 - points], axis=1), wanted)


@named
def spirals(n: int = 300, classes: int = 2, turns: float = 1.5, noise: float = 0.03, seed: int = 0) -> Dataset:
    """Return intertwined spirals in the plane, one a class.

    Parameters
    ----------
    n : int
        Samples.
    classes : int
        Arms.
    turns : float
        Of each arm.
    noise : float
        Standard deviation of what is added to the inputs.
    seed : int
        Of what is drawn.

    Returns
    -------
    Dataset
        Inputs (n, 2), classes (n,).

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.spirals(90, classes=3).arrays()[0].shape
    (90, 2)
    """
    if not (classes >= 1 and np.isfinite(turns)):
        raise InvalidValueError(
            f"spirals: classes = {classes!r}, turns = {turns!r}, wanted one class, and a finite number"
        )
    rng = np.random.default_rng([seed, 0x59])
    kind = np.arange(n) % classes
    r = np.sqrt(rng.uniform(0.01, 1.0, n))
    angle = 2.0 * np.pi * (turns * r + kind / classes)
    xy = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)
    return Dataset(xy + noise * rng.normal(size=xy.shape), kind)
