"""States just before the reset at each spike: exact with the event engine, at the step with the clock engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import FileFormatError, InvalidTypeError, InvalidValueError, UnknownNameError
from spikesim.record.difference import first_difference

ENGINES = ("clock", "event")
BOTH = pytest.mark.parametrize("engine", ENGINES)


def two_kinds(kept: bool = True, recorded: bool = True) -> ss.Network:
    """A linear population that is driven by chance, and one of equations; recurrent, so that an error would spread."""
    net = ss.Network(seed=5)
    e = net.population("e", 150, ss.LIF(I_e=ss.uniform(200.0, 420.0)), v=ss.uniform(-70.0, -55.0))
    a = net.population("a", 70, ss.AdEx(I_e=ss.uniform(600.0, 900.0)), v=-65.0)
    net.connect(e, a, ss.fixed_indegree(10), weight=20.0, delay=1.5, synapse=ss.Exponential(5.0))
    net.connect(a, e, ss.fixed_indegree(10), weight=0.3, delay=ss.uniform(1.0, 3.0), synapse=ss.Delta())
    net.background(e, rate=800.0, weight=0.4, synapse=ss.Delta())
    if recorded:
        net.record(e, "spikes", at_spike=("v",) if kept else ())
        net.record(a, "spikes", at_spike=("w", "v") if kept else ())
    return net


def bits(result: Any) -> list[bytes]:
    return [
        part.tobytes()
        for name in ("e", "a")
        for train in [result.spikes[name]]
        for part in (train.times, train.ids, *(train.at_spike[s] for s in sorted(train.at_spike)))
    ]


@BOTH
def test_the_state_before_the_reset_is_the_closed_form(engine: str) -> None:
    """A LIF without leak to speak of: v at the spike is the threshold, or what it has reached at the step."""
    net = ss.Network()
    cells = net.population("cells", 3, ss.LIF(tau_m=20.0, C_m=250.0, E_L=-70.0, V_th=-50.0, I_e=[100.0, 400.0, 900.0]))
    net.record(cells, "spikes", at_spike=("v",))
    train = net.run(100.0, dt=0.1, engine=engine, progress=False).spikes["cells"]
    v = train.at_spike["v"]
    assert len(train) == v.size > 10 and set(train.ids) == {1, 2}
    if engine == "event":
        assert np.abs(v + 50.0).max() < 1e-11
        return
    for k, current in ((1, 400.0), (2, 900.0)):
        rest, t = -70.0 + current * 20.0 / 250.0, train[k].times[0]  # first spike: from rest at -70
        assert abs(train[k].at_spike["v"][0] - (rest + (-70.0 - rest) * np.exp(-t / 20.0))) < 1e-10
    assert np.all(v >= -50.0)


@BOTH
def test_a_jump_over_the_threshold_is_seen(engine: str) -> None:
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[1.0]]))
    cell = net.population("cell", 1, ss.LIF(E_L=-70.0, V_th=-50.0), v=-70.0)
    net.connect(source, cell, ss.all_to_all(), weight=33.0, delay=1.0, synapse=ss.Delta())
    net.record(cell, "spikes", at_spike="v")
    train = net.run(5.0, engine=engine, progress=False).spikes["cell"]
    assert train.times.tolist() == [2.0] and abs(train.at_spike["v"][0] + 37.0) < 1e-12


@BOTH
@pytest.mark.parametrize("kind", ["linear", "nonlinear"])
def test_each_of_those_that_fire_at_once_has_its_own(kind: str, engine: str) -> None:
    """Jumps of different size at one time: v is what it was, moved by its own."""
    n, jumps = 5, np.array([33.0, 37.5, 0.0, 31.0, 39.25])
    model: Any = ss.LIF(E_L=-70.0, V_th=-50.0) if kind == "linear" else ss.EIF(E_L=-70.0, V_peak=-40.0, I_e=np.zeros(n))
    net = ss.Network()
    source = net.population("source", 1, ss.SpikeTimes([[1.0]]))
    cells = net.population("cells", n, model, v=-70.0)
    synapse = ss.Delta()
    net.connect(source, cells, ss.from_pairs(np.zeros(n, int), np.arange(n)), weight=jumps, delay=1.0, synapse=synapse)
    net.record(cells, "spikes", at_spike="v")
    train = net.run(2.5, engine=engine, progress=False).spikes["cells"]
    assert (train.times.tolist(), train.ids.tolist()) == ([2.0] * 4, [0, 1, 3, 4])
    np.testing.assert_allclose(
        train.at_spike["v"], -70.0 + jumps[train.ids], atol=0.05 if kind == "nonlinear" else 1e-12
    )


@BOTH
def test_states_of_equations_are_those_of_the_trace(engine: str) -> None:
    """w of AdEx jumps by b at a spike: what was kept and b is the first sample after it, but for its decay."""
    net = ss.Network()
    cell = net.population("cell", 1, ss.AdEx(I_e=900.0), v=-65.0)
    net.record(cell, "spikes", at_spike=("w", "v"))
    net.record(cell, "w", every=0.01)
    result = net.run(200.0, dt=0.01, engine=engine, progress=False)
    train, trace, model = result.spikes["cell"], result.traces["cell"]["w"], ss.AdEx()
    assert list(train.at_spike) == ["w", "v"] and len(train) > 3
    after = trace.values[np.searchsorted(trace.times, train.times, side="left"), 0]
    assert np.allclose(after, train.at_spike["w"] + model.b, atol=0.05)
    assert np.all(train.at_spike["v"] >= model.V_peak - 1e-6)


@BOTH
def test_it_changes_no_spike_and_no_thread_changes_it(engine: str, tmp_path: Path) -> None:
    once = two_kinds().run(200.0, engine=engine, threads=1, progress=False)
    plain = two_kinds(kept=False).run(200.0, engine=engine, threads=1, progress=False)
    for name in ("e", "a"):
        assert len(once.spikes[name]) > 100
        assert once.spikes[name].times.tobytes() == plain.spikes[name].times.tobytes()
        assert once.spikes[name].ids.tobytes() == plain.spikes[name].ids.tobytes()
    with ss.Simulation(two_kinds(), engine=engine, threads=3) as sim:
        for _ in range(4):
            sim.run(50.0, progress=False)
        pieces = sim.result()
    assert bits(pieces) == bits(once)
    with ss.Simulation(two_kinds(), engine=engine, out=tmp_path / "run.h5") as sim:
        sim.run(120.0, progress=False)
        sim.save(tmp_path / "state.h5")
        sim.run(30.0, progress=False)  # cut off again
    with ss.Simulation.resume(tmp_path / "state.h5", two_kinds(), threads=2, out=tmp_path / "run.h5") as sim:
        sim.run(80.0, progress=False)
    assert bits(ss.load(tmp_path / "run.h5")) == bits(once)
    with ss.Simulation.resume(tmp_path / "state.h5", out=tmp_path / "other.h5") as sim:  # the network of the file
        sim.run(80.0, progress=False)
    rest = ss.load(tmp_path / "other.h5").spikes["a"]
    assert rest.at_spike["w"].tobytes() == once.spikes["a"].between(120.0, 200.0).at_spike["w"].tobytes()


def test_selections_and_windows_take_them_along(tmp_path: Path) -> None:
    net = two_kinds(recorded=False)
    net.record(net["e"][10:60], "spikes", at_spike="v", start=20.0, stop=150.0)
    result = net.run(200.0, out=tmp_path / "run.h5", progress=False)
    train = ss.load(tmp_path / "run.h5").spikes["e"]
    assert len(train) == train.at_spike["v"].size > 20 and train.times.min() > 20.0 and train.times.max() <= 150.0
    assert train.at_spike["v"].tobytes() == result.spikes["e"].at_spike["v"].tobytes()
    some, whole = train[[12, 30], 50.0:100.0], train.between(50.0, 100.0)
    keep = np.isin(whole.ids, [12, 30])
    assert some.at_spike["v"].tolist() == whole.at_spike["v"][keep].tolist()
    wider = (train.times > 50.0) & (train.times <= 100.0)
    assert whole.at_spike["v"].tolist() == train.at_spike["v"][wider].tolist()


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    import h5py

    net = two_kinds()
    net.run(100.0, out=tmp_path / "run.h5", progress=False)
    with h5py.File(tmp_path / "run.h5", "r+") as file:
        file["spikesim/at_spike/a/w"][3] = np.nan
    with pytest.raises(FileFormatError, match=r"at_spike/a/w: wanted finite numbers, got .*nan.* at row 3"):
        ss.load(tmp_path / "run.h5").spikes["a"].at_spike["w"]
    with h5py.File(tmp_path / "run.h5", "r+") as file:
        del file["spikesim/at_spike/a/w"]
    with pytest.raises(FileFormatError, match="at_spike/a"):
        ss.load(tmp_path / "run.h5")


def test_mistakes_are_refused_at_once() -> None:
    net = ss.Network()
    cells = net.population("cells", 4, ss.LIF())
    source = net.population("source", 4, ss.Poisson(5.0))
    synapses = net.connect(
        source, cells, ss.one_to_one(), weight=1.0, delay=1.0, synapse=ss.Delta(),
        plasticity=ss.STDP(A_plus=0.1, A_minus=0.1, w_max=1.0),
    )  # fmt: skip
    with pytest.raises(UnknownNameError, match=r"'cells' .LIF. has no state 'u'; its states are v"):
        net.record(cells, "spikes", at_spike=("u",))
    with pytest.raises(UnknownNameError, match=r"'source' .Poisson. has no state 'v'; it has none"):
        net.record(source, "spikes", at_spike=("v",))
    with pytest.raises(InvalidValueError, match='name "spikes" among what is recorded'):
        net.record(cells, "v", at_spike=("v",))
    with pytest.raises(InvalidTypeError, match="wanted names of states"):
        net.record(cells, "spikes", at_spike=3)
    with pytest.raises(InvalidValueError, match="no spikes; leave at_spike out"):
        net.record(synapses, "w", every=1.0, at_spike=("v",))
    assert not net.spike_targets and not net.at_spike
    net.record(cells[:2], "spikes")
    with pytest.raises(InvalidValueError, match="one list for all its recorded spikes"):
        net.record(cells[2:], "spikes", at_spike=("v",))


def test_what_differs_first_is_named() -> None:
    """The same spikes with another state, or without states."""

    def run(*states: str) -> ss.Result:
        net = ss.Network(seed=1)
        net.record(net.population("cells", 2, ss.LIF(I_e=500.0)), "spikes", at_spike=states)
        return net.run(50.0, progress=False)

    kept, other = run("v"), run("v")
    assert first_difference(kept, other) is None
    other.spikes["cells"].at_spike["v"].flags.writeable = True
    other.spikes["cells"].at_spike["v"][3] += 1.0
    assert str(first_difference(kept, other)).startswith("v at spike 3 of 'cells', neuron 1 at ")
    assert first_difference(kept, run()) == "states kept with spikes: only in one of them: ('cells', 'v')"
