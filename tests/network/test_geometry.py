"""Places and distances.  Truth: all pairs by hand, the nearest of the images on a torus."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import spikesim as ss
from spikesim.network.geometry import Geometry, geometry


def all_pairs(places: Geometry) -> np.ndarray:
    """Distances (n_pre, n_post): to the nearest image of each target."""
    moves = [[-p, 0.0, p] if np.isfinite(p) else [0.0] for p in places.period]
    images = np.array(
        [np.linalg.norm(places.pre[:, None] - places.post - m, axis=2) for m in itertools.product(*moves)]
    )
    return images.min(axis=0)


def some(axes: int, boundary: str) -> Geometry:
    """Sources and targets in two boxes that overlap in a corner only."""
    rng = np.random.default_rng(axes)
    pre, post = np.zeros((7, 3)), np.zeros((9, 3))
    pre[:, :axes], post[:, :axes] = rng.uniform(-0.5, 0.1, (7, axes)), rng.uniform(0.0, 0.5, (9, axes))
    period = np.full(3, np.inf)
    period[:axes] = 1.0 if boundary == "torus" else np.inf
    return Geometry(pre, post, period, axes)


@pytest.mark.parametrize("boundary", ["open", "torus"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_distances_of_all_pairs(axes: int, boundary: str) -> None:
    places = some(axes, boundary)
    pre, post = (side.ravel() for side in np.indices((7, 9)))
    assert places.known
    np.testing.assert_allclose(places.distances(pre, post), all_pairs(places).ravel(), rtol=1e-12)
    np.testing.assert_allclose(places.turned().distances(post, pre), all_pairs(places).ravel(), rtol=1e-12)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("boundary", ["open", "torus"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_no_distance_is_longer_than_the_longest(axes: int, boundary: str, turned: bool) -> None:
    """Open: the diagonal of the box around both sides; on a torus half of each period at most."""
    places = some(axes, boundary)
    both = np.concatenate([places.pre, places.post])[:, :axes]
    diagonal = np.linalg.norm(np.minimum(np.ptp(both, axis=0), 0.5 if boundary == "torus" else np.inf))
    longest = (places.turned() if turned else places).longest
    assert all_pairs(places).max() <= longest
    assert longest == pytest.approx(diagonal, rel=1e-9)


def test_corners_are_as_far_apart_as_the_longest() -> None:
    pre, post = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]), np.array([[-2.0, -3.0, 0.0], [-1.0, -1.0, 0.0]])
    assert Geometry(pre, post, np.full(3, np.inf), 2).longest == pytest.approx(5.0, rel=1e-9)


def test_groups_have_the_places_of_their_parts() -> None:
    """Three parts, one of them a choice: each neuron stands where its population says."""
    net = ss.Network(seed=2)
    a, b, c = (net.population(name, 3 + k, ss.LIF(), positions=np.arange(3.0 + k)[:, None] + 10.0 * k)
               for k, name in enumerate("abc"))  # fmt: skip
    chosen = b[[3, 1]]
    places = geometry("here", a + chosen + c, c, "open", needed=True)
    assert places.pre[:, 0].tolist() == [0.0, 1.0, 2.0, 13.0, 11.0, 20.0, 21.0, 22.0, 23.0, 24.0]
    assert places.post[:, 0].tolist() == [20.0, 21.0, 22.0, 23.0, 24.0]
    assert places.axes == 1 and places.known


def test_without_places_nothing_is_known() -> None:
    net = ss.Network()
    a = net.population("a", 3, ss.LIF())
    places = geometry("here", a, a, "open", needed=False)
    assert not places.known and places.longest == 0.0
    assert np.isnan(places.distances(np.arange(3), np.arange(3))).all()
