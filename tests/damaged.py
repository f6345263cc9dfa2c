"""Every kind of file that the package reads, damaged: bytes flipped, cut, doubled; other shapes and kinds of numbers.

A kind says how a good file is made and read.  What is read of a damaged one is an error of the package that names the
file, or a result: of a file with a digest the same as of the good one, of others one without NaN.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from arguments import nans
from forked import each

import spikesim as ss
from spikesim import learn, published
from spikesim.errors import SpikesimError

#: The seconds and bytes that reading one file may take.
LIMIT, MEMORY = 20.0, 6 << 30


class Kind(NamedTuple):
    """How a file is made (in a folder) and read, and whether damage of its numbers must be seen."""

    make: Callable[[Path], Any]
    read: Callable[[Path], Any]
    sealed: bool = False


def net() -> ss.Network:
    made = ss.Network(seed=3)
    cells = made.population("cells", 8, ss.LIF(I_e=ss.normal(500.0, 50.0)), v=ss.uniform(-70.0, -55.0))
    made.connect(cells, cells, ss.fixed_indegree(2), weight=40.0, delay=1.0, synapse=ss.Exponential(2.0))
    made.inject(cells, ss.DC(20.0))
    made.record(cells, "spikes")
    made.record(cells[:2], "v", every=1.0)
    return made


def recording(path: Path) -> None:
    net().run(30.0, out=path / "run.h5", progress=False)


def all_of(path: Path) -> Any:
    result = ss.load(path / "run.h5")
    spikes, trace = result.spikes["cells"], result.traces["cells"]["v"]
    return [spikes.times, spikes.ids, trace.times, trace.values]


def state(path: Path) -> None:
    with ss.Simulation(net()) as sim:
        sim.run(5.0, progress=False)
        sim.save(path / "state.h5")


def resumed(path: Path) -> Any:
    with ss.Simulation.resume(path / "state.h5", net()) as sim:
        return sim.state["cells"]["v"]


def model() -> Any:
    return learn.Sequential(learn.Linear(3, 4, seed=1), learn.ReLU(), learn.Dropout(0.1, seed=2), learn.Linear(4, 2))


def checkpoint(path: Path) -> None:
    m = model()
    data = np.ones((6, 3)), np.ones((6, 2))
    learn.fit(m, data, loss=learn.MSELoss(), optimizer=learn.Adam(m.parameters()), epochs=2, progress=False,
              checkpoint=path / "fit.h5")  # fmt: skip


def went_on(path: Path) -> Any:
    m = model()
    history = learn.load_checkpoint(path / "fit.h5", m, learn.Adam(m.parameters()))
    return [m.state(), None if history is None else history.columns]


def estimator(path: Path) -> None:
    rng = np.random.default_rng(1)
    fitted = learn.RateClassifier((3,), epochs=1, seed=1).fit(rng.normal(size=(8, 2)), [0, 1] * 4)
    learn.save(fitted, path / "estimator.h5")


def idx(path: Path) -> None:
    (path / "x.idx").write_bytes(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, *range(6)]))
    floats = bytes([0, 0, 13, 1, 0, 0, 0, 3]) + np.array([1.0, 2.0, 3.0], ">f4").tobytes()
    (path / "y.idx.gz").write_bytes(gzip.compress(floats))


def shd(path: Path) -> None:
    with h5py.File(path / "shd.h5", "w") as file:
        file["labels"] = np.array([3, 1], np.uint16)
        for name, values, kind in (("times", [[0.1, 0.2], [0.3]], np.float16), ("units", [[7, 9], [1]], np.uint16)):
            part = file.create_dataset(f"spikes/{name}", (2,), h5py.vlen_dtype(kind))
            for k, one in enumerate(values):
                part[k] = np.array(one, kind)
        file.create_dataset("extra/keys", data=["a", "b", "c"][:2], dtype=h5py.string_dtype())
    (path / "shd.h5.gz").write_bytes(gzip.compress((path / "shd.h5").read_bytes()))


def events(found: Any) -> Any:
    return [found.times, found.channels, found.classes]


def aer(path: Path) -> None:
    for digit in range(10):
        (path / "Train" / str(digit)).mkdir(parents=True)
        (path / "Train" / str(digit) / "1.bin").write_bytes(bytes([10, 3, 0x80, 0x03, 0xE8, 4, 5, 0, 1, 2]))


PRE, POST, WEIGHT = "Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity"


def tables(path: Path) -> None:
    text = f"{PRE},{POST},{WEIGHT},more\n0,1,12,x\n1,2,-5.5,y\n2,0,3,z\n"
    (path / "c.csv").write_text(text)
    (path / "c.tsv").write_text(text.replace(",", "\t"))
    (path / "c.csv.gz").write_bytes(gzip.compress(text.encode()))
    columns = {PRE: np.array([0, 1, 2]), POST: np.array([1, 2, 0]), WEIGHT: np.array([12.0, -5.5, 3.0])}
    np.savez(path / "c.npz", **columns)
    np.savez_compressed(path / "d.npz", **columns)
    (path / "n.csv").write_text('id,kind,"a b"\n720,KC,1.5\n721,MBON,2\n722,KC,\n')
    with h5py.File(path / "c.h5", "w") as file:
        group = file.create_group("edges/e")
        group["source_node_id"], group["target_node_id"] = columns[PRE], columns[POST]
        group["0/syn_weight"] = columns[WEIGHT]


def connected(name: str) -> Callable[[Path], Any]:
    def read(path: Path) -> Any:
        form = dict(pre="source_node_id", post="target_node_id", weight="syn_weight") if name == "c.h5" else {}
        c = published.connectome(path / name, **form)
        return [c.pre, c.post, c.weight]

    return read


def noted(path: Path) -> Any:
    c = published.connectome({PRE: [0], POST: [1], WEIGHT: [1.0]}, path / "n.csv")
    return [c.ids, c.size]


def arrays(path: Path) -> None:
    values = np.arange(12.0).reshape(4, 3)
    np.save(path / "a.npy", values)
    with h5py.File(path / "a.h5", "w") as file:
        file.create_dataset("g/current", data=values, chunks=(2, 3), compression="gzip")


def swept(path: Path) -> None:
    rows = [{"g": 4.0, "rate": 20.0, "what": "a"}, {"g": 5.0, "rate": 1.0, "what": "b"}]
    ss.runs.Table(rows).write(path / "table.h5", {"of": "rates"})


def circuit(path: Path) -> None:
    net().to_sonata(path / "circuit", duration=20.0)


def again(path: Path) -> Any:
    found = ss.from_sonata(path / "circuit" / "simulation_config.json")
    return [
        found["cells"].size,
        [p.name for p in found.projections],
        found.run(1.0, progress=False).spikes["cells"].times,
    ]


def image(path: Path) -> None:
    (path / "batch.bin").write_bytes(bytes([3]) + bytes(range(256)) * 12)


KINDS = {
    "recording": Kind(recording, all_of, True),
    "state": Kind(state, resumed, True),
    "model": Kind(lambda path: model().save(path / "m.h5"), lambda path: learn.load(path / "m.h5").state(), True),
    "checkpoint": Kind(checkpoint, went_on, True),
    "estimator": Kind(estimator, lambda path: learn.load(path / "estimator.h5").predict([[0.1, 0.2]]), True),
    "IDX": Kind(idx, lambda path: [learn.read_idx(path / "x.idx"), learn.read_idx(path / "y.idx.gz")]),
    "CIFAR-10": Kind(image, lambda path: learn.cifar10(path / "batch.bin").arrays()),
    "SHD": Kind(shd, lambda path: [events(learn.shd(path / name)) for name in ("shd.h5", "shd.h5.gz")]),
    "N-MNIST": Kind(aer, lambda path: events(learn.nmnist(path))),
    "tables": Kind(tables, lambda path: [connected(n)(path) for n in ("c.csv", "c.tsv", "c.csv.gz", "c.npz", "d.npz")]),
    "edges": Kind(tables, connected("c.h5")),
    "neurons": Kind(tables, noted),
    "npy": Kind(arrays, lambda path: [*ss.ArrayFile(path / "a.npy").blocks()]),
    "HDF5 rows": Kind(arrays, lambda path: [*ss.ArrayFile(path / "a.h5", "g/current").blocks()]),
    "sweep": Kind(swept, lambda path: dict(ss.runs.Table.read(path / "table.h5")), True),
    "SONATA": Kind(circuit, again),
}  # fmt: skip
#: Which files of a folder a kind reads; all unless given.
READ = {
    "tables": ("c.csv", "c.tsv", "c.csv.gz", "c.npz", "d.npz"), "edges": ("c.h5",), "neurons": ("n.csv",),
    "npy": ("a.npy",), "HDF5 rows": ("a.h5",),
}  # fmt: skip


# -- damage -------------------------------------------------------------------------------------------------------


def bytes_changed(rng: np.random.Generator, raw: bytes) -> bytes:
    """A few bits, a block, or the length."""
    data, n = bytearray(raw), len(raw)
    if not n:
        return raw
    at, length = int(rng.integers(n)), int(rng.integers(1, 1 + min(n, 64)))
    what = rng.integers(6)
    if what < 2:
        for k in rng.integers(n, size=1 + 2 * int(what)):
            data[int(k)] ^= 1 << int(rng.integers(8))
    elif what == 2:
        data = data[:at]
    elif what == 3:
        data[at : at + length] = bytes(min(length, n - at))
    elif what == 4:
        data[at:at] = data[at : at + length]
    else:
        data[at : at + length] = rng.bytes(min(length, n - at))
    return bytes(data)


CELLS = ["nan", "inf", "-1", "1e400", "9" * 30, "", "a", '"', "\0", "1.5", "0x10", "1,1", "ä", "-0", "1_0"]


def text_changed(rng: np.random.Generator, raw: bytes) -> bytes:
    """Another word in a line, a line less or twice."""
    lines = raw.decode("utf-8").splitlines()
    k = int(rng.integers(len(lines)))
    what = rng.integers(4)
    if what == 0:
        del lines[k]
    elif what == 1:
        lines.insert(k, lines[k])
    else:
        mark = next((m for m in ("\t", ",", " ") if m in lines[k]), ",")
        cells = lines[k].split(mark)
        cells[int(rng.integers(len(cells)))] = CELLS[int(rng.integers(len(CELLS)))]
        lines[k] = mark.join(cells)
    return ("\n".join(lines) + "\n").encode()


def json_changed(rng: np.random.Generator, raw: bytes) -> bytes:
    """Another value at one place of a document."""
    document = json.loads(raw)
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key in [*value] if isinstance(value, dict) else range(len(value)):
            places.append((value, key))
            if isinstance(value[key], (dict, list)):
                walk(value[key])

    walk(document)
    holder, key = places[int(rng.integers(len(places)))]
    others = [None, 0, -1, 1.5, "a", "", [], {}, [1], {"a": 1}, True, 1e300, 10**30, "../../etc/passwd", "$X/y"]
    holder[key] = others[int(rng.integers(len(others)))]
    return json.dumps(document).encode()


def array_changed(rng: np.random.Generator, array: Any) -> Any:
    """The array in another kind of numbers, of another shape, or with what is no number in it."""
    a = np.atleast_1d(array)
    first = a.reshape(-1)[:1]
    others: list[Callable[[], Any]] = [
        lambda: a.astype(np.float16), lambda: a.astype(">f8"), lambda: a.astype(np.int8), lambda: a.astype(bool),
        lambda: a.astype(complex), lambda: a.astype("S3"), lambda: a.reshape(-1), lambda: a.reshape(1, *a.shape),
        lambda: first, lambda: first.sum(), lambda: a[:0], lambda: np.concatenate([a, a]), lambda: a[:-1],
        lambda: np.full(a.shape, np.nan), lambda: np.full(a.shape, np.inf), lambda: np.full(a.shape, -1),
        lambda: np.full(a.shape, 2**62), lambda: np.full(a.shape, 1e300), lambda: a[::-1],
    ]  # fmt: skip
    return others[int(rng.integers(len(others)))]()


def hdf5_changed(rng: np.random.Generator, path: Path) -> None:
    """Another dataset or attribute, one less, or one that is a group."""
    with h5py.File(path, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        name = names[int(rng.integers(len(names)))]
        item, what = file[name], rng.integers(8)
        holder = [o for o in (file, *(file[n] for n in names)) if len(o.attrs)]
        if what == 0:
            del file[name]
        elif what == 1 and holder:
            one = holder[int(rng.integers(len(holder)))]
            key = list(one.attrs)[int(rng.integers(len(one.attrs)))]
            one.attrs[key] = [1.5, "a", -1, np.zeros(3), np.bytes_(b"x"), 2**40][int(rng.integers(6))]
        elif what == 2:
            del file[name]
            file.create_group(name)
        elif isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf":
            changed = array_changed(rng, item[()])
            del file[name]
            file[name] = changed


def npz_changed(rng: np.random.Generator, path: Path) -> None:
    with np.load(path) as stored:
        columns = dict(stored)
    key = [*columns][int(rng.integers(len(columns)))]
    columns[key] = array_changed(rng, columns[key])
    np.savez(path, **columns)


def damage(seed: int, path: Path) -> None:
    """Damage a file by its contents or by its bytes."""
    rng = np.random.default_rng(seed)
    raw, packed = path.read_bytes(), path.suffix == ".gz"
    inside = gzip.decompress(raw) if packed else raw
    with_contents = rng.random() < 0.5
    try:
        if with_contents and path.suffix == ".h5":
            return hdf5_changed(rng, path)
        if with_contents and path.suffix == ".npz":
            return npz_changed(rng, path)
        if with_contents and path.suffix == ".npy":
            return np.save(path, array_changed(rng, np.load(path)))
        if with_contents and path.suffix == ".json":
            path.write_bytes(json_changed(rng, inside))
            return None
        if with_contents and (path.suffix in (".csv", ".tsv") or ".csv" in path.name):
            changed = text_changed(rng, inside)
            path.write_bytes(gzip.compress(changed) if packed else changed)
            return None
    except (ValueError, TypeError, OSError):  # what cannot be done to this one
        pass
    if packed and with_contents:
        path.write_bytes(gzip.compress(bytes_changed(rng, inside)))
    else:
        path.write_bytes(bytes_changed(rng, raw))
    return None


# -- what comes of it ---------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """What was read, as values that can be compared."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return np.asarray(value).tolist()


def outcome(kind: Kind, folder: Path, name: str, good: Any) -> str:
    """Read a damaged file; "" where that is an error that names it, or a right result."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = kind.read(folder)
    except SpikesimError as error:
        return "" if Path(name).name in str(error) or kind.make is circuit else f"names no file: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:200]
    numbers = [str(w.message) for w in said if issubclass(w.category, RuntimeWarning)]
    if numbers:
        return f"it warns: {numbers[0]}"
    if kind.sealed:
        return "" if plain(found) == good else "another result, and no word of it"
    return f"{nans(found)} NaN" if nans(found) else ""


def damaged(names: list[str], seeds: range, place: Path) -> Iterator[tuple[str, str, int, str]]:
    """Yield (kind, file, seed, what is wrong) of all that went wrong."""
    for name in names:
        kind, folder = KINDS[name], place / name
        folder.mkdir(parents=True)
        kind.make(folder)
        files = sorted(p for p in folder.rglob("*") if p.is_file() and (p.name in READ.get(name, (p.name,))))
        good = plain(kind.read(folder))

        def work(k: int, kind: Kind = kind, folder: Path = folder, files: Any = files, good: Any = good) -> str:
            own = folder.with_name(f"{folder.name} {k}")
            shutil.copytree(folder, own)
            file = own / files[k % len(files)].relative_to(folder)
            damage(k, file)
            os.chdir(own)
            try:
                return outcome(kind, own, file.name, good)
            finally:
                shutil.rmtree(own)

        said = each(len(seeds), lambda k, work=work: work(seeds[k]), LIMIT, MEMORY)  # type: ignore[misc]
        for k, what in said.items():
            if what:
                yield name, files[seeds[k] % len(files)].name, seeds[k], what
