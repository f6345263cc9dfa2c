"""The tables of the event engine, as records with named fields.  Every neuron has one, all its numbers side by side.

A worker owns the neurons lo <= gid < hi and numbers them from 0.  A part is the stretch of a population that it owns.
Neurons' records have one width and start on cache lines: a LIF with two exponential synapses fills exactly one (64
bytes), and an arrival reads and writes nothing else of a neuron.

=========== ===========================================================================================================
program     PART, PORT, SLOTS, BEHIND, LINEAR, RESPONSE, TRAIN, PACE, DRIVE, BUNDLE, RELEASE, PLASTIC, TERM: constant,
            shared by all engines on one wiring
arena       NEURON, COUNTS, QUEUE, FLIGHT, CHUNK, LEARNT: what changes and decides the future; no address inside
engine      RUN, REACH, PUBLISHED, PROBE: where the loop of one engine stands, its log, its meetings
=========== ===========================================================================================================
"""

from __future__ import annotations

import numpy as np

from ...jit import inlined, view
from ...jit.records import SPAN, record, struct

F8, I8, I4, U8 = np.float64, np.int64, np.int32, np.uint64

#: Kinds of part, and of drive.
LINEAR_PART, FLOW, POISSON, TIMES = 0, 1, 2, 3
LINE, SINE, NOISE, HELD = 0, 1, 2, 3  # HELD: what it is, is part of the state

#: Known of the time `bound`: nothing before, look again (of a FLOW: a step ends); a spike; at time = bound something
#: arrived at a FLOW that has not acted yet; the same, and a spike is due.
OPEN, SPIKE, ARRIVED, BOTH = 0.0, 1.0, 2.0, 3.0

#: How the loop stands: done, or an error that ends the run, or no room.
DONE, NOT_FINITE, NO_RESET, NO_STEP, STIFF, NO_ROOM, FULL = 0, 1, 2, 3, 4, 5, 6

#: Where it goes on.
BEGIN, MEET, ARRIVE, SERVE, LAUNCH = 0, 1, 2, 3, 4

NEURON = record(
    ("time", F8),  # of the state (ms)
    ("free", F8),  # end of refractoriness
    ("next", F8),  # when something happens here by itself at the earliest
    ("bound", F8),  # the same without trains
    ("known", F8),  # what is known of that time
)
#: Column of the first state (v of a linear neuron).  Behind the states: CHANCE; KEPT; STEP; moves; lines; sines;
#: filters.
STATES = 5

#: Of a neuron that fires by chance: its hazard up to now less the exponential variate at which it fires; how many
#: were drawn.
CHANCE = record(("left", F8), ("drawn", F8))

#: Moves of v that arrive and those that refractoriness keeps so far.
KEPT = record(("now", F8), ("so_far", F8))

#: Of a FLOW.  A step may be shorter than the spacing of floats at t: then time + low is the time of the state.
STEP = record(
    ("move", F8),  # of v, that arrives now
    ("low", F8),
    ("length", F8),  # of such a short step; 0: it ends at a float
    ("end", F8),  # of the planned step
    ("ahead", F8),  # the next step that the error allows
    ("armed", F8),  # 1: the last spike is over
    ("spent", F8),  # steps taken beyond MOST a ms
)

#: Electrode currents in a record: start + rise (t - since);  height sin(omega (t - since) + phase).
LINE_SLOT = record(("start", F8), ("rise", F8), ("since", F8))
SINE_SLOT = record(("height", F8), ("omega", F8), ("phase", F8), ("since", F8))

#: Where those stand that flow into a named input.  A PART has the same names for the current.
SLOTS = record(("lines", I8), ("lines_at", I8), ("sines", I8), ("sines_at", I8))

#: Parameters of a linear neuron: dv/dt = -a v + c + b I; reset v -> r v + r0; rest = c / a.  Responses stand behind.
LINEAR = record(("a", F8), ("c", F8), ("b", F8), ("threshold", F8), ("r", F8), ("r0", F8), ("t_ref", F8), ("rest", F8))
#: v's answer to a unit of a filter state: how high, the largest and the smallest second derivative.
RESPONSE = record(("height", F8), ("up", F8), ("down", F8))
#: Parameters of a FLOW: t_ref stands where that of LINEAR stands, and `a` if v decays linearly; the model's behind.
MODEL_AT = LINEAR.itemsize // 8

#: A synaptic filter: df/dt = A f, of `stages` columns from `at` on; matrix empty: a cascade, all rates the same, of
#: which the last stage is felt, times `gain`; else of each stage what `output` says.
PORT = record(
    ("at", I8), ("stages", I8), ("rate", F8), ("gain", F8), ("reversal", F8), ("conductance", I8), ("matrix", SPAN),
    ("output", SPAN),
)  # fmt: skip

#: A state behind v of a linear neuron, which is one of its filters, too: a spike makes it r s + r0.
BEHIND = record(("at", I8), ("r", F8), ("r0", F8))

PART = record(
    ("kind", I8),
    ("first", I8),  # local number of its first neuron
    ("n", I8),
    ("states", I8),
    ("jump", I8),  # column of the state that Delta synapses move
    ("width", I8),  # columns in use
    ("keep", I8),  # column of KEPT, -1 none
    ("running", I8),  # 1: that state goes on while refractory, and moves
    ("clamped", I8),  # a bit a state: it is held while refractory
    ("synaptic", I8),  # states of synapses that are no linear filters, behind those of the neuron
    ("shown", I8),  # columns of what is felt of each of them, current and conductance: as it was sampled
    ("step", I8),  # column of STEP, -1 none
    ("moves", I8),  # columns of what arrives now for each state, -1 none
    ("chance", I8),  # column of CHANCE, -1 none; its stream, number of the first neuron in it
    ("chance_a", U8),
    ("chance_b", U8),
    ("entity", I8),
    ("lines", I8),
    ("lines_at", I8),
    ("sines", I8),
    ("sines_at", I8),
    ("inputs", SPAN),  # SLOTS of each named input
    ("refractory", I8),  # 1: the model has t_ref
    ("resets", I8),  # 1: the model has a reset
    ("longest", F8),  # step (ms)
    ("quick", F8),  # longest step after an arrival (ms)
    ("rtol", F8),
    ("atol", F8),
    ("ports", SPAN),
    ("going", SPAN),  # the first of them: those that run down while refractory
    ("behind", SPAN),
    ("parameters", I8),  # how many
    ("kept_at", I8),  # states that are kept with its spikes: entries of kept_column
    ("kept_n", I8),
    ("kernel", I8),  # addresses: equations of a FLOW; what happens by itself before a time; a spike arrives; advance
    ("catch", I8),
    ("arrive", I8),
    ("bring", I8),
    ("receive", I8),  # of these synapses: what a spike does to them; what is felt of them
    ("show", I8),
    ("train_lo", I8),
    ("train_hi", I8),
    ("drive_lo", I8),
    ("drive_hi", I8),
)

#: A Poisson process a neuron, into a column of the records or (-1) out as spikes; the first is row `row`.
TRAIN = record(
    ("column", I8), ("row", I8), ("entity", I8), ("a", U8), ("b", U8), ("weight", F8),
    ("piece_lo", I8), ("piece_hi", I8),  # of train_piece; none: always on
    ("renew", I8),  # address of what finds the next event of a renewal train; 0: it is a plain Poisson process
    ("order", F8),  # shape of its gamma law
    ("common", I8),  # 1: one for all neurons
    ("share", F8),  # with which probability a neuron takes an event
    ("copy_a", U8), ("copy_b", U8),
    ("pace_lo", I8), ("pace_hi", I8),  # of pace; none: always 1
)  # fmt: skip

#: When (ms) a train is on, and what its rate is multiplied by.
PIECE = record(("begin", F8), ("end", F8), ("factor", F8))

#: What the rate of a renewal train is multiplied by from begin to end, see `trains`; a piece of since ... until, whose
#: numbers stand from `at` on in pace_value, one row of `width` each.
PACE = record(
    ("form", I8), ("begin", F8), ("end", F8), ("since", F8), ("until", F8), ("at", I8), ("width", I8)
)  # fmt: skip

#: What happens to one slot of the neurons of a part; offsets into drive_time, drive_value, drive_index.
DRIVE = record(
    ("kind", I8), ("part", I8), ("slot", I8), ("times", I8), ("count", I8), ("values", I8), ("width", I8),
    ("index", I8), ("a", U8), ("b", U8),
)  # fmt: skip

BUNDLE = record(
    ("source_ptr", SPAN),
    ("seg_delay", SPAN),
    ("seg_start", SPAN),
    ("target", SPAN),
    ("weight", SPAN),  # empty: `constant`
    ("wide", I8),  # uint32 targets
    ("double", I8),  # float64 weights
    ("constant", F8),
    ("port", I8),
    ("volley", I8),  # address: all synapses of a segment at once
    ("shared", I8),  # a part that stands for all targets: same kind, parameters and columns; -1 where they differ
    ("release", I8),  # its number among the releases, -1: flights carry no factor
    ("plastic", I8),  # its number among the plastic ones, -1: it does not learn
    ("transmit", I8),  # address of what gathers its arrivals, where it learns
    ("after", I8),  # what the ranks of its flights are more than those of others
)

#: A projection that learns; `at_...`: offsets into synapses, sources and targets.
PLASTIC = record(
    ("fire", I8),  # address of what spikes of targets do
    ("event", I8),  # of what a third factor does
    ("step", I8),  # of what is done to all synapses every so often
    ("ptr", SPAN),  # int64 (neurons + 1): its synapses by target
    ("synapse", SPAN),  # uint32 (synapses)
    ("segment", SPAN),  # uint32 (synapses)
    ("at_synapse", I8),
    ("at_source", I8),
    ("at_target", I8),
    ("parameters", SPAN),  # float64
    ("rates", SPAN),  # float64: 1 / tau of variables, traces of sources, traces of targets; 0: does not decay
    ("w_min", F8),
    ("w_max", F8),
    ("pulse_size", SPAN),  # float64: rewards
    ("rate_c", F8),  # of what waits for them, see `engine.eligibility`
    ("rate_d", F8),
    ("dt", F8),
    ("baseline", F8),
    ("w_total", F8),  # what weights onto a target are scaled to
    ("late", F8),  # by how many ms its synapses are told later of spikes of targets; 0: as these come
    ("reads", I8),  # states of a target that it reads; in the records of part k in columns watched[k * reads + r]
    ("watched", SPAN),  # int64
    ("seen_at", I8),  # where they are kept among the numbers of a target, of which there are `of_target`
    ("of_target", I8),
)

#: What changes of it beside; times in ms.
LEARNT = record(("frozen", I8), ("pulse", I8), ("c_ref", F8), ("d_ref", F8), ("dopamine", F8), ("gained", F8))

#: A projection whose sources release.
RELEASE = record(
    ("kernel", I8),  # address of its equations
    ("index", SPAN),  # int32 (neurons of the network): position among the sources, -1: none
    ("parameters", SPAN),  # float64 (1 or sources, columns)
    ("own", I8),  # 1: one row a source
    ("columns", I8),
    ("at", I8),  # offset into `released`
    ("width", I8),  # numbers of a source: states, time of its last spike (ms), how many it has emitted
    ("a", U8),
    ("b", U8),
)

#: A sample is a sum of terms: factor x[column], times (reversal - x[v]) where `driven`.
TERM = record(("column", I8), ("factor", F8), ("reversal", F8), ("v", I8), ("driven", I8))
PROBE = record(
    ("part", I8), ("index", I8), ("count", I8), ("every", I8), ("term_lo", I8), ("term_hi", I8), ("out", I8),
    ("first", I8),
)  # fmt: skip

COUNTS = record(
    ("until", F8),  # all before this time has happened
    ("sampled", I8),  # last step
    ("sequence", I8),  # spikes put on their way
    ("flights", I8),  # on their way now
    ("spikes", I8),
    ("events", I8),
    ("steps", I8),
)

#: Of the buckets: the one being served, none before it is filled, neurons filed; chunks: first free, how many, first
#: that never was used.
QUEUE = record(("current", I8), ("hint", I8), ("filed", I8), ("free", I8), ("spare", I8), ("used", I8))
#: Neurons of a bucket, and the next chunk of it: a cache line.
CHUNK = record(("after", I4), ("n", I4), ("neurons", I4, (14,)))

#: A rank is the number of a spike; those of flights that tell synapses of it are behind all arrivals at the same time.
AFTER = 2**60
FLIGHT = record(("rank", I8), ("emitted", F8), ("segment", I8), ("last", I8), ("gid", I4), ("bundle", I4))

#: A segment that is reached in this window.
REACH = record(
    ("due", F8), ("rank", I8), ("lo", I8), ("hi", I8), ("segment", I8), ("flight", I4), ("bundle", I4)
)  # fmt: skip

RUN = record(
    ("phase", I8),
    ("status", I8),
    ("fresh", I8),  # 1: nothing has run yet
    ("fault", I8),  # local number of the neuron with which something went wrong, and when
    ("fault_time", F8),
    ("logged", I8),  # spikes in the log; those of this window begin at `opened`
    ("opened", I8),
    ("begin", I8),  # steps of this call
    ("end", I8),
    ("stop", F8),  # end of the window
    ("last", I8),  # 1: only samples are left
    ("longest", F8),  # window
    ("work", I8),  # of all workers, in this call
    ("begun_events", I8),
    ("begun_steps", I8),
    ("barriers", I8),
    ("gathered", I8),  # arrivals that wait, for one volley, and how many of them are served
    ("flushed", I8),
    ("volley", I8),
    ("shared", I8),
    ("bundle", I8),  # the segment under way, reached at `at`
    ("lo", I8),
    ("hi", I8),
    ("at", F8),
    ("flight", I8),
    ("segment", I8),
    ("ready", I8),  # 1: its targets have done what they do before, and their synapses know
    ("told", I8),  # spikes of the log of which synapses know
    ("kept", I8),  # rows of `kept`
    ("todo_at", I8),  # neurons of the bucket being served
    ("todo_n", I8),
    ("served", I8),  # 1: that was the last bucket of the window
    ("launched", I8),  # spikes of a restored state
    ("reached", I8),  # segments listed for this window; how many of them have been taken
    ("taken", I8),
    ("need_log", I8),  # no room: how much is wanted
    ("need_all", I8),
    ("need_flights", I8),
    ("need_reach", I8),
    ("need_chunks", I8),
)

#: What a worker tells the others; a cache line.
PUBLISHED = record(
    ("time_at", I8), ("id_at", I8), ("n", I8), ("broken", I8), ("work", I8), ("earliest", F8), ("padding", I8, (2,))
)  # fmt: skip

#: Addresses of the kernels of the loop; 0 where a network needs none.
CALLS = record(
    *(
        (name, I8)
        for name in (
            "begin",
            "arrivals",
            "serve",
            "close",
            "tell",
            "merge",
            "launch",
            "decode",
            "drives",
            "sample",
            "ready",
        )
    )
)

#: All of a worker: spans of (program, arena, engine), and a few numbers.
PROGRAM = (
    "part", "part_of", "par", "par_at", "port_at", "train", "train_rate", "train_piece", "pace", "pace_value",
    "listed", "listed_end", "drive", "drive_time", "drive_value", "drive_index", "bundle", "release", "plastic",
    "kept_column",
)  # fmt: skip
ARENA = (
    "counts", "queue", "x", "filed", "head", "train_next", "train_count", "listed_at", "drive_next", "drive_cursor",
    "released", "learnt", "synapses", "sources", "targets", "heap", "due", "flight", "factor", "chunks",
)  # fmt: skip
ENGINE = (
    "run", "probe", "probe_index", "term", "todo", "reach", "order", "filled",
    "target", "weight", "arrived", "to_port", "work", "looked", "room",
    "answer", "log_time", "log_id", "kept_time", "kept_id", "kept", "all_time", "all_id", "strength", "published",
    "barrier", "streamed", "streamed_at", "streamed_from",
)  # fmt: skip
WORKER = record(
    *((name, SPAN) for name in (*PROGRAM, *ARENA, *ENGINE)),
    ("call", CALLS),
    ("stride", I8),  # columns of all neurons' records
    ("ports", I8),  # columns of port_at
    ("width", F8),  # of a bucket (ms)
    ("first", I8),  # gid of neuron 0
    ("exchange", I8),  # address of EXCHANGE, see `collective`
)


@inlined
def head(x):
    """The named columns of a neuron's record x."""
    return struct(x.ctypes.data, NEURON)


@inlined
def linear(p):
    """The named parameters p of a linear neuron."""
    return struct(p.ctypes.data, LINEAR)


@inlined
def answers(p):
    """Its responses."""
    n = p.size - MODEL_AT
    return view(p.ctypes.data + 8 * MODEL_AT, n // 3, RESPONSE)


@inlined
def chances(x, d):
    """CHANCE of a record."""
    return struct(x.ctypes.data + 8 * d.chance, CHANCE)


@inlined
def kept(x, d):
    """KEPT of a record."""
    return struct(x.ctypes.data + 8 * d.keep, KEPT)


@inlined
def stepping(x, d):
    """STEP of a record."""
    return struct(x.ctypes.data + 8 * d.step, STEP)


@inlined
def lines(x, d):
    """The lines of a record."""
    return view(x.ctypes.data + 8 * d.lines_at, d.lines, LINE_SLOT)


@inlined
def sine_slots(x, d):
    """The sines of a record."""
    return view(x.ctypes.data + 8 * d.sines_at, d.sines, SINE_SLOT)
