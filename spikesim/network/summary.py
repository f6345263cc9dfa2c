"""How large a network will be: expected synapses, and the bytes a run takes, before anything is built.

=================== ====================================================================================================
a synapse           2 bytes for its target (4 beyond 65,536 targets) + 0 for one weight of all, 4 drawn, 8 listed
a segment           12 bytes for each (source, delay) that has synapses
a neuron            8 bytes for each state, parameter that differs, and filter state of its ports; input in flight: a row
                    of 8 bytes a port for each step of the shortest delay
=================== ====================================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..neurons.contract import Parameter
from ..random import key
from ..synapses.contract import Synapse
from .population import parameters
from .projection import shared
from .rules import FixedOutdegree, FixedTotal, FromPairs

if TYPE_CHECKING:
    from .network import Network
    from .population import Population
    from .projection import Projection

__all__ = ["expected_synapses", "ports", "predicted_bytes", "readable", "summary"]


def expected_synapses(projection: Projection) -> float:
    """Return the expected number of synapses of a projection, without drawing or sorting any."""
    rule, n_pre, n_post = projection.rule, projection.pre.size, projection.post.size
    if isinstance(rule, FixedTotal):
        return float(rule.n)
    if isinstance(rule, FixedOutdegree):
        return float(rule.k) * n_pre
    if isinstance(rule, FromPairs):
        return float(rule.pre.size)
    own = np.full(n_post, -1, np.int64)  # who they are is of no matter for the sum, only how many stand on both sides
    own[: shared(projection.pre, projection.post)] = 0
    return float(rule.plan(n_pre, n_post, own, key(0)).expected.sum())


def ports(network: Network, population: Population) -> list[Synapse]:
    """Return the distinct synapse values that are connected to a population."""
    found: dict[Synapse, None] = {}
    for projection in network.projections:
        if population in projection.post.populations:
            found[projection.synapse] = None
    for background in network.backgrounds:
        if population in background.target.populations:
            found[background.synapse] = None
    return list(found)


def predicted_bytes(network: Network, dt: float = 0.1) -> dict[str, float]:
    """Return the bytes that a run keeps in memory, by what they are for: projections by name, and "neurons"."""
    items = {projection.name: _synapse_bytes(projection, dt) for projection in network.projections}
    rows = 0.0
    for population in network.populations.values():
        numbers = 1 + (0 if population.is_source else len(population.model.states))
        numbers += sum(np.ndim(value) == 1 or isinstance(value, Parameter) for value in parameters(population.model).values())
        for synapse in ports(network, population):
            numbers += len(synapse.matrix) + max(1, _shortest_delay(network, dt))
        rows += 8.0 * numbers * population.size
    return {**items, "neurons": rows}


def _synapse_bytes(projection: Projection, dt: float) -> float:
    n = expected_synapses(projection)
    target = 2 if projection.post.size <= 65536 else 4
    weight = 0 if isinstance(projection.weight, float) else 4
    if isinstance(projection.weight, np.ndarray) and not np.array_equal(projection.weight.astype(np.float32), projection.weight):
        weight = 8
    return n * (target + weight) + 12.0 * min(n, projection.pre.size * _distinct_delays(projection, dt))


def _distinct_delays(projection: Projection, dt: float) -> float:
    delay = projection.delay
    if isinstance(delay, float):
        return 1.0
    if isinstance(delay, np.ndarray):
        return float(np.unique(np.rint(delay / dt)).size)
    ends = delay.law[1] + np.array([-4.0, 4.0]) * delay.law[2]
    if delay.law[0] == 3.0:  # log-normal
        ends = np.exp(ends)
    low, high = max(float(ends[0]), delay.low, dt), min(float(ends[1]), delay.high)
    return max(1.0, (high - low) / dt + 1.0)


def _shortest_delay(network: Network, dt: float) -> int:
    shortest = math.inf
    for projection in network.projections:
        delay = projection.delay
        low = delay.low if isinstance(delay, Parameter) else np.min(delay, initial=math.inf)  # type: ignore[attr-defined]
        shortest = min(shortest, max(float(low), dt))
    return round(shortest / dt) if math.isfinite(shortest) else 1


def readable(size: float) -> str:
    """Return a number of bytes in the unit that fits: "4.2 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def summary(network: Network, dt: float) -> str:
    """Return the network as a table of text."""
    neurons = sum(population.size for population in network.populations.values())
    lines = [f"Network (seed {network.seed}): {neurons:,} neurons, {len(network.populations)} populations"]
    lines += _table((f"  {p.name}", f"{p.size:,}", type(p.model).__name__) for p in network.populations.values())
    bytes_of = predicted_bytes(network, dt)
    if network.projections:
        total = sum(map(expected_synapses, network.projections))
        lines.append(f"Projections: {_about(total)} synapses expected")
        lines += _table(
            (f"  {p.name}", _about(expected_synapses(p)), repr(p.rule), _weight(p.weight), _delay(p.delay), repr(p.synapse))
            for p in network.projections
        )
    if network.backgrounds:
        lines.append("Background: Poisson trains")
        lines += _table(
            (f"  {b.target}", f"{_span(b.rate)} Hz", f"weight {b.weight:g}", repr(b.synapse)) for b in network.backgrounds
        )
    if network.injections:
        lines.append("Injected currents")
        lines += _table((f"  {i.target}", type(i.stimulus).__name__) for i in network.injections)
    if network.spike_targets or network.probes:
        lines.append("Recorded")
        lines += _table((f"  {target}", f"{target.size:,}", "spikes") for target in network.spike_targets)
        lines += _table(
            (
                f"  {p.target}",
                f"{p.target.size:,}",
                ", ".join(map(str, p.variables)),
                "each step" if p.every is None else f"every {p.every:g} ms",
            )
            for p in network.probes
        )
    lines.append(f"Memory of a run at dt = {dt:g} ms: about {readable(sum(bytes_of.values()))}, without what is recorded")
    return "\n".join(lines)


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Align the columns of rows of text."""
    rows = list(rows)
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))] if rows else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def _about(n: float) -> str:
    return f"{n:,.0f}"


def _span(value: object) -> str:
    """One number, the range of an array, or a distribution, in few characters."""
    if isinstance(value, np.ndarray):
        return f"{value.min():g}..{value.max():g}" if value.size else "none"
    return f"{value:g}" if isinstance(value, float) else repr(value)


def _weight(value: object) -> str:
    return f"weight {_span(value)}"


def _delay(value: object) -> str:
    return f"delay {_span(value)} ms"
