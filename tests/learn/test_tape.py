"""Chapter 4: Var and Op, evaluate, backward.  Truths: closed-form derivatives, and the notes' own tree and
listings."""

from __future__ import annotations

import gc
import math
import weakref

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidTypeError, InvalidValueError, StateError
from spikesim.learn.autodiff.tape import ordered


def example():
    """f = sin(x) + xy of section 4.1."""
    x, y = learn.Var(2.0, name="x"), learn.Var(3.0, name="y")
    a = learn.sin(x)
    b = x * y
    f = a + b
    return x, y, a, b, f


def test_graph_has_the_notes_five_vars_and_three_ops():
    x, y, a, b, f = example()
    g = learn.graph(f, {"a": a, "b": b, "f": f})
    assert [g.name(v) for v in g.vars] == ["x", "y", "a", "b", "f"]
    assert [op.name for op in g.ops] == ["sin", "multiply", "add"]
    assert x.creator is None and y.creator is None
    assert f.creator.args == (a, b) and b.creator.args == (x, y) and a.creator.args == (x,)
    assert str(g).splitlines()[-1].startswith("f = a + b   val 6.9")


TREE = """\
f.evaluate()
  return f.creator.evaluate()
f.creator.evaluate()
  return a.evaluate() + b.evaluate()
a.evaluate()    b.evaluate()
  return a.creator.evaluate()    return b.creator.evaluate()
a.creator.evaluate()    b.creator.evaluate()
  return sin(x.evaluate())    return x.evaluate() * y.evaluate()
x.evaluate()    y.evaluate()
  return x.val    return y.val"""  # section 4.1.1, without the arrows


def test_call_trace_of_evaluate_is_the_notes_tree():
    *_, a, b, f = example()
    lines = learn.trace(f, {"a": a, "b": b, "f": f}).splitlines()
    lines = [line for line in lines if line.replace("|", "").replace("v", "").strip()]
    assert [line.split() for line in lines] == [line.split() for line in TREE.splitlines()]


def test_evaluate_follows_a_changed_leaf():
    x, y, _, _, f = example()
    assert f.evaluate() == math.sin(2.0) + 6.0
    x.val = 0.5
    assert f.val == math.sin(2.0) + 6.0  # not yet
    assert f.evaluate() == math.sin(0.5) + 1.5
    assert f.creator.evaluate() == math.sin(0.5) + 1.5
    f.backward()
    assert x.grad == math.cos(0.5) + 3.0 and y.grad == 0.5


def test_derivatives_of_the_example():
    x, y, a, b, f = example()
    f.backward()
    assert x.grad == math.cos(2.0) + 3.0 and y.grad == 2.0
    assert a.grad == b.grad == f.grad == 1.0
    for v in (x, y, a, b, f):
        assert np.shape(v.grad) == np.shape(v.val)


def test_backward_takes_s_and_gradients_add():
    x, y, _, _, f = example()
    f.backward(2.0)
    f.backward()
    assert x.grad == pytest.approx(3.0 * (math.cos(2.0) + 3.0), rel=1e-15)
    f.zero_grad()
    assert x.grad == 0.0 and y.grad == 0.0 and f.grad == 0.0


def test_op_backward_passes_s_to_its_arguments():
    x, y, _, b, _ = example()
    b.creator.backward(5.0)
    assert x.grad == 15.0 and y.grad == 10.0


def test_chain_of_functions():
    """f = F(G(H(x))): the product of three derivatives."""
    x = learn.Var(0.3)
    f = learn.exp(learn.tanh(learn.square(x)))
    f.backward()
    h = 0.3**2
    assert x.grad == pytest.approx(math.exp(math.tanh(h)) * (1 - math.tanh(h) ** 2) * 0.6, rel=1e-15)


def test_a_var_used_twice_gets_both():
    x = learn.Var(3.0)
    (x * x).backward()
    assert x.grad == 6.0


def test_shared_expressions_are_linear_in_cost():
    x = learn.Var(1.5)
    u = x
    for _ in range(30):  # 2^30 paths
        u = u * 0.5 + u * 0.5
    assert len(ordered(u)) <= 1 + 30 * 5
    u.backward()
    assert x.grad == 1.0


def test_deep_graph_neither_recurses_nor_leaks():
    x = learn.Var(1.0)
    u = x
    for _ in range(20_000):
        u = u + 5e-5
    u.backward()
    assert x.grad == 1.0 and u.evaluate() == pytest.approx(2.0, rel=1e-9)
    last = weakref.ref(u)
    del u
    gc.disable()  # no reference cycle: memory is freed at once
    try:
        assert last() is None
    finally:
        gc.enable()


def test_leaf_and_constant_are_guarded():
    x = learn.Var(3.0)
    x.backward()
    assert x.grad == 1.0
    with pytest.raises(StateError, match="does not require grad"):
        learn.Var(3.0, requires_grad=False).backward()
    with pytest.raises(StateError, match="only a scalar"):
        (learn.Var([1.0, 2.0]) * 2.0).backward()
    with pytest.raises(InvalidValueError, match=r"s has shape \(3,\)"):
        (learn.Var([1.0, 2.0]) * 2.0).backward(np.ones(3))


def test_gradients_of_two_leaves_do_not_share_memory():
    x, y = learn.Var(np.zeros(3)), learn.Var(np.zeros(3))
    (x + y).backward(np.ones(3))
    x.grad[0] = 7.0
    assert y.grad[0] == 1.0


def test_algorithm_1_finds_the_minimum():
    v = learn.Var(0.0)
    e = (v - 3.0) ** 2
    for _ in range(200):
        e.evaluate()
        e.zero_grad()
        e.backward()
        v.val = v.val - 0.1 * v.grad
    assert v.val == pytest.approx(3.0, abs=1e-12)
    bowl = learn.Var([4.0, -2.0])
    for _ in range(400):
        e = (np.array([1.0, 5.0]) * (bowl - np.array([1.0, 2.0])) ** 2).sum()
        e.zero_grad()
        e.backward()
        bowl.val = bowl.val - 0.1 * bowl.grad
    assert bowl.val == pytest.approx([1.0, 2.0], abs=1e-12)


def test_forgetting_zero_grad_differs():
    """Gradients add: without line 5 of Algorithm 1 the second step uses g1 + g2."""
    v = learn.Var(0.0)
    for _ in range(2):
        e = (v - 3.0) ** 2
        e.backward()
        v.val = v.val - 0.1 * v.grad
    # by hand: g1 = -6, v = 0.6, g2 = -4.8, v = 0.6 + 1.08
    assert v.val == pytest.approx(1.68, rel=1e-15)


def test_a_function_without_rule_says_so():
    x = learn.Var([1.0, 2.0])
    with pytest.raises(InvalidTypeError, match=r"floor_divide has no derivative rule"):
        np.floor_divide(x, 2.0)
    with pytest.raises(InvalidTypeError, match=r"np\.median has no derivative rule"):
        np.median(x)
    with pytest.raises(InvalidTypeError, match="wanted real numbers"):
        learn.Var([1j])


def test_drawn_graph_has_a_node_for_each_var_and_op():
    import matplotlib

    matplotlib.use("Agg")
    *_, a, b, f = example()
    ax = learn.draw_graph(f, {"a": a, "b": b, "f": f})
    labels = {t.get_text().split("\n")[0] for t in ax.texts if t.get_text()}
    assert labels == {"x", "y", "a", "b", "f", "sin", "multiply", "add"}
