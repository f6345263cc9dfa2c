"""Chunks written as they stand in the file.  Truth: HDF5 itself, which refuses a chunk with a wrong checksum."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from spikesim.record.fletcher import fletcher32, write_rows

CHUNK = 1000


def test_checksums_are_those_of_hdf5(tmp_path: Path) -> None:
    """Truth: what HDF5 writes behind a chunk; zeros and all ones are where sums modulo 65535 could differ."""
    rng = np.random.default_rng(1)
    kinds = [rng.integers(0, 2**63, CHUNK), np.zeros(CHUNK, np.int64), np.full(CHUNK, -1), np.arange(CHUNK)]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("a", (len(kinds) * CHUNK,), "<i8", chunks=(CHUNK,), fletcher32=True)
        data[...] = np.concatenate(kinds)
        for k, values in enumerate(kinds):
            _, raw = data.id.read_direct_chunk((k * CHUNK,))
            assert raw[:-4] == values.tobytes()
            assert int.from_bytes(raw[-4:], "little") == fletcher32(values)


@pytest.mark.parametrize("pieces", [(5000,), (1, 1023, 1024), (700, 700, 3000), (2048, 1, 2047), (10, 20)])
def test_pieces_of_any_length(tmp_path: Path, pieces: tuple[int, ...]) -> None:
    """Truth: the values, read by HDF5 with its checksums; float64 and uint64 alike."""
    for dtype in ("<f8", "<u8"):
        values = np.random.default_rng(2).integers(0, 2**50, sum(pieces)).astype(dtype)
        with h5py.File(tmp_path / "a.h5", "w") as file:
            data = file.create_dataset("a", (0,), dtype, maxshape=(None,), chunks=(CHUNK,), fletcher32=True)
            at = 0
            for n in pieces:
                data.resize(at + n, axis=0)
                write_rows(data, at, values[at : at + n])
                at += n
        with h5py.File(tmp_path / "a.h5") as file:
            assert np.array_equal(file["a"][...], values)
