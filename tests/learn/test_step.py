"""TrainingStep against the loop written out: the same bits, whether the tape goes on or what it does is kept."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError, NumericalError

RNG = np.random.default_rng(8)
N = 7


class Residual(learn.Module):
    """Two ways of different shapes that meet again, a parameter used twice, a number of its own."""

    repeatable = True

    def __init__(self):
        self.inner, self.scale = learn.Linear(5, 5, seed=3), learn.Parameter(np.full(5, 0.5))

    def forward(self, x):
        return x * self.scale + learn.tanh(self.inner(x)) * 2.0 + self.scale


class Own(learn.Module):
    """Says nothing of itself, and remembers."""

    def __init__(self):
        self.layer, self.calls = learn.Linear(5, 5, seed=3), 0

    def forward(self, x):
        self.calls += 1
        return self.layer(x) * (1.0 + 0.1 * self.calls)


def images():
    return [learn.Conv2d(1, 3, 3, padding=1, seed=1), learn.ReLU(), learn.MaxPool2d(2), learn.AvgPool2d(2)]


LAYERS = {
    "logistic": lambda: [learn.Linear(5, 4, seed=1), learn.Logistic(), learn.Linear(4, 3, seed=2)],
    "no bias": lambda: [learn.Linear(5, 4, bias=False, seed=1), learn.Tanh(scaled=True), learn.Linear(4, 3, seed=2)],
    "relu, softplus": lambda: [
        learn.Linear(5, 4, seed=1),
        learn.ReLU(),
        learn.Linear(4, 3, seed=2),
        learn.Softplus(2.0),
    ],
    "lif": lambda: [learn.Linear(5, 6, seed=1), learn.LIFRate(), learn.LayerNorm(6), learn.Linear(6, 3, seed=2)],
    "softmax": lambda: [learn.Linear(5, 4, seed=1), learn.LeakyReLU(), learn.Softmax(), learn.Linear(4, 3, seed=2)],
    "own": lambda: [Residual(), learn.Linear(5, 3, seed=2)],
    "images": lambda: [*images(), learn.Flatten(), learn.Linear(3, 3, seed=2)],
    "series": lambda: [learn.Conv1d(1, 2, 3, seed=1), learn.Arctan(), learn.Flatten(), learn.Linear(6, 3, seed=2)],
}
NOT_KEPT = {
    "dropout": lambda: [learn.Linear(5, 8, seed=1), learn.Dropout(0.5, seed=4), learn.Linear(8, 3, seed=2)],
    "batch norm": lambda: [learn.Linear(5, 4, seed=1), learn.BatchNorm1d(4), learn.Linear(4, 3, seed=2)],
    "function": lambda: [learn.Linear(5, 4, seed=1), lambda z: z * float(z.val[0, 0]), learn.Linear(4, 3, seed=2)],
    "remembers": lambda: [Own(), learn.Linear(5, 3, seed=2)],
}
SHAPES = {"images": (1, 4, 4), "series": (1, 5)}
CLASSES, NUMBERS, SHARES = RNG.integers(0, 3, (6, N)), RNG.normal(size=(6, N, 3)), RNG.random((6, N, 3))
LOSSES = {
    "cross entropy": (learn.CrossEntropyLoss, CLASSES),
    "cross entropy, int32": (learn.CrossEntropyLoss, CLASSES.astype(np.int32)),
    "cross entropy of shares": (learn.CrossEntropyLoss, SHARES / SHARES.sum(axis=-1, keepdims=True)),
    "sum": (lambda: learn.CrossEntropyLoss("sum"), CLASSES),
    "squares": (learn.MSELoss, NUMBERS),
    "squares, float32": (lambda: learn.MSELoss(half=False), NUMBERS.astype(np.float32)),
    "logits": (learn.BCEWithLogitsLoss, SHARES),
    "huber": (lambda: learn.HuberLoss(0.3), NUMBERS),
    "l1": (learn.L1Loss, NUMBERS),
}
LOSSES_NOT_KEPT = {
    "weights": (lambda: learn.CrossEntropyLoss(weight=[1.0, 2.0, 3.0]), CLASSES),
    "smoothed": (lambda: learn.CrossEntropyLoss(label_smoothing=0.1), CLASSES),
    "hinge": (learn.HingeLoss, CLASSES),
    "function": (lambda: lambda y, t: ((y - t) ** 2).mean(), NUMBERS),
}
OPTIMIZERS = {
    "SGD": lambda p: learn.SGD(p, lr=0.1),
    "momentum": lambda p: learn.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: learn.Adam(p, lr=0.01, weight_decay=0.01),
    "RMSProp": lambda p: learn.RMSProp(p, lr=0.01, l1=0.01),
}


def written_out(net, loss, optimizer, x, t):
    error = loss(net(x), t)
    optimizer.zero_grad()
    error.backward()
    optimizer.step()
    return error.item()


def kept(step):
    return [program is not None for program in step._programs.values()]


def both(layers, loss, targets, optimizer="SGD", shape=(5,), dtype=float):
    """Train twins for six batches, one by the step, and hold them to the same bits; return the step."""
    one = learn.Sequential(*layers()).astype(dtype)
    two = copy.deepcopy(one)
    make = OPTIMIZERS[optimizer]
    step = learn.TrainingStep(one, loss(), make(one.parameters()))
    by_hand, other = make(two.parameters()), loss()
    for k, t in enumerate(targets):
        x = np.random.default_rng(k).normal(size=(N, *shape)).astype(dtype)
        assert step(x, t) == written_out(two, other, by_hand, x, t)
        for p, q in zip(one.parameters(), two.parameters()):
            assert p._val.tobytes() == q._val.tobytes() and p._grad.tobytes() == q._grad.tobytes()
    return step


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, dtype):
    step = both(LAYERS[name], learn.CrossEntropyLoss, CLASSES, "SGD", SHAPES.get(name, (5,)), dtype)
    assert all(kept(step)), "this is about what is kept"


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name):
    loss, targets = LOSSES[name]
    assert all(kept(both(LAYERS["logistic"], loss, targets)))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name):
    both(LAYERS["logistic"], learn.MSELoss, NUMBERS, name)


@pytest.mark.parametrize("name", NOT_KEPT)
def test_layers_that_draw_remember_or_choose_are_never_kept(name):
    assert not any(kept(both(NOT_KEPT[name], learn.CrossEntropyLoss, CLASSES)))


@pytest.mark.parametrize("name", LOSSES_NOT_KEPT)
def test_losses_whose_targets_become_other_values_are_never_kept(name):
    loss, targets = LOSSES_NOT_KEPT[name]
    assert not any(kept(both(LAYERS["logistic"], loss, targets)))


def test_a_class_answers_for_its_own_forward_only():
    class Noisy(learn.Linear):
        def forward(self, x):
            return super().forward(x) * 2.0

    class Renamed(learn.ReLU):
        """Nothing of its own."""

    class Cubic(learn.MSELoss):
        def each(self, y, t):
            return abs(y - t) ** 3

    assert learn.Linear.repeatable and Renamed.repeatable and not Noisy.repeatable and not Cubic.repeatable


def test_what_is_kept_is_written_anew_when_the_model_changes():
    """Another slope, a layer more, frozen parameters, other weights, another precision, another forward."""
    one = learn.Sequential(learn.Linear(5, 4, seed=1), learn.LeakyReLU(0.1), learn.Linear(4, 3, seed=2))
    two = copy.deepcopy(one)
    loss, step = (
        learn.CrossEntropyLoss(),
        learn.TrainingStep(one, learn.CrossEntropyLoss(), learn.SGD(one.parameters())),
    )
    by_hand = learn.SGD(two.parameters())
    x, t = RNG.normal(size=(N, 5)), CLASSES[0]

    def slope(net):
        net[1].slope = 0.5

    def function(net):
        net.append(learn.Tanh())

    def frozen(net):
        net[0].freeze()

    def thawed(net):
        net[0].freeze(False)

    def weights(net):
        net[2].weight.val = np.ones((3, 4))

    def single(net):
        net.astype(np.float32)

    def forward(net):
        net[1].forward = lambda z: 3.0 * z

    for change in (slope, function, frozen, thawed, weights, single, forward):
        for _ in range(2):
            assert step(x, t) == written_out(two, loss, by_hand, x, t), change
        for net in (one, two):
            change(net)
        for _ in range(2):
            assert step(x, t) == written_out(two, loss, by_hand, x, t), change
            for p, q in zip(one.parameters(), two.parameters()):
                assert p._val.tobytes() == q._val.tobytes(), change
    assert not any(kept(step))  # the last change is a function of the user's


def test_batches_of_several_shapes():
    net = learn.Sequential(learn.Linear(2, 3, seed=1))
    step = learn.TrainingStep(net, learn.CrossEntropyLoss(), learn.SGD(net.parameters()))
    for n in (4, 3, 4, 3):
        step(RNG.normal(size=(n, 2)), np.zeros(n, int))
    assert kept(step) == [True, True]
    for n in range(5, 40):
        step(RNG.normal(size=(n, 2)), np.zeros(n, int))
    assert len(kept(step)) < 10
    assert step([[1.0, 2.0]], [1]) > 0.0 and step(np.array([[1, 2]]), [1]) > 0.0  # lists, whole numbers: by the tape


def test_every_parameter_owns_its_gradient():
    class Sums(learn.Module):
        repeatable = True

        def __init__(self):
            self.a, self.b = learn.Parameter(np.zeros((2, 3))), learn.Parameter(np.zeros((2, 3)))

        def forward(self, x):
            return x + self.a + self.b

    net = Sums()
    step = learn.TrainingStep(net, learn.MSELoss(), learn.SGD(net.parameters()))
    step.gradients(np.ones((2, 3)), np.zeros((2, 3)))
    assert kept(step) == [True]
    net.a.grad.val[...] = 7.0
    assert net.b.grad.val.max() < 7.0


def test_gradients_add_up_in_parameters_that_the_optimizer_does_not_hold():
    net = learn.Sequential(learn.Linear(5, 3, seed=1), learn.Linear(3, 3, seed=2))
    step = learn.TrainingStep(net, learn.CrossEntropyLoss(), learn.SGD(net[1].parameters()))
    x = RNG.normal(size=(N, 5))
    step.gradients(x, CLASSES[0])
    once = [p._grad.copy() for p in net.parameters()]
    step.gradients(x, CLASSES[0])
    assert net[0].weight._grad == pytest.approx(2.0 * once[0]) and np.array_equal(net[1].weight._grad, once[2])


def test_mistakes():
    net = learn.Sequential(learn.Linear(2, 3, seed=1))
    sgd, loss = learn.SGD(net.parameters()), learn.CrossEntropyLoss()
    step = learn.TrainingStep(net, loss, sgd)
    x = np.ones((4, 2))
    step(x, np.zeros(4, int))
    with pytest.raises(InvalidValueError, match="class 5 of sample 3"):
        step(x, np.array([0, 1, 2, 5]))
    with pytest.raises(InvalidTypeError, match="class indices must be integers"):
        step(x, np.zeros(4))
    with pytest.raises(NumericalError, match="the inputs of the batch hold NaN"):
        step(np.full((4, 2), np.nan), np.zeros(4, int))
    net[0].weight.val[:] = np.inf
    with pytest.raises(NumericalError, match="lower the learning rate"):
        step(x, np.zeros(4, int))
    with pytest.raises(InvalidTypeError, match="loss must be callable"):
        learn.TrainingStep(net, learn.MSELoss, sgd)
    with pytest.raises(InvalidTypeError, match=r"got \(Linear, CrossEntropyLoss, list\)"):
        learn.TrainingStep(net[0], loss, [])
    with pytest.raises(InvalidTypeError, match="must return a Var"):
        learn.TrainingStep(net, lambda y, t: 1.0, sgd)(x, np.zeros(4, int))


def test_a_layer_put_in_the_place_of_another_is_what_learns() -> None:
    """Also from batches of a shape that comes again only after one of another shape was looked at anew."""
    net = learn.Sequential(learn.Linear(2, 1, seed=1))
    net[0].bias = net[0].bias  # as often as a new layer is set in its place: a count of all changes is the same then
    step = learn.TrainingStep(net, learn.MSELoss(), learn.SGD(net.parameters(), lr=0.1))
    batches = [(np.ones((n, 2)), np.zeros((n, 1))) for n in (4, 3)]
    for x, t in batches:
        step.gradients(x, t)
    setattr(net, "0", learn.Linear(2, 1, seed=5))
    for x, t in batches:
        error, _ = step.gradients(x, t)
        wanted = learn.MSELoss()(net(x), t)
        assert error == wanted.item()
        net.zero_grad()
        step.gradients(x, t)
        assert net[0].weight.grad is not None and np.any(net[0].weight.grad)


@pytest.mark.parametrize("what", ["inputs", "targets"])
def test_a_batch_that_is_not_finite_is_named(what: str) -> None:
    """And leaves the parameters alone."""
    net = learn.Sequential(learn.Linear(3, 1, seed=1))
    step = learn.TrainingStep(net, learn.MSELoss(), learn.SGD(net.parameters(), lr=0.1))
    x, t, before = RNG.normal(size=(N, 3)), np.zeros((N, 1)), net[0].weight.val.copy()
    (x if what == "inputs" else t)[2, 0] = np.nan
    with pytest.raises(NumericalError, match=f"the {what} of the batch hold NaN"):
        step(x, t)
    assert np.array_equal(net[0].weight.val, before)


def test_a_loss_a_sample_is_no_loss_to_learn_by() -> None:
    net = learn.Sequential(learn.Linear(3, 1, seed=1))
    step = learn.TrainingStep(net, learn.MSELoss(reduction="none"), learn.SGD(net.parameters(), lr=0.1))
    with pytest.raises(InvalidValueError, match=r'TrainingStep: .* one number, got .* reduction="mean"'):
        step(RNG.normal(size=(N, 3)), np.zeros((N, 1)))


def test_targets_may_be_lists() -> None:
    """As for the loop written out, also where an output of one column answers to a row of targets."""
    x = RNG.normal(size=(N, 3))
    t = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0]
    found = []
    for targets in (t, np.array(t)):
        net = learn.Sequential(learn.Linear(3, 1, seed=1))
        step = learn.TrainingStep(net, learn.BCEWithLogitsLoss(), learn.SGD(net.parameters(), lr=0.1))
        found.append((step(x, targets), net[0].weight.val.tolist()))
    assert found[0] == found[1]
