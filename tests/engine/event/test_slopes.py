"""Slopes by key.  Truth: the equations themselves; the hazard is the slope of one more state, and never below 0."""

from __future__ import annotations

from typing import NamedTuple

import pytest

import spikesim as ss
from spikesim.engine.equations import registered
from spikesim.engine.event import slopes
from spikesim.neurons import Input, contract


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models declared here must not stay in the table of models."""
    monkeypatch.setattr(contract, "_registry", dict(contract._registry))


@pytest.mark.parametrize("v", [-2.0, 0.0, 0.3, 1.0, 7.5])
def test_the_hazard_is_one_more_slope(v: float) -> None:
    @ss.model(states=("v",))
    class Chance(NamedTuple):
        """It fires at a rate of v."""

        tau: float = 10.0

        @ss.equation
        def slope(s, u, p):
            return (-(s[0] ** 3) / p.tau + u.current,)

        @ss.equation
        def hazard(s, p):
            return s[0]

        @ss.equation
        def reset(s, p):
            return (0.25,)

    key, p = slopes.register(Chance()), Chance()
    found = slopes.slope_of(key, (v, 5.0), Input(2.0, 0.0, 0.0), p)
    assert found == (-(v**3) / 10.0 + 2.0, max(v, 0.0))
    e = registered[key]
    assert (e.states, e.margin((v, 5.0), p), e.reset((v, 5.0), p)) == (2, 5.0, (0.25, 5.0))
