"""SpikingClassifier and SpikingRegressor.  Truths: scikit-learn's check_estimator; the simulator's run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidValueError
from spikesim.learn.spikes.operation import as_array, no_grad

SMALL: dict[str, Any] = {"epochs": 40, "hidden": (20,), "lr": 2e-2, "steps": 15}


@pytest.mark.slow
@pytest.mark.parametrize(
    "estimator", [learn.SpikingClassifier(**SMALL), learn.SpikingRegressor(**SMALL)], ids=lambda e: type(e).__name__
)
def test_check_estimator(estimator: Any) -> None:
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = checks.check_estimator(estimator, on_fail=None, on_skip=None)
    failed = [(r["check_name"], r["exception"]) for r in results if r["status"] == "failed"]
    assert not failed and sum(r["status"] == "passed" for r in results) > 45


@pytest.fixture(scope="module")
def digits() -> Any:
    return learn.digits(True).arrays()


def test_digits_and_their_run(digits: Any) -> None:
    """It learns; what it predicts is what the simulator does."""
    x, y = digits
    names = np.array(list("abcdefghij"))
    model = learn.SpikingClassifier(hidden=(40,), epochs=4, lr=5e-3, steps=20).fit(x, names[y])
    held, truth = learn.digits(False).arrays()
    assert model.score(held, names[truth]) > 0.8
    run = model.simulate(held[:50])
    with no_grad():
        np.testing.assert_allclose(run.outputs, as_array(model.model_(model._scaled(held[:50]))), atol=1e-12)
    assert np.array_equal(model.classes_[run.outputs.argmax(axis=1)], model.predict(held[:50]))


@pytest.mark.parametrize("code", ["latency", "poisson", "population"])
def test_codes(digits: Any, code: str) -> None:
    x, y = digits
    model = learn.SpikingClassifier(hidden=(30,), epochs=8, lr=1e-2, steps=15, code=code).fit(x[:400], y[:400])
    assert model.history_["loss"][-1] < 0.8 * model.history_["loss"][0]


def test_regressor() -> None:
    x = np.linspace(-2.0, 2.0, 200)[:, None]
    t = np.sin(2.0 * x[:, 0])
    model = learn.SpikingRegressor(hidden=(60,), epochs=60, lr=1e-2, steps=20).fit(x, t)
    assert model.score(x, t) > 0.9


def test_same_bits_for_any_number_of_threads(digits: Any) -> None:
    x, y = digits
    states = []
    for threads in (1, 2):
        model = learn.SpikingClassifier(
            hidden=(30,), epochs=1, code="latency", recurrent=True, threads=threads, dropout=0.2
        )
        states.append({k: v.tobytes() for k, v in model.fit(x[:200], y[:200]).model_.state().items()})
    assert states[0] == states[1]


@pytest.mark.parametrize("code", ["current", "poisson"])
def test_resumed_training_ends_where_it_would_have(digits: Any, code: str, tmp_path: Path) -> None:
    x, y = digits
    options: dict[str, Any] = {"hidden": (20,), "code": code, "validation": 0.2, "dropout": 0.1, "steps": 10}
    whole = learn.SpikingClassifier(epochs=3, **options).fit(x[:300], y[:300])
    path = tmp_path / "training.h5"
    learn.SpikingClassifier(epochs=2, checkpoint=path, **options).fit(x[:300], y[:300])
    rest = learn.SpikingClassifier(epochs=3, checkpoint=path, **options).fit(x[:300], y[:300])
    assert len(rest.history_) == 3
    assert rest.history_["loss"] == whole.history_["loss"]
    for name, value in whole.model_.state().items():
        np.testing.assert_array_equal(rest.model_.state()[name], value)


def test_mistakes(digits: Any) -> None:
    x, y = digits
    for options, message in (
        ({"code": "latncy"}, "did you mean 'latency'"),
        ({"hidden": ()}, "at least one"),
        ({"read": "men"}, "did you mean 'mean'"),
    ):
        with pytest.raises(InvalidValueError, match=message):
            learn.SpikingClassifier(**options).fit(x[:20], y[:20])  # type: ignore[arg-type]
