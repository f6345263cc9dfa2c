"""Synapses where the loops want them: onto one port, by source and delay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .wiring import Wiring
from .wiring_loops import Space, arrange, place, segments

__all__ = ["Bundle", "build", "bundle", "empty"]


class Bundle(NamedTuple):
    """Synapses onto one port, by source and delay; a segment is what one spike delivers in one step.

    ========== ====================== ======================================================================
    port       int
    const      float                  weight of all, where `weight` is None
    source_ptr int64 (n_neurons + 1,) segments of source gid: source_ptr[gid] ... source_ptr[gid + 1] - 1
    seg_delay  int32|float64 (n_seg,) steps, or without a grid ms; ascending within a source
    seg_start  int64 (n_seg + 1,)     where the synapses of a segment start
    target     uint16|uint32 (n_syn,) column in the port's row; uint16 where a row has at most 65536 columns
    weight     None|float32|float64   (n_syn,)
    kernel     None|int               address of a kernel of its own that delivers it, or the one for its types
    ========== ====================== ======================================================================

    Within a segment synapses are in the order (wiring, target, j).
    """

    port: int
    const: float
    source_ptr: np.ndarray
    seg_delay: np.ndarray
    seg_start: np.ndarray
    target: np.ndarray
    weight: np.ndarray | None
    kernel: int | None = None


def empty(port: int, n_neurons: int) -> Bundle:
    """Return a bundle without synapses."""
    none = np.zeros(0, np.int32)
    return Bundle(
        port, 0.0, np.zeros(n_neurons + 1, np.int64), none, np.zeros(1, np.int64), none.astype(np.uint16), None
    )


def build(
    wirings: Sequence[Wiring], ports: Sequence[int], port_index: np.ndarray, n_neurons: int, lo: int, hi: int
) -> list[Bundle]:
    """Build the synapses whose target has a global id in [lo, hi) and a column in the row of its port.

    Parameters
    ----------
    wirings, ports : sequences
        Sorted by name; the port each one ends on.
    port_index : int32 array, shape (n_ports, hi - lo)
        Column of neuron lo + i in the row of a port, or -1.
    n_neurons : int
        Of the whole network.
    lo, hi : int

    Returns
    -------
    list of Bundle
        One for each (port, constant weight), and one for each (port, type of stored weights), in the order of
        their first wiring; without those that have no synapse. The loops run without the GIL: call it from
        one thread a range.
    """
    groups: dict[tuple[int, float | np.dtype], list[Wiring]] = {}
    for wiring, port in zip(wirings, ports):
        stored = np.dtype(wiring.weight_type)
        groups.setdefault((int(port), stored if wiring.constant is None else wiring.constant), []).append(wiring)
    bundles = [bundle(g, port, kind, port_index[port], n_neurons, lo, hi) for (port, kind), g in groups.items()]
    return [made for made in bundles if made is not None]


def bundle(
    group: list[Wiring],
    port: int,
    kind: float | np.dtype,
    column_of: np.ndarray,
    n_neurons: int,
    lo: int,
    hi: int,
) -> Bundle | None:
    """Build the synapses of wirings with the weight `kind`, or with weights stored as `kind`; None if there is none.

    ``column_of`` int32 (hi - lo,) is the column of each neuron in the row of the port, or -1.
    """
    targets = [np.flatnonzero((w.post_ids >= lo) & (w.post_ids < hi)) for w in group]
    targets = [t[column_of[w.post_ids[t] - lo] >= 0] for w, t in zip(group, targets)]
    if not any(t.size for t in targets):
        return None
    group = [w.own(t) for w, t in zip(group, targets)]
    space = Space.of(max(w.n_pre for w in group), max(w.plan.most for w in group))

    # a delay is a slot in the table of those that can occur
    steps = np.unique(np.concatenate([w.possible_delays() for w in group]))
    kept = np.float64 if steps.dtype == np.float64 else np.int32
    digits = 0 if steps.size == 1 else max(1, -(-int(steps.size - 1).bit_length() // 8))

    def room(n: int) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        target = np.empty(n, np.uint16 if int(column_of.max(initial=0)) < 65536 else np.uint32)
        slot = np.empty(n, np.uint8 if digits == 1 else np.int32) if digits else None
        return target, slot, np.empty(n, kind) if isinstance(kind, np.dtype) else None

    given = [
        (
            w.plan.recipe,
            w.delays(steps) if digits else None,
            w.weights if isinstance(kind, np.dtype) else None,
            w.pre_ids,
            t,
            column_of[w.post_ids[t] - lo].astype(np.int64),
            space,
        )
        for w, t in zip(group, targets)
    ]

    # pass 1: how many synapses each source has
    start = np.zeros(n_neurons + 1, np.int64)
    none = room(0)
    n = sum(place(True, *one, start[1:], *none) for one in given)
    if n == 0:
        return None
    longest = int(start.max())
    np.cumsum(start, out=start)

    # pass 2: every synapse to its source
    target, slot, weight = room(n)
    cursor = start[:-1].copy()
    for one in given:
        place(False, *one, cursor, target, slot, weight)

    # pass 3: the synapses of each source by delay
    if digits:
        copies = [a if a is None else np.empty(longest, a.dtype) for a in (target, slot, weight)]
        n_segments = arrange(start, digits, target, slot, weight, *copies)
        source_ptr = np.empty(n_neurons + 1, np.int64)
        seg_delay, seg_start = np.empty(n_segments, kept), np.empty(n_segments + 1, np.int64)
        segments(start, slot, steps.astype(kept), source_ptr, seg_delay, seg_start)
    else:
        used = np.flatnonzero(np.diff(start))
        source_ptr = np.searchsorted(used, np.arange(n_neurons + 1))
        seg_delay, seg_start = np.full(used.size, steps[0], kept), np.append(start[used], n)
    const = 0.0 if isinstance(kind, np.dtype) else kind
    return Bundle(port, const, source_ptr, seg_delay, seg_start, target, weight)
