"""How large a network is, before it is built. Truth: expected counts in closed form; what building then takes."""
# ruff: noqa: E501  (a row of a table is one line)

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from spikesim.engine.clock.build import build, divide
from spikesim.engine.clock.worker import Worker, wire
from spikesim.grid import Grid
from spikesim.jit import JIT
from spikesim.machine import require_memory
from spikesim.network import (
    DC,
    Network,
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total,
    from_matrix,
    from_pairs,
    one_to_one,
)
from spikesim.network.memory import everywhere_bytes, expected_synapses, predicted_bytes, ranks_wanted, synapses_onto
from spikesim.neurons import LIF
from spikesim.program.program import Program
from spikesim.random import lognormal, normal, uniform
from spikesim.synapses import Alpha, ConductanceExponential, Delta, Exponential

GIVEN = {"weight": 0.1, "delay": 1.5, "synapse": Delta()}


EXPECTED = [
    (all_to_all(), 100 * 100),
    (all_to_all(allow_autapses=False), 100 * 100 - 100),
    (one_to_one(), 100),
    (fixed_probability(0.25), 2500),
    (fixed_probability(0.25, allow_autapses=False), 0.25 * 9900),
    (fixed_indegree(7), 700),
    (fixed_outdegree(9), 900),
    (fixed_total(1234), 1234),
    (from_pairs([0, 1, 1], [1, 2, 2]), 3),
]


@pytest.mark.parametrize(("rule", "count"), EXPECTED, ids=lambda x: repr(x))
def test_expected_numbers_of_synapses(b, rule, count):
    both = b.exc + b.inh
    assert expected_synapses(b.net.connect(both, both, rule, **GIVEN)) == pytest.approx(count, rel=1e-14)


@pytest.mark.parametrize(
    ("weight", "delay", "a_synapse"),
    [(0.1, 1.5, 2), (normal(0.1, 0.01), 1.5, 6), (normal(0.1, 0.01), lognormal(1.5, 0.5, high=4.0), 7),
     (np.full((1000, 1000), 0.5), 1.5, 14), (np.full((1000, 1000), 0.1), 1.5, 18)],
)  # fmt: skip
def test_predicted_bytes_a_synapse(weight, delay, a_synapse):
    net = Network()
    a = net.population("a", 1000, LIF())
    net.connect(a, a, all_to_all(), weight=weight, delay=delay, synapse=Delta())
    synapses = predicted_bytes(net)["projection 'a to a'"]
    segments = 1 if isinstance(delay, float) else 40
    assert a_synapse * 1e6 < synapses <= a_synapse * 1e6 + 12 * 1000 * segments


@pytest.mark.skipif(not JIT, reason="a million synapses take minutes in plain Python")
@pytest.mark.parametrize(
    ("rule", "weight", "delay"),
    [
        (fixed_indegree(400), normal(0.1, 0.01), normal(1.5, 0.75, low=0.1)),
        (fixed_probability(0.2), -0.5, 1.5),
        (fixed_total(10**6), lognormal(1.0, 0.5), uniform(0.5, 3.0)),
        (all_to_all(), np.full((2500, 2000), 0.1), 2.0),
    ],
)
def test_the_prediction_is_what_building_takes(rule, weight, delay):
    net = Network()
    a, b = net.population("a", 2000, LIF()), net.population("b", 2500, LIF())
    net.connect(a, b, rule, weight=weight, delay=delay, synapse=Exponential(2.0))
    program = Program(net, Grid(0.1), 1)
    built = build(program, threads=1).workers
    arrays = [program.wirings[0].weights.listed]
    arrays += [x for worker in built for bundle in worker.bundles for x in bundle if isinstance(x, np.ndarray)]
    while_built = 0.0 if isinstance(delay, float) else expected_synapses(net.projections[0])  # a byte for each delay
    taken = sum(x.nbytes for x in arrays) + while_built
    assert predicted_bytes(net)["projection 'a to b'"] == pytest.approx(taken, rel=0.05)


def test_ports_are_the_distinct_synapse_values(b):
    b.net.background(b.exc, rate=1.0, weight=1.0, synapse=Delta())
    b.net.connect(b.inh, b.exc[:3] + b.inh, all_to_all(), weight=1.0, delay=1.0, synapse=Alpha(2.0))
    b.net.connect(b.exc, b.exc, all_to_all(), weight=1.0, delay=1.0, synapse=Alpha(2))
    b.net.connect(b.exc, b.inh, all_to_all(), weight=1.0, delay=1.0, synapse=ConductanceExponential(5.0, E_rev=0.0))
    assert synapses_onto(b.net, b.exc) == [Alpha(2.0), Delta()]
    assert synapses_onto(b.net, b.inh) == [Alpha(2.0), ConductanceExponential(5.0, E_rev=0.0)]
    assert synapses_onto(b.net, b.input) == []


def test_too_large_a_network_is_described_and_refused_by_name(b):
    b.net.connect(b.exc, b.inh, fixed_total(2**40), name="huge", **GIVEN)
    items = predicted_bytes(b.net)
    assert items["projection 'huge'"] == pytest.approx(2 * 2**40, rel=1e-6)
    with pytest.raises(
        MemoryError,
        match=r"about 2\.2 TB are needed, 64 GB are available; the largest item is projection 'huge'",
    ):
        require_memory(items, available=64e9)
    assert "1,099,511,627,776" in str(b.net)


def test_ranks_and_their_memory(b):
    assert "comm=" not in str(b.net)
    b.net.connect(b.exc, b.inh, fixed_total(2**34), name="huge", **GIVEN)  # 2 bytes each, and next to nothing a neuron
    assert "on every rank and the rest divided: 9 of 4 GB, 3 of 16 GB, 1 of 256 GB" in str(b.net)
    assert ranks_wanted(b.net, 0.1, everywhere_bytes(b.net)) is None


def test_what_every_rank_has_is_about_what_it_takes():
    """Measured: one of 200 parts of a network, all the rest of which it has not."""
    net = Network(seed=1)
    cells = net.population("cells", 200_000, LIF(), v=uniform(-70.0, -56.0))
    net.connect(cells, cells, fixed_indegree(5), weight=1.0, delay=1.5, synapse=Exponential(2.0))
    net.connect(cells, cells, fixed_indegree(5), weight=normal(-1.0, 0.1), delay=1.5, synapse=Exponential(2.0))
    tracemalloc.start()
    try:
        program = Program(net, Grid(0.1), 1)
        worker = Worker(program, divide(program.cells, program.costs(), 200)[0])
        wire([worker])
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    expected = everywhere_bytes(net) + sum(predicted_bytes(net).values()) / 200
    assert taken == pytest.approx(expected, rel=0.15)


def test_the_summary_says_who_and_how_many(b):
    both = b.exc + b.inh
    b.net.background(both, rate=16e3, weight=0.1, synapse=Delta())
    b.net.connect(b.exc, both, fixed_indegree(80), **GIVEN)
    b.net.connect(
        b.inh,
        both,
        from_matrix(np.full((100, 20), -1.0)),
        delay=uniform(1.0, 2.0),
        synapse=Exponential(tau=2.0),
    )
    b.net.inject(b.exc, DC(300.0, stop=50.0))
    b.net.record(both, "spikes", "v", every=0.5)
    assert str(b.net).splitlines() == [
        "Network (seed 42): 110 neurons, 10,000 synapses expected",
        "  exc    80  LIF",
        "  inh    20  LIF",
        "  input  10  Poisson",
        "Projections",
        "  exc to exc+inh  8,000  fixed_indegree(80)                   weight 0.1             delay 1.5 ms            Delta()",
        "  inh to exc+inh  2,000  from_matrix(100 x 20, 2000 entries)  weights of the matrix  delay uniform(1, 2) ms  "
        "Exponential(tau=2)",
        "Background",
        "  exc+inh  100  16000 Hz  weight 0.1  Delta()",
        "Injected currents",
        "  exc  80  DC(amplitude=300, stop=50)",
        "Recorded",
        "  exc+inh  100  spikes",
        "  exc+inh  100  v every 0.5 ms",
        str(b.net).splitlines()[-1],
    ]
    assert str(b.net).splitlines()[-1].startswith("Memory of a run at dt = 0.1 ms: about ")
    assert (
        str(Network())
        == "Network (seed 0): 0 neurons, 0 synapses expected\nMemory of a run at dt = 0.1 ms: about 0 B beside what is recorded"
    )


PEAK = """
import sys
import numpy as np
import spikesim as ss
from spikesim.network.memory import predicted_bytes

ENGINE = sys.argv[1]

def megabytes(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(key))

def network(n, m):
    net, r = ss.Network(seed=1), np.random.default_rng(0)
    {connect}
    return net

ss.Simulation(network(100, 1000), engine=ENGINE).run(1.0)
net = network(10000, 2 * 10**7)
before = megabytes("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
ss.Simulation(net, engine=ENGINE, threads=2).run(1.0)
print(sum(predicted_bytes(net, None if ENGINE == "event" else 0.1).values()) / 2**20, megabytes("VmHWM") - before)
"""

ENDS = 'a, b = net.population("a", n, ss.LIF()), net.population("b", n, ss.LIF()); '
PAIRS = "pairs = ss.from_pairs(r.integers(0, n, m), r.integers(0, n, m)); "
TAKERS = {
    "drawn": "net.connect(a, b, ss.fixed_indegree(m // n), weight=ss.uniform(0, 1), delay=1.5, synapse=ss.Delta())",
    "drawn delays": "net.connect(a, b, ss.fixed_indegree(m // n), weight=1.0, delay=ss.uniform(1, 3), synapse=ss.Delta())",
    "pairs": PAIRS + "net.connect(a, b, pairs, weight=r.random(m), delay=1.5, synapse=ss.Delta())",
    "pairs with delays": PAIRS
    + "net.connect(a, b, pairs, weight=r.random(m), delay=r.integers(1, 9, m) * 0.5, synapse=ss.Delta())",
    "matrix": "W = r.random((n, n)) * (r.random((n, n)) < m / n**2); "
    "net.connect(a, b, ss.from_matrix(W), delay=1.5, synapse=ss.Delta()); del W",
    "STDP": "net.connect(a, b, ss.fixed_indegree(m // n), weight=1.0, delay=1.5, synapse=ss.Delta(), "
    "plasticity=ss.STDP(A_plus=0.01, A_minus=0.012, w_max=9.0))",
    "heterogeneous LIF": 'net.population("c", m // 50, ss.LIF(I_e=ss.uniform(0, 10)))',
    "HH": 'net.population("c", m // 50, ss.HodgkinHuxley())',
}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="asks Linux for the peak")
@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize("taker", TAKERS)
def test_the_prediction_is_the_peak(taker, engine):
    connect = TAKERS[taker] if "net.population" in TAKERS[taker] else ENDS + TAKERS[taker]
    command = [sys.executable, "-c", PEAK.format(connect=connect), engine]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    predicted, peak = map(float, done.stdout.split())
    assert predicted == pytest.approx(peak, rel=0.1, abs=20.0 if engine == "event" else 0.0)
