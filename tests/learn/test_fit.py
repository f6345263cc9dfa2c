"""Training: repeatable bit for bit, interruptible, resumable.  Truths: the loop by hand, exact equality of
two ways."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import FileFormatError, InvalidValueError, NumericalError, StateError


def task(seed=0):
    rng = np.random.default_rng(seed)
    return learn.DiscreteMapping(3.0 * (rng.random((3, 6)) - 0.5), np.eye(3), n=60)


def net(dropout=0.0):
    layers = [learn.Linear(6, 8, seed=1), learn.Tanh(), learn.Linear(8, 3, seed=2)]
    if dropout:
        layers.insert(2, learn.Dropout(dropout))
    return learn.Sequential(*layers)


def train(model, epochs, optimizer=None, **options):
    optimizer = optimizer or learn.Adam(model.parameters(), lr=0.01)
    return learn.fit(
        model,
        task(),
        loss=learn.CrossEntropyLoss(),
        optimizer=optimizer,
        epochs=epochs,
        batch_size=16,
        **options,
    ), optimizer


def same(a, b):
    return all(np.array_equal(p.val, q.val) for p, q in zip(a.parameters(), b.parameters()))


def test_manual_loop_optimizer_and_fit_are_identical():
    """Section 5.1.3: gradient descent by hand, with optim.SGD, and with fit: the same losses to the last
    bit."""
    ds, loss_fcn = task(), learn.NLLLoss()
    x, classes = ds.inputs(), ds.classes()

    def start():
        return learn.Sequential(
            learn.Linear(6, 10, seed=1), learn.ReLU(), learn.Linear(10, 3, seed=2), learn.LogSoftmax(dim=1)
        )

    manual, by_optim = [], []
    model = start()
    for _ in range(30):
        err = loss_fcn(model(x), classes)
        manual.append(err.item())
        model.zero_grad()
        err.backward()
        with learn.no_grad():
            for p in model.parameters():
                p -= 1.0 * p.grad
    model = start()
    optim = learn.SGD(model.parameters(), lr=1)
    for _ in range(30):
        err = loss_fcn(model(x), classes)
        by_optim.append(err.item())
        optim.zero_grad()
        err.backward()
        optim.step()
    assert manual == by_optim
    model = start()
    loader = learn.DataLoader((x, classes), batch_size=None, shuffle=False)
    history = learn.fit(model, loader, loss=loss_fcn, optimizer=learn.SGD(model.parameters(), lr=1), epochs=30)
    assert history.loss == pytest.approx(manual, rel=1e-15)


def test_repeats_bit_for_bit_by_seed():
    a, b, c = net(0.3), net(0.3), net(0.3)
    ha, _ = train(a, 5, seed=7, validation=0.2)
    hb, _ = train(b, 5, seed=7, validation=0.2)
    train(c, 5, seed=8, validation=0.2)
    assert same(a, b) and ha["loss"] == hb["loss"] and ha["validation_loss"] == hb["validation_loss"]
    assert not same(a, c)


class Interrupting(learn.CrossEntropyLoss):
    """Ctrl-C at the n-th batch."""

    def __init__(self, n):
        super().__init__()
        self.n = n

    def forward(self, y, t):
        self.n -= 1
        if self.n == 0:
            raise KeyboardInterrupt
        return super().forward(y, t)


def test_interrupted_and_resumed_equals_uninterrupted():
    whole, parts = net(), net()
    expected, _ = train(whole, 6, seed=3)
    optimizer = learn.Adam(parts.parameters(), lr=0.01)
    options = {"optimizer": optimizer, "epochs": 6, "batch_size": 16, "seed": 3}
    history = learn.fit(parts, task(), loss=Interrupting(11), **options)  # in the third epoch, before its third step
    assert history.interrupted and (history.epoch, history.batch) == (2, 2) and len(history) == 2
    history = learn.fit(parts, task(), loss=learn.CrossEntropyLoss(), history=history, **options)
    assert same(whole, parts) and history["loss"] == expected["loss"] and not history.interrupted


def test_checkpoint_goes_on_in_another_process(tmp_path):
    whole, first, second = net(0.3), net(0.3), net(0.3)
    expected, _ = train(whole, 6, seed=3, schedule=learn.exponential(0.9), validation=0.2)
    path = tmp_path / "training.h5"
    train(first, 4, seed=3, schedule=learn.exponential(0.9), validation=0.2, checkpoint=path)
    second.load_state({k: v * 0 for k, v in second.state().items()})  # a fresh process knows nothing
    history, _ = train(second, 6, seed=3, schedule=learn.exponential(0.9), validation=0.2, checkpoint=path)
    assert same(whole, second)
    for name in ("loss", "validation_loss", "lr", "accuracy"):
        assert history[name] == expected[name]
    whole.save(tmp_path / "net.h5")
    with pytest.raises(FileFormatError, match="no checkpoint"):
        train(net(0.3), 1, checkpoint=tmp_path / "net.h5")


def test_early_stopping_puts_the_best_back():
    data = learn.blood_sugar(6, seed=11)
    held = learn.blood_sugar(100, seed=5)
    model = learn.Sequential(learn.Linear(1, 50, seed=1), learn.ReLU(), learn.Linear(50, 1, seed=2))
    loss = learn.MSELoss(half=False)
    optimizer = learn.Adam(model.parameters(), lr=0.01)
    options = {"loss": loss, "optimizer": optimizer, "epochs": 2000, "batch_size": None}
    h = learn.fit(model, data, validation=held, early_stopping=50, **options)
    assert h.stopped and len(h) < 2000
    assert learn.evaluate(model, held, loss)["loss"] == min(h["validation_loss"]) < h["validation_loss"][-1]
    assert h.best_epoch == int(np.argmin(h["validation_loss"])) == len(h) - 51


def test_predict_uses_eval_mode_and_puts_it_back():
    model = net(0.5)
    x = task().inputs().val
    assert np.array_equal(learn.predict(model, x), learn.predict(model, x)) and model.training
    assert learn.predict(model, x, batch_size=7) == pytest.approx(learn.predict(model, x), abs=1e-15)


def test_history_plots_itself_and_reads_well():
    import matplotlib

    matplotlib.use("Agg")
    history, _ = train(net(), 3, validation=0.2)
    ax = history.plot()
    assert list(ax.lines[0].get_ydata()) == history["loss"] and ax.get_xlabel() == "Epoch"
    assert list(ax.lines[1].get_ydata()) == history["validation_loss"]
    assert "3 epochs" in repr(history)
    with pytest.raises(KeyError, match="did you mean 'validation_loss'"):
        history["validation_los"]


def test_progress_bar_shows_the_losses(capsys):
    train(net(), 2, progress=True, validation=0.2)
    text = capsys.readouterr().err
    assert "loss" in text and "val" in text and "2/2" in text


def test_mistakes_are_named():
    model = net()
    with pytest.raises(StateError, match="no parameter of this model"):
        train(model, 1, optimizer=learn.SGD([learn.Var(1.0)], lr=1))
    with pytest.raises(InvalidValueError, match="needs validation data"):
        train(model, 1, early_stopping=3)
    x, t = task().arrays()
    x = x.copy()
    x[3, 2] = np.nan
    with pytest.raises(NumericalError, match="the loss is nan in epoch 0"):
        learn.fit(
            model,
            (x, t),
            loss=learn.CrossEntropyLoss(),
            optimizer=learn.SGD(model.parameters(), lr=1),
            epochs=1,
        )


def test_one_cycle_sets_the_rate_of_every_batch(tmp_path):
    """By hand: 60 samples in batches of 20 are 3 an epoch; rates amid each batch; resumed as uninterrupted."""
    seen = []

    class Watched(learn.Adam):
        def step(self):
            seen.append(self.lr)
            super().step()

    def run(model, epochs, checkpoint=None):
        learn.fit(
            model, task(), loss=learn.CrossEntropyLoss(), optimizer=Watched(model.parameters(), lr=0.01), seed=3,
            batch_size=20, epochs=epochs, schedule=learn.one_cycle(4, rise=0.25), checkpoint=checkpoint,
            progress=False,
        )  # fmt: skip

    whole = net()
    run(whole, 4)
    done = (np.arange(12) + 0.5) / 12
    wanted = np.where(done < 0.25, done / 0.25, 0.5 + 0.5 * np.cos(np.pi * (done - 0.25) / 0.75))
    assert seen == pytest.approx(0.01 * wanted, rel=1e-9)
    run(net(), 2, tmp_path / "c.h5")
    again = net()
    run(again, 4, tmp_path / "c.h5")
    for p, q in zip(whole.parameters(), again.parameters()):
        assert np.array_equal(p.val, q.val)
    with pytest.raises(InvalidValueError, match="one_cycle"):
        learn.one_cycle(0)
