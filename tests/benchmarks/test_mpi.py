"""The model of what ranks cost.  Truth: its closed form, and the largest of exponential delays, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import mpi
from benchmarks.contest import Options
from benchmarks.mpi import expected, harmonic


def test_the_largest_of_exponential_delays() -> None:
    """H(n) in units of their mean, exact and by the asymptote."""
    drawn = np.random.default_rng(1).exponential(1.0, (20_000, 64)).max(axis=1).mean()
    assert drawn == pytest.approx(harmonic(64), rel=0.01)
    assert harmonic(1000) == pytest.approx(sum(1.0 / k for k in range(1, 1001)), rel=1e-6)


def test_terms() -> None:
    """Each adds what it says."""
    free = dict(computation=1000.0, spikes=0.0, call=0.0, latency=0.0, jitter=0.0)
    assert expected(1, **free) == expected(64, **free) == 1000.0
    assert expected(64, **{**free, "latency": 5.0}) == 1030.0
    assert expected(2, **{**free, "jitter": 10.0}) == 1005.0
    sent = {**free, "spikes": 1000.0, "bandwidth": 100.0, "workers": 16, "looked_up": 0.01}
    assert expected(4, **sent) == pytest.approx(1000.0 + 4000.0 * (0.01 + 0.002 * 6) + 320.0)


def test_without_mpi_the_question_is_left_out_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpi, "starter", lambda: None)
    rows = mpi.ask(Options(quick=True))
    assert len(rows) == 1 and "spikesim[mpi]" in rows[0]["case"] and "failed" not in rows[0]
