"""Seeds of branches: all that is drawn from there on is drawn anew.  Truth: bits, the same or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss

from .test_checkpoint import after


@ss.model
class NoisySeeds(NamedTuple):
    """dv = -v / tau dt + sigma dW."""

    tau: float = 10.0
    sigma: float = 0.5

    states = ("v",)

    @ss.equation
    def slope(s, u, p):
        return (-s[0] / p.tau + u.current,)

    @ss.equation
    def diffusion(s, p):
        return (p.sigma,)

    @ss.equation
    def margin(s, p):
        return s[0] - 100.0

    @ss.equation
    def reset(s, p):
        return (0.0,)


def source(kind: Any) -> Any:
    return lambda net: net.record(net.population("drawn", 20, kind), "spikes")


def into(add: Any, model: Any = None) -> Any:
    """What is put into cells, whose potentials and spikes are recorded."""

    def build(net: ss.Network) -> None:
        cells = net.population("drawn", 4, model or ss.LIF())
        net.record(cells, "v", "spikes")
        add(net, cells)

    return build


def released(release: Any) -> Any:
    def add(net: ss.Network, cells: ss.Population) -> None:
        times = net.population("times", 4, ss.SpikeTimes([np.arange(1.0, 40.0, 2.0)] * 4))
        net.connect(times, cells, ss.one_to_one(), weight=0.5, delay=1.0, synapse=ss.Delta(), release=release)

    return into(add)


def background(rate: Any) -> Any:
    return into(lambda net, cells: net.background(cells, rate=rate, weight=0.5, synapse=ss.Delta()))


#: Everything that is drawn while a network runs, and the engines that run it.
DRAWN = {
    "Poisson": (source(ss.Poisson(100.0)), "both"),
    "Poisson of time": (source(ss.Poisson(ss.Sine(50.0, 20.0, offset=60.0))), "both"),
    "GammaTrain": (source(ss.GammaTrain(100.0, 3.0)), "both"),
    "MIP": (source(ss.Correlated(100.0, 0.3)), "both"),
    "SIP": (source(ss.Correlated(100.0, 0.3, method="SIP")), "both"),
    "shared": (source(ss.shared(ss.Poisson(300.0))), "both"),
    "PulsePackets": (source(ss.PulsePackets([10.0, 30.0], 2, 3.0)), "both"),
    "shared packets": (source(ss.shared(ss.PulsePackets([10.0, 30.0], 5, 3.0))), "both"),
    "background": (background(500.0), "both"),
    "background of Steps": (background(ss.Steps([0.0, 20.0], [300.0, 600.0])), "both"),
    "background of GammaTrain": (background(ss.GammaTrain(500.0, 2.0)), "both"),
    "background of Correlated": (background(ss.Correlated(500.0, 0.2)), "both"),
    "Noise": (into(lambda net, cells: net.inject(cells, ss.Noise(100.0, 50.0))), "both"),
    "OrnsteinUhlenbeck": (into(lambda net, c: net.inject(c, ss.OrnsteinUhlenbeck(100.0, 50.0, 5.0))), "clock"),
    "WhiteNoise": (into(lambda net, cells: net.inject(cells, ss.WhiteNoise(100.0))), "clock"),
    "diffusion": (into(lambda net, cells: None, NoisySeeds()), "clock"),
    "escape noise": (into(lambda net, cells: None, ss.StochasticLIF(I_e=400.0)), "clock"),
    "StochasticRelease": (released(ss.StochasticRelease(0.5)), "both"),
    "QuantalRelease": (released(ss.QuantalRelease(n=4.0, U=0.5, tau_rec=5.0)), "both"),
}


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize("name", DRAWN)
def test_seeds_of_branches_are_of_all_that_is_drawn(name: str, engine: str, tmp_path: Path) -> None:
    """Same seed, same bits; other seeds, others, from there on; and saved with it."""
    build, engines = DRAWN[name]
    if engine == "event" and engines != "both":
        pytest.skip("of the clock engine")
    net = ss.Network(seed=3)
    build(net)
    sim = ss.Simulation(net, engine=engine)
    sim.run(15.0, progress=False)
    same, one, again, two = sim.branch(4, seeds=[net.seed, 7, 7, 8])
    one.save(tmp_path / "one.h5")
    read = ss.Simulation.resume(tmp_path / "one.h5", net)
    expected = after(sim, 30.0)
    assert after(same, 30.0) == expected
    changed = after(one, 30.0)
    assert after(again, 30.0) == changed == after(read, 30.0)
    assert len({tuple(expected), tuple(changed), tuple(after(two, 30.0))}) == 3
