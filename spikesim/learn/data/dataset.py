"""Data in pairs (input, target), and batches of them (sections 5.1.2, 5.3, 6.3.1).

The protocol is the notes': a Dataset has ``__getitem__`` and ``__len__``.  One whose samples stand in arrays
also offers ``inputs()`` and ``targets()``, from which batches are cut without a loop over samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...errors import IndexRangeError, InvalidTypeError, InvalidValueError
from ...keywords import all_named, named
from ...kinds import typed
from ...scalars import real, whole_array
from ..autodiff.tape import Var, as_array
from ..autodiff.tensor import tensor

__all__ = ["DataLoader", "Dataset", "as_dataset", "split"]


@all_named
class Dataset:
    """Samples (x, t) held in two arrays; or a base for your own with ``__getitem__`` and ``__len__``.

    Parameters
    ----------
    inputs, targets : array_like
        Shapes (n, ...): one sample a row.  Targets are class indices (n,), one-hot rows, or values.

    Examples
    --------
    >>> from spikesim import learn
    >>> data = learn.Dataset([[1.0], [2.0], [3.0]], [0, 1, 0])
    >>> len(data), data[1][1].item()
    (3, 1)
    """

    def __init__(self, inputs: Any, targets: Any) -> None:
        self._x, self._t = np.asarray(as_array(inputs)), np.asarray(as_array(targets))
        if self._x.ndim == 0 or self._t.ndim == 0 or len(self._x) != len(self._t):
            raise InvalidValueError(
                f"Dataset: inputs of shape {self._x.shape}, targets of {self._t.shape}; wanted equal lengths"
            )

    def __len__(self) -> int:
        return len(self._x)

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        return self._x[index], self._t[index]

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all inputs and all targets as two arrays; a subclass with only the protocol is read, each time.

        Returns
        -------
        inputs : array, shape (n, ...)
            A sample a row.
        targets : array, shape (n, ...)
            A sample a row.

        Examples
        --------
        >>> from spikesim import learn
        >>> data = learn.Dataset([[1.0], [2.0], [3.0]], [0, 1, 0])
        >>> data.arrays()[0].shape
        (3, 1)
        """
        return (self._x, self._t) if self.in_arrays else _stacked(self, range(len(self)))

    @property
    def in_arrays(self) -> bool:
        """Whether the samples stand in two arrays; else each is asked for by ``self[k]``, whenever it is needed."""
        return hasattr(self, "_x") and type(self).__getitem__ is Dataset.__getitem__

    def batch(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return copies of the samples at `index`, stacked.

        Parameters
        ----------
        index : array of int, shape (m,)
            Which.

        Returns
        -------
        inputs : array, shape (m, ...)
            A sample a row.
        targets : array, shape (m, ...)
            A sample a row.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> data = learn.Dataset([[1.0], [2.0], [3.0]], [0, 1, 0])
        >>> data.batch(np.array([2, 0]))[0].tolist()
        [[3.0], [1.0]]
        """
        index = _places("batch", index, len(self))
        return (self._x[index], self._t[index]) if self.in_arrays else _stacked(self, index)

    def inputs(self) -> Var:
        """Return all inputs, one a row.

        Returns
        -------
        Tensor, shape (n, ...)
            A constant.

        Examples
        --------
        >>> from spikesim import learn
        >>> data = learn.Dataset([[1.0], [2.0], [3.0]], [0, 1, 0])
        >>> tuple(data.inputs().shape)
        (3, 1)
        """
        return tensor(self.arrays()[0])

    def targets(self) -> Var:
        """Return all targets, one a row.

        Returns
        -------
        Tensor, shape (n, ...)
            A constant.

        Examples
        --------
        >>> from spikesim import learn
        >>> data = learn.Dataset([[1.0], [2.0], [3.0]], [0, 1, 0])
        >>> data.targets().tolist()
        [0, 1, 0]
        """
        return tensor(self.arrays()[1])

    def classes(self) -> Var:
        """Return the class index of every sample: the target itself, or where its row is largest.

        Returns
        -------
        Tensor, shape (n,)
            Whole numbers.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.Dataset([[1.0], [2.0]], [[0.0, 1.0], [1.0, 0.0]]).classes().tolist()
        [1, 0]
        """
        t = self.arrays()[1]
        return tensor(t if t.dtype.kind in "iu" and t.ndim == 1 else np.argmax(t, axis=-1))

    def subset(self, index: Any) -> Dataset:
        """Return the samples at `index` as a Dataset.

        Parameters
        ----------
        index : array of int or bool, or slice
            Which.

        Returns
        -------
        Dataset
            Of those samples.

        Examples
        --------
        >>> from spikesim import learn
        >>> data = learn.Dataset([[1.0], [2.0], [3.0]], [0, 1, 0])
        >>> len(data.subset([0, 2]))
        2
        """
        places = index if isinstance(index, slice) else _places("subset", index, len(self))
        if self.in_arrays:
            return Dataset(self._x[places], self._t[places])
        return Samples(self, np.arange(len(self))[places])


class Samples(Dataset):
    """Some or all samples of an object with the protocol, each asked for when it is needed.

    Parameters
    ----------
    data : object with ``__getitem__`` and ``__len__``
        A sample is (input, target).
    places : array_like of int, optional
        Which; all that there are at the time, by default.
    """

    def __init__(self, data: Any, places: Any = None) -> None:
        self.data, self.places = data, places

    def __len__(self) -> int:
        return len(self.data) if self.places is None else len(self.places)

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        return self.data[int(index if self.places is None else self.places[index])]


def _places(where: str, index: Any, n: int) -> np.ndarray:
    """Return which samples an index means: their numbers, or a mask."""
    if type(index) is np.ndarray and index.ndim == 1 and index.dtype.kind in "iu":
        return index  # as a loader gives them; NumPy finds the one beyond
    array = np.asarray(as_array(index))
    if array.dtype.kind == "b" and array.shape == (n,):
        return np.flatnonzero(array)
    places = whole_array(f"{where}: index", as_array(index))
    if places.ndim != 1 or np.any((places < -n) | (places >= n)):
        raise IndexRangeError(f"{where}: index: wanted a list of samples, 0 ... {n - 1}, or a mask, got {typed(index)}")
    return places


def _stacked(data: Any, index: Any) -> tuple[np.ndarray, np.ndarray]:
    samples = [data[int(k)] for k in index]
    if not samples:
        raise InvalidValueError(f"{type(data).__name__}: no samples")
    strange = next((s for s in samples if not (isinstance(s, (tuple, list)) and len(s) == 2)), None)
    if strange is not None:
        raise InvalidTypeError(
            f"{type(data).__name__}: wanted samples (input, target), got {typed(strange)}; arrays are given as (X, y)"
        )
    return np.stack([as_array(x) for x, _ in samples]), np.stack([as_array(t) for _, t in samples])


def as_dataset(data: Any) -> Dataset:
    """Return `data` as a Dataset: one already, a pair (inputs, targets), or any object with the protocol."""
    if isinstance(data, Dataset):
        return data
    if isinstance(data, (tuple, list)) and len(data) == 2:
        return Dataset(*data)
    if hasattr(data, "__getitem__") and hasattr(data, "__len__") and not isinstance(data, (str, bytes)):
        return Samples(data)
    raise InvalidTypeError(f"data: wanted a Dataset or a pair (inputs, targets), got {typed(data)}")


@named
def split(data: Any, *fractions: float, seed: int = 0) -> tuple[Dataset, ...]:
    """Return random disjoint parts of a data set: ``train, validation = split(data, 0.1)`` (section 5.3).

    Parameters
    ----------
    data : Dataset or (inputs, targets)
        What to divide.
    *fractions : float
        Shares of the further parts, or whole numbers of samples; the first part gets the rest.
    seed : int
        Of the random choice.

    Returns
    -------
    tuple of Dataset
        One part more than fractions.

    Raises
    ------
    InvalidValueError
        If the fractions are no such numbers, or more than all.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> data = learn.Dataset(np.zeros((100, 2)), np.zeros(100, int))
    >>> train, validation = learn.split(data, 0.1)
    >>> len(train), len(validation)
    (90, 10)
    """
    data = as_dataset(data)
    n = len(data)
    counts = [real("split: fractions", f, "shares of the data, or numbers of samples") for f in fractions]
    sizes = [int(c) if isinstance(f, (int, np.integer)) else round(c * n) for f, c in zip(fractions, counts)]
    if any(s < 1 for s in sizes) or sum(sizes) >= n:
        raise InvalidValueError(
            f"split: parts of {sizes} samples out of {n}; every part, the first too, needs at least one"
        )
    order = np.random.default_rng([seed, 0x5B]).permutation(n)
    edges = np.cumsum([n - sum(sizes), *sizes])
    return tuple(data.subset(np.sort(part)) for part in np.split(order, edges[:-1]))


@all_named
class DataLoader:
    """Batches of a data set, shuffled anew in every epoch, without replacement (section 6.3.1).

    Parameters
    ----------
    data : Dataset or (inputs, targets)
        The D samples.
    batch_size : int or None
        The notes' B; None is all of them (the full gradient).
    shuffle : bool
        Whether the order is random.
    seed : int
        The order is a function of (seed, epoch): runs repeat, and a resumed one goes on as it would have.
    drop_last : bool
        Whether to leave out a last batch that is not full.
    transform : callable, optional
        ``transform(x, rng)`` on every batch of inputs, e.g. an augmentation of section 5.4.2.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> loader = learn.DataLoader((np.arange(10.0), np.arange(10)), batch_size=4, seed=1)
    >>> [len(t) for x, t in loader]
    [4, 4, 2]
    """

    def __init__(
        self,
        data: Any,
        batch_size: int | None = 32,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
        transform: Any = None,
    ) -> None:
        whole = isinstance(batch_size, (int, np.integer)) and not isinstance(batch_size, bool)
        if batch_size is not None and not (whole and batch_size >= 1):
            raise InvalidValueError(f"DataLoader: batch_size = {batch_size!r}, wanted a positive whole number or None")
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise InvalidValueError(f"DataLoader: seed = {seed!r}, wanted a whole number >= 0")
        if transform is not None and not callable(transform):
            raise InvalidTypeError(
                f"DataLoader: transform: wanted a function transform(x, rng), got {typed(transform)}"
            )
        self.data = as_dataset(data)
        self.batch_size, self.shuffle, self.seed, self.drop_last = (
            batch_size,
            bool(shuffle),
            int(seed),
            bool(drop_last),
        )
        self.transform = transform
        self.epoch = 0

    def __len__(self) -> int:
        size = self.batch_size or max(len(self.data), 1)
        return len(self.data) // size if self.drop_last else -(-len(self.data) // size)

    def order(self, epoch: int) -> np.ndarray:
        """Return the order of the samples in an epoch.

        Parameters
        ----------
        epoch : int
            From 0 on.

        Returns
        -------
        array of int, shape (n,)
            A function of the seed and the epoch.

        Examples
        --------
        >>> from spikesim import learn
        >>> loader = learn.DataLoader(learn.Dataset([[1.0], [2.0], [3.0]], [0, 1, 0]), batch_size=2, shuffle=False)
        >>> loader.order(0).tolist()
        [0, 1, 2]
        """
        n = len(self.data)
        return np.random.default_rng([self.seed, epoch]).permutation(n) if self.shuffle else np.arange(n)

    def batches(self, epoch: int, first: int = 0) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the batches of an epoch, from the `first` on.

        Parameters
        ----------
        epoch : int
            From 0 on.
        first : int
            The first batch that is wanted.

        Yields
        ------
        (array, array)
            Inputs and targets.

        Examples
        --------
        >>> from spikesim import learn
        >>> loader = learn.DataLoader(learn.Dataset([[1.0], [2.0], [3.0]], [0, 1, 0]), batch_size=2, shuffle=False)
        >>> [len(inputs) for inputs, targets in loader.batches(0)]
        [2, 1]
        """
        size = self.batch_size or max(len(self.data), 1)
        order = self.order(epoch)
        for k in range(first, len(self)):
            inputs, targets = self.data.batch(order[k * size : (k + 1) * size])
            if self.transform is not None:
                inputs = self.transform(inputs, np.random.default_rng([self.seed, epoch, k, 0xA6]))
            yield inputs, targets

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        return self.batches(epoch)
