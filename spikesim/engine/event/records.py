"""The tables of the event engine: arrays only.  Every neuron has one record, all its numbers side by side.

A worker owns the neurons lo <= gid < hi and numbers them from 0.  A part is the stretch of a population that it owns.
Records have one width and start on cache lines: a LIF with two exponential synapses fills exactly one (64 bytes), and
an arrival reads and writes nothing else of a neuron.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Kinds of part.
LINEAR, FLOW, POISSON, TIMES = 0, 1, 2, 3

#: A record: time of the state, end of refractoriness, when something happens here by itself at the earliest; the same
#: without trains; what is known of that time; the states (v of a linear neuron).  Behind them: (moves of v that
#: refractoriness keeps, kept so far); (move of v that arrives now, step, next step, armed) of a FLOW; lines; sines;
#: filters.
T0, REF, NEXT, BOUND, KNOWN, V = 0, 1, 2, 3, 4, 5

#: KNOWN.  At BOUND: nothing before, look again (of a FLOW: a step ends); a spike; at T0 = BOUND something arrived at a
#: FLOW that has not acted yet; the same, and a spike is due.
OPEN, SPIKE, ARRIVED, BOTH = 0.0, 1.0, 2.0, 3.0

#: Parameters of a linear neuron: dv/dt = -A v + C + B I;  threshold TH;  reset v -> R v + R0;  TREF;  REST = C / A;
#: then of each filter state the largest response, and the largest and smallest second derivative of the response.
A, C, B, TH, R, R0, TREF, REST, RESPONSES = range(9)
#: Parameters of a FLOW: t_ref stands in TREF too, those of the model from here on.
PAR_OF_MODEL = RESPONSES

#: Description of a part (float64).
(
    D_RTOL, D_ATOL, D_STATES, D_JUMP, D_WIDTH, D_KEEP, D_STEP, D_LINES, D_LINES_AT, D_SINES, D_SINES_AT, D_TREF,
    D_RESETS, D_LONGEST, D_MOVE, D_PORTS, PORTS_AT,
) = range(17)  # fmt: skip
PORT_AT, PORT_STAGES, PORT_RATE, PORT_GAIN, PORT_REVERSAL, PORT_CONDUCTANCE, PORT_WIDTH = range(7)
LINE_WIDTH, SINE_WIDTH = 3, 4

# columns of `part`
(
    KIND,
    FIRST,  # local number of its first neuron
    SIZE,
    DESC,  # offset into desc
    DESC_SIZE,
    PAR_SIZE,
    KERNEL,  # address: the equations of a FLOW
    CATCH,  # address: let happen what happens here by itself before a time
    ARRIVE,  # address: one spike arrives
    BRING,  # address: advance a record
    TRAIN_LO,  # rows of `train`
    TRAIN_HI,
    DRIVE_LO,  # rows of `drive`
    DRIVE_HI,
    PART_COLUMNS,
) = range(15)

# columns of `train`: a Poisson process a neuron, into a column of the records or (-1) out as spikes
TR_COLUMN, TR_NEXT, TR_KEY, TR_ENTITY, TR_COLUMNS = range(5)

# columns of `drive`: electrode currents; what happens to one slot of the neurons of a part
(
    DR_KIND,
    DR_PART,
    DR_SLOT,  # column of the record
    DR_TIMES,  # offset into drive_time
    DR_COUNT,  # how many times; of noise: 1, its period
    DR_CURSOR,  # the next of them; of noise: of the next interval
    DR_VALUES,  # offset into drive_value
    DR_WIDTH,  # values of each time
    DR_INDEX,  # offset into drive_index: which value each neuron takes, -1 none
    DR_KEY,
    DR_COLUMNS,
) = range(11)
LINE, SINE, NOISE = 0, 1, 2

# columns of `probe`
PR_PART, PR_INDEX, PR_COUNT, PR_EVERY, PR_TERM_LO, PR_TERM_HI, PR_OUT, PR_FROM, PR_COLUMNS = range(9)

# columns of `bundle`; SEG_DELAY: of delays in ms
(
    SOURCE_PTR, SEG_DELAY, SEG_START, TARGET, WEIGHT, WIDE, DOUBLE, PORT, N_SOURCES, N_SEGMENTS, N_SYNAPSES,
    VOLLEY,  # address: all synapses of a segment at once
    SHARED,  # a part that stands for all targets: same kind, parameters and columns; -1 where they differ
    BUNDLE_COLUMNS,
) = range(14)  # fmt: skip

# entries of `state`
(
    SEQUENCE, SAMPLED, SPIKES, EVENTS, STEPS, BARRIERS, FAILED, FAULT,
    STRIDE,  # width of all records
    LOG_TIME, LOG_ID, LOGGED, LOG_ROOM,  # spikes of this call: addresses, how many, room
    CURRENT, HINT, FILED,  # of the queue: bucket being served, none before it is filled, how many neurons are filed
    POOL, _POOL_ROOM, _POOL_FREE, _POOL_USED,  # chunks of the queue
    HEAP, DUE, EMITTED, FLIGHT, FLIGHTS, FLIGHT_ROOM,  # spikes on their way: addresses, how many, room
    ALL_TIME, ALL_ID,  # spikes of all workers in one window: addresses
    STATE_SIZE,
) = range(29)  # fmt: skip

#: Entries of `state` that are addresses of memory that grows.
GROWING = (LOG_TIME, LOG_ID, POOL, HEAP, DUE, EMITTED, FLIGHT, ALL_TIME, ALL_ID)

#: Places of the table `entry`.
BEGIN, ARRIVALS, SERVE, CLOSE, MERGE, LAUNCH, DECODE, DRIVES, SAMPLE, ENTRIES = range(10)

# entries of `clock`: width of a bucket; all before this time has happened; when something went wrong
C_WIDTH, C_SERVED, C_FAILED, CLOCK_SIZE = range(4)

#: What a worker says when it comes back.
DONE, NOT_FINITE, NO_RESET, NO_STEP = 0, 1, 2, 3


class EventWorker(NamedTuple):
    """The arrays of one worker."""

    x: np.ndarray  # float64 (n, STRIDE): records
    part_of: np.ndarray  # int64 (n)
    part: np.ndarray  # int64 (n_parts, PART_COLUMNS)
    par: np.ndarray  # float64: parameters
    par_at: np.ndarray  # int64 (n): where a neuron's parameters start
    desc: np.ndarray  # float64: descriptions of parts
    port_at: np.ndarray  # int64 (n_parts, n_ports): column that arrivals at a port go to
    head: np.ndarray  # int32 (BUCKETS): queue of neurons, see queue
    filed: np.ndarray  # int32 (n)
    todo: np.ndarray  # int64 (n): neurons of one bucket
    train: np.ndarray  # int64 (n_trains, TR_COLUMNS)
    train_weight: np.ndarray  # float64 (n_trains)
    train_next: np.ndarray  # float64: next event of each neuron's train
    train_rate: np.ndarray  # float64: events per ms
    train_count: np.ndarray  # int64: intervals drawn
    train_key: np.ndarray  # uint64 (n_trains, 2)
    listed: np.ndarray  # float64: times of SpikeTimes
    listed_at: np.ndarray  # int64 (n): next of them
    listed_end: np.ndarray  # int64 (n)
    drive: np.ndarray  # int64 (n_drives, DR_COLUMNS)
    drive_next: np.ndarray  # float64 (n_drives)
    drive_time: np.ndarray  # float64
    drive_value: np.ndarray  # float64
    drive_index: np.ndarray  # int64
    drive_key: np.ndarray  # uint64 (n_drives, 2)
    bundle: np.ndarray  # int64 (n_bundles, BUNDLE_COLUMNS)
    constant: np.ndarray  # float64 (n_bundles)
    # arrivals that are served together (BLOCK)
    target: np.ndarray  # int64
    weight: np.ndarray  # float64
    time: np.ndarray  # float64
    to_port: np.ndarray  # int64
    work: np.ndarray  # float64: room for exponentials
    probe: np.ndarray  # int64 (n_probes, PR_COLUMNS)
    probe_index: np.ndarray  # int64: local numbers
    term: np.ndarray  # float64 (n_terms, 5): column, factor, E_rev, column of v, 1 if times (E_rev - v)
    scratch: np.ndarray  # float64: room for one record
    room: np.ndarray  # float64: room for `moments`
    answer: np.ndarray  # float64 (4): what a kernel answers
    state: np.ndarray  # int64 (STATE_SIZE)
    clock: np.ndarray  # float64 (CLOCK_SIZE)
    entry: np.ndarray  # int64: addresses, see event_entries
    # what workers tell each other
    earliest: np.ndarray  # float64 (n_workers)
    published: np.ndarray  # int64 (n_workers, 8): addresses of times and ids, how many, error
    barrier: np.ndarray  # int64 (8)


(
    W_X, W_PART_OF, W_PART, W_PAR, W_PAR_AT, W_DESC, W_PORT_AT, W_HEAD, W_FILED, W_TODO, W_TRAIN, W_TRAIN_WEIGHT,
    W_TRAIN_NEXT, W_TRAIN_RATE, W_TRAIN_COUNT, W_TRAIN_KEY, W_LISTED, W_LISTED_AT, W_LISTED_END, W_DRIVE,
    W_DRIVE_NEXT, W_DRIVE_TIME, W_DRIVE_VALUE, W_DRIVE_INDEX, W_DRIVE_KEY, W_BUNDLE, W_CONSTANT, W_TARGET, W_WEIGHT,
    W_TIME, W_TO_PORT, W_WORK, W_PROBE, W_PROBE_INDEX, W_TERM, W_SCRATCH, W_ROOM, W_ANSWER, W_STATE, W_CLOCK, W_ENTRY,
    W_EARLIEST, W_PUBLISHED, W_BARRIER,
) = range(len(EventWorker._fields))  # fmt: skip

#: Entries of a packed table.
EVENT_TABLE = 2 * len(EventWorker._fields)
