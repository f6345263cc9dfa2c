"""Every declared synapse, found by itself, and the PSC filters of the lecture notes 1.6.

Truths: quadrature, the matrix exponential, and the formulas as they are printed.
"""

from __future__ import annotations

import dataclasses
import math
import pickle
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.linalg import expm

import spikesim.synapses
from spikesim.errors import InvalidTypeError, InvalidValueError
from spikesim.synapses import (
    AMPA,
    GABA_A,
    NMDA,
    Alpha,
    ConductanceAlpha,
    ConductanceExponential,
    Delta,
    Exponential,
    Gamma,
    Synapse,
    synapses,
)

VALUES = {"tau_rise": 0.7, "tau_decay": 4.0, "tau": 3.7, "E_rev": -61.0, "n": 2}


def examples() -> list[Any]:
    """One or two values of every class of the package, by its fields."""
    found = []
    for cls in synapses().values():
        own = cls.__module__.startswith("spikesim.synapses.")
        if not own or not dataclasses.is_dataclass(cls):  # (equations: own tests)
            continue
        fields = {f.name for f in dataclasses.fields(cls)}
        given = {k: v for k, v in VALUES.items() if k in fields}
        kinds = ({"normalize": "peak"}, {"normalize": "area"}) if "normalize" in fields else ({},)
        found += [cls(**given, **kind) for kind in kinds]
    return found


filters = [s for s in examples() if s.matrix.size and hasattr(s, "tau")] + [Gamma(n, 2.3) for n in range(6)]
every_synapse = pytest.mark.parametrize("synapse", examples(), ids=repr)
every_filter = pytest.mark.parametrize("synapse", filters, ids=repr)


def test_all_are_exported() -> None:
    """A synapse that is declared can be imported from spikesim.synapses."""
    names = {type(s).__name__ for s in examples()}
    assert names == {
        name
        for name in spikesim.synapses.__all__
        if getattr(spikesim.synapses, name) in synapses().values()
        and dataclasses.is_dataclass(getattr(spikesim.synapses, name))
    }


@every_synapse
def test_values_behave_as_values(synapse: Any) -> None:
    """Equal values are one port: equal, of one hash, frozen, pickled; a label fit for a variable's name."""
    twin = pickle.loads(pickle.dumps(synapse))
    assert isinstance(synapse, Synapse) and twin == synapse and hash(twin) == hash(synapse)
    assert synapse.label.isidentifier()
    for field in dataclasses.fields(synapse):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(synapse, field.name, getattr(synapse, field.name))
    if hasattr(synapse, "tau"):
        assert dataclasses.replace(synapse, tau=1.5) != synapse


@every_filter
def test_filter_is_its_formula(synapse: Any) -> None:
    """Two independent forms: gain (e^(A t) e_0)[-1] equals psc(t) to 1e-12."""
    A, t = synapse.matrix, np.linspace(0.0, 15.0 * synapse.tau, 40)
    assert A.shape == (len(A), len(A)) and np.all(np.linalg.eigvals(A).real < 0)
    cascade = [synapse.gain * expm(A * x)[-1, 0] for x in t]
    np.testing.assert_allclose(synapse.psc(t), cascade, rtol=1e-12, atol=1e-12 * synapse.gain)


@every_filter
def test_cascade_obeys_its_equations(synapse: Any) -> None:
    """SciPy: the ODE form s' = A s started by one spike."""
    t = np.array([0.5, 1.0, 2.0, 5.0]) * synapse.tau
    start = np.eye(len(synapse.matrix))[0]
    s = solve_ivp(lambda t, f: synapse.matrix @ f, (0.0, t[-1]), start, "DOP853", t, rtol=1e-12, atol=1e-14).y[-1]
    np.testing.assert_allclose(synapse.gain * s, synapse.psc(t), rtol=1e-9)


@every_filter
def test_area_and_peak(synapse: Any) -> None:
    """Quadrature: area 1 (or peak 1) to 1e-9; the peak is at n tau; nothing before t = 0."""
    tau, n = synapse.tau, len(synapse.matrix) - 1
    area = quad(synapse.psc, 0.0, 80.0 * tau, epsabs=1e-12, epsrel=1e-12, limit=200)[0]
    assert area == pytest.approx(synapse.area, abs=1e-9 * max(1.0, area))
    fine = np.linspace(0.0, 12.0 * tau, 120001)
    values = synapse.psc(fine)
    assert fine[np.argmax(values)] == pytest.approx(n * tau, abs=1.1e-4 * tau)
    assert synapse.peak_time == n * tau
    if synapse.normalize == "area":
        assert area == pytest.approx(1.0, abs=1e-9)
    else:
        assert values.max() == pytest.approx(1.0, abs=1e-9)
        assert synapse.psc(synapse.peak_time) == pytest.approx(1.0, rel=1e-14)
    assert np.all(synapse.psc([-1e9, -1.0, -1e-12]) == 0.0)
    assert synapse.psc(np.ones((2, 3))).shape == (2, 3)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 20])
def test_notes_filter(n: int) -> None:
    """Closed form as printed: h(t) = t^n exp(-t / tau) / (n! tau^(n+1))."""
    t, tau = np.linspace(0.0, 60.0, 50), 4.0
    printed = t**n * np.exp(-t / tau) / (math.factorial(n) * tau ** (n + 1))
    np.testing.assert_allclose(Gamma(n, tau).psc(t), printed, rtol=1e-13)


def test_printed_forms() -> None:
    """Closed forms of api.md: what a weight of 1 is for each of the named synapses."""
    t, tau, E = np.linspace(0.0, 40.0, 30), 5.0, -70.0
    decay, alpha = np.exp(-t / tau), t / tau * np.exp(1.0 - t / tau)
    np.testing.assert_allclose(Exponential(tau).psc(t), decay, rtol=1e-14)
    np.testing.assert_allclose(Exponential(tau, normalize="area").psc(t), decay / tau, rtol=1e-14)
    np.testing.assert_allclose(Alpha(tau).psc(t), alpha, rtol=1e-14)
    np.testing.assert_allclose(ConductanceExponential(tau, E).psc(t), decay, rtol=1e-14)
    np.testing.assert_allclose(ConductanceAlpha(tau, E).psc(t), alpha, rtol=1e-14)
    assert Exponential(tau).gain == 1.0  # so that weights are added as they were given
    assert ConductanceExponential(tau, E).E_rev == E and Exponential(tau).E_rev is None
    np.testing.assert_array_equal(Delta().psc(t), 0.0)
    assert Delta().matrix.shape == (0, 0) and Delta().gain == 1.0
    assert Delta() != Delta(refractory_input=True)


def test_high_orders_stay_finite() -> None:
    """Limit: for large n the filter is a normal bell of width tau sqrt(n + 1); no factorial overflows."""
    h = Gamma(2000, 0.01)
    t = np.linspace(0.0, 40.0, 4001)
    values = h.psc(t)
    assert np.trapezoid(values, t) == pytest.approx(1.0, abs=1e-9)
    assert np.trapezoid(values * t, t) == pytest.approx(2001 * 0.01, rel=1e-9)
    assert values.max() == pytest.approx(1.0 / (0.01 * math.sqrt(2 * math.pi * 2000)), rel=1e-3)


def test_receptors() -> None:
    """Destexhe et al. (1998): AMPA is over after some 10 ms, NMDA lasts over 300 ms; equal areas on wish."""
    fast, slow, inhibition = AMPA(), NMDA(), GABA_A()
    assert (fast.E_rev, slow.E_rev, inhibition.E_rev) == (0.0, 0.0, -80.0)
    assert fast.psc(12.2) < 0.1 < slow.psc(300.0)
    areas = [quad(s.psc, 0.0, 50.0 * s.tau, limit=200)[0] for s in (AMPA(normalize="area"), NMDA(normalize="area"))]
    np.testing.assert_allclose(areas, 1.0, atol=1e-9)
    assert AMPA() != ConductanceExponential(fast.tau, 0.0)  # a port of its own, with a name of its own
    assert AMPA(tau=2.0).label == "AMPA"


@pytest.mark.parametrize("cls", [type(s) for s in examples()])
def test_bad_values_are_refused(cls: Any) -> None:
    """NaN, infinities, zero, text, arrays: refused with the class and the parameter."""
    fields = {f.name for f in dataclasses.fields(cls)}
    good = {k: v for k, v in VALUES.items() if k in fields}
    for name in fields & {"tau", "E_rev"}:
        for bad in (math.nan, math.inf, *((0.0, -1.0) if name == "tau" else ())):
            with pytest.raises(InvalidValueError, match=f"{cls.__name__}: {name}"):
                cls(**{**good, name: bad})
        optional = getattr(cls, name, 0.0) is None
        for bad in ("1", True, [1.0, 2.0], np.ones(2), *(() if optional else (None,))):
            with pytest.raises(InvalidTypeError, match=f"{cls.__name__}: {name}"):
                cls(**{**good, name: bad})
    if "normalize" in fields:
        for bad in ("Peak", None, 1):
            with pytest.raises(InvalidValueError, match='"peak" or "area"'):
                cls(**good, normalize=bad)
    if "n" in fields:
        with pytest.raises(InvalidValueError, match="n must be"):
            cls(**{**good, "n": -1})
        for bad in (1.5, True, "1"):
            with pytest.raises(InvalidTypeError, match="n must be"):
                cls(**{**good, "n": bad})
    if "refractory_input" in fields:
        with pytest.raises(InvalidTypeError, match="refractory_input"):
            cls(refractory_input="yes")


@pytest.mark.parametrize(("rise", "decay"), [(0.5, 5.0), (5.0, 0.5), (3.0, 3.0), (3.0, 3.003)])
def test_double_exponential(rise: float, decay: float) -> None:
    """The two forms agree; quadrature and a fine grid give area 1 and peak 1; equal time constants are an Alpha."""
    peak, area = (spikesim.synapses.DoubleExponential(rise, decay, normalize=kind) for kind in ("peak", "area"))
    t = np.linspace(0.0, 30.0, 31)
    np.testing.assert_allclose(
        peak.psc(t), [peak.gain * expm(peak.matrix * x)[-1, 0] for x in t], rtol=1e-9, atol=1e-15
    )
    assert quad(area.psc, 0.0, 300.0, epsabs=1e-12, limit=200)[0] == pytest.approx(1.0, abs=1e-9)
    assert peak.psc(peak.peak_time) == pytest.approx(1.0, rel=1e-9)
    assert peak.psc(np.linspace(0.0, 20.0, 20001)).max() == pytest.approx(1.0, abs=1e-6)
    if rise == decay:
        np.testing.assert_allclose(peak.psc(t), spikesim.synapses.Alpha(3.0).psc(t), rtol=1e-12)
