"""What the pictures show: the artists hold the numbers that were asked for."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from scipy import sparse

from spikesim import errors, plot
from spikesim.analysis import correlogram, population_rate, spectrum
from spikesim.neurons.hodgkin_huxley import HodgkinHuxley
from spikesim.neurons.lif import LIF
from spikesim.record.result import Result
from spikesim.synapses.delta import Delta
from spikesim.synapses.gamma import Alpha, Exponential
from spikesim.trains import SpikeTrains, Traces


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def poisson(name: str, neurons: int, spikes: int, stop: float, seed: int = 0) -> SpikeTrains:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0.0, stop, spikes))
    return SpikeTrains(times, rng.integers(0, neurons, spikes), neurons, 0.0, stop, name)


@pytest.fixture
def result() -> Result:
    t = np.arange(0.0, 500.0)
    values = np.stack([np.sin(t / 30.0), np.cos(t / 30.0)], axis=1)
    spikes = {"exc": poisson("exc", 40, 900, 500.0), "inh": poisson("inh", 10, 300, 500.0, 1)}
    traces = {("exc", "v"): Traces(t, values, np.array([3, 7]), "v", "mV", "exc")}
    return Result.of(spikes, traces, start=0.0, stop=500.0, dt=0.1)


# ---- raster


def test_raster_holds_every_spike_once_stacked_by_population(result: Result) -> None:
    ax = plot.raster(result)
    exc, inh = ax.get_lines()[:2]
    np.testing.assert_array_equal(exc.get_xdata(), result.spikes["exc"].times)
    np.testing.assert_array_equal(exc.get_ydata(), result.spikes["exc"].ids)
    np.testing.assert_array_equal(inh.get_ydata(), result.spikes["inh"].ids + 40)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["exc", "inh"]
    assert ax.get_ylim() == (49.5, -0.5) and ax.get_xlim() == (0.0, 500.0)
    below = ax.figure.axes[1]
    rate = population_rate(result.spikes["inh"], 1.0)[1]
    np.testing.assert_array_equal(below.get_lines()[1].get_ydata(), rate)
    assert below.get_xlabel() == "Time (ms)" and below.get_ylabel() == "Rate (Hz)"


def test_raster_of_chosen_populations_neurons_and_window(result: Result) -> None:
    ax = plot.raster(result, ["inh"], start=100.0, stop=200.0, rate=False)
    (line,) = ax.get_lines()
    assert len(line.get_xdata()) == result.spikes["inh"].count(100.0, 200.0)
    assert len(ax.figure.axes) == 1 and ax.get_ylabel() == "Neuron of inh"
    some = plot.raster(result.spikes["exc"][[30, 2]], rate=False)
    assert set(some.get_lines()[0].get_ydata()) == {0, 1}  # rows in the order of the selection
    assert [label.get_text() for label in some.get_yticklabels()] == ["30", "2"]


def test_the_pixels_of_a_large_raster_are_the_spikes() -> None:
    """Spikes on a line in time = row: only pixels near that diagonal may be marked, all along it."""
    n = 30_000
    trains = SpikeTrains(np.arange(1.0, n + 1), np.arange(n), n, 0.0, float(n), "line")
    ax = plot.raster(trains, rate=False)
    (image,) = ax.get_images()
    ax.figure.canvas.draw()
    pixels, *_ = image.make_image(ax.figure.canvas.get_renderer())
    marked = pixels[..., 3] > 0
    height, width = marked.shape
    rows, columns = np.nonzero(marked)
    # row 0 of the pixels is the bottom of the axes, where the last neuron lies
    np.testing.assert_allclose(rows / height, 1.0 - columns / width, atol=3.0 / height)
    assert marked.any(axis=0).all() and marked.any(axis=1).all()
    ax.set_xlim(0.0, n / 10.0)  # zoomed in: as sharp as before, a tenth of the rows
    zoomed = image.make_image(ax.figure.canvas.get_renderer())[0][..., 3] > 0
    assert 0.08 < zoomed.any(axis=1).mean() < 0.12 and zoomed.any(axis=0).mean() > 0.99


def test_a_million_spikes_take_seconds_at_most() -> None:
    """Measured 0.7 s, import included; the bound leaves room for a busy machine."""
    trains = {"exc": poisson("exc", 8000, 800_000, 1e4), "inh": poisson("inh", 2000, 200_000, 1e4, 1)}
    start = time.perf_counter()
    ax = plot.raster(trains)
    ax.figure.canvas.draw()
    assert time.perf_counter() - start < 5.0
    assert len(ax.get_images()) == 2


def test_unknown_populations_and_empty_results_are_refused(result: Result) -> None:
    with pytest.raises(errors.UnknownNameError, match="did you mean 'exc'"):
        plot.raster(result, ["ecx"])
    with pytest.raises(errors.InvalidValueError, match="no spikes were recorded"):
        plot.raster({})
    with pytest.raises(errors.InvalidTypeError, match="must be a Result"):
        plot.raster(3)


def test_silent_populations_are_drawn_as_empty_rows() -> None:
    ax = plot.raster({"a": SpikeTrains.from_lists([[]], stop=10.0), "b": SpikeTrains.from_lists([[5.0]], stop=10.0)})
    ax.figure.canvas.draw()
    assert list(ax.get_lines()[0].get_ydata()) == [1]
    plot.summary({"a": SpikeTrains.from_lists([[]], stop=10.0)}).canvas.draw()


# ---- nothing global


def test_the_callers_axes_are_used_and_no_other_figure_is_made(result: Result) -> None:
    draws = (plot.raster, plot.rate, plot.isi, plot.cv, plot.spectrum, plot.correlation, plot.trace)
    panels = plt.subplots(len(draws))[1]
    current = plt.subplots()[1]
    before = dict(matplotlib.rcParams)
    for draw, ax in zip(draws, panels):
        assert draw(result, ax=ax) is ax and ax.has_data()
    assert len(plt.get_fignums()) == 2 and not current.has_data()
    assert plot.rate(result) is not current  # a new figure, never the current one
    assert dict(matplotlib.rcParams) == before


def test_importing_the_package_does_not_load_matplotlib() -> None:
    code = "import sys, spikesim.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- the other pictures


def test_trace_shows_the_samples_threshold_and_spikes(result: Result) -> None:
    ax = plot.trace(result, threshold=1.5)
    first, second, threshold = ax.get_lines()
    np.testing.assert_array_equal(first.get_ydata(), result.traces["exc"]["v"].values[:, 0])
    assert second.get_label() == "exc 7" and set(threshold.get_ydata()) == {1.5}
    strokes = [len(c.get_segments()) for c in ax.collections]
    own = [int(np.sum(result.spikes["exc"][[k]].times <= 499.0)) for k in (3, 7)]
    assert strokes == own
    assert ax.get_ylabel() == "Membrane potential (mV)"
    alone = plot.trace(result, "exc", "v", neurons=[7], start=100.0, stop=200.0, spikes=False)
    assert len(alone.get_lines()) == 1 and len(alone.get_lines()[0].get_xdata()) == 100  # 100 < t <= 200


def test_rate_spectrum_and_correlogram_show_the_measures(result: Result) -> None:
    exc = result.spikes["exc"]
    np.testing.assert_array_equal(plot.rate(result, bin=5.0).get_lines()[0].get_ydata(), population_rate(exc, 5.0)[1])
    found = spectrum(exc, 1.0, 250.0)
    line = plot.spectrum(result, segment=250.0).get_lines()[0]
    np.testing.assert_array_equal(line.get_xdata(), found.frequencies[1:])
    bars = plot.correlogram(exc, window=10.0).patches
    np.testing.assert_allclose([bar.get_height() for bar in bars], correlogram(exc, window=10.0).rate)


def test_isi_and_cv_mark_poisson_and_name_the_populations(result: Result) -> None:
    ax = plot.cv(result)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["exc", "inh"]
    assert ax.get_lines()[0].get_xdata()[0] == 1.0
    area = np.diff(ax.patches[0].get_xy()[:, 0]) @ ax.patches[0].get_xy()[:-1, 1]
    assert abs(area) == pytest.approx(1.0, abs=1e-6)
    assert "ms" in plot.isi(result).get_xlabel()
    assert plot.isi(result, log=True).get_xscale() == "log"


def test_isi_bins_hold_whole_steps_so_that_a_flat_distribution_looks_flat() -> None:
    """Intervals of 1, 2, ... 300 steps, each once: a comb if bins held 5 or 6 of them in turn."""
    times = np.cumsum(np.arange(1, 301)) * 0.1
    trains = SpikeTrains.from_lists([np.concatenate([[0.0], times])], name="x")
    result = Result.of({"x": trains}, {}, start=0.0, stop=trains.stop, dt=0.1)
    ax = plot.isi(result, bins=55)
    heights = ax.patches[0].get_xy()[1:-1:2, 1]
    assert np.unique(np.round(heights[1:-6], 9)).size == 1


def test_weights_show_target_by_source_and_count_synapses() -> None:
    w = np.zeros((3, 5))
    w[1, 4] = -2.0
    w[0, 0] = 1.0
    ax = plot.weights(w, unit="pA")
    np.testing.assert_array_equal(ax.get_images()[0].get_array(), w)
    assert ax.get_xlabel() == "Source neuron" and ax.get_ylabel() == "Target neuron"
    big = sparse.random(1300, 700, 0.05, random_state=0)
    shown = plot.weights(big).get_images()[0].get_array()
    assert shown.shape == (434, 350)
    twin = big.toarray()[:1299, :].reshape(433, 3, 350, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(shown[:433], twin, atol=1e-15)
    np.testing.assert_allclose(shown[433], big.toarray()[1299:].reshape(1, 350, 2).mean(axis=(0, 2)), atol=1e-15)
    assert sum(bar.get_height() for bar in plot.weights(big, kind="hist").patches) == big.nnz
    assert sum(bar.get_height() for bar in plot.delays([1, 1, 3], dt=0.5).patches) == 3


def test_tuning_curve_and_psc_and_gating_show_the_models_functions() -> None:
    lif = LIF.normalized()
    line = plot.tuning_curve(lif, np.array([0.5, 2.0, 5.0])).get_lines()[0]
    np.testing.assert_array_equal(line.get_ydata(), lif.rate(np.array([0.5, 2.0, 5.0])))
    ax = plot.psc(("fast", Exponential(2.0)), Alpha(5.0), duration=40.0)
    fast, alpha = ax.get_lines()
    t = np.asarray(alpha.get_xdata())
    np.testing.assert_allclose(alpha.get_ydata(), np.where(t < 0, 0, Alpha(5.0).psc(t)), atol=1e-15)
    assert np.max(fast.get_ydata()) == 1.0 and fast.get_label() == "fast"
    assert ax.get_ylabel().startswith("Current")
    left = plot.gating(HodgkinHuxley(), np.array([-65.0, -40.0]))
    assert sorted(line.get_label() for line in left.get_lines()) == ["h", "m", "n"]
    (m,) = (line for line in left.get_lines() if line.get_label() == "m")
    np.testing.assert_array_equal(m.get_ydata(), HodgkinHuxley().m_inf(np.array([-65.0, -40.0])))
    with pytest.raises(errors.InvalidTypeError, match="has no gates"):
        plot.gating(lif)
    with pytest.raises(errors.InvalidTypeError, match="current or conductance"):
        plot.psc(Delta())


def test_learning_curve_marks_the_lowest_validation_loss() -> None:
    history = {"loss": [1.0, 0.5, 0.1], "validation_loss": [1.0, 0.6, 0.7], "accuracy": [0.1, 0.5, 0.9]}
    ax = plot.learning_curve(history)
    assert ax.get_yscale() == "log"
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), history["loss"])
    marker = ax.get_lines()[2]
    assert (marker.get_xdata()[0], marker.get_ydata()[0]) == (2, 0.6)
    assert ax.figure.axes[1].get_ylabel().startswith("Accuracy")
    with pytest.raises(errors.InvalidValueError, match="no loss"):
        plot.learning_curve({"lr": [0.1]})


def test_summary_saves_a_page_without_opening_a_window(result: Result, tmp_path) -> None:  # type: ignore[no-untyped-def]
    page = plot.summary(result, tmp_path / "page.png", title="A network")
    assert (tmp_path / "page.png").stat().st_size > 20_000 and not plt.get_fignums()
    labels = [ax.get_xlabel() for ax in page.axes]
    assert labels == [
        "",
        "Time (ms)",
        "Mean rate (Hz)",
        "Interspike interval (ms)",
        "CV of interspike intervals",
    ]
    widths = [bar.get_width() for bar in page.axes[2].patches]
    np.testing.assert_allclose(widths, [result.spikes[name].rate() for name in ("exc", "inh")])


def test_fi_curve_draws_a_line_a_model_that_starts_at_rheobase() -> None:
    models = {"fast": LIF(tau_m=10.0), "slow": LIF(tau_m=20.0)}
    ax = plot.fi_curve(models, np.linspace(0.0, 600.0, 5), duration=300.0)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["fast", "slow"]
    for line, model in zip(ax.get_lines(), models.values()):
        above = model.rate_current(np.asarray(line.get_xdata())) > 0
        np.testing.assert_array_equal(np.asarray(line.get_ydata()) > 0, above)
    assert ax.get_xlabel() == "Input current (pA)"
