"""Many populations, none, one of a thing, all alike: every picture is drawn, and nothing warns.

Truth: what the artists hold; Python's warnings are errors here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import itertools

from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import analysis, plot
from spikesim.analysis import population_rate
from spikesim.plot.palette import COLOURS, ON_BLACK, contrast
from spikesim.plot.style import paper
from spikesim.record.result import Result
from spikesim.trains import SpikeTrains, Traces

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def poisson(name: str, neurons: int, spikes: int, seed: int, stop: float = 500.0) -> SpikeTrains:
    rng = np.random.default_rng(seed)
    return SpikeTrains(
        np.sort(rng.uniform(0, stop, spikes)), rng.integers(0, neurons, spikes), neurons, 0.0, stop, name
    )


def network(n: int, prefix: str = "population") -> dict[str, SpikeTrains]:
    return {f"{prefix} {k}": poisson(f"{prefix} {k}", 20, 300, k) for k in range(n)}


LISTS: dict[str, tuple[list[list[float]], float]] = {
    "no neurons": ([], 100.0),
    "no time": ([[0.0]], 0.0),
    "no spikes": ([[], []], 100.0),
    "one spike": ([[50.0]], 100.0),
    "two spikes": ([[50.0, 60.0]], 100.0),
    "one neuron": ([[10.0, 20.0, 35.0, 70.0]], 100.0),
    "coincident spikes": ([[50.0, 50.0, 50.0], [50.0, 50.0]], 100.0),
    "regular and alike": ([[10.0, 20.0, 30.0]] * 3, 100.0),
    "shorter than a bin": ([[0.1, 0.3, 0.6]], 0.7),
}
PICTURES: dict[str, Callable[..., Any]] = {
    "raster": plot.raster,
    "rate": plot.rate,
    "smooth rate": lambda r: plot.rate(r, smooth=5.0),
    "spectrum": plot.spectrum,
    "correlation": plot.correlation,
    "isi": plot.isi,
    "isi over log": lambda r: plot.isi(r, log=True),
    "cv": plot.cv,
}


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("case", LISTS)
def test_little_or_nothing_is_drawn_without_a_word(case: str, picture: str) -> None:
    lists, stop = LISTS[case]
    trains = SpikeTrains.from_lists(lists, stop=stop, name="x")
    alone = PICTURES[picture]({"x": trains})
    alone.figure.draw_without_rendering()
    if case in ("no neurons", "no spikes"):  # it says why there is nothing to see
        assert any(text.get_text() for text in alone.texts) or picture in ("rate", "smooth rate")
    PICTURES[picture]({"x": trains, "other": poisson("other", 20, 300, 1, stop or 1.0)}).figure.draw_without_rendering()


@pytest.mark.parametrize("case", LISTS)
def test_summaries_of_little_or_nothing(case: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    lists, stop = LISTS[case]
    trains = {"x": SpikeTrains.from_lists(lists, stop=stop, name="x")}
    page = plot.summary(trains, tmp_path / "page.png")
    if case == "no neurons":
        assert [text.get_text() for text in page.axes[2].texts] == ["-"]


def test_an_empty_population_first_keeps_the_colours_of_the_others() -> None:
    found = {"nobody": SpikeTrains.from_lists([], stop=500.0), **network(2)}
    alone = {name: trains.get_color() for name, trains in zip(found, plot.rate(found).get_lines())}
    below = plot.raster(found).figure.axes[1].get_lines()
    assert [line.get_color() for line in below] == [alone["population 0"], alone["population 1"]]
    np.testing.assert_array_equal(below[0].get_ydata(), population_rate(found["population 0"], 1.0)[1])


@pytest.mark.parametrize("picture", ["rate", "spectrum", "correlation", "isi", "cv"])
def test_more_than_four_populations_get_a_row_each(picture: str) -> None:
    found = network(8)
    panel = PICTURES[picture](found)
    rows = panel.child_axes
    assert [row.texts[0].get_text() for row in rows] == list(found)
    curves = [[*row.get_lines(), *row.patches][0] for row in rows]
    inks = {matplotlib.colors.to_hex(c.get_color() if hasattr(c, "get_color") else c.get_edgecolor()) for c in curves}
    assert len(inks) == 8  # a colour each
    panel.figure.draw_without_rendering()
    boxes = [row.get_window_extent() for row in rows]
    assert all(a.y0 > b.y1 for a, b in itertools.pairwise(boxes))  # none over another, first on top
    right = panel.figure.bbox.width
    assert all(row.texts[0].get_window_extent().x1 <= right for row in rows)  # no name is cut off
    if picture == "rate":
        np.testing.assert_array_equal(curves[3].get_ydata(), population_rate(found["population 3"], 5.0)[1])
        panel.set_xlim(100.0, 200.0)
        assert rows[5].get_xlim() == (100.0, 200.0)  # zoomed together


def test_a_hundred_populations_fit_on_the_paper() -> None:
    panel = plot.rate(network(100))
    panel.figure.draw_without_rendering()
    rows = panel.child_axes
    height = rows[0].get_window_extent().y0 - rows[1].get_window_extent().y0
    assert height > 0.8 * rows[0].texts[0].get_window_extent().height


def test_the_legend_of_a_few_stands_outside() -> None:
    for picture in ("rate", "spectrum", "isi", "cv"):
        panel = PICTURES[picture](network(3))
        panel.figure.draw_without_rendering()
        assert panel.get_legend().get_window_extent().x0 >= panel.get_window_extent().x1
        assert panel.get_legend().get_window_extent().x1 <= panel.figure.bbox.width


def test_long_names_are_shortened_in_the_middle_and_leave_room(tmp_path) -> None:  # type: ignore[no-untyped-def]
    found = {f"{k} {'a very long name of a population ' * 2}{k}": poisson("", 20, 300, k) for k in range(3)}
    page = plot.summary(found, tmp_path / "page.png")
    assert page.axes[0].get_window_extent().width > 0.5 * page.bbox.width
    labels = [label.get_text() for label in page.axes[2].get_yticklabels()]
    assert labels[1].startswith("1 a very") and labels[1].endswith("1") and len(labels[1]) <= 18


def traces(n: int, samples: int = 50) -> Result:
    values = np.random.default_rng(0).normal(-60.0, 3.0, (samples, n))
    found = Traces(np.arange(samples) + 1.0, values, np.arange(n), "v", "mV", "x")
    return Result.of({}, {("x", "v"): found}, start=0.0, stop=float(samples), dt=0.1)


def test_traces_share_a_panel_have_rows_or_are_bands() -> None:
    assert len(plot.trace(traces(8), neurons=range(8)).get_lines()) == 8
    many = plot.trace(traces(20), neurons=range(20), threshold=-50.0)
    many.figure.draw_without_rendering()
    assert len(many.child_axes) == 20 and many.get_legend() is None
    crowd = traces(200)
    panel = plot.trace(crowd, neurons=range(200))
    (line,) = panel.get_lines()
    np.testing.assert_allclose(line.get_ydata(), np.median(crowd.traces["x"]["v"].values, axis=1))
    band = panel.collections[0].get_paths()[0].vertices[:, 1]
    low, high = np.percentile(crowd.traces["x"]["v"].values, (5, 95), axis=1)
    assert band.min() == pytest.approx(low.min()) and band.max() == pytest.approx(high.max())
    plot.trace(traces(1, 1)).figure.draw_without_rendering()  # one sample


@pytest.mark.parametrize("kind", ["image", "hist"])
def test_weights_that_are_all_zero_or_not_there(kind: str) -> None:
    for matrix in (np.zeros((3, 4)), np.zeros((0, 4)), np.full((2, 2), 5.0)):
        plot.weights(matrix, kind=kind).figure.draw_without_rendering()
    plot.delays([]).figure.draw_without_rendering()
    plot.delays([], dt=0.1).figure.draw_without_rendering()


def test_a_listed_refractory_period_is_a_curve_a_neuron() -> None:
    lif = ss.LIF.normalized()._replace(t_ref=np.array([2.0, 5.0, 5.0]))
    drive = np.array([0.5, 2.0, 5.0])
    lines = plot.tuning_curve(lif, drive).get_lines()
    np.testing.assert_array_equal([line.get_ydata() for line in lines[:3]], lif.rate(drive[:, None]).T)
    assert [line.get_ydata()[0] for line in lines[3:]] == [500.0, 200.0]


def test_currents_and_conductances_have_a_scale_each_and_short_labels() -> None:
    panel = plot.psc(ss.Exponential(1 / 3), ss.AMPA())
    other = panel.figure.axes[1]
    assert panel.get_ylabel().startswith("Current") and other.get_ylabel().startswith("Conductance")
    assert len(panel.get_lines()) == len(other.get_lines()) == 1
    assert next(text.get_text() for text in panel.get_legend().get_texts()) == "Exponential(tau=0.333333)"


def test_dark_figures_have_light_ink() -> None:
    """All text of a raster has a contrast of 4.5 with the paper, also on a caller's dark axes."""
    with plot.dark():
        ours = plot.raster(network(3))
    with plt.style.context("dark_background"):
        theirs = plot.raster(network(3), ax=plt.subplots()[1])
    with plt.style.context(plot.DARK):  # as plt.style.use takes it, for a whole script
        styled = plot.raster(network(3))
    for panel in (ours, theirs, styled):
        assert paper(panel) == "#000000"
        texts = [panel.xaxis.label, panel.yaxis.label, *panel.get_xticklabels(), *panel.get_yticklabels()]
        assert all(contrast(matplotlib.colors.to_hex(text.get_color()), "#000000") >= 4.5 for text in texts)
        separators = [line for line in panel.get_lines() if line.get_linewidth() == 1.2]
        assert all(matplotlib.colors.to_hex(line.get_color()) == "#000000" for line in separators)
    assert paper(plot.raster(network(3))) == "#ffffff"


def test_styles_for_figures_of_ones_own() -> None:
    """Lines take the palette of the paper, white or black, without a word about colours."""
    for styles, palette, face in (([plot.LIGHT], COLOURS, "#ffffff"), ([plot.LIGHT, plot.DARK], ON_BLACK, "#000000")):
        with plt.style.context(styles):
            panel = plt.subplots()[1]
            lines = [panel.plot([0.0, 1.0])[0] for _ in palette]
        assert [line.get_color() for line in lines] == list(palette) and paper(panel) == face
        assert not panel.spines["top"].get_visible()


def test_a_population_without_neurons_is_a_row_of_nan() -> None:
    found = {"nobody": SpikeTrains.from_lists([], stop=500.0), **network(1)}
    table = analysis.statistics(found)
    assert table["nobody"].neurons == 0 and np.isnan(table["nobody"][1:]).all()
    assert table["population 0"].rate == found["population 0"].rate()
    assert "nobody" in repr(table)


@pytest.mark.parametrize(("n", "named"), [(3, 3), (8, 8), (30, 15), (100, 25)])
def test_names_beside_a_small_raster_do_not_overlap(n: int, named: int) -> None:
    """Where the smallest are too many, every other one stands, or every third, each at its rows."""
    figure, ax = plt.subplots(figsize=(4.0, 3.0), dpi=100)
    plot.raster(network(n), ax=ax)
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert len(boxes) == named
    ordered = sorted(boxes, key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 1.0 for below, above in itertools.pairwise(ordered))
