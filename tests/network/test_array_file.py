"""Input arrays that stay in a file.  Truth: the same array in memory, bit for bit."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import FileFormatError, InputFileError, InvalidTypeError, InvalidValueError, StateError

TIMES = np.arange(60) * 1.5


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Numbers in memory, in input.npy, and in input.h5, in chunks and single precision, as "drive/I"."""
    monkeypatch.chdir(tmp_path)
    found = np.random.default_rng(1).uniform(0.0, 900.0, (60, 7)).astype(np.float32)
    np.save("input.npy", found)
    with h5py.File("input.h5", "w") as file:
        file.create_dataset("drive/I", data=found, chunks=(8, 3), compression="gzip")
    return found.astype(np.float64)


def in_files() -> list[Any]:
    return [ss.ArrayFile("input.npy"), ss.ArrayFile("input.h5", "drive/I")]


def injected(stimulus: Any) -> ss.Network:
    net = ss.Network(seed=3)
    cells = net.population("cells", 7, ss.LIF())
    net.inject(cells, stimulus)
    net.record(cells, "spikes")
    net.record(cells, "v", every=0.5)
    return net


def fed(rate: Any) -> ss.Network:
    net = ss.Network(seed=3)
    net.record(net.population("cells", 7, ss.Poisson(rate=rate)), "spikes")
    return net


def bits(result: ss.Result) -> list[bytes]:
    train = result.spikes["cells"]
    v = [result.traces["cells"]["v"].values.tobytes()] if "cells" in result.traces else []
    return [train.times.tobytes(), train.ids.tobytes(), *v]


@pytest.mark.parametrize("engine", ["clock", "event"])
@pytest.mark.parametrize("kind", [ss.Steps, ss.Waveform])
def test_as_from_memory(kind: Any, engine: str, rows: np.ndarray) -> None:
    """Currents and rates, on any threads; what is cut into pieces, too."""
    for network in (injected, fed):
        expected = bits(network(kind(TIMES, rows)).run(100.0, engine=engine, progress=False))
        assert len(expected[0]) > 8 * 20
        for number, file in enumerate(in_files()):
            net = network(kind(TIMES, file))
            sim = ss.Simulation(net, engine=engine, threads=1 + number)
            sim.run(33.3, progress=False)
            assert bits(sim.run(66.7, progress=False)) == expected


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_only_what_is_needed_is_read(engine: str, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a run of 15 ms over 90 ms of input, a sixth and what is near; in pieces of a few rows each."""
    read: list[tuple[int, int]] = []
    inner = ss.ArrayFile._read
    monkeypatch.setattr(ss.ArrayFile, "_read", lambda of, a, b: read.append((a, b)) or inner(of, a, b))
    sim = ss.Simulation(injected(ss.Steps(TIMES, ss.ArrayFile("input.npy"))), engine=engine)
    read.clear()
    sim.run(15.0, progress=False)
    assert read and max(b for _, b in read) <= 13
    assert [a for a, _ in read] == sorted(a for a, _ in read)


@pytest.mark.parametrize("kind", [ss.Steps, ss.Waveform])
def test_streams_of_the_event_engine(kind: Any, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a batch has room for; two simulations of one network at different times, saved, gone on with, forked."""
    expected = bits(injected(kind(TIMES, rows)).run(100.0, engine="event", progress=False))
    monkeypatch.setattr("spikesim.engine.event.electrodes.ROOM", 16 * 7 * 5)
    kept: list[int] = []
    inner = ss.ArrayFile._read
    monkeypatch.setattr(ss.ArrayFile, "_read", lambda of, a, b: kept.append(b - a) or inner(of, a, b))
    net = injected(kind(TIMES, ss.ArrayFile("input.npy")))
    for threads in (1, 2):
        sim = ss.Simulation(net, engine="event", threads=threads)
        kept.clear()
        sim.run(40.2, progress=False)
        assert max(kept) <= 16
        sim.save("state.h5")
        (other,) = sim.branch(1)
        assert bits(sim.run(59.8, progress=False)) == expected
        again = [other, ss.Simulation.resume("state.h5", net)]
        for one in again:
            found = bits(one.run(59.8, progress=False))
            assert all(whole.endswith(rest) and len(rest) > 80 for whole, rest in zip(expected[:2], found[:2]))


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_one_of_ones_own_says_what_its_rows_mean(engine: str, rows: np.ndarray) -> None:
    class Doubled(ss.Steps):
        """Twice what stands in the file."""

        def value(self, t: np.ndarray) -> np.ndarray:
            return 2.0 * super().value(t)

    expected = bits(injected(ss.Steps(TIMES, 2.0 * rows)).run(60.0, engine=engine, progress=False))
    assert (
        bits(injected(Doubled(TIMES, ss.ArrayFile("input.npy"))).run(60.0, engine=engine, progress=False)) == expected
    )


def test_batches_are_short_where_rows_are_wide() -> None:
    """What a batch needs of an array that is large stays within some megabytes."""
    n = 200_000
    cells = ss.Network(seed=1)
    population = cells.population("cells", n, ss.LIF())

    class Wide(ss.ArrayFile):
        def __init__(self) -> None:
            self.__dict__.update(path="wide.npy", dataset=None, shape=(1000, n), digest="")
            self.__dict__["most"] = []

        def _read(self, first: int, stop: int) -> np.ndarray:
            self.__dict__["most"].append(stop - first)
            return np.zeros((stop - first, n))

        def require_unchanged(self) -> None:
            """There is no file."""

    wide = Wide()
    cells.inject(population, ss.Steps(np.arange(1000) * 0.1, wide))
    ss.Simulation(cells, threads=1).run(5.0, progress=False)
    assert 0 < max(wide.__dict__["most"]) <= 16 + 2


def test_resumed(rows: np.ndarray, tmp_path: Path) -> None:
    """From the file of the state alone; not with another array."""
    net = injected(ss.Waveform(TIMES, ss.ArrayFile("input.npy")))
    sim = ss.Simulation(net)
    sim.run(20.0, progress=False)
    sim.save("state.h5")
    expected = bits(sim.run(30.0, progress=False))[2][-7 * 8 * 60 :]
    for given in (None, net):
        again = ss.Simulation.resume("state.h5", given)
        assert bits(again.run(30.0, progress=False))[2] == expected
    rows[-1, 0] += 1.0
    np.save("input.npy", rows.astype(np.float32))
    with pytest.raises(StateError, match="digest"):
        ss.Simulation.resume("state.h5", injected(ss.Waveform(TIMES, ss.ArrayFile("input.npy"))))
    with pytest.raises(FileFormatError, match=r"input.npy.*digest.*another array by now"):
        ss.Simulation.resume("state.h5")
    Path("input.npy").unlink()
    with pytest.raises(InputFileError, match=r"input.npy"):
        ss.Simulation.resume("state.h5")


def test_maps_and_datasets_are_taken_for_their_files(rows: np.ndarray) -> None:
    stimulus = ss.Steps(TIMES, np.load("input.npy", mmap_mode="r"))
    assert isinstance(stimulus.amplitudes, ss.ArrayFile)
    with h5py.File("input.h5") as file:
        other = ss.Steps(TIMES, file["drive/I"])
    at = np.array([-1.0, 0.0, 7.3, 88.5, 400.0])
    assert np.array_equal(stimulus.value(at), ss.Steps(TIMES, rows).value(at))
    assert np.array_equal(other.value(at), stimulus.value(at))
    assert stimulus.range() == ss.Steps(TIMES, rows).range()
    part = ss.Steps(TIMES[:5], np.load("input.npy", mmap_mode="r")[:5])
    assert np.array_equal(part.amplitudes, rows[:5])
    assert np.array_equal(pickle.loads(pickle.dumps(stimulus)).value(at), stimulus.value(at))


def test_mistakes_are_refused_where_they_are_made(rows: np.ndarray) -> None:
    np.save("line.npy", np.zeros(60))
    np.save("words.npy", np.array([["a", "b"]]))
    Path("text.npy").write_text("no array")
    calls: list[tuple[Any, type, str]] = [
        (lambda: ss.ArrayFile("none.npy"), InputFileError, "no such file"),
        (lambda: ss.ArrayFile("."), InputFileError, "is a folder"),
        (lambda: ss.ArrayFile(3), InvalidTypeError, "a path"),
        (lambda: ss.ArrayFile("input.h5"), FileFormatError, "dataset="),
        (lambda: ss.ArrayFile("input.h5", "drive/J"), FileFormatError, "drive/I"),
        (lambda: ss.ArrayFile("input.npy", "drive/I"), FileFormatError, "no HDF5 file"),
        (lambda: ss.ArrayFile("text.npy"), FileFormatError, "no NumPy file"),
        (lambda: ss.ArrayFile("line.npy"), FileFormatError, r"shape \(times, targets\).*\(60,\)"),
        (lambda: ss.ArrayFile("words.npy"), FileFormatError, "real numbers"),
        (lambda: ss.Steps(np.arange(61.0), ss.ArrayFile("input.npy")), InvalidValueError, r"\(61, targets\).*\(60, 7"),
    ]  # fmt: skip
    for call, kind, words in calls:
        with pytest.raises(kind, match=words):
            call()
    net = ss.Network()
    with pytest.raises(InvalidValueError, match="7 targets"):
        net.inject(net.population("x", 3, ss.LIF()), ss.Steps(TIMES, ss.ArrayFile("input.npy")))


def test_what_is_not_finite_is_found_where_it_is_read(rows: np.ndarray) -> None:
    many = np.tile(rows, (20, 1))
    many[310, 2] = np.nan
    np.save("holed.npy", many)
    sim = ss.Simulation(injected(ss.Steps(np.arange(1200) * 0.1, ss.ArrayFile("holed.npy"))))
    sim.run(10.0, progress=False)
    with pytest.raises(InvalidValueError, match=r"holed.npy.*nan at index \(310, 2\)"):
        sim.run(60.0, progress=False)


@pytest.mark.parametrize(
    "view", [np.transpose, np.flipud, np.fliplr, lambda map_: map_[:, [0, 2, 1]], np.asarray], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_view_of_a_map_is_what_it_shows(view: Any, order: Any, tmp_path: Path) -> None:
    """Square, so that a transposed or reversed one has the shape of the file."""
    whole = np.arange(9.0).reshape(3, 3)
    np.save(tmp_path / "square.npy", np.array(whole, order=order))
    shown = view(np.load(tmp_path / "square.npy", mmap_mode="r"))
    for kind in (ss.Steps, ss.Waveform):
        got = kind([0.0, 1.0, 2.0], shown).value(np.array([0.0, 1.0, 2.0]))
        assert got.tolist() == view(whole).tolist()


def test_what_is_changed_in_memory_alone_is_taken_from_there(tmp_path: Path) -> None:
    np.save(tmp_path / "input.npy", np.zeros((2, 2)))
    changed = np.load(tmp_path / "input.npy", mmap_mode="c")
    changed[0, 1] = 77.0
    with h5py.File("nowhere.h5", "w", driver="core", backing_store=False) as file:
        for given in (changed, file.create_dataset("x", data=changed)):
            assert ss.Steps([0.0, 1.0], given).value(np.array([0.5])).tolist() == [[0.0, 77.0]]


@pytest.mark.parametrize("change", [lambda x: x * 0.5, lambda x: x[:-20]], ids=["numbers", "rows"])
def test_another_array_in_the_file_is_seen_by_the_network_that_has_it(change: Any, rows: np.ndarray) -> None:
    """Also where the network was made before the file became another."""
    net = injected(ss.Steps(TIMES, ss.ArrayFile("input.npy")))
    with ss.Simulation(net) as sim:
        sim.run(20.0, progress=False)
        sim.save("state.h5")
    np.save("input.npy", change(rows))
    for again in (lambda: ss.Simulation.resume("state.h5", net), lambda: ss.Simulation(net)):
        with pytest.raises(FileFormatError, match="another array by now"):
            again()


def test_what_is_no_array_is_said_in_words(rows: np.ndarray) -> None:
    np.savez("several.npz", a=rows)
    for arguments, words in (
        (("several.npz",), "archive of several"),
        (("input.h5",), "give dataset="),
        (("input.h5", "drive"), "a group of this name.*drive/I"),
    ):
        with pytest.raises(FileFormatError, match=words) as refused:
            ss.ArrayFile(*arguments)
        assert "unsafe" not in str(refused.value)
    with pytest.raises(InvalidTypeError, match="shape"):
        ss.ArrayFile("input.npy", shape="ab")
