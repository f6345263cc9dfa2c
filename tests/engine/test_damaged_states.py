"""A damaged saved state is refused in words, wherever the damage is; states of earlier versions are gone on with."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import spikesim as ss
from spikesim.engine.checkpoint import FORMAT, PREVIOUS, read
from spikesim.errors import FileFormatError, OutputFileError
from spikesim.record.sealed import USER_BLOCK, require_seal, seal, sealed_as

ARCHIVE = Path(__file__).parent / "archive"
ENGINES = pytest.mark.parametrize("engine", ["clock", "event"])


def network() -> ss.Network:
    net = ss.Network(seed=3)
    cells = net.population("cells", 3, ss.LIF(I_e=600.0), v=ss.uniform(-70.0, -55.0))
    net.connect(cells, cells, ss.all_to_all(), weight=40.0, delay=1.0, synapse=ss.Exponential(2.0))
    net.record(cells, "spikes")
    return net


def saved(path: Path, engine: str) -> bytes:
    """A state of 20 ms, one of 10 ms beside it."""
    with ss.Simulation(network(), engine=engine) as sim:
        for _ in range(2):
            sim.run(10.0, progress=False)
            sim.save(path)
    return path.read_bytes()


def damages(good: bytes) -> Iterator[tuple[str, bytes]]:
    """What may become of the bytes of a file: all over the user block and the superblock, then at random."""
    draws = random.Random(1)
    changes: dict[str, Callable[[int, int], bytes]] = {
        "flipped": lambda at, n: good[:at] + bytes(b ^ 0xFF for b in good[at : at + n]) + good[at + n :],
        "a bit": lambda at, n: good[:at] + bytes([good[at] ^ 1 << n % 8]) + good[at + 1 :],
        "deleted": lambda at, n: good[:at] + good[at + n :],
        "inserted": lambda at, n: good[:at] + draws.randbytes(n) + good[at:],
        "doubled": lambda at, n: good[:at] + good[at : at + n] + good[at:],
        "cut": lambda at, n: good[:at],
    }
    for at in [5000, *range(0, USER_BLOCK + 96, 7), *(draws.randrange(len(good)) for _ in range(60))]:
        for name, change in changes.items():
            length = min(6 if at == 5000 else draws.randrange(1, 65), len(good) - at)
            yield f"{length} {name} at {at}", change(at, length)
    yield "512 bytes before", bytes(USER_BLOCK) + good
    yield "without the user block", good[USER_BLOCK:]
    yield "a byte more", good + b"\0"


@ENGINES
def test_every_damage_is_refused(engine: str, tmp_path: Path) -> None:
    """By name, and the state before it is named."""
    path = tmp_path / "state.h5"
    good = saved(path, engine)
    count = 0
    for what, bad in damages(good):
        path.write_bytes(bad)
        with pytest.raises(FileFormatError, match=r"state\.h5'.* the state before it is '.*state\.h5\.previous'"):
            pytest.fail(f"{what}: read as {read(path).header}")
        count += 1
    assert count > 800
    with pytest.raises(FileFormatError, match="damaged"):
        ss.Simulation.resume(path)
    path.write_bytes(good)
    assert read(path).state.step == 2 * read(f"{path}{PREVIOUS}").state.step > 0


@ENGINES
def test_what_is_saved_by_itself_is_sealed(engine: str, tmp_path: Path) -> None:
    network().run(20.0, engine=engine, out=tmp_path / "run.h5", progress=False, autosave=1e-9)
    assert require_seal(tmp_path / "run.state.h5")
    assert sealed_as(tmp_path / "run.state.h5") == FORMAT


@pytest.mark.filterwarnings("ignore:.*saved with:spikesim.errors.SpikesimWarning")
@ENGINES
def test_a_state_without_a_seal_is_gone_on_with(engine: str, tmp_path: Path) -> None:
    """A file of version 1, written by that version; saved again, it has a seal."""
    path = tmp_path / "state.h5"
    path.write_bytes(gzip.decompress((ARCHIVE / f"state-1-{engine}.h5.gz").read_bytes()))
    whole = network().run(40.0, engine=engine, progress=False).spikes["cells"]
    late = whole.times > 20.0
    with ss.Simulation.resume(path, network()) as sim:
        found = sim.run(20.0, progress=False).spikes["cells"]
        sim.save(path)
    new = found.times > 20.0
    np.testing.assert_array_equal(found.ids[new], whole.ids[late])
    np.testing.assert_allclose(found.times[new], whole.times[late], rtol=0.0, atol=1e-9)
    assert late.sum() > 3
    assert require_seal(path) and not require_seal(f"{path}{PREVIOUS}")


def test_what_an_unsealed_state_holds_is_held_to_its_digest(tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "state.h5"
    path.write_bytes(gzip.decompress((ARCHIVE / "state-1-clock.h5.gz").read_bytes()))
    with h5py.File(path, "r+") as file:
        file["values/0"][0] += 1
    with pytest.raises(FileFormatError, match="damaged: its contents do not have the digest"):
        read(path)


def test_a_sealed_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    """A table has a seal, and is no state; what is damaged behind the seal of a state may be displaced."""
    path = tmp_path / "table.h5"
    ss.runs.Table([{"g": 4.0}]).write(path, about={})
    sim = ss.Simulation(network())
    with pytest.raises(OutputFileError, match="no state of a simulation"):
        sim.save(path)
    with pytest.raises(FileFormatError, match="no state of a simulation"):
        ss.Simulation.resume(path)
    sim.save(tmp_path / "state.h5")
    damaged = (tmp_path / "state.h5").read_bytes()[:4000]
    (tmp_path / "state.h5").write_bytes(damaged)
    sim.save(tmp_path / "state.h5")
    assert read(tmp_path / "state.h5").state.step == 0
    assert (tmp_path / f"state.h5{PREVIOUS}").read_bytes() == damaged


def test_the_kind_is_under_the_seal(tmp_path: Path) -> None:
    path = tmp_path / "state.h5"
    ss.Simulation(network()).save(path)
    good = path.read_bytes()
    path.write_bytes(good.replace(FORMAT.encode() + b"\n", b"spikesim table\n", 1))
    assert sealed_as(path) == "spikesim table"
    with pytest.raises(FileFormatError, match="damaged"):
        require_seal(path)
    seal(path, FORMAT)
    assert path.read_bytes() == good
