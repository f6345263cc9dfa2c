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


def clusters(n=120, seed=1):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    return rng.normal(size=(n, 2)) * 0.4 + np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])[y], np.array(["a", "b", "c"])[
        y
    ]


def test_partial_fit_learns_from_pieces():
    x, y = clusters()
    clf = learn.RateClassifier(hidden=(16,), lr=0.02, seed=1)
    with pytest.raises(ValueError, match="needs classes"):
        clf.partial_fit(x[:10], y[:10])
    for _ in range(20):
        for k in range(0, 120, 40):
            clf.partial_fit(x[k : k + 40], y[k : k + 40], classes=["a", "b", "c"])
    assert clf.score(x, y) > 0.95
    with pytest.raises(ValueError, match="none of the classes"):
        clf.partial_fit(x[:1], ["d"])
    reg = learn.RateRegressor(hidden=(16,), lr=0.02, seed=1)
    for _ in range(60):
        reg.partial_fit(x, x[:, 0] - x[:, 1])
    assert reg.score(x, x[:, 0] - x[:, 1]) > 0.9


def test_warm_start_goes_on():
    x, y = clusters()
    whole = learn.RateClassifier(hidden=(8,), epochs=3, warm_start=True, seed=1).fit(x, y)
    first = whole.model_.state()["0.weight"]
    whole.fit(x, y)
    assert not np.array_equal(first, whole.model_.state()["0.weight"])
    whole.set_params(epochs=0).fit(x, y)  # what was learnt stays
    cold = learn.RateClassifier(hidden=(8,), epochs=3, seed=1).fit(x, y).fit(x, y)
    assert np.array_equal(cold.model_.state()["0.weight"], first)
    with pytest.raises(ValueError, match="none of the classes"):
        whole.fit(x, np.array(["a", "b", "d"])[np.arange(120) % 3])


def test_a_fitted_estimator_is_saved_and_loaded(tmp_path):
    x, y = clusters()
    for kind, t in ((learn.RateClassifier, y), (learn.RateRegressor, x[:, 0] + 1.0), (learn.RateRegressor, x)):
        fitted = kind(hidden=(8,), epochs=3, seed=1, activation="tanh").fit(x, t)
        learn.save(fitted, tmp_path / "e.h5", overwrite=True)
        again = learn.load(tmp_path / "e.h5")
        assert type(again) is kind and repr(again) == repr(fitted) and again.get_params() == fitted.get_params()
        assert np.array_equal(again.predict(x), fitted.predict(x)) and again.n_iter_ == 3
        again.partial_fit(x, t)
    with pytest.raises(Exception, match="not fitted"):
        learn.save(learn.RateClassifier(), tmp_path / "f.h5")


def test_notebooks_show_settings_and_network():
    x, y = clusters()
    clf = learn.RateClassifier(hidden=(8,), epochs=1, seed=1)
    assert "not fitted" in clf._repr_html_()
    html = clf.fit(x, y)._repr_html_()
    assert html.startswith("<table>") and "RateClassifier(" in html and "Linear(n_in=2, n_out=8)" in html
