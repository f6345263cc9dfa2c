"""Synapses that come and go between two moments of a run: structural plasticity.

A projection in which some did is a list from then on (:mod:`spikesim.program.listed`), part of what is saved.  What an
untouched synapse holds (its weight, its variables, the traces of its source and target) stands where it stood; all
that is between the two neurons is a function of spikes on their way and of the synapses that there are:

    a spike on its way arrives over the synapses that there are when it arrives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import all_named
from ..machine import require_memory
from ..network import checked
from ..network.grown import grown
from ..network.projection import Projection, between
from ..network.rule import flag
from ..network.rule_lists import from_pairs
from ..program.listed import Listed
from ..program.program import Changes
from ..program.wiring import Wiring
from .setting import Setting
from .state import Moved
from .weights import Synapses, edges_of

__all__ = ["Structural"]

BYTES = 64.0  # a synapse takes while it is made


@all_named
class Structural(Setting):
    """The part of a simulation whose synapses come and go."""

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
            A named tuple of arrays of shape (synapses,), in the order (pre, post, delay).

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

    def connect(
        self,
        projection: str,
        rule: Any = None,
        *,
        pre: Any = None,
        post: Any = None,
        weight: Any = None,
        delay: Any = None,
        allow_multapses: bool = True,
    ) -> Synapses:
        """Add synapses to a projection from this step on; all others go on as they are.

        A created synapse transmits what its source emits from now on; and of a spike emitted before what is still to
        arrive over it, where that spike is on its way to another synapse of the source.  Where the projection learns,
        the synapse begins with its weight and with its variables at 0, and sees the traces of its target, and of its
        source for this delay, as they are.

        Parameters
        ----------
        projection : str
            Its name.
        rule : Rule, optional
            Which pairs are joined, as for :meth:`Network.connect`; draws are others each time.
        pre, post : array of int, shape (created,), optional
            Or the pairs: positions in the two sides.
        weight, delay : float, Distribution, Law or array (created,), optional
            As described for the projection unless given; what is described as a distribution is drawn anew.
        allow_multapses : bool
            Whether a pair that is joined already may be joined once more; else it is left as it is.

        Returns
        -------
        Synapses
            All synapses of the projection now, as :meth:`synapses` returns them.

        Raises
        ------
        UnknownNameError
            If no projection has this name.
        InvalidTypeError, InvalidValueError
            If the synapses cannot be made, or the weights of the projection are recorded, one column a synapse.
        StateError
            If a run is under way, the simulation is closed, or a function that is given changes it.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 4, ss.LIF())
        >>> ring = net.connect(cells, cells, ss.one_to_one(), weight=0.5, delay=1.0, synapse=ss.Delta(), name="ring")
        >>> with ss.Simulation(net) as sim:
        ...     now = sim.connect("ring", pre=[0, 1], post=[2, 2], weight=0.25)
        >>> list(zip(now.pre.tolist(), now.post.tolist(), now.weight.tolist()))
        [(0, 0, 0.5), (0, 2, 0.25), (1, 1, 0.5), (1, 2, 0.25), (2, 2, 0.5), (3, 3, 0.5)]
        """
        where = f"connect {projection!r}"
        wiring = self._changing(where, projection)
        given = [name for name, value in (("rule", rule), ("pre", pre), ("post", post)) if value is not None]
        if given not in (["rule"], ["pre", "post"]):
            raise InvalidTypeError(
                f"{where}: wanted a rule of connection, or pre= and post=, the pairs; "
                f"got {', '.join(given) or 'neither'}"
            )
        described = next(p for p in self.program.projections if p.name == projection)
        new = grown(where, described, from_pairs(pre, post) if rule is None else rule, weight, delay)
        old = self.synapses(projection)
        made = self._asked(lambda: self._made(where, new, wiring))
        if not flag(f"{where}: allow_multapses", allow_multapses):
            pairs = [t.post * np.int64(wiring.n_pre) + t.pre for t in (old, made)]
            first = np.unique(pairs[1], return_index=True)[1]
            first = np.sort(first[~np.isin(pairs[1][first], pairs[0])])
            made = Synapses(*(column[first] for column in made))
        whole = Synapses(*(np.concatenate(columns) for columns in zip(old, made)))
        origin = np.append(np.arange(old.pre.size), np.full(made.pre.size, -1))
        order = np.lexsort((whole.delay, whole.post, whole.pre))
        if made.pre.size:
            self._rewire(wiring, old, Synapses(*(column[order] for column in whole)), origin[order])
        return self.synapses(projection)

    def disconnect(self, projection: str, where: Any) -> Synapses:
        """Delete synapses of a projection from this step on; all others go on as they are.

        What is on its way through a deleted synapse does not arrive.

        Parameters
        ----------
        projection : str
            Its name.
        where : bool array (synapses,), int array, or function
            Which: a mask or positions, in the order of :meth:`synapses`; or a function of the arrays (pre, post,
            weight), which returns such.

        Returns
        -------
        Synapses
            All synapses that the projection still has, as :meth:`synapses` returns them.

        Raises
        ------
        UnknownNameError
            If no projection has this name.
        InvalidTypeError, InvalidValueError
            If this is no such choice, or the weights of the projection are recorded, one column a synapse.
        StateError
            If a run is under way, the simulation is closed, or a function that is given changes it.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 4, ss.LIF())
        >>> every = net.connect(cells, cells, ss.all_to_all(), weight=0.5, delay=1.0, synapse=ss.Delta(), name="every")
        >>> with ss.Simulation(net) as sim:
        ...     now = sim.disconnect("every", lambda pre, post, weight: pre != 2)
        >>> now.pre.tolist(), now.post.tolist()
        ([2, 2, 2, 2], [0, 1, 2, 3])
        """
        title = f"disconnect {projection!r}"
        wiring = self._changing(title, projection)
        old = self.synapses(projection)
        kept = np.flatnonzero(~self._asked(lambda: _chosen(title, where, old)))
        if kept.size < old.pre.size:
            self._rewire(wiring, old, Synapses(*(column[kept] for column in old)), kept)
        return self.synapses(projection)

    def _asked(self, question: Callable[[], Any]) -> Any:
        """Ask functions of the user which synapses: they may look, but what they changed would be lost."""
        self._running = True
        try:
            return question()
        finally:
            self._running = False

    def _changing(self, where: str, projection: str) -> Wiring:
        """Return the wiring of a projection, whose synapses may come and go."""
        self.require_idle(where)
        wiring = self.wiring(projection)
        for probe in self.program.net.weight_probes:
            if probe.projection.name == projection and probe.variable == "w":
                raise InvalidValueError(
                    f"{where}: its weights are recorded, one column a synapse, so that none comes or goes; leave "
                    f"net.record(..., 'w') out and keep sim.synapses({projection!r}) in a callback, run(every=)"
                )
        return wiring

    def _made(self, where: str, new: Projection, wiring: Wiring) -> Synapses:
        """Return the synapses that are to be added, in the order (pre, post, delay)."""
        label = f"{wiring.name}, change {self._next_change(wiring)}"  # streams are keyed by it
        places = between(where, new.pre, new.post, new.rule, new.weight, new.delay)
        made = Wiring(
            label, new.rule, wiring.pre_ids, wiring.post_ids, new.weight, new.delay, wiring.grid, wiring.seed, places
        )
        require_memory({"new synapses": BYTES * made.expected}, remedy="create fewer")
        return Synapses.listed(made.edges(), made.grid)

    def _next_change(self, wiring: Wiring) -> int:
        listed = self.program.changes.synapses.get(wiring.name)
        return 1 if listed is None else listed.changes + 1

    def _rewire(self, wiring: Wiring, old: Synapses, new: Synapses, origin: np.ndarray) -> None:
        """Go on with other synapses; origin: where each stood before, or -1."""
        listed = Listed(*new, self._next_change(wiring))
        program = self.program.changed(Changes(synapses={wiring.name: listed}))
        before, now = _segments(wiring, old), _segments(wiring, new)
        every, place = np.unique(np.concatenate((before, now)), axis=0, return_inverse=True)
        stood = np.full(len(every), -1)
        stood[place.reshape(-1)[: len(before)]] = np.arange(len(before))
        sources = stood[place.reshape(-1)[len(before) :]]
        self.engine = self.engine.rebuilt(program, Moved(wiring.name, {"synapses": origin, "sources": sources}))


def _segments(wiring: Wiring, table: Synapses) -> np.ndarray:
    """Return the different (global id of the source, delay) of synapses, in this order."""
    return np.unique(np.column_stack((wiring.pre_ids[table.pre], table.delay)), axis=0)


def _chosen(where: str, given: Any, table: Synapses) -> np.ndarray:
    """Return as a mask which synapses of the table are chosen."""
    n = table.pre.size
    hint = f"a mask or positions of {n} synapses, in the order of sim.synapses, or a function of (pre, post, weight)"
    if isinstance(given, Callable):  # type: ignore[arg-type]
        given = given(table.pre, table.post, table.weight)
    found = np.asarray(given)
    found = found.astype(np.int64) if found.size == 0 and found.dtype.kind == "f" else found  # []
    if found.dtype.kind not in "biu" or found.ndim != 1:
        raise InvalidTypeError(f"{where}: wanted {hint}, got {checked.short(given)}")
    if found.dtype.kind == "b":
        if found.shape != (n,):
            raise InvalidValueError(f"{where}: wanted {hint}, got a mask of {found.size}")
        return found
    bad = np.flatnonzero((found < 0) | (found >= n))
    if bad.size:
        raise InvalidValueError(f"{where}: wanted {hint}, got position {found[bad[0]]} ({bad.size} out of range)")
    mask = np.zeros(n, bool)
    mask[found] = True
    return mask
