"""The description of a network: who is there, who is connected, what is put in, what is recorded.

Everything is checked when it is given, and a refused call leaves the network as it was.  Nothing is built
here: a run compiles the description and does not change it, so a network can be run, extended, and run again.
"""

from __future__ import annotations

import math
import unicodedata
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..keywords import named
from ..machine import require_memory
from ..synapses.contract import Synapse
from . import checked
from .background import Background
from .coupling import Coupling
from .driven import Driven
from .exported import Exported
from .joined import Joined
from .memory import predicted_population
from .population import Population, population
from .probe import Injection, Probe, WeightProbe, kept_at_spike, probed, sampled, weight_probes, windows
from .projection import AGAIN, Projection
from .selection import Selection
from .summary import summary, summary_html

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..engine.simulation import Simulation
    from ..record import Result, Sink

__all__ = ["Network"]


@named
class Network(Joined, Driven, Exported):
    """A network of spiking neurons, described.

    Parameters
    ----------
    seed : int
        From 0 to 2^64 - 1.  Every random number of a run (connections, weights, initial states, noise) is a
        function of it and of names, not of the order in which things were declared.

    Attributes
    ----------
    populations : dict of str to Population
    projections : list of Projection
    couplings : list of Coupling
        Gap junctions.
    backgrounds : list of Background
    injections : list of Injection
    probes : list of Probe
    sampled : dict of (str, variable) to Probe
        The newest probe of each variable of a population.
    windows : dict of str to (float, float)
        By population that is recorded: from when to when.
    spike_targets : list of Selection
        Whose spikes are recorded.
    at_spike : dict
        By population: the states that are recorded at each spike, just before the reset.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the seed is not such a number.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=42)
    >>> cells = net.population("cells", 100, ss.LIF(I_e=400.0), v=ss.uniform(-70.0, -55.0))
    >>> synapses = net.connect(cells, cells, ss.fixed_indegree(10), weight=-0.1, delay=1.5, synapse=ss.Delta())
    >>> net.record(cells, "spikes")
    >>> net.run(100.0, progress=False).spikes["cells"].count() > 100
    True
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.populations: dict[str, Population] = {}
        self.projections: list[Projection] = []
        self.couplings: list[Coupling] = []
        self.backgrounds: list[Background] = []
        self.injections: list[Injection] = []
        self.probes: list[Probe] = []
        self.sampled: dict[tuple[str, Any], Probe] = {}
        self.weight_probes: list[WeightProbe] = []
        self.spike_targets: list[Selection] = []
        self.at_spike: dict[str, tuple[str, ...]] = {}
        self.windows: dict[str, tuple[float, float]] = {}

    def __copy__(self) -> Network:
        """Return a network of its own: what is added to either is not in the other."""
        return deepcopy(self)

    @property
    def seed(self) -> int:
        """The seed, from 0 to 2^64 - 1."""
        return self._seed

    @seed.setter
    def seed(self, value: int) -> None:
        self._seed = checked.count("Network: seed", value, most=2**64 - 1)

    @named
    def population(self, name: str, size: int, model: Any, *, positions: Any = None, **initial: Any) -> Population:
        """Add neurons.

        Parameters
        ----------
        name : str
            Unique in the network; without separators and control characters, at most 200 characters.
        size : int
            Number of neurons; 0 is allowed and does nothing.
        model : neuron model
            Such as ``LIF(tau_m=20.0)``; its parameters are numbers, arrays of one value a neuron, or
            distributions.
        positions : Positions, or array of shape (size, 1 ... 3), optional
            Where the neurons stand (mm): ``ss.lattice((40, 40), extent=(1.0, 1.0))``, ``ss.uniform_positions(...)``, or
            an array; for rules, weights and delays made of distance.
        **initial : float, array of shape (size,), or Distribution
            State variables at the start, by name; the others start at the rest of the model without input.  A
            neuron that starts at or above threshold fires in the first step: at once with the event engine, on
            the grid at the end of the step, if it is still there.

        Returns
        -------
        Population

        Raises
        ------
        InvalidTypeError, InvalidValueError, UnknownParameterError
            If anything is not as above; the network is then unchanged.
        MemoryLimitError
            If the neurons alone do not fit into memory.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.population("cells", 100, ss.LIF(tau_m=ss.normal(20.0, 2.0)), v=ss.uniform(-70.0, -55.0)).size
        100
        """
        name = checked.name("population", name)
        if name in self.populations:
            raise InvalidValueError(f"population {name!r}: the name is taken by {self.populations[name]!r}; {AGAIN}")
        added = population(self, name, size, model, initial, positions)
        require_memory(predicted_population(added))
        self.populations[name] = added
        return added

    def __getitem__(self, name: str) -> Population:
        """Return the population of that name."""
        if not isinstance(name, str):
            raise InvalidTypeError(
                f"net[...]: wanted the name of a population, got {type(name).__name__} {checked.short(name)}"
            )
        found = self.populations.get(unicodedata.normalize("NFC", name))
        if found is None:
            raise UnknownNameError(f"no population {checked.short(name)}{did_you_mean(name, self.populations)}")
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and unicodedata.normalize("NFC", name) in self.populations

    def __iter__(self) -> NoReturn:  # Python would otherwise try net[0], net[1], ...
        raise InvalidTypeError("a network is not iterable; its populations are: for p in net.populations.values()")

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.populations)

    @named
    def record(
        self,
        target: Selection | Projection,
        *variables: str | Synapse,
        every: float | None = None,
        start: float = 0.0,
        stop: float = math.inf,
        at_spike: Sequence[str] = (),
    ) -> None:
        """Record neurons, the weights of a projection that learns, or the states of its release.

        Parameters
        ----------
        target : Population, Selection or Projection
        *variables : str or Synapse
            Of a projection ``"w"``: ``result.traces["a to b"]["w"]`` then has ``times`` (T,) and ``values``
            (T, synapses), in the order of :meth:`Simulation.synapses`; or a state of its release, such as ``"x"``, of
            each source as it is by then: values (T, sources).  Of neurons ``"spikes"``; any
            state variable; what the model derives of them (`observe`); ``"I_syn"``, the sum of the synaptic currents
            (pA); ``"g_syn"``, of the conductances (nS); of one synapse: its value, or its name,
            such as ``"I_Exponential"`` or ``"g_AMPA"``; a state of a synapse that is declared by equations,
            ``"MgNMDA.g"``.
        every : float, optional
            Sampling interval of variables (ms), a multiple of dt; each step unless given.  Samples are taken
            at every, 2*every, ...
        start, stop : float
            What comes at start < t <= stop (ms) is kept; the spikes of a population have one window, and so has each of
            its variables.  Multiples of dt with the clock engine.
        at_spike : sequence of str
            States kept with each spike, as they are just before the reset: ``result.spikes["exc"].at_spike["v"]``,
            aligned with its times and ids.  At the spike itself with the event engine; with the clock engine at the
            step at which it is found.  A population has one list.

        Raises
        ------
        UnknownNameError
            If the model has no such variable.
        InvalidTypeError, InvalidValueError
            If the interval is no number > 0, or another than the one a variable of the population is recorded
            with; or the window is none, or another.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 100, ss.LIF(I_e=400.0))
        >>> net.record(cells, "spikes")
        >>> net.record(cells[:3], "v", every=1.0)
        >>> net.run(20.0, progress=False).traces["cells"]["v"].values.shape
        (20, 3)
        """
        if isinstance(target, Projection):
            if (start, stop) != (0.0, math.inf) or at_spike:
                what = "no spikes; leave at_spike" if at_spike else "no window; leave start and stop"
                raise InvalidValueError(f"record {target.name!r}: weights have {what} out")
            self.weight_probes += weight_probes(self, target, variables, every)
            return
        selection, window, probe = probed(self, target, variables, every, start, stop)
        kept = kept_at_spike(self, selection, window is not None, at_spike)
        if window is not None:
            self.windows |= windows(self, selection, window)
            self.at_spike |= kept
            self.spike_targets.append(selection)
        if probe is not None:
            self.probes.append(probe)
            self.sampled |= dict.fromkeys(sampled(probe), probe)

    @named
    def summary(self, dt: float = 0.1) -> str:
        """Return a table: populations, projections, expected synapses, memory of a run at step `dt` (ms).

        Parameters
        ----------
        dt : float
            Step of the clock engine (ms).

        Returns
        -------
        str
            Lines of text.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 100, ss.LIF())
        >>> "cells" in net.summary()
        True
        """
        return summary(self, dt)

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return summary_html(self, 0.1)

    def __repr__(self) -> str:
        kinds = f"{len(self.populations)} populations, {len(self.projections)} projections"
        return f"<Network seed={self.seed}: {kinds}>"

    @named
    def run(
        self,
        duration: float,
        dt: float = 0.1,
        engine: str = "clock",
        threads: int | None = None,
        out: str | Path | Sink | None = None,
        progress: bool | None = None,
        seed: int | None = None,
        overwrite: bool = False,
        rtol: float | None = None,
        atol: float | None = None,
        every: Any = None,
        stop: Callable[[Simulation], Any] | None = None,
        autosave: str | float | None = None,
        comm: Any = None,
    ) -> Result:
        """Compile the network, run it for `duration` (ms), and return what was recorded.

        Parameters
        ----------
        duration : float
            In ms; a multiple of dt.
        dt : float
            Step of the clock engine (ms).
        engine : {"clock", "event"}
            On a grid of dt, or exactly from event to event (dt then only counts samples and ends of runs).
        threads : int, optional
            All cores unless given; the results are the same bits for any number.
        out : path or sink, optional
            HDF5 file to record into; memory unless given; or anything that has the verbs of
            :class:`spikesim.record.Sink`.
        progress : bool, optional
            Whether to show a bar; on a terminal or in a notebook unless given.
        seed : int, optional
            Another seed than the network's.
        overwrite : bool
            Whether an existing file may be replaced.
        rtol, atol : float, optional
            Largest error of a step of a nonlinear neuron, relative and absolute: 1e-7 and 1e-9 unless given; of the
            event engine only (linear neurons have no such error).
        every, stop, autosave
            Callbacks between whole steps, a condition that ends the run, how often the state is saved: as in
            :meth:`Simulation.run`.
        comm : mpi4py.MPI.Intracomm, optional
            Processes that run it together, see :class:`Simulation`.

        Returns
        -------
        Result

        Raises
        ------
        SpikesimError
            Before anything runs, if the network and these numbers do not go together.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
        >>> result = net.run(100.0, dt=0.1, progress=False)
        >>> result.spikes["cells"].rate(start=50.0)
        60.0
        """
        from ..engine.simulation import Simulation

        with Simulation(
            self,
            dt=dt,
            engine=engine,
            threads=threads,
            out=out,
            seed=seed,
            overwrite=overwrite,
            rtol=rtol,
            atol=atol,
            comm=comm,
        ) as simulation:
            simulation.run(duration, progress=progress, every=every, stop=stop, autosave=autosave)
        return simulation.result()
