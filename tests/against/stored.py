"""Reference networks as values: a small recipe, what a peer made of it, and the file both live in.

A :class:`Recipe` says everything a simulator needs (cells, spike trains, currents, every single synapse with
its weight and delay), so the peer that wrote the file and the spikesim test that reads it run the same
network.  Times are integers of steps wherever the grid matters; weights, currents and potentials are float64.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parent / "data"
_ARRAYS = ("trains", "inputs", "recurrent")


@dataclass(frozen=True)
class Synapses:
    """One synapse a row: source, target, weight (peer's unit), delay in steps; duplicates are multapses."""

    pre: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    post: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    weight: np.ndarray = field(default_factory=lambda: np.zeros(0))
    delay: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float, int]]) -> Synapses:
        """Synapses from rows (pre, post, weight, delay in steps)."""
        pre, post, weight, delay = zip(*rows)
        return cls(np.array(pre), np.array(post), np.array(weight, float), np.array(delay))

    def where(self, keep: np.ndarray) -> Synapses:
        """The rows that `keep` marks."""
        return Synapses(*(getattr(self, f.name)[keep] for f in fields(self)))


@dataclass(frozen=True)
class Recipe:
    """A network of one population of `size` cells of one model, its input, and how long to run it.

    `model` and `cell` are in the peer's names (NEST's); `initial` has the states that do not start at the
    model's own rest. `trains` are the spike steps of the sources, `inputs` the synapses from sources to
    cells, `recurrent` those among the cells. `current` has a row (step, pA) a change, for all cells: V
    feels it from the next step on. `traced` are the cells whose V is stored at every `stride`-th step.
    """

    name: str
    model: str
    dt: float
    steps: int
    cell: Mapping[str, float]
    size: int = 1
    initial: Mapping[str, list[float]] = field(default_factory=dict)
    trains: tuple[np.ndarray, ...] = ()
    inputs: Synapses = field(default_factory=Synapses)
    recurrent: Synapses = field(default_factory=Synapses)
    current: tuple[tuple[int, float], ...] = ()
    traced: tuple[int, ...] = (0,)
    stride: int = 1


@dataclass(frozen=True)
class Reference:
    """A recipe and the peer's answer: V of shape (samples, traced), spike steps and the cells' ids."""

    recipe: Recipe
    v: np.ndarray
    spike_steps: np.ndarray
    spike_ids: np.ndarray


def save(path: Path, references: Iterable[Reference], **provenance: str) -> None:
    """Write references and where they come from (peer, version) to one compressed npz file."""
    arrays: dict[str, np.ndarray] = {"provenance": np.array(json.dumps(provenance))}
    for ref in references:
        r = ref.recipe
        plain = {f.name: getattr(r, f.name) for f in fields(r) if f.name not in _ARRAYS}
        arrays[f"{r.name}/recipe"] = np.array(json.dumps(plain))
        for i, train in enumerate(r.trains):
            arrays[f"{r.name}/train/{i}"] = _small(train)
        for group in ("inputs", "recurrent"):
            for f in fields(Synapses):
                arrays[f"{r.name}/{group}/{f.name}"] = _small(getattr(getattr(r, group), f.name))
        arrays[f"{r.name}/v"] = ref.v
        arrays[f"{r.name}/spike_steps"] = _small(ref.spike_steps)
        arrays[f"{r.name}/spike_ids"] = _small(ref.spike_ids)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def load(name: str) -> dict[str, Reference]:
    """All references of the file data/`name`.npz, by name of recipe."""
    with np.load(DATA / f"{name}.npz") as file:
        names = [key.removesuffix("/recipe") for key in file.files if key.endswith("/recipe")]
        return {name: _read(file, name) for name in names}


def _read(file: Any, name: str) -> Reference:
    plain: dict[str, Any] = json.loads(str(file[f"{name}/recipe"]))
    for listed in ("traced", "current"):
        plain[listed] = tuple(tuple(x) if isinstance(x, list) else x for x in plain[listed])
    groups = {
        group: Synapses(*(file[f"{name}/{group}/{f.name}"] for f in fields(Synapses)))
        for group in ("inputs", "recurrent")
    }
    count = sum(k.startswith(f"{name}/train/") for k in file.files)
    trains = tuple(file[f"{name}/train/{i}"] for i in range(count))
    return Reference(
        Recipe(**plain, **groups, trains=trains),
        file[f"{name}/v"],
        file[f"{name}/spike_steps"],
        file[f"{name}/spike_ids"],
    )


def _small(values: np.ndarray) -> np.ndarray:
    """Whole numbers in 32 bits: half the file, and no digit is lost."""
    return values.astype(np.int32) if np.issubdtype(values.dtype, np.integer) else values
