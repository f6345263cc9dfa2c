"""Convolution, pooling, normalisation, recurrence, embeddings.  Truths: the formulas written out entry by entry in
NumPy, closed forms, and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError

RNG = np.random.default_rng(11)


def logistic(z):
    return 1.0 / (1.0 + np.exp(-z))


@pytest.mark.parametrize("stride, padding", [(1, 0), (2, 0), (1, 2), (3, 1)])
def test_convolution_is_scipys_correlation(stride, padding):
    layer = learn.Conv2d(2, 3, 3, stride=stride, padding=padding, seed=1)
    x = RNG.normal(size=(4, 2, 8, 9))
    y = layer(x)
    w, b = layer.weight.val, layer.bias.val
    padded = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    for n in range(4):
        for o in range(3):
            expected = sum(signal.correlate2d(padded[n, c], w[o, c], mode="valid") for c in range(2)) + b[o]
            assert y.val[n, o] == pytest.approx(expected[::stride, ::stride], abs=1e-13)


def test_convolution_of_series():
    layer = learn.Conv1d(2, 3, 4, stride=2, padding=1, seed=1)
    x = RNG.normal(size=(2, 2, 11))
    w, b = layer.weight.val, layer.bias.val
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1)))
    expected = np.array(
        [
            [sum(np.correlate(padded[n, c], w[o, c], "valid") for c in range(2)) + b[o] for o in range(3)]
            for n in range(2)
        ]
    )
    assert layer(x).val == pytest.approx(expected[:, :, ::2], abs=1e-13)
    learn.gradcheck(lambda v: layer(v), x)


def test_pooling():
    x = RNG.normal(size=(2, 3, 5, 6))
    windows = x[:, :, :4, :].reshape(2, 3, 2, 2, 3, 2)
    assert learn.MaxPool2d(2)(x).val.tolist() == windows.max(axis=(3, 5)).tolist()
    assert learn.AvgPool2d(2)(x).val == pytest.approx(windows.mean(axis=(3, 5)))
    learn.gradcheck(learn.AvgPool2d(2), x)
    x[0, 0, 0, 0] = np.nan  # it is seen, not passed over
    assert np.isnan(learn.MaxPool2d(2)(x).val[0, 0, 0, 0])


@pytest.mark.parametrize("place", range(4))
def test_a_nan_in_a_window_is_its_largest_entry_and_gets_the_derivative(place):
    """Also beside what is larger and beside infinity; of equal entries the first gets it."""
    x = learn.Var(np.array([[[[2.0, np.inf], [5.0, 5.0]], [[7.0, 7.0], [7.0, 7.0]]]]))
    x.val[0, 0, place // 2, place % 2] = np.nan
    y = learn.MaxPool2d(2)(x)
    assert np.isnan(y.val[0, 0]).all() and y.val[0, 1].item() == 7.0
    y.backward(np.ones(y.shape))
    assert np.flatnonzero(x.grad[0, 0]).tolist() == [place] and np.flatnonzero(x.grad[0, 1]).tolist() == [0]


def test_a_network_of_convolutions_learns_where_a_bar_is():
    """Bars in rows or columns, anywhere: by chance 1/2."""
    n = 200
    x, t = np.zeros((n, 1, 8, 8), np.float32), np.arange(n) % 2
    for k, place in enumerate(RNG.integers(0, 8, n)):
        x[(k, 0, place) if t[k] else (k, 0, slice(None), place)] = 1.0
    learn.manual_seed(3)
    net = learn.Sequential(
        learn.Conv2d(1, 4, 3), learn.ReLU(), learn.MaxPool2d(2), learn.Flatten(), learn.Linear(36, 2)
    )
    optimizer = learn.Adam(net.parameters(), lr=0.02)
    learn.fit(net, (x[:150], t[:150]), loss=learn.CrossEntropyLoss(), optimizer=optimizer, epochs=15)
    assert all(p.dtype == np.float32 for p in net.parameters())
    assert learn.accuracy(learn.predict(net, x[150:]), t[150:]) == 1.0


@pytest.mark.parametrize("layer, shape", [(learn.BatchNorm1d(3), (5, 3)), (learn.BatchNorm2d(3), (5, 3, 2, 4))])
def test_batch_normalisation(layer, shape):
    x = 3.0 * RNG.normal(size=shape) + 2.0
    axes = tuple(k for k in range(x.ndim) if k != 1)
    wide = (1, 3) + (1,) * (x.ndim - 2)
    layer.weight.val, layer.bias.val = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -1.0])
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    gamma, beta = layer.weight.val.reshape(wide), layer.bias.val.reshape(wide)
    assert layer(x).val == pytest.approx((x - mean) / np.sqrt(var + 1e-5) * gamma + beta, abs=1e-12)
    n = x.size / 3
    assert layer.running_mean == pytest.approx(0.1 * mean.ravel())
    assert layer.running_var == pytest.approx(0.9 + 0.1 * var.ravel() * n / (n - 1))
    learn.gradcheck(lambda v: layer(v), x, tolerance=1e-6)
    layer.eval()
    before = layer.running_mean.copy()
    m, v = layer.running_mean.reshape(wide), layer.running_var.reshape(wide)
    assert layer(x).val == pytest.approx((x - m) / np.sqrt(v + 1e-5) * gamma + beta, abs=1e-12)
    assert np.array_equal(layer.running_mean, before)
    again = type(layer)(3).load_state(layer.state()).eval()
    assert np.array_equal(again(x).val, layer(x).val)


def test_layer_normalisation():
    x, layer = RNG.normal(size=(4, 5, 6)), learn.LayerNorm(6)
    expected = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    assert layer(x).val == pytest.approx(expected, abs=1e-13)
    learn.gradcheck(layer, x, tolerance=1e-6)


def by_hand(layer, x):
    """The formulas of the table, one moment after the other."""
    W, U = layer.input.weight.val, layer.state_before.weight.val
    b, c = layer.input.bias.val, layer.state_before.bias.val
    n, outputs = layer.n_hidden, []
    h = memory = np.zeros((len(x), n))
    for moment in np.swapaxes(x, 0, 1):
        zx, zh = moment @ W.T + b, h @ U.T + c
        if isinstance(layer, learn.GRU):
            r, z = logistic(zx[:, :n] + zh[:, :n]), logistic(zx[:, n : 2 * n] + zh[:, n : 2 * n])
            new = np.tanh(zx[:, 2 * n :] + r * zh[:, 2 * n :])
            h = (1.0 - z) * new + z * h
        elif isinstance(layer, learn.LSTM):
            i, f, g, o = np.split(zx + zh, 4, axis=1)
            memory = logistic(f) * memory + logistic(i) * np.tanh(g)
            h = logistic(o) * np.tanh(memory)
        else:
            h = np.tanh(zx + zh)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("kind", [learn.RNN, learn.GRU, learn.LSTM])
def test_recurrent_layers(kind):
    layer, x = kind(3, 4, seed=2), RNG.normal(size=(2, 5, 3))
    states, last = layer(x)
    expected = by_hand(layer, x)
    assert states.val == pytest.approx(expected, abs=1e-14)
    final = last[0] if kind is learn.LSTM else last
    assert final.val == pytest.approx(expected[:, -1], abs=1e-14)
    _, state = layer(x[:, :2])  # a state goes on where it stood
    assert layer(x[:, 2:], state)[0].val == pytest.approx(expected[:, 2:], abs=1e-14)
    learn.gradcheck(lambda v: layer(v)[0], x, tolerance=1e-6)
    numeric = learn.finite_difference(lambda: layer(x)[0].sum(), layer.state_before.weight)
    layer.zero_grad()
    layer(x)[0].sum().backward()
    assert np.asarray(layer.state_before.weight.grad) == pytest.approx(numeric, abs=1e-7)
    other = kind(3, 4, seed=2, batch_first=False)
    assert other(np.swapaxes(x, 0, 1))[0].val == pytest.approx(np.swapaxes(expected, 0, 1), abs=1e-14)


def test_a_gated_network_remembers_the_first_of_ten_symbols():
    x = np.zeros((64, 10, 1), np.float32)
    t = np.arange(64) % 2
    x[:, 0, 0], x[:, 1:, 0] = 2.0 * t - 1.0, 0.3 * RNG.normal(size=(64, 9))
    learn.manual_seed(5)

    class Memory(learn.Module):
        def __init__(self):
            self.cell, self.out = learn.GRU(1, 8), learn.Linear(8, 2)

        def forward(self, x):
            return self.out(self.cell(x)[1])

    net = Memory()
    optimizer = learn.Adam(net.parameters(), lr=0.02)
    learn.fit(net, (x, t), loss=learn.CrossEntropyLoss(), optimizer=optimizer, epochs=40, clip=1.0)
    assert learn.accuracy(learn.predict(net, x), t) == 1.0


def test_embeddings():
    layer = learn.Embedding(5, 3, seed=1)
    index = np.array([[1, 1], [4, 0]])
    assert np.array_equal(layer(index).val, layer.weight.val[index])
    layer(index).sum().backward()
    assert np.asarray(layer.weight.grad)[:, 0].tolist() == [1.0, 2.0, 0.0, 0.0, 1.0]
    with pytest.raises(InvalidValueError, match=r"0 \.\.\. 4"):
        layer([5])
    with pytest.raises(InvalidTypeError, match="whole numbers"):
        layer([0.5])
    t = np.arange(8.0)
    states = learn.delay_embedding(t, order=3, lag=2)
    assert states.tolist() == [[k, k - 2, k - 4] for k in range(4, 8)]
    with pytest.raises(InvalidValueError, match="lag"):
        learn.delay_embedding(t, order=9)


def test_wrong_inputs_are_named():
    for call, words in (
        (lambda: learn.Conv2d(1, 2, 3)(np.zeros((4, 3, 8, 8))), "with C = 1"),
        (lambda: learn.Conv2d(1, 2, 9)(np.zeros((4, 1, 8, 8))), "smaller than the window"),
        (lambda: learn.Conv2d(1, 2, 0), "kernel_size = 0"),
        (lambda: learn.BatchNorm1d(3)(np.zeros((1, 3))), "has no variance"),
        (lambda: learn.LayerNorm(3)(np.zeros((1, 4))), "wanted (..., 3)"),
        (lambda: learn.RNN(3, 4)(np.zeros((2, 5))), "(N, T, 3)"),
        (lambda: learn.AvgPool2d(2, stride=1), "stride"),
    ):
        with pytest.raises(InvalidValueError) as caught:
            call()
        assert words in str(caught.value)


def test_files_hold_every_layer(tmp_path):
    net = learn.Sequential(
        learn.Conv2d(1, 2, 3, padding=1, bias=False, seed=1),
        learn.BatchNorm2d(2),
        learn.MaxPool2d(2),
        learn.Flatten(),
        learn.LayerNorm(8),
        learn.Linear(8, 2, seed=2),
        learn.Softplus(beta=2.0),
    )
    x = RNG.normal(size=(6, 1, 4, 4))
    net(x)
    net.eval()
    net.save(tmp_path / "net.h5")
    again = learn.load(tmp_path / "net.h5").eval()
    assert np.array_equal(again(x).val, net(x).val) and repr(again) == repr(net)


# -- more losses ------------------------------------------------------------------------------------------------


def test_losses_by_hand():
    y, t = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
    d = np.abs(y - t)
    assert learn.L1Loss()(y, t).item() == pytest.approx(d.mean())
    huber = np.where(d <= 0.5, 0.5 * d * d, 0.5 * (d - 0.25))
    assert learn.HuberLoss(delta=0.5)(y, t).item() == pytest.approx(huber.mean())
    p, q = (np.exp(a) / np.exp(a).sum(-1, keepdims=True) for a in (y, t))
    assert learn.KLLoss()(np.log(p), q).item() == pytest.approx(np.sum(q * np.log(q / p), axis=-1).mean())
    c = np.array([0, 2, 1, 1])
    hinge = [np.mean([max(0.0, 1.0 + y[n, k] - y[n, c[n]]) for k in range(3) if k != c[n]]) for n in range(4)]
    assert learn.HingeLoss()(y, c).item() == pytest.approx(np.mean(hinge))
    for loss, target in ((learn.L1Loss(), t), (learn.HuberLoss(0.5), t), (learn.HingeLoss(), c)):
        learn.gradcheck(lambda v, loss=loss, target=target: loss(v, target), y)
    learn.gradcheck(lambda v: learn.KLLoss()(v, q), np.log(p), tolerance=1e-6)


def test_class_weights_sample_weights_and_smoothing():
    z, c = RNG.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0])
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    each, w = -log_p[np.arange(5), c], np.array([1.0, 2.0, 5.0])
    weighted = np.sum(w[c] * each) / np.sum(w[c])
    assert learn.CrossEntropyLoss(weight=w)(z, c).item() == pytest.approx(weighted)
    assert learn.NLLLoss(weight=w)(log_p, c).item() == pytest.approx(weighted)
    s = np.array([1.0, 0.0, 3.0, 1.0, 1.0])
    assert learn.CrossEntropyLoss()(z, c, s).item() == pytest.approx(np.average(each, weights=s))
    half = 0.5 * np.sum(np.square(z), axis=1)
    assert learn.MSELoss()(z, 0.0 * z, s).item() == pytest.approx(np.average(half, weights=s))
    soft = 0.9 * np.eye(3)[c] + 0.1 / 3.0
    assert learn.CrossEntropyLoss(label_smoothing=0.1)(z, c).item() == pytest.approx(-np.mean(np.sum(soft * log_p, -1)))
    assert learn.CrossEntropyLoss(label_smoothing=0.1)(z, soft).item() > 0.0
    learn.gradcheck(lambda v: learn.CrossEntropyLoss(weight=w, label_smoothing=0.2)(v, c), z)
    for wrong in ([1.0, 2.0], [-1.0, 1.0, 1.0]):
        with pytest.raises(InvalidValueError, match="weight"):
            learn.CrossEntropyLoss(weight=wrong)(z, c)
    with pytest.raises(InvalidValueError, match="weights of shape"):
        learn.CrossEntropyLoss()(z, c, [1.0, 2.0])


def test_groups_clipping_and_a_plateau():
    a, b = learn.Var([1.0, 2.0]), learn.Var([3.0])
    optimizer = learn.SGD([{"params": [a], "lr": 0.1}, {"params": [b], "weight_decay": 0.5}], lr=0.01)
    a.grad, b.grad = [1.0, 1.0], [1.0]
    optimizer.step()
    assert a.val == pytest.approx([0.9, 1.9]) and b.val == pytest.approx([3.0 - 0.01 * (1.0 + 1.5)])
    optimizer.lr *= 0.5  # as a schedule does: the ratio stays
    optimizer.step()
    assert a.val == pytest.approx([0.85, 1.85])
    with pytest.raises(InvalidValueError, match="rate"):
        learn.SGD([{"params": [a], "rate": 0.1}])
    a.grad, b.grad = [3.0, 0.0], [4.0]
    assert learn.clip_gradients([a, b], norm=1.0) == 5.0
    assert a.grad == pytest.approx([0.6, 0.0]) and b.grad == pytest.approx([0.8])
    learn.clip_gradients([a, b], value=0.7)
    assert a.grad == pytest.approx([0.6, 0.0]) and b.grad == pytest.approx([0.7])
    falling = learn.plateau(0.1, patience=2)
    assert [falling.after([1.0] * n) for n in range(1, 7)] == pytest.approx([1.0, 1.0, 0.1, 0.1, 0.01, 0.01])
    net = learn.Sequential(learn.Linear(1, 1, seed=1))
    history = learn.fit(
        net,
        (np.zeros((4, 1)), np.array([[1.0], [-1.0], [1.0], [-1.0]])),
        loss=learn.MSELoss(),
        optimizer=learn.SGD(net.parameters(), lr=1e-3),
        epochs=6,
        batch_size=None,
        schedule=learn.plateau(0.5, patience=2, least=1.0),
    )
    assert history["lr"] == pytest.approx([1e-3, 1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4])


def test_confusion_matrix():
    outputs = np.array([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.0, 0.1, 0.9]])
    table = learn.confusion_matrix(outputs, [0, 1, 1, 2])
    assert table.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert table.trace() / table.sum() == learn.accuracy(outputs, [0, 1, 1, 2])
    assert learn.confusion_matrix([0.9, 0.2], [1, 1]).tolist() == [[0, 0], [1, 1]]
