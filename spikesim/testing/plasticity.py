"""Does a rule of plasticity do what its equations say?  A network that learns by it, beside the obvious loop.

The loop takes one synapse at a time, all its events in order of time, and calls the equations as plain Python with
traces that decayed by math.exp since they last changed: it shares the equations with the engine, and nothing else.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.chance import SALT
from ..engine.protocol import restore, state
from ..engine.simulation import Simulation
from ..errors import InvalidValueError
from ..keywords import named
from ..network.network import Network
from ..network.rules import fixed_indegree
from ..network.stimulus import DC
from ..neurons.lif import LIF
from ..neurons.sources import SpikeTimes
from ..plasticity.contract import Plasticity
from ..plasticity.declared import halves
from ..plasticity.pairs import as_equations
from ..random import Key, key, uniform, units, words
from ..synapses.gamma import Exponential

__all__ = ["check_plasticity"]

SOURCES, TARGETS, DT = 6, 140, 0.1


@named
def check_plasticity(
    rule: Any, *, weight: Any = None, cell: Any = None, synapse: Any = None, duration: float = 80.0,
    tolerance: float = 1e-12, engines: tuple[str, ...] = ("clock", "event"),
) -> None:  # fmt: skip
    """Hold a rule of plasticity to its equations, and its engine to the same bits whatever cuts a run.

    A network of 6 sources and 140 neurons learns by it: the weights must be those of the loop over the events of each
    synapse; the same bits on one thread and on two, in one piece and in three, gone on with from a state, and while it
    is frozen they stand still.  On the event engine, too, unless that refuses the rule by name (one that reads states
    of the target elsewhere than in `on_pre`); one that reads them there is held to the loop by the clock engine only.

    Parameters
    ----------
    rule : value of a declared rule, or any rule of the package
        One that scales weights, or waits for a reward, by a law of the package is not compared with the loop.
    weight : number or distribution, optional
        At the start; in the middle of the bounds unless given.
    cell : neuron model, optional
        Of the targets; LIF unless given.
    synapse : synapse, optional
        That carries the weights; Exponential(tau=5) unless given.
    duration : float
        In ms.
    tolerance : float
        Largest difference from the loop, relative to the largest weight.
    engines : tuple of str
        With which it is run.

    Raises
    ------
    AssertionError
        With what was expected and what came.

    Examples
    --------
    >>> import spikesim as ss
    >>> from spikesim.testing import check_plasticity
    >>> check_plasticity(ss.Vogels2011(eta=0.1, target=5.0))
    """
    _hold(isinstance(rule, Plasticity), f"wanted a value of a declared rule of plasticity, got {rule!r}")
    onto = Exponential(tau=5.0) if synapse is None else synapse
    net = _network(rule, _start(rule) if weight is None else weight, LIF() if cell is None else cell, onto)
    piece = math.floor(duration / 3 / DT) * DT
    events = [(piece, 0.7), (2 * piece, -0.4)] if rule.law is None and rule.on_event is not None else []
    for engine in engines:
        try:
            start = Simulation(net, dt=DT, engine=engine)
        except InvalidValueError as error:
            if engine == "event" and "clock" in str(error):
                continue
            raise
        result, found = _check_bits(net, engine, duration, piece, events, start.synapses("learns").weight)
        _check_frozen(net, engine, piece)
        reads = rule.law is None and bool(rule.watched)  # (on the event engine between two samples)
        if not (reads and engine == "event") and (rule.law is None or not (rule.law.tau_c or rule.law.every)):
            equations = rule if rule.law is None else as_equations(rule.law)
            expected = _by_loop(start, equations, result, duration, events)
            off = np.abs(found - expected) / np.abs(expected).max()
            k = int(off.argmax())
            _hold(
                off[k] <= tolerance,
                f"engine={engine!r}: synapse {k}: {found[k]!r}, the loop over its events gives {expected[k]!r}",
            )


def _check_bits(
    net: Network, engine: str, duration: float, piece: float, events: list[tuple[float, float]], start: np.ndarray
) -> tuple[Any, np.ndarray]:
    """The same bits whatever cuts a run; return what was recorded and the weights."""

    def weights(threads: int, moved: bool) -> tuple[Any, np.ndarray]:
        """The run in three pieces, with third factors between; `moved`: each piece by an engine of its own."""
        sim = Simulation(net, dt=DT, engine=engine, threads=threads)
        for k, length in enumerate((piece, piece, duration - 2 * piece)):
            result = sim.run(round(length / DT) * DT, progress=False)
            if k < len(events):
                sim.reward(events[k][1], "learns")
            if moved and k < 2:
                after = Simulation(net, dt=DT, engine=engine, threads=3 - threads)
                restore(after.engine, state(sim.engine))
                sim = after
        return result, sim.synapses("learns").weight

    result, found = weights(1, False)
    _hold(np.ptp(found - start) > 0.0, "no weight changed")
    for threads, moved in ((2, False), (1, True), (2, True)):
        how = f"engine={engine!r}, {threads} threads, {'going on from states' if moved else 'three pieces'}"
        _hold(weights(threads, moved)[1].tobytes() == found.tobytes(), f"{how}: other bits than one thread")
    if not events:
        whole = Simulation(net, dt=DT, engine=engine, threads=1)
        whole.run(round(duration / DT) * DT, progress=False)
        _hold(whole.synapses("learns").weight.tobytes() == found.tobytes(), "in one piece: other bits than in three")
    return result, found


def _hold(condition: Any, otherwise: str) -> None:
    """An assertion that ``python -O`` does not take away."""
    if not condition:
        raise AssertionError(otherwise)


def _start(rule: Any) -> Any:
    low, high = rule.w_min, rule.w_max
    if math.isinf(low) and math.isinf(high):
        return uniform(0.5, 1.5)
    low = min(0.0, high - 2.0) if math.isinf(low) else low
    high = max(2.0, low + 2.0) if math.isinf(high) else high
    return uniform(low + 0.3 * (high - low), low + 0.7 * (high - low))


def _network(rule: Any, weight: Any, cell: Any, synapse: Any) -> Network:
    draws = np.random.default_rng(5)
    net = Network(seed=3)
    times = [np.unique(np.rint(draws.uniform(1.0, 80.0, 9) / DT)) * DT for _ in range(SOURCES)]
    sources = net.population("sources", SOURCES, SpikeTimes([t.tolist() for t in times]))
    cells = net.population("cells", TARGETS, cell)
    net.inject(cells, DC(np.linspace(350.0, 900.0, TARGETS)))
    net.connect(
        sources, cells, fixed_indegree(2), weight=weight, delay=uniform(0.3, 4.0), synapse=synapse, plasticity=rule,
        name="learns",
    )  # fmt: skip
    net.record(sources, "spikes")
    net.record(cells, "spikes")
    for variable in getattr(rule, "watched", ()):
        net.record(cells, variable)
    return net


def _check_frozen(net: Network, engine: str, piece: float) -> None:
    sim = Simulation(net, dt=DT, engine=engine, threads=1)
    sim.run(piece, progress=False)
    sim.set("learns", learning=False)
    before = sim.synapses("learns").weight
    sim.run(piece, progress=False)
    _hold(sim.synapses("learns").weight.tobytes() == before.tobytes(), "learning=False: weights changed")


# -- the loop ---------------------------------------------------------------------------------------------------------


class _Side:
    """Variables or traces that decay: what they were when they last changed, and when that was."""

    def __init__(self, rule: Any, taus: Sequence[Any], values: Sequence[float]) -> None:
        self.taus = [None if tau is None or isinstance(tau, tuple) else getattr(rule, tau) for tau in taus]
        self.values, self.step = list(values), 0.0

    def at(self, step: float) -> list[float]:
        t = (step - self.step) * DT
        return [v if tau is None else v * math.exp(-t / tau) for v, tau in zip(self.values, self.taus)]

    def set(self, step: float, values: Sequence[float]) -> None:
        self.values, self.step = [float(v) for v in values], step


class _Synapse:
    """One synapse under a rule."""

    def __init__(
        self, rule: Any, weight: float, watched: np.ndarray, names: dict[str, Callable[..., Any]],
        stream: tuple[Any, Any], which: int,
    ) -> None:  # fmt: skip
        self.rule, self.watched, self.names = rule, watched, names  # (steps + 1, states)
        taus = list(rule.post.values())
        start = [watched[0][rule.watched.index(tau[0])] if isinstance(tau, tuple) else 0.0 for tau in taus]
        self.s = _Side(rule, [None, *rule.synapse.values()], [weight] + [0.0] * len(rule.synapse))
        a, b = (words(Key(*pair), np.array([which]))[0] for pair in (stream, stream[::-1]))
        self.stream = Key(a, b)
        self.drawn = 0
        self.pre = _Side(rule, list(rule.pre.values()), [0.0] * len(rule.pre))
        self.post = _Side(rule, taus, start)

    def seen(self, step: float, back: int) -> tuple[Any, ...]:
        """s, pre, post and p at a step, with the states of the target as they were `back` steps before."""
        post = [*self.post.at(step), *(self.watched[round(step) - back] if self.rule.watched else ())]
        sides = {"synapse": self.s.at(step), "pre": self.pre.at(step), "post": post}
        return (*(self.names[side](*values) for side, values in sides.items()), self.rule)

    def told(self, verb: str, *given: Any) -> tuple[Any, Any]:
        """What a verb returns, for whose random numbers are drawn."""
        z: tuple[Any, ...] = ()
        if verb in self.rule.random:
            at = self.drawn * self.rule.draws
            z = (tuple(units(self.stream, np.arange(at, at + self.rule.draws))),)
            self.drawn += 1
        paired = verb in ("on_pre", "on_post") and bool(self.pre.taus if verb == "on_pre" else self.post.taus)
        s, left = halves(getattr(self.rule, verb)(*given, *z), paired)
        return (*s, *[0.0] * (2 if self.rule.draws else 0)), left

    def change(self, step: float, variables: Sequence[float]) -> None:
        self.s.set(step, [min(max(variables[0], self.rule.w_min), self.rule.w_max), *variables[1:]])

    def spike(self, step: float, verb: str, mine: _Side) -> None:
        function, traces = getattr(self.rule, verb), mine.at(step)
        if function is None:
            mine.set(step, [v + (tau is not None) for v, tau in zip(traces, mine.taus)])
            return
        s, left = self.told(verb, *self.seen(step, 1))
        self.change(step, s)
        if mine.taus:
            mine.set(step, left)

    def pass_step(self, step: int, every: int) -> None:
        """States are read and followed; then `on_step`."""
        values, changed = self.post.at(step), False
        for i, tau in enumerate(self.rule.post.values()):
            if isinstance(tau, tuple):
                k, r = self.rule.watched.index(tau[0]), DT / getattr(self.rule, tau[1])
                old, new = self.watched[step - 1][k], self.watched[step][k]
                # tau du/dt = v - u, v = old + (new - old) t / dt: u = v - slope tau + (u0 - old + slope tau) e^(-t/tau)
                slope = (new - old) / r
                values[i] = new - slope + (values[i] - old + slope) * math.exp(-r)
                changed = True
        if changed:
            self.post.set(step, values)
        if self.rule.on_step is not None and step % every == 0:
            s, pre, post, p = self.seen(step, 0)
            if self.rule.active is None or self.rule.active(post, p) > 0:
                self.change(step, self.told("on_step", s, pre, post, p, every * DT)[0])


def _by_loop(
    start: Simulation, rule: Any, result: Any, duration: float, events: list[tuple[float, float]]
) -> np.ndarray:
    """The weights at the end, in the order of ``sim.synapses``; times in steps, which need not be whole ones."""
    names: dict[str, Any] = {side: namedtuple(side, seen) for side, seen in rule.seen.items()}
    steps_of = np.rint if start.engine.name == "clock" else np.asarray
    synapses, steps = start.synapses("learns"), round(duration / DT)
    every = round(getattr(rule, "every", DT) / DT)
    states = np.zeros((steps + 1, TARGETS, len(rule.watched)))
    for k, name in enumerate(rule.watched):
        states[0, :, k], states[1:, :, k] = start.state["cells"][name], result.traces["cells"][name].values
    fired = {
        name: [train.times[train.ids == i] for i in range(train.size)]
        for name, train in ((n, result.spikes[n]) for n in ("sources", "cells"))
    }
    rewards = {round(t / DT): amount for t, amount in events}
    by_step = bool(rule.watched) or rule.on_step is not None
    stream = key(start.program.noise_seed, "plasticity", "learns").a >> np.uint64(11), SALT
    weights: list[float] = []
    ends: list[tuple[int, int]] = []
    for pre, post, weight, delay in zip(*synapses):
        one = _Synapse(rule, weight, states[:, post], names, stream, int(pre) * TARGETS + int(post))
        one.drawn = ends.count((pre, post)) * 2**40
        ends.append((pre, post))
        arrivals = [*steps_of((fired["sources"][pre] + delay) / DT)]
        spikes = [*steps_of(fired["cells"][post] / DT)]
        moments = {*arrivals, *spikes, *rewards, *(range(1, steps + 1) if by_step else ())}
        for step in sorted(t for t in moments if 0 < t <= steps):
            for _ in range(arrivals.count(step)):
                one.spike(step, "on_pre", one.pre)
            if step in spikes:
                one.spike(step, "on_post", one.post)
            if step == int(step):
                one.pass_step(int(step), every)
            if step in rewards:
                s, before, after, p = one.seen(step, 0)
                one.change(step, one.told("on_event", s, before, after, p, rewards[step])[0])
        weights.append(one.s.values[0])
    return np.array(weights)
