"""Which engine runs a network."""

from __future__ import annotations

from typing import Any

from ..errors import InvalidValueError
from ..grid import Grid
from ..jit import ahead
from ..jit.aside import aside
from ..kinds import one_of
from ..network.array_file import require_unchanged
from ..network.network import Network
from ..program.program import Program
from .protocol import Engine
from .ranks import ALONE, Alone
from .workers import spare_core

__all__ = ["ENGINES", "build", "engine_of"]

ENGINES = ("clock", "event")


def engine_of(
    net: Network,
    grid: Grid,
    seed: int,
    start: int,
    name: Any,
    threads: Any,
    rtol: Any = None,
    atol: Any = None,
    ranks: Alone = ALONE,
) -> Engine:
    """Resolve a network and build the engine of that name at its initial state.

    Raises
    ------
    InvalidValueError
        If there is no such engine, or the network does not fit it.
    """
    one_of("engine", name, ENGINES)
    tolerances = {key: value for key, value in (("rtol", rtol), ("atol", atol)) if value is not None}
    if tolerances and name != "event":
        raise InvalidValueError(
            f"{', '.join(tolerances)}: only engine='event' steps by tolerance, got engine={name!r}; "
            f"leave {'it' if len(tolerances) == 1 else 'them'} out (and choose a smaller dt), or use engine='event'"
        )
    with ranks.together("build"):
        program = Program(net, grid, seed, exact=name == "event", start=start)
    return build(program, threads, tolerances, ranks)


def build(program: Program, threads: Any, tolerances: dict[str, float], ranks: Alone = ALONE) -> Engine:
    """Return the engine of a program: exact programs run from event to event, others on their grid.

    Ctrl-C is heard at once.

    Raises
    ------
    FileFormatError, InputFileError
        If an input that stays in a file is another by now.
    """
    net = program.net
    rates = [getattr(population.model, "rate", None) for population in net.populations.values()]
    with ranks.together("build"):
        require_unchanged([*(i.stimulus for i in net.injections), *(b.rate for b in net.backgrounds), *rates])
    if program.exact:
        from .event import run as event
        from .event.engine import build as build_exact

        if ranks.size > 1:  # what they tell each other goes through the main thread
            return build_exact(program, threads, ranks, **tolerances)
        if spare_core():
            ahead(event.run, *event.ARGUMENTS)
        return aside(lambda: build_exact(program, threads, ranks, **tolerances))
    from .clock import run as clock
    from .clock.build import build as on_the_clock
    from .clock.entries import abreast

    if ranks.size > 1:
        return on_the_clock(program, threads, ranks)
    if spare_core():
        ahead(clock.run, *clock.ARGUMENTS, before=abreast)
    return aside(lambda: on_the_clock(program, threads, ranks))
