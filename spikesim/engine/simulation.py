"""A network that is being run: read, changed, fed, saved and branched between pieces of a run."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, StateError, UnknownNameError, did_you_mean
from ..keywords import named
from ..network import checked
from ..network.background import Background, rate_of
from ..network.network import Network
from ..network.population import check_trains
from ..network.probe import Injection
from ..network.stimulus import Stimulus
from ..program.program import Changes
from ..program.wiring import Wiring
from ..record.adapter import sink_of
from ..record.result import Result
from . import saved
from .protocol import Engine
from .ranks import ranks_of
from .running import recording
from .stepping import Stepping
from .views import parameters_of
from .weights import Synapses, edges_of, weights_of

__all__ = ["Simulation"]


@named
class Simulation(Stepping):
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
        results are the same bits for any number.  Of the clock engine only.  All of them do the same, reading and
        saving included.  What is recorded into memory each has whole; into a file, or a sink of one's own, rank 0
        records, and the results of the others are None.

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

    # -- changing -----------------------------------------------------------------------------------------------------

    @named
    def set(self, name: str, **values: Any) -> None:
        """Set parameters from this step on.

        Parameters
        ----------
        name : str
            Of a population (``I_e=300.0``; of a source ``rate=``, ``times=``), of a background (``rate=``, ``weight=``)
            or of an injected stimulus (its own parameters, or ``stimulus=`` another one).  Of a projection that learns
            ``learning=False``: its weights stand still and all traces go on, until ``learning=True``.
        **values
            Numbers, arrays of one value a neuron, or distributions.

        Raises
        ------
        UnknownNameError, InvalidTypeError, InvalidValueError
            If there is no such population, background or stimulus, no such parameter, or a value is not allowed.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF()), "spikes")
        >>> with ss.Simulation(net) as sim:
        ...     quiet = sim.run(50.0, progress=False).spikes["cells"].count()
        ...     sim.set("cells", I_e=500.0)
        ...     loud = sim.run(50.0, progress=False).spikes["cells"].count()
        >>> quiet, loud > 0
        (0, True)
        """
        self.require_idle("set")
        program = self.program
        backgrounds = {b.name: b for b in program.backgrounds}
        injections = {i.name: i for i in program.injections}
        if name in program.by_name:
            cell = program.by_name[name]
            model = parameters_of(f"set {name!r}", cell.model, values)
            check_trains(f"set {name!r}", model, cell.size)
            for parameter in values:
                checked.one_each(f"set {name!r}: {parameter}", getattr(model, parameter, None), cell.size)
            changes = Changes(models={name: model})
        elif name in backgrounds:
            changes = Changes(backgrounds={name: _background(name, backgrounds[name], values)})
        elif name in injections:
            changes = Changes(injections={name: _injection(name, injections[name], values)})
        elif any(p.name == name for p in program.projections):
            self._set_projection(name, values)
            return
        else:
            known = [*program.by_name, *backgrounds, *injections, *(p.name for p in program.projections)]
            raise UnknownNameError(
                f"set: no population, background, stimulus or projection {name!r}{did_you_mean(str(name), known)}"
            )
        self.engine = self.engine.rebuilt(program.changed(changes))

    def _set_projection(self, name: str, values: dict[str, Any]) -> None:
        where = f"set {name!r}"
        for key in values:
            if key != "learning":
                hint = f"; sim.weights[{name!r}] = ... sets weights" if key in ("weight", "w") else ""
                raise InvalidTypeError(
                    f"{where}: a projection has no {key!r} that can be set{did_you_mean(key, ('learning',))}{hint}"
                )
            value = values[key]
            if not isinstance(value, (bool, np.bool_)):
                raise InvalidTypeError(f"{where}: learning: wanted True or False, got {checked.short(value)}")
            if self.engine.learnt(name) is None:
                raise InvalidTypeError(
                    f"{where}: learning: it has no plasticity; net.connect(..., plasticity=STDP(...))"
                )
            self.engine.freeze(name, not value)

    @named
    def set_weights(self, projection: str, weight: float | np.ndarray) -> None:
        """Set the weights of a projection: one for all, or one a synapse in the order (target, j) of its edges.

        Parameters
        ----------
        projection : str
            Its name.
        weight : float or array of float, shape (synapses,)
            In the unit of the synapse.

        Raises
        ------
        UnknownNameError
            If no projection has this name.
        InvalidTypeError, InvalidValueError
            If these are no such numbers.
        StateError
            If a run is under way or the simulation is closed.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF())
        >>> ring = net.connect(cells, cells, ss.one_to_one(), weight=0.5, delay=1.0, synapse=ss.Delta(), name="ring")
        >>> with ss.Simulation(net) as sim:
        ...     sim.set_weights("ring", 0.25)
        ...     weights = sim.synapses("ring").weight
        >>> set(weights.tolist())
        {0.25}
        """
        wiring = self.wiring(projection)
        learnt = self.engine.learnt(projection)
        if learnt is None:
            self.engine = self.engine.rebuilt(self.program.changed(Changes(weights={projection: weight})))
            return
        pre, post, _, delay = wiring.edges()
        each = np.broadcast_to(np.asarray(weight, np.float64), pre.shape)
        rule: Any = next(p.plasticity for p in self.program.projections if p.name == projection)
        low, high = rule.w_min, rule.w_max
        if each.size and not (low <= each.min() and each.max() <= high):
            raise InvalidValueError(
                f"weights of {projection!r} must lie within the bounds of its plasticity, {low:g} ... {high:g}, got "
                f"{each.min():g} ... {each.max():g}"
            )
        self.engine.learn(projection, each[np.lexsort((delay, post, pre))])

    @named
    def reward(self, amount: float, projection: str | None = None) -> None:
        """Let dopamine jump by `amount` (1/ms) now, in one projection with :class:`RewardSTDP` or in all.

        Parameters
        ----------
        amount : float
            In 1/ms; it may be negative.
        projection : str, optional
            Its name; all projections with rewards unless given.

        Raises
        ------
        StateError
            If a run is under way or the simulation is closed.
        UnknownNameError
            If no such projection waits for a reward.
        InvalidTypeError, InvalidValueError
            If the amount is no finite number.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> a, b = net.population("a", 10, ss.Poisson(rate=50.0)), net.population("b", 10, ss.LIF())
        >>> rule = ss.RewardSTDP(A_plus=0.01, A_minus=0.01, w_max=1.0)
        >>> learnt = net.connect(a, b, ss.all_to_all(), weight=0.5, delay=1.0, synapse=ss.Delta(), plasticity=rule)
        >>> with ss.Simulation(net) as sim:
        ...     first = sim.run(50.0, progress=False)
        ...     sim.reward(0.1)
        ...     then = sim.run(50.0, progress=False)
        >>> then.stop
        100.0
        """
        amount = checked.number("reward: amount", amount)
        self.require_idle("reward")
        names = self.engine.rewarded
        if not names or projection not in (None, *names):
            which = "" if projection is None else f" {projection!r}"
            hint = f"; with RewardSTDP: {', '.join(names)}" if names else "; give one plasticity=RewardSTDP(...)"
            raise UnknownNameError(f"reward: no projection{which} waits for a reward{hint}")
        self.engine.reward(amount, projection)

    # -- looking ------------------------------------------------------------------------------------------------------

    @named
    def wiring(self, projection: str) -> Wiring:
        """Return the wiring of a projection.

        Parameters
        ----------
        projection : str
            Its name.

        Returns
        -------
        Wiring
            Who is connected to whom, as it was made for this run.

        Raises
        ------
        UnknownNameError
            If no projection has this name.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF())
        >>> ring = net.connect(cells, cells, ss.one_to_one(), weight=0.5, delay=1.0, synapse=ss.Delta(), name="ring")
        >>> with ss.Simulation(net) as sim:
        ...     name = sim.wiring("ring").name
        >>> name
        'ring'
        """
        names = [wiring.name for wiring in self.program.wirings]
        if projection not in names:
            raise UnknownNameError(f"no projection {projection!r}{did_you_mean(str(projection), names)}")
        return self.program.wirings[names.index(projection)]

    @named
    def synapses(self, projection: str) -> Synapses:
        """Return all synapses of a projection as they are now: lists `pre`, `post`, `weight`, `delay` (ms); read-only.

        ``np.savez(path, **sim.synapses(name)._asdict())`` keeps them; ``connect(pre, post, from_pairs(s.pre, s.post),
        weight=s.weight, delay=s.delay, ...)`` goes on with them.

        Parameters
        ----------
        projection : str
            Its name.

        Returns
        -------
        Synapses
            A named tuple of arrays of shape (synapses,), in the order (target, j).

        Raises
        ------
        UnknownNameError
            If no projection has this name.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF())
        >>> ring = net.connect(cells, cells, ss.one_to_one(), weight=0.5, delay=1.0, synapse=ss.Delta(), name="ring")
        >>> with ss.Simulation(net) as sim:
        ...     found = sim.synapses("ring")
        >>> found.pre.tolist() == found.post.tolist(), float(found.delay[0])
        (True, 1.0)
        """
        return Synapses.listed(edges_of(self.engine, self.wiring(projection)), self.wiring(projection).grid)

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
            Other seeds for what is drawn from here on (Poisson trains, noise); the same future unless given.

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
        n = checked.count("branch: n", n)
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


def _background(name: str, old: Background, values: Mapping[str, Any]) -> Background:
    where = f"set {name!r}"
    known = ("rate", "weight")
    for key in values:
        if key not in known:
            raise InvalidTypeError(f"{where}: a background has no {key!r} that can be set{did_you_mean(key, known)}")
    clean: dict[str, Any] = {}
    if "rate" in values:
        clean["rate"] = rate_of(where, values["rate"], old.target.size)
    if "weight" in values:
        clean["weight"] = checked.number(f"{where}: weight", values["weight"])
    return replace(old, **clean)


def _injection(name: str, old: Injection, values: Mapping[str, Any]) -> Injection:
    where = f"set {name!r}"
    if "stimulus" in values:
        new = values["stimulus"]
        if len(values) > 1 or not isinstance(new, Stimulus):
            raise InvalidTypeError(
                f"{where}: stimulus: wanted one stimulus such as DC(300.0), got {checked.short(new)}"
            )
    else:
        fields = list(getattr(old.stimulus, "__dataclass_fields__", {}))
        for key in values:
            if key not in fields:
                kind = type(old.stimulus).__name__
                raise InvalidTypeError(f"{where}: {kind} has no parameter {key!r}{did_you_mean(key, fields)}")
        new = replace(old.stimulus, **values)  # type: ignore[type-var]
    if new.targets not in (None, old.target.size):
        raise InvalidValueError(f"{where}: amplitudes for {new.targets} targets, but there are {old.target.size}")
    return replace(old, stimulus=new)
