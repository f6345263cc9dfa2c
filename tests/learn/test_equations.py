"""The simulator's equations on the tape: slope, flow and margin of every neuron model run on Vars unchanged.

Truth: central differences of the same functions on plain numbers.
"""

from __future__ import annotations

import numpy as np
import pytest

import spikesim.neurons  # noqa: F401  (declares every model)
from spikesim import jit, learn
from spikesim.neurons import contract
from spikesim.neurons.contract import Input
from spikesim.neurons.lif import LIF


def declared():
    found = []
    for cls in contract.models().values():
        if getattr(cls, "source", False) or not cls.__module__.startswith("spikesim."):
            continue
        try:
            found.append(cls())
        except TypeError:
            continue
    return found


@pytest.mark.parametrize("neuron", declared(), ids=lambda n: type(n).__name__)
def test_verbs_are_differentiable(neuron):
    cls = type(neuron)
    state = np.array([-60.3 if name == "v" else 0.31 for name in cls.states])

    def slope(s, current):
        return learn.stack(list(cls.slope(tuple(s), Input(current, 0.0), neuron)))

    def margin(s):
        return cls.margin(tuple(s), neuron) * 1.0

    assert learn.gradcheck(slope, [state, np.array(3.0)], step=1e-3, tolerance=1e-6)
    if cls.margin is not None:  # that fires by a threshold, not by chance alone
        assert learn.gradcheck(margin, [state], step=1e-3, tolerance=1e-6)
    if cls.flow is not None:

        def flow(s, current):
            return learn.stack(list(cls.flow(tuple(s), Input(current, 0.1), neuron, 0.1)))

        assert learn.gradcheck(flow, [state, np.array(3.0)], step=1e-3, tolerance=1e-6)


def test_jit_functions_on_the_tape():
    x = np.array([-3.0, -0.02, 0.0, 0.01, 2.0])
    assert learn.gradcheck(jit.exp, [x])
    assert learn.gradcheck(jit.exprel, [x], step=1e-4, tolerance=1e-6)
    assert learn.gradcheck(lambda v: jit.where(v > 0.005, v * v, 3.0 * v), [x])


def test_membrane_trace_through_many_steps():
    """dv(T)/dI of a LIF advanced by its flow: (R)(1 - e^(-T/tau)), closed form."""
    lif = LIF(tau_m=10.0, C_m=250.0, E_L=0.0, V_th=1e9, V_reset=-1.0)
    current, v = learn.Var(100.0), learn.Var(0.0)
    for _ in range(200):
        (v,) = LIF.flow((v,), Input(current, 0.0), lif, 0.1)
    v.backward()
    assert current.grad == pytest.approx(10.0 / 250.0 * (1.0 - np.exp(-2.0)), rel=1e-12)
