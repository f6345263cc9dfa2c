"""Weights that change at spikes, from event to event (the equations: `plasticity.declared`, reached as in `rules`).

What decays is kept as it was at its last change, and when that was: a synapse whose neurons are silent costs nothing,
and an event at t finds exp(-(t - when) / tau) of it, exactly.  Side by side stand, in `synapses` what a synapse holds
(see `held`), in `sources` the traces of a segment (one source, one delay) and when, in
`targets` those of a neuron and when.

Each neuron's synapses see its events in order of time.  Before spikes that arrive at t are told to the synapses of a
segment, all its targets do what they do before t (`ready`), and their spikes are told to their synapses (`tell`).  So a
spike of a target finds the traces of all sources as they were at its time, whatever the order in which neurons are
served.  States that a rule reads at arrivals are kept behind the traces of the target, as they are then (`watch`).

Where a share d of the delay D is dendritic, the rule has an arrival at D - d and a spike of the target at d.  All of it
is done d later: an arrival when it reaches the soma, which so transmits the weight that it found at the synapse, and a
spike 2 d after it came.  It flies back until then, as in a bundle of its own, whose arrivals are those at the synapses
(`feel`), behind all others at the same time.
"""

from __future__ import annotations

import functools

import numpy as np

from ...jit import call_kernel, compiled, kernel_address, prefetch, view
from ...jit.records import floats, ints, struct, table
from ..rules import (
    active_of,
    after_arrival,
    after_event,
    after_spike,
    after_step,
    decayed,
    left_by_arrival,
    left_by_spike,
    put,
    registered,
    seen,
    sizes,
    taken,
    times,
    within,
)
from ..scaling import scale
from .held import columns as columns_of
from .held import variables, waiting, write
from .propagate import counts, record, running
from .records import BUNDLE, FULL, LEARNT, PART, PLASTIC, WORKER, head

__all__ = ["feel", "firing", "give", "ready", "scaling", "tell", "to_all", "transmission"]

AHEAD = 8  # synapses of a spike for whose memory is asked ahead of time
TO_ALL = "int64(int64,int64,float64,float64)"  # worker, projection, time (ms), amount


@compiled
def tell(w_at, w):
    """Let all synapses know of the spikes in the log that they do not know of, but those that are told late."""
    r = running(w)
    if r.told < r.logged:
        ids_at, times_at, n = w.log_id.at + 8 * r.told, w.log_time.at + 8 * r.told, r.logged - r.told
        for number, rule in enumerate(table(w.plastic, PLASTIC)):
            if rule.late == 0.0:
                call_kernel(rule.fire, (np.int64(w_at), np.int64(number), ids_at, times_at, n))
        r.told = r.logged


def feel(w_at, b, lo, n, t, at):
    """Tell synapses at t of the spikes of their targets lo ... hi - 1; nothing arrives at a neuron."""
    w = struct(w_at, WORKER)
    bundle = table(w.bundle, BUNDLE)[b]
    target = view(bundle.target.at, bundle.target.n, np.uint32)
    ids, times = ints(w.target)[at : at + n], floats(w.arrived)[at : at + n]
    for j in range(n):
        ids[j], times[j] = target[lo + j], t
    rule = table(w.plastic, PLASTIC)[bundle.plastic]
    call_kernel(rule.fire, (w_at, bundle.plastic, w.target.at + 8 * at, w.arrived.at + 8 * at, n))
    counts(w).events -= n  # (they are no synaptic events)
    return at


def ready(w_at, b, lo, hi, t):
    """Let the targets of the synapses lo ... hi - 1 of a plastic bundle do what they do before t.

    Where the log is full it stops, and is called again.
    """
    w = struct(w_at, WORKER)
    bundle, part, part_of = table(w.bundle, BUNDLE)[b], table(w.part, PART), ints(w.part_of)
    target = view(bundle.target.at, bundle.target.n, np.uint32)
    for j in range(lo, hi):
        i = np.int64(target[j])
        if head(record(w, i)).next < t:
            call_kernel(part[part_of[i]].catch, (np.int64(w_at), i, t))
            if running(w).status == FULL:
                return 0
    tell(w_at, w)
    rule = table(w.plastic, PLASTIC)[bundle.plastic]
    if rule.reads > 0:
        for j in range(lo, hi):
            watch(w_at, w, rule, np.int64(target[j]), t)
    return 0


@compiled
def watch(w_at, w, rule, i, t):
    """Keep the states of neuron i that a rule reads as they are at t, before anything arrives there."""
    k, x, looked, columns = ints(w.part_of)[i], record(w, i), floats(w.looked), ints(rule.watched)
    for c in range(x.size):
        looked[c] = x[c]
    call_kernel(table(w.part, PART)[k].bring, (np.int64(w_at), i, w.looked.at, t))
    seen = floats(w.targets)[rule.at_target + i * rule.of_target + rule.seen_at :]
    for r in range(rule.reads):
        seen[r] = looked[columns[k * rule.reads + r]]


@functools.cache
def transmission(key: str, kind: int) -> int:
    """Return the address of what gathers arrivals of a bundle that learns by the rule of this key, as `decode` does.

    kind: what its synapses hold, see `held`.
    """
    n_s, n_pre, n_post, n_p = sizes(key)
    kept, columns = registered[key].traces["pre"], columns_of(kind, n_s)

    def transmit(w_at, b, lo, n, t, at):
        w = struct(w_at, WORKER)
        bundle = table(w.bundle, BUNDLE)[b]
        rule, state = table(w.plastic, PLASTIC)[bundle.plastic], table(w.learnt, LEARNT)[bundle.plastic]
        shared, frozen = waiting(kind, rule, state, t), state.frozen != 0
        target = view(bundle.target.at, bundle.target.n, np.uint32)
        g, port, low, high = running(w).segment, bundle.port, rule.w_min, rule.w_max
        ids, strengths = ints(w.target)[at : at + n], floats(w.weight)[at : at + n]
        arrived, ports = floats(w.arrived)[at : at + n], ints(w.to_port)[at : at + n]
        factor = floats(w.factor)[running(w).flight] if bundle.release >= 0 else 1.0
        p = seen(key, "parameters", taken(n_p, floats(rule.parameters), 1, 0))
        rates = floats(rule.rates)
        of_s, of_post = taken(n_s, rates, 1, 0), taken(n_post, rates, 1, n_s + n_pre)
        source = floats(w.sources)[rule.at_source + g * (n_pre + 1) :]
        since = t - source[n_pre]
        pre = seen(key, "pre", times(taken(n_pre, source, 1, 0), decayed(taken(n_pre, rates, 1, n_s), since)))
        synapses, targets = floats(w.synapses)[rule.at_synapse :], floats(w.targets)[rule.at_target :]
        left = taken(n_pre, source, 1, 0)
        for j in range(n):
            i = np.int64(target[lo + j])
            k, c = (lo + j) * columns, i * (n_post + 1)
            old = variables(kind, n_s, synapses, k, t, of_s, shared)
            post = seen(key, "post", times(taken(n_post, targets, 1, c), decayed(of_post, t - targets[c + n_post])))
            s = seen(key, "synapse", old)
            new = after_arrival(key, s, pre, post, p)
            left = left_by_arrival(key, s, pre, post, p)
            write(kind, n_s, synapses, k, t, within(new, old, low, high, frozen), shared)
            ids[j], strengths[j], arrived[j], ports[j] = i, factor * old[0], t, port
        if lo + n == ints(bundle.seg_start)[g + 1]:
            put(kept, source, 1, 0, left)
            source[n_pre] = t
        return at + n

    return kernel_address(transmit, "int64(int64,int64,int64,int64,float64,int64)")


@functools.cache
def firing(key: str, kind: int) -> int:
    """Return the address of what n spikes do to the synapses onto their neurons; addresses of who fired, and when."""
    n_s, n_pre, n_post, n_p = sizes(key)
    kept, columns = registered[key].traces["post"], columns_of(kind, n_s)

    def fire(w_at, number, ids_at, times_at, n):
        w = struct(w_at, WORKER)
        rule, state = table(w.plastic, PLASTIC)[number], table(w.learnt, LEARNT)[number]
        frozen = state.frozen != 0
        fired, when, ptr = view(ids_at, n, np.int64), view(times_at, n, np.float64), ints(rule.ptr)
        synapse = view(rule.synapse.at, rule.synapse.n, np.uint32)
        segment = view(rule.segment.at, rule.segment.n, np.uint32)
        low, high = rule.w_min, rule.w_max
        p = seen(key, "parameters", taken(n_p, floats(rule.parameters), 1, 0))
        rates = floats(rule.rates)
        of_s, of_pre = taken(n_s, rates, 1, 0), taken(n_pre, rates, 1, n_s)
        of_post = taken(n_post, rates, 1, n_s + n_pre)
        synapses, sources = floats(w.synapses)[rule.at_synapse :], floats(w.sources)[rule.at_source :]
        targets = floats(w.targets)[rule.at_target :]
        for q in range(n):
            i, t = fired[q], when[q]
            first, last = ptr[i], ptr[i + 1]
            if first == last:
                continue
            c = i * (n_post + 1)
            post = seen(key, "post", times(taken(n_post, targets, 1, c), decayed(of_post, t - targets[c + n_post])))
            left, shared = taken(n_post, targets, 1, c), waiting(kind, rule, state, t)
            for m in range(first, last):
                if m + AHEAD < last:
                    prefetch(synapses, np.int64(synapse[m + AHEAD]) * columns)
                    prefetch(sources, np.int64(segment[m + AHEAD]) * (n_pre + 1))
                k, g = np.int64(synapse[m]) * columns, np.int64(segment[m]) * (n_pre + 1)
                old = variables(kind, n_s, synapses, k, t, of_s, shared)
                s = seen(key, "synapse", old)
                pre = seen(key, "pre", times(taken(n_pre, sources, 1, g), decayed(of_pre, t - sources[g + n_pre])))
                new = after_spike(key, s, pre, post, p)
                left = left_by_spike(key, s, pre, post, p)
                write(kind, n_s, synapses, k, t, within(new, old, low, high, frozen), shared)
            put(kept, targets, 1, c, left)
            targets[c + n_post] = t
        return 0

    return kernel_address(fire, "int64(int64,int64,int64,int64,int64)")


@functools.cache
def to_all(key: str, kind: int, verb: str) -> int:
    """Return the address of what is done to all synapses at t; all before t has happened.

    `verb`: "on_event", a third factor of an amount; "on_step", `amount` ms have passed.
    """
    n_s, n_pre, n_post, n_p = sizes(key)
    columns, stepped = columns_of(kind, n_s), verb == "on_step"
    after = after_step if stepped else after_event

    def happen(w_at, number, t, amount):
        w = struct(w_at, WORKER)
        rule, state = table(w.plastic, PLASTIC)[number], table(w.learnt, LEARNT)[number]
        shared, frozen = waiting(kind, rule, state, t), state.frozen != 0
        ptr = ints(rule.ptr)
        synapse = view(rule.synapse.at, rule.synapse.n, np.uint32)
        segment = view(rule.segment.at, rule.segment.n, np.uint32)
        low, high = rule.w_min, rule.w_max
        p = seen(key, "parameters", taken(n_p, floats(rule.parameters), 1, 0))
        rates = floats(rule.rates)
        of_s, of_pre = taken(n_s, rates, 1, 0), taken(n_pre, rates, 1, n_s)
        of_post = taken(n_post, rates, 1, n_s + n_pre)
        synapses, sources = floats(w.synapses)[rule.at_synapse :], floats(w.sources)[rule.at_source :]
        targets = floats(w.targets)[rule.at_target :]
        for i in range(ptr.size - 1):
            c = i * (n_post + 1)
            post = seen(key, "post", times(taken(n_post, targets, 1, c), decayed(of_post, t - targets[c + n_post])))
            if stepped and not active_of(key, post, p) > 0.0:
                continue
            for m in range(ptr[i], ptr[i + 1]):
                k, g = np.int64(synapse[m]) * columns, np.int64(segment[m]) * (n_pre + 1)
                old = variables(kind, n_s, synapses, k, t, of_s, shared)
                pre = seen(key, "pre", times(taken(n_pre, sources, 1, g), decayed(of_pre, t - sources[g + n_pre])))
                new = after(key, seen(key, "synapse", old), pre, post, p, amount)
                write(kind, n_s, synapses, k, t, within(new, old, low, high, frozen), shared)
        return 0

    return kernel_address(happen, TO_ALL)


@functools.cache
def scaling(columns: int) -> int:
    """Return the address of what scales the weights onto each target to a sum, as `to_all`."""

    def happen(w_at, number, t, amount):
        w = struct(w_at, WORKER)
        rule = table(w.plastic, PLASTIC)[number]
        if table(w.learnt, LEARNT)[number].frozen == 0:
            weight, synapse = floats(w.synapses)[rule.at_synapse :], view(rule.synapse.at, rule.synapse.n, np.uint32)
            scale(weight, np.int64(columns), ints(rule.ptr), synapse, rule.w_total, rule.w_min, rule.w_max)
        return 0

    return kernel_address(happen, TO_ALL)


@compiled
def give(kernel, w_at, number, t, amount):
    """Call what is done `to_all`."""
    return call_kernel(kernel, (w_at, number, t, amount))
