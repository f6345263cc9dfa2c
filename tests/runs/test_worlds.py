"""Many states on one wiring.  Truth: each world alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidTypeError, InvalidValueError, UnknownNameError


def network() -> ss.Network:
    net = ss.Network(seed=2)
    cells = net.population("cells", 200, ss.LIF(I_e=200.0), v=ss.uniform(-70.0, -56.0))
    net.background(cells, rate=2000.0, weight=0.3, synapse=ss.Delta(), name="noise")
    net.connect(cells, cells, ss.fixed_indegree(20), weight=0.2, delay=1.5, synapse=ss.Delta())
    net.record(cells, "spikes")
    return net


def bits(result: ss.Result) -> bytes:
    train = result.spikes["cells"]
    return train.times.tobytes() + train.ids.tobytes()


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_each_world_gives_the_bits_of_its_own_run(engine: str) -> None:
    """Alone, on another number of threads: a branch with that seed, those parameters and that rate."""
    net, currents = network(), [100.0, 200.0, 300.0]
    many = ss.worlds(net, 3, seeds=[7, 8, 9], vary={"cells.I_e": currents}, engine=engine)
    found = [bits(result) for result in many.run(30.0)]
    assert len(set(found)) == 3
    for seed, current, one in zip((7, 8, 9), currents, found):
        (alone,) = ss.Simulation(net, engine=engine, threads=2).branch(1, seeds=[seed])
        alone.set("cells", I_e=current)
        assert bits(alone.run(30.0, progress=False)) == one


def test_the_world_of_the_network_s_own_seed_is_its_run() -> None:
    net = network()
    many = ss.worlds(net, 2)
    assert bits(many.run(30.0, jobs=1)[0]) == bits(net.run(30.0, progress=False))


def test_one_wiring() -> None:
    """Synapses are shared, states are not; worlds go on one by one, too."""
    many = ss.worlds(network(), 4, vary={"cells.v": [-70.0, -65.0, -60.0, -56.0], "noise.rate": [0.0, 1.0, 2.0, 3.0]})
    assert len({id(b.target) for sim in many for w in sim.engine.workers for b in w.bundles}) == 1
    assert [float(sim.state["cells"]["v"][0]) for sim in many] == [-70.0, -65.0, -60.0, -56.0]
    many[1].run(5.0, progress=False)
    assert [sim.time for sim in many] == [0.0, 5.0, 0.0, 0.0]
    np.testing.assert_array_equal(many[0].state["cells"]["v"], np.full(200, -70.0))


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"n": -1}, InvalidValueError, "n must be"),
        ({"seeds": [1]}, InvalidValueError, "wanted 2 seeds"),
        ({"vary": {"I_e": [1.0, 2.0]}}, InvalidTypeError, "population.parameter"),
        ({"vary": {"cells.I_e": [1.0]}}, InvalidValueError, "wanted 2 values"),
        ({"vary": {"cells.I": [1.0, 2.0]}}, KeyError, "no parameter 'I'"),
        ({"vary": {"x.I_e": [1.0, 2.0]}}, UnknownNameError, "no population, background, stimulus or projection 'x'"),
        ({"threads": 2}, InvalidTypeError, "one thread"),
        ({"vary": 3}, InvalidTypeError, "vary: wanted"),
        ({"seeds": 3}, InvalidTypeError, "seeds: wanted a list"),
    ],
)
def test_mistakes(given: dict[str, Any], error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        ss.worlds(network(), **{"n": 2, **given})
