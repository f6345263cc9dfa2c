"""The tables a worker runs on: arrays only, no names left to look up.

A worker owns the neurons lo <= gid < hi.  A part is the stretch of one population that it owns.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numba import types

from ...jit import looks_up, view, view2

#: Kinds of part.
LINEAR, FLOW, POISSON, TIMES = 0, 1, 2, 3

# columns of `part`
(
    KIND,
    STEP,  # address of the kernel that advances it
    SIZE,
    FIRST_ID,  # gid of the first neuron
    STATE,  # x offset of the first state row; row r at STATE + r SIZE
    STATES,
    REFRACTORY,  # offset into refractory
    T_REF,  # offset into t_ref (steps), one value or one a neuron
    T_REF_VECTOR,
    UPDATE_LO,  # ops that fill the scratch: new states (LINEAR) or current and conductance (FLOW)
    UPDATE_HI,
    FILTER_LO,  # ops that advance the synaptic filters in place
    FILTER_HI,
    MARGIN_LO,  # ops that put a general margin into the scratch; none: margin is v - V_th
    MARGIN_HI,
    V,  # which state Delta synapses move and V_th is compared with
    THRESHOLD,  # offset into coef
    THRESHOLD_VECTOR,
    RESET,  # offset into coef: states x (states + 1) entries of s -> R s + r, row by row
    RESET_STRIDE,  # 1, or SIZE where each neuron has its own
    CLAMPED,  # bit r: state r is held while refractory
    HELD,  # 1: states that are not clamped step differently while v is held (rows STATES.. of the scratch)
    DELTA,  # x offset of the row of jumps, -1 none
    KEEP,  # x offset of the row of jumps that refractoriness keeps, -1 none
    KEEP_FACTOR,  # offset into coef
    DRIVEN,  # 1: has external input
    KERNEL,  # address of the flow kernel
    SHARED,  # offset into coef: parameters of the flow kernel
    VECTOR,  # offset into coef: vector parameters, rows of SIZE
    BACKGROUND_LO,
    BACKGROUND_HI,
    EVENT,  # TIMES: next entry of event_step
    EVENT_END,
    SOURCE,  # POISSON: its row in `background`
    GATHER,  # FLOW: address of the kernel that sums its input and advances its filters, 0: by operations
    FUSED,  # offset into coef of what `fused` needs
    FILTER,  # x offsets of its filter rows
    FILTER_2,
    FILTER_3,
    PART_COLUMNS,
) = range(40)

# columns of `background`: a Poisson train a neuron, into a row of x (or, for a source, out as spikes)
(
    BG_ROW,  # x offset at the part's first neuron
    BG_FIRST,  # index of the first neuron in the stream
    BG_GROUP,  # offset into `rate_group`, -1: one rate for all
    BG_CLASS,  # its class, or the first of them
    BG_WEIGHT,  # offset into coef
    BG_JUMP,  # 1: arrives with Delta
    BG_COLUMNS,
) = range(7)

# columns of `probe`: rows of values sampled every so often
(
    PR_INDEX,  # offset into `probe_index`
    PR_COUNT,
    PR_EVERY,
    PR_TERM_LO,
    PR_TERM_HI,
    PR_OUT,  # address of float64 (rows, stride)
    PR_STRIDE,
    PR_FROM,  # sample number of the first row
    PR_COLUMNS,
) = range(9)

# columns of `noise`: current held for an interval
(
    NO_ROW,
    NO_SIZE,
    NO_PERIOD,
    NO_INDEX,  # offset into `noise_index`
    NO_LAW,  # offset into coef: mean, then sd, one a neuron
    NO_COLUMNS,
) = range(6)

# entries of `entry`: the kernels that the step loop calls by address; NONE where a network needs none
DO_BACKGROUND, DO_SAMPLE, DO_NOISE, DO_APPLY, DO_LEARN, ENTRIES = range(6)

# what arrives: currents and conductances, or moves of v itself
CURRENTS, JUMPS = 0, 1

# entries of `state`
RECEIVED, JUMPED, SAMPLED, PARITY, PENDING, PENDING_STEP, PENDING_STEPS, LOGGED, SPIKES, BARRIERS, BEGUN, STATE_SIZE = (
    range(12)
)

# columns of Shared.report, padded to a cache line
EMITTED, ROOM, LOG_ROOM, REPORT_COLUMNS = 0, 1, 2, 8

#: In `entry`: no such kernel is needed.
NONE = -1

#: What a worker says when it comes back.
DONE, GROW = 0, 1


class Worker(NamedTuple):
    """The arrays of one worker; those it writes: x, refractory, bundle, part (EVENT), state, log_*, scratch."""

    x: np.ndarray  # float64 (n_x): model states and synaptic filters
    refractory: np.ndarray  # int32: steps left
    t_ref: np.ndarray  # int32: steps
    part: np.ndarray  # int64 (n_parts, PART_COLUMNS)
    ops: np.ndarray  # int64 (n_ops, 6)
    coef: np.ndarray  # float64
    bundle: np.ndarray  # int64 (n_bundles, deliver.COLUMNS)
    constant: np.ndarray  # float64 (n_bundles): weight of all, where there is one
    background: np.ndarray  # int64 (n, BG_COLUMNS)
    background_key: np.ndarray  # uint64 (n, 2)
    rate_group: np.ndarray  # int32: class of each neuron
    rate_ptr: np.ndarray  # int64 (n_classes + 1)
    rate_base: np.ndarray  # int32 (n_classes)
    rate_threshold: np.ndarray  # uint32
    noise: np.ndarray  # int64 (n, NO_COLUMNS)
    noise_key: np.ndarray  # uint64 (n, 2)
    noise_index: np.ndarray  # int64: index of each neuron among the targets, -1 none
    event_step: np.ndarray  # int64: listed spikes, sorted
    event_id: np.ndarray  # int64
    probe: np.ndarray  # int64 (n, PR_COLUMNS)
    probe_index: np.ndarray  # int64: column in the rows
    term: np.ndarray  # float64 (n, 5): x offset, factor, E_rev, x offset of v, 1 if times (E_rev - v)
    drive_ptr: np.ndarray  # int64 (n_parts, steps + 1): external input of this batch
    drive_row: np.ndarray  # int64: scratch row
    drive_value: np.ndarray  # float64
    drive_vector: np.ndarray  # int64: offset into drive_pool of one value a neuron, -1: the same for all
    drive_pool: np.ndarray  # float64
    scratch: np.ndarray  # float64 (rows, BLOCK)
    block: np.ndarray  # float64: scratch of the flow kernels
    flags: np.ndarray  # uint8 (BLOCK)
    draw: np.ndarray  # uint64 (poisson.SCRATCH): words of draws, levels, counts of a byte
    count: np.ndarray  # type: ignore[assignment]  # int32 (poisson.RUN); hides tuple.count
    work: np.ndarray  # int64: segments due
    log_id: np.ndarray  # int64: spikes since the last call
    log_count: np.ndarray  # int64 (steps): how many in each step
    entry: np.ndarray  # int64 (ENTRIES): addresses of the kernels
    state: np.ndarray  # int64 (STATE_SIZE)
    # what workers tell each other, double-buffered: one half is read while the other is written
    slab_id: np.ndarray  # int64 (2, capacity): spikes of a slab
    slab_offset: np.ndarray  # int64 (n_workers + 1): each worker's stretch
    slab_ptr: np.ndarray  # int64 (2, n_workers, slab + 1): its steps
    report: np.ndarray  # int64 (2, n_workers, REPORT_COLUMNS)
    barrier: np.ndarray  # int64 (8)
    merged: np.ndarray  # int64: scratch, two a worker, then the spikes of a step
    plastic: np.ndarray  # int64 (n_plastic, plastic.COLUMNS): bundles that learn


(
    X, REFRACTORY_LEFT, REFRACTORY_STEPS, PART, OPS, COEF, BUNDLE, CONSTANT, BACKGROUND, BACKGROUND_KEY, RATE_GROUP,
    RATE_PTR, RATE_BASE, RATE_THRESHOLD, NOISE, NOISE_KEY, NOISE_INDEX, EVENT_STEP, EVENT_ID, PROBE, PROBE_INDEX, TERM,
    DRIVE_PTR, DRIVE_ROW, DRIVE_VALUE, DRIVE_VECTOR, DRIVE_POOL, SCRATCH, WORKSPACE, FLAGS, DRAW, COUNT, WORK, LOG_ID,
    LOG_COUNT, ENTRY, STATUS, SLAB_ID, SLAB_OFFSET, SLAB_PTR, REPORT, BARRIER, MERGED,
    PLASTIC,
) = range(len(Worker._fields))  # fmt: skip


#: Size of a view whose end the kernel knows otherwise.
ENDLESS = 2**40

#: Entries of a packed table.
TABLE = 2 * len(Worker._fields)


def pack(worker: Iterable[np.ndarray]) -> np.ndarray:
    """Return the addresses and sizes of a worker's arrays, int64 (2 n,): what the kernels take.

    One argument instead of forty: Numba's compile time grows with the number of arrays in a signature.
    """
    rows = [(a.ctypes.data, a.size) for a in worker]
    return np.array(rows, np.int64).ravel()


@looks_up(types.float64)
def floats(w, field):
    """A float64 array of the worker."""
    return view(w[2 * field], w[2 * field + 1], np.float64)


@looks_up(types.int64)
def ints(w, field):
    """An int64 array of the worker."""
    return view(w[2 * field], w[2 * field + 1], np.int64)


@looks_up(types.int32)
def shorts(w, field):
    """An int32 array of the worker."""
    return view(w[2 * field], w[2 * field + 1], np.int32)


@looks_up(types.int64, 2)
def records(w, field, columns):
    """An int64 table of the worker, by rows."""
    return view2(w[2 * field], w[2 * field + 1] // columns, columns, np.int64)
