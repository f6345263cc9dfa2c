"""What of a simulation is set between pieces of a run: parameters, weights, learning, rewards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError, UnknownNameError, did_you_mean
from ..keywords import named
from ..network import checked
from ..network.background import Background, rate_of
from ..network.population import check_trains
from ..network.probe import Injection
from ..network.stimulus import Stimulus
from ..program.program import Changes
from ..program.wiring_plans import order_by_source
from ..scalars import number_array
from .stepping import Stepping
from .views import parameters_of

__all__ = ["Setting"]


class Setting(Stepping):
    """The part of a simulation that is set."""

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
        where = f"weights of {projection!r}"
        self.require_idle(where)
        wiring = self.wiring(projection)
        pre, post, _, delay = wiring.edges()
        shape = number_array(where, weight, "a number or an array").shape
        if shape not in ((), pre.shape):
            raise InvalidValueError(
                f"{where}: wanted one number or {pre.size} (one a synapse), got shape {shape}; sim.weights"
                f"[{projection!r}] = ... also takes a matrix"
            )
        weight = checked.values(where, weight)
        learnt = self.engine.learnt(projection)
        if learnt is None:
            self.engine = self.engine.rebuilt(self.program.changed(Changes(weights={projection: weight})))
            return
        each = np.broadcast_to(weight, pre.shape)
        rule: Any = next(p.plasticity for p in self.program.projections if p.name == projection)
        low, high = rule.w_min, rule.w_max
        if each.size and not (low <= each.min() and each.max() <= high):
            raise InvalidValueError(
                f"{where} must lie within the bounds of its plasticity, {low:g} ... {high:g}, got "
                f"{each.min():g} ... {each.max():g}"
            )
        self.engine.learn(projection, each[order_by_source(pre, post, delay)])

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
            given = "; give one plasticity=RewardSTDP(...), or a rule of your own with on_event"
            hint = f"; those that do: {', '.join(names)}" if names else given
            raise UnknownNameError(f"reward: no projection{which} waits for a reward{hint}")
        self.engine.reward(amount, projection)


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
