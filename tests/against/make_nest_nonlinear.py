"""Writes data/nest_nonlinear.npz: NEST's hh_psc_alpha, iaf_cond_exp, aeif_cond_exp and izhikevich.

Made with nest-simulator 3.10.0, numpy 2.4, Python 3.11 (all from PyPI):

    nest/bin/python tests/against/make_nest_nonlinear.py

The first three step by an adaptive Runge-Kutta-Fehlberg 4(5) inside a grid of 0.01 ms, so their error lies
far below that of any fixed step (gsl_error_tol 1e-10 where it can be set).  izhikevich steps by forward Euler
(`consistent_integration`): its grid is 0.0001 ms.  Every event lies on a multiple of 0.1 ms.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from nest_runs import VERSION, run
from stored import DATA, Recipe, Synapses, save


def trains_of(rng: np.random.Generator, count: int, rate: float, ms: int, per_tenth: int) -> tuple[np.ndarray, ...]:
    """`count` random trains of `rate` Hz over `ms` milliseconds on the grid of 0.1 ms, in steps."""
    draws = rng.random((count, 10 * ms - 1)) < rate * 1e-4
    return tuple((np.flatnonzero(row) + 1) * per_tenth for row in draws)


def hodgkin_huxley() -> Iterator[Recipe]:
    """Steps of current (silent, one spike, regular, block), then two trains through alpha synapses."""
    cell = {"C_m": 100.0, "g_Na": 12000.0, "g_K": 3600.0, "g_L": 30.0, "E_Na": 50.0, "E_K": -77.0}
    cell |= {"E_L": -54.387, "I_e": 0.0, "tau_syn_ex": 1.0, "tau_syn_in": 5.0}
    gates = {
        "V_m": [-65.0],
        "Act_m": [0.0529324852572],
        "Inact_h": [0.596120753508],
        "Act_n": [0.317676914061],
    }
    rng = np.random.default_rng(3)
    jumps = ((500, 300.0), (1000, 700.0), (4000, -500.0), (5000, 2000.0), (7000, 0.0))
    yield Recipe("hh/current", "hh_psc_alpha", 0.01, 8000, cell, initial=gates, current=jumps)
    yield Recipe(
        "hh/synapses",
        "hh_psc_alpha",
        0.01,
        8000,
        cell | {"I_e": 200.0},
        initial=gates,
        trains=trains_of(rng, 2, 80.0, 80, 10),
        inputs=Synapses.of([(0, 0, 1200.0, 150), (1, 0, -400.0, 10)]),
    )


def conductances() -> Iterator[Recipe]:
    """Twenty conductance-based integrate-and-fire cells (16 excitatory), recurrent, driven by ten trains."""
    cell = {
        "C_m": 200.0,
        "g_L": 10.0,
        "E_L": -60.0,
        "V_th": -50.0,
        "V_reset": -60.0,
        "t_ref": 5.0,
        "I_e": 50.0,
    }
    cell |= {"E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0}
    rng = np.random.default_rng(4)
    n = 20
    pre, post = rng.integers(0, n, 5 * n), np.repeat(np.arange(n), 5)
    weight = np.where(pre < 16, rng.uniform(0.5, 3.0, pre.size), -rng.uniform(5.0, 20.0, pre.size))
    source, target = np.divmod(rng.choice(10 * n, size=3 * n, replace=False), n)
    yield Recipe(
        "cond/recurrent",
        "iaf_cond_exp",
        0.01,
        20000,
        cell,
        size=n,
        initial={"V_m": list(rng.uniform(-60.0, -51.0, n))},
        trains=trains_of(rng, 10, 60.0, 200, 10),
        inputs=Synapses(source, target, rng.uniform(2.0, 6.0, 3 * n), 10 * rng.integers(1, 51, 3 * n)),
        recurrent=Synapses(pre, post, weight, 10 * rng.integers(1, 51, 5 * n)),
        traced=(0, 19),
        stride=10,
    )


def adaptive_exponential() -> Iterator[Recipe]:
    """Adaptation, bursting and conductance input (Brette and Gerstner 2005; Naud et al. 2008, table 1)."""
    cell = {"C_m": 281.0, "g_L": 30.0, "E_L": -70.6, "V_th": -50.4, "Delta_T": 2.0, "tau_w": 144.0, "a": 4.0}
    cell |= {"b": 80.5, "V_reset": -60.0, "V_peak": 0.0, "t_ref": 2.0, "I_e": 0.0, "gsl_error_tol": 1e-10}
    cell |= {"E_ex": 0.0, "E_in": -85.0, "tau_syn_ex": 2.0, "tau_syn_in": 8.0}
    rng = np.random.default_rng(5)
    rest = {"V_m": [-70.6], "w": [0.0]}
    jumps = ((1000, 800.0), (15000, 500.0), (20000, 1200.0))
    variants = {
        "adapting": {},
        "bursting": {"V_reset": -46.0, "b": 60.0, "tau_w": 60.0},
        "no_t_ref": {"t_ref": 0.0},
    }
    for name, changed in variants.items():
        yield Recipe(
            f"adex/{name}",
            "aeif_cond_exp",
            0.01,
            25000,
            cell | changed,
            initial=rest,
            current=jumps,
            stride=20,
        )
    yield Recipe(
        "adex/synapses",
        "aeif_cond_exp",
        0.01,
        25000,
        cell | {"I_e": 400.0},
        initial=rest,
        trains=trains_of(rng, 2, 100.0, 250, 10),
        inputs=Synapses.of([(0, 0, 40.0, 150), (1, 0, -10.0, 10)]),
        stride=20,
    )


def izhikevich() -> Iterator[Recipe]:
    """Regular spiking, chattering, fast spiking (Izhikevich 2003, figure 2): steps, inputs of 3 mV."""
    kinds = {"RS": (0.02, 0.2, -65.0, 8.0), "CH": (0.02, 0.2, -50.0, 2.0), "FS": (0.1, 0.2, -65.0, 2.0)}
    rng = np.random.default_rng(6)
    for name, (a, b, c, d) in kinds.items():
        yield Recipe(
            f"izhikevich/{name}",
            "izhikevich",
            1e-4,
            2_000_000,
            {"a": a, "b": b, "c": c, "d": d, "V_th": 30.0, "I_e": 0.0},
            initial={"V_m": [-70.0], "U_m": [-14.0]},
            current=((100_000, 10.0), (1_200_000, 4.0), (1_600_000, 14.0)),
            trains=trains_of(rng, 1, 50.0, 200, 1000),
            inputs=Synapses.of([(0, 0, 3.0, 15_000)]),
            stride=2000,
        )


if __name__ == "__main__":
    makers = (hodgkin_huxley, conductances, adaptive_exponential, izhikevich)
    references = [run(recipe) for make in makers for recipe in make()]
    save(DATA / "nest_nonlinear.npz", references, peer="NEST", version=VERSION)
    for ref in references:
        low, high = ref.v.min(), ref.v.max()
        print(f"{ref.recipe.name:20s} {ref.spike_steps.size:5d} spikes  V in [{low:.2f}, {high:.2f}]")
