"""The network that tests of descriptions try to spoil."""

import pytest

from spikesim.network import Network
from spikesim.neurons import LIF, Poisson
from spikesim.random import uniform


class Balanced:
    """A small network, and everything that a refused call could have changed."""

    def __init__(self):
        self.net = Network(seed=42)
        self.exc = self.net.population("exc", 80, LIF(), v=uniform(-70.0, -55.0))
        self.inh = self.net.population("inh", 20, LIF())
        self.input = self.net.population("input", 10, Poisson(8.0))
        self.other = Network(seed=7).population("exc", 80, LIF())

    def described(self):
        n = self.net
        return [list(x) for x in (n.populations, n.projections, n.backgrounds, n.injections, n.probes, n.spike_targets)]


@pytest.fixture
def b():
    return Balanced()
