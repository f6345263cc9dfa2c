"""RateClassifier and RateRegressor.  Truth: scikit-learn's own check_estimator."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import StateError

SMALL = {"epochs": 30, "hidden": (20,), "lr": 1e-2}


@pytest.mark.parametrize(
    "estimator", [learn.RateClassifier(**SMALL), learn.RateRegressor(**SMALL)], ids=lambda e: type(e).__name__
)
def test_check_estimator(estimator):
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = checks.check_estimator(estimator, on_fail=None, on_skip=None)
    failed = [(r["check_name"], r["exception"]) for r in results if r["status"] == "failed"]
    assert not failed and sum(r["status"] == "passed" for r in results) > 45


def test_classifier_on_digits_by_name():
    x, c = learn.digits(True).arrays()
    names = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
    model = learn.RateClassifier(hidden=(64,), epochs=15, lr=3e-3, validation=0.1, patience=5).fit(x, names[c])
    xt, ct = learn.digits(False).arrays()
    p = model.predict_proba(xt)
    assert p.shape == (360, 10) and p.sum(axis=1) == pytest.approx(np.ones(360))
    assert np.array_equal(model.predict(xt), model.classes_[p.argmax(axis=1)])
    assert model.score(xt, names[ct]) > 0.88 and "validation_loss" in model.history_


def test_regressor_fits_a_curve():
    x = np.linspace(-2, 2, 200)[:, None]
    model = learn.RateRegressor(hidden=(30, 30), epochs=150, lr=1e-2).fit(x, np.sin(3 * x[:, 0]))
    assert model.score(x, np.sin(3 * x[:, 0])) > 0.98


def test_parameters_and_repr():
    model = learn.RateClassifier(hidden=(5,), seed=3)
    assert repr(model) == "RateClassifier(hidden=(5,), seed=3)"
    assert model.set_params(lr=0.1).get_params()["lr"] == 0.1
    with pytest.raises(KeyError, match="did you mean 'epochs'"):
        model.set_params(epoch=3)


def test_importing_spikesim_learn_needs_no_sklearn():
    import subprocess
    import sys

    code = "import sys; import spikesim.learn; assert not {'sklearn', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_not_fitted_is_said():
    with pytest.raises((StateError, ValueError), match="not fitted yet"):
        learn.RateClassifier().predict(np.zeros((2, 2)))
