"""Section 2.2: the constructive proof.  Truths: its own error bound, its limit."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidValueError


def wave(x):
    return np.sin(2.0 * np.pi * x)


def test_step_and_piece():
    x = np.array([-1.0, 0.0, 0.2, 0.5, 0.50001, 1.0])
    assert learn.step(x, 0.2).tolist() == [0, 0, 0, 1, 1, 1]
    assert learn.piece(x, 0.2, 0.3).tolist() == [0, 0, 0, 1, 0, 0]
    assert learn.step(x, 0.2, 7.0) == pytest.approx(1 / (1 + np.exp(-7 * (x - 0.2))), rel=1e-14)


@pytest.mark.parametrize("N", [10, 40, 160])
def test_error_is_within_the_bound(N):
    net = learn.construct_uat(wave, N)
    assert [p.shape for p in net.parameters()] == [(2 * N, 1), (2 * N,), (1, 2 * N), (1,)]
    assert learn.sup_error(net, wave) <= 2.0 * np.pi / N + 1e-12


def test_error_halves_when_n_doubles():
    errors = [learn.sup_error(learn.construct_uat(wave, n), wave) for n in (50, 100, 200)]
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.01) and errors[1] / errors[2] == pytest.approx(
        2.0, rel=0.01
    )


def test_steep_logistic_units_tend_to_the_steps():
    x = np.linspace(0.0, 1.0, 1001)
    away = np.min(np.abs(x[:, None] - np.linspace(0, 1, 21)), axis=1) > 0.01
    limit = learn.construct_uat(wave, 20)(x[:, None]).val
    gaps = [
        np.abs(learn.construct_uat(wave, 20, w)(x[:, None]).val - limit)[away].max() for w in (300.0, 1000.0, 3000.0)
    ]
    assert gaps[0] > gaps[1] > gaps[2] and gaps[2] < 1e-10
    assert learn.sup_error(learn.construct_uat(wave, 200, 2e4), wave) <= 2.0 * np.pi / 200


def test_pieces_grow_exponentially_with_the_dimension():
    assert [learn.pieces_needed(1.0, 0.1, d) for d in (1, 2, 3)] == [10, 100, 1000]


def test_boxes_measured_in_two_dimensions():
    """The construction's own bound |df/dx| + |df/dy| over N; its boxes take the place of pieces in one dimension."""

    def hill(x, y):
        return wave(x) * wave(y)

    errors = []
    for N in (6, 12, 24):
        net = learn.construct_boxes(hill, N)
        assert net[2].weight.shape == (N * N, 2 * (N + 1))
        errors.append(learn.sup_error(net, hill, dimensions=2))
        assert errors[-1] <= 2.0 * np.pi / N
    assert errors[1] / errors[2] == pytest.approx(2.0, rel=0.1)
    line = learn.construct_boxes(wave, 10, dimensions=1)  # in one dimension it is the other construction
    x = np.linspace(0.0, 1.0, 1234)[:, None]
    assert line(x).val == pytest.approx(learn.construct_uat(wave, 10)(x).val, abs=1e-14)


def test_every_box_has_its_height():
    """Truth: f at the lower corner, looked up by hand; also on the edges of the interval, and in three dimensions."""

    def f(x, y, z):
        return x + 10.0 * y + 100.0 * z

    net = learn.construct_boxes(f, 3, 3, interval=(-1.0, 2.0))
    rng = np.random.default_rng(1)
    points = np.concatenate([rng.uniform(-1.0, 2.0, (50, 3)), [[-1.0, -1.0, -1.0], [2.0, 2.0, 2.0], [-1.0, 2.0, 0.5]]])
    corner = np.clip(np.floor(points), -1.0, 1.0)
    assert net(points).val[:, 0] == pytest.approx(f(*corner.T), abs=1e-12)


def test_fewest_pieces_is_the_least_number():
    for error in (0.5, 0.13):
        n = learn.fewest_pieces(wave, error)
        assert learn.sup_error(learn.construct_uat(wave, n), wave) <= error
        assert learn.sup_error(learn.construct_uat(wave, n - 1), wave) > error
        assert 0.5 * n <= learn.pieces_needed(2.0 * np.pi, error) <= 2 * n
    assert learn.fewest_pieces(lambda x, y: wave(x) * wave(y), 0.5, 2) ** 2 > 10 * learn.fewest_pieces(wave, 0.5)
    with pytest.raises(InvalidValueError, match="more than 4 pieces"):
        learn.fewest_pieces(wave, 0.1, most=4)


def test_sliders_redraw_the_network():
    """Headless: the callbacks of the sliders, driven by hand; what is drawn is the network of those numbers."""
    import matplotlib

    matplotlib.use("Agg")
    still = learn.plots.explore_uat(wave)
    assert still.sliders == {} and "16 hidden nodes" in still.ax.get_title()
    moving = learn.plots.explore_uat(wave, N=8, w=500.0, sliders=True)
    x = moving.curve.get_xdata()
    moving.sliders["N"].set_val(40)
    moving.sliders["w"].set_val(4.0)
    assert np.array_equal(moving.curve.get_ydata(), learn.construct_uat(wave, 40, 1e4)(x[:, None]).val[:, 0])
    assert "80 hidden nodes, w = 10000" in moving.ax.get_title()
    assert moving.show(10, 1e5) > moving.show(40, 1e5)


def test_bad_input_is_named():
    with pytest.raises(InvalidValueError, match=r"f\(0\.0, 0\.0\) is not finite"), np.errstate(divide="ignore"):
        learn.construct_boxes(lambda x, y: 1.0 / (x + y), 4)
    with pytest.raises(InvalidValueError, match="N = 0"):
        learn.construct_boxes(wave, 0)
    with pytest.raises(InvalidValueError, match="N = 0"):
        learn.construct_uat(wave, 0)
    with pytest.raises(InvalidValueError, match=r"f\(0\) = inf"), np.errstate(divide="ignore"):
        learn.construct_uat(lambda x: 1 / x, 4)
