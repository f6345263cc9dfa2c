"""Recordings of spikes in the formats in which they are published: SHD and SSC (HDF5), N-MNIST (40 bits an event).

SHD and SSC (Cramer et al., IEEE Trans. Neural Netw. Learn. Syst. 33 (2022) 2744; also gzipped): of each recording
``spikes/times`` (s) and ``spikes/units`` (of 700 channels of a cochlea), and its class in ``labels``.

N-MNIST (Orchard et al., Front. Neurosci. 9 (2015) 437): a file a recording, in a folder a class ("0" ... "9"); of each
event 5 bytes, x, y, then a bit of polarity (1: brighter) and 23 bits of time (us), big-endian; 34 x 34 pixels.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import FileFormatError, InvalidTypeError, InvalidValueError, UnknownNameError
from ...files import reading, require_path, understanding, unpacked
from ...keywords import all_named, named
from ...record.heaps import require_sound_heaps
from ...scalars import number_array, whole_array

__all__ = ["EventRecordings", "nmnist", "read_aer", "shd"]

SHD_CHANNELS = 700
NMNIST_SIDE = 34
MOST = 10_000_000  #: recordings beyond which a file's claim is not believed


@all_named
class EventRecordings:
    """Recordings of events with their classes; a Dataset's counterpart, until :meth:`binned` makes frames.

    Parameters
    ----------
    times : list of array_like
        Of each recording (ms).
    channels : list of array_like of int
        Of each event.
    classes : array_like of int, shape (n,)
        Of each recording.
    shape : tuple of int
        Of the channels, such as (700,) or (2, 34, 34).
    names : tuple of str
        Of the classes, where they have some.

    Examples
    --------
    >>> from spikesim import learn
    >>> heard = learn.EventRecordings([[0.5, 3.0], [1.0]], [[0, 1], [2]], [1, 0], (3,))
    >>> len(heard), heard.duration
    (2, 3.0)
    """

    def __init__(
        self,
        times: Iterable[Any],
        channels: Iterable[Any],
        classes: Any,
        shape: Any,
        names: Iterable[str] = (),
    ) -> None:
        where = "EventRecordings"
        self.shape = tuple(whole_array(f"{where}: shape", shape).ravel().tolist())
        if not all(isinstance(name, str) for name in names):
            raise InvalidTypeError(f"{where}: names: wanted a string a class, got {names!r:.60}")
        self.names = tuple(names)
        self.classes = whole_array(f"{where}: classes", classes)
        self.times = [number_array(f"{where}: times of {k}", t).astype(np.float64) for k, t in enumerate(times)]
        self.channels = [whole_array(f"{where}: channels of {k}", c) for k, c in enumerate(channels)]
        if not len(self.times) == len(self.channels) == len(self.classes):
            raise InvalidValueError(
                f"EventRecordings: {len(self.times)} recordings of times, {len(self.channels)} of channels,"
                f" {len(self.classes)} classes; wanted as many of each"
            )
        for k, (t, c) in enumerate(zip(self.times, self.channels)):
            if t.ndim != 1 or t.shape != c.shape:
                raise InvalidValueError(f"EventRecordings: recording {k} has {t.shape} times and {c.shape} channels")
            if not np.all(np.isfinite(t) & (t >= 0.0)):
                raise InvalidValueError(f"EventRecordings: recording {k} has times that are no finite numbers >= 0")
            if np.any((c < 0) | (c >= self.size)):
                raise InvalidValueError(f"EventRecordings: recording {k} has channels beyond 0 ... {self.size - 1}")

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def size(self) -> int:
        """Number of channels."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def duration(self) -> float:
        """Time of the last event (ms)."""
        return max((float(t.max()) for t in self.times if t.size), default=0.0)

    def subset(self, index: Any) -> EventRecordings:
        """Return some of the recordings.

        Parameters
        ----------
        index : slice or array_like
            Which.

        Returns
        -------
        EventRecordings
            In that order.

        Examples
        --------
        >>> from spikesim import learn
        >>> heard = learn.EventRecordings([[0.5, 3.0], [1.0]], [[0, 1], [2]], [1, 0], (3,))
        >>> heard.subset(slice(1, 2)).classes.tolist()
        [0]
        """
        chosen = np.arange(len(self))[index]
        return EventRecordings(
            [self.times[k] for k in chosen],
            [self.channels[k] for k in chosen],
            self.classes[chosen],
            self.shape,
            self.names,
        )

    def binned(
        self,
        steps: int,
        dt: float,
        *,
        layout: str = "samples",
        channels_a_unit: int = 1,
        binary: bool = False,
        dtype: Any = np.float32,
    ) -> np.ndarray:
        """Return frames: how many events of each channel come in each step; later ones are left out.

        Parameters
        ----------
        steps : int
            Length of a recording in steps.
        dt : float
            Length of a step (ms).
        layout : {"samples", "steps"}
            (samples, steps, units), as :class:`Spiking` takes it; or (steps, samples, units).
        channels_a_unit : int
            So many neighbouring channels are one unit.
        binary : bool
            Whether several events of a unit in a step count as one.
        dtype : dtype
            Of the frames.

        Returns
        -------
        array, shape (samples, steps, units) or (steps, samples, units)
            0 where nothing comes.

        Raises
        ------
        InvalidValueError
            If an argument is not as above.

        Examples
        --------
        >>> from spikesim import learn
        >>> heard = learn.EventRecordings([[0.5, 3.0], [1.0]], [[0, 1], [2]], [1, 0], (3,))
        >>> heard.binned(4, 1.0)[0].tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
        """
        for name, value in (("steps", steps), ("channels_a_unit", channels_a_unit)):
            _count(f"binned: {name}", value)
        if not 0.0 < dt < np.inf:
            raise InvalidValueError(f"binned: dt = {dt!r} ms, wanted a finite number > 0")
        if layout not in ("samples", "steps"):
            raise InvalidValueError(f'binned: layout = {layout!r}, wanted "samples" or "steps"')
        units = -(-self.size // int(channels_a_unit))
        frames = np.zeros((len(self), int(steps), units), dtype)
        for k, (t, c) in enumerate(zip(self.times, self.channels)):
            step = np.floor(t / dt)
            inside = step < steps
            np.add.at(frames[k], (step[inside].astype(np.int64), c[inside] // int(channels_a_unit)), 1)
        if binary:
            np.minimum(frames, 1, out=frames)
        return np.ascontiguousarray(np.moveaxis(frames, 0, 1)) if layout == "steps" else frames

    def __repr__(self) -> str:
        events = sum(t.size for t in self.times)
        return f"EventRecordings({len(self)} recordings, {events:,} events of {self.shape} channels)"


@named
def shd(path: Any, channels: int = SHD_CHANNELS) -> EventRecordings:
    """Return the recordings of a file of the Heidelberg digits (SHD) or of the spoken commands (SSC).

    Parameters
    ----------
    path : path
        Such as ``shd_train.h5``, or ``shd_train.h5.gz`` as it is downloaded.
    channels : int
        Of the cochlea.

    Returns
    -------
    EventRecordings
        Times in ms.

    Raises
    ------
    FileFormatError
        If the file is no HDF5, lacks one of its parts, or they do not fit each other.

    Examples
    --------
    >>> import h5py
    >>> import numpy as np
    >>> from spikesim import learn
    >>> with h5py.File("shd_small.h5", "w") as file:
    ...     _ = file.create_dataset("labels", data=np.array([3], np.uint16))
    ...     for name, values, kind in (("times", [0.25, 0.5], np.float16), ("units", [7, 699], np.uint16)):
    ...         part = file.create_dataset(f"spikes/{name}", (1,), h5py.vlen_dtype(kind))
    ...         part[0] = np.array(values, kind)
    >>> learn.shd("shd_small.h5").times[0].tolist()
    [250.0, 500.0]
    """
    import h5py

    require_path("shd", path)
    path, channels = Path(path), _count("shd: channels", channels)
    with reading(path), path.open("rb") as opened:
        packed = opened.read(2) == b"\x1f\x8b"
    raw = unpacked(path) if packed else None
    require_sound_heaps(path, raw)
    source: Any = path if raw is None else io.BytesIO(raw)
    with understanding(path, "an HDF5 file of SHD or SSC"):
        with h5py.File(source, "r") as file:
            missing = [name for name in ("labels", "spikes/times", "spikes/units") if name not in file]
            if missing:
                raise FileFormatError(
                    f"{path}: no {', '.join(missing)} in it, it holds {sorted(file)}; wanted the layout of SHD and SSC"
                )
            parts = [file[name] for name in ("spikes/times", "spikes/units", "labels")]
            if not all(isinstance(part, h5py.Dataset) and part.ndim == 1 for part in parts):
                raise FileFormatError(f"{path}: spikes and labels are no lists; wanted the layout of SHD and SSC")
            sizes = [len(part) for part in parts]
            if len(set(sizes)) > 1 or sizes[0] > MOST:
                raise FileFormatError(
                    f"{path}: {sizes[0]} recordings of times, {sizes[1]} of units, {sizes[2]} labels; wanted as many of"
                    f" each, {MOST:,} at most"
                )
            empty = [part.name for part in parts if part.size and not part.id.get_storage_size()]
            if empty:
                raise FileFormatError(f"{path}: {empty[0]} has {sizes[0]} entries, of which nothing is in the file")
            times, units, labels = ([*part[:]] for part in parts)
            keys = file.get("extra/keys")
            given = keys[:] if isinstance(keys, h5py.Dataset) and keys.ndim == 1 and len(keys) <= sizes[0] else ()
            names = tuple(k.decode("utf-8", "replace") if isinstance(k, bytes) else str(k) for k in given)
        return _checked(path, times, units, labels, channels, names)


def _count(where: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InvalidValueError(f"{where} = {value!r}, wanted a whole number >= 1")
    return int(value)


def _checked(path: Path, times: Any, units: Any, labels: Any, channels: int, names: tuple[str, ...]) -> EventRecordings:
    """Recordings of times in seconds, or a refusal that names the file."""
    for k, (t, u, label) in enumerate(zip(times, units, labels)):
        t, u = np.asarray(t), np.asarray(u)
        if t.ndim != 1 or t.shape != u.shape or t.dtype.kind not in "fiu" or u.dtype.kind not in "iu":
            raise FileFormatError(
                f"{path}: recording {k}: times {t.shape} of {t.dtype}, units {u.shape} of {u.dtype}; wanted as many"
            )
        if not np.all(np.isfinite(t) & (t >= 0)):
            raise FileFormatError(f"{path}: recording {k}: times that are no finite numbers >= 0 s")
        if u.size and not (u.min() >= 0 and u.max() < channels):
            raise FileFormatError(f"{path}: recording {k}: unit {u.max()}, wanted 0 ... {channels - 1}")
        if not isinstance(label, (int, np.integer)) or label < 0:
            raise FileFormatError(f"{path}: label {k} is {label!r}, wanted a class: a whole number >= 0")
    in_ms = [np.asarray(t, np.float64) * 1000.0 for t in times]
    return EventRecordings(in_ms, units, np.array(labels, np.int64), (channels,), names)


@named
def read_aer(path: Any, side: int = NMNIST_SIDE) -> tuple[np.ndarray, np.ndarray]:
    """Return (times in ms, channels) of a file of 40-bit address events; channel = (polarity side + y) side + x.

    Parameters
    ----------
    path : path
        Of the file.
    side : int
        Pixels in a row of the camera.

    Returns
    -------
    times : array, shape (n,)
        In ms.
    channels : array of int, shape (n,)
        Of 2 side^2.

    Raises
    ------
    FileFormatError
        If the size is no multiple of 5 bytes, or a pixel lies outside.

    Examples
    --------
    >>> from spikesim import learn
    >>> _ = open("00002.bin", "wb").write(bytes([10, 3, 0x80, 0x03, 0xE8]))
    >>> times, channels = learn.read_aer("00002.bin")
    >>> times.tolist(), channels.tolist()
    ([1.0], [1268])
    """
    require_path("read_aer", path)
    path, side = Path(path), _count("read_aer: side", side)
    with reading(path):
        raw = np.frombuffer(path.read_bytes(), np.uint8)
    if raw.size % 5:
        raise FileFormatError(f"{path}: {raw.size} bytes, wanted events of 5; the file is cut, or of another kind")
    x, y, high, middle, low = raw.reshape(-1, 5).astype(np.int64).T
    outside = np.flatnonzero((x >= side) | (y >= side))
    if outside.size:
        k = outside[0]
        raise FileFormatError(
            f"{path}: event {k} at pixel ({x[k]}, {y[k]}) ({outside.size} such), wanted 0 ... {side - 1}; is the file"
            " of another camera?"
        )
    time = ((high & 0x7F) << 16) | (middle << 8) | low
    return time / 1000.0, ((high >> 7) * side + y) * side + x


@named
def nmnist(folder: Any, train: bool = True, *, most: int | None = None) -> EventRecordings:
    """Return N-MNIST from the folders in which it is published.

    Parameters
    ----------
    folder : path
        With ``Train`` and ``Test`` in it, or one of these itself; each has the folders "0" ... "9".
    train : bool
        Which of them.
    most : int, optional
        Recordings of a class at most.

    Returns
    -------
    EventRecordings
        Of (2, 34, 34) channels: darker, brighter; rows; columns.

    Raises
    ------
    UnknownNameError
        If a folder is missing, or holds no recordings.
    FileFormatError
        As :func:`read_aer`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from spikesim import learn
    >>> for digit in range(10):
    ...     Path("Train", str(digit)).mkdir(parents=True)
    ...     _ = Path("Train", str(digit), "00001.bin").write_bytes(bytes([10, 3, 0x80, 0x03, 0xE8]))
    >>> learn.nmnist(".")
    EventRecordings(10 recordings, 10 events of (2, 34, 34) channels)
    """
    require_path("nmnist", folder)
    folder, part = Path(folder), "Train" if train else "Test"
    most = None if most is None else _count("nmnist: most", most)
    if not folder.is_dir():
        raise UnknownNameError(f"nmnist: there is no folder {folder}; give that with {part!r} in it")
    if (folder / part).is_dir():
        folder = folder / part
    elif folder.name.casefold() == ("test" if train else "train"):
        raise UnknownNameError(f"nmnist: {folder} has no folder {part!r}; give the folder that has both, or train=")
    times, channels, classes = [], [], []
    for digit in range(10):
        files = sorted((folder / str(digit)).glob("*.bin"))[:most]
        if not files:
            raise UnknownNameError(
                f"nmnist: no recordings (*.bin) in {folder / str(digit)}; wanted a folder with {part!r} in it, and"
                ' there the folders "0" ... "9"'
            )
        for file in files:
            t, c = read_aer(file)
            times.append(t)
            channels.append(c)
            classes.append(digit)
    return EventRecordings(times, channels, classes, (2, NMNIST_SIDE, NMNIST_SIDE), tuple("0123456789"))
