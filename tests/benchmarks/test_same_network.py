"""What the peers are given is the network itself: the plain description and what is drawn from it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

import spikesim as ss
from benchmarks.peers.draw import sign, synapses, values
from benchmarks.plain import plain
from benchmarks.process import ROOT

NETWORKS = {
    "brunel": {"neurons": 1000, "epsilon": 0.1},
    "cuba": {"neurons": 1000},
    "coba": {"neurons": 1000},
    "cobahh": {"neurons": 1000},
    "hh": {"neurons": 10},
    "lif": {"neurons": 10},
    "stdp": {"neurons": 1000, "epsilon": 0.1},
    "microcircuit": {"scale": 0.01},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_that_is_compared_can_be_told(name: str) -> None:
    net = import_module(f"benchmarks.{name}").build(**NETWORKS[name])
    told = json.loads(json.dumps(plain(net), allow_nan=False))
    assert [p["size"] for p in told["populations"]] == [p.size for p in net.populations.values()]
    assert len(told["projections"]) == len(net.projections)
    known = {p["name"] for p in told["populations"]}
    assert all(set(p["pre"] + p["post"]) <= known for p in told["projections"])


def test_numbers_arrive_as_they_were_given() -> None:
    net = ss.Network(seed=3)
    a = net.population("a", 3, ss.LIF(tau_m=17.0, I_e=np.array([1.0, 2.0, 3.0])), v=ss.uniform(-70.0, -60.0))
    law = ss.normal(2.0, 0.5, low=0.0)
    net.connect(a, a, ss.fixed_indegree(2), weight=law, delay=1.5, synapse=ss.Exponential(4.0))
    net.inject(a, ss.DC(7.0))
    told = plain(net)
    cells, projection, current = told["populations"][0], told["projections"][0], told["currents"][0]
    assert cells["parameters"]["tau_m"] == 17.0 and cells["parameters"]["I_e"] == [1.0, 2.0, 3.0]
    assert cells["initial"]["v"] == {"law": "uniform", "low": -70.0, "high": -60.0}
    assert projection["weight"] == {"law": "normal", "mean": 2.0, "sd": 0.5, "low": 0.0, "high": None}
    assert projection["rule"]["kind"] == "FixedIndegree" and projection["rule"]["k"] == 2
    assert projection["synapse"]["kind"] == "Exponential" and projection["synapse"]["tau"] == 4.0
    assert current["amplitude"] == 7.0 and current["stop"] is None


def test_a_part_of_a_population_is_refused() -> None:
    net = ss.Network()
    a = net.population("a", 3, ss.LIF())
    net.connect(a[:2], a, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.Delta())
    with pytest.raises(ValueError, match="whole ones only"):
        plain(net)


def test_drawn_synapses_have_the_degrees_of_the_rule_and_are_sorted_by_source() -> None:
    rng = np.random.default_rng(1)
    pre, post = synapses({"kind": "FixedIndegree", "k": 7}, 50, 30, rng)
    assert (np.bincount(post, minlength=30) == 7).all() and pre.max() < 50 and (np.diff(pre) >= 0).all()
    pre, post = synapses({"kind": "FixedTotal", "n": 1234}, 50, 30, rng)
    assert pre.size == post.size == 1234 and (np.diff(pre) >= 0).all()


def test_drawn_values_follow_the_cut_law() -> None:
    """Closed form: a normal law cut at its mean has the mean sd sqrt(2/pi) above it."""
    law = {"law": "normal", "mean": 1.0, "sd": 0.5, "low": 1.0, "high": None}
    drawn = values(law, 100_000, np.random.default_rng(1))
    assert drawn.min() >= 1.0
    assert drawn.mean() == pytest.approx(1.0 + 0.5 * math.sqrt(2 / math.pi), abs=5 * 0.3 / math.sqrt(1e5))
    assert sign(law) == 1 and sign(-2.0) == -1


def test_a_child_does_not_inherit_its_parents_peak_of_memory() -> None:
    """A child of a process that holds 300 MB, which itself holds little."""
    code = (
        "import subprocess, sys; block = bytearray(b'x') * 300_000_000; "
        "print(subprocess.check_output([sys.executable, '-c', "
        "'from benchmarks.memory import peak_mb; print(peak_mb())'], text=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 3.0 < float(done.stdout) < 100.0
