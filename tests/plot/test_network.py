"""Diagrams, places and sweeps hold what they were given.  Truth: the artists, and counting by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch

import spikesim as ss
from spikesim import errors, plot
from spikesim.network.graph import graph
from spikesim.plot.palette import BLUE, VERMILION
from spikesim.record.result import Result

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def net() -> ss.Network:
    net = ss.Network(seed=1)
    exc, inh = net.population("exc", 80, ss.LIF()), net.population("inh", 20, ss.LIF())
    current = ss.Exponential(5.0)
    net.connect(exc, inh, ss.fixed_indegree(8), weight=ss.normal(10.0, 1.0), delay=1.0, synapse=current)
    net.connect(inh, exc + inh, ss.fixed_indegree(4), weight=-40.0, delay=1.0, synapse=current)
    net.connect(inh, exc, ss.fixed_indegree(4), weight=2.0, delay=1.0, synapse=ss.GABA_A(), name="shunt")
    net.background(exc, rate=100.0, weight=10.0, synapse=current)
    return net


def test_the_graph_counts_synapses_and_tells_signs(net: ss.Network) -> None:
    found = graph(net)["projections"]
    assert [(e["pre"], e["post"], e["synapses"], e["unit"], e["sign"]) for e in found] == [
        ("exc", "inh", 160.0, "pA", 1),
        ("inh", "exc", 320.0, "pA", -1),  # 4 onto each of 100 neurons, 80 of them exc
        ("inh", "inh", 80.0, "pA", -1),
        ("inh", "exc", 320.0, "nS", -1),  # a positive conductance that reverses below threshold
    ]
    assert found[0]["weight"] == pytest.approx(10.0, abs=0.1)
    assert graph(net)["inputs"] == [{"target": "exc", "kind": "background"}]


def arrows(panel: Any) -> list[FancyArrowPatch]:
    return [patch for patch in panel.patches if isinstance(patch, FancyArrowPatch)]


def test_arrows_are_as_wide_as_projections_are_strong(net: ss.Network, tmp_path: Any) -> None:
    net.record(net["exc"], "spikes")
    panel = plot.network(net)
    panel.figure.draw_without_rendering()
    drawn = arrows(panel)
    # input of a target neuron: 8 x 10 = 80 pA from exc, 4 x 40 = 160 pA (the strongest) from inh; alone in nS
    widths = sorted(round(arrow.get_linewidth(), 1) for arrow in drawn)
    assert widths == [2.1, 3.6, 3.6, 3.6]
    inks = [matplotlib.colors.to_hex(arrow.get_edgecolor()) for arrow in drawn]
    assert sorted(inks) == sorted([BLUE.lower(), *[VERMILION.lower()] * 3])
    assert [text.get_text() for text in panel.texts if text.get_text()] == ["exc\n80", "inh\n20"]
    # the same from what a run leaves, and from a file
    run = net.run(1.0, progress=False, out=tmp_path / "run.h5")
    for result in (run, ss.load(tmp_path / "run.h5")):
        assert sorted(round(arrow.get_linewidth(), 1) for arrow in arrows(plot.network(result))) == widths


def test_layers_stand_in_rows_and_boxes_never_overlap() -> None:
    net = ss.Network()
    for layer, sizes in (("L23", (2000, 500)), ("L4", (2200, 10)), ("L5", (400, 1))):
        for kind, size in zip("EI", sizes):
            net.population(f"{layer}{kind}", size, ss.LIF())
    for prefix in range(3):
        other = ss.Network()
        for k in range(2 + 5 * prefix):
            other.population(f"a rather long name {k}", 10**k if k < 6 else 0, ss.LIF())
        for panel in (plot.network(net), plot.network(other)):
            panel.figure.draw_without_rendering()
            boxes = [patch.get_window_extent() for patch in panel.patches]
            assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
            texts = [text.get_window_extent() for text in panel.texts]
            assert all(b.x0 < t.x0 and t.x1 < b.x1 for b, t in zip(boxes, texts))  # names fit into their boxes
    x, y = zip(*(text.get_position() for text in plot.network(net).texts))
    assert x[::2] == (x[0],) * 3 and x[1::2] == (x[1],) * 3 and y[::2] == y[1::2] == tuple(sorted(y[::2], reverse=True))


def test_a_network_of_nothing_and_a_file_without_a_graph() -> None:
    assert plot.network(ss.Network()).texts[0].get_text() == "no populations"
    old = {
        "populations": {"a": {"size": 3, "model": "LIF()"}, "b": {"size": 2, "model": "LIF()"}},
        "projections": [{"name": "a to b", "pre": "a", "post": "b"}, {"name": "c", "pre": "a[0:2]", "post": "b"}],
    }
    result = Result.of({}, {}, start=0.0, stop=1.0, dt=0.1, description=old)
    assert len(arrows(plot.network(result))) == 1
    with pytest.raises(errors.InvalidTypeError, match="wanted a Network or a Result"):
        plot.network(3)


def test_a_heatmap_averages_runs_and_leaves_gaps() -> None:
    table = {"g": [5, 4, 4, 5, 4], "eta": [1.0, 1.0, 2.5, 1.0, 2.5], "rate": [1.0, 2.0, 4.0, 3.0, np.nan]}
    panel = plot.heatmap(table, "g", "eta", "rate")
    shown = panel.get_images()[0].get_array()
    assert shown.filled(-1.0).tolist() == [[2.0, 2.0], [4.0, -1.0]]  # the mean of 1 and 3; nothing at (5, 2.5)
    assert [label.get_text() for label in panel.get_xticklabels()] == ["4", "5"]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["1", "2.5"]
    assert panel.figure.axes[1].get_ylabel() == "rate"
    with pytest.raises(errors.UnknownNameError, match="did you mean 'rate'"):
        plot.heatmap(table, "g", "eta", "rtae")
    with pytest.raises(errors.InvalidValueError, match="equal length"):
        plot.heatmap({**table, "g": [1]}, "g", "eta", "rate")
    with pytest.raises(errors.InvalidTypeError, match="numbers"):
        plot.heatmap({**table, "rate": list("abcde")}, "g", "eta", "rate")
    for column in ([], [np.nan]):
        gap = plot.heatmap({"g": column, "eta": column, "rate": column}, "g", "eta", "rate")
        gap.figure.draw_without_rendering()
        assert gap.texts


def test_neurons_are_drawn_where_they_are() -> None:
    rng = np.random.default_rng(0)
    for d in (1, 2, 3):
        points = rng.uniform(size=(30, d))
        panel = plot.placed(points, np.arange(30.0), label="Rate (Hz)")
        panel.figure.draw_without_rendering()
        (cloud,) = panel.collections
        np.testing.assert_array_equal(np.sort(cloud.get_array()), np.arange(30.0))
        if d == 2:
            np.testing.assert_array_equal(cloud.get_offsets(), points)
            assert panel.figure.axes[1].get_ylabel() == "Rate (Hz)"
    both = plot.placed({"exc": points, "inh": points + 1.0})
    assert [text.get_text() for text in both.get_legend().get_texts()] == ["exc", "inh"]
    plot.placed(np.zeros((0, 2))).figure.draw_without_rendering()
    plot.placed(np.zeros((1, 2))).figure.draw_without_rendering()
    for wrong, words in ((np.zeros(3), "shape"), (np.zeros((3, 4)), "shape"), ([[np.nan, 0.0]], "finite")):
        with pytest.raises(errors.InvalidValueError, match=words):
            plot.placed(wrong)
    with pytest.raises(errors.InvalidTypeError, match="numbers"):
        plot.placed("here")
    with pytest.raises(errors.InvalidValueError, match="one value a neuron"):
        plot.placed(points, [1.0])


def test_weights_of_distance(tmp_path: Any) -> None:
    """An arrow says the mean over the pairs that are connected.  Truth: the synapses themselves."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 400, ss.LIF(), positions=ss.lattice((20, 20), extent=(1.0, 1.0)))
    near = ss.fixed_probability(0.8 * ss.gaussian(0.15), boundary="torus")
    given = {"weight": 20.0 - 30.0 * ss.distance, "delay": 1.0, "synapse": ss.Exponential(3.0)}
    net.connect(cells, cells, near, name="near", **given)
    net.connect(cells, cells, ss.fixed_indegree(10, kernel=ss.exponential(0.2)), name="ten", **given)
    net.record(cells, "spikes")
    result = net.run(1.0, progress=False, out=tmp_path / "run.h5")
    for edge in result.description["graph"]["projections"]:
        assert edge["weight"] == pytest.approx(result.weights[edge["name"]].data.mean(), rel=0.05)
