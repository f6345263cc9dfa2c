"""Set up, run, reset and end: the functions of a script."""

from __future__ import annotations

from typing import Any

from pyNN import common
from pyNN.common.control import DEFAULT_MAX_DELAY, DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP
from pyNN.connectors import FixedProbabilityConnector
from pyNN.recording import get_io

from ..errors import InvalidTypeError, suggestion
from . import simulator
from .populations import Population
from .projections import Projection
from .synapses import StaticSynapse

SEED = 42
#: What `setup` is told here, and of what else is not taken for a slip of it.
KNOWN = ("max_delay", "threads", "rng_seed", "engine", "spike_precision")
OTHERS = ("grng_seed", "rng_seeds", "rng_seeds_seed", "rng_type")


def setup(timestep: float = DEFAULT_TIMESTEP, min_delay: Any = DEFAULT_MIN_DELAY, **extra_params: Any) -> int:
    """Begin a new network; the one before is forgotten.

    Parameters
    ----------
    timestep : float
        In ms.
    min_delay : float or "auto"
        In ms: the delay of a synapse that is given none; "auto": one step.
    **extra_params
        ``max_delay``; ``threads`` (all cores for a large network unless given); ``rng_seed``: of Poisson sources and
        electrodes; ``engine="event"``, or ``spike_precision="off_grid"``: spikes at their exact times.  Scripts tell
        `setup` what is for other back ends, too: all else is ignored.

    Returns
    -------
    int
        The number of this process: 0.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the step is none, or a keyword seems to be one of these with a slip.
    """
    common.setup(timestep, min_delay, **extra_params)
    for key in extra_params:
        meant = suggestion(key, KNOWN)
        if key not in (*KNOWN, *OTHERS) and meant:
            raise InvalidTypeError(f"setup: no option {key!r}{meant} Known: {', '.join(KNOWN)}")
    exact = extra_params.get("spike_precision", "on_grid") == "off_grid"
    simulator.state.begin(
        timestep=timestep,
        min_delay=min_delay,
        max_delay=extra_params.get("max_delay", DEFAULT_MAX_DELAY),
        engine=extra_params.get("engine", "event" if exact else "clock"),
        threads=extra_params.get("threads"),
        seed=extra_params.get("rng_seed", SEED),
    )
    return rank()


def end(compatible_output: bool = True) -> None:
    """Write what was to be recorded to files; the data can still be asked for."""
    waiting, simulator.state.write_on_end = simulator.state.write_on_end, []
    for population, variables, file in waiting:
        population.write_data(get_io(file), variables)


run, run_until = common.build_run(simulator)
run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
set = common.set
create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
record = common.build_record(simulator)

(
    get_current_time,
    get_time_step,
    get_min_delay,
    get_max_delay,
    num_processes,
    rank,
) = common.build_state_queries(simulator)


def record_v(source: Any, filename: str) -> None:
    """Record membrane potentials to a file."""
    record(["v"], source, filename)


def record_gsyn(source: Any, filename: str) -> None:
    """Record synaptic conductances to a file."""
    record(["gsyn_exc", "gsyn_inh"], source, filename)
