"""Truth: tables written here, in every format, and what stands in them; laws of a made-up connectome, counted."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from spikesim import errors
from spikesim.published import Connectome, connectome, synthetic_connectome

NAMES = ("Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity")
PRE, POST, WEIGHT = [0, 0, 2, 3], [1, 2, 0, 3], [5, 1, -12, 2]
IDS = [720575940596125868, 720575940597856265, 720575940597944841, 720575940598267657]  # beyond what floats hold
TABLE = dict(zip(NAMES, (PRE, POST, WEIGHT)))


def csv_text(separator: str = ",") -> str:
    """As published: with an index in front, and columns that are not needed."""
    header = ["", "Presynaptic_ID", "Postsynaptic_ID", *NAMES[:2], "Connectivity", "Excitatory", NAMES[2]]
    rows = [[k, IDS[i], IDS[j], i, j, abs(w), int(np.sign(w)), w] for k, (i, j, w) in enumerate(zip(PRE, POST, WEIGHT))]
    return "\n".join(separator.join(map(str, row)) for row in [header, *rows]) + "\n"


def write_csv(path: Path) -> None:
    path.write_text(csv_text())


def write_packed(path: Path) -> None:
    path.write_bytes(gzip.compress(csv_text().encode()))


def write_tsv(path: Path) -> None:
    path.write_text("\ufeff" + csv_text("\t"))


def write_npz(path: Path) -> None:
    np.savez(path, **{name: np.array(values) for name, values in TABLE.items()})


def write_parquet(path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(TABLE), path)


def write_sonata(path: Path) -> None:
    with h5py.File(path, "w") as file:
        edges = file.create_group("edges/fly_to_fly")
        edges["source_node_id"], edges["target_node_id"] = np.uint64(PRE), np.uint64(POST)
        edges["edge_group_id"], edges["edge_group_index"] = np.zeros(4, np.uint64), np.arange(4, dtype=np.uint64)
        edges["0/syn_weight"] = np.float32(WEIGHT)


SONATA = {"pre": "source_node_id", "post": "target_node_id", "weight": "syn_weight"}
FORMATS: dict[str, tuple[Any, dict[str, str]]] = {
    "c.csv": (write_csv, {}), "c.csv.gz": (write_packed, {}), "c.tsv": (write_tsv, {}), "c.npz": (write_npz, {}),
    "c.parquet": (write_parquet, {}), "c.h5": (write_sonata, SONATA),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format(name: str, tmp_path: Path) -> None:
    write, names = FORMATS[name]
    path = tmp_path / name
    write(path)
    got = connectome(path, 4, **names)
    for array, wanted in ((got.pre, PRE), (got.post, POST), (got.weight, WEIGHT)):
        np.testing.assert_array_equal(array, wanted)
    assert (got.pre.dtype, got.weight.dtype) == (np.int32, np.float64)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert got.sources == ((name, digest),)
    assert digest in got.description and "4 neurons, 4 connections of 20 synapses, 25.0 %" in got.description


def test_tables_in_memory() -> None:
    records = np.rec.fromarrays([PRE, POST, WEIGHT], names=list(NAMES))
    assert connectome(TABLE).sources[0][1] == connectome(records).sources[0][1]
    assert connectome(TABLE).size == 4
    other = connectome({**TABLE, NAMES[2]: [5, 1, -12, 3]})
    assert other.sources[0][1] != connectome(TABLE).sources[0][1]


def test_neurons_and_annotations(tmp_path: Path) -> None:
    """Ids keep every digit; annotations come in any order, and not for all."""
    write_csv(tmp_path / "c.csv")
    (tmp_path / "neurons.csv").write_text(",Completed\n" + "".join(f"{i},True\n" for i in IDS))
    (tmp_path / "notes.tsv").write_text(
        f"side\troot_id\ttype\tvolume\nleft\t{IDS[2]}\tsugar\t1.5\nright\t{IDS[0]}\twater\t2\nleft\t99\tsugar\t3\n"
    )
    got = connectome(
        tmp_path / "c.csv", tmp_path / "neurons.csv", annotations=tmp_path / "notes.tsv", annotated="root_id"
    )
    assert got.ids.tolist() == IDS
    assert got.annotations["type"].tolist() == ["water", "", "sugar", ""]
    np.testing.assert_array_equal(got.annotations["volume"], [2.0, np.nan, 1.5, np.nan])
    assert got.annotations["Completed"].tolist() == ["True"] * 4
    assert got.where(type="sugar").tolist() == [IDS[2]]
    assert got.where(type=["sugar", "water"], side="right").tolist() == [IDS[0]]
    assert got.index([IDS[3], IDS[0]]).tolist() == [3, 0]
    assert [name for name, _ in got.sources] == ["c.csv", "neurons.csv", "notes.tsv"]
    assert all(sha256 in repr(got) for _, sha256 in got.sources)
    with pytest.raises(errors.UnknownNameError, match="no annotation 'typ'; did you mean 'type'"):
        got.where(typ="sugar")
    with pytest.raises(errors.UnknownNameError, match="no neuron has type = suger; did you mean 'sugar'"):
        got.where(type=["water", "suger"])
    with pytest.raises(errors.UnknownNameError, match="no neuron has type = 3"):
        got.where(type=3)
    with pytest.raises(errors.UnknownNameError, match="no neuron of id 5 "):
        got.index([IDS[0], 5])
    with pytest.raises(errors.InvalidTypeError, match="ids: wanted int64"):
        got.index(["sugar"])
    with pytest.raises(ValueError, match="read-only"):
        got.weight[0] = 1.0


HEADER = ",".join(NAMES)
npy = io.BytesIO()
np.save(npy, np.zeros(3))
HOSTILE: dict[str, tuple[bytes, type[Exception], str]] = {
    "empty.csv": (b"", errors.UnknownNameError, "no column 'Presynaptic_Index'"),
    "other.csv": (b"pre,post,w\n1,2,3\n", errors.UnknownNameError, "did you mean 'pre'. Known: post, pre, w"),
    "words.csv": (f"{HEADER}\n0,one,2\n".encode(), errors.FileFormatError, "cannot be read as a table"),
    "half.csv": (f"{HEADER}\n0,1.5,2\n".encode(), errors.FileFormatError, "cannot be read as a table"),
    "short.csv": (f"{HEADER}\n0,1,2\n0,1\n".encode(), errors.FileFormatError, "cannot be read as a table"),
    "binary.csv": (bytes(range(256)) * 4, errors.FileFormatError, "cannot be read as a table"),
    "negative.csv": (f"{HEADER}\n0,1,2\n0,-1,2\n".encode(), errors.FileFormatError, "got -1 at connection 1"),
    "huge.csv": (f"{HEADER}\n0,99999999999,2\n".encode(), errors.FileFormatError, "got 99999999999 at"),
    "huger.csv": (f"{HEADER}\n0,{10**30},2\n".encode(), errors.FileFormatError, "cannot be read as a table"),
    "nan.csv": (f"{HEADER}\n0,1,nan\n".encode(), errors.FileFormatError, "got nan at connection 0"),
    "zip.npz": (b"PK\x03\x04" + b"x" * 60, errors.FileFormatError, "cannot be read as a table"),
    "text.npz": (b"no archive", errors.FileFormatError, "cannot be read as a table"),
    "array.npz": (npy.getvalue(), errors.FileFormatError, "wanted an archive of named arrays"),
    "cut.csv.gz": (gzip.compress(csv_text().encode())[:-20], errors.FileFormatError, "damaged gzip file"),
    "no.h5": (b"\x89HDF\r\n\x1a\n" + b"0" * 90, errors.FileFormatError, "cannot be read as a table"),
    "table.xlsx": (b"", errors.FileFormatError, "wanted one of csv .*, got a file ending in '.xlsx'"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.filterwarnings("error")
def test_hostile_files(name: str, tmp_path: Path) -> None:
    contents, kind, words = HOSTILE[name]
    (tmp_path / name).write_bytes(contents)
    with pytest.raises(kind, match=words):
        connectome(tmp_path / name)


def test_nothing_read_is_executed(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "executed"),)

    evil = np.array([Evil()], object)
    np.savez(tmp_path / "evil.npz", **dict.fromkeys(NAMES, evil))
    with pytest.raises(errors.FileFormatError, match="cannot be read"):
        connectome(tmp_path / "evil.npz")
    assert not (tmp_path / "executed").exists()


def test_other_sonata_files(tmp_path: Path) -> None:
    write_sonata(tmp_path / "two.h5")
    with h5py.File(tmp_path / "two.h5", "a") as file:
        file["edges/fly_to_fly/edge_group_index"][:] = [1, 0, 2, 3]
    with pytest.raises(errors.FileFormatError, match="in another order"):
        connectome(tmp_path / "two.h5", **SONATA)
    with h5py.File(tmp_path / "two.h5", "a") as file:
        file.create_group("edges/other")
    with pytest.raises(errors.FileFormatError, match="wanted one population of edges"):
        connectome(tmp_path / "two.h5", **SONATA)


@pytest.mark.parametrize(
    "arguments, kind, words",
    [
        ((5,), errors.InvalidTypeError, "wanted the path of a file .* got int 5"),
        (("missing.csv",), errors.MissingFileError, "there is no such file"),
        ((TABLE, "missing.csv"), errors.MissingFileError, "there is no such file"),
        ((TABLE, 3), errors.FileFormatError, "wanted indices from 0 to 2, got 3 at connection 3"),
        ((TABLE, [1, 2, 2, 4]), errors.InvalidValueError, "two neurons have the id 2"),
        ((TABLE, [1.0, 2.0, 3.0, 4.0]), errors.InvalidTypeError, "wanted a list of ids"),
        (({**TABLE, NAMES[0]: [0.5, 1, 2, 3]},), errors.FileFormatError, "wanted whole numbers"),
        (({**TABLE, NAMES[0]: [0, 1]},), errors.FileFormatError, "wanted columns of one length"),
        (({**TABLE, NAMES[0]: [[0], [1, 2]]},), errors.FileFormatError, "wanted a column of numbers, got rows of diff"),
        (({**TABLE, NAMES[2]: list("abcd")},), errors.InvalidTypeError, "wanted an array of numbers"),
    ],
)
def test_wrong_arguments(arguments: tuple[Any, ...], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        connectome(*arguments)


@pytest.mark.parametrize("annotations", [3, {"type": ["sugar"]}])
def test_annotations_stand_in_a_file(annotations: Any) -> None:
    with pytest.raises(errors.InvalidTypeError, match="annotations: wanted the path of a csv file, got"):
        connectome(TABLE, 4, annotations=annotations)


@pytest.mark.parametrize(
    "pre, weight, kind, words",
    [
        ([0, 7], [1.0, 2.0], errors.FileFormatError, "Connectome: pre: wanted indices from 0 to 1, got 7"),
        ([0, 1], [1.0, np.nan], errors.FileFormatError, "Connectome: weight: wanted finite numbers, got nan"),
        ([0, 1], [1.0], errors.InvalidValueError, "one source, target and weight a connection"),
    ],
)
def test_of_lists(pre: list[int], weight: list[float], kind: type[Exception], words: str) -> None:
    """One's own connectome is held to what a file is held to."""
    got = Connectome([0, 1], [1, 0], [2.0, -1.0], [10, 20])
    assert (got.size, got.pre.dtype, got.weight.tolist()) == (2, np.int32, [2.0, -1.0])
    with pytest.raises(kind, match=words):
        Connectome(pre, [1, 0], weight, [10, 20])


@pytest.fixture(scope="module")
def made() -> Connectome:
    return synthetic_connectome(5000, 400_000, seed=2)


def test_made_up_has_the_laws_of_a_fly(made: Connectome) -> None:
    """Synapses of a connection: mean 3.6 and 18 % of five or more, as 54.5 and 2.7 of 15.1 million are."""
    assert made.pre.size == 400_000 and np.all(made.pre != made.post)
    assert np.unique(made.pre.astype(np.int64) * 5000 + made.post).size == 400_000
    synapses = np.abs(made.weight)
    assert synapses.mean() == pytest.approx(54.5 / 15.1, rel=0.05)
    assert np.mean(synapses >= 5) == pytest.approx(2.7 / 15.1, rel=0.03)
    assert np.all(synapses == np.rint(synapses)) and synapses.min() == 1.0 and synapses.max() > 200.0
    out, into = np.bincount(made.pre, minlength=5000), np.bincount(made.post, minlength=5000)
    for degree in (out, into):
        assert np.log(degree[degree > 10]).std() == pytest.approx(1.0, abs=0.15)
    assert 0.3 < np.corrcoef(out, into)[0, 1] < 0.8


def test_made_up_signs_are_of_the_source(made: Connectome) -> None:
    positive = np.bincount(made.pre, made.weight > 0.0, 5000)
    assert np.all((positive == 0) | (positive == np.bincount(made.pre, minlength=5000)))
    excites = made.annotations["transmitter"] == "excitatory"
    assert excites.mean() == pytest.approx(0.6, abs=0.03)
    assert np.all(excites[made.annotations["kind"] == "sensory"])


def test_made_up_is_a_function_of_its_seed(made: Connectome) -> None:
    again, other = synthetic_connectome(5000, 400_000, seed=2), synthetic_connectome(5000, 400_000, seed=3)
    assert np.array_equal(again.pre, made.pre) and np.array_equal(again.weight, made.weight)
    assert not np.array_equal(other.pre, made.pre)
    assert "made up" in made.description


@pytest.mark.parametrize("arguments", [(1,), (-5,), (10, 60), (10, 5, -1), (2.5,)])
def test_made_up_of_nothing(arguments: tuple[Any, ...]) -> None:
    with pytest.raises((errors.InvalidValueError, errors.InvalidTypeError), match="synthetic_connectome"):
        synthetic_connectome(*arguments)
