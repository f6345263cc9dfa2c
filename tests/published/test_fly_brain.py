"""Truth: what the paper says of its model, closed forms of one neuron, and the files' own columns.

Against Brian 2, spike by spike: tests/against/test_brian_fly.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim import errors
from spikesim.published import FlyNeuron, fly_brain, synthetic_connectome

NAMES = ("Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity")
CHAIN = dict(zip(NAMES, ([0, 1], [1, 2], [200, -40])))  # 0 excites 1, 1 inhibits 2


def test_one_synapse_in_closed_form() -> None:
    """A connection of k synapses moves g by 0.275 k mV, 1.8 ms later; v = g_0 (e^-t/20 - e^-t/5) / 3 above rest."""
    net = fly_brain(CHAIN, 3)
    train = net.population("train", 1, ss.SpikeTimes([[5.0]]))
    with pytest.warns(ss.UnitWarning):
        net.connect(train, net["brain"][1], ss.all_to_all(), weight=68.75, delay=0.1, synapse=ss.Delta())
    net.record(net["brain"], "v", "g", every=0.1)
    result = net.run(60.0)
    spikes = result.spikes["brain"]
    assert (spikes.ids.tolist(), spikes.times.tolist()) == ([1], [pytest.approx(5.1)])
    traces = result.traces["brain"]
    t = traces["g"].times - (5.1 + 1.8)
    g_0 = -40 * 0.275
    g = np.where(t > -1e-9, g_0 * np.exp(-t / 5.0), 0.0)
    v = np.where(t > -1e-9, g_0 / 3.0 * (np.exp(-t / 20.0) - np.exp(-t / 5.0)), 0.0) - 52.0
    np.testing.assert_allclose(traces["g"].values[:, 2], g, atol=1e-9)
    np.testing.assert_allclose(traces["v"].values[:, 2], v, atol=1e-9)


def test_what_arrives_at_a_refractory_neuron_is_lost() -> None:
    """A state that is held drops arrivals until it is released, and a spike resets g."""
    net = ss.Network()
    times = [[10.0], [12.2], [12.3]]  # a spike at 10.2: held until 12.4
    cell = net.population("cell", 1, FlyNeuron(V_th=-51.9), v=-52.0)
    train = net.population("train", 3, ss.SpikeTimes(times))
    net.connect(train, cell, ss.all_to_all(), weight=[[50.0, 3.0, 4.0]], delay=0.1, synapse=ss.Delta(to="g"))
    net.record(cell, "spikes")
    net.record(cell, "g", every=0.1)
    result = net.run(14.0)
    assert result.spikes["cell"].times[0] == pytest.approx(10.2)
    g = result.traces["cell"]["g"].values[:, 0]  # from 0.1 ms on
    assert g[100] == 50.0 and np.all(g[101:123] == 0.0) and g[123] == 4.0


def test_activated_neurons_follow_their_trains() -> None:
    """A spike of a train is a spike, but for those in the step after: p / (1 + p) a step, p = 0.015."""
    c = synthetic_connectome(400, 2000)
    net = fly_brain(c, activate=c.ids[:100])
    net.record(net["activation"], "spikes")
    result = net.run(2000.0)
    rate = result.spikes["brain"].rates()[:100].mean()
    assert rate == pytest.approx(150.0 / 1.015, rel=0.02)
    assert result.spikes["activation"].rates().mean() == pytest.approx(150.0, rel=0.02)


def test_rates_may_differ() -> None:
    c = synthetic_connectome(200, 1000)
    net = fly_brain(c, activate=c.ids[[5, 3]], rate=[200.0, 0.0])
    rates = net.run(1000.0).spikes["brain"].rates()
    assert rates[5] > 150.0 and rates[3] < 20.0


def test_silenced_neurons_fire_and_send_nothing() -> None:
    def rates(**changed: Any) -> np.ndarray:
        return (
            fly_brain({**CHAIN, NAMES[2]: [200, 200]}, [70, 71, 72], activate=[70], **changed)
            .run(500.0)
            .spikes["brain"]
            .rates()
        )

    assert np.all(rates() > 10.0)
    intact = rates()
    silenced = rates(silence=[71])
    assert silenced[0] == intact[0] and silenced[1] == intact[1] and silenced[2] == 0.0
    W = fly_brain(CHAIN, 3, silence=[1]).run(1.0).weights["connectome"].toarray()
    assert W[1, 0] == pytest.approx(55.0) and W[2, 1] == 0.0


def test_as_published(tmp_path: Path) -> None:
    """Root ids as the index of the completeness file, connections by index."""
    ids = [720575940596125868, 720575940597856265, 720575940597944841]
    (tmp_path / "Completeness.csv").write_text(",Completed\n" + "".join(f"{i},True\n" for i in ids))
    np.savez(tmp_path / "Connectivity.npz", **{name: np.array(values) for name, values in CHAIN.items()})
    net = fly_brain(tmp_path / "Connectivity.npz", tmp_path / "Completeness.csv", activate=ids[:1])
    assert net["brain"].size == 3
    assert net["brain"].model.t_ref.tolist() == [0.1, 2.2, 2.2]
    assert (net["brain"].model.E_L, net["brain"].model.V_th) == (-52.0, -45.0)


@pytest.mark.parametrize(
    "changed, kind, words",
    [
        ({"activate": [9]}, errors.UnknownNameError, "no neuron of id 9"),
        ({"silence": [9]}, errors.UnknownNameError, "no neuron of id 9"),
        ({"activate": [1, 1]}, errors.InvalidValueError, "activate: 1 is named twice"),
        ({"activate": [1], "rate": -1.0}, errors.InvalidValueError, "rate must be >= 0"),
        ({"activate": [1], "rate": [1.0, 2.0]}, errors.InvalidValueError, "wanted one number or 1"),
        ({"activate": "sugar"}, errors.InvalidTypeError, "ids: wanted int64"),
        ({"t_ref_activated": -1.0}, errors.InvalidValueError, "t_ref_activated must be >= 0"),
        ({"activated": [1]}, errors.SpikesimError, "did you mean 'activate'"),
    ],
)
def test_mistakes(changed: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        fly_brain(CHAIN, 3, **changed)


def test_a_connectome_knows_its_neurons() -> None:
    with pytest.raises(errors.InvalidTypeError, match="leave completeness out"):
        fly_brain(synthetic_connectome(10, 20), 10)
