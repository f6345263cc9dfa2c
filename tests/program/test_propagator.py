"""Propagators of many neurons at once.  Truth: SciPy's matrix exponential of each; the bits of a neuron alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

import spikesim as ss
from spikesim.program.propagator import as_linear, joint, propagator

RNG = np.random.default_rng(8)
TAU, I_E = RNG.uniform(5.0, 30.0, 12), RNG.uniform(0.0, 400.0, 12)
CASES = {
    "alike": ss.LIF(I_e=100.0),
    "another constant input": ss.LIF(I_e=I_E),
    "another leak": ss.LIF(tau_m=TAU),
    "both": ss.LIF(tau_m=np.repeat(TAU[:4], 3), I_e=np.tile(I_E[:4], 3)),
    "some alike": ss.LIF(tau_m=np.tile(TAU[:2], 6), I_e=np.tile(I_E[:3], 4)),
}


def linear(model: ss.LIF):
    found = as_linear(model, model._asdict())
    assert found is not None
    return found


@pytest.mark.parametrize("h", [0.1, 40.0])
@pytest.mark.parametrize("ports", [(), (ss.Exponential(2.0), ss.Alpha(3.0))], ids=["no filters", "filters"])
@pytest.mark.parametrize("case", CASES)
def test_each_is_its_own_exponential(case: str, ports: tuple[ss.Synapse, ...], h: float) -> None:
    M = joint(linear(CASES[case]), ports)
    wanted = np.array([expm(m * h) for m in M])
    np.testing.assert_allclose(propagator(M.copy(), h), wanted, rtol=1e-11, atol=1e-11)


def test_what_differs_has_the_bits_of_the_neuron_alone() -> None:
    """And what the equation has alike for all stays alike, to the last bit."""
    leaks, sizes = linear(ss.LIF(tau_m=TAU)), linear(ss.LIF(C_m=25.0 * TAU))
    assert np.all(leaks.B == leaks.B[:, :1])
    for i, tau in enumerate(TAU):
        assert leaks.A[..., i].tobytes() == linear(ss.LIF(tau_m=tau)).A[..., 0].tobytes()
        assert sizes.B[..., i].tobytes() == linear(ss.LIF(C_m=25.0 * tau)).B[..., 0].tobytes()
