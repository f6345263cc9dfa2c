"""Integrals without a pole: how a leak answers an input that decays, or swings.

    M_j(t) = int_0^1 u^j / j! exp(-a t (1 - u) - b t u) du                 (`moments`)

is what a leak `a` makes of t (b t)^j exp(-b t): equal, nearly equal and very different rates are one smooth formula.
Recursions go in the direction that does not cancel, and begin with a series where there is none.
"""

from __future__ import annotations

import math

from ...jit import compiled


@compiled
def phi_plus(z, top, m):
    """m[j] = int_0^1 u^j / j! exp(-z u) du, j = 0..top, z >= 0; recursion in the direction that does not cancel."""
    m[0] = -math.expm1(-z) / z if z > 0.0 else 1.0
    if top == 0:
        return
    decay = math.exp(-z)
    if z > top + 1.0:
        factorial = 1.0
        for j in range(1, top + 1):
            factorial *= j
            m[j] = (m[j - 1] - decay / factorial) / z
        return
    factorial = 1.0
    for j in range(1, top + 1):
        factorial *= j
    term = 1.0 / (top + 1.0)
    total = term
    k = 1
    while term > 1e-17 * total:
        term *= z / (top + 1.0 + k)
        total += term
        k += 1
    m[top] = decay * total / factorial
    for j in range(top, 1, -1):
        m[j - 1] = z * m[j] + decay / factorial
        factorial /= j


@compiled
def phi_minus(y, top, m):
    """m[j] = int_0^1 (1 - u)^j / j! exp(-y u) du, j = 0..top, y >= 0."""
    m[0] = -math.expm1(-y) / y if y > 0.0 else 1.0
    if top == 0:
        return
    factorial = 1.0
    if y > top + 1.0:
        for j in range(1, top + 1):
            factorial *= j
            m[j] = (1.0 / factorial - m[j - 1]) / y
        return
    for j in range(1, top + 1):
        factorial *= j
    term = 1.0 / (factorial * (top + 1.0))
    total = term
    k = 1
    while abs(term) > 1e-17 * total:
        term *= -y / (top + 1.0 + k)
        total += term
        k += 1
    m[top] = total
    for j in range(top, 1, -1):
        m[j - 1] = 1.0 / factorial - y * m[j]
        factorial /= j


@compiled
def moments(a, b, t, top, m):
    """m[j] = int_0^1 u^j / j! exp(-a t (1 - u) - b t u) du, j = 0..top."""
    z = (b - a) * t
    if z >= 0.0:
        phi_plus(z, top, m)
        scale = math.exp(-a * t)
    else:
        phi_minus(-z, top, m)
        scale = math.exp(-b * t)
    for j in range(top + 1):
        m[j] *= scale


@compiled
def sine_response(a, omega, theta, t):
    """int_0^t exp(-a (t - s)) sin(omega s + theta) ds."""
    square = a * a + omega * omega
    if square * t * t < 1e-8:  # Taylor: the closed form would divide by next to nothing
        s, c = math.sin(theta), math.cos(theta)
        d1 = omega * c - a * s
        d2 = -omega * omega * s - a * d1
        return t * (s + t * (0.5 * d1 + t * d2 / 6.0))
    end = omega * t + theta
    late = a * math.sin(end) - omega * math.cos(end)
    early = a * math.sin(theta) - omega * math.cos(theta)
    return (late - math.exp(-a * t) * early) / square
