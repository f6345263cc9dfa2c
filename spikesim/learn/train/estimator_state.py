"""What a fitted estimator knows besides its network, as plain values: how a file holds it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import FileFormatError
from ..layers.module import Module
from .estimators import RateClassifier, RateRegressor
from .history import History

__all__ = ["describe", "restore"]

_KEPT = (
    "classes_",
    "mean_",
    "scale_",
    "target_mean_",
    "target_scale_",
    "n_features_in_",
    "feature_names_in_",
    "n_iter_",
)


def describe(estimator: Any) -> dict[str, Any]:
    """Return a fitted estimator without its network as plain values, for a file."""
    found: dict[str, Any] = {}
    for name in (*_KEPT, "_flat"):
        value = getattr(estimator, name, None)
        if value is not None:
            array = np.asarray(value)
            found[name] = {"dtype": array.dtype.str if array.dtype != object else "O", "values": array.tolist()}
    settings = {k: list(v) if isinstance(v, tuple) else v for k, v in estimator.get_params().items()}
    return {"class": type(estimator).__name__, "settings": settings, "kept": found}


def restore(description: dict[str, Any], model: Module) -> Any:
    """Return the fitted estimator of a description and its network."""
    kinds = {"RateClassifier": RateClassifier, "RateRegressor": RateRegressor}
    if description.get("class") not in kinds:
        raise FileFormatError(f"{description.get('class')!r} is no estimator of spikesim")
    given = description["settings"].items()
    settings: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given}
    estimator = kinds[description["class"]](**settings)
    for name, stored in description["kept"].items():
        if name not in (*_KEPT, "_flat") or np.dtype(stored["dtype"]).kind not in "fiubUO":
            raise FileFormatError(f"{name!r} of dtype {stored['dtype']!r} is no part of an estimator")
        array = np.array(stored["values"], dtype=stored["dtype"])
        setattr(estimator, name, array if array.ndim else array.item())
    estimator.model_ = model.eval()
    estimator.history_ = History(estimator.lr)
    return estimator
