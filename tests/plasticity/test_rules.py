"""What a user can get wrong.  Truth: the house's rule that an error says where, what came and what to do."""
# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import SpikesimError

GIVEN = {"A_plus": 0.01, "A_minus": 0.012, "w_max": 1.0}
TRIPLET = {"A2_plus": 0.0, "A3_plus": 0.01, "A2_minus": 0.01, "A3_minus": 0.0, "w_max": 1.0}


def network(**given: object) -> ss.Network:
    net = ss.Network()
    source = net.population("source", 3, ss.SpikeTimes([[1.0], [2.0], [3.0]]))
    cells = net.population("cells", 2, ss.LIF())
    net.connect(source, cells, **{"rule": ss.all_to_all(), "weight": 0.5, "delay": 1.0, "synapse": ss.Delta(), **given})
    return net


REFUSED = [
    (lambda: ss.STDP(**GIVEN | {"tau_plus": 0.0}), ValueError, r"STDP: tau_plus must be > 0, got 0\.0"),
    (lambda: ss.STDP(**GIVEN | {"tau_minus": np.nan}), ValueError, r"STDP: tau_minus must be finite, got nan"),
    (lambda: ss.STDP(**GIVEN | {"A_plus": "0.1"}), TypeError, r"STDP: A_plus must be one number, got str '0\.1'"),
    (lambda: ss.STDP(**GIVEN | {"A_plus": [0.1, 0.2]}), TypeError, r"A_plus must be one number, got list .*several projections"),
    (lambda: ss.STDP(**GIVEN | {"A_plus": True}), TypeError, r"A_plus must be one number, got bool"),
    (lambda: ss.STDP(**GIVEN | {"mu_plus": -0.5}), ValueError, r"mu_plus must be >= 0, got -0\.5"),
    (lambda: ss.STDP(**GIVEN | {"w_min": 1.0}), ValueError, r"w_min must be below w_max, got w_min = 1\.0 and w_max = 1\.0"),
    (lambda: ss.STDP(**GIVEN | {"pairing": "some"}), ValueError, r'pairing must be "all" or "nearest", got \'some\''),
    (lambda: ss.STDP(**GIVEN, w_total=3.0), ValueError, r"w_total is given without every; .* give both or neither"),
    (lambda: ss.STDP(**GIVEN, every=3.0), ValueError, r"every is given without w_total"),
    (lambda: ss.STDP(**GIVEN, w_total=3.0, every=0.0), ValueError, r"every must be > 0, got 0\.0"),
    (lambda: ss.STDP(**GIVEN, w_min=-1.0, w_total=3.0, every=1.0), ValueError, r"w_total needs weights that are not negative"),
    (lambda: ss.STDP(A_plus=0.01, A_minus=0.01), TypeError, r"w_max"),
    (lambda: ss.TripletSTDP(**TRIPLET | {"A2_minus": -0.01}), ValueError, r"TripletSTDP: A2_minus must be >= 0, got -0\.01"),
    (lambda: ss.RewardSTDP(**GIVEN, rewards=[1.0]), TypeError, r"rewards must be pairs \(time in ms, amount\), got list \[1\.0\]"),
    (lambda: ss.RewardSTDP(**GIVEN, rewards=[(5.0, 1.0), (-5.0, 1.0)]), ValueError, r"reward 1 comes before t = 0: -5\.0 ms"),
    (lambda: ss.RewardSTDP(**GIVEN, rewards=[(5.0, "much")]), TypeError, r"reward 0 must be one number, got str"),
    (lambda: network(plasticity="stdp"), TypeError, r"plasticity: wanted a rule such as STDP.*got str 'stdp'"),
    (lambda: network(plasticity=ss.STDP), TypeError, r"wanted a rule .*got the class STDP; call it"),
    (lambda: network(plasticity=ss.STDP(**GIVEN), weight=1.5), ValueError, r"'source to cells': weights must lie within .*w_min = 0 \.\.\. w_max = 1, got 1\.5"),
    (lambda: network(plasticity=ss.STDP(**GIVEN), weight=ss.normal(0.5, 0.1)), ValueError, r"got -inf \.\.\. inf; bound the distribution with low= and high="),
    (lambda: network(plasticity=ss.STDP(**GIVEN), weight=None, rule=ss.from_matrix([[1, 0, 2.0]] * 2)), ValueError, r"w_max = 1, got 1 \.\.\. 2"),
    (lambda: network(plasticity=ss.STDP(**GIVEN, w_total=1.0, every=0.25)).run(5.0), ValueError, r"plasticity: every: 0\.25 ms is no multiple of dt .* 0\.2 or 0\.3 ms"),
    (lambda: network(plasticity=ss.STDP(**GIVEN, tau_plus=1e-4)).run(5.0), ValueError, r"tau_plus = 0\.0001 ms is far below dt = 0\.1 ms; choose a smaller dt"),
    (lambda: ss.Simulation(network(plasticity=ss.STDP(**GIVEN))).reward(1.0), KeyError, r"no projection waits for a reward; give one plasticity=RewardSTDP"),
    (lambda: ss.Simulation(network(plasticity=ss.RewardSTDP(**GIVEN))).reward(1.0, "x"), KeyError, r"no projection 'x' waits for a reward; those that do: source to cells"),
    (lambda: ss.Simulation(network(plasticity=ss.RewardSTDP(**GIVEN))).reward(np.inf), ValueError, r"reward: amount must be finite"),
    (lambda: ss.Simulation(network()).synapses("source to cell"), KeyError, r"no projection 'source to cell'; did you mean 'source to cells'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "match"), REFUSED)
def test_refused(call: Callable[[], object], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match) as caught:
        call()
    assert isinstance(caught.value, SpikesimError) or match == "w_max"


def test_a_closed_simulation_gives_no_reward() -> None:
    sim = ss.Simulation(network(plasticity=ss.RewardSTDP(**GIVEN)))
    sim.close()
    with pytest.raises(RuntimeError, match="reward: this simulation is closed"):
        sim.reward(1.0)


def test_rules_are_frozen_values() -> None:
    rule = ss.STDP(**GIVEN)
    assert rule == ss.STDP(**GIVEN) and hash(rule) == hash(ss.STDP(**GIVEN))
    assert ss.RewardSTDP(**GIVEN, rewards=[(9.0, 1), (2, 3)]).rewards == ((2.0, 3.0), (9.0, 1.0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.A_plus = 3.0  # type: ignore[misc]


def test_a_network_says_how_it_learns() -> None:
    """In its table, in the predicted memory, in the description that a file holds."""
    net = network(plasticity=ss.STDP(**GIVEN))
    assert "STDP(A_plus=0.01, A_minus=0.012, w_max=1)" in str(net)
    result = net.run(5.0, progress=False)
    assert "STDP(" in result.description["projections"][0]["plasticity"]
    assert result.stats["synaptic_events"] == 6


def test_synapses_are_listed_by_source() -> None:
    """Learnt or not: (pre, post, delay), weights of multapses one by one; and they can be connected again."""
    pairs = ss.from_pairs([2, 0, 0, 1], [1, 1, 0, 0])
    for rule in (None, ss.STDP(**GIVEN)):
        net = network(plasticity=rule, rule=pairs, weight=[0.1, 0.2, 0.3, 0.4], delay=[1.0, 2.0, 3.0, 4.0])
        with ss.Simulation(net) as sim:
            found = sim.synapses("source to cells")
        assert [a.tolist() for a in found] == [[0, 0, 1, 2], [0, 1, 0, 1], [0.3, 0.2, 0.4, 0.1], [3.0, 2.0, 4.0, 1.0]]
        again = network(rule=ss.from_pairs(found.pre, found.post), weight=found.weight, delay=found.delay)
        assert np.array_equal(ss.Simulation(again).synapses("source to cells").weight, found.weight)
