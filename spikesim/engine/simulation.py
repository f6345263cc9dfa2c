"""A network that is being run: read, changed, fed, saved and branched between pieces of a run."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, StateError
from ..keywords import named
from ..network import checked
from ..network.network import Network
from ..program.program import Changes
from ..record.adapter import sink_of
from ..record.result import Result
from . import saved
from .protocol import Engine
from .ranks import ranks_of
from .session import recording
from .structural import Structural
from .weights import weights_of

__all__ = ["Simulation"]


@named
class Simulation(Structural):
    """A network that is being run.

    Parameters
    ----------
    net : Network
        It is not changed, and what is added to it later is not seen here.
    dt : float
        Time step (ms).
    engine : {"clock", "event"}
        The way of advancing: on a grid of dt; or exactly, from event to event (dt then only counts samples and
        ends of runs).
    threads : int, optional
        Workers; the results are the same bits for any number.  Unless given: all cores for a large network, one
        for a small.
    out : path or sink, optional
        HDF5 file to record into (memory unless given), made when the first run begins; or anything that has the verbs
        of :class:`spikesim.record.Sink`.
    seed : int, optional
        Another seed than the network's.
    overwrite : bool
        Whether an existing file may be replaced.
    start : float
        Time of the initial state (ms).
    rtol, atol : float, optional
        Largest error of a step of a nonlinear neuron, relative and absolute: 1e-7 and 1e-9 unless given; of the event
        engine only.
    comm : mpi4py.MPI.Intracomm, optional
        Processes that run it together, with `threads` in each: ``comm=MPI.COMM_WORLD`` under ``mpiexec -n 4``; the
        results are the same bits for any number.  All of them do the same, reading and saving included.  What is
        recorded into memory each has whole; into a file, or a sink of one's own, rank 0 records, and the results of the
        others are None.

    Attributes
    ----------
    state : mapping
        ``sim.state["exc"]["v"]`` is a copy, float64 (n,); assigning sets it from this step on.
    weights : mapping
        ``sim.weights["a to b"]`` as sparse (n_post, n_pre); assigning one number, such a matrix, or one number a
        synapse in the order of :meth:`synapses` sets them.

    Raises
    ------
    SpikesimError
        If the network and these numbers do not go together; before anything runs.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 10, ss.LIF(I_e=400.0))
    >>> net.record(cells, "spikes")
    >>> with ss.Simulation(net) as sim:
    ...     _ = sim.run(50.0)
    ...     sim.set("cells", I_e=0.0)
    ...     result = sim.run(50.0)
    >>> result.spikes["cells"].rate(start=60.0)
    0.0
    """

    # -- looking ------------------------------------------------------------------------------------------------------

    @named
    def result(self) -> Any:
        """Return what has been recorded so far.

        Returns
        -------
        Result
            Or what the sink returns that it was given.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> with ss.Simulation(net) as sim:
        ...     fired = sim.step(50.0)
        ...     result = sim.result()
        >>> result.spikes["cells"].count() == fired["cells"].size
        True
        """
        found = super().result()
        ours = isinstance(found, Result)  # else a sink of the user's own, or rank 0 has it
        if not ours and self.engine.ranks.size == 1:
            return found
        made = {w.name: weights_of(self.engine, w) for w in self.program.wirings}
        if not ours:
            return found
        return replace(found.with_weights(made), stats={**found.stats, **self.stats})

    # -- state as a value ---------------------------------------------------------------------------------------------

    @named
    def save(self, path: str | os.PathLike[str]) -> None:
        """Save all that decides the future; whole or not at all, and nothing here changes by it.

        What stood at `path` before is kept as "<path>.previous".

        Parameters
        ----------
        path : path
            Of the file.

        Raises
        ------
        OutputFileError
            If the file cannot be written.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> with ss.Simulation(net) as sim:
        ...     result = sim.run(50.0, progress=False)
        ...     sim.save("state.h5")
        >>> with ss.Simulation.resume("state.h5", net) as sim:
        ...     later = sim.time
        >>> later
        50.0
        """
        self.require_idle("save")
        saved.save(self.engine, path)

    @classmethod
    @named
    def resume(
        cls,
        path: str | os.PathLike[str],
        net: Network | None = None,
        *,
        threads: int | None = None,
        out: Any = None,
        overwrite: bool = False,
        comm: Any = None,
    ) -> Simulation:
        """Go on from a saved state, byte-identical to never having stopped, on any number of threads and processes.

        Parameters
        ----------
        path : path
            Of a state, or of a recording that was made with ``autosave=``: its state beside is taken.
        net : Network, optional
            The network that was run; unless given it is made from the file, where its classes are declared here.
        threads : int, optional
        out : path or sink, optional
            The recording that was being written goes on where the state was saved (what came after is cut off); any
            other path begins a new one there.
        overwrite : bool
        comm : mpi4py.MPI.Intracomm, optional

        Returns
        -------
        Simulation

        Raises
        ------
        StateError
            If the network is another one: what differs first.
        FileFormatError
            If the file is no state, damaged, or of a later version.
        InputFileError
            If it does not exist, is a folder, or may not be read.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> with ss.Simulation(net) as sim:
        ...     result = sim.run(50.0, progress=False)
        ...     sim.save("state.h5")
        >>> with ss.Simulation.resume("state.h5", net) as sim:
        ...     result = sim.run(50.0, progress=False)
        >>> result.start, result.stop
        (50.0, 100.0)
        """
        clock = time.perf_counter()
        ranks = ranks_of(comm)
        with ranks.building():
            engine = saved.resume(path, net, threads, ranks)
            with ranks.together("open the recording"):
                sink = recording(out, ranks, overwrite, engine.step)
        made = cls.__new__(cls)
        made._set_up(engine, sink, time.perf_counter() - clock, out is None)
        return made

    @named
    def branch(self, n: int, seeds: Sequence[int] | None = None) -> list[Simulation]:
        """Return `n` futures of this moment on the same wiring; this simulation itself may go on, too.

        Parameters
        ----------
        n : int
        seeds : sequence of int, optional
            Other seeds for all that is drawn from here on: trains of any source and of backgrounds (of
            :class:`PulsePackets` the spikes that are to come), noise, releases; the same future unless given.

        Returns
        -------
        list of Simulation
            Each records into memory, from here on.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> with ss.Simulation(net) as sim:
        ...     result = sim.run(50.0, progress=False)
        ...     futures = [branch.run(50.0, progress=False) for branch in sim.branch(2, seeds=[1, 2])]
        >>> [future.start for future in futures]
        [50.0, 50.0]
        """
        self.require_idle("branch")
        n = checked.count("branch: n", n, least=1)
        if seeds is not None and not isinstance(seeds, (Sequence, np.ndarray)):
            raise InvalidTypeError(f"branch: seeds: wanted a list, one a branch, got {checked.short(seeds)}")
        if seeds is not None and len(seeds) != n:
            raise InvalidValueError(f"branch: wanted {n} seeds, one a branch, got {len(seeds)}")
        made = []
        for k in range(n):
            engine: Engine = self.engine.fork()
            if seeds is not None:
                seed = checked.count(f"branch: seed {k}", seeds[k], most=2**64 - 1)
                engine = engine.rebuilt(engine.program.changed(Changes(noise_seed=seed)))
            one = type(self).__new__(type(self))
            one._set_up(engine, sink_of(None), 0.0)
            made.append(one)
        return made

    def __copy__(self) -> Simulation:
        return self.branch(1)[0]

    def __deepcopy__(self, memo: Any) -> Simulation:
        return self.branch(1)[0]

    def __reduce__(self) -> Any:
        raise StateError(
            "a simulation is not pickled: it holds threads and compiled loops; sim.save(path) keeps its state, "
            "Simulation.resume(path, net) goes on in any process, sim.branch(n) copies it here"
        )
