"""RateClassifier and RateRegressor: rate networks with scikit-learn's manners.

They follow its protocol (fit, predict, predict_proba, score, get_params, set_params, tags) without needing
it: they pass its ``check_estimator``, and work in its pipelines and searches.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...docstrings import complete
from ...errors import InvalidValueError
from ...keywords import all_named
from ..layers.losses import CrossEntropyLoss, MSELoss
from .rate_estimator import RateEstimator

__all__ = ["RateClassifier", "RateRegressor"]


@all_named
class RateClassifier(RateEstimator):
    """A classifier: hidden layers of LIF rate units (or others), trained by Adam on the cross entropy.

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


@all_named
class RateRegressor(RateEstimator):
    """A regressor: hidden layers of LIF rate units (or others), trained by Adam on the squared error.

    Targets may have several columns, and are standardised inside.

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


for _kind in (RateClassifier, RateRegressor):
    complete(_kind, RateEstimator)
