"""Populations and selections. Truth: the house's catalogue of bad input; NumPy's indexing for the selections."""
# ruff: noqa: E501  (a row of a table is one line)

import pickle
import unicodedata
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikesim.errors import SpikesimError, StateError
from spikesim.network import Network
from spikesim.neurons import LIF, Poisson, SpikeTimes
from spikesim.random import normal, uniform


@pytest.fixture
def net():
    return Network(seed=1)


# -- good paths -------------------------------------------------------------------------------------------------------


def test_a_population_is_found_again_by_name(net):
    exc = net.population("exc", 100, LIF(tau_m=20.0), v=uniform(-70.0, -55.0))
    assert net["exc"] is exc and "exc" in net and "inh" not in net
    assert (exc.name, exc.size, len(exc), exc.network) == ("exc", 100, 100, net)
    assert exc.initial == {"v": uniform(-70.0, -55.0)}
    assert exc.model == LIF(tau_m=20.0)


@pytest.mark.parametrize("size", [7, np.int64(7), np.uint8(7), np.array(7)])
def test_sizes_may_be_any_integer(net, size):
    assert net.population("a", size, LIF()).size == 7


@pytest.mark.parametrize(
    "v",
    [3, 3.0, np.float32(3), np.float64(3), np.array(3.0), [3.0] * 4, np.full(4, 3, np.int16), np.full(4, 3.0, ">f8"),
     np.full(8, 3.0)[::2]],
)  # fmt: skip
def test_every_way_to_write_a_number_gives_the_same_initial_state(net, v):
    start = net.population("a", 4, LIF(), v=v).initial["v"]
    assert np.array_equal(np.broadcast_to(start, 4), np.full(4, 3.0)) and np.asarray(start).dtype == np.float64


def test_a_list_that_the_caller_changes_later_is_not_changed_here(net):
    v = np.array([1.0, 2.0])
    a = net.population("a", 2, LIF(), v=v)
    v[:] = np.nan
    assert a.initial["v"].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError):
        a.initial["v"][0] = 0.0


def test_a_start_above_threshold_is_allowed(net):
    assert net.population("a", 1, LIF(V_th=-55.0), v=0.0).initial["v"] == 0.0


def test_names_are_kept_in_normal_form_c(net):
    decomposed = unicodedata.normalize("NFD", "Körnerzellen")
    cells = net.population(decomposed, 1, LIF())
    assert cells.name == "Körnerzellen" != decomposed
    assert net[decomposed] is net["Körnerzellen"] is cells and decomposed in net


def test_an_empty_population_is_allowed(net):
    assert net.population("a", 0, LIF()).parts[0][1].size == 0


def test_a_network_can_be_pickled(net):
    a = net.population("a", 4, LIF(tau_m=[10.0, 11.0, 12.0, 13.0]))
    net.record(a[1:3], "spikes")
    again = pickle.loads(pickle.dumps(net))
    assert str(again) == str(net) and again["a"].network is again


# -- bad input --------------------------------------------------------------------------------------------------------

BAD_NAMES = {
    "": "empty or blank",
    "  ": "empty or blank",
    "exc ": "begin or end with a space",
    "..": "dots only",
    "a/b": r"must not hold '/'.*got '/' at index 1 of 'a/b'",
    "a\\b": r"must not hold",
    "a\0b": r"got '\\x00' at index 1",
    "a\nb": r"got '\\n' at index 1",
    "a\u202eb": r"got '\\u202e' at index 1",
    "a\ud800": r"got '\\ud800' at index 1",
    "x" * 10_000: r"at most 200 characters, got 10000: 'xxx.{50,60}\.\.\.",
}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_names(net, name):
    with pytest.raises(ValueError, match=rf"^population: .*{BAD_NAMES[name]}") as error:
        net.population(name, 1, LIF())
    assert len(str(error.value)) < 200 and not net.populations


BAD_SIZES = [
    (-1, ValueError, r"size must be a whole number from 0 to \d+, got -1"),
    (2.5, TypeError, r"size must be a whole number >= 0, got float 2.5"),
    (2.0, TypeError, r"got float 2.0"),
    (True, TypeError, r"got bool True"),
    (np.True_, TypeError, r"got bool"),
    ("10", TypeError, r"got str '10'"),
    (None, TypeError, r"got NoneType None"),
    (float("nan"), TypeError, r"got float nan"),
    ([10], TypeError, r"got list \[10\]"),
    (np.array([10, 11]), TypeError, r"got ndarray"),
    (np.array(2.5), TypeError, r"got ndarray"),
]

BAD_MODELS = [
    (LIF, r"got the class; write LIF\(\.\.\.\)"),
    (Poisson, r"got the class; write Poisson\(\.\.\.\)"),
    ("LFI", r"got the string 'LFI'; did you mean 'LIF'\?"),
    (None, r"got NoneType None"),
    ({"tau_m": 3.0}, r"got dict"),
]

BAD_PARAMETERS = [
    (LIF(tau_m=[10.0, 11.0, 12.0]), r"parameter tau_m of LIF: wanted one number or 10 \(one a neuron\), got shape \(3,\)"),
    (Poisson([1.0] * 9), r"parameter rate of Poisson: wanted one number or 10 \(one a neuron\), got shape \(9,\)"),
    (SpikeTimes([[1.0], [2.0]]), r"SpikeTimes lists 2 trains, but size is 10; give one list a neuron"),
]  # fmt: skip

BAD_STATES = [
    ({"v": float("nan")}, ValueError, r"initial v must be finite, got nan"),
    ({"v": float("inf")}, ValueError, r"initial v must be finite, got inf"),
    (
        {"v": [0.0] * 7 + [np.nan, 0.0, np.nan]},
        ValueError,
        r"initial v.* got nan at index 7 \(2 such values\)",
    ),
    ({"v": [1.0, 2.0]}, ValueError, r"initial v: wanted one number or 10 \(one a neuron\), got shape \(2,\)"),
    ({"v": np.zeros((10, 1))}, ValueError, r"initial v: .*got shape \(10, 1\)"),
    ({"v": "rest"}, TypeError, r"initial v: .*got str 'rest'"),
    ({"v": True}, TypeError, r"initial v: .*got bool"),
    ({"v": None}, TypeError, r"initial v: .*got NoneType"),
    ({"v": 1j}, TypeError, r"initial v: .*got complex"),
    ({"v": Decimal(1)}, TypeError, r"initial v: .*got Decimal"),
    ({"v": np.array([1, "a"] * 5, object)}, TypeError, r"initial v: .*got ndarray"),
    ({"V_m": 0.0}, KeyError, r"'V_m' is no state variable of LIF; the membrane potential is the state v"),
    (
        {"tau_m": 0.0},
        KeyError,
        r"'tau_m' is no state variable of LIF, but a parameter: write LIF\(tau_m=\.\.\.\)",
    ),
]


def _refused(net, error, match, *args, **initial):
    with pytest.raises(error, match=rf"^population 'a': .*{match}") as caught:
        net.population("a", *args, **initial)
    assert isinstance(caught.value, SpikesimError)
    assert not net.populations


@pytest.mark.parametrize(("size", "error", "match"), BAD_SIZES)
def test_bad_sizes(net, size, error, match):
    _refused(net, error, match, size, LIF())


@pytest.mark.parametrize(("model", "match"), BAD_MODELS)
def test_bad_models(net, model, match):
    _refused(net, TypeError, match, 10, model)


@pytest.mark.parametrize(("model", "match"), BAD_PARAMETERS)
def test_parameters_have_one_value_a_neuron(net, model, match):
    _refused(net, ValueError, match, 10, model)


@pytest.mark.parametrize(("initial", "error", "match"), BAD_STATES)
def test_bad_initial_states(net, initial, error, match):
    _refused(net, error, match, 10, LIF(), **initial)


def test_more_neurons_than_memory_are_refused_before_anything_is_allocated(net):
    with pytest.raises(
        MemoryError, match=r"about 4\.4 PB are needed, .* available; the largest item is population 'a'"
    ):
        net.population("a", 10**14, LIF())
    assert not net.populations


def test_a_name_is_given_once(net):
    net.population("exc", 10, LIF())
    with pytest.raises(ValueError, match=r"population 'exc': the name is taken by <Population 'exc': 10 LIF>"):
        net.population("exc", 20, LIF())
    assert net["exc"].size == 10


def test_unknown_names_are_answered_with_the_nearest(net):
    net.population("excitatory", 10, LIF())
    with pytest.raises(KeyError, match=r"^no population 'exitatory'; did you mean 'excitatory'\?"):
        net["exitatory"]
    with pytest.raises(KeyError, match=r"^no population 'zzz'; known: excitatory"):
        net["zzz"]
    with pytest.raises(TypeError, match=r"wanted the name of a population, got int 0"):
        net[0]
    with pytest.raises(TypeError):
        list(net)


def test_populations_and_selections_are_frozen(net):
    a = net.population("a", 10, LIF(), v=normal(-60.0, 1.0))
    for frozen in (a, a[:3]):
        with pytest.raises(StateError, match="is frozen: size cannot be set"):
            frozen.size = 20
    with pytest.raises(ValueError):
        a[:3].parts[0][1][0] = 5


# -- selections -------------------------------------------------------------------------------------------------------


def _ids(selection):
    """The neurons as pairs (name, id), in order: the obvious form."""
    return [(population.name, int(i)) for population, ids in selection.parts for i in ids]


def _group(sizes):
    net = Network()
    return sum(net.population(f"p{k}", size, LIF()) for k, size in enumerate(sizes))


@st.composite
def _indexed(draw):
    sizes = draw(st.lists(st.integers(0, 6), min_size=1, max_size=4))
    n = sum(sizes)
    kinds = [st.lists(st.booleans(), min_size=n, max_size=n).map(lambda mask: np.array(mask, bool))]
    kinds.append(st.lists(st.integers(0, n - 1), unique=True) if n else st.just([]))
    if n:
        kinds.append(st.integers(-n, n - 1))
    bound = st.none() | st.integers(-n, n)
    kinds.append(st.builds(slice, bound, bound, st.none() | st.integers(1, 4)))
    return sizes, draw(st.one_of(kinds))


@settings(max_examples=300, deadline=None)
@given(_indexed())
def test_selecting_is_indexing_the_list_of_neurons(case):
    sizes, index = case
    group = _group(sizes)
    plain = np.array([f"p{k}/{i}" for k, size in enumerate(sizes) for i in range(size)], object)
    chosen = group[index]
    assert [f"{name}/{i}" for name, i in _ids(chosen)] == np.atleast_1d(plain[index]).tolist()
    assert chosen.size == len(_ids(chosen)) and chosen.network is group.network
    assert all(ids.dtype == np.int64 for _, ids in chosen.parts)


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(12)), st.integers(0, 12))
def test_grouping_is_concatenating(order, cut):
    a = Network().population("a", 12, LIF())
    left, right = a[order[:cut]], a[order[cut:]]
    assert _ids(left + right) == _ids(left) + _ids(right)
    assert len((left + right).parts) == 1


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 9), min_size=1), st.sets(st.integers(0, 9), min_size=1))
def test_a_neuron_stands_in_a_group_once(first, second):
    a = Network().population("a", 10, LIF())
    left, right = a[sorted(first)], a[sorted(second)]
    if first & second:
        with pytest.raises(
            ValueError, match=rf"neuron {min(first & second)} of 'a' stands in both \({len(first & second)} "
        ):
            left + right
    else:
        assert (left + right).size == len(first) + len(second)


def test_a_group_keeps_its_order_and_its_name(net):
    a, b = net.population("a", 3, LIF()), net.population("b", 2, LIF())
    assert _ids(a[[2, 0]] + b + a[1]) == [("a", 2), ("a", 0), ("b", 0), ("b", 1), ("a", 1)]
    assert str(a[[2, 0]] + b + a[1]) == "a+b" and (a + b).populations == (a, b)
    assert repr(a[[2, 0]] + b) == "<Selection 'a': 2 of 3, 'b': 2 of 2>"
    assert [_ids(one) for one in b] == [[("b", 0)], [("b", 1)]]


BAD_INDICES = [
    (
        10,
        IndexError,
        r"'a'\[10\]: position 10 at index 0 is outside \(1 such\): there are 10 neurons, 0 \.\.\. 9",
    ),
    (-11, IndexError, r"position -11"),
    ([0, 12, 3, 99], IndexError, r"position 12 at index 1 is outside \(2 such\)"),
    (np.array([2**63], np.uint64), IndexError, r"position 9223372036854775808"),
    (slice(0, 11), IndexError, r"'a'\[0:11\]: stop 11 is outside: there are 10 neurons"),
    (slice(-11, None), IndexError, r"'a'\[-11:\]: start -11 is outside"),
    (
        slice(None, None, -1),
        IndexError,
        r"'a'\[::-1\]: step must be >= 1, got -1; list the neurons for another order",
    ),
    (slice(None, None, 0), IndexError, r"step must be >= 1, got 0"),
    (slice(0.0, 3), TypeError, r"'a'\[0\.0:3\]: start must be a whole number, got float"),
    (slice(0, True), TypeError, r"stop must be a whole number, got bool"),
    ([True, False], IndexError, r"a mask has one entry for each of the 10 neurons, got 2"),
    (np.ones((10, 1), bool), IndexError, r"wanted a flat list of neurons, got shape \(10, 1\)"),
    ([3, 1, 3, 1, 3], ValueError, r"position 1 comes 2 times \(2 such\); name each neuron once"),
    ([-1, 9], ValueError, r"position 9 comes 2 times"),
    (1.5, TypeError, r"wanted whole numbers or a boolean mask, got float64"),
    ([1.0, 2.0], TypeError, r"got float64 values"),
    (np.zeros(0), TypeError, r"got float64 values"),
    ("a", TypeError, r"got str"),
    (None, TypeError, r"got NoneType"),
    (True, TypeError, r"got bool"),
    ((1, 2), TypeError, r"got tuple"),
    ([True, 2], TypeError, r"bools among whole numbers"),
    ([[1], [1, 2]], TypeError, r"wanted a flat list of whole numbers"),
]


@pytest.mark.parametrize(("index", "error", "match"), BAD_INDICES)
def test_bad_indices(net, index, error, match):
    a = net.population("a", 10, LIF())
    with pytest.raises(error, match=match) as caught:
        a[index]
    assert isinstance(caught.value, SpikesimError) and str(caught.value).startswith("'a'[")


def test_a_group_has_one_network(net):
    a, b = net.population("a", 3, LIF()), Network(seed=2).population("b", 2, LIF())
    with pytest.raises(
        ValueError, match=r"'a' \+ 'b': they belong to two networks, <Network seed=1.* and <Network seed=2"
    ):
        a + b
    with pytest.raises(TypeError):
        a + "b"
