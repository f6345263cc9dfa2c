"""RateClassifier and RateRegressor: rate networks with scikit-learn's manners.

They follow its protocol (fit, predict, predict_proba, score, get_params, set_params, tags) without needing
it: they pass its ``check_estimator``, and work in its pipelines and searches.
"""

from __future__ import annotations

import inspect
import numbers
from html import escape
from typing import Any, TypeVar

import numpy as np

from ...errors import InvalidValueError, StateError, UnknownParameterError, did_you_mean
from ..data.dataset import Dataset
from ..layers.activations import LIFRate, Logistic, ReLU, Tanh
from ..layers.linear import Dropout, Linear
from ..layers.losses import CrossEntropyLoss, MSELoss
from ..layers.module import Module, Sequential
from .fit import fit, predict
from .history import History
from .optim import Adam
from .schedules import EarlyStopping
from .table import Table

__all__ = ["RateClassifier", "RateRegressor"]

E = TypeVar("E", bound="_Estimator")


class _Estimator(Table):
    """What both share; the constructor only stores its arguments."""

    def __init__(
        self,
        hidden: tuple[int, ...] = (100,),
        activation: str = "lif",
        lr: float = 1e-3,
        epochs: int = 100,
        batch_size: int = 32,
        weight_decay: float = 0.0,
        dropout: float = 0.0,
        validation: float | None = None,
        patience: int = 10,
        tau_m: float = 20.0,
        t_ref: float = 2.0,
        gamma: float = 0.05,
        seed: int = 0,
        progress: bool | None = False,
        warm_start: bool = False,
    ) -> None:
        self.hidden, self.activation, self.lr, self.epochs, self.batch_size = (
            hidden,
            activation,
            lr,
            epochs,
            batch_size,
        )
        self.weight_decay, self.dropout, self.validation, self.patience = (
            weight_decay,
            dropout,
            validation,
            patience,
        )
        self.tau_m, self.t_ref, self.gamma, self.seed, self.progress = tau_m, t_ref, gamma, seed, progress
        self.warm_start = warm_start

    # -- scikit-learn's protocol -----------------------------------------------------------------------------

    @classmethod
    def _names(cls) -> list[str]:
        return sorted(set(inspect.signature(cls.__init__).parameters) - {"self"})

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments.

        Parameters
        ----------
        deep : bool
            As scikit-learn asks; without a meaning here.

        Returns
        -------
        dict of str to object
            By name.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.RateClassifier(epochs=5).get_params()["epochs"]
        5
        """
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self: E, **parameters: Any) -> E:
        """Set some of the constructor's arguments.

        Parameters
        ----------
        **parameters
            By name.

        Returns
        -------
        estimator
            Itself.

        Raises
        ------
        UnknownParameterError
            If there is no such argument.

        Examples
        --------
        >>> from spikesim import learn
        >>> learn.RateClassifier().set_params(epochs=5).epochs
        5
        """
        known = self._names()
        for name, value in parameters.items():
            if name not in known:
                raise UnknownParameterError(f"{type(self).__name__}: no parameter {name!r}{did_you_mean(name, known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self).__init__).parameters
        changed = [
            f"{n}={getattr(self, n)!r}" for n in self._names() if repr(getattr(self, n)) != repr(defaults[n].default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def _repr_html_(self) -> str:
        """Return what notebooks show: the settings that differ from the defaults, and the network if there is one."""
        rows = [("<tr><th colspan=2>" + escape(repr(self)) + "</th></tr>")]
        if hasattr(self, "model_"):
            last = {k: f"{v:.4g}" for k, v in self.history_.last().items()} if len(self.history_) else {}
            facts = {"features": self.n_features_in_, "epochs": self.n_iter_, **last}
            rows += [f"<tr><td>{escape(k)}</td><td>{escape(str(v))}</td></tr>" for k, v in facts.items()]
            rows.append(f"<tr><td colspan=2><pre>{escape(self.model_.summary())}</pre></td></tr>")
        else:
            rows.append("<tr><td colspan=2>not fitted</td></tr>")
        return "<table>" + "".join(rows) + "</table>"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _tags(self, kind: str) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type=kind,
            target_tags=TargetTags(required=True, multi_output=kind == "regressor"),
            classifier_tags=ClassifierTags() if kind == "classifier" else None,
            regressor_tags=RegressorTags() if kind == "regressor" else None,
            input_tags=InputTags(),
        )

    def _fitted(self) -> Module:
        if not hasattr(self, "model_"):
            message = f"This {type(self).__name__} instance is not fitted yet; call fit with training data first"
            try:
                from sklearn.exceptions import NotFittedError
            except ImportError:
                raise StateError(message) from None
            raise NotFittedError(message)
        return self.model_

    # -- network ---------------------------------------------------------------------------------------------

    def _network(self, n_in: int, n_out: int) -> Sequential:
        choices: dict[str, Any] = {
            "lif": lambda: LIFRate(tau_m=self.tau_m, t_ref=self.t_ref, gamma=self.gamma),
            "relu": ReLU,
            "logistic": Logistic,
            "tanh": Tanh,
        }
        if self.activation not in choices:
            raise InvalidValueError(
                f"{type(self).__name__}: activation = {self.activation!r}{did_you_mean(self.activation, choices)}"
            )
        sizes = (self.hidden,) if isinstance(self.hidden, numbers.Integral) else tuple(self.hidden)
        if not all(isinstance(n, numbers.Integral) and n > 0 for n in sizes):
            raise InvalidValueError(f"{type(self).__name__}: hidden = {self.hidden!r}, wanted whole numbers > 0")
        if not isinstance(self.seed, numbers.Integral) or self.seed < 0:
            raise InvalidValueError(f"{type(self).__name__}: seed = {self.seed!r}, wanted a whole number >= 0")
        layers: list[Module] = []
        for k, n in enumerate(sizes):
            layers += [Linear(n_in, int(n), seed=self.seed + 7919 * k), choices[self.activation]()]
            if self.dropout:
                layers.append(Dropout(self.dropout, seed=self.seed + k))
            n_in = int(n)
        return Sequential(*layers, Linear(n_in, n_out, seed=self.seed + 7919 * len(sizes)))

    def _goes_on(self) -> bool:
        """Whether `fit` goes on from what was learnt: inputs and targets are then scaled as they were."""
        return bool(getattr(self, "warm_start", False)) and hasattr(self, "model_")

    def _train(self, x: np.ndarray, t: np.ndarray, n_out: int, loss: Any, anew: bool, epochs: int) -> None:
        if anew:
            self._standardise(x)
            self.model_: Module = self._network(x.shape[1], n_out)
            self._optimizer: Adam = Adam(self.model_.parameters(), lr=self.lr, weight_decay=self.weight_decay)
        model = self.model_
        if getattr(self, "_optimizer", None) is None:  # a loaded estimator: the averages begin anew
            self._optimizer = Adam(model.parameters(), lr=self.lr, weight_decay=self.weight_decay)
        self.history_: History = fit(
            model,
            Dataset(self._scaled(x), t),
            loss=loss,
            optimizer=self._optimizer,
            epochs=epochs,
            batch_size=self.batch_size,
            validation=self.validation,
            early_stopping=EarlyStopping(self.patience) if self.validation else None,
            seed=self.seed,
            checkpoint=getattr(self, "checkpoint", None),
            progress=self.progress,
        )
        self.n_iter_ = len(self.history_)
        model.eval()

    def _standardise(self, x: np.ndarray) -> None:
        """Keep the numbers that inputs are standardised with."""
        x64 = np.asarray(x, dtype=np.float64)
        self.mean_ = x64.mean(axis=0)
        self.scale_ = float(x64.std()) or 1.0

    def _scaled(self, x: np.ndarray) -> np.ndarray:
        return ((x - self.mean_) / self.scale_).astype(x.dtype)

    def _outputs(self, X: Any) -> np.ndarray:
        model = self._fitted()
        return predict(model, self._scaled(self._matrix(X, fitting=False)))


class RateClassifier(_Estimator):
    """A classifier: hidden layers of LIF rate units (or others), trained by Adam on the cross entropy.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer; () is linear.
    activation : {"lif", "relu", "logistic", "tanh"}
        Of the hidden units.
    lr : float
        Learning rate of Adam.
    epochs : int
        How often the data are gone through, at most.
    batch_size : int
        Samples a step.
    weight_decay : float
        Penalty on the squares of the weights.
    dropout : float
        Share of hidden units that is dropped while training.
    validation : float, optional
        Share of the data held back for early stopping.
    patience : int
        Epochs without improvement after which it stops.
    tau_m, t_ref, gamma : float
        Of the LIF units (ms, ms, smoothing of the threshold).
    seed : int
        Of everything random.
    progress : bool, optional
        Whether to show a bar; None decides by the terminal.
    warm_start : bool
        Whether another `fit` goes on from what was learnt, instead of beginning anew.

    Attributes
    ----------
    model_ : Sequential
        The network, on inputs ``(X - mean_) / scale_``.
    classes_ : ndarray
        The classes, in the order of the outputs.
    history_ : History
        Of the training.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> X, y = np.array([[0.0], [0.2], [0.8], [1.0]]), np.array([0, 0, 1, 1])
    >>> model = learn.RateClassifier(hidden=(5,), epochs=60, lr=0.05).fit(X, y)
    >>> model.predict([[0.1], [0.9]]).tolist()
    [0, 1]
    """

    _estimator_type = "classifier"

    def __sklearn_tags__(self) -> Any:
        return self._tags("classifier")

    def fit(self, X: Any, y: Any) -> RateClassifier:
        """Learn from X of shape (samples, features) and class labels y of any kind.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.
        y : array_like, shape (samples,)
            Labels, of two classes at least.

        Returns
        -------
        RateClassifier
            Itself.

        Raises
        ------
        InvalidValueError, InvalidTypeError
            If the data are no such arrays, or of one class.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> X, y = np.array([[0.0], [0.2], [0.8], [1.0]]), np.array([0, 0, 1, 1])
        >>> model = learn.RateClassifier(hidden=(5,), epochs=60, lr=0.05).fit(X, y)
        >>> model.classes_.tolist()
        [0, 1]
        """
        goes_on = self._goes_on()
        x = self._matrix(X, fitting=not goes_on)
        labels = self._labels(y, len(x))
        classes, t = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise InvalidValueError(f"RateClassifier: y has one class only ({classes[0]!r}), wanted at least 2 classes")
        if goes_on:
            t = self._known(labels)
        else:
            self.classes_ = classes
        self._train(x, t.astype(np.int64), len(self.classes_), CrossEntropyLoss(), not goes_on, self.epochs)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> RateClassifier:
        """Learn from some more samples, once through; the first call needs all `classes` there will be.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.
        y : array_like, shape (samples,)
            Labels.
        classes : array_like, optional
            All labels there will be; needed at the first call.

        Returns
        -------
        RateClassifier
            Itself.

        Examples
        --------
        >>> from spikesim import learn
        >>> model = learn.RateClassifier(hidden=(5,))
        >>> model.partial_fit([[0.0], [1.0]], [0, 1], classes=[0, 1]).classes_.tolist()
        [0, 1]
        """
        first = not hasattr(self, "model_")
        x = self._matrix(X, fitting=first)
        labels = self._labels(y, len(x))
        if first:
            if classes is None:
                raise InvalidValueError(
                    "RateClassifier: the first call of partial_fit needs classes, all there will be"
                )
            self.classes_ = np.unique(classes)
        self._train(x, self._known(labels), len(self.classes_), CrossEntropyLoss(), first, 1)
        return self

    def _known(self, labels: np.ndarray) -> np.ndarray:
        """Return the labels as indices of `classes_`."""
        index = np.minimum(np.searchsorted(self.classes_, labels), len(self.classes_) - 1)
        bad = self.classes_[index] != labels
        if bad.any():
            raise InvalidValueError(
                f"RateClassifier: {labels[bad][0]!r} in y is none of the classes {self.classes_.tolist()} learnt so far"
            )
        return index.astype(np.int64)

    def _labels(self, y: Any, n: int) -> np.ndarray:
        labels = self._column(self._target(y, n))
        if labels.ndim != 1:
            raise InvalidValueError(f"RateClassifier: y of shape {labels.shape}, wanted one label a sample (samples,)")
        if labels.dtype.kind == "f" and not np.all(labels == np.round(labels)):
            raise InvalidValueError(
                "RateClassifier: Unknown label type: continuous; labels must be classes, use RateRegressor"
            )
        return labels

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the network's outputs z; for two classes z_1 - z_0, positive for the second.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.

        Returns
        -------
        array, shape (samples,) or (samples, classes)
            The class with the largest one is predicted.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> X, y = np.array([[0.0], [0.2], [0.8], [1.0]]), np.array([0, 0, 1, 1])
        >>> model = learn.RateClassifier(hidden=(5,), epochs=60, lr=0.05).fit(X, y)
        >>> model.decision_function(X).shape
        (4,)
        """
        z = self._outputs(X)
        return z[:, 1] - z[:, 0] if len(self.classes_) == 2 else z

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of every class, softmax(z), shape (samples, classes).

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.

        Returns
        -------
        array, shape (samples, classes)
            Rows add up to 1.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> X, y = np.array([[0.0], [0.2], [0.8], [1.0]]), np.array([0, 0, 1, 1])
        >>> model = learn.RateClassifier(hidden=(5,), epochs=60, lr=0.05).fit(X, y)
        >>> model.predict_proba(X).sum(axis=1).round(6).tolist()
        [1.0, 1.0, 1.0, 1.0]
        """
        z = np.asarray(self._outputs(X), dtype=np.float64)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of every sample.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.

        Returns
        -------
        array, shape (samples,)
            Labels.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> X, y = np.array([[0.0], [0.2], [0.8], [1.0]]), np.array([0, 0, 1, 1])
        >>> model = learn.RateClassifier(hidden=(5,), epochs=60, lr=0.05).fit(X, y)
        >>> model.predict([[0.0], [1.0]]).tolist()
        [0, 1]
        """
        z = self._outputs(X)
        return self.classes_[np.argmax(z, axis=1)]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the (weighted) share of samples classified right.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.
        y : array_like, shape (samples,)
            The right labels.
        sample_weight : array_like, shape (samples,), optional
            What each counts.

        Returns
        -------
        float
            From 0 to 1.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> X, y = np.array([[0.0], [0.2], [0.8], [1.0]]), np.array([0, 0, 1, 1])
        >>> model = learn.RateClassifier(hidden=(5,), epochs=60, lr=0.05).fit(X, y)
        >>> model.score(X, y)
        1.0
        """
        labels = self._column(self._target(y, len(np.asarray(X))))
        return float(np.average(self.predict(X) == labels, weights=sample_weight))


class RateRegressor(_Estimator):
    """A regressor: hidden layers of LIF rate units (or others), trained by Adam on the squared error.

    Targets may have several columns, and are standardised inside.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer; () is linear.
    activation : {"lif", "relu", "logistic", "tanh"}
        Of the hidden units.
    lr : float
        Learning rate of Adam.
    epochs : int
        How often the data are gone through, at most.
    batch_size : int
        Samples a step.
    weight_decay : float
        Penalty on the squares of the weights.
    dropout : float
        Share of hidden units that is dropped while training.
    validation : float, optional
        Share of the data held back for early stopping.
    patience : int
        Epochs without improvement after which it stops.
    tau_m, t_ref, gamma : float
        Of the LIF units (ms, ms, smoothing of the threshold).
    seed : int
        Of everything random.
    progress : bool, optional
        Whether to show a bar; None decides by the terminal.
    warm_start : bool
        Whether another `fit` goes on from what was learnt, instead of beginning anew.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> X = np.linspace(0.0, 1.0, 20)[:, None]
    >>> model = learn.RateRegressor(hidden=(5,), epochs=60, lr=0.05).fit(X, X[:, 0])
    >>> model.predict(X).shape
    (20,)
    """

    _estimator_type = "regressor"

    def __sklearn_tags__(self) -> Any:
        return self._tags("regressor")

    def fit(self, X: Any, y: Any) -> RateRegressor:
        """Learn from X of shape (samples, features) and y of shape (samples,) or (samples, outputs).

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.
        y : array_like, shape (samples,) or (samples, outputs)
            Values.

        Returns
        -------
        RateRegressor
            Itself.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> X = np.linspace(0.0, 1.0, 20)[:, None]
        >>> model = learn.RateRegressor(hidden=(5,), epochs=60, lr=0.05).fit(X, X[:, 0])
        >>> len(model.history_)
        60
        """
        return self._learn(X, y, not self._goes_on(), self.epochs)

    def partial_fit(self, X: Any, y: Any) -> RateRegressor:
        """Learn from some more samples, once through; the first call's set the scale of inputs and targets.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.
        y : array_like, shape (samples,) or (samples, outputs)
            Values.

        Returns
        -------
        RateRegressor
            Itself.

        Examples
        --------
        >>> from spikesim import learn
        >>> model = learn.RateRegressor(hidden=(5,)).partial_fit([[0.0], [1.0]], [0.0, 1.0])
        >>> model.predict([[0.5]]).shape
        (1,)
        """
        return self._learn(X, y, not hasattr(self, "model_"), 1)

    def _learn(self, X: Any, y: Any, anew: bool, epochs: int) -> RateRegressor:
        x = self._matrix(X, fitting=anew)
        t = self._column(self._target(y, len(x))).astype(x.dtype)
        if anew:
            self._flat = t.ndim == 1
        t = t.reshape(len(x), -1)
        if anew:
            self.target_mean_ = t.mean(axis=0)
            spread = t.std(axis=0)
            self.target_scale_ = np.where(spread > 0.0, spread, 1.0).astype(t.dtype)
        elif t.shape[1] != len(self.target_mean_):
            raise InvalidValueError(f"RateRegressor: {t.shape[1]} outputs now, {len(self.target_mean_)} before")
        self._train(x, (t - self.target_mean_) / self.target_scale_, t.shape[1], MSELoss(), anew, epochs)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the predicted values.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.

        Returns
        -------
        array, shape (samples,) or (samples, outputs)
            As the targets were.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> X = np.linspace(0.0, 1.0, 20)[:, None]
        >>> model = learn.RateRegressor(hidden=(5,), epochs=60, lr=0.05).fit(X, X[:, 0])
        >>> model.predict([[0.5]]).shape
        (1,)
        """
        y = self._outputs(X) * self.target_scale_ + self.target_mean_
        return y[:, 0] if self._flat else y

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the coefficient of determination R^2, mean over outputs.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            Finite numbers.
        y : array_like, shape (samples,) or (samples, outputs)
            The right values.
        sample_weight : array_like, shape (samples,), optional
            What each counts.

        Returns
        -------
        float
            1 is perfect, 0 what the mean would reach.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> X = np.linspace(0.0, 1.0, 20)[:, None]
        >>> model = learn.RateRegressor(hidden=(5,), epochs=60, lr=0.05).fit(X, X[:, 0])
        >>> model.score(X, X[:, 0]) > 0.5
        True
        """
        t = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        p = np.asarray(self.predict(X), dtype=np.float64).reshape(len(y), -1)
        w = np.ones(len(t)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        residual = np.sum(w[:, None] * (t - p) ** 2, axis=0)
        total = np.sum(w[:, None] * (t - np.average(t, axis=0, weights=w)) ** 2, axis=0)
        return float(np.mean(1.0 - residual / np.where(total > 0.0, total, 1.0)))
