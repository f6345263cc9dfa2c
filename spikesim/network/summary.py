"""A network as a table of text: who, how many, and what a run will take."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from .. import html
from ..grid import Grid
from ..machine import readable
from .background import Background
from .law import Law
from .memory import everywhere_bytes, expected_junctions, expected_synapses, predicted_bytes, ranks_wanted
from .probe import interval, recorded_traces, within

if TYPE_CHECKING:
    from .network import Network
    from .projection import Projection

__all__ = ["brief", "summary", "summary_html"]

Rows = list[tuple[str, ...]]
#: Memory of processes (bytes): what a core of a laptop, a core of a node, a node has.
MACHINES = (4e9, 16e9, 256e9)


def summary(network: Network, dt: float) -> str:
    """Return populations, projections, inputs, recordings and the memory of a run at step `dt` (ms)."""
    sections, last = _said(network, dt)
    return "\n".join([line for title, rows in sections.items() for line in (title, *_aligned(rows))] + [last])


def summary_html(network: Network, dt: float) -> str:
    """Return the same as HTML."""
    sections, last = _said(network, dt)
    return "\n".join(html.table(rows, caption=title) for title, rows in sections.items()) + f"<p>{html.text(last)}</p>"


def _said(network: Network, dt: float) -> tuple[dict[str, Rows], str]:
    """The rows under each title that has some, and the last line."""
    neurons = sum(population.size for population in network.populations.values())
    synapses = sum(map(expected_synapses, network.projections))
    sections: dict[str, Rows] = {
        f"Network (seed {network.seed}): {neurons:,} neurons, {synapses:,.0f} synapses expected": [
            (p.name, f"{p.size:,}", type(p.model).__name__) for p in network.populations.values()
        ],
        "Projections": _projections(network),
        "Gap junctions": [
            (
                c.name,
                f"{expected_junctions(c):,.0f}",
                repr(c.rule),
                "conductances of the matrix" if c.conductance is None else f"conductance {brief(c.conductance)} nS",
            )
            for c in network.couplings
        ],
        "Background": [
            (
                str(b.target),
                f"{b.target.size:,}",
                f"{brief(b.rate)} Hz{_window(b)}",
                f"weight {brief(b.weight)}",
                brief(b.synapse),
            )
            for b in network.backgrounds
        ],
        "Injected currents": [(str(i.target), f"{i.target.size:,}", brief(i.stimulus)) for i in network.injections],
        "Recorded": _recorded(network),
    }
    shown = {title: rows for k, (title, rows) in enumerate(sections.items()) if rows or k == 0}
    needed = readable(sum(predicted_bytes(network, dt).values()))
    memory = f"Memory of a run at dt = {dt:g} ms: about {needed} beside what is recorded{_recording(network, dt)}"
    return shown, memory + _ranks(network, dt)


def _ranks(network: Network, dt: float) -> str:
    """Return how many processes of how much memory a network wants, where it does not fit into a small one."""
    counts = [(ranks_wanted(network, dt, size), size) for size in MACHINES]
    if counts[0][0] == 1:
        return ""
    told = [f"{n:,} of {readable(size)}" for n, size in counts if n is not None]
    everywhere = readable(everywhere_bytes(network))
    return f"; with comm=, {everywhere} on every rank and the rest divided: {', '.join(told) or 'too much for any'}"


def _window(background: Background) -> str:
    """When a background is on, in words that follow its rate; nothing where it always is."""
    always = background.start == 0.0 and np.isinf(background.stop)
    return "" if always else f" in {background.start:g} ... {background.stop:g} ms"


def _projections(network: Network) -> Rows:
    rows: Rows = []
    for p in network.projections:
        count = f"{expected_synapses(p):,.0f}"
        weight = "weights of the matrix" if p.weight is None else f"weight {brief(p.weight)}"
        rows.append((p.name, count, repr(p.rule), weight, _delay(p), brief(p.synapse)))
        if any(q.plasticity for q in network.projections):
            rows[-1] += (brief(p.plasticity) if p.plasticity else "",)
        if any(q.release for q in network.projections):
            rows[-1] += (brief(p.release) if p.release else "",)
    return rows


def _delay(p: Projection) -> str:
    """How long spikes take, and what of that lies behind the synapse."""
    behind = f" ({p.dendritic_delay:g} dendritic)" if p.dendritic_delay else ""
    return f"delay {brief(p.delay)} ms{behind}"


def _recording(network: Network, dt: float) -> str:
    """Return what a recording takes, in words that follow "what is recorded"."""
    from ..record.layout import Layout, ProbeLayout
    from ..record.size import SPIKE_BYTES, recording_bytes

    if not (network.spike_targets or network.probes):
        return ""
    probes = [
        ProbeLayout(population.name, brief(variable), ids, round((every or dt) / dt) or 1)
        for population, variable, ids, every, _ in recorded_traces(network)
    ]
    layout = Layout(Grid(dt), 0, {p.name: p.size for p in network.populations.values()}, {}, tuple(probes))
    held, stored = (readable(sum(recording_bytes(layout, 1000.0, into).values())) for into in ("memory", "file"))
    spikes = f": {SPIKE_BYTES:g} B a spike"
    return f"{spikes}, {held} a second of model time ({stored} in a file)" if probes else spikes


def _recorded(network: Network) -> Rows:
    spikes: Rows = [
        (
            str(target),
            f"{target.size:,}",
            f"spikes{within(network.windows.get(target.populations[0].name, (0.0, math.inf)))}",
        )
        for target in network.spike_targets
    ]
    traces: Rows = [
        (
            str(p.target),
            f"{p.target.size:,}",
            f"{', '.join(map(brief, p.variables))} {interval(p.every)}{within(p.window)}",
        )
        for p in network.probes
    ]
    return spikes + traces


def brief(value: object) -> str:
    """Return a value in few characters: a number, the range of an array, a value without its defaults."""
    if isinstance(value, (float, str)):
        return f"{value:g}" if isinstance(value, float) else value
    if isinstance(value, np.ndarray):
        return f"{value.min():g} ... {value.max():g}" if value.size else "none"
    if isinstance(value, Law) or not dataclasses.is_dataclass(value):
        return repr(value)
    fields = [(f.name, getattr(value, f.name), f.default) for f in dataclasses.fields(value)]
    given = (f"{name}={brief(x)}" for name, x, default in fields if np.ndim(x) or x != default)
    return f"{type(value).__name__}({', '.join(given)})"


def _aligned(rows: Rows) -> list[str]:
    """Return the rows with their columns aligned, the second one, which counts, to the right."""
    columns = []
    for k, column in enumerate(zip(*rows)):
        width = max(map(len, column))
        columns.append([cell.rjust(width) if k == 1 else cell.ljust(width) for cell in column])
    return ["  " + "  ".join(row).rstrip() for row in zip(*columns)]
