"""A state is a value: saved, gone on with by other threads or processes, branched.  Truth: never having stopped."""

from __future__ import annotations

import copy
import pickle
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine.checkpoint import PREVIOUS, read
from spikesim.engine.protocol import restore, state
from spikesim.errors import FileFormatError, OutputFileError, StateError

from .cases import CASES, NETWORKS


def after(sim: ss.Simulation, duration: float) -> list[bytes]:
    """Go on, and return the bits of all that comes: spikes, samples, learnt weights."""
    begin = sim.time
    result = sim.run(duration, progress=False)
    found = []
    for population in sorted(result.spikes):
        train = result.spikes[population]
        new = train.times > begin + 1e-9
        found += [train.times[new].tobytes(), train.ids[new].tobytes()]
        for variable in sorted(result.traces[population]) if population in result.traces else ():
            trace = result.traces[population][variable]
            found.append(trace.values[trace.times > begin + 1e-9].tobytes())
    return [*found, *(result.weights[name].toarray().tobytes() for name in result.weights if name == "learns")]


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_going_on_is_never_having_stopped(name: str, engine: str, tmp_path: Path) -> None:
    """Bits, from a state saved with one number of threads and gone on with by another, and of a branch."""
    net = NETWORKS[name][0]()
    sim = ss.Simulation(net, engine=engine, threads=1)
    sim.run(17.3, progress=False)
    sim.save(tmp_path / "state.h5")
    again = ss.Simulation.resume(tmp_path / "state.h5", net, threads=2)
    (branch,) = sim.branch(1)
    assert again.time == branch.time == sim.time
    assert state(again.engine).difference(state(sim.engine)) is None
    expected = after(sim, 12.7)
    assert sum(map(len, expected)) > 16
    assert after(again, 12.7) == expected
    assert after(branch, 12.7) == expected
    again.save(tmp_path / "state.h5")  # twice in a row
    third = ss.Simulation.resume(tmp_path / "state.h5", threads=1)  # the network made from the file
    assert after(third, 5.0) == after(sim, 5.0)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "engine"), CASES)
def test_going_on_from_any_step(name: str, engine: str) -> None:
    """Bits, from steps drawn at random, on one to three threads."""
    net, draws = NETWORKS[name][0](), random.Random(name)
    for _ in range(5):
        sim = ss.Simulation(net, engine=engine, threads=draws.choice((1, 2, 3)))
        sim.run(draws.randrange(1, 400) / 10, progress=False)
        other = ss.Simulation(net, engine=engine, threads=draws.choice((1, 2, 3)))
        restore(other.engine, state(sim.engine))
        assert after(other, 7.0) == after(sim, 7.0)


def test_saving_changes_nothing(tmp_path: Path) -> None:
    net = NETWORKS["LIF drawn"][0]()
    quiet, saved = ss.Simulation(net), ss.Simulation(net)
    for _ in range(5):
        saved.run(4.0, progress=False)
        saved.save(tmp_path / "state.h5")
    quiet.run(20.0, progress=False)
    assert after(quiet, 5.0) == after(saved, 5.0)


def test_another_process(tmp_path: Path) -> None:
    """A fresh interpreter goes on to the same bits."""
    sim = ss.Simulation(NETWORKS["LIF exponential"][0]())
    sim.run(10.0, progress=False)
    sim.save(tmp_path / "state.h5")
    code = (
        "import sys, spikesim as ss; sim = ss.Simulation.resume(sys.argv[1]); r = sim.run(10.0, progress=False)\n"
        "print(r.spikes['e'].times.tobytes().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "state.h5"], capture_output=True, text=True, check=True
    )
    train = sim.run(10.0, progress=False).spikes["e"]
    assert done.stdout.strip() == train.times[train.times > 10.0].tobytes().hex()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda net: ss.Network(seed=12), "backgrounds|populations|projections"),
        (lambda net: net.inject(net["e"], ss.DC(1.0)) and net, "injections/stimulus of e.* only in the second"),
        (lambda net: net.population("more", 1, ss.LIF()) and net, "populations/more.* only in the second"),
    ],
)
def test_another_network_is_refused(change: Any, says: str, tmp_path: Path) -> None:
    net = NETWORKS["LIF exponential"][0]()
    ss.Simulation(net).save(tmp_path / "state.h5")
    with pytest.raises(StateError, match=rf"of another network; the first difference.*({says})"):
        ss.Simulation.resume(tmp_path / "state.h5", change(net))


def test_a_changed_equation_is_refused(tmp_path: Path) -> None:
    from typing import NamedTuple

    def made(factor: float) -> ss.Network:
        @ss.model(states=("v",))
        class Own(NamedTuple):
            tau: float = 10.0

            @ss.equation
            def slope(s, u, p):
                return ((factor * u.current - s[0]) / p.tau,)

            @ss.equation
            def margin(s, p):
                return s[0] - 1.0

            @ss.equation
            def reset(s, p):
                return (0.0,)

        net = ss.Network()
        net.population("own", 2, Own())
        return net

    ss.Simulation(made(1.0)).save(tmp_path / "state.h5")
    ss.Simulation.resume(tmp_path / "state.h5", made(1.0))
    with pytest.raises(StateError, match=r"first difference.*Own"):
        ss.Simulation.resume(tmp_path / "state.h5", made(2.0))


def test_what_is_no_state(tmp_path: Path) -> None:
    net = NETWORKS["STDP"][0]()
    net.run(1.0, out=tmp_path / "run.h5", progress=False)
    with pytest.raises(FileFormatError, match=r"is no state|format"):
        ss.Simulation.resume(tmp_path / "run.h5", net)
    with pytest.raises(FileNotFoundError):
        ss.Simulation.resume(tmp_path / "none.h5", net)
    with pytest.raises(OutputFileError, match="cannot be written"):
        ss.Simulation(net).save(tmp_path / "no" / "folder.h5")


def test_a_recording_goes_on(tmp_path: Path) -> None:
    """The file of a run that died after its state was saved has the spikes of one that never stopped."""
    net = NETWORKS["LIF drawn"][0]()
    whole = net.run(60.0, progress=False)
    sim = ss.Simulation(net, out=tmp_path / "run.h5")
    sim.run(20.0, progress=False)
    sim.save(tmp_path / "run.state.h5")
    sim.run(13.0, progress=False)  # lost
    sim.close()
    with ss.Simulation.resume(tmp_path / "run.h5", net, out=tmp_path / "run.h5", threads=2) as again:
        assert again.time == 20.0
        again.run(40.0, progress=False)
    found = ss.load(tmp_path / "run.h5")
    assert (found.start, found.stop) == (0.0, 60.0)
    np.testing.assert_array_equal(found.spikes["a"].times, whole.spikes["a"].times)
    np.testing.assert_array_equal(found.spikes["a"].ids, whole.spikes["a"].ids)
    np.testing.assert_array_equal(found.traces["a"]["v"].values, whole.traces["a"]["v"].values)
    assert not list(tmp_path.glob("*.previous"))


def test_killed_and_gone_on_with(tmp_path: Path) -> None:
    """kill -9 in the middle: the state that was saved by itself, and the recording, go on."""
    code = (
        "import sys, os; sys.path.insert(0, sys.argv[2])\n"
        "from engine.cases import NETWORKS\n"
        "def die(sim):\n    os.kill(os.getpid(), 9)\n"
        "net = NETWORKS['LIF drawn'][0]()\n"
        "net.run(200.0, out=sys.argv[1], autosave=1e-9, progress=False, every=(120.0, die))\n"
    )
    root = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "run.h5", root], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    net = NETWORKS["LIF drawn"][0]()
    with ss.Simulation.resume(tmp_path / "run.h5", net, out=tmp_path / "run.h5") as sim:
        assert 0.0 < sim.time <= 120.0
        sim.run(200.0 - sim.time, progress=False)
    whole, found = net.run(200.0, progress=False), ss.load(tmp_path / "run.h5")
    np.testing.assert_array_equal(found.spikes["a"].times, whole.spikes["a"].times)


def test_branches_and_seeds() -> None:
    """One wiring: the same future without seeds, another with; the simulation itself is not touched."""
    net = NETWORKS["LIF delta"][0]()
    sim, alone = ss.Simulation(net), ss.Simulation(net)
    sim.run(10.0, progress=False)
    alone.run(10.0, progress=False)
    same, other = sim.branch(2, seeds=[net.seed, 99])
    different = after(other, 10.0)
    expected = after(alone, 10.0)
    assert after(same, 10.0) == expected == after(sim, 10.0) != different
    shared = {id(b.target) for w in sim.engine.workers for b in w.bundles}
    assert shared == {id(b.target) for w in other.engine.workers for b in w.bundles}


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_are_branches(copied: Any) -> None:
    """The bits of the original, whatever becomes of it."""
    sim = ss.Simulation(NETWORKS["LIF exponential"][0]())
    sim.run(10.0, progress=False)
    other = copied(sim)
    expected = after(sim, 10.0)
    assert after(other, 10.0) == expected


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_pickles_are_refused(engine: str) -> None:
    with pytest.raises(StateError, match=r"sim\.save\(path\)"):
        pickle.dumps(ss.Simulation(NETWORKS["LIF exponential"][0](), engine=engine))


def test_states_are_compared_by_name() -> None:
    sim = ss.Simulation(NETWORKS["LIF exponential"][0]())
    one = state(sim.engine)
    other = one.copy()
    assert one == other
    other["neurons/e/v"][7] += 1.0
    assert str(one.difference(other)).startswith("neurons/e/v[7]: ")
    sim.run(1.0, progress=False)
    assert one.difference(state(sim.engine)) == "step 0 and 10"


def test_what_is_no_state_is_left_alone(tmp_path: Path) -> None:
    """Saving displaces states and nothing else: no folder, no text, no recording, nor a file called .previous."""
    net = NETWORKS["LIF drawn"][0]()
    sim = ss.Simulation(net, out=tmp_path / "run.h5")
    sim.run(5.0, progress=False)
    text, folder, before = tmp_path / "thesis.txt", tmp_path / "results", tmp_path / f"state.h5{PREVIOUS}"
    text.write_text("years of work")
    before.write_text("mine")
    (folder / "x").mkdir(parents=True)
    sim.close()
    other = ss.Simulation(net)
    for path, word in ((text, "no state"), (folder, "folder"), (tmp_path / "run.h5", "no state")):
        kept = path.read_bytes() if path.is_file() else None
        for _ in range(2):
            with pytest.raises(OutputFileError, match=word):
                other.save(path)
        assert (folder / "x").is_dir() and (kept is None or path.read_bytes() == kept)
    with pytest.raises(OutputFileError, match=r"state\.h5\.previous.* is no state"):
        other.save(tmp_path / "state.h5")
    assert before.read_text() == "mine" and not (tmp_path / "state.h5").exists()
    before.unlink()
    for _ in range(3):
        other.save(tmp_path / "state.h5")
    (tmp_path / "state.h5").write_bytes((tmp_path / "state.h5").read_bytes()[:500])
    other.save(tmp_path / "state.h5")  # a damaged state makes room
    assert read(tmp_path / "state.h5").header["engine"] == "clock"


def test_equations_of_synapses_and_releases_are_compared(tmp_path: Path) -> None:
    """A state is of the equations that it was run with, wherever they stand."""

    def network(share: float) -> ss.Network:
        @ss.synapses.release(states=("x",))
        class Part(NamedTuple):
            tau: float = 10.0

            @ss.synapses.equation
            def between(s, dt, p):
                return (s[0],)

            @ss.synapses.equation
            def on_spike(s, p):
                return (s[0],), share * s[0]

        net = ss.Network()
        a, b = net.population("a", 2, ss.Poisson(50.0)), net.population("b", 2, ss.LIF())
        net.connect(a, b, ss.all_to_all(), weight=1.0, delay=1.0, synapse=ss.Delta(), release=Part())
        return net

    sim = ss.Simulation(network(0.5))
    sim.save(tmp_path / "state.h5")
    ss.Simulation.resume(tmp_path / "state.h5", network(0.5))
    with pytest.raises(StateError, match="Part"):
        ss.Simulation.resume(tmp_path / "state.h5", network(0.25))
