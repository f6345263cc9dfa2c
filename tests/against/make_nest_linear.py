"""Writes data/nest_linear.npz: NEST's linear neurons (iaf_psc_exp, iaf_psc_alpha, iaf_psc_delta).

Made with nest-simulator 3.10.0, numpy 2.4, Python 3.11 (all from PyPI):

    python -m venv nest && nest/bin/pip install nest-simulator numpy scipy
    nest/bin/python tests/against/make_nest_linear.py

Each recipe is run for the three models: steps of current with and without refractoriness on three grids,
spike trains over many weights and delays (one step to 100 ms), a volley into the refractory period, an
autapse, multapses, ratios tau_syn/tau_m at, next to and away from 1, and a random recurrent network.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from nest_runs import VERSION, run
from stored import DATA, Recipe, Synapses, save

MODELS = {"exp": "iaf_psc_exp", "alpha": "iaf_psc_alpha", "delta": "iaf_psc_delta"}
# amplitude of one PSC by model: pA that lifts a 250 pF cell by some 0.1 mV, or the 0.1 mV themselves
UNIT = {"exp": 25.0, "alpha": 12.0, "delta": 0.15}
CELL = {"C_m": 250.0, "tau_m": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -62.0, "t_ref": 2.0, "I_e": 0.0}
TAU = {"tau_syn_ex": 2.0, "tau_syn_in": 5.0}
START = {"V_m": [-70.0]}


def cell(kind: str, **changed: float) -> dict[str, float]:
    """Parameters for a model of `kind`: the delta model has no synaptic time constants."""
    parameters = {**CELL, **TAU, **changed}
    return {k: v for k, v in parameters.items() if kind != "delta" or not k.startswith("tau_syn")}


def steps_of_current(kind: str) -> Iterator[Recipe]:
    """A bias, then four steps of current; t_ref zero, short and long; three grids."""
    for dt, t_ref in ((0.1, 0.0), (0.1, 2.0), (0.05, 1.35), (1.0, 2.0), (1.0, 0.0), (0.1, 30.0)):

        def at(ms: float, dt: float = dt) -> int:
            return round(ms / dt)

        yield Recipe(
            f"current/{kind}/dt={dt}/t_ref={t_ref}",
            MODELS[kind],
            dt,
            at(120.0),
            cell(kind, t_ref=t_ref, I_e=100.0),
            initial=START,
            current=((at(10), 350.0), (at(40), -200.0), (at(60), 800.0), (at(90) + 1, 0.0)),
        )


def spike_trains(kind: str) -> Iterator[Recipe]:
    """Six trains, both signs, weights over four decades, delays from one step to 100 ms."""
    rng = np.random.default_rng(1)
    for dt in (0.1, 0.05, 1.0):
        trains = tuple(np.sort(rng.choice(np.arange(1, round(200 / dt)), size=60, replace=False)) for _ in range(6))
        delays = [1, 2, round(3 / dt), round(17 / dt), round(50 / dt) + 1, round(100 / dt)]
        weights = UNIT[kind] * np.array([10.0, -4.0, 25.0, 0.01, -0.3, 8.0])
        rows = [(i, 0, w, d) for i, (w, d) in enumerate(zip(weights, delays))]
        yield Recipe(
            f"trains/{kind}/dt={dt}",
            MODELS[kind],
            dt,
            round(250 / dt),
            cell(kind, I_e=100.0),
            initial=START,
            trains=trains,
            inputs=Synapses.of(rows),
            stride=round(max(1.0, 0.1 / dt)),
        )


def refractory_volley(kind: str) -> Iterator[Recipe]:
    """One input at every step from before a spike to after the refractory period, alternating in sign."""
    volley = tuple(np.array([step]) for step in range(235, 295))
    rows = [(i, 0, UNIT[kind] * (2 + i % 7) * (-1) ** i, 1 + i % 3) for i in range(len(volley))]
    yield Recipe(
        f"refractory/{kind}",
        MODELS[kind],
        0.1,
        1000,
        cell(kind, I_e=420.0),
        initial=START,
        trains=volley,
        inputs=Synapses.of(rows),
    )


def refractory_input(kind: str) -> Iterator[Recipe]:
    """Delta input that a refractory cell keeps: it is added, decayed by then, at the first free step."""
    if kind == "delta":
        rows = [(i, 0, 0.3 * (-1) ** (i // 3), 1 + i % 3) for i in range(60)]
        yield Recipe(
            "refractory_input/delta",
            MODELS[kind],
            0.1,
            1000,
            cell(kind, I_e=420.0, refractory_input=True),
            initial=START,
            trains=tuple(np.array([step]) for step in range(235, 295)),
            inputs=Synapses.of(rows),
        )


def autapse_and_multapses(kind: str) -> Iterator[Recipe]:
    """Two cells driven by a bias: an autapse on each, four delays from one to the other, one back."""
    u = UNIT[kind]
    rows = [(0, 0, 3 * u, 1), (1, 1, -5 * u, 30)]
    rows += [(0, 1, 4 * u, 1), (0, 1, 4 * u, 1), (0, 1, -2 * u, 25), (0, 1, 1.5 * u, 1000), (1, 0, 2 * u, 10)]
    yield Recipe(
        f"autapse_multapses/{kind}",
        MODELS[kind],
        0.1,
        2000,
        cell(kind, I_e=390.0),
        size=2,
        initial={"V_m": [-64.0, -60.0]},
        recurrent=Synapses.of(rows),
        traced=(0, 1),
    )


def time_constants(kind: str) -> Iterator[Recipe]:
    """One volley through synapses with tau_syn = ratio * tau_m, the two signs on either side of the ratio."""
    if kind == "delta":
        return
    for off in (0.0, 1e-9, 1e-6, 1e-3, 0.05, 0.5, 0.95):
        yield Recipe(
            f"ratio/{kind}/1±{off:g}",
            MODELS[kind],
            0.1,
            600,
            cell(kind, tau_syn_ex=10.0 * (1 + off), tau_syn_in=10.0 * (1 - off), I_e=200.0),
            initial=START,
            trains=(np.array([30, 31, 90, 200]), np.array([60, 150, 300])),
            inputs=Synapses.of([(0, 0, 6 * UNIT[kind], 1), (1, 0, -4 * UNIT[kind], 7)]),
        )


def recurrent_network(kind: str) -> Iterator[Recipe]:
    """Forty cells (32 excitatory), 8 inputs each of 0.1 to 5 ms delay, driven by ten trains and a bias."""
    rng = np.random.default_rng(7)
    n, n_exc, steps = 40, 32, 4000
    pre = rng.integers(0, n, size=8 * n)
    post = np.repeat(np.arange(n), 8)
    weight = UNIT[kind] * np.where(pre < n_exc, rng.uniform(1, 6, pre.size), -rng.uniform(5, 15, pre.size))
    trains = tuple(np.flatnonzero(rng.random(steps) < 0.004) + 1 for _ in range(10))
    source, target = np.divmod(rng.choice(10 * n, size=4 * n, replace=False), n)
    yield Recipe(
        f"recurrent/{kind}",
        MODELS[kind],
        0.1,
        steps,
        cell(kind, I_e=350.0),
        size=n,
        initial={"V_m": list(rng.uniform(-65.0, -50.5, n))},
        trains=trains,
        inputs=Synapses(source, target, UNIT[kind] * rng.uniform(5, 20, 4 * n), rng.integers(1, 51, 4 * n)),
        recurrent=Synapses(pre, post, weight, rng.integers(1, 51, 8 * n)),
        traced=(0, 39),
        stride=5,
    )


if __name__ == "__main__":
    makers = (
        steps_of_current,
        spike_trains,
        refractory_volley,
        refractory_input,
        autapse_and_multapses,
        time_constants,
        recurrent_network,
    )
    references = [run(recipe) for kind in MODELS for make in makers for recipe in make(kind)]
    save(DATA / "nest_linear.npz", references, peer="NEST", version=VERSION)
    for ref in references:
        low, high = ref.v.min(), ref.v.max()
        print(f"{ref.recipe.name:40s} {ref.spike_steps.size:5d} spikes  V in [{low:.2f}, {high:.2f}]")
