"""What an estimator is given: a table X (samples, features) and targets y, checked by scikit-learn's rules.

Its ``check_estimator`` asks for these errors and warnings, some by their wording.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError

__all__ = ["Table"]


class Table:
    """The reading of X and y that all estimators share."""

    n_features_in_: int

    def _matrix(self, X: Any, fitting: bool) -> np.ndarray:
        name = type(self).__name__
        if hasattr(X, "tocsr") or hasattr(X, "todense"):
            raise InvalidTypeError(f"{name}: got a sparse matrix, wanted dense data; use X.toarray()")
        columns = getattr(X, "columns", None)
        x = np.asarray(X)
        if x.dtype.kind == "c":
            raise InvalidValueError(f"{name}: Complex data not supported, got {x.dtype}")
        if x.dtype.kind not in "biuf":
            try:
                x = x.astype(np.float64)
            except (TypeError, ValueError) as error:
                raise InvalidTypeError(f"{name}: X: wanted numbers, got {x.dtype}: {error}") from None
        if x.ndim != 2:
            raise InvalidValueError(
                f"{name}: X of shape {x.shape}, wanted (samples, features). Reshape your data:"
                f" X.reshape(-1, 1) for one"
                " feature, X.reshape(1, -1) for one sample"
            )
        if x.shape[0] < 1 or x.shape[1] < 1:
            what = "sample" if x.shape[0] < 1 else "feature"
            raise InvalidValueError(
                f"{name}: Found array with 0 {what}(s) (shape={x.shape}) while a minimum of 1 is required."
            )
        x = x.astype(x.dtype if x.dtype in (np.float32, np.float64) else np.float64, copy=False)
        if not np.isfinite(x).all():
            bad = np.argwhere(~np.isfinite(x))
            raise InvalidValueError(
                f"{name}: X contains NaN or infinity, first at {tuple(map(int, bad[0]))} ({len(bad)} such);"
                f" remove or impute them"
            )
        if fitting:
            self.n_features_in_ = x.shape[1]
            if columns is not None and all(isinstance(c, str) for c in columns):
                self.feature_names_in_ = np.asarray(columns, dtype=object)
            elif hasattr(self, "feature_names_in_"):
                del self.feature_names_in_
        else:
            self._check_names(columns)
            if x.shape[1] != self.n_features_in_:
                raise InvalidValueError(
                    f"X has {x.shape[1]} features, but {name} is expecting {self.n_features_in_} features as input"
                )
        return x

    def _check_names(self, columns: Any) -> None:
        name, mine = type(self).__name__, getattr(self, "feature_names_in_", None)
        named = columns is not None and all(isinstance(c, str) for c in columns)
        if mine is None or not named:
            if mine is not None:
                warnings.warn(
                    f"X does not have valid feature names, but {name} was fitted with feature names",
                    UserWarning,
                    stacklevel=4,
                )
            elif named:
                warnings.warn(
                    f"X has feature names, but {name} was fitted without feature names",
                    UserWarning,
                    stacklevel=4,
                )
            return
        if list(columns) != list(mine):
            unseen, missing = sorted(set(columns) - set(mine)), sorted(set(mine) - set(columns))
            text = "The feature names should match those that were passed during fit.\n"
            if unseen:
                text += "Feature names unseen at fit time:\n" + "".join(f"- {c}\n" for c in unseen)
            if missing:
                text += "Feature names seen at fit time, yet now missing:\n" + "".join(f"- {c}\n" for c in missing)
            if not unseen and not missing:
                text += "Feature names must be in the same order as they were in fit.\n"
            raise InvalidValueError(text)

    def _target(self, y: Any, n: int) -> np.ndarray:
        name = type(self).__name__
        if y is None:
            raise InvalidValueError(f"This {name} estimator requires y to be passed, but the target y is None")
        if hasattr(y, "tocsr"):
            raise InvalidTypeError(f"{name}: y is sparse; wanted a dense array")
        t = np.asarray(y)
        if len(t) != n:
            raise InvalidValueError(
                f"{name}: Found input variables with inconsistent numbers of samples: {[n, len(t)]}"
            )
        if t.dtype.kind == "c":
            raise InvalidValueError(f"{name}: Complex data not supported, got y of {t.dtype}")
        if t.dtype.kind == "f" and not np.isfinite(t).all():
            raise InvalidValueError(
                f"{name}: y contains NaN or infinity ({int(np.sum(~np.isfinite(t)))} such); remove or impute them"
            )
        return t

    def _column(self, t: np.ndarray) -> np.ndarray:
        if t.ndim == 2 and t.shape[1] == 1:
            kind: type[Warning] = UserWarning
            try:
                from sklearn.exceptions import DataConversionWarning as kind  # type: ignore[no-redef]
            except ImportError:
                pass
            warnings.warn(
                "A column-vector y was passed when a 1d array was expected; it is ravelled",
                kind,
                stacklevel=4,
            )
            t = t.ravel()
        return t
