"""A rate network with scikit-learn's manners: its settings, the network they describe, how it is trained."""

from __future__ import annotations

import inspect
import numbers
from html import escape
from typing import Any, TypeVar

import numpy as np

from ...errors import InvalidValueError, StateError, UnknownParameterError, did_you_mean
from ...keywords import all_named
from ..data.dataset import Dataset
from ..layers.activations import LIFRate, Logistic, ReLU, Tanh
from ..layers.linear import Dropout, Linear
from ..layers.module import Module, Sequential
from .fit import fit, predict
from .history import History
from .optim import Adam
from .schedules import EarlyStopping
from .table import Table

__all__ = ["RateEstimator"]

E = TypeVar("E", bound="RateEstimator")


@all_named
class RateEstimator(Table):
    """A rate network that learns a table: what classifiers and regressors share.

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
    """

    checked_when_fitted = True  # a constructor keeps what it is given, as scikit-learn wants it

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
