"""Many states on one wiring in one process: trials with other noise, parameters or stimuli, side by side on all cores.

Each world is a simulation of its own on one thread; worlds share the synapses, which are built once.  A world gives the
bits that it would give alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ..engine.simulation import Simulation
from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..network import checked
from ..network.network import Network
from ..random import Distribution

__all__ = ["Worlds", "worlds"]


@named
class Worlds(Sequence[Simulation]):
    """Simulations on one wiring; ``many[k]`` is one of them, ``many.run(1000.0)`` runs all.

    Parameters
    ----------
    simulations : sequence of Simulation
        As :func:`worlds` makes them.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
    >>> with ss.worlds(net, 2, seeds=[1, 2]) as many:
    ...     results = many.run(50.0, progress=False)
    >>> len(results)
    2
    """

    def __init__(self, simulations: Sequence[Simulation]) -> None:
        self._simulations = list(simulations)

    def __len__(self) -> int:
        return len(self._simulations)

    def __getitem__(self, index: Any) -> Any:
        return self._simulations[index]

    def __iter__(self) -> Iterator[Simulation]:
        return iter(self._simulations)

    @named
    def run(
        self, duration: float, *, jobs: int | None = None, progress: bool | None = None, **options: Any
    ) -> list[Any]:
        """Run all worlds on for `duration` (ms), several at a time, and return their results.

        Parameters
        ----------
        duration : float
        jobs : int, optional
            How many at a time; as many as there are cores unless given.
        progress : bool, optional
            Whether to show a bar that counts worlds; on a terminal or in a notebook unless given.
        **options
            Other arguments of :meth:`Simulation.run` (`every`, `stop`).

        Returns
        -------
        list of Result
            One a world, in their order.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> with ss.worlds(net, 2, seeds=[1, 2]) as many:
        ...     results = many.run(50.0, jobs=1, progress=False)
        >>> [result.stop for result in results]
        [50.0, 50.0]
        """
        from .sweep import bar_of

        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        jobs = cores if jobs is None else checked.count("worlds: jobs", jobs)
        if jobs < 1:
            raise InvalidValueError(f"worlds: jobs must be at least 1, got {jobs}")
        results: list[Any] = []
        with bar_of("worlds", len(self), 0, progress) as bar, ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(sim.run, duration, progress=False, **options) for sim in self]
            try:
                for future in futures:
                    results.append(future.result())
                    bar.update(1)
            except BaseException:
                for future in futures:
                    future.cancel()
                raise
        return results

    @named
    def close(self) -> None:
        """End all of them.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> many = ss.worlds(net, 2, seeds=[1, 2])
        >>> many.close()
        """
        for simulation in self:
            simulation.close()

    def __enter__(self) -> Worlds:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{len(self)} worlds at {self[0].time:g} ms>" if len(self) else "<no worlds>"


@named
def worlds(
    net: Network,
    n: int,
    *,
    seeds: Sequence[int] | None = None,
    vary: Mapping[str, Any] | None = None,
    dt: float = 0.1,
    engine: str = "clock",
    **options: Any,
) -> Worlds:
    """Return `n` states of a network on one wiring.

    Parameters
    ----------
    net : Network
    n : int
    seeds : sequence of int, optional
        Of what is drawn while the worlds run (Poisson trains, noise), one a world; ``net.seed + k`` unless given.  The
        connections are those of ``net.seed`` in all.
    vary : mapping of str to sequence, optional
        ``{"exc.I_e": values}``: a parameter of a population, background or stimulus, one value a world (a number, or an
        array of one a neuron); ``"exc.v"`` sets a state variable at the start.
    dt, engine, **options
        As of :class:`Simulation`.

    Returns
    -------
    Worlds

    Raises
    ------
    InvalidTypeError, InvalidValueError, UnknownNameError
        If what is given is not as above.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 5, ss.LIF())
    >>> net.record(cells, "spikes")
    >>> many = ss.worlds(net, 3, vary={"cells.I_e": [0.0, 400.0, 800.0]})
    >>> [result.spikes["cells"].count() > 0 for result in many.run(100.0)]
    [False, True, True]
    """
    if not isinstance(net, Network):
        raise InvalidTypeError(f"worlds: wanted a Network, got {type(net).__name__}")
    n = checked.count("worlds: n", n, most=10**6)
    if "threads" in options or "out" in options:
        raise InvalidTypeError("worlds: each world has one thread and records into memory; leave threads and out out")
    if seeds is not None and not isinstance(seeds, (Sequence, np.ndarray)):
        raise InvalidTypeError(f"worlds: seeds: wanted a list, one a world, got {checked.short(seeds)}")
    if vary is not None and not isinstance(vary, Mapping):
        raise InvalidTypeError(f'worlds: vary: wanted {{"population.parameter": values}}, got {checked.short(vary)}')
    wanted = [net.seed + k for k in range(n)] if seeds is None else list(seeds)
    if len(wanted) != n:
        raise InvalidValueError(f"worlds: wanted {n} seeds, one a world, got {len(wanted)}")
    varied = {name: _one_a_world(name, values, n) for name, values in (vary or {}).items()}
    with Simulation(net, dt=dt, engine=engine, threads=1, **options) as first:
        made = first.branch(n, seeds=wanted)
    for name, values in varied.items():
        owner, _, what = name.rpartition(".")
        for simulation, value in zip(made, values):
            if owner in simulation.state and what in simulation.state[owner]:
                simulation.state[owner][what] = value
            else:
                simulation.set(owner, **{what: value})
    return Worlds(made)


def _one_a_world(name: Any, values: Any, n: int) -> list[Any]:
    where = f"worlds: vary {name!r}"
    if not isinstance(name, str) or not all(name.rpartition(".")):
        raise InvalidTypeError(f'{where}: wanted "population.parameter", as in {{"exc.I_e": values}}')
    if isinstance(values, (str, Distribution)) or not hasattr(values, "__len__") or len(values) != n:
        got = f"{len(values)} values" if hasattr(values, "__len__") else checked.short(values)
        raise InvalidValueError(f"{where}: wanted {n} values, one a world, got {got}")
    return [v.item() if isinstance(v, np.generic) else v for v in values]
