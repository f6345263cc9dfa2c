"""Truth: integrals by mpmath at 40 digits; v and its crossings from the sum of exponentials at 40 digits."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

from spikesim.engine.event import crossing, leaky, moments
from spikesim.engine.event import records as e
from spikesim.engine.event.affine import responses
from spikesim.jit import JIT
from spikesim.jit.records import table

KEPT_ALIVE: list[np.ndarray] = []  # ports stand at an address

RATES = [(0.1, 0.2), (0.1, 0.1), (0.1, 0.1 + 1e-12), (0.1, 0.0999), (0.05, 3.0), (3.0, 0.02)]
TIMES = [1e-9, 0.3, 4.0, 60.0]


@pytest.mark.parametrize("a, b", RATES)
@pytest.mark.parametrize("t", TIMES)
def test_moments(a: float, b: float, t: float) -> None:
    """M_j = int_0^1 u^j / j! exp(-a t (1 - u) - b t u) du to 1e-14, j up to 5."""
    m = np.zeros(7)
    moments.moments(a, b, t, 5, m)
    with mp.workdps(40):
        for j in range(6):
            exact = mp.quad(
                lambda u, j=j: u**j / mp.factorial(j) * mp.exp(-mp.mpf(a) * t * (1 - u) - mp.mpf(b) * t * u),
                mp.linspace(0, 1, 9),
            )
            assert m[j] == pytest.approx(float(exact), rel=1e-13)


def neuron(v: float, filters: list[tuple[float, float]], drive: float) -> tuple[np.ndarray, ...]:
    """Record, parameters and description of a LIF with tau = 10 ms, threshold 15; filters: (rate, state)."""
    a, first = 0.1, e.STATES + 1
    p = [a, drive, 1.0, 15.0, 0.0, 0.0, 2.0, drive / a]
    ports = np.array([(first + k, 1, rate, 1.0, 0.0, 0, (0, 0), (0, 0)) for k, (rate, _) in enumerate(filters)], e.PORT)
    KEPT_ALIVE.append(ports)
    d = np.zeros(1, e.PART)[0]
    d.keep, d.step, d.ports = -1, -1, (ports.ctypes.data, ports.size)
    x = np.zeros(8)
    named = x[: e.STATES].view(e.NEURON)[0]
    named.time, named.free, x[e.STATES] = 0.5, -np.inf, v
    for k, (rate, state) in enumerate(filters):
        p += [float(r[0]) for r in responses(np.array([a]), np.array([1.0]), 1.0, rate, 1)]
        x[first + k] = state
    return x, np.array(p), d


def rates(d: np.ndarray) -> list[float]:
    return table(d.ports, e.PORT)["rate"].tolist()


def exactly(x: np.ndarray, p: np.ndarray, d: np.ndarray, h: float) -> mp.mpf:
    """v after h, at 40 digits."""
    a, h = mp.mpf(p[0]), mp.mpf(h)
    rest = mp.mpf(p[1]) / a
    v = rest + (mp.mpf(x[e.STATES]) - rest) * mp.exp(-a * h)
    for k, rate in enumerate(rates(d)):
        b, f = mp.mpf(rate), mp.mpf(x[e.STATES + 1 + k])
        v += f * (h * mp.exp(-a * h) if b == a else (mp.exp(-b * h) - mp.exp(-a * h)) / (a - b))
    return v


CASES = [
    (0.0, [(0.2, 9.0)], 0.3),
    (14.0, [(0.1, 2.0), (0.5, -3.0)], 1.0),
    (-20.0, [(0.1 + 1e-13, 30.0), (0.01, -1.0)], 0.2),
    (14.9, [(3.0, 5.0), (0.05, -1.0)], 1.6),
    (3.0, [(0.2, 1.0), (1.0, -4.0)], 1.4),
]


FILTERS = [[[-0.5, 0.0], [0.5, -1 / 9]], [[-0.3, 0.1], [0.2, -0.4]], [[-2.0, 1.0], [0.0, -2.0]]]


@pytest.mark.parametrize("matrix", FILTERS)
def test_any_filter(matrix: list[list[float]]) -> None:
    """exp(A t) f to 1e-14 of its size (SciPy), also over many time constants."""
    from scipy.linalg import expm

    A, f = np.array(matrix), np.array([1.3, -0.4])
    for t in (1e-9, 0.3, 4.0, 20.0):
        out = np.zeros(2)
        crossing.evolve(f, A.ravel(), t, out, np.zeros(4))
        exact = expm(A * t) @ f
        assert np.abs(out - exact).max() < 1e-14 * max(1.0, np.abs(f).max())


@pytest.mark.parametrize("v, filters, drive", CASES)
def test_advance(v: float, filters: list[tuple[float, float]], drive: float) -> None:
    """v to 1e-14 of its size, filters to 1e-14, also where time constants are equal to 12 digits."""
    for h in (1e-7, 0.4, 3.0, 45.0):
        x, p, d = neuron(v, filters, drive)
        before = x.copy()
        crossing.advance(x, p, d, 0.5 + h, np.zeros(8))
        h = (0.5 + h) - 0.5
        with mp.workdps(40):
            assert abs(x[e.STATES] - exactly(before, p, d, h)) < 1e-13
            for k, (rate, state) in enumerate(filters):
                assert x[e.STATES + 1 + k] == pytest.approx(float(state * mp.exp(-mp.mpf(rate) * h)), rel=1e-14)


@pytest.mark.parametrize("v, filters, drive", CASES)
def test_search_finds_the_first_crossing(v: float, filters: list[tuple[float, float]], drive: float) -> None:
    """As a scan of the exact v finds it: to 1e-12 ms, and never late; bounds never lie behind it."""
    x, p, d = neuron(v, filters, drive)
    with mp.workdps(40):
        grid = [k / 50 for k in range(5000)]
        above = next((h for h in grid if exactly(x, p, d, h) >= p[3]), None)
        first = None if above is None else above
        if first:
            low, high = mp.mpf(above) - mp.mpf(1) / 50, mp.mpf(above)
            for _ in range(120):
                middle = (low + high) / 2
                low, high = (low, middle) if exactly(x, p, d, middle) >= p[3] else (middle, high)
            first = 0.5 + high
    t, known = crossing.ahead(x, p, d, np.inf), e.OPEN
    assert first is None or t <= first
    for _ in range(200):
        if known == e.SPIKE or t == np.inf:
            break
        t, known = crossing.search(x, p, d, t, np.inf, np.inf, np.zeros(8), np.zeros(8))
        assert first is None or t <= first + 1e-12
    assert (first is None) == (known != e.SPIKE)
    if first is not None:
        assert abs(t - first) < 1e-12


def test_a_search_stops_at_its_limit() -> None:
    """What lies behind the limit is not looked for; going on from there gives the same bits."""
    x, p, d = neuron(0.0, [(0.2, 9.0)], 0.3)
    room = np.zeros(8)
    t, known = 0.5, e.OPEN
    while known != e.SPIKE:
        t, known = crossing.search(x, p, d, t, np.inf, np.inf, room, room.copy())
    s, known = 0.5, e.OPEN
    limit = 0.5
    while known != e.SPIKE:
        limit += 0.05
        s, known = crossing.search(x, p, d, s, limit, np.inf, room, room.copy())
    assert s == t


def test_kicks_bound_the_next_spike() -> None:
    """The bound that `kick` keeps never lies behind the logarithm, and is close to it."""
    rng = np.random.default_rng(1)
    a, drive, threshold = 0.1, 0.105, 1.0
    rest = drive / a
    for _ in range(300 if JIT else 60):
        v, t = rng.uniform(0.0, 0.95), 3.0
        spike = t + math.log((rest - v) / (rest - threshold)) / a
        bound = spike
        for weight in rng.normal(0.0, 0.05, 6):
            if v >= threshold:
                break
            v, bound = leaky.kick(v, weight, bound, t, a, drive, rest, threshold)
            exact = t if v >= threshold else t + math.log((rest - v) / (rest - threshold)) / a
            assert bound <= exact + 1e-12
        if v < 0.9:
            assert exact - bound < 0.05 * (exact - t) + 1e-9
