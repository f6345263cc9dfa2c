"""The description of a network. Truth: the house's catalogue of bad input; expected counts in closed form."""
# ruff: noqa: E501  (a row of a table is one line)

import copy
import warnings

import numpy as np
import pytest
import scipy.sparse

from spikesim.errors import SpikesimError, UnitWarning
from spikesim.network import (
    DC,
    Network,
    Noise,
    all_to_all,
    fixed_indegree,
    fixed_probability,
    from_matrix,
    from_pairs,
    one_to_one,
)
from spikesim.network.memory import expected_synapses
from spikesim.network.probe import recorded_spikes, recorded_traces
from spikesim.neurons import LIF
from spikesim.random import normal, uniform
from spikesim.synapses import Delta, Exponential

GIVEN = {"weight": 0.1, "delay": 1.5, "synapse": Delta()}


def refused(b, call, error, match):
    before = b.described()
    with pytest.raises(error, match=match) as caught:
        call(b)
    assert isinstance(caught.value, SpikesimError)
    assert b.described() == before


# -- the network ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 2**64 - 1, np.uint64(2**64 - 1), np.int32(3)])
def test_seeds(seed):
    assert Network(seed=seed).seed == int(seed)


@pytest.mark.parametrize(
    ("seed", "error"),
    [(-1, ValueError), (2**64, ValueError), (1.5, TypeError), ("a", TypeError), (float("nan"), TypeError), (True, TypeError),
     (None, TypeError)],
)  # fmt: skip
def test_bad_seeds(seed, error):
    with pytest.raises(error, match=r"^Network: seed must be a whole number"):
        Network(seed=seed)


# -- connect ----------------------------------------------------------------------------------------------------------


def test_a_projection_is_what_was_given(b):
    made = b.net.connect(b.exc, b.exc + b.inh, fixed_indegree(8), weight=normal(0.1, 0.01), delay=1, synapse=Delta())
    assert b.net.projections == [made]
    assert (made.name, made.pre, made.weight, made.delay) == ("exc to exc+inh", b.exc, normal(0.1, 0.01), 1.0)
    assert (made.post.size, made.rule, made.synapse, made.plasticity) == (
        100,
        fixed_indegree(8),
        Delta(),
        None,
    )


def test_projections_of_one_pair_are_counted(b):
    names = [b.net.connect(b.exc, b.inh, all_to_all(), **GIVEN).name for _ in range(3)]
    assert names == ["exc to inh", "exc to inh #2", "exc to inh #3"]
    assert b.net.connect(b.exc[:5], b.inh, all_to_all(), name="mine", **GIVEN).name == "mine"


def test_listed_weights_and_delays_are_copied_and_frozen(b):
    weight, delay = np.arange(20.0), np.full(20, 2.0)
    made = b.net.connect(b.exc[:20], b.inh, one_to_one(), weight=weight, delay=delay, synapse=Delta())
    weight[:], delay[:] = np.nan, -1.0
    assert made.weight.tolist() == list(range(20)) and made.delay.tolist() == [2.0] * 20
    with pytest.raises(ValueError):
        made.weight[0] = 1.0


def test_a_matrix_brings_its_weights(b):
    W = np.zeros((20, 80))
    W[3, 5] = 2.0
    for matrix in (W, scipy.sparse.csr_array(W)):
        made = b.net.connect(b.exc, b.inh, from_matrix(matrix), delay=1.5, synapse=Delta())
        assert made.weight is None and made.rule.weights.tolist() == [2.0] and expected_synapses(made) == 1


def test_a_negative_and_a_zero_weight_and_an_empty_side_are_allowed(b):
    b.net.connect(b.inh, b.exc, all_to_all(), weight=-0.5, delay=1.5, synapse=Delta())
    b.net.connect(b.inh, b.exc, all_to_all(), weight=0, delay=1.5, synapse=Delta())
    assert expected_synapses(b.net.connect(b.exc[:0], b.inh, all_to_all(), **GIVEN)) == 0


def connecting(**changed):
    return lambda b: b.net.connect(
        **{
            "pre": b.exc,
            "post": b.inh,
            "rule": all_to_all(),
            **GIVEN,
            **{k: v(b) if callable(v) else v for k, v in changed.items()},
        }
    )


def listing(**changed):
    return connecting(rule=from_pairs([0, 1, 2], [3, 4, 5]), **changed)


def W(entry):
    matrix = np.ones((20, 80))
    matrix[1, 2] = entry
    return matrix


BAD_PROJECTIONS = [
    (connecting(pre="exc"), TypeError, r'connect: pre: wanted a population.* got str \'exc\'; write net\["exc"\]'),
    (connecting(post="ex"), TypeError, r"connect: post: wanted a population .* got str 'ex' \[invalid-type]$"),
    (connecting(pre=lambda b: [1, 2]), TypeError, r"connect: pre: .* got list \[1, 2\]"),
    (connecting(pre=lambda b: b.other), ValueError, r"'exc' belongs to another network, <Network seed=7.*<Network seed=42"),
    (connecting(post=lambda b: b.input), ValueError, r"connect: post: 'input' is a source \(Poisson\) and receives no"),
    (connecting(post=lambda b: b.exc + b.input), ValueError, r"'input' is a source"),
    (connecting(rule=lambda b: all_to_all), TypeError, r"'exc to inh': rule: wanted .* got function .*; call it"),
    (connecting(rule="all_to_all"), TypeError, r"rule: wanted a rule of connection .* got str 'all_to_all'"),
    (connecting(rule=one_to_one()), ValueError, r"'exc to inh': one_to_one.*80.*20"),
    (connecting(rule=fixed_indegree(81, allow_multapses=False)), ValueError, r"'exc to inh': .*81.*only 80 .*sources"),
    (connecting(post=lambda b: b.exc, rule=fixed_indegree(80, allow_autapses=False, allow_multapses=False)), ValueError,
     r"only 79 .*sources"),
    (connecting(pre=lambda b: b.exc[:0], rule=fixed_indegree(1)), ValueError, r"only 0 .*sources"),
    (connecting(rule=from_pairs([0, 80], [0, 1])), ValueError, r"pre_ids .* 0 \.\.\. 79.*got 80 at pair 1"),
    (connecting(rule=from_matrix(np.ones((80, 20))), weight=None), ValueError, r"\(20, 80\), got \(80, 20\).*transposed"),
    (connecting(rule=from_matrix(np.ones((20, 80)))), ValueError, r"weight: the entries of the matrix are the weights"),
    (lambda b: from_matrix(W(np.nan)), ValueError, r"from_matrix: W: .*got nan at \[1, 2\]"),
    (connecting(weight=None), TypeError, r"'exc to inh': weight is missing: give a number"),
    (connecting(weight=np.nan), ValueError, r"'exc to inh': weight must be finite, got nan"),
    (connecting(weight=-np.inf), ValueError, r"weight must be finite, got -inf"),
    (connecting(weight="1"), TypeError, r"weight: .*got str '1'"),
    (connecting(weight=True), TypeError, r"weight: .*got bool True"),
    (connecting(weight=np.ones((80, 20))), ValueError, r"shape \(80, 20\).* in shape \(20, 80\); it looks transposed"),
    (connecting(weight=W(np.inf)), ValueError, r"weight must be finite, got inf at index \(1, 2\) \(1 such"),
    (connecting(weight=[[1.0], [1.0, 2.0]]), TypeError, r"weight: wanted an array of numbers, got list"),
    (connecting(weight=scipy.sparse.eye_array(4)), TypeError, r"weight: wanted an array of numbers, got dia_array"),
    (connecting(rule=fixed_probability(0.1), weight=[1.0, 2.0]), ValueError, r"shape \(2,\), but fixed_probability\(0\.1\) draws"),
    (listing(weight=[1.0, 2.0]), ValueError, r"weight: got an array of shape \(2,\); .* in shape \(3,\)"),
    (listing(weight=[1.0, np.nan, np.nan]), ValueError, r"weight must be finite, got nan at index 1 \(2 such"),
    (connecting(delay=None), TypeError, r"'exc to inh': delay \(ms\): .*got NoneType"),
    (connecting(delay=np.nan), ValueError, r"delay \(ms\) must be finite, got nan"),
    (connecting(delay=np.inf), ValueError, r"delay \(ms\) must be finite, got inf"),
    (connecting(delay=0.0), ValueError, r"delay \(ms\) must be > 0, got 0\.0"),
    (connecting(delay=-1.5), ValueError, r"delay \(ms\) must be > 0, got -1\.5"),
    (connecting(delay=uniform(-2.0, -1.0)), ValueError, r"must be > 0, but uniform\(-2, -1\) draws nothing above 0"),
    (listing(delay=[1.0, -1.0, 0.0]), ValueError, r"delay \(ms\) must be > 0, got -1\.0 at index 1 \(2 such"),
    (listing(delay=[1.0, 2.0, np.nan]), ValueError, r"delay \(ms\) must be finite, got nan at index 2 \(1 such"),
    (connecting(synapse=lambda b: Delta), TypeError, r"synapse: wanted a synapse .*got the class Delta; call it"),
    (connecting(synapse=None), TypeError, r"synapse: wanted a synapse .*got NoneType None"),
    (connecting(plasticity="stdp"), TypeError, r"'exc to inh': plasticity: wanted a rule such as STDP.*got str 'stdp'"),
    (connecting(name="a/b"), ValueError, r"connect: a name must not hold '/'"),
    (connecting(name=""), ValueError, r"connect: a name must not be empty"),
    (connecting(name=3), TypeError, r"connect: a name must be a string, got int 3"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "match"), BAD_PROJECTIONS)
def test_bad_projections_leave_the_network_as_it_was(b, call, error, match):
    refused(b, call, error, match)


def test_one_bad_value_among_many_is_found_and_nothing_is_left(b):
    delay = np.full((20, 80), 1.5)
    delay[17, 33] = np.nan
    refused(b, connecting(delay=delay), ValueError, r"got nan at index \(17, 33\) \(1 such values\)")


def test_names_of_projections_are_given_once(b):
    connecting(name="mine")(b)
    refused(b, connecting(name="mine"), ValueError, r"connect: the name 'mine' is taken")


# -- background and stimuli -------------------------------------------------------------------------------------------


def test_a_background_is_what_was_given(b):
    made = b.net.background(b.exc + b.inh, rate=np.arange(100), weight=1, synapse=Delta())
    again = b.net.background(b.exc + b.inh, rate=16e3, weight=1, synapse=Exponential(2.0))
    assert (made.name, again.name) == ("background of exc+inh", "background of exc+inh #2")
    assert made.rate.tolist() == list(range(100)) and made.weight == 1.0 and again.rate == 16e3


BAD_BACKGROUNDS = [
    ({"rate": -1.0}, ValueError, r"background of exc: rate must be >= 0, got -1\.0"),
    ({"rate": np.nan}, ValueError, r"background of exc: rate must be finite, got nan"),
    (
        {"rate": [1.0] * 79 + [-1.0]},
        ValueError,
        r"rate must be >= 0, got -1\.0 at index 79 \(1 such values\)",
    ),
    ({"rate": [1.0, 2.0]}, ValueError, r"rate: wanted one number or 80 \(one a neuron\), got shape \(2,\)"),
    ({"rate": "8 Hz"}, TypeError, r"rate: .*got str '8 Hz'"),
    ({"weight": np.inf}, ValueError, r"background of exc: weight must be finite, got inf"),
    ({"weight": [1.0] * 80}, TypeError, r"weight must be one number, got list"),
    ({"synapse": Delta}, TypeError, r"background of exc: synapse: .*got the class Delta; call it"),
    ({"name": "mine", "rate": -1}, ValueError, r"background 'mine': rate must be >= 0"),
]


@pytest.mark.parametrize(("changed", "error", "match"), BAD_BACKGROUNDS)
def test_bad_backgrounds(b, changed, error, match):
    given = {"rate": 8.0, "weight": 0.1, "synapse": Delta(), **changed}
    refused(b, lambda b: b.net.background(b.exc, **given), error, match)


BAD_INJECTIONS = [
    (
        lambda b: b.net.inject(b.exc, 300.0),
        TypeError,
        r"inject into 'exc': wanted a stimulus such as DC.* got float 300",
    ),
    (lambda b: b.net.inject(b.exc, DC), TypeError, r"got the class DC; call it"),
    (
        lambda b: b.net.inject(b.exc, DC([1.0, 2.0])),
        ValueError,
        r"DC lists amplitudes for 2 targets, but there are 80",
    ),
    (
        lambda b: b.net.inject(b.input, DC(1.0)),
        ValueError,
        r"inject: target: 'input' is a source \(Poisson\)",
    ),
    (lambda b: b.net.inject(b.other, DC(1.0)), ValueError, r"belongs to another network"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD_INJECTIONS)
def test_bad_injections(b, call, error, match):
    refused(b, call, error, match)


def test_injections_of_one_target_are_counted(b):
    names = [b.net.inject(b.exc, Noise(0.0, 1.0)).name for _ in range(2)]
    assert names == ["stimulus of exc", "stimulus of exc #2"]


# -- record -----------------------------------------------------------------------------------------------------------


class Unwalked(list):
    """A list that nobody may walk through."""

    def __iter__(self):
        raise AssertionError("a call of record looks at all that is recorded")

    __contains__ = __iter__


def test_recording_costs_the_same_however_much_is_recorded(b):
    """Thousands of calls, one a neuron, take time in proportion; what differs is found all the same."""
    b.net.probes, b.net.spike_targets = Unwalked(), Unwalked()
    for k in range(5):
        b.net.record(b.exc[k], "v", every=1.0)
    b.net.record(b.exc, "spikes", at_spike=("v",))
    b.net.probes, b.net.spike_targets = list.copy(b.net.probes), list.copy(b.net.spike_targets)
    assert len(recorded_traces(b.net)[0].ids) == 5
    with pytest.raises(SpikesimError, match="'v' of 'exc' is recorded every 1 ms already, got every 2 ms"):
        b.net.record(b.exc[9], "v", every=2.0)
    b.net.probes.clear()  # (what is taken away is no longer in the way)
    b.net.record(b.exc[9], "v", every=2.0)


def test_what_is_recorded_is_united(b):
    b.net.record(b.exc[:5] + b.inh, "spikes", "v", every=1.0)
    b.net.record(b.exc[[7, 3]], "spikes", "v", every=1.0)
    b.net.record(b.input, "spikes")
    b.net.record(b.inh[4], "I_syn", Exponential(2.0))
    spikes = recorded_spikes(b.net)
    assert list(spikes) == ["exc", "inh", "input"]
    assert spikes["exc"].tolist() == [0, 1, 2, 3, 4, 7] and spikes["inh"] is None and spikes["input"] is None
    traces = {(p.name, str(v)): (ids.tolist(), every) for p, v, ids, every, _ in recorded_traces(b.net)}
    assert traces == {
        ("exc", "v"): ([0, 1, 2, 3, 4, 7], 1.0),
        ("inh", "v"): (list(range(20)), 1.0),
        ("inh", "I_syn"): ([4], None),
        ("inh", str(Exponential(2.0))): ([4], None),
    }


BAD_RECORDS = [
    (lambda b: b.net.record(b.exc), TypeError, r"record 'exc': no variable was named"),
    (
        lambda b: b.net.record(b.exc, "V_m"),
        KeyError,
        r"'exc' \(LIF\) has no variable 'V_m' to record; .*spikes, v",
    ),
    (
        lambda b: b.net.record(b.exc, "spike"),
        KeyError,
        r"no variable 'spike' to record; did you mean 'spikes'\?",
    ),
    (
        lambda b: b.net.record(b.exc, "I_e"),
        KeyError,
        r"no variable 'I_e' to record: it is a parameter and does not change",
    ),
    (
        lambda b: b.net.record(b.input, "v"),
        KeyError,
        r"'input' \(Poisson\) has no variable 'v' to record; known: spikes",
    ),
    (lambda b: b.net.record(b.input, "I_syn"), KeyError, r"'input' \(Poisson\) has no variable 'I_syn'"),
    (
        lambda b: b.net.record(b.exc + b.input, "spikes", "v"),
        KeyError,
        r"'input' \(Poisson\) has no variable 'v'",
    ),
    (
        lambda b: b.net.record(b.exc, ["v"]),
        TypeError,
        r"wanted names of variables or synapse values, got list \['v'\]",
    ),
    (lambda b: b.net.record(b.exc, Delta), TypeError, r"got the class Delta; call it"),
    (
        lambda b: b.net.record("exc", "v"),
        TypeError,
        r"record: target: wanted a population.*write net\[\"exc\"\]",
    ),
    (lambda b: b.net.record(b.other, "v"), ValueError, r"record: target: 'exc' belongs to another network"),
    (lambda b: b.net.record(b.exc, "v", every=0.0), ValueError, r"record 'exc': every must be > 0, got 0\.0"),
    (lambda b: b.net.record(b.exc, "v", every=-1), ValueError, r"every must be > 0, got -1\.0"),
    (lambda b: b.net.record(b.exc, "v", every=np.nan), ValueError, r"every must be finite, got nan"),
    (lambda b: b.net.record(b.exc, "v", every="1"), TypeError, r"every: .*got str '1'"),
    (lambda b: b.net.record(b.exc, "v", every=[1.0]), TypeError, r"every must be one number, got list"),
    (
        lambda b: b.net.record(b.exc, "spikes", every=1.0),
        ValueError,
        r"spikes are recorded as they come; leave every = 1 out",
    ),
    (lambda b: b.net.record(b.exc[80:81], "v"), IndexError, r"stop 81 is outside"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD_RECORDS)
def test_bad_records(b, call, error, match):
    refused(b, call, error, match)


def test_a_variable_of_a_population_has_one_interval(b):
    b.net.record(b.exc[:5], "v", every=1.0)
    b.net.record(b.inh, "v", every=2.0)
    match = r"record 'exc': 'v' of 'exc' is recorded every 1 ms already, got each step"
    refused(b, lambda b: b.net.record(b.exc[7:], "spikes", "v"), ValueError, match)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_is_a_network_of_its_own(copied):
    net = Network(seed=3)
    cells = net.population("cells", 4, LIF())
    net.connect(cells, cells, all_to_all(), **GIVEN)
    other = copied(net)
    before = str(net)
    other.population("more", 2, LIF())
    other.connect(other["cells"], other["more"], all_to_all(), **GIVEN)
    other.record(other["cells"], "v", every=1.0)
    assert str(net) == before and list(net.populations) == ["cells"] and not net.probes
    assert list(other.populations) == ["cells", "more"] and len(other.projections) == 2 and other.seed == 3
    with pytest.raises(SpikesimError, match="belongs to another network"):
        other.connect(cells, cells, all_to_all(), **GIVEN)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_warns_of_nothing_anew(copied):
    """What a unit is doubted for was said where it was given."""
    net = Network()
    with pytest.warns(UnitWarning):
        cells = net.population("cells", 5, LIF(tau_m=0.02, t_ref=np.zeros(5)))
    with pytest.warns(UnitWarning):
        net.connect(cells, cells, all_to_all(), weight=1.0, delay=1.0, synapse=Exponential(tau=0.01))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        other = copied(net)
    assert other["cells"].model is net["cells"].model and other["cells"] is not net["cells"]
