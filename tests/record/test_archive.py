"""Files of released versions are read by every later one.  Truth: what the same run left in memory, then."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from spikesim.record import load

ARCHIVE = Path(__file__).parent / "archive"
sys.path.insert(0, str(ARCHIVE))
FILES = sorted(ARCHIVE.glob("*/*.h5.gz"))


def test_every_release_is_there() -> None:
    assert {path.parent.name for path in FILES} >= {"0.1.0"} and len(FILES) >= 3


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_read(file: Path, tmp_path: Path) -> None:
    from make import truth

    path = tmp_path / "run.h5"
    path.write_bytes(gzip.decompress(file.read_bytes()))
    result = load(path)
    assert json.loads(json.dumps(truth(result))) == json.loads(
        file.with_name(file.name.replace(".h5.gz", ".json")).read_text("utf-8")
    )
    assert result.stats["interrupted"] is ("cut" in file.name)
    assert len(result.spikes[next(iter(result.spikes))].times) > 0
