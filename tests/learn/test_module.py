"""Section 5.1.3: networks.  Truths: the notes' listings and shapes, expectation of Dropout, exact round
trips."""

from __future__ import annotations

import math

import h5py
import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import (
    FileFormatError,
    InvalidValueError,
    OutputFileError,
    SpikesimWarning,
    UnknownNameError,
)


class MyNet(learn.Module):
    """The notes' mynet."""

    def __init__(self):
        self.lyr = learn.ModuleList()
        self.lyr.append(learn.Linear(6, 10, bias=False))
        self.lyr.append(learn.Sigmoid())
        self.lyr.append(learn.Linear(10, 5))
        self.lyr.append(learn.Sigmoid())
        self.lyr.append(learn.Linear(5, 3))
        self.lyr.append(learn.LogSoftmax(dim=1))

    def forward(self, x):
        y = x
        for layer in self.lyr:
            y = layer(y)
        return y


class Hiding(learn.Module):
    def __init__(self):
        self.lyr = []
        self.lyr.append(learn.Linear(2, 2))

    def forward(self, x):
        return self.lyr[0](x)


def test_parameters_have_the_notes_shapes():
    shapes = [p.shape for p in MyNet().parameters()]
    assert shapes == [(10, 6), (5, 10), (5,), (3, 5), (3,)]
    assert repr(next(MyNet().parameters())).startswith("Parameter containing:\ntensor([[")


def test_super_init_is_welcome():
    class Net(learn.Module):
        def __init__(self):
            super().__init__()
            self.a = learn.Linear(2, 3)

    assert len(list(Net().parameters())) == 2


def test_plain_list_hides_layers_and_says_so():
    with pytest.warns(SpikesimWarning, match=r"Hiding\.lyr is a plain list that hides 1 layer.*ModuleList"):
        assert list(Hiding().parameters()) == []


def test_untrained_loss_is_near_ln_3():
    """The notes: 1.1283; ln 3 = 1.0986."""
    A = 3.0 * (np.random.default_rng(0).random((3, 6)) - 0.5)
    ds = learn.DiscreteMapping(A, np.eye(3))
    for seed in range(5):
        learn.manual_seed(seed)
        assert 1.05 < learn.NLLLoss()(MyNet()(ds.inputs()), ds.classes()).item() < 1.25


def test_default_start_is_uniform_in_one_over_root_fan_in():
    layer = learn.Linear(400, 300, seed=0)
    w = layer.weight.val
    assert np.abs(w).max() <= 0.05 and np.abs(layer.bias.val).max() <= 0.05
    assert w.var() == pytest.approx(0.05**2 / 3, rel=0.01)


@pytest.mark.parametrize(
    ("init", "sd"),
    [("glorot", math.sqrt(2 / 500)), ("he", math.sqrt(2 / 300)), ("normal", 1.0), ("zeros", 0.0)],
)
def test_schemes(init, sd):
    w = learn.Linear(300, 200, init=init, seed=5).weight.val
    assert w.std() == pytest.approx(sd, rel=0.02)


def test_orthogonal_scheme():
    w = learn.Linear(30, 20, init="orthogonal", seed=5).weight.val
    assert w @ w.T == pytest.approx(np.eye(20), abs=1e-13)


def test_seeds_repeat_and_names_help():
    learn.manual_seed(9)
    a = learn.Linear(3, 2)
    learn.manual_seed(9)
    assert np.array_equal(a.weight.val, learn.Linear(3, 2).weight.val)
    assert np.array_equal(learn.Linear(3, 2, seed=1).weight.val, learn.Linear(3, 2, seed=1).weight.val)
    with pytest.raises(UnknownNameError, match="did you mean 'glorot'"):
        learn.Linear(2, 2, init="gloro")
    with pytest.raises(InvalidValueError, match="n_out must be a positive whole number, got 0"):
        learn.Linear(2, 0)
    with pytest.raises(InvalidValueError, match=r"input of shape \(5, 4\), wanted \(\.\.\., 3\)"):
        a(np.zeros((5, 4)))


def test_precision_follows_the_first_data():
    x = np.ones((2, 3), dtype=np.float32)
    assert learn.Linear(3, 2)(x).dtype == np.float32
    assert learn.Linear(3, 2)(x.astype(np.float64)).dtype == np.float64
    assert learn.Linear(3, 2, dtype=np.float64)(x).dtype == np.float64
    assert learn.Linear(3, 2)([[1, 2, 3]]).dtype == np.float64


def test_lif_rate_starts_its_layer_at_threshold():
    net = learn.Sequential(learn.Linear(100, 50), learn.LIFRate(), learn.Linear(50, 2))
    assert (
        0.0 <= net[0].bias.val.min() < 0.2
        and 1.8 < net[0].bias.val.max() <= 2.0
        and net[0].weight.val.std() == pytest.approx(math.sqrt(2 / 100), rel=0.1)
    )
    chosen = learn.Sequential(learn.Linear(100, 50, init="zeros"), learn.LIFRate())
    assert (chosen[0].bias.val == 0.0).all()


# -- dropout (5.4.3) -----------------------------------------------------------------------------------------


def test_dropout_by_the_notes():
    layer = learn.Dropout(0.8, seed=0)
    h = learn.Var(np.ones((1000, 100)))
    y = layer(h)
    y.sum().backward()
    assert np.unique(y.val) == pytest.approx([0.0, 5.0], rel=1e-15)  # alpha = 0.8 -> x 5
    assert np.array_equal(h.grad, y.val)  # backward: 0 or 1/(1 - alpha), by the same mask
    assert y.val.mean() == pytest.approx(1.0, rel=0.02)  # 1e5 draws: standard error 0.0063
    assert not np.array_equal(layer(h).val, y.val)
    layer.eval()
    assert layer(h) is h


def test_dropout_keeps_the_expected_input():
    """E[h^ W] = h W for every entry."""
    rng = np.random.default_rng(1)
    h, w = rng.uniform(0.5, 1.0, 50), rng.normal(size=(50, 3))
    layer = learn.Dropout(0.5, seed=3)
    mean = np.mean(layer(np.tile(h, (100_000, 1))).val @ w, axis=0)
    error = np.sqrt(np.sum((h[:, None] * w) ** 2, axis=0) / 100_000)
    assert np.all(np.abs(mean - h @ w) < 4.5 * error)


def test_dropout_masks_depend_on_seed_and_call_only():
    a, b = learn.Dropout(0.5, seed=4), learn.Dropout(0.5, seed=4)
    x = np.ones((3, 5))
    assert np.array_equal(a(x).val, b(x).val) and np.array_equal(a(x).val, b(x).val)
    with pytest.raises(InvalidValueError, match=r"alpha = 1\.0"):
        learn.Dropout(1.0)


# -- files ---------------------------------------------------------------------------------------------------


def test_save_and_load(tmp_path):
    net = learn.Sequential(
        learn.Linear(4, 3, bias=False),
        learn.LIFRate(tau_m=15.0),
        learn.Dropout(0.3),
        learn.Sequential(learn.Linear(3, 2)),
        learn.Softmax(dim=1),
    )
    net.eval()
    x = np.random.default_rng(0).normal(size=(6, 4))
    y = net(x).val
    net.save(tmp_path / "net.h5")
    again = learn.load(tmp_path / "net.h5").eval()
    assert np.array_equal(again(x).val, y) and repr(again) == repr(net)
    with pytest.raises(OutputFileError, match="overwrite=True"):
        net.save(tmp_path / "net.h5")
    net.astype(np.float32).save(tmp_path / "net.h5", overwrite=True)
    assert learn.load(tmp_path / "net.h5")[0].weight.dtype == np.float32


def test_own_module_is_loaded_into(tmp_path):
    net = MyNet()
    net.save(tmp_path / "net.h5")
    with pytest.raises(FileFormatError, match="into=model"):
        learn.load(tmp_path / "net.h5")
    other = MyNet()
    learn.load(tmp_path / "net.h5", into=other)
    assert all(np.array_equal(p.val, q.val) for p, q in zip(net.parameters(), other.parameters()))
    with pytest.raises(UnknownNameError, match="missing"):
        learn.load(tmp_path / "net.h5", into=learn.Sequential(learn.Linear(1, 1)))


def test_wrong_files_are_refused(tmp_path):
    (tmp_path / "text.h5").write_text("not HDF5")
    with pytest.raises(FileFormatError, match="cannot be read as an HDF5 file"):
        learn.load(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["a"] = 1
    with pytest.raises(FileFormatError, match=r"wanted 'spikesim\.learn'"):
        learn.load(tmp_path / "other.h5")
    with pytest.raises(FileNotFoundError):
        learn.load(tmp_path / "none.h5")


def test_summary_counts():
    text = learn.Sequential(learn.Linear(6, 10), learn.ReLU(), learn.Linear(10, 3)).summary()
    assert "weight (10, 6)  bias (10,)" in text and text.splitlines()[-1].split() == ["total", "103"]


def test_trained_layers_keep_their_weights_in_another_sequential() -> None:
    """A LIFRate chooses the weights in front of it only while nobody has set or trained them."""
    model = learn.Sequential(learn.Linear(3, 4, seed=1), learn.LIFRate(), learn.Linear(4, 2, seed=2))
    model[0].weight.val[...] += 0.25  # what an optimiser does
    before = model[0].weight.val.copy()
    longer = learn.Sequential(*model, learn.LogSoftmax())
    assert np.array_equal(longer[0].weight.val, before)
