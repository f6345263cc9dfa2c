"""A closed loop around a simulation: fed with currents and spikes, one piece after another, it says who fired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..jit.aside import aside
from ..keywords import all_named
from ..network import checked
from ..record.uninterrupted import uninterrupted
from .recorder import of_cell
from .running import Running

__all__ = ["Stepping"]


@all_named
class Stepping(Running):
    """The part of a simulation that takes single steps."""

    def step(
        self,
        duration: float,
        current: Mapping[str, Any] | None = None,
        spikes: Mapping[str, Any] | None = None,
    ) -> dict[str, np.ndarray]:
        """Feed, go on for `duration` (ms, a multiple of dt), and return who fired: a closed loop.

        Parameters
        ----------
        duration : float
        current : mapping of str to float or array (n,), optional
            Current (pA) into all neurons of a population, from now until it is given again.
        spikes : mapping of str to ids, optional
            Neurons of :class:`SpikeInput` populations that fire now; an id may stand several times.

        Returns
        -------
        dict of str to int64 array
            The ids that fired since the last step, by population, in order of time; all populations.

        Raises
        ------
        UnknownNameError, InvalidTypeError, InvalidValueError
            If a population is unknown, is no `SpikeInput`, or numbers do not fit it.

        Examples
        --------
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF())
        >>> with ss.Simulation(net) as sim:
        ...     fired = sim.step(20.0, current={"cells": 500.0})
        >>> fired["cells"].size
        10
        """
        self._require_no_callback("step")
        steps = self.grid.steps(duration, "duration", least=1)
        for what, given, example in (("current", current, "amounts"), ("spikes", spikes, "ids")):
            if given is not None and not isinstance(given, Mapping):
                got = checked.short(given)
                raise InvalidTypeError(f'step: {what}: wanted {{"population": {example}}}, got {got}')
        for name, amounts in (current or {}).items():
            self._hold(name, amounts)
        fed = self._feed(spikes) if spikes else None
        with self.engine.ranks.together("step"):
            self._recorder.begin()
        end = self.engine.step + steps
        parts: list[Any] = []
        self._running = True
        try:
            if not self.engine.prepared:
                aside(self.engine.prepare)
            with uninterrupted():
                if fed is not None:
                    parts.append(self.engine.feed(fed))
                while self.engine.step < end:
                    parts.append(self.engine.advance(end - self.engine.step))
                for batch in parts:
                    self._recorder.take(batch)
        except Exception as error:
            self._interrupted = True
            self.engine.ranks.fail(error)
            self._end({"error": " ".join(f"{type(error).__name__}: {error}".split())})
            raise
        finally:
            self._running = False
        cells = self.program.cells
        if len(parts) == 1:
            return {cell.name: of_cell(parts[0], cell.first, cell.size)[1] for cell in cells}
        return {
            cell.name: np.concatenate([of_cell(batch, cell.first, cell.size)[1] for batch in parts]) for cell in cells
        }

    def _hold(self, name: str, amounts: Any) -> None:
        cell = self._cell("step: current", name)
        where = f"step: current into {name!r} (pA)"
        if cell.source:
            raise InvalidValueError(f"{where}: it is a source ({type(cell.model).__name__}) and receives no input")
        values = checked.values(where, amounts)
        checked.one_each(where, values, cell.size)
        self.engine = self.engine.hold(name, np.broadcast_to(np.asarray(values, np.float64), (cell.size,)))

    def _feed(self, spikes: Mapping[str, Any]) -> np.ndarray:
        ids = []
        for name, who in spikes.items():
            cell, where = self._cell("step: spikes", name), f"step: spikes of {name!r}"
            if not getattr(cell.model, "fed", False):
                raise InvalidValueError(
                    f"{where}: only a SpikeInput is fed, this is {type(cell.model).__name__}; "
                    f"net.population({name!r}, {cell.size}, ss.SpikeInput())"
                )
            one = np.atleast_1d(np.asarray(who))
            if one.ndim > 1 or (one.size and one.dtype.kind not in "iu"):
                got = f"{one.ndim} dimensions" if one.ndim > 1 else f"{one.dtype} values"
                raise InvalidTypeError(f"{where}: wanted a list of ids of neurons, got {got}")
            bad = np.flatnonzero((one < 0) | (one >= cell.size))
            if bad.size:
                raise InvalidValueError(f"{where}: id {one[bad[0]]} is outside 0 ... {cell.size - 1}")
            ids.append(one.astype(np.int64) + cell.first)
        return np.sort(np.concatenate([np.zeros(0, np.int64), *ids]))

    def _cell(self, where: str, name: Any) -> Any:
        if name not in self.program.by_name:
            raise UnknownNameError(f"{where}: no population {name!r}{did_you_mean(str(name), self.program.by_name)}")
        return self.program.by_name[name]
