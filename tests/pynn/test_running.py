"""What a script may do between two runs.  Truth: the same run without the interruption, or described from the start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikesim.errors import InvalidTypeError, InvalidValueError, StateError


def trace(population: Any, variable: str = "v", segment: int = -1) -> np.ndarray:
    """The samples of a segment, (times, cells)."""
    return population.get_data().segments[segment].filter(name=variable)[0].magnitude


def noisy(sim: Any, n: int = 5) -> Any:
    """Cells with Poisson input."""
    cells = sim.Population(n, sim.IF_cond_exp())
    source = sim.Population(20, sim.SpikeSourcePoisson(rate=50.0))
    synapse = sim.StaticSynapse(weight=0.01, delay=0.5)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    return cells


def test_pieces_of_a_run(sim: Any) -> None:
    cells = noisy(sim)
    cells.record("v")
    sim.run(30.0)
    sim.run_until(50.0)
    whole = trace(cells)
    sim.setup(timestep=0.1)
    cells = noisy(sim)
    cells.record("v")
    sim.run(50.0)
    assert np.array_equal(trace(cells), whole) and len(whole) == 501


def test_reset_draws_other_noise_and_begins_anew(sim: Any) -> None:
    cells = noisy(sim)
    cells.record("v")
    sim.run(20.0)
    sim.reset()
    sim.run(20.0)
    first, second = trace(cells, segment=0), trace(cells, segment=1)
    assert first.shape == second.shape == (201, 5)
    assert np.array_equal(first[0], second[0]) and not np.array_equal(first, second)


def test_a_recording_may_begin_late(sim: Any) -> None:
    """Truth: the end of a recording from the start; what was not recorded is NaN."""
    cells = noisy(sim)
    cells.record(["v", "spikes"])
    sim.run(50.0)
    whole, spikes = trace(cells), cells.get_spike_counts()
    sim.setup(timestep=0.1)
    cells = noisy(sim)
    cells.record("spikes")
    sim.run(20.0)
    cells[1:3].record("v")
    sim.run(30.0)
    late = trace(cells)
    assert np.isnan(late[:200]).all()
    assert np.array_equal(late[200:], whole[200:, 1:3])
    assert list(cells.get_spike_counts().values()) == list(spikes.values())


def test_cleared_data_begin_where_they_were_cleared(sim: Any) -> None:
    cells = noisy(sim)
    cells.record(["v", "spikes"])
    sim.run(20.0)
    first = cells.get_data(clear=True).segments[0]
    sim.run(20.0)
    second = cells.get_data().segments[0]
    v, w = first.analogsignals[0], second.analogsignals[0]
    assert v.shape == w.shape == (201, 5) and np.array_equal(v[-1].magnitude, w[0].magnitude)
    assert float(w.t_start) == 20.0
    assert all(t.magnitude.min(initial=99.0) > 20.0 for t in second.spiketrains)


def test_parameters_and_states_are_set(sim: Any) -> None:
    cells = sim.Population(3, sim.IF_curr_exp())
    cells.record("v")
    sim.run(10.0)
    cells[1:2].set(i_offset=0.2)
    cells[2].i_offset = 0.4
    sim.run(10.0)
    v = trace(cells)
    t = np.arange(101) * 0.1
    for k, current in enumerate((0.0, 0.2, 0.4)):
        assert np.allclose(v[100:, k], -65.0 + 20.0 * current * (1.0 - np.exp(-t / 20.0)))
    cells.initialize(v=-60.0)
    sim.run(0.1)
    assert trace(cells)[-1, 0] == pytest.approx(-65.0 + 5.0 * np.exp(-0.1 / 20.0))


def test_initial_values_of_views(sim: Any) -> None:
    cells = sim.Population(4, sim.IF_curr_exp())
    cells[1:3].initialize(v=[-60.0, -55.0])
    cells.record("v")
    sim.run(1.0)
    assert trace(cells)[0].tolist() == [-65.0, -60.0, -55.0, -65.0]


def test_currents_may_change_and_come_later(sim: Any) -> None:
    """Truth: the same currents from the start."""

    def cell(*sources: Any) -> Any:
        cells = sim.Population(2, sim.IF_curr_exp())
        for source in sources:
            cells[0:1].inject(source)
        cells.record("v")
        return cells

    cells = cell()
    sim.run(10.0)
    late, wave = sim.DCSource(amplitude=0.3, start=5.0, stop=25.0), sim.ACSource(amplitude=0.1, start=12.0, stop=18.0)
    cells[0].inject(late)
    cells[0].inject(wave)
    sim.run(10.0)
    late.amplitude *= 2.0
    sim.run(10.0)
    found = trace(cells)
    assert late.get_data().magnitude[[99, 100, 200, 249, 250], 0].tolist() == [0.0, 0.3, 0.6, 0.6, 0.0]
    sim.setup(timestep=0.1)
    steps = sim.StepCurrentSource(times=[10.0, 20.0, 25.0], amplitudes=[0.3, 0.6, 0.0])
    cells = cell(steps, sim.ACSource(amplitude=0.1, start=12.0, stop=18.0))
    sim.run(30.0)
    assert np.allclose(found, trace(cells), atol=1e-11) and not np.array_equal(found[:, 0], found[:, 1])


def test_noise_is_what_is_recorded_of_it(sim: Any) -> None:
    """Truth: the same current as steps; drawn anew every 0.5 ms with the mean and deviation asked for."""
    noise = sim.NoisyCurrentSource(mean=0.2, stdev=0.1, start=2.0, stop=1002.0, dt=0.5)
    cells = sim.Population(1, sim.IF_curr_exp(v_thresh=0.0))
    cells.inject(noise)
    noise.record()
    cells.record("v")
    sim.run(1010.0)
    found, current = trace(cells), noise.get_data().magnitude[:, 0]
    assert not current[:20].any() and not current[10020:].any()
    drawn = current[20:10020:5]
    assert np.array_equal(np.repeat(drawn, 5), current[20:10020]) and np.unique(drawn).size == 2000
    assert abs(drawn.mean() - 0.2) < 0.01 and abs(drawn.std() - 0.1) < 0.01
    sim.setup(timestep=0.1)
    cells = sim.Population(1, sim.IF_curr_exp(v_thresh=0.0))
    times = np.arange(len(current)) * 0.1
    cells.inject(sim.StepCurrentSource(times=times[::5], amplitudes=current[::5]))
    cells.record("v")
    sim.run(1010.0)
    assert np.allclose(trace(cells), found, atol=1e-10)


def test_sources_begin_and_end_one_by_one(sim: Any) -> None:
    """Truth: the windows and rates that were asked for."""
    n = 50
    starts = np.repeat([10.0, 200.0], n)
    source = sim.Population(2 * n, sim.SpikeSourcePoisson(rate=100.0, start=starts, duration=300.0))
    source.record("spikes")
    sim.run(600.0)
    for train, start in zip(source.get_data().segments[0].spiketrains, starts):
        assert start < train.magnitude.min() and train.magnitude.max() <= start + 300.0
    assert source.mean_spike_count() == pytest.approx(30.0, abs=4 * np.sqrt(30.0 / (2 * n)))


def test_drawn_intervals_go_on(sim: Any) -> None:
    """Truth: moments of the gamma distribution; a run in pieces is a run in one."""
    source = sim.Population(20, sim.SpikeSourceGamma(alpha=4.0, beta=100.0))
    source.record("spikes")
    for _ in range(5):
        sim.run(1000.0)
    pieces = source.get_data().segments[0].spiketrains
    intervals = np.concatenate([np.diff(train.magnitude) for train in pieces])
    assert intervals.mean() == pytest.approx(40.0, rel=0.05)
    assert intervals.std() / intervals.mean() == pytest.approx(0.5, rel=0.08)
    sim.reset()
    sim.run(5000.0)
    assert source.mean_spike_count() == pytest.approx(125.0, rel=0.05)


def test_callbacks(sim: Any) -> None:
    """Each is called at the times that it asked for."""
    sim.Population(1, sim.IF_curr_exp())
    seen: list[float] = []

    def watch(t: float) -> float:
        seen.append(t)
        return t + 2.5

    sim.run(10.0, callbacks=[watch])
    assert seen == [0.0, 2.5, 5.0, 7.5, 10.0]


def test_setup_forgets(sim: Any) -> None:
    cells = noisy(sim)
    cells.record("v")
    sim.run(1.0)
    sim.setup()
    sim.Population(1, sim.IF_curr_exp())
    sim.run(1.0)
    with pytest.raises(StateError, match="later setup"):
        cells.get_data()


def test_wiring_stands_while_it_runs(sim: Any) -> None:
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    synapse = sim.StaticSynapse(weight=0.1, delay=1.0)
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse, label="loop")
    sim.run(1.0)
    for change in (
        lambda: sim.Population(1, sim.IF_cond_exp()),
        lambda: sim.Projection(cells, cells, sim.AllToAllConnector(), synapse),
        lambda: cells.set(tau_syn_E=3.0),
        lambda: projection.set(delay=2.0),
    ):
        with pytest.raises(StateError, match=r"at 1 ms, and its wiring stands; .* after reset"):
            change()
    sim.reset()
    projection.set(delay=2.0)
    sim.run(1.0)
    assert sim.get_min_delay() == 2.0


def test_refusals(sim: Any) -> None:
    sim.setup(quit_on_end=False, loglevel=1)  # of a script for several simulators
    with pytest.raises(InvalidTypeError, match=r"setup: no option 'thread'; did you mean 'threads'"):
        sim.setup(thread=4)
    with pytest.raises(InvalidValueError, match="engine must be"):
        sim.setup(engine="clok")
    sim.setup()
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]), label="source")
    with pytest.raises(InvalidTypeError, match="'source' is a source of spikes"):
        sim.DCSource().inject_into(source)
    with pytest.raises(InvalidValueError, match=r"gsyn_exc = 0\.1: only v"):
        sim.Population(1, sim.IF_cond_exp(), initial_values={"gsyn_exc": 0.1})
    with pytest.raises(InvalidValueError, match="no multiple of the step"):
        sim.NoisyCurrentSource(mean=0.1, stdev=0.1, dt=0.25)


def test_exact_spike_times(sim: Any) -> None:
    """Truth: T = tau_m ln(I / (I - (V_th - V_r) C / tau_m)), with the event engine not rounded to the step."""
    sim.setup(timestep=0.1, spike_precision="off_grid")
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=1.0, tau_refrac=0.0))
    cells.record("spikes")
    sim.run(100.0)
    times = cells.get_data().segments[0].spiketrains[0].magnitude
    assert np.allclose(times, 20.0 * np.log(1.0 / (1.0 - 0.75)) * np.arange(1, times.size + 1), rtol=1e-12)
