"""Training: the loop of Algorithm 2 (section 4.2.2) over the batches of section 6.3.1.

    for every epoch, for every batch:   y = net(x);  E = cost(y, t);  E.zero_grad();  E.backward();  step

Everything random is a function of (seed, epoch, batch), so a training repeats bit for bit, and one that was
interrupted (Ctrl-C) and resumed ends where it would have ended.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, NumericalError, StateError
from ...keywords import named
from ..autodiff.tape import Var, as_array, no_grad
from ..data.dataset import DataLoader, Dataset, as_dataset, split
from ..layers.losses import BCELoss, BCEWithLogitsLoss, Loss
from ..layers.module import Module
from .classes import classes_of, target_classes
from .clipping import clip_gradients
from .history import History
from .optimizer import Optimizer
from .schedules import EarlyStopping, Schedule
from .step import TrainingStep

__all__ = ["accuracy", "evaluate", "fit", "predict"]


@named
def predict(model: Module, x: Any, batch_size: int = 4096) -> np.ndarray:
    """Return the outputs of `model` in eval mode, without recording; the mode is put back.

    Parameters
    ----------
    model : Module
        Any.
    x : array_like
        A sample a row.
    batch_size : int
        Samples at a time.

    Returns
    -------
    array
        A sample a row.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> data = learn.Dataset(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]))
    >>> model = learn.Sequential(learn.Linear(1, 1, seed=1))
    >>> learn.predict(model, [[0.0], [1.0]]).shape
    (2, 1)
    """
    x = as_array(x)
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            parts = [as_array(model(x[k : k + batch_size])) for k in range(0, max(len(x), 1), batch_size)]
    finally:
        for module, mode in modes:
            object.__setattr__(module, "training", mode)
    return np.concatenate(parts)


@named
def accuracy(outputs: Any, targets: Any, loss: Any = None) -> float:
    """Return the share of samples whose class is right.

    Parameters
    ----------
    outputs : array_like, shape (N, K), (N, 1) or (N,)
        The class is the largest of several outputs; a single output says 1 above 1/2 (above 0 for
        BCEWithLogitsLoss).
    targets : array_like
        Class indices of shape (N,) or (N, 1), or one-hot rows.
    loss : Loss, optional
        By which the outputs were learnt.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.accuracy([[0.9], [0.1], [0.8]], [1, 0, 1])
    1.0
    """
    y, t = as_array(outputs), as_array(targets)
    judged, wanted = classes_of(y, 0.0 if isinstance(loss, BCEWithLogitsLoss) else 0.5), target_classes(t, y)
    return float(np.mean(judged == wanted))


def _classifies(loss: Any) -> bool:
    return isinstance(loss, Loss) and loss.classifies


@named
def evaluate(model: Module, data: Any, loss: Any) -> dict[str, float]:
    """Return the loss (and accuracy, for a classifying loss) of `model` on `data`, in eval mode.

    Parameters
    ----------
    model : Module
        Any.
    data : Dataset or (inputs, targets)
        On what.
    loss : Loss
        loss(output, target).

    Returns
    -------
    dict of str to float
        "loss", and "accuracy" of a loss that classifies.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> data = learn.Dataset(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]))
    >>> model = learn.Sequential(learn.Linear(1, 1, seed=1))
    >>> sorted(learn.evaluate(model, data, learn.MSELoss()))
    ['loss']
    """
    x, t = as_dataset(data).arrays()
    y = predict(model, x)
    with no_grad():
        if isinstance(loss, (BCELoss, BCEWithLogitsLoss)) and t.size == y.size:
            t = t.reshape(y.shape)
        result = {"loss": float(loss(Var(y, requires_grad=False), t).item())}
    if _classifies(loss):
        result["accuracy"] = accuracy(y, t, loss)
    return result


def _loader(data: Any, batch_size: int | None, seed: int) -> DataLoader:
    return data if isinstance(data, DataLoader) else DataLoader(data, batch_size, seed=seed)


@named
def fit(
    model: Module,
    data: Any,
    *,
    loss: Any,
    optimizer: Optimizer,
    epochs: int = 10,
    batch_size: int | None = 32,
    validation: Any = None,
    schedule: Schedule | None = None,
    early_stopping: EarlyStopping | int | None = None,
    seed: int = 0,
    clip: float | None = None,
    history: History | None = None,
    checkpoint: Any = None,
    progress: bool | None = None,
) -> History:
    """Train `model` on `data` and return what happened.

    Parameters
    ----------
    model : Module
        What learns; it is left in train mode.
    data : Dataset, DataLoader or (inputs, targets)
        What it learns from.
    loss : Loss or callable
        loss(output, target) -> Var.
    optimizer : Optimizer
        Over ``model.parameters()``.
    epochs : int
        How often the data are gone through, in all.
    batch_size : int or None
        Samples a step; None is all (the full gradient).  A DataLoader brings its own.
    validation : float, Dataset or (inputs, targets), optional
        A share of the data held back at random (section 5.3), or other data.
    schedule : callable, optional
        epoch -> factor on the learning rate; one with a method ``after(losses)``, as :class:`plateau`, is asked with
        the losses so far.
    early_stopping : EarlyStopping or int, optional
        When to stop on the validation loss (an int is the patience); the best parameters are put back.
    seed : int
        Of the order of the samples, the choice of validation samples, and Dropout.
    clip : float, optional
        Largest norm of the gradient, see :func:`clip_gradients`.
    history : History, optional
        Of an interrupted training of the same model and optimizer: goes on from there.
    checkpoint : path, optional
        HDF5 file rewritten after every epoch with all that is needed to go on; if it exists, training goes on
        from it.
    progress : bool, optional
        Whether to show a bar; by default on a terminal.

    Returns
    -------
    History
        Losses (and accuracies) of every epoch; it plots itself.

    Raises
    ------
    NumericalError
        If the loss becomes NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> data = learn.Dataset(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]))
    >>> model = learn.Sequential(learn.Linear(1, 1, seed=1))
    >>> optimizer = learn.SGD(model.parameters(), lr=0.5)
    >>> history = learn.fit(model, data, loss=learn.MSELoss(), optimizer=optimizer, epochs=20, progress=False)
    >>> history["loss"][-1] < history["loss"][0]
    True
    """
    if isinstance(epochs, bool) or not isinstance(epochs, (int, np.integer)) or epochs < 0:
        raise InvalidValueError(f"fit: epochs = {epochs!r}, wanted a whole number >= 0")
    if not callable(loss) or isinstance(loss, type):
        made = f"the class; make one: {loss.__name__}()" if isinstance(loss, type) else repr(loss)
        raise InvalidTypeError(f"fit: loss must be callable as loss(output, target), e.g. MSELoss(), got {made}")
    if not isinstance(optimizer, Optimizer):
        raise InvalidTypeError(
            f"fit: optimizer must be an Optimizer, e.g. SGD(model.parameters(), lr=0.1), got {optimizer!r}"
        )
    mine = {id(p) for p in model.parameters()}
    if not mine & {id(p) for p in optimizer.parameters}:
        raise StateError("fit: the optimizer holds no parameter of this model; make it from model.parameters()")
    loader = _loader(data, batch_size, seed)
    if not len(loader):
        raise InvalidValueError(
            f"fit: no batches: {len(loader.data)} samples, batch_size = {loader.batch_size}, drop_last ="
            f" {loader.drop_last}"
        )
    held: Dataset | None = None
    if isinstance(validation, float):
        whole = loader
        rest, held = split(whole.data, validation, seed=seed)
        loader = DataLoader(rest, whole.batch_size, whole.shuffle, whole.seed, whole.drop_last, whole.transform)
    elif validation is not None:
        held = as_dataset(validation)
    stopping = EarlyStopping(early_stopping) if isinstance(early_stopping, int) else early_stopping
    if stopping is not None and held is None:
        raise InvalidValueError("fit: early_stopping needs validation data; give validation=0.1")

    history = History(lr=optimizer.lr) if history is None else history
    if checkpoint is not None:
        from .store import load_checkpoint

        history = load_checkpoint(checkpoint, model, optimizer) or history
    model.train()
    for k, layer in enumerate(m for m in model.modules() if hasattr(m, "calls")):
        if not history.started:
            layer.seed, layer.calls = int(np.random.SeedSequence([seed, k, 0xD0]).generate_state(1)[0]), 0
    history.started = True
    history.interrupted = False

    step = TrainingStep(model, loss, optimizer)
    step._where = "fit"
    with _Bar(epochs, history.epoch, progress) as bar:
        try:
            while history.epoch < epochs and not history.stopped:
                if schedule is not None:
                    _set_rate(schedule, history, optimizer, history.batch / len(loader))
                _epoch(step, loader, history, clip, schedule)
                record = history.close_epoch(optimizer.lr)
                if held is not None:
                    record |= {f"validation_{k}": v for k, v in evaluate(model, held, loss).items()}
                history.append(record)
                if stopping is not None:
                    _judge(model, history, stopping)
                if checkpoint is not None:
                    from .store import save_checkpoint

                    save_checkpoint(checkpoint, model, optimizer, history)
                bar.show(history)
        except KeyboardInterrupt:
            history.interrupted = True
    if (history.stopped or history.epoch >= epochs) and stopping is not None and history.best is not None:
        model.load_state(history.best)
    return history


def _set_rate(schedule: Schedule, history: History, optimizer: Optimizer, share: float) -> None:
    """Set the learning rate for an epoch, or from `share` of it on where the schedule says so."""
    factor = _factor(schedule, history, share if getattr(schedule, "every_batch", False) else 0)
    if not 0.0 <= factor < np.inf:
        raise InvalidValueError(f"fit: schedule({history.epoch}) = {factor!r}, wanted a factor >= 0")
    optimizer.lr = history.lr * factor


def _factor(schedule: Schedule, history: History, share: float) -> float:
    after = getattr(schedule, "after", None)
    if after is None or not len(history):
        return schedule(history.epoch + share)
    return after(history["validation_loss" if "validation_loss" in history else "loss"])


def _epoch(
    step: TrainingStep,
    loader: DataLoader,
    history: History,
    clip: float | None,
    schedule: Schedule | None,
) -> None:
    """Go through the batches of an epoch, from where the history stands."""
    optimizer, loss, classifies = step.optimizer, step.loss, _classifies(step.loss)
    for x, t in loader.batches(history.epoch, first=history.batch):
        started = time.perf_counter()
        value, y = step.gradients(x, t)
        if not np.isfinite(value):
            raise NumericalError(
                f"fit: the loss is {value} in epoch {history.epoch}, batch {history.batch} (learning rate"
                f" {optimizer.lr:g},"
                f" largest input {np.max(np.abs(x)):g}); lower the learning rate, or scale the inputs"
            )
        if clip is not None:
            clip_gradients(optimizer.parameters, norm=clip)
        if getattr(schedule, "every_batch", False):
            assert schedule is not None
            _set_rate(schedule, history, optimizer, (history.batch + 0.5) / len(loader))
        optimizer.step()
        history.add_batch(value, accuracy(y, t, loss) if classifies else None, len(x), time.perf_counter() - started)


def _judge(model: Module, history: History, stopping: EarlyStopping) -> None:
    losses = history["validation_loss"]
    if losses[-1] <= min(losses):
        history.best = model.state()
        history.best_epoch = len(losses) - 1
    history.stopped = stopping.stops(losses)


class _Bar:
    """A progress bar over epochs with the newest numbers, on a terminal and in a notebook."""

    def __init__(self, epochs: int, start: int, progress: bool | None) -> None:
        if progress is None:
            progress = sys.stderr.isatty() or "ipykernel" in sys.modules
        self.bar: Any = None
        if progress:
            from tqdm.auto import tqdm

            self.bar = tqdm(total=epochs, initial=start, unit="epoch")

    def __enter__(self) -> _Bar:
        return self

    def show(self, history: History) -> None:
        if self.bar is not None:
            last = history.last()
            self.bar.set_postfix(
                {k.replace("validation_", "val "): f"{v:.4g}" for k, v in last.items() if k not in ("lr", "seconds")}
            )
            self.bar.update(1)

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.close()
