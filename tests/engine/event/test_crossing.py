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
    a, first = 0.1, e.V + 1
    p = [a, drive, 1.0, 15.0, 0.0, 0.0, 2.0, drive / a]
    d = np.zeros(e.PORTS_AT + len(filters) * e.PORT_WIDTH)
    d[e.D_KEEP], d[e.D_MOVE], d[e.D_PORTS] = -1.0, -1.0, len(filters)
    x = np.zeros(8)
    x[[e.T0, e.REF, e.V]] = 0.5, -np.inf, v
    for k, (rate, state) in enumerate(filters):
        d[e.PORTS_AT + k * e.PORT_WIDTH :][:4] = first + k, 1.0, rate, 1.0
        p += [float(r[0]) for r in responses(np.array([a]), np.array([1.0]), 1.0, rate, 1)]
        x[first + k] = state
    return x, np.array(p), d


def exactly(x: np.ndarray, p: np.ndarray, d: np.ndarray, h: float) -> mp.mpf:
    """v after h, at 40 digits."""
    a, h = mp.mpf(p[e.A]), mp.mpf(h)
    rest = mp.mpf(p[e.C]) / a
    v = rest + (mp.mpf(x[e.V]) - rest) * mp.exp(-a * h)
    for k in range(int(d[e.D_PORTS])):
        b, f = mp.mpf(d[e.PORTS_AT + k * e.PORT_WIDTH + e.PORT_RATE]), mp.mpf(x[e.V + 1 + k])
        v += f * (h * mp.exp(-a * h) if b == a else (mp.exp(-b * h) - mp.exp(-a * h)) / (a - b))
    return v


CASES = [
    (0.0, [(0.2, 9.0)], 0.3),
    (14.0, [(0.1, 2.0), (0.5, -3.0)], 1.0),
    (-20.0, [(0.1 + 1e-13, 30.0), (0.01, -1.0)], 0.2),
    (14.9, [(3.0, 5.0), (0.05, -1.0)], 1.6),
    (3.0, [(0.2, 1.0), (1.0, -4.0)], 1.4),
]


@pytest.mark.parametrize("v, filters, drive", CASES)
def test_advance(v: float, filters: list[tuple[float, float]], drive: float) -> None:
    """v to 1e-14 of its size, filters to 1e-14, also where time constants are equal to 12 digits."""
    for h in (1e-7, 0.4, 3.0, 45.0):
        x, p, d = neuron(v, filters, drive)
        before = x.copy()
        crossing.advance(x, p, d, 0.5 + h, np.zeros(8))
        h = (0.5 + h) - 0.5
        with mp.workdps(40):
            assert abs(x[e.V] - exactly(before, p, d, h)) < 1e-13
            for k, (rate, state) in enumerate(filters):
                assert x[e.V + 1 + k] == pytest.approx(float(state * mp.exp(-mp.mpf(rate) * h)), rel=1e-14)


@pytest.mark.parametrize("v, filters, drive", CASES)
def test_search_finds_the_first_crossing(v: float, filters: list[tuple[float, float]], drive: float) -> None:
    """As a scan of the exact v finds it: to 1e-12 ms, and never late; bounds never lie behind it."""
    x, p, d = neuron(v, filters, drive)
    with mp.workdps(40):
        grid = [k / 50 for k in range(5000)]
        above = next((h for h in grid if exactly(x, p, d, h) >= p[e.TH]), None)
        first = None if above is None else above
        if first:
            low, high = mp.mpf(above) - mp.mpf(1) / 50, mp.mpf(above)
            for _ in range(120):
                middle = (low + high) / 2
                low, high = (low, middle) if exactly(x, p, d, middle) >= p[e.TH] else (middle, high)
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
