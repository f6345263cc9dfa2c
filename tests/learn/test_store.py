"""Files of networks and trainings that are damaged or made to harm.  Truth: an error of ours, never anything else."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import FileFormatError, OutputFileError, SpikesimError


def network():
    return learn.Sequential(learn.Linear(4, 5, seed=1), learn.LIFRate(), learn.Linear(5, 3, seed=2), learn.LogSoftmax())


def linear(**arguments):
    layer = {"layer": "Linear", "arguments": arguments, "parts": {}}
    return json.dumps({"layer": "Sequential", "arguments": {}, "parts": {"0": layer}})


NETWORKS = {
    "broken JSON": "{",
    "a list": "[]",
    "a number": "3",
    "no layer": "{}",
    "another layer": '{"layer": "os.system", "arguments": {}, "parts": {}}',
    "layer is a list": '{"layer": ["a"], "arguments": {}, "parts": {}}',
    "parts are a list": '{"layer": "Sequential", "arguments": {}, "parts": [1]}',
    "no parts": '{"layer": "Sequential", "arguments": {}}',
    "larger than memory": linear(n_in=10**9, n_out=10**6),
    "an unknown argument": linear(n_in=4, n_out=5, zzz=1),
    "deeper than the stack": '{"layer": "Sequential", "parts": {"0":' * 3000 + "{}" + "}}" * 3000,
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "network.h5"
    network().save(path)
    return path


@pytest.mark.parametrize("text", NETWORKS.values(), ids=NETWORKS)
def test_a_strange_structure_is_refused(path, text):
    with h5py.File(path, "r+") as file:
        file.attrs["network"] = text
    with pytest.raises(FileFormatError, match=r"network\.h5"):
        learn.load(path)


def replaced(name, **new):
    def change(file):
        del file[f"parameters/{name}"]
        if new:
            file.create_dataset(f"parameters/{name}", **new)

    return change


DATA = {
    "text": replaced("0.bias", data=["a"] * 5),
    "complex": replaced("0.bias", data=np.arange(5) * 1j),
    "a claim of 8 TB": replaced("0.bias", shape=(10**12,), dtype=float, chunks=(1000,)),
    "another shape": replaced("0.bias", data=np.zeros(4)),
    "missing": replaced("0.bias"),
    "not listed": lambda file: file.create_dataset("parameters/9.bias", data=np.zeros(5)),
    "no group": lambda file: (file.pop("parameters"), file.create_dataset("parameters", data=3)),
    "a link outside": lambda file: (
        file.pop("parameters/0.bias"),
        file["parameters"].__setitem__("0.bias", h5py.ExternalLink("elsewhere.h5", "/x")),
    ),
    "a version of text": lambda file: file.attrs.__setitem__("version", "x"),
    "a later version": lambda file: file.attrs.__setitem__("version", 99),
    "a format of numbers": lambda file: file.attrs.__setitem__("format", [1, 2]),
    "no structure": lambda file: file.attrs.__delitem__("network"),
}


@pytest.mark.parametrize("change", DATA.values(), ids=DATA)
def test_strange_data_are_refused(path, change):
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(SpikesimError):
        learn.load(path)


def test_any_bytes_changed_are_refused_or_harmless(path):
    raw, rng = path.read_bytes(), np.random.default_rng(1)
    assert learn.load(path)(np.ones((1, 4))).val == pytest.approx(network()(np.ones((1, 4))).val, rel=1e-15)
    refused = 0
    for k in range(120):
        damaged = bytearray(raw if k % 4 else raw[: rng.integers(len(raw))])
        for _ in range(rng.integers(1, 6)):
            damaged[rng.integers(len(damaged))] = rng.integers(256)
        path.write_bytes(bytes(damaged))
        try:
            learn.load(path)
        except SpikesimError:
            refused += 1
    assert refused > 30


CHECKPOINTS = {
    "an empty state": lambda file: file["history"].attrs.__setitem__("state", "{}"),
    "a state that hides a method": lambda file: file["history"].attrs.__setitem__(
        "state", file["history"].attrs["state"].replace('"epoch"', '"append"')
    ),
    "no optimiser": lambda file: file.pop("optimizer"),
    "no steps": lambda file: file.pop("optimizer/steps"),
    "averages of another shape": lambda file: (
        file.pop("optimizer/0.mean"),
        file.create_dataset("optimizer/0.mean", data=np.zeros(3)),
    ),
    "averages of no parameter": lambda file: file.create_dataset("optimizer/zz", data=np.zeros(3)),
    "a network only": lambda file: file.pop("history"),
}


def training(path, epochs):
    net = network()
    rng = np.random.default_rng(1)
    data = (rng.random((20, 4)), rng.integers(0, 3, 20))
    optimizer = learn.Adam(net.parameters(), lr=1e-2)
    learn.fit(net, data, loss=learn.NLLLoss(), optimizer=optimizer, epochs=epochs, batch_size=6, checkpoint=path)
    return net


@pytest.mark.parametrize("change", CHECKPOINTS.values(), ids=CHECKPOINTS)
def test_a_strange_checkpoint_is_refused(tmp_path, change):
    path = tmp_path / "training.h5"
    training(path, 2)
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(SpikesimError):
        training(path, 4)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputFileError, match="nowhere"):
        network().save(tmp_path / "nowhere" / "a.h5")
    with pytest.raises(FileNotFoundError):
        learn.load(tmp_path / "a.h5")


def test_settings_of_numpy_are_numbers_in_a_file(tmp_path):
    """An estimator, whose settings came out of arrays, is read as the same one."""
    data, labels = np.random.default_rng(1).normal(size=(8, 2)), [0, 1] * 4
    sizes, rate = np.array([3]), np.float32(0.25)
    fitted = learn.RateClassifier((sizes[0],), epochs=sizes.max(), seed=np.int64(1), lr=rate).fit(data, labels)
    learn.save(fitted, tmp_path / "a.h5")
    again = learn.load(tmp_path / "a.h5")
    assert again.get_params() == fitted.get_params()
    np.testing.assert_array_equal(again.predict(data), fitted.predict(data))
