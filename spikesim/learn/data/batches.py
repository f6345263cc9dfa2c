"""PyTorch's ``torch.utils.data``, as ``learn.utils.data``: its names and its defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ..autodiff.torch_functions import from_numpy
from . import dataset
from .dataset import Dataset, as_dataset

__all__ = ["DataLoader", "Dataset", "TensorDataset", "random_split"]

TensorDataset = Dataset


class DataLoader(dataset.DataLoader):
    """Batches as Tensors, one sample each and in order unless told otherwise.

    Parameters are those of :class:`spikesim.learn.DataLoader`, with PyTorch's defaults.

    Examples
    --------
    >>> for x, t in DataLoader(TensorDataset(np.ones((3, 2), np.float32), np.arange(3)), batch_size=2):
    ...     print(x.shape, t)
    torch.Size([2, 2]) tensor([0, 1])
    torch.Size([1, 2]) tensor([2])
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        seed: int = 0,
        drop_last: bool = False,
        transform: Any = None,
    ) -> None:
        super().__init__(dataset, batch_size, shuffle, seed, drop_last, transform)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        for x, t in super().__iter__():
            yield from_numpy(x), from_numpy(t)


def random_split(data: Any, lengths: Sequence[int], seed: int = 0) -> tuple[Dataset, ...]:
    """Return random disjoint parts of the given lengths, which add up to all samples."""
    whole = as_dataset(data)
    if sum(lengths) != len(whole):
        raise InvalidValueError(f"random_split: lengths {list(lengths)} add up to {sum(lengths)}, not {len(whole)}")
    order = np.random.default_rng([seed, 0x5B]).permutation(len(whole))
    return tuple(whole.subset(part) for part in np.split(order, np.cumsum(lengths)[:-1]))
