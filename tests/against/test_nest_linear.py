"""Truth: another simulator.  LIF with Exponential, Alpha and Delta synapses against NEST 3.10, step by step.

The networks and NEST's potentials stand in data/nest_linear.npz (written by make_nest_linear.py).
"""

from __future__ import annotations

import numpy as np
import pytest

import spikesim as ss

from .rebuilt import rebuild, spikes_of
from .stored import Recipe, load

REFERENCES = load("nest_linear")


def build(recipe: Recipe) -> ss.Network:
    """The recipe with the synapse that its NEST model carries inside."""
    if recipe.model == "iaf_psc_delta":
        jump = ss.Delta(refractory_input=bool(recipe.cell.get("refractory_input", False)))
        return rebuild(recipe, ss.LIF, jump, jump)
    synapse = {"iaf_psc_exp": ss.Exponential, "iaf_psc_alpha": ss.Alpha}[recipe.model]
    return rebuild(recipe, ss.LIF, synapse(tau=recipe.cell["tau_syn_ex"]), synapse(tau=recipe.cell["tau_syn_in"]))


@pytest.mark.parametrize("name", REFERENCES)
def test_nest_linear(name: str) -> None:
    """The same spike steps and the same V, to 1e-9 mV at every stored step."""
    reference = REFERENCES[name]
    recipe = reference.recipe
    result = build(recipe).run(recipe.steps * recipe.dt, dt=recipe.dt)
    steps, ids = spikes_of(result, recipe.dt)
    np.testing.assert_array_equal(steps, reference.spike_steps)
    np.testing.assert_array_equal(ids, reference.spike_ids)
    trace = result.traces["cells"]["v"]
    np.testing.assert_array_equal(trace.ids, recipe.traced)
    np.testing.assert_allclose(trace.values, reference.v, rtol=0, atol=1e-9)


def test_the_stored_networks_reach_what_they_are_for() -> None:
    """Spikes, clamped samples and refractory inputs are in the file, else agreement would prove little."""
    for kind in ("exp", "alpha", "delta"):
        volley = REFERENCES[f"refractory/{kind}"]
        first = volley.spike_steps[0]
        clamped = volley.v[first - 1 : first + 20, 0]
        np.testing.assert_array_equal(clamped, volley.recipe.cell["V_reset"])
        arrivals = np.array([t[0] for t in volley.recipe.trains]) + volley.recipe.inputs.delay
        assert arrivals.min() <= first < first + 20 < arrivals.max()
        assert REFERENCES[f"recurrent/{kind}"].spike_steps.size > 400
