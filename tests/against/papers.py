"""Originals of examples/from_papers: run as they stand, and what was read of them."""

from __future__ import annotations

import json
import os
import runpy
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "papers.json"


@dataclass(frozen=True)
class Original:
    """Name of our example, the peer with its version, and the file of the peer's that it is a port of."""

    name: str
    peer: str
    path: str


def add(
    original: Original,
    changes: Mapping[str, str],
    folder: Path,
    read: Callable[[dict[str, Any]], dict[str, float]],
    seed: int,
) -> None:
    """Run an original with changes of its text, and store what `read` finds among its variables."""
    text = (folder / original.path).read_text(encoding="utf-8")
    for old, new in changes.items():
        if old not in text:
            raise SystemExit(f"{original.path} has no {old!r}")
        text = text.replace(old, new)
    os.environ["MPLBACKEND"] = "agg"
    where = (folder / original.path).parent.resolve()
    sys.path.insert(0, str(where))
    before = Path.cwd()
    os.chdir(where)
    try:
        with tempfile.TemporaryDirectory() as room:
            script = Path(room) / Path(original.path).name
            script.write_text(text, encoding="utf-8")
            found = read(runpy.run_path(str(script)))
    finally:
        os.chdir(before)
        sys.path.remove(str(where))
    stored = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    entry = stored.setdefault(original.name, {"peer": original.peer, "original": original.path, "runs": {}})
    entry["changes"] = dict(changes)
    entry["runs"][str(seed)] = {key: round(value, 6) for key, value in found.items()}
    FILE.write_text(json.dumps(dict(sorted(stored.items())), indent=1) + "\n", encoding="utf-8")
    print(original.name, seed, entry["runs"][str(seed)], flush=True)


def originals() -> list[str]:
    """Examples of ours whose originals have been run."""
    return list(json.loads(FILE.read_text(encoding="utf-8")))


def mean(name: str) -> dict[str, float]:
    """What was read of an original, the mean of its runs."""
    runs = json.loads(FILE.read_text(encoding="utf-8"))[name]["runs"].values()
    return {key: sum(run[key] for run in runs) / len(runs) for key in next(iter(runs))}
