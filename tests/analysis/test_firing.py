"""f-I curves by simulation against the closed form on the grid."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import errors
from spikesim.analysis import fi_curve
from spikesim.neurons.lif import LIF


def test_fi_curve_of_a_lif_is_the_formula_with_intervals_rounded_up_to_the_grid() -> None:
    """Exact integration crosses at T, the spike is stamped at the next step: rate 1 / (dt ceil(T/dt))."""
    lif, currents, dt = LIF(), np.array([0.0, 300.0, 410.0, 700.0, 2000.0]), 0.1
    exact = lif.rate_current(currents)
    assert exact[0] == exact[1] == 0.0
    steps = np.ceil(1000.0 / exact[2:] / dt)
    expected = np.concatenate([[0.0, 0.0], 1000.0 / (dt * steps)])
    np.testing.assert_allclose(fi_curve(lif, currents, duration=300.0, dt=dt), expected, rtol=1e-9)


def test_currents_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(errors.InvalidValueError, match="finite currents"):
        fi_curve(LIF(), [1.0, np.nan])
