"""Saving a simulation and going on: what a file must agree with."""

from __future__ import annotations

import hashlib
import os
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import InvalidTypeError, SpikesimWarning, StateError
from ..files import require_path
from ..grid import Grid
from ..network.background import Background
from ..network.described import (
    by_name,
    described,
    difference,
    made,
    network_of,
    plain,
    record_again,
    recorded,
)  # fmt: skip
from ..network.network import Network
from ..network.probe import Injection
from ..neurons.contract import VERBS as NEURON_VERBS
from ..plasticity.declared import VERBS as PLASTIC_VERBS
from ..program.listed import Listed
from ..program.program import Changes, Program
from ..record.versions import versions
from ..synapses.equations import VERBS as SYNAPSE_VERBS
from ..synapses.release import VERBS as RELEASE_VERBS
from . import checkpoint
from .engines import build
from .equations import fingerprint
from .protocol import Engine, restore, state
from .ranks import ALONE, Alone
from .state import State

__all__ = ["beside", "resume", "save"]

VERBS = tuple(dict.fromkeys((*PLASTIC_VERBS, *NEURON_VERBS, *RELEASE_VERBS, *SYNAPSE_VERBS)))


def beside(recording: str | os.PathLike[str]) -> Path:
    """Return where the state of a recording is kept: "run.h5" -> "run.state.h5"."""
    path = Path(recording)
    return path.with_name(f"{path.stem}.state{path.suffix or '.h5'}")


def save(engine: Engine, path: str | os.PathLike[str]) -> None:
    """Save the state of an engine, with the description that it belongs to."""
    program = engine.program
    header = {
        "engine": engine.name,
        "dt": [program.grid.fraction.numerator, program.grid.fraction.denominator],
        "seed": program.seed,
        "start": program.start,
        "tolerances": dict(engine.tolerances),
        "versions": versions(),
        "equations": equations(program.net),
    }
    description = {
        "network": described(program.net), "changes": _changes(program.changes), "recorded": recorded(program.net)
    }  # fmt: skip
    whole = state(engine)
    with engine.ranks.together("save"):
        if engine.ranks.rank == 0:
            checkpoint.write(path, header, description, whole)


def resume(path: str | os.PathLike[str], net: Network | None, threads: Any, ranks: Alone = ALONE) -> Engine:
    """Return an engine that goes on from a saved state.

    Raises
    ------
    StateError
        If `net` is another network: what differs first.
    FileFormatError
        If the file is no state.
    """
    with ranks.together("resume"):
        program, tolerances, saved = _read(path, net)
    engine = build(program, threads, tolerances, ranks)
    restore(engine, saved)
    return engine


def _read(path: str | os.PathLike[str], net: Network | None) -> tuple[Program, dict[str, float], State]:
    require_path("resume", path)
    where = _state_of(path)
    header, description, saved = checkpoint.read(where)
    if net is None:
        net = network_of(description["network"])
        record_again(net, description["recorded"])
    elif not isinstance(net, Network):
        raise InvalidTypeError(f"resume: wanted the network that was run, got {type(net).__name__}")
    found = difference(description["network"], described(net)) or difference(header["equations"], equations(net))
    if found:
        raise StateError(
            f"resume: {str(where)!r} is of another network; the first difference (saved and given): {found}"
        )
    now = versions()
    other = [f"{k} {v} (now {now.get(k)})" for k, v in header["versions"].items() if now.get(k) != v]
    if other:
        warnings.warn(
            f"resume: saved with {', '.join(other)}: the last bits of what follows may differ",
            SpikesimWarning,
            stacklevel=4,
        )
    grid = Grid(Fraction(*header["dt"]).numerator / Fraction(*header["dt"]).denominator)
    program = Program(net, grid, header["seed"], header["engine"] == "event", header["start"], _made(description, net))
    return program, header["tolerances"], saved


def equations(net: Network) -> dict[str, str]:
    """Return a hash of what the equations of all that has some do, by the name of its class."""
    found = {}
    declared: list[Any] = [p.model for p in net.populations.values()]
    declared += [p.plasticity for p in net.projections if p.plasticity is not None and p.plasticity.law is None]
    declared += [p.release for p in net.projections if p.release is not None]
    synapses = [p.synapse for p in net.projections] + [b.synapse for b in net.backgrounds]
    declared += [synapse for synapse in synapses if hasattr(synapse, "form")]
    for cls in {type(value) for value in declared}:
        verbs = [getattr(cls, verb) for verb in VERBS if getattr(cls, verb, None) is not None]
        found[cls.__name__] = hashlib.sha256(b"".join(fingerprint(verb) for verb in verbs)).hexdigest()[:32]
    return found


def _state_of(path: str | os.PathLike[str]) -> Path:
    """The state: that file itself, or beside the recording that it is."""
    own, other = Path(path), beside(path)
    return other if other.exists() and not own.name.endswith(".state.h5") else own


def _changes(changes: Changes) -> dict[str, Any]:
    return {
        "models": {name: plain(model) for name, model in changes.models.items()},
        "backgrounds": by_name(changes.backgrounds.values()),
        "injections": by_name(changes.injections.values()),
        "weights": {name: plain(weight) for name, weight in changes.weights.items()},
        "synapses": {name: listed._asdict() for name, listed in changes.synapses.items()},
        "noise_seed": changes.noise_seed,
        "held": list(changes.held),
    }


def _made(description: dict[str, Any], net: Network) -> Changes:
    given = description["changes"]
    kinds: tuple[tuple[str, Any], ...] = (("backgrounds", Background), ("injections", Injection))
    entries = {
        group: {name: kind(name=name, **{k: made(v, net) for k, v in e.items()}) for name, e in given[group].items()}
        for group, kind in kinds
    }
    models = {name: made(model, net) for name, model in given["models"].items()}
    synapses = {name: Listed(**lists) for name, lists in given.get("synapses", {}).items()}  # (older files lack it)
    return Changes(
        models=models,
        weights=given["weights"],
        synapses=synapses,
        noise_seed=given["noise_seed"],
        held=tuple(given["held"]),
        **entries,
    )
