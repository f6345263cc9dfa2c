"""The synapses onto the neurons of one worker: bundles of those that stay as they are, those with a release, those that
learn."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...jit.records import span
from ...program.bundles import Bundle, build, empty
from ..growing import Table
from ..releasing import Sources
from .entries import entry
from .learners import Learner
from .plastic import firing, scaling, to_all, transmission
from .records import AFTER, BUNDLE, LINEAR, LINEAR_PART, PLASTIC, RELEASE
from .release import releasing

if TYPE_CHECKING:
    from .build import Tables

__all__ = ["Wired"]

#: What a volley does not read, since it reaches nobody who is refractory.
UNREAD = (LINEAR.names or ()).index("t_ref")


class Wired:
    """The synapses onto one worker's neurons; long to make, and it releases the GIL.

    Parameters
    ----------
    tables : Tables
        Of the neurons.
    before : Wired, optional
        Of a program on the same wirings: what it has is kept.

    Attributes
    ----------
    bundles : list of Bundle
        Those of projections with a release behind the others, those of plastic ones last.
    learners : list of Learner
        Plastic projections.
    sources : list of Sources
        The sources of projections with a release, in the order of the releases.
    arrays : dict
        The tables "bundle", "release" and "plastic", made by `finish`.
    """

    bundles: list[Bundle]

    def __init__(self, tables: Tables, before: Wired | None = None) -> None:
        self.tables, plan = tables, tables.plan
        self.program, self.bundles = plan, []
        released = plan.released(plastic=False)
        self.learners = [self._learner(i, rule, before) for i, rule in plan.plastic.items()]
        if before is not None:
            self.bundles += before.bundles[: len(before.bundles) - len(before.learners)]
        else:
            self.bundles += self._built([i for i in range(len(plan.wirings)) if i not in (*plan.plastic, *released)])
            for i in released:
                self.bundles += self._built([i]) or [empty(plan.wiring_ports[i], plan.n)]
        self.bundles += [learner.bundle for learner in self.learners]
        self.last = [*released, *plan.plastic]  # projections that have a bundle of their own
        with_release = [plan.projections[i] for i in self.last if plan.projections[i].release is not None]
        self.sources = [Sources(p, plan, plan.grid.time(plan.start)) for p in with_release]

    def _built(self, some: Sequence[int]) -> list[Bundle]:
        plan, tables = self.program, self.tables
        wirings, ports = [plan.wirings[i] for i in some], [plan.wiring_ports[i] for i in some]
        return build(wirings, ports, tables.port_index, plan.n, tables.lo, tables.hi) if some else []

    def _learner(self, i: int, rule: object, before: Wired | None) -> Learner:
        plan, tables = self.program, self.tables
        for known in [] if before is None else before.learners:
            if known.wiring is plan.wirings[i]:
                learner = copy.copy(known)
                learner.program = plan
                learner.set_rule(rule)
                return learner
        port, column = plan.wiring_ports[i], np.full(plan.n, -1, np.int32)
        column[tables.lo : tables.hi] = tables.port_index[port]
        start = plan.grid.time(plan.start)
        share = plan.projections[i].dendritic_delay
        return Learner(plan.wirings[i], plan, rule, port, column, tables.n, start, share)

    def finish(self, par: np.ndarray) -> None:
        """Make `arrays`; par: the parameters of neurons."""
        first, plan = len(self.bundles) - len(self.last), self.program
        numbers = {i: r for r, i in enumerate(j for j in self.last if plan.projections[j].release is not None)}
        self._volleys: list[str] = []
        table = Table(BUNDLE)
        for b, bundle in enumerate(self.bundles):
            volley, shared = self._volley(bundle, par)
            self._volleys.append(f"volley {volley}")
            weight = np.zeros(0) if bundle.weight is None else bundle.weight
            table.add(
                source_ptr=span(bundle.source_ptr), seg_delay=span(bundle.seg_delay), seg_start=span(bundle.seg_start),
                target=span(bundle.target), weight=span(weight), constant=bundle.const,
                wide=bundle.target.dtype == np.uint32, double=weight.dtype == np.float64, port=bundle.port,
                shared=shared, release=numbers.get(self.last[b - first], -1) if b >= first else -1,
                plastic=max(b - len(self.bundles) + len(self.learners), -1),
            )  # fmt: skip
        self._back = [(number, learner.back()) for number, learner in enumerate(self.learners) if learner.late]
        for number, bundle in self._back:  # the ways of spikes of targets to synapses that are told late
            table.add(
                source_ptr=span(bundle.source_ptr), seg_delay=span(bundle.seg_delay), seg_start=span(bundle.seg_start),
                target=span(bundle.target), weight=span(np.zeros(0)), wide=True, port=bundle.port, shared=-1,
                release=-1, plastic=number, after=AFTER,
            )  # fmt: skip
            self._volleys.append("volley any")
        release, at = Table(RELEASE), 0
        for sources in self.sources:
            release.add(
                index=span(sources.index), parameters=span(sources.table), own=len(sources.table) > 1,
                columns=sources.table.shape[1], at=at, width=sources.start.shape[1], a=sources.stream.a,
                b=sources.stream.b,
            )  # fmt: skip
            at += sources.start.size
        plastic, self.sizes = Table(PLASTIC), dict.fromkeys(("synapses", "sources", "targets"), 0)
        for learner in self.learners:
            stands = {f"at_{name[:-1]}": size for name, size in self.sizes.items()}
            plastic.add(**stands, **learner.record(self.tables.parts))
            self.sizes = {name: size + learner.sizes[name] for name, size in self.sizes.items()}
        self.arrays = {"bundle": table.array(), "release": release.array(), "plastic": plastic.array()}

    def _volley(self, bundle: Bundle, par: np.ndarray) -> tuple[str, int]:
        """How the spikes of a bundle arrive, and a part that stands for all its targets (-1: none does)."""
        tables = self.tables
        part, port_at = tables.part, tables.port_at
        reached = [k for k in range(len(part)) if port_at[k, bundle.port] >= 0]
        if not reached:
            return "any", -1
        d = part[reached[0]]
        same = (
            "states", "jump", "width", "keep", "step", "lines", "sines", "refractory", "resets", "parameters",
            "running",
        )  # fmt: skip
        own = np.concatenate([tables.par_at[part[k]["first"] :][: part[k]["n"]] for k in reached])
        ports = tables.ports_of(reached[0])
        for k in reached:
            other = part[k]
            if (
                other["kind"] != LINEAR_PART
                or other["drive_lo"] != other["drive_hi"]
                or any(other[name] != d[name] for name in same)
                or (other["train_lo"] < other["train_hi"]) != (d["train_lo"] < d["train_hi"])
                or np.any(port_at[k] != port_at[reached[0]])
                or tables.ports_of(k).tobytes() != ports.tobytes()
            ):
                return "any", -1
        numbers = par[np.unique(own)[:, None] + np.delete(np.arange(d["parameters"]), UNREAD)]
        if np.any(numbers != numbers[0]) or d["keep"] >= 0 or par[own[0]] <= 0.0:
            return "any", -1
        if not ports.size:
            return "leak", reached[0]
        if all(ports["stages"] == 1):
            return "currents", reached[0]
        return "any", -1

    def link(self) -> None:
        """Write the addresses of the kernels; compiled now, where they are not on disk."""
        for row, name in zip(self.arrays["bundle"], self._volleys):
            row["volley"] = entry(name)
        for row, sources in zip(self.arrays["release"], self.sources):
            row["kernel"] = releasing(sources.key)
        learning = self.arrays["bundle"][len(self.bundles) - len(self.learners) :]
        for row, bundle, learner in zip(self.arrays["plastic"], learning, self.learners):
            bundle["transmit"] = transmission(learner.key, learner.kind)
            row["fire"] = firing(learner.key, learner.kind)
            row["event"] = to_all(learner.key, learner.kind, "on_event") if learner.evented else 0
            if learner.pace:
                own = learner.law is None
                row["step"] = (
                    to_all(learner.key, learner.kind, "on_step") if own else scaling(learner.columns["synapses"])
                )
        for row in self.arrays["bundle"][len(self.bundles) :]:
            row["transmit"] = entry("feel")
