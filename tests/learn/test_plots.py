"""Pictures of learning.  Truth: what is counted on the Axes."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError

mpl.use("Agg")

from matplotlib import pyplot


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def nodes(ax):
    return len(ax.collections)


def test_a_network_has_a_circle_for_each_node_and_a_line_for_each_weight():
    net = learn.Sequential(learn.Linear(3, 4, seed=1), learn.ReLU(), learn.Linear(4, 2, seed=2), learn.Softmax())
    for given in (net, (3, 4, 2), [np.ones((3, 4)), np.ones((4, 2))]):
        ax = learn.draw_network(given)
        assert nodes(ax) == 9 and len(ax.lines) == 3 * 4 + 4 * 2
    texts = [t.get_text() for t in learn.draw_network(net).texts]
    assert {"$x_{1}$", "$h_{4}$", "$y_{2}$", "ReLU", "Softmax"} <= set(texts)
    net[0].weight.val = np.zeros((4, 3))
    net[2].weight.val = np.array([[1.0, -1.0, 0.0, 0.5], [0.0] * 4])
    colours = [line.get_color() for line in learn.draw_network(net).lines[12:]]
    assert colours[0] != colours[1] and colours[0] == colours[3]
    assert "0.5" in [t.get_text() for t in learn.draw_network(net, values=True).texts]


def test_large_layers_are_shortened_and_dropped_nodes_marked():
    ax = learn.draw_network((20, 3), dropped={0: [0], 1: [2]})
    assert nodes(ax) == 8 + 3 and [t.get_text() for t in ax.texts].count("×") == 2
    assert {"⋮", "20"} <= {t.get_text() for t in ax.texts}


def test_what_cannot_be_drawn_is_named():
    for wrong, words in (
        (learn.ReLU(), "no Linear layer"),
        ("net", "wanted a Module"),
        (learn.Sequential(learn.Conv2d(1, 2, 3), learn.Linear(2, 2)), "convolutions"),
    ):
        with pytest.raises(InvalidTypeError, match=words):
            learn.draw_network(wrong)
    with pytest.raises(InvalidValueError, match="names"):
        learn.draw_network((2, 3), names=["x"])


def test_receptive_fields_are_the_weights():
    layer = learn.Linear(16, 3, seed=1)
    sheet = learn.plots.receptive_fields(layer, columns=3).images[0].get_array()
    w = layer.weight.val
    assert sheet.shape == (4, 14) and np.array_equal(sheet[:, 5:9], w[1].reshape(4, 4))
    assert learn.plots.receptive_fields(learn.Conv2d(1, 6, 3)).images
    with pytest.raises(InvalidValueError, match="no image"):
        learn.plots.receptive_fields(np.ones((2, 10)))


def test_a_history_has_whole_epochs_and_plain_numbers():
    history = learn.History(lr=0.1)
    for loss in (0.9, 0.5, 0.3):
        history.append({"loss": loss, "validation_loss": loss + 0.1})
    ax = history.plot()
    ax.figure.canvas.draw()
    assert all(tick == int(tick) for tick in ax.get_xticks())
    labels = [t.get_text() for t in (*ax.get_yticklabels(), *ax.get_yticklabels(minor=True)) if t.get_text()]
    assert labels and not any("10^" in t or "$" in t for t in labels)


def test_regions_and_samples_share_their_colours():
    x = np.array([[0.0, 0.0], [1.0, 1.0]])
    ax = learn.plots.decision_regions(lambda p: (p[:, 0] > 0.5).astype(int), x, [0, 1])
    filled = ax.collections[0].get_facecolor()[:, :3]
    points = ax.collections[-1].get_facecolor()[:, :3]
    assert np.allclose(filled[:2], points)
