"""What a user may write and what must come of it.  Truths: counts by hand, closed forms, PyTorch's conventions."""

from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pytest

from spikesim import learn
from spikesim.blas import Threads
from spikesim.errors import InvalidTypeError, InvalidValueError, SpikesimWarning
from spikesim.learn.autodiff.rules import products

# -- classes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outputs, targets, right",
    [
        ([[0.9], [0.1], [0.8]], [1, 0, 1], 1.0),
        ([[0.9], [0.1], [0.8]], [[1], [0], [0]], 2 / 3),
        ([0.9, 0.1, 0.8], [[1], [0], [1]], 1.0),
        ([[0.1, 0.9], [0.8, 0.2]], [[1], [0]], 1.0),
        ([[0.1, 0.9], [0.8, 0.2]], [1, 1], 0.5),
        ([[0.1, 0.9], [0.8, 0.2]], [[0, 1], [1, 0]], 1.0),
    ],
)
def test_accuracy_counts_samples_not_pairs(outputs, targets, right):
    assert learn.accuracy(outputs, targets) == right


def test_accuracy_refuses_other_numbers():
    with pytest.raises(InvalidValueError, match="one class a sample"):
        learn.accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 0, 1])


def test_scores_take_columns():
    x, y = np.random.default_rng(1).normal(size=(60, 2)), np.arange(60) % 2
    x[:, 0] += 6.0 * y
    clf = learn.RateClassifier(hidden=(), epochs=40, lr=0.05).fit(x, y)
    with pytest.warns(Warning, match="column-vector"):
        assert clf.score(x, y[:, None]) == clf.score(x, y) > 0.95


# -- arguments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [lambda: learn.ReLU(np.ones(3)), lambda: learn.Sigmoid(dim=1), lambda: learn.Tanh(1, 2)]
)
def test_arguments_are_used_or_refused(wrong):
    with pytest.raises(TypeError):
        wrong()


def test_a_module_without_arguments_says_how_it_is_called():
    with pytest.raises(InvalidTypeError, match=r"ReLU\(\)\(x\)"):
        learn.ReLU(np.ones(3))


def test_every_activation_uses_what_it_is_given():
    z = np.linspace(-2.0, 2.0, 9)
    assert learn.Softplus(beta=5.0)(z).val == pytest.approx(np.log1p(np.exp(5.0 * z)) / 5.0, rel=1e-14)
    assert learn.Threshold(0.5)(z).tolist() == (z > 0.5).astype(float).tolist()
    learn.gradcheck(learn.Softplus(beta=5.0), z)


# -- losses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_wrongest_probability_does_not_stop_an_optimiser(dtype):
    """At p = 0 of the true class the slope is large, but its square is a number: Adam goes on."""
    for loss, y0, t in (
        (learn.BCELoss(), [[0.0]], [[1.0]]),
        (learn.BCELoss(), [[1.0]], [[0.0]]),
        (learn.CategoricalCrossEntropyLoss(), [[0.0, 1.0]], [0]),
    ):
        y = learn.Var(y0, dtype=dtype)
        optimizer = learn.Adam([y], lr=0.1)
        loss(y, np.asarray(t)).backward()
        assert 1e11 < np.max(np.abs(y.grad)) < 1e13 and np.isfinite(np.square(y.grad)).all()
        optimizer.step()
        assert np.isfinite(y.val).all() and not np.array_equal(y.val, y0)


def test_an_impossible_class_that_nobody_wants_costs_nothing():
    z = learn.Var([[-np.inf, 1.0, 2.0]])
    loss = learn.CrossEntropyLoss()(z, np.array([[0.0, 1.0, 0.0]]))
    loss.backward()
    p = 1.0 / (1.0 + np.e)
    assert loss.item() == pytest.approx(-np.log(p)) and z.grad == pytest.approx(np.array([[0.0, p - 1.0, 1.0 - p]]))


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda z, c: learn.CrossEntropyLoss()(z[:, :1], np.zeros(4, int)), "BCEWithLogitsLoss"),
        (lambda z, c: learn.NLLLoss()(z, c), "LogSoftmax"),
        (lambda z, c: learn.NLLLoss()(learn.Softmax()(z), c), "LogSoftmax"),
        (lambda z, c: learn.CrossEntropyLoss()(learn.Softmax()(z), c), "applies itself"),
        (lambda z, c: learn.BCEWithLogitsLoss()(learn.Logistic()(z[:, :1]), np.ones((4, 1))), "applies itself"),
    ],
)
def test_what_would_train_on_silently_is_said(make, words):
    z, c = learn.Var(np.random.default_rng(0).normal(size=(4, 3))), np.array([0, 1, 2, 0])
    with pytest.warns(SpikesimWarning, match=words):
        make(z, c)


def test_right_pairings_say_nothing():
    z, c = learn.Var(np.random.default_rng(0).normal(size=(4, 3))), np.array([0, 1, 2, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learn.NLLLoss()(learn.LogSoftmax()(z), c)
        learn.NLLLoss()(learn.log(learn.Softmax()(z)), c)
        learn.CrossEntropyLoss()(z, c)
        learn.CategoricalCrossEntropyLoss()(learn.Softmax()(z), c)
        learn.BCELoss()(learn.Logistic()(z[:, :1]), np.ones((4, 1)))


# -- data -------------------------------------------------------------------------------------------------------


class Jittered(learn.Dataset):
    """A user's augmentation: every reading is another."""

    def __init__(self):
        self.readings = 0
        self.n = 4

    def __len__(self):
        return self.n

    def __getitem__(self, k):
        self.readings += 1
        return np.array([float(k) + 0.001 * self.readings]), k


def test_a_users_dataset_is_read_in_every_epoch():
    data = Jittered()
    loader = learn.DataLoader(data, batch_size=2, seed=0)
    first = np.concatenate([x for x, _ in loader])
    second = np.concatenate([x for x, _ in loader])
    assert data.readings == 8 and not set(first.ravel()) & set(second.ravel())
    data.n = 6  # samples that came later are there
    assert len(loader) == 3 and sorted(np.concatenate([t for _, t in loader])) == list(range(6))
    train, held = learn.split(data, 2)
    before = data.readings
    assert [len(t) for _, t in learn.DataLoader(train, batch_size=3)] == [3, 1] and data.readings == before + 4
    assert len(held) == 2


def test_any_object_with_the_protocol_is_read_too():
    class Plain:
        samples = [([1.0], 0), ([2.0], 1)]

        def __len__(self):
            return len(self.samples)

        def __getitem__(self, k):
            return self.samples[k]

    data = Plain()
    loader = learn.DataLoader(data, batch_size=None, shuffle=False)
    assert next(iter(loader))[0].tolist() == [[1.0], [2.0]]
    data.samples = [*data.samples, ([3.0], 0)]
    assert next(iter(loader))[0].tolist() == [[1.0], [2.0], [3.0]]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("batch_size", [None, 2, 4])
def test_a_batch_is_a_copy(batch_size, shuffle):
    data = learn.Dataset(np.arange(4.0)[:, None], np.arange(4))
    for x, t in learn.DataLoader(data, batch_size=batch_size, shuffle=shuffle):
        x[...], t[...] = -1.0, -1
    assert data.inputs().tolist() == [[0.0], [1.0], [2.0], [3.0]] and data.classes().tolist() == [0, 1, 2, 3]


# -- threads ----------------------------------------------------------------------------------------------------


def test_small_products_take_one_thread_and_put_the_number_back(monkeypatch):
    used = []
    state = {"n": 2}
    fake = Threads(lambda: state["n"], lambda n: (used.append(n), state.update(n=n)))
    monkeypatch.setattr(products, "threads_of", lambda _: fake)
    net = learn.Sequential(learn.Linear(784, 256, seed=1), learn.Logistic(), learn.Linear(256, 10, seed=2))
    loss = learn.CrossEntropyLoss()(net(np.zeros((32, 784))), np.zeros(32, int))
    forward = len(used)
    loss.backward()
    assert forward >= 2 and len(used) > forward and state["n"] == 2
    assert used[::2] == [1] * (len(used) // 2) and used[1::2] == [2] * (len(used) // 2)
    used.clear()
    products.product(np.zeros((10, 10)), np.zeros((10, 10)))  # tiny: BLAS itself takes one
    products.product(np.zeros((1000, 1000), np.float32), np.zeros((1000, 100), np.float32))  # large: all of them
    assert used == []


# -- copies and files -------------------------------------------------------------------------------------------


def test_a_copy_of_a_network_is_a_network_of_its_own():
    net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.Tanh(), learn.Linear(3, 1, seed=2))
    for other in (copy.copy(net), copy.deepcopy(net)):
        before = net.state()
        assert all(np.array_equal(a, b) for a, b in zip(before.values(), other.state().values()))
        loss = learn.MSELoss()(other(np.ones((4, 2))), np.zeros((4, 1)))
        loss.backward()
        learn.SGD(other.parameters(), lr=1.0).step()
        assert all(np.array_equal(a, b) for a, b in zip(before.values(), net.state().values()))
        assert not np.array_equal(before["0.weight"], other.state()["0.weight"])


@pytest.mark.parametrize(
    "schedule",
    [
        learn.exponential(0.9),
        learn.step_decay(3),
        learn.cosine(10, floor=0.1),
        learn.warmup(3, learn.cosine(10)),
        learn.plateau(0.5, patience=2),
    ],
)
def test_schedules_are_values(schedule):
    again = pickle.loads(pickle.dumps(schedule))
    assert [again(k) for k in range(20)] == [schedule(k) for k in range(20)]


def test_frozen_parameters_stay_and_are_passed_over():
    net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.Tanh(), learn.Linear(3, 1, seed=2))
    net[0].freeze()
    before = net.state()
    optimizer = learn.Adam(net.parameters(), lr=0.1)
    learn.fit(net, (np.ones((8, 2)), np.zeros((8, 1))), loss=learn.MSELoss(), optimizer=optimizer, epochs=2)
    after = net.state()
    assert list(after) == list(before) and np.array_equal(after["0.weight"], before["0.weight"])
    assert not np.array_equal(after["2.weight"], before["2.weight"])
    net[0].freeze(False)
    learn.fit(net, (np.ones((8, 2)), np.zeros((8, 1))), loss=learn.MSELoss(), optimizer=optimizer, epochs=2)
    assert not np.array_equal(net.state()["0.weight"], before["0.weight"])
    net.freeze()
    with pytest.raises(InvalidValueError, match="none of the 4 parameters") as caught:
        learn.SGD(net.parameters())
    assert len(str(caught.value)) < 200
