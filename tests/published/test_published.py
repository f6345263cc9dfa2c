"""Truth: the papers' tables and formulas, written down again here, and other simulators' stored statistics."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import spikesim as ss
from spikesim import published
from spikesim.published import microcircuit as microcircuit_network
from spikesim.published.microcircuit import external_current, full_weights, indegrees, lost_current

DATA = Path(__file__).parents[1] / "against" / "data"


def stored(network: str, key: str) -> dict[str, float]:
    """Means over seeds of a peer's stored runs, by population."""
    for file in DATA.glob("*_statistics.json"):
        found = json.loads(file.read_text()).get(network)
        if found:
            runs = list(found["runs"].values())
            return {pop: float(np.mean([run[pop][key] for run in runs])) for pop in runs[0]}
    pytest.skip(f"no stored runs of {network}")


@pytest.mark.parametrize(
    "network, reference",
    [
        ("cuba", published.CUBA_REFERENCE),
        ("coba", published.COBA_REFERENCE),
        ("cobahh", published.COBAHH_REFERENCE),
        ("microcircuit-0.1", published.SCALED_REFERENCE),
        *((f"brunel-{n.replace(' ', '-')}", r.references[-1]) for n, r in published.REGIMES.items()),
    ],
)
def test_references_are_the_stored_means(network: str, reference: published.Reference) -> None:
    """What the tables print as a peer's is what its runs gave (to 1 %: rounding; COBAHH 4 %: six seeds)."""
    rel = 0.04 if network == "cobahh" else 0.01
    assert dict(reference.rates) == pytest.approx(stored(network, "rate"), rel=rel)
    assert dict(reference.cvs) == pytest.approx(stored(network, "cv"), rel=rel, abs=0.0005)


def test_microcircuit_full_scale_numbers() -> None:
    """77,169 neurons and 0.299e9 synapses (Potjans and Diesmann 2014, page 789)."""
    net = microcircuit_network(1.0)
    assert sum(population.size for population in net.populations.values()) == 77_169
    synapses = sum(projection.rule.n for projection in net.projections)
    assert synapses == pytest.approx(0.299e9, rel=2e-3)
    assert len(net.projections) == 55  # of 64 pairs, nine have probability 0


def test_microcircuit_probabilities() -> None:
    """The chance that a given pair is connected at least once is table 5's: 1 - (1 - 1/(N N'))^K."""
    net = microcircuit_network(1.0)
    for name, wanted in (("L23I to L23E", 0.1689), ("L5I to L5E", 0.3726), ("L6E to L4I", 0.1057)):
        projection = next(p for p in net.projections if p.name == name)
        pairs = projection.pre.size * projection.post.size
        assert -np.expm1(projection.rule.n * np.log1p(-1.0 / pairs)) == pytest.approx(wanted, abs=1e-7)


def test_microcircuit_weights() -> None:
    """0.15 mV of PSP at 87.8 pA (table 5): the peak of the response of V to one current, in closed form."""
    tau_m, tau_s, c_m = 10.0, 0.5, 250.0
    t = np.log(tau_m / tau_s) * tau_m * tau_s / (tau_m - tau_s)
    peak = 87.8 / c_m * tau_m * tau_s / (tau_m - tau_s) * (np.exp(-t / tau_m) - np.exp(-t / tau_s))
    assert peak == pytest.approx(0.15, rel=1e-3)
    weights = full_weights()
    assert weights[0, 2] == 2 * 87.8 and weights[3, 3] == -4 * 87.8 and (weights[:, ::2] > 0).all()


@pytest.mark.parametrize("k", [0.05, 0.3, 1.0])
def test_scaling_keeps_mean_and_variance(k: float) -> None:
    """van Albada et al. 2015: at the full-scale rates neither moment of the input depends on k."""
    net = microcircuit_network(k, background="poisson")
    rates = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # of the authors' implementation
    weights, degrees = full_weights(), indegrees()
    mean = 1e-3 * 0.5 * (weights * degrees) @ rates + external_current()
    variance = (weights**2 * degrees) @ rates
    for i, name in enumerate(published.POPULATIONS):
        scaled_mean, scaled_variance = float(net[name].model.I_e), 0.0
        for projection in net.projections:
            if projection.name.endswith(f" to {name}"):
                j = published.POPULATIONS.index(projection.name.split()[0])
                degree, law = projection.rule.n / net[name].size, projection.weight.law
                scaled_mean += 1e-3 * 0.5 * law[1] * degree * rates[j]
                scaled_variance += law[1] ** 2 * degree * rates[j]
        external = next(b for b in net.backgrounds if str(b.target) == name)
        scaled_mean += 1e-3 * 0.5 * external.weight * external.rate
        # 1 %: populations are whole neurons, 53 of L5I at the smallest scale
        assert scaled_mean == pytest.approx(mean[i], abs=0.01 * external_current()[i])
        assert scaled_variance == pytest.approx(variance[i], rel=0.01)
    assert np.abs(lost_current(1.0)).max() == 0.0


def test_microcircuit_by_direct_current() -> None:
    """The mean external current of L4E: 0.5 ms 87.8 pA 2100 8 Hz = 737.5 pA."""
    net = microcircuit_network(1.0, background="dc")
    assert not net.backgrounds
    assert net["L4E"].model.I_e == pytest.approx(737.52)


def test_brunel_external_rate() -> None:
    """nu_thr C_E = theta / (J tau): 10 spikes a ms at eta = 1, whatever the size."""
    for size, epsilon in ((12_500, 0.1), (2_500, 0.5)):
        net = published.brunel("AI", size, epsilon)
        assert net.backgrounds[0].rate == pytest.approx(2.0 * 10_000.0)
        assert [p.rule.k for p in net.projections] == [1000, 250]
        assert [p.weight for p in net.projections] == [0.1, -0.5]


def test_vogels_abbott_weights() -> None:
    """1.62 and -9 mV at a leak of 10 nS; 2 % of all pairs."""
    net = published.cuba()
    leak = net["exc"].model.C_m / net["exc"].model.tau_m
    assert leak == 10.0
    assert [p.weight / leak for p in net.projections] == pytest.approx([1.62, -9.0])
    assert [p.rule.p for p in net.projections] == [0.02, 0.02]
    assert [p.rule.p for p in published.coba(40_000).projections] == [0.002, 0.002]


@pytest.mark.parametrize(
    "call, error",
    [
        (lambda: published.brunel("AII"), "did you mean 'AI'"),
        (lambda: published.brunel((5.0, -1.0)), "eta must be"),
        (lambda: published.brunel(neurons=3), "leave no sources"),
        (lambda: published.cuba(50), "in-degree of 80"),
        (lambda: published.microcircuit(0.0), "scale must be"),
        (lambda: published.microcircuit(1e-4), "leaves L5E empty"),
        (lambda: published.microcircuit(background="noise"), '"poisson" or "dc"'),
    ],
)
def test_refusals_say_what_is_wrong(call, error: str) -> None:
    """The message names the parameter."""
    with pytest.raises(ss.SpikesimError, match=error):
        call()


def test_table_by_hand() -> None:
    """Two neurons: intervals 10, 10, 10, 10 and 5, 15, 5, 15: CVs 0 and 0.5."""
    trains = ss.SpikeTrains.from_lists([[10, 20, 30, 40, 50], [5, 10, 25, 30, 45]], stop=100.0, name="pair")
    reference = published.Reference("paper", "a paper", {"pair": 40.0})
    lines = published.table({"pair": trains}, reference).splitlines()
    assert lines[2].split() == ["pair", "50.00", "40.00", "0.250", "-"]
    assert lines[3] == "paper: a paper"


@pytest.mark.slow
def test_microcircuit_rates_at_a_third() -> None:
    """At scale 0.3 every rate is within 30 % of the published one, in the published order of populations."""
    result = microcircuit_network(0.3).run(1500.0, progress=False)
    rates = np.array([result.spikes[name].rate(500.0) for name in published.POPULATIONS])
    wanted = np.array(list(published.MICROCIRCUIT_REFERENCES[0].rates.values()))
    assert np.abs(rates / wanted - 1.0).max() < 0.3
    assert (np.argsort(rates) == np.argsort(wanted)).all()
