"""Sections 2.1, 5.1.2, 5.3, 5.4.2, 6.3.1: data.  Truths: the notes' shapes and tables, counting, file formats
by hand."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import FileFormatError, InvalidValueError, UnknownNameError

from .mnist_folder import needs_mnist

A_OF_THE_NOTES = [
    [-1.3455, 0.6580, -0.2041, -0.0052, 0.2841, -0.6806],
    [-0.3096, 0.4767, 0.0416, 0.8221, 0.3553, -0.9552],
    [0.0603, 1.0587, 0.6078, -0.5603, 0.9886, -1.1840],
]


def test_discrete_mapping_of_the_notes():
    ds = learn.DiscreteMapping(A_OF_THE_NOTES, np.eye(3), n=300, noise=0.1)
    assert ds.inputs().shape == (300, 6) and ds.targets().shape == (300, 3) and ds.classes().shape == (300,)
    assert len(ds) == 300 and ds.n_classes == 3 and ds.input_dim == 6
    c = ds.classes().val
    assert np.array_equal(ds.targets().val, np.eye(3)[c])
    assert np.all(np.abs(np.bincount(c) - 100) < 40)  # 5 standard deviations
    residual = ds.inputs().val - np.array(A_OF_THE_NOTES)[c]
    assert residual.std() == pytest.approx(0.1, rel=0.1) and abs(residual.mean()) < 0.02
    x, t = ds[5]
    assert np.array_equal(x, ds.inputs().val[5]) and t.sum() == 1.0
    assert repr(ds.classes()[:3]).startswith("tensor([") and "." not in repr(ds.classes()[:3])
    rows = repr(ds.inputs()[:5]).splitlines()
    assert len(rows) == 5 and rows[0].startswith("tensor([[") and rows[1].startswith("        [")


def test_discrete_mapping_plots_inputs_and_labels():
    import matplotlib

    matplotlib.use("Agg")
    ds = learn.DiscreteMapping(A_OF_THE_NOTES, np.eye(3), n=30)
    ax = ds.plot()
    assert len(ax.collections[0].get_offsets()) == 30
    y = ds.targets()
    again = ds.plot(labels=y, idx=(2, 4))
    assert np.array_equal(ax.collections[0].get_facecolors(), again.collections[0].get_facecolors())
    assert again.get_xlabel() == "input 2"


def test_a_users_dataset_needs_only_the_protocol():
    class Squares:
        def __len__(self):
            return 10

        def __getitem__(self, k):
            return np.array([float(k)]), np.array([float(k * k)])

    class Derived(Squares, learn.Dataset):
        def __init__(self):
            pass

    for data in (Squares(), Derived()):
        batches = list(learn.DataLoader(data, batch_size=4, shuffle=False))
        assert [len(x) for x, _ in batches] == [4, 4, 2]
        assert batches[1][1].ravel().tolist() == [16.0, 25.0, 36.0, 49.0]


@pytest.mark.parametrize("batch_size", [1, 32, None])
def test_every_sample_once_an_epoch(batch_size):
    loader = learn.DataLoader((np.arange(100), np.arange(100)), batch_size=batch_size, seed=1)
    first = np.concatenate([x for x, _ in loader])
    second = np.concatenate([x for x, _ in loader])
    assert sorted(first) == sorted(second) == list(range(100))
    assert not np.array_equal(first, second) and not np.array_equal(first, np.arange(100))
    assert len(loader) == -(-100 // (batch_size or 100))
    assert np.array_equal(np.concatenate([x for x, _ in loader.batches(0)]), first)  # a function of (seed, epoch)


def test_last_batch_by_choice():
    assert [len(x) for x, _ in learn.DataLoader((np.arange(10), np.arange(10)), 4, drop_last=True)] == [4, 4]


def test_batch_gradients_average_to_the_full_one():
    """Unbiased (6.3.1): the mean over the batches of an epoch is the full gradient, to 1e-12."""
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(96, 5)), rng.integers(0, 3, 96)
    net = learn.Sequential(learn.Linear(5, 4, seed=0), learn.Tanh(), learn.Linear(4, 3, seed=1))
    loss = learn.CrossEntropyLoss()

    def gradient(x, t):
        net.zero_grad()
        loss(net(x), t).backward()
        return np.concatenate([p.grad.ravel() for p in net.parameters()])

    parts = [gradient(*batch) for batch in learn.DataLoader((x, t), batch_size=32, seed=3)]
    assert np.mean(parts, axis=0) == pytest.approx(gradient(x, t), abs=1e-12)


def test_split_is_a_random_partition():
    data = learn.Dataset(np.arange(50), np.arange(50))
    train, validation, test = learn.split(data, 0.2, 5, seed=4)
    parts = [p.arrays()[0] for p in (train, validation, test)]
    assert [len(p) for p in parts] == [35, 10, 5] and sorted(np.concatenate(parts)) == list(range(50))
    assert not np.array_equal(parts[1], np.arange(40, 50))
    assert np.array_equal(learn.split(data, 0.2, 5, seed=4)[1].arrays()[0], parts[1])
    with pytest.raises(InvalidValueError, match="needs at least one"):
        learn.split(data, 1.0)


def test_xor_table():
    x, t = learn.xor().arrays()
    assert [(*map(int, a), int(b[0])) for a, b in zip(x, t)] == [(1, 1, 0), (1, 0, 1), (0, 1, 1), (0, 0, 0)]


def test_blood_sugar_law():
    x, t = learn.blood_sugar(20_000, seed=1).arrays()
    slope, level = np.polyfit(x[:, 0], t[:, 0], 1)
    assert (slope, level) == (pytest.approx(0.9, abs=0.01), pytest.approx(0.35, abs=0.006))
    assert np.var(t[:, 0] - level - slope * x[:, 0]) == pytest.approx(0.0090, rel=0.03)  # the notes' 0.0093
    assert len(learn.blood_sugar()) == 6


def test_yin_yang_geometry():
    x, c = learn.yin_yang(6000, seed=2).arrays()
    assert x.shape == (6000, 4) and x[:, 2:] == pytest.approx(1.0 - x[:, :2])
    assert np.hypot(x[:, 0] - 0.5, x[:, 1] - 0.5).max() <= 0.5
    assert np.bincount(c) == pytest.approx([2000, 2000, 2000], abs=200)
    near = np.minimum(np.hypot(x[:, 0] - 0.75, x[:, 1] - 0.5), np.hypot(x[:, 0] - 0.25, x[:, 1] - 0.5))
    assert np.array_equal(c == 2, near < 0.1)
    # turned by half a turn about the centre, yin becomes yang
    yin = x[c == 0][:, :2]
    from spikesim.learn.data.tasks import yin_yang_class

    assert (yin_yang_class(1.0 - yin) == 1).mean() > 0.999


def test_spirals_wind():
    x, c = learn.spirals(400, classes=3, seed=0, noise=0.0).arrays()
    r, angle = np.hypot(*x.T), np.arctan2(x[:, 1], x[:, 0])
    expected = 2 * np.pi * (1.5 * r + c / 3)
    assert np.cos(angle - expected) == pytest.approx(np.ones(400), abs=1e-9)


# -- images --------------------------------------------------------------------------------------------------


def test_digits_come_with_the_package():
    x, c = learn.digits().arrays()
    assert x.shape == (1797, 64) and x.dtype == np.float32 and x.min() == 0.0 and x.max() == 1.0
    assert np.bincount(c).tolist() == [
        178,
        182,
        177,
        183,
        181,
        182,
        181,
        179,
        174,
        180,
    ]  # UCI: optdigits.names
    assert len(learn.digits(True)) + len(learn.digits(False)) == 1797


def test_one_hot_rows_of_the_notes():
    assert learn.one_hot(7, 10).astype(int).tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert learn.one_hot([5, 0], 10).argmax(axis=1).tolist() == [5, 0]


def idx(array, kind):
    return b"\0\0" + bytes([kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def test_idx_files(tmp_path):
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "a").write_bytes(idx(images, 8))
    (tmp_path / "b.gz").write_bytes(gzip.compress(idx((images / 3).astype(">f4"), 13)))
    assert np.array_equal(learn.read_idx(tmp_path / "a"), images)
    assert (
        learn.read_idx(tmp_path / "b.gz") == pytest.approx(images / 3)
        and learn.read_idx(tmp_path / "b.gz").dtype == np.float32
    )
    (tmp_path / "c").write_bytes(idx(images, 8)[:-1])
    with pytest.raises(FileFormatError, match="needs 24 bytes of data, there are 23"):
        learn.read_idx(tmp_path / "c")
    (tmp_path / "d").write_bytes(b"PK\3\4rest")
    with pytest.raises(FileFormatError, match="no IDX file"):
        learn.read_idx(tmp_path / "d")
    (tmp_path / "e.gz").write_bytes(gzip.compress(idx(images, 8))[:-9])
    with pytest.raises(FileFormatError, match="damaged gzip"):
        learn.read_idx(tmp_path / "e.gz")


def test_mnist_layout(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(images, 8))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.array([7, 0, 6], np.uint8), 8)))
    x, c = learn.mnist(tmp_path).arrays()
    assert x.shape == (3, 784) and x[1] == pytest.approx(images[1].ravel() / 255.0) and c.tolist() == [7, 0, 6]
    with pytest.raises(UnknownNameError, match="no t10k-images-idx3-ubyte"):
        learn.mnist(tmp_path, train=False)


@needs_mnist
def test_mnist_itself(mnist_folder):
    """Published statistics: mean 33.791, standard deviation 79.172 of the test images."""
    x, c = learn.mnist(mnist_folder, train=False, dtype=np.float64).arrays()
    assert x.shape == (10_000, 784) and c[:5].tolist() == [7, 2, 1, 0, 4]
    assert (x * 255).mean() == pytest.approx(33.791224489795916, rel=1e-12)
    assert (x * 255).std() == pytest.approx(79.17246322228642, rel=1e-12)


def test_cifar10_format(tmp_path):
    rng = np.random.default_rng(0)
    labels, pixels = [6, 9], rng.integers(0, 256, (2, 3, 32, 32)).astype(np.uint8)
    (tmp_path / "data_batch_1.bin").write_bytes(b"".join(bytes([k]) + p.tobytes() for k, p in zip(labels, pixels)))
    x, c = learn.cifar10(tmp_path / "data_batch_1.bin", tmp_path / "data_batch_1.bin").arrays()
    assert x.shape == (4, 3, 32, 32) and x[1] == pytest.approx(pixels[1] / 255.0)
    assert [learn.CIFAR10_CLASSES[k] for k in c[:2]] == ["frog", "truck"]
    (tmp_path / "bad.bin").write_bytes(b"\0" * 3072)
    with pytest.raises(FileFormatError, match=r"records of 3,073"):
        learn.cifar10(tmp_path / "bad.bin")


def test_shift_moves_whole_pixels():
    x = np.zeros((200, 25))
    x[:, 12] = 1.0  # the centre of 5x5
    y = learn.shift(1)(x, np.random.default_rng(0)).reshape(200, 5, 5)
    assert np.all(y.sum(axis=(1, 2)) == 1.0)
    places = {tuple(np.argwhere(image)[0]) for image in y}
    assert places == {(r, c) for r in (1, 2, 3) for c in (1, 2, 3)}
    edge = np.zeros((100, 9))
    edge[:, 0] = 1.0
    assert 0 < learn.shift(1)(edge, np.random.default_rng(1)).sum() < 100  # pushed out is lost, not wrapped


def test_rotation_turns_about_the_centre():
    x = np.zeros((1, 9, 9))
    x[0, 4, 8] = 1.0

    class Quarter:
        @staticmethod
        def uniform(low, high, size):
            return np.full(size, high)

    y = learn.rotation(90.0)(x, Quarter())
    assert y[0].sum() == pytest.approx(1.0) and tuple(np.unravel_index(y[0].argmax(), (9, 9))) in {
        (0, 4),
        (8, 4),
    }
    images = np.random.default_rng(2).random((5, 64))
    assert learn.rotation(0.0)(images, np.random.default_rng(0)) == pytest.approx(images, abs=1e-12)


def test_noise_and_transform_in_the_loader():
    data = (np.zeros((50, 4)), np.zeros(50))
    loader = learn.DataLoader(data, 25, transform=learn.noise(0.5), seed=2)
    first, again = (
        np.concatenate([x for x, _ in loader.batches(0)]),
        np.concatenate([x for x, _ in loader.batches(0)]),
    )
    assert first.std() == pytest.approx(0.5, rel=0.15) and np.array_equal(first, again)
    with pytest.raises(InvalidValueError, match="no square images"):
        learn.shift(1)(np.zeros((2, 10)), np.random.default_rng(0))


def test_idx_sizes_do_not_wrap_around(tmp_path):
    """A header that claims 2^64 entries, which is 0 in 64 bits, over no data."""
    (tmp_path / "wrapped").write_bytes(
        bytes([0, 0, 8, 4]) + b"".join(n.to_bytes(4, "big") for n in (2**31, 2**31, 4, 1))
    )
    with pytest.raises(FileFormatError, match="needs 18446744073709551616 bytes"):
        learn.read_idx(tmp_path / "wrapped")


@pytest.mark.parametrize("transform", [learn.shift(2), learn.rotation(20.0)], ids=["shift", "rotation"])
def test_colours_of_an_image_move_together(transform):
    """CIFAR's shape; truth: each plane moved alone by the same random numbers."""
    x = np.random.default_rng(1).random((5, 3, 16, 16))
    moved = transform(x, np.random.default_rng(7))
    assert moved.shape == x.shape
    for colour in range(3):
        assert np.array_equal(moved[:, colour], transform(x[:, colour], np.random.default_rng(7)))
