"""What a user gets wrong is said at the line that did it.  Truth: the error's kind and what it names."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError, NumericalError, SpikesimWarning

X, CLASSES = np.random.default_rng(1).random((6, 4)), np.arange(6) % 3


def net():
    return learn.Sequential(learn.Linear(4, 5, seed=1), learn.ReLU(), learn.Linear(5, 3, seed=2))


def fit(x, t, loss=None, **options):
    model = net()
    optimizer = learn.SGD(model.parameters(), lr=0.1)
    return learn.fit(model, (x, t), loss=loss or learn.CrossEntropyLoss(), optimizer=optimizer, **options)


def fit_loader(**options):
    model, loader = net(), learn.DataLoader((X, CLASSES), 10, **options)
    return learn.fit(model, loader, loss=learn.CrossEntropyLoss(), optimizer=learn.SGD(model.parameters()))


WRONG = {
    "no samples to fit": (lambda: fit(X[:0], CLASSES[:0]), InvalidValueError, "no batches: 0 samples"),
    "no full batch": (lambda: fit_loader(drop_last=True), InvalidValueError, "no batches: 6 samples, batch_size = 10"),
    "the mean of no losses": (
        lambda: learn.MSELoss()(np.zeros((0, 3)), np.zeros((0, 3))),
        InvalidValueError,
        "no samples",
    ),
    "NaN in the data": (lambda: fit(X * np.nan, CLASSES), NumericalError, "largest input nan"),
    "NaN in the targets": (lambda: fit(X, np.full((6, 3), np.nan)), InvalidValueError, "targets range over"),
    "Bernoulli target 2": (
        lambda: learn.BCELoss()(np.array([[0.2]]), np.array([[2.0]])),
        InvalidValueError,
        r"targets range over \[2, 2\]",
    ),
    "negative share of a class": (
        lambda: learn.CrossEntropyLoss()(np.zeros((1, 2)), np.array([[1.5, -0.5]])),
        InvalidValueError,
        "probabilities",
    ),
    "class too large": (lambda: fit(X, CLASSES + 1), InvalidValueError, r"class 3 of sample"),
    "class of a float": (lambda: fit(X, CLASSES * 1.0), InvalidTypeError, "must be integers"),
    "text": (lambda: net()(np.array([["a"] * 4])), InvalidTypeError, "input of dtype <U1"),
    "objects": (lambda: net()(np.array([[1, 2, 3, None]])), InvalidTypeError, "input of dtype object"),
    "complex numbers": (lambda: net()(np.zeros((1, 4), complex)), InvalidTypeError, "complex128"),
    "probability of a text": (lambda: learn.Dropout("a"), InvalidValueError, "alpha = 'a'"),
    "half a batch": (lambda: learn.DataLoader((X, CLASSES), 2.5), InvalidValueError, "whole number"),
    "a parameter twice": (
        lambda: learn.SGD([(p := net()[0].weight), p]),
        InvalidValueError,
        "a parameter is given twice",
    ),
    "a negative eps": (lambda: learn.Adam(net().parameters(), eps=-1.0), InvalidValueError, "eps = -1.0"),
    "a decay of 2": (lambda: learn.RMSProp(net().parameters(), decay=2.0), InvalidValueError, "decay = 2.0"),
    "half an epoch": (lambda: fit(X, CLASSES, epochs=2.5), InvalidValueError, "epochs = 2.5"),
    "the name of a loss": (lambda: fit(X, CLASSES, loss="mse"), InvalidTypeError, "got 'mse'"),
    "a learning rate of NaN": (
        lambda: fit(X, CLASSES, schedule=lambda epoch: float("nan")),
        InvalidValueError,
        r"schedule\(0\) = nan",
    ),
    "a share of NaN": (lambda: fit(X, CLASSES, validation=float("nan")), InvalidValueError, "fractions must be finite"),
    "a negative seed": (lambda: learn.DataLoader((X, CLASSES), seed=-1), InvalidValueError, "seed = -1"),
    "a cosine over no epochs": (lambda: learn.cosine(0), InvalidValueError, "epochs = 0"),
    "steps of no epochs": (lambda: learn.step_decay(0), InvalidValueError, "every = 0"),
    "a negative decay": (lambda: learn.exponential(-1.0), InvalidValueError, "gamma = -1"),
    "part of a sum": (lambda: np.sum(learn.Var(X), where=X > 0.5), InvalidTypeError, "no option where="),
    "a sum that begins at 10": (lambda: np.sum(learn.Var(X), initial=10.0), InvalidTypeError, "no option initial="),
    "a sum of another dtype": (lambda: np.sum(learn.Var(X), dtype=np.float32), InvalidTypeError, "no option dtype="),
    "a product into an array": (lambda: np.prod(learn.Var(X), out=X), InvalidTypeError, "no option out="),
    "rows in Fortran's order": (lambda: np.reshape(learn.Var(X), (4, 6), order="F"), InvalidTypeError, "option order="),
    "class -1 as a row": (lambda: learn.one_hot([-1, 2]), InvalidValueError, "range over -1 ... 2"),
    "class 5 of 3 as a row": (lambda: learn.one_hot([5], 3), InvalidValueError, "wanted 0 ... 2"),
    "half a class": (lambda: learn.one_hot([1.5]), InvalidTypeError, "wanted whole numbers"),
    "noise on bytes": (
        lambda: learn.noise(0.1)(np.zeros((2, 4), np.uint8), np.random.default_rng(0)),
        InvalidTypeError,
        "floating point",
    ),
    "negative noise": (lambda: learn.noise(-1.0), InvalidValueError, "sd = -1.0"),
    "images that are not square": (
        lambda: learn.shift(1)(np.zeros((2, 8, 9)), np.random.default_rng(0)),
        InvalidValueError,
        "wanted square ones",
    ),
    "a number as a model": (lambda: learn.to_network(3, X), InvalidTypeError, "got a int"),
    "an estimator before fit": (
        lambda: learn.to_network(learn.RateClassifier(), X),
        InvalidTypeError,
        "call fit first",
    ),
    "hidden units by name": (
        lambda: learn.RateClassifier(hidden=("a",)).fit(X, CLASSES),
        InvalidValueError,
        "wanted whole numbers > 0",
    ),
    "a negative seed of an estimator": (
        lambda: learn.RateClassifier(seed=-1).fit(X, CLASSES),
        InvalidValueError,
        "seed = -1",
    ),
    "half a piece": (lambda: learn.construct_uat(np.sin, 2.5), InvalidValueError, "N = 2.5"),
    "three betas": (lambda: learn.Adam(net().parameters(), betas=(0.9, 0.9, 0.9)), InvalidValueError, "two numbers"),
    "a seed that is a name": (lambda: learn.Linear(2, 3, seed="x"), InvalidValueError, "seed = 'x', wanted a whole"),
    "a stream's seed": (lambda: learn.manual_seed(-1), InvalidValueError, "seed = -1, wanted a whole"),
    "a schedule of a name": (lambda: learn.one_cycle("x"), InvalidValueError, "one_cycle: epochs = 'x'"),
    "a schedule of a list": (lambda: learn.step_decay([1, 2]), InvalidValueError, r"step_decay: every = \[1, 2\]"),
    "patience of a name": (lambda: learn.EarlyStopping("x"), InvalidValueError, "EarlyStopping: patience = 'x'"),
    "a time that is a name": (lambda: learn.TimeCode("x"), InvalidTypeError, "TimeCode: duration"),
    "weights from one number": (
        lambda: learn.ExactSpiking(2, n_in=2, init=3),
        InvalidTypeError,
        "init = 3, wanted .mean, standard deviation",
    ),
    "a delay that is a name": (lambda: learn.ExactSpiking(2, n_in=2, delay="x"), InvalidTypeError, "delay"),
    "a delay of 0": (lambda: learn.ExactReadout(2, n_in=2, delay=0.0), InvalidValueError, "delay must be > 0"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_it_is_said(wrong):
    make, kind, text = wrong
    with pytest.raises(kind, match=text):
        make()


def test_no_samples_are_no_mistake_to_predict():
    assert learn.predict(net(), X[:0]).shape == (0, 3) and len(learn.DataLoader((X[:0], CLASSES[:0]), None)) == 0


def test_one_hot_tables_of_whole_numbers_are_targets_too():
    """The notes' tables hold whole numbers; the truth is the loss on class indices."""
    z = learn.Var(X[:, :3])
    assert learn.CrossEntropyLoss()(z, np.eye(3, dtype=int)[CLASSES]).item() == pytest.approx(
        learn.CrossEntropyLoss()(z, CLASSES).item(), rel=1e-14
    )


def test_layers_hidden_in_lists_of_lists_are_missed_aloud():
    class Hidden(learn.Module):
        def __init__(self):
            self.blocks = [[learn.Linear(2, 2)], {"more": (learn.Linear(2, 2),)}]

    with pytest.warns(SpikesimWarning, match="hides 2 layer"):
        assert list(Hidden().parameters()) == []
