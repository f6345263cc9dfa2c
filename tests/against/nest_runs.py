"""Run a :class:`Recipe` in NEST: the same synapses one by one, the device delays taken out.

NEST delivers a step of current one connection delay late, so its generator is told the change that much
early; a voltmeter's last slice stays unread until the next, so a run goes on for some steps that are cut off.
Needs NEST (nest-simulator 3.10.0 from PyPI made the stored files); spikesim's tests never import this module.
"""

from __future__ import annotations

import nest
import numpy as np
from stored import Recipe, Reference, Synapses

VERSION = nest.__version__


def run(recipe: Recipe) -> Reference:
    """What NEST makes of the recipe: V at every step and the steps of all spikes, sorted by (step, id)."""
    dt = recipe.dt
    lag = max(1, round(0.1 / dt))  # delay of devices, in steps: a step of 0.1 us alone would make NEST crawl
    margin = 2 + max([lag, *recipe.inputs.delay, *recipe.recurrent.delay])
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.set(tics_per_ms=max(1000, round(1 / dt)), resolution=dt)
    cells = nest.Create(recipe.model, recipe.size, params=dict(recipe.cell))
    for state, values in recipe.initial.items():
        cells.set([{state: value} for value in values])
    ids = np.array(cells.tolist())

    if recipe.trains:
        sources = nest.Create("spike_generator", len(recipe.trains))
        sources.set([{"spike_times": np.round(train * dt, 9)} for train in recipe.trains])
        _connect(np.array(sources.tolist()), ids, recipe.inputs, dt)
    _connect(ids, ids, recipe.recurrent, dt)
    if recipe.current:
        steps, amplitudes = zip(*recipe.current)
        times = [round((step - lag) * dt, 9) for step in steps]
        generator = nest.Create("step_current_generator")
        generator.set(amplitude_times=times, amplitude_values=list(amplitudes))
        nest.Connect(generator, cells, syn_spec={"delay": lag * dt})

    voltmeter = nest.Create("voltmeter", {"interval": dt})
    recorder = nest.Create("spike_recorder")
    for i in recipe.traced:
        nest.Connect(voltmeter, cells[i], syn_spec={"delay": lag * dt})
    nest.Connect(cells, recorder, syn_spec={"delay": lag * dt})
    nest.Simulate((recipe.steps + margin) * dt)

    seen, spikes = voltmeter.events, recorder.events
    step, cell = np.rint(np.asarray(seen["times"]) / dt).astype(int), np.asarray(seen["senders"]) - ids[0]
    column = {i: k for k, i in enumerate(recipe.traced)}
    v = np.full((recipe.steps, len(recipe.traced)), np.nan)
    inside = step <= recipe.steps
    v[step[inside] - 1, [column[i] for i in cell[inside]]] = np.asarray(seen["V_m"])[inside]
    assert not np.isnan(v).any(), f"{recipe.name}: a sample is missing"

    at, who = np.rint(np.asarray(spikes["times"]) / dt).astype(int), np.asarray(spikes["senders"]) - ids[0]
    at, who = at[at <= recipe.steps], who[at <= recipe.steps]
    order = np.lexsort((who, at))
    return Reference(recipe, v[recipe.stride - 1 :: recipe.stride], at[order], who[order])


def _connect(sources: np.ndarray, targets: np.ndarray, synapses: Synapses, dt: float) -> None:
    if synapses.pre.size:
        nest.Connect(
            sources[synapses.pre],
            targets[synapses.post],
            "one_to_one",
            {"weight": synapses.weight, "delay": np.round(synapses.delay * dt, 9)},
        )
