"""Synapses as equations: what is proved of them, and mistakes.  Truth: the matrix exponential of what was written."""

from __future__ import annotations

import pickle
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.linalg import expm

import spikesim as ss
from spikesim.errors import InvalidTypeError, InvalidValueError, UnknownNameError, UnknownParameterError
from spikesim.synapses import Input, synapse
from spikesim.synapses.equations import _form, _from_first_to_last


def declared(slope: Any, jump: Any, input: Any, states: Any = ("x", "y")) -> Any:
    class Own(NamedTuple):
        tau: float = 10.0
        E: float = -20.0

    Own.states = states  # type: ignore[attr-defined]
    for name, verb in (("slope", slope), ("jump", jump), ("input", input)):
        setattr(Own, name, staticmethod(verb))
    return synapse(Own)


A, b = np.array([[-0.1, -0.3], [0.2, -0.5]]), np.array([0.4, 1.5])


def filtered(c: Any) -> Any:
    """A filter with these matrices; c: of the current, and whether it is a conductance towards E."""
    return declared(
        lambda f, p: (-f[0] / p.tau - 0.3 * f[1], 0.2 * f[0] - 0.5 * f[1]),
        lambda f, w, p: (f[0] + 0.4 * w, f[1] + 1.5 * w),
        c,
    )()


@pytest.mark.parametrize("c", [(1.0, 2.0), (0.0, 1.0), (1.5, -0.4), (-3.0, 0.8)])
def test_a_filter_answers_as_it_was_written(c: tuple[float, float]) -> None:
    """In whatever basis it runs; where the input does not jump (c b = 0) it is felt from the last state alone."""
    c0, c1 = c
    found = filtered(lambda f, v, p: Input(c0 * f[0] + c1 * f[1], 0.0))
    t = np.linspace(0.0, 30.0, 40)
    np.testing.assert_allclose(found.psc(t), [np.array(c) @ expm(A * x) @ b for x in t], rtol=1e-11, atol=1e-13)
    assert not found.general and found.E_rev is None
    assert bool(found.output[0]) == (abs(np.array(c) @ b) > 1e-12)


def test_a_conductance_is_seen() -> None:
    found = filtered(lambda f, v, p: Input(f[1] * p.E, f[1]))
    assert not found.general and found.E_rev == -20.0
    both = filtered(lambda f, v, p: Input(f[0] + f[1] * p.E, f[1]))
    assert both.general and both.form.additive


def test_what_is_no_filter() -> None:
    def slope(f, p):
        return (-f[0] / p.tau, f[0] - f[1])

    def jump(f, w, p):
        return (f[0] + w, f[1])

    def felt(f, v, p):
        return Input(f[1], 0.0)

    assert not declared(slope, jump, felt)().general
    assert declared(lambda f, p: (-f[0] * f[1], -f[1]), jump, felt)().general
    assert declared(lambda f, p: (1.0 - f[0], -f[1]), jump, felt)().general
    assert declared(slope, jump, lambda f, v, p: Input(f[1] * v, 0.0))().general
    assert not declared(slope, lambda f, w, p: (f[0] + w * f[1], f[1]), felt)().form.additive
    assert not declared(slope, lambda f, w, p: (f[0] + w * w, f[1]), felt)().form.additive
    assert not declared(slope, lambda f, w, p: (w, f[1]), felt)().form.additive


def test_mistakes_are_told_at_the_declaration() -> None:
    def slope(f, p):
        return (-f[0] / p.tau,)

    def jump(f, w, p):
        return (f[0] + w,)

    def felt(f, v, p):
        return Input(f[0], 0.0)

    one = ("x",)
    with pytest.raises(InvalidTypeError, match="has no `input`"):

        @synapse
        class Without(NamedTuple):
            tau: float = 1.0
            states = ("x",)
            slope = staticmethod(lambda f, p: (-f[0] / p.tau,))
            jump = staticmethod(lambda f, w, p: (f[0] + w,))

    with pytest.raises(InvalidTypeError, match=r"input must return Input\(current, conductance\)"):
        declared(slope, jump, lambda f, v, p: f[0], one)
    with pytest.raises(InvalidTypeError, match="slope must return a tuple of 1"):
        declared(lambda f, p: -f[0], jump, felt, one)
    with pytest.raises(UnknownParameterError, match=r"p\.taw"):
        declared(lambda f, p: (f[0] * p.taw,), jump, felt, one)
    with pytest.raises(UnknownNameError, match="oops"):
        declared(slope, jump, lambda f, v, p: Input(oops, 0.0), one)  # type: ignore[name-defined]  # noqa: F821
    with pytest.raises(InvalidTypeError, match="an equation has no `if`"):
        declared(slope, jump, lambda f, v, p: Input(f[0] if v > 0.0 else 0.0, 0.0), one)
    with pytest.raises(InvalidValueError, match="tau must be > 0"):
        ss.MgNMDA(tau=0.0)


def test_mistakes_are_told_where_it_is_used() -> None:
    net = ss.Network()
    a, cell = net.population("a", 3, ss.Poisson(5.0)), net.population("b", 2, ss.AdEx())
    with pytest.raises(InvalidValueError, match="no state 'wx'"):
        net.connect(a, cell, ss.all_to_all(), weight=0.5, delay=1.0, synapse=ss.Delta(to="wx"))


def test_values_of_declared_ones_are_values() -> None:
    for value in (ss.MgNMDA(tau=80.0), ss.NMDASaturating(g=2.0)):
        twin = pickle.loads(pickle.dumps(value))
        assert twin == value and hash(twin) == hash(value) and twin != type(value)()


CHAIN = np.array([[-0.5, 0.0, 0.0], [0.5, -0.2, 0.0], [0.1, 0.3, -0.1]])


@pytest.mark.parametrize(
    ("b", "c"),
    [
        ([2.0, 0.0, 0.0], [0.0, 0.0, 3.0]), ([2.0, 0.0, 0.0], [0.0, 1.5, 3.0]), ([0.0, 4.0, 0.0], [1.0, 0.0, 2.0]),
        ([1.0, -2.0, 0.5], [0.3, 1.0, -1.0]), ([1.0, 2.0, 3.0], [2.0, -1.0, 0.0]),
    ],
)  # fmt: skip
def test_another_basis_is_the_same_system(b: list[float], c: list[float]) -> None:
    """f = K z with the K that is returned: K A' = A K, K e_1 = b, c K = c'; a last vector alone where c b = 0."""
    b, c = np.array(b), np.array(c)
    A, current, K = _from_first_to_last(CHAIN, b, c)
    np.testing.assert_allclose(K @ A, CHAIN @ K, atol=1e-13)
    np.testing.assert_allclose(K[:, 0], b, atol=1e-13)
    np.testing.assert_allclose(c @ K, current, atol=1e-13)
    assert abs(np.linalg.det(K)) > 0.0
    if c @ b == 0.0:
        np.testing.assert_allclose(current[:-1], 0.0, atol=1e-13)


def test_a_current_of_the_potential_alone_is_no_filter() -> None:
    """A part of v in the current, affine as it is, belongs to no linear system of the synapse's own states."""

    @synapse
    class Leaking(NamedTuple):
        """df/dt = -f / 5, dg/dt = f - g / 5: a current g + share v."""

        share: float = 0.0
        states = ("f", "g")

        @ss.equation
        def slope(f, p):
            return -f[0] / 5.0, f[0] - f[1] / 5.0

        @ss.equation
        def jump(f, w, p):
            return f[0] + w, f[1]

        @ss.equation
        def input(f, v, p):
            return Input(f[1] + p.share * v, 0.0)

    filtered, stepped = _form(Leaking(0.0)), _form(Leaking(0.5))
    assert filtered.additive and filtered.matrix is not None
    assert stepped.additive and stepped.matrix is None
