"""Images to learn: 8x8 digits that come with the package, MNIST's IDX files, CIFAR-10's binary files; and
augmentation.

IDX (LeCun and Cortes): big-endian magic 00 00 type ndim, ndim uint32 sizes, then the raw entries; gzip is
read as it is. CIFAR-10 binary (Krizhevsky 2009): records of 1 label byte and 3 x 32 x 32 pixel bytes, red,
green, blue planes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import FileFormatError, InvalidTypeError, InvalidValueError, UnknownNameError
from ...files import require_path, understanding, unpacked
from ...keywords import named
from .dataset import Dataset

__all__ = ["CIFAR10_CLASSES", "cifar10", "digits", "mnist", "noise", "read_idx", "rotation", "shift"]

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_MNIST = {True: "train", False: "t10k"}


@named
def digits(train: bool | None = None) -> Dataset:
    """Return 1,797 handwritten digits of 8x8 pixels in [0, 1], float32 rows of 64, with their classes.

    The test set of Optical Recognition of Handwritten Digits, UCI repository, as scikit-learn ships it (E. Alpaydin and
    C. Kaynak 1998, doi:10.24432/C50P49, CC BY 4.0; see spikesim/data/README.md).

    Parameters
    ----------
    train : bool, optional
        The first 1,437 (True), the other 360 (False), or all.

    Returns
    -------
    Dataset
        Of 1,797, 1,437 or 360 samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> x, classes = learn.digits(train=True).arrays()
    >>> x.shape, classes.shape
    ((1437, 64), (1437,))
    """
    with (
        resources.files("spikesim").joinpath("data").joinpath("digits.npz").open("rb") as file,
        np.load(file) as stored,
    ):
        images, classes = stored["images"].reshape(-1, 64), stored["classes"]
    part = slice(None) if train is None else slice(0, 1437) if train else slice(1437, None)
    return Dataset(images[part].astype(np.float32) / np.float32(16.0), classes[part].astype(np.int64))


@named
def read_idx(path: Any) -> np.ndarray:
    """Return the array of an IDX file, gzipped or not.

    Parameters
    ----------
    path : path
        Of the file.

    Returns
    -------
    array
        Of the shape that the file says.

    Raises
    ------
    FileFormatError
        If the magic number is wrong or the size does not fit.

    Examples
    --------
    >>> from spikesim import learn
    >>> _ = open("labels", "wb").write(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
    >>> learn.read_idx("labels").tolist()
    [5, 0, 4]
    """
    require_path("read_idx", path)
    path = Path(path)
    raw = unpacked(path)
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in _IDX_TYPES:
        raise FileFormatError(f"{path}: no IDX file: begins with {raw[:4].hex(' ')!r}, wanted 00 00 type ndim")
    kind, ndim = np.dtype(_IDX_TYPES[raw[2]]), raw[3]
    start = 4 + 4 * ndim
    shape = tuple(int(n) for n in np.frombuffer(raw[4:start], ">u4")) if len(raw) >= start else ()
    wanted = math.prod(shape) * kind.itemsize  # of Python's whole numbers: a claim of any size stays one
    if len(shape) != ndim or len(raw) - start != wanted:
        raise FileFormatError(
            f"{path}: IDX of shape {shape} needs {wanted} bytes of data, there are {len(raw) - start}"
        )
    with understanding(path, "an IDX file"):
        array = np.frombuffer(raw, kind, offset=start).reshape(shape).astype(kind.newbyteorder("="))
    if not np.isfinite(array).all():
        raise FileFormatError(
            f"{path}: {np.size(array) - np.isfinite(array).sum()} of its entries are no finite numbers"
        )
    return array


@named
def mnist(folder: Any, train: bool = True, dtype: Any = np.float32) -> Dataset:
    """Return MNIST from the four IDX files in `folder`: rows of 784 pixels in [0, 1], and classes.

    Parameters
    ----------
    folder : path
        Where the four files are; nothing is fetched.
    train : bool
        The 60,000 (True) or the 10,000.
    dtype : dtype
        Of the pixels.

    Returns
    -------
    Dataset
        Rows of 784 pixels, and classes.

    Raises
    ------
    UnknownNameError
        If a file is missing.
    FileFormatError
        If one is no IDX file.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim import learn
    >>> try:
    ...     learn.mnist("no such folder")
    ... except ss.SpikesimError:
    ...     print("fetch the four IDX files first")
    fetch the four IDX files first
    """
    require_path("mnist", folder)
    folder = Path(folder)
    found = []
    for kind in ("images-idx3", "labels-idx1"):
        name = f"{_MNIST[bool(train)]}-{kind}-ubyte"
        paths = [folder / n for n in (name, name + ".gz", name.replace("-idx", ".idx")) if (folder / n).exists()]
        if not paths:
            raise UnknownNameError(
                f"mnist: no {name} or {name}.gz in {folder}; it holds {sorted(p.name for p in folder.glob('*'))}"
            )
        found.append(read_idx(paths[0]))
    images, labels = found
    if len(images) != len(labels):
        raise FileFormatError(f"mnist: {len(images)} images but {len(labels)} labels in {folder}")
    return Dataset(images.reshape(len(images), -1).astype(dtype) / dtype(255.0), labels.astype(np.int64))


@named
def cifar10(*paths: Any, dtype: Any = np.float32) -> Dataset:
    """Return CIFAR-10 from binary files (data_batch_1.bin, ...): images (n, 3, 32, 32) in [0, 1], and
    classes.

    Parameters
    ----------
    *paths : path
        Of binary files; nothing is fetched.
    dtype : dtype
        Of the pixels.

    Returns
    -------
    Dataset
        Images (n, 3, 32, 32), and classes.

    Raises
    ------
    InvalidValueError
        If no file is given.
    FileFormatError
        If one has another size.

    Examples
    --------
    >>> from spikesim import learn
    >>> _ = open("batch.bin", "wb").write(bytes([3]) + bytes(3072))
    >>> images, classes = learn.cifar10("batch.bin").arrays()
    >>> images.shape, classes.tolist()
    ((1, 3, 32, 32), [3])
    """
    if not paths:
        raise InvalidValueError("cifar10: no file given; wanted data_batch_1.bin ... or test_batch.bin")
    records = []
    for path in map(Path, paths):
        raw = np.frombuffer(unpacked(path), np.uint8)
        if raw.size == 0 or raw.size % 3073 or raw[::3073].max() > 9:
            raise FileFormatError(f"{path}: {raw.size} bytes, wanted records of 3,073 beginning with a label 0 ... 9")
        records.append(raw.reshape(-1, 3073))
    joined = np.concatenate(records)
    return Dataset(joined[:, 1:].reshape(-1, 3, 32, 32).astype(dtype) / dtype(255.0), joined[:, 0].astype(np.int64))


# -- augmentation (section 5.4.2): transforms of a batch, for DataLoader(transform=...) ----------------------

Transform = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@named
def noise(sd: float) -> Transform:
    """Return the transform that adds N(0, sd^2) to every entry.

    Parameters
    ----------
    sd : float
        Standard deviation, >= 0.

    Returns
    -------
    callable
        Of images (n, pixels) and a random generator, for ``DataLoader(transform=...)``.

    Raises
    ------
    InvalidValueError
        If it is no such number.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.noise(0.1)(np.zeros((2, 64)), np.random.default_rng(1)).shape
    (2, 64)
    """
    if not 0.0 <= sd < np.inf:
        raise InvalidValueError(f"noise: sd = {sd!r}, wanted a finite number >= 0")

    def transform(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        if x.dtype.kind != "f":
            raise InvalidTypeError(f"noise: inputs of {x.dtype}, wanted floating point")
        return x + (sd * rng.normal(size=x.shape)).astype(x.dtype)

    return transform


def _side(x: np.ndarray) -> int:
    side = int(np.sqrt(x.shape[-1])) if x.ndim == 2 else x.shape[-1]
    if x.ndim == 2 and side * side != x.shape[-1]:
        raise InvalidValueError(
            f"augmentation: rows of {x.shape[-1]} pixels are no square images; reshape to (n, h, w)"
        )
    if x.ndim < 2 or (x.ndim > 2 and x.shape[-2] != side):
        raise InvalidValueError(
            f"augmentation: images of shape {x.shape}, wanted square ones: (n, pixels), (n, h, h) or (n, colours, h, h)"
        )
    return side


def _warp(x: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Sample every image bilinearly at (rows, cols), each (n, side, side), all its colours alike; 0 outside."""
    side = _side(x)
    colours = math.prod(x.shape[1:-2]) if x.ndim > 2 else 1
    rows, cols = np.repeat(rows, colours, axis=0), np.repeat(cols, colours, axis=0)
    images = np.pad(x.reshape(len(rows), side, side), ((0, 0), (1, 2), (1, 2)))
    r, c = np.clip(rows + 1.0, 0.0, side + 1.0), np.clip(cols + 1.0, 0.0, side + 1.0)
    r0, c0 = r.astype(np.int64), c.astype(np.int64)
    fr, fc = (r - r0).astype(x.dtype), (c - c0).astype(x.dtype)
    n = np.arange(len(images))[:, None, None]
    top = images[n, r0, c0] * (1 - fc) + images[n, r0, c0 + 1] * fc
    bottom = images[n, r0 + 1, c0] * (1 - fc) + images[n, r0 + 1, c0 + 1] * fc
    return (top * (1 - fr) + bottom * fr).reshape(x.shape)


@named
def shift(pixels: int = 1) -> Transform:
    """Return the transform that shifts every square image by up to `pixels` in both directions, filling with
    0.

    Parameters
    ----------
    pixels : int
        At most so many.

    Returns
    -------
    callable
        Of images (n, pixels) and a random generator, for ``DataLoader(transform=...)``.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.shift(1)(np.ones((2, 64)), np.random.default_rng(1)).shape
    (2, 64)
    """
    if not 0 <= pixels < 2**31:
        raise InvalidValueError(f"shift: pixels = {pixels!r}, wanted a whole number >= 0")

    def transform(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        down, right = rng.integers(-pixels, pixels + 1, size=(2, len(x), 1, 1))[:, :, 0, 0]
        side, most = _side(x), min(pixels, _side(x))
        images = x.reshape(len(x), -1, side, side)
        wide = np.pad(images, ((0, 0), (0, 0), (most, most), (most, most)))
        windows = np.lib.stride_tricks.sliding_window_view(wide, (side, side), axis=(2, 3))
        rows, cols = (np.clip(most - by, 0, 2 * most) for by in (down, right))
        return windows[np.arange(len(x)), :, rows, cols].reshape(x.shape)

    return transform


@named
def rotation(degrees: float = 10.0) -> Transform:
    """Return the transform that turns every square image about its centre by up to `degrees` either way.

    Parameters
    ----------
    degrees : float
        At most so many.

    Returns
    -------
    callable
        Of images (n, pixels) and a random generator, for ``DataLoader(transform=...)``.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.rotation(10.0)(np.ones((2, 64)), np.random.default_rng(1)).shape
    (2, 64)
    """
    if not 0.0 <= degrees <= 360.0:
        raise InvalidValueError(f"rotation: degrees = {degrees!r}, wanted a number from 0 to 360")

    def transform(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        angle = np.deg2rad(rng.uniform(-degrees, degrees, size=(len(x), 1, 1)))
        grid = np.arange(_side(x)) - (_side(x) - 1) / 2.0
        r, c = grid[:, None], grid
        centre = (grid.size - 1) / 2.0
        return _warp(x, np.cos(angle) * r - np.sin(angle) * c + centre, np.sin(angle) * r + np.cos(angle) * c + centre)

    return transform
