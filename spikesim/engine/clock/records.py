"""The records that the loops of the clock run on.  A worker owns a stretch of some populations; each stretch is a part.

========== ====================== ==================================================================================
who        record                 what
========== ====================== ==================================================================================
program    PART, OP, BUNDLE,      what a run does not change; shared by all engines on it; holds addresses (of synapses
           BACKGROUND, NOISE,     and kernels) and offsets (into the arena and the tables of coefficients)
           PLASTIC, RELEASE
arena      STATUS, QUEUE,         all that decides the future of a run: offsets, and no address
           LEARNT
engine     RUNNING, REPORT, PROBE what a batch needs: meetings, logs, buffers
all        WORKER                 where everything stands; made anew (`link`) when something moved
========== ====================== ==================================================================================

Offsets `at_...` count elements.
"""

from __future__ import annotations

import numpy as np

from ...jit.records import SPAN, record

#: Kinds of part.
LINEAR, FLOW, POISSON, TIMES, TRAINS = 0, 1, 2, 3, 4

#: What arrives: currents, conductances; moves of v itself.  (A loop that took a 0 or 1 would be compiled for each.)
CURRENTS, JUMPS, AHEAD = np.int64(0), np.int64(1), np.int64(2)

#: What a worker says when it comes back.
DONE, GROW, FAILED = 0, 1, 2

#: More room than anybody needs; and in place of an address: no such kernel is needed.
PLENTY, NONE = 2**62, -1

#: Size of a view whose end the kernel knows otherwise.
ENDLESS = 2**40

#: What the kernel of a part takes: worker, part, step, step of the batch, dt, ids written, how many there are.
STEP = "int64(int64,int64,int64,int64,float64,int64,int64)"

PART = record(
    ("kind", np.int64),
    ("advance", np.int64),  # address of the kernel that advances it
    ("n", np.int64),
    ("first_id", np.int64),  # gid of the first neuron
    ("state", np.int64),  # x offset of the first state row; row r at state + r n
    ("states", np.int64),
    ("refractory", np.int64),  # offset into refractory
    ("t_ref", np.int64),  # offset into t_ref (steps), one value or one a neuron
    ("own_t_ref", np.int64),
    ("update_lo", np.int64),  # ops that fill the scratch: new states (LINEAR) or current and conductance (FLOW)
    ("update_hi", np.int64),
    ("filter_lo", np.int64),  # ops that advance the synaptic filters
    ("filter_hi", np.int64),
    ("margin_lo", np.int64),  # ops that put a general margin into the scratch; none: margin is v - V_th
    ("margin_hi", np.int64),
    ("v", np.int64),  # which state Delta synapses move and V_th is compared with
    ("v_held", np.int64),  # 1: that state is held while refractory
    ("threshold", np.int64),  # offset into coef
    ("own_threshold", np.int64),
    ("reset", np.int64),  # offset into coef: states x (states + 1) entries of s -> R s + r, row by row
    ("reset_stride", np.int64),  # 1, or n where each neuron has its own
    ("clamped", np.int64),  # bit r: state r is held while refractory
    (
        "held",
        np.int64,
    ),  # 1: free states step differently while v is held (rows states.. of the scratch)
    ("delta", np.int64),  # x offset of the row of jumps, -1 none
    ("keep", np.int64),  # x offset of the row of jumps that refractoriness keeps, -1 none
    ("keep_factor", np.int64),  # offset into coef: by what a kept jump decays in a step
    ("own_keep", np.int64),
    ("driven", np.int64),  # 1: has external input
    ("kernel", np.int64),  # address of the flow kernel
    ("shared", np.int64),  # offset into coef: parameters of the flow kernel
    ("vector", np.int64),  # offset into coef: vector parameters, rows of n
    ("background_lo", np.int64),
    ("background_hi", np.int64),
    ("listed_lo", np.int64),  # TIMES: its entries of listed_step
    ("listed_hi", np.int64),
    ("source", np.int64),  # POISSON: its row of `background`
    ("train_lo", np.int64),  # TRAINS: its entries of `train`
    ("train_hi", np.int64),
    ("gather", np.int64),  # FLOW: address of the kernel that sums its input and advances its filters, 0: by operations
    ("fused", np.int64),  # offset into coef of what `fused` needs
    ("filter_1", np.int64),  # x offsets of its filter rows
    ("filter_2", np.int64),
    ("filter_3", np.int64),
    ("named", np.int64),  # FLOW: inputs that the model names, rows of the scratch
    ("draw_lo", np.int64),  # its random numbers: entries of `gauss`
    ("draw_hi", np.int64),
    ("general_lo", np.int64),  # FLOW: its synapses that are no linear filters
    ("general_hi", np.int64),
    ("inner", np.int64),  # with gap junctions: address of the step that `advance` goes around, see `gaps`
    ("trend", np.int64),  # offset into trend
    ("leaps", np.int64),  # 1: a spike moves v
    ("bare", np.int64),  # where states are kept with spikes: address of the step without resets, see `kept`
    ("kept_at", np.int64),  # entries of kept_state
    ("kept_n", np.int64),
    ("late_reset", np.int64),  # address of the reset of one neuron, 0 none
    ("leap", np.int64),  # LINEAR: offset into coef of the reset that is made afterwards, as `reset`
    ("leap_stride", np.int64),
    ("restful", np.int64),  # 1: what `resting` can advance
)

#: An operation on rows, see `propagate.apply`.
OP = record(
    ("kind", np.int64), ("out", np.int64), ("a", np.int64), ("b", np.int64),
    ("at", np.int64),  # offset into coef
    ("own", np.int64),  # 1: one coefficient a neuron
)  # fmt: skip

#: A renewal train, or one a neuron, see `trains`.
TRAIN = record(
    ("first", np.int64),  # index of the part's first neuron in the streams
    ("row", np.int64),  # offset into train_left, train_count
    ("rate", np.int64),  # offset into coef: mean count of a step at pace 1
    ("own", np.int64),  # 1: one a neuron
    ("pace", np.int64),  # its number among those that change in time, -1: always 1
    ("wide", np.int64),  # one pace a neuron: how many; 0: one for all
    ("order", np.float64),  # shape of the gamma law
    ("common", np.int64),  # 1: one train for all
    ("share", np.float64),  # with which probability a neuron takes an event
    ("heard", np.int64),  # offset into coef: 1 for those that hear it; -1: all do
    ("most", np.int64),  # events of a step
    ("marks", np.int64),  # offset into `marks`: events of this step, the word behind each
    ("key_a", np.uint64),
    ("key_b", np.uint64),
    ("copy_a", np.uint64),
    ("copy_b", np.uint64),
)

#: A Poisson train a neuron, or a train of `train`, into a row of x (or, for a source, out as spikes).
BACKGROUND = record(
    ("kernel", np.int64),  # address of what adds it
    ("train", np.int64),
    ("row", np.int64),  # x offset at the part's first neuron
    ("first", np.int64),  # index of the first neuron in the stream
    ("group", np.int64),  # offset into `rate_group`, -1: one rate for all
    ("rate", np.int64),  # its class, or the first of them
    ("rare", np.int64),  # whether some events are so rare that 32 bits are not enough
    ("weight", np.float64),
    ("jump", np.int64),  # CURRENTS, JUMPS or AHEAD: currents that the part adds itself
    ("since", np.int64),  # on in steps since + 1 ... until
    ("until", np.int64),
    ("tell", np.int64),  # address of what one spike does, see `synaptic.telling`; 0: spikes are added up in the row
    ("stride", np.int64),  # rows of its states apart
    ("law", np.int64),  # offset into coef: its parameters
    ("key_a", np.uint64), ("key_b", np.uint64),
)  # fmt: skip

#: A synapse that is no linear filter, onto a part: rows of what has arrived, its states, its current and conductance.
GENERAL = record(
    ("feel", np.int64),  # address of the kernel that takes a step
    ("show", np.int64),  # and of that which finds current and conductance for a sample
    ("row", np.int64),  # x offset of the first row; of gap junctions: id of the first neuron
    ("stride", np.int64),  # rows apart
    ("v", np.int64),  # x offset of v
    ("shared", np.int64),  # offset into coef: its parameters
)

#: A row of what arrives for a state other than v; `held`: offset into refractory where that state is held, or -1.
MOVE = record(("row", np.int64), ("state", np.int64), ("n", np.int64), ("held", np.int64))

#: A current held for an interval.
NOISE = record(
    ("row", np.int64), ("n", np.int64), ("period", np.int64),
    ("index", np.int64),  # offset into `noise_index`: the index of each neuron among the targets, -1 none
    ("law", np.int64),  # offset into coef: mean, then sd, one a neuron
    ("key_a", np.uint64), ("key_b", np.uint64),
)  # fmt: skip

#: A random number a neuron and step, and what it does: entries kick_lo ... kick_hi - 1 of `kick`, see `disturb`.
DRAW = record(
    ("uniform", np.int64),  # 1: uniform on (0, 1), 0: standard normal
    ("first", np.int64),  # index of the part's first neuron in the stream
    ("key_a", np.uint64),
    ("key_b", np.uint64),
    ("kick_lo", np.int64),
    ("kick_hi", np.int64),
)
KICK = record(
    ("kind", np.int64),
    ("to", np.int64),  # a row of the scratch, or (DRIFT) x offset
    ("at", np.int64),  # offset into coef
    ("own", np.int64),  # 1: one coefficient a neuron
    ("decay", np.float64),
)

#: Synapses from all neurons onto one port, see `deliver`; spans of the arrays of `program.wiring.Bundle`.
BUNDLE = record(
    ("source_ptr", SPAN),  # int64 (n_sources + 1)
    ("seg_delay", SPAN),  # int32 (n_segments)
    ("seg_start", SPAN),  # int64 (n_segments + 1)
    ("target", SPAN),  # uint16 or uint32 (n_synapses)
    ("weight", SPAN),  # float32 or float64 (n_synapses), or none: one for all
    ("constant", np.float64),  # that one
    ("kernel", np.int64),  # address of the kernel for its types of target and weight
    ("row", np.int64),  # where in x the port's row starts
    ("width", np.int64),  # its columns
    ("jump", np.int64),  # CURRENTS or JUMPS
    ("ordered", np.int64),  # 1: one delay only, flights come due in order
    ("plastic", np.int64),  # its number among the plastic ones, -1 none
    ("law", np.int64),  # address of the parameters of a synapse whose spikes arrive one by one
    ("tell", np.int64),  # of what one spike does to it, see `synaptic.telling`; 0: spikes are added up in the row
    ("release", np.int64),  # its number among the releases, -1: flights carry no factor
    ("collect", np.int64),  # `resting`: address of the kernel that lists what arrives, NONE
)

#: Of one bundle: spikes on their way, entries first + head ... first + tail - 1 of `due`, `next`, `last`; and of
#: `factor`, from `carried` in place of `first` (-1: it has none).
QUEUE = record(
    ("first", np.int64), ("capacity", np.int64), ("head", np.int64), ("tail", np.int64), ("carried", np.int64)
)

#: A projection whose sources release.
RELEASE = record(
    ("kernel", np.int64),  # address of its equations
    ("index", SPAN),  # int32 (neurons): position among the sources, -1: none
    ("parameters", SPAN),  # float64 (1 or sources, columns)
    ("own", np.int64),  # 1: one row a source
    ("columns", np.int64),
    ("at", np.int64),  # offset into `released`
    ("width", np.int64),  # numbers of a source: states, step of its last spike, how many it has emitted
    ("dt", np.float64),
    ("key_a", np.uint64),
    ("key_b", np.uint64),
)

#: What a worker has done; up to which step what is due has arrived (`ahead`: what parts add themselves), been sampled.
STATUS = record(
    ("received", np.int64), ("ahead", np.int64), ("jumped", np.int64), ("sampled", np.int64),
    ("begun", np.int64),  # 1: behind the first step
    ("spikes", np.int64), ("events", np.int64),
)  # fmt: skip

#: One plastic projection, see `plastic`; rate_...: dt / tau.
PLASTIC = record(
    ("bundle", np.int64),
    ("column", SPAN),  # int32 (neurons): column of each neuron in the port's row, -1: none
    ("rev_ptr", SPAN),  # int64 (width + 1)
    ("rev_synapse", SPAN),  # uint32 (synapses + AHEAD)
    ("rev_segment", SPAN),  # uint32 (synapses)
    ("pulse_at", SPAN),  # int64: rewards
    ("pulse_size", SPAN),  # float64
    ("width", np.int64),
    ("synapses", np.int64),
    ("segments", np.int64),
    ("at_synapse", np.int64),  # offset into weight
    ("at_eligible", np.int64),  # offset into eligible
    ("at_segment", np.int64),  # offset into x1, x2
    ("at_target", np.int64),  # offset into y1, y2
    ("rewarded", np.int64),  # 1: has eligibility; 0: changes are made at once
    ("triplet", np.int64),
    ("nearest", np.int64),
    ("soft", np.int64),  # 1: the weight matters to its change
    ("period", np.int64),
    ("every", np.int64),  # steps between normalisations, 0: never
    ("c_period", np.int64),
    ("late", np.int64),  # steps by which spikes and states of targets are felt later than they come
    ("at_late", np.int64),  # offset into late
    ("at_count", np.int64),  # offset into late_count
    ("at_past", np.int64),  # offset into past
    # a rule with equations of its own, see `own`
    ("learn", np.int64),  # address of what follows a step, 0: not of its own
    ("event", np.int64),  # address of what follows a third factor
    ("parameters", SPAN),  # float64
    ("rates", SPAN),  # float64: dt / tau of the variables, of traces of sources and of targets; 0: does not decay
    ("paces", SPAN),  # float64: dt / tau of the traces of targets that follow a state
    ("follows", SPAN),  # int64: its row among those of targets, of each trace of targets; -1: it decays
    ("states", SPAN),  # int64 (states that are read, width): x offset
    ("felt", SPAN),  # the same of what is felt late: offset into its rows
    ("at_sources", np.int64),  # offset into sources
    ("at_targets", np.int64),  # offset into targets
    *((name, np.float64) for name in (
        "A_plus", "A_minus", "A3_plus", "A3_minus", "A_pre", "A_post", "w_min", "w_max", "mu_plus", "mu_minus",
        "rate_plus", "rate_minus", "rate_x", "rate_y", "w_total", "rate_c", "rate_d", "dt", "baseline",
    )),
)  # fmt: skip

#: What changes of a plastic projection beside weights and traces.
LEARNT = record(
    ("ref", np.int64),  # step at which traces are worth what stands in them
    ("c_ref", np.int64),  # and eligibility
    ("d_ref", np.int64),  # step to which dopamine was advanced
    ("pulse", np.int64),  # the next reward
    ("frozen", np.int64),  # 1: weights stand still
    ("dopamine", np.float64),
    ("gained", np.float64),  # g at d_ref
)

#: Of `resting`: its part, how many are awake, slabs since they were found, 1: states stand among those awake.
REST = record(("part", np.int64), ("awake", np.int64), ("slabs", np.int64), ("loaded", np.int64))

#: Rows of values sampled every so often; a term of them is factor x[at], or factor x[at] (reversal - x[v]).
PROBE = record(
    ("index", np.int64),  # offset into `probe_index`: column in the rows
    ("n", np.int64),
    ("every", np.int64),
    ("term_lo", np.int64),
    ("term_hi", np.int64),
    ("out", np.int64),  # address of float64 (rows, n)
    ("first", np.int64),  # number of the sample of the first row
)
TERM = record(
    ("at", np.int64), ("v", np.int64), ("driving", np.int64), ("factor", np.float64), ("reversal", np.float64)
)

#: A worker between two meetings; `parity`: which half of what is exchanged is written; `pending`: slabs whose spikes
#: are not on their way, the last and an older one, at most `lag` during a slab; `launched`: spikes since its report.
RUNNING = record(
    *((name, np.int64) for name in ("parity", "pending", "lag", "logged", "barriers")),
    *((f"{slab}_{what}", np.int64) for slab in ("pending", "older") for what in ("step", "steps", "launched")),
)
#: What a worker tells the others: spikes of a slab, room for flights, room in its log; a cache line each.
REPORT = record(("emitted", np.int64), ("room", np.int64), ("log_room", np.int64), ("pad", np.int64, 5))

WORKER = record(
    # arena
    ("x", SPAN),  # float64: model states, synaptic filters, held noise
    ("refractory", SPAN),  # int32: steps left
    ("status", SPAN),  # STATUS (1)
    ("queue", SPAN),  # QUEUE (bundles)
    ("cursor", SPAN),  # int64 (parts): next listed spike
    ("learnt", SPAN),  # LEARNT (plastic)
    ("weight", SPAN),  # float64: of plastic synapses; behind them the further variables that they have, row by row
    ("eligible", SPAN),
    ("x1", SPAN), ("x2", SPAN), ("y1", SPAN), ("y2", SPAN),  # float64: traces
    ("released", SPAN),  # float64: of the sources of releases
    ("trend", SPAN),  # float64: by how much v moved in the last step, of neurons with gap junctions
    ("train_left", SPAN),  # float64: what is left of the interval of each train
    ("train_count", SPAN),  # int64: words that it has used
    ("sources", SPAN), ("targets", SPAN),  # float64: traces of rules with equations of their own, row by row
    ("late", SPAN), ("late_count", SPAN),  # int64: spikes of targets of the last `late` steps, by step, and how many
    ("past", SPAN),  # float64: states of targets at those, row by row, and as they are felt now
    ("due", SPAN), ("next", SPAN), ("last", SPAN),  # int64: step at which a flight is due, its segment, their end
    ("factor", SPAN),  # float64: by which its weights are multiplied
    # program
    ("t_ref", SPAN),  # int32: steps
    ("part", SPAN), ("op", SPAN), ("coef", SPAN),  # the last of float64
    ("bundle", SPAN), ("background", SPAN), ("train", SPAN),
    ("rate_group", SPAN),  # int32: class of each neuron
    ("rate_ptr", SPAN),  # int64 (n_classes + 1)
    ("rate_least", SPAN),  # int32 (n_classes)
    ("rate_threshold", SPAN),  # uint32
    ("rate_chance", SPAN),  # float64: with which a draw that equals the threshold reaches it
    ("noise", SPAN), ("noise_index", SPAN), ("general", SPAN), ("move", SPAN),
    ("gauss", SPAN), ("kick", SPAN),  # DRAW, KICK
    ("listed_step", SPAN), ("listed_id", SPAN),  # int64: listed spikes, sorted
    ("plastic", SPAN), ("release", SPAN),
    ("kept_state", SPAN),  # int64: states that are kept with spikes
    ("junction_ptr", SPAN), ("junction_other", SPAN),  # int64 (neurons + 1, and two a gap junction)
    ("junction", SPAN),  # float64: their conductances
    ("do_noise", np.int64), ("do_apply", np.int64), ("do_learn", np.int64),
    # engine
    ("do_receive", np.int64), ("do_launch", np.int64), ("do_report", np.int64), ("do_sample", np.int64),
    ("do_meet", np.int64), ("do_merge", np.int64), ("do_tell", np.int64), ("do_poll", np.int64),
    ("probe", SPAN), ("probe_index", SPAN), ("term", SPAN),
    ("drive_ptr", SPAN),  # int64 (n_parts, steps + 1): external input of this batch
    ("drive_row", SPAN),  # int64: scratch row
    ("drive_value", SPAN),  # float64
    ("drive_vector", SPAN),  # int64: offset into drive_pool of one value a neuron, -1: the same for all
    ("drive_pool", SPAN),  # float64
    ("pace_at", SPAN),  # int64: where the paces of this batch stand, as if it began at step 0
    ("pace_value", SPAN),  # float64
    ("marks", SPAN),  # int64
    ("scratch", SPAN),  # float64 (rows, BLOCK)
    ("workspace", SPAN),  # float64: of the flow kernels
    ("fired", SPAN),  # uint8 (BLOCK)
    ("draw", SPAN),  # uint64 (poisson.SCRATCH): words of draws, levels, counts of a byte
    ("drawn", SPAN),  # int32 (poisson.RUN)
    ("work", SPAN),  # int64: segments due
    ("strength", SPAN),  # float64: their factors; of spikes that are launched
    ("log_id", SPAN),  # int64: spikes since the last call
    ("log_kept", SPAN),  # float64 (spikes, most that are kept): their states, beside log_id
    ("log_count", SPAN),  # int64 (steps): how many in each step
    ("running", SPAN),  # RUNNING (1)
    # `resting`
    ("do_rest", np.int64),
    ("rest", SPAN),  # REST (1)
    ("slot", SPAN),  # int32 (n): where a neuron stands among those awake, -1: it sleeps
    ("who", SPAN),  # int32 (n): who stands there
    ("awake_x", SPAN),  # float64 (2, n): states of those awake
    ("awake_left", SPAN),  # int32 (n): steps left
    ("event_key", SPAN),  # int64: arrivals of a slab: who (among those awake), step, what it moves
    ("event_weight", SPAN),  # float64
    ("event_order", SPAN),  # int64: by group
    ("event_ptr", SPAN),  # int64: of each group: how many, then their end
    ("hits", SPAN),  # int64 (steps): whether there are spikes
    ("spiked", SPAN),  # uint64: a bit a step and neuron
    # what workers tell each other, double-buffered: one half is read while the other is written
    ("slab_id", SPAN),  # int64 (2, capacity): spikes of a slab
    ("slab_offset", SPAN),  # int64 (n_workers + 1): where those of each worker begin; the capacity
    ("slab_ptr", SPAN),  # int64 (2, n_workers, slab + 1): its steps
    ("report", SPAN),  # REPORT (2, n_workers)
    ("barrier", SPAN),  # int64 (8)
    ("exchange", np.int64),  # address of EXCHANGE, see `collective`
    ("potential", SPAN),  # float64 (2, neurons): v as it will be in the middle of a step, of those with gap junctions
    ("merged", SPAN),  # int64: scratch, three a worker, then the spikes of a step
)  # fmt: skip
