"""Backward never mixes values of the forward pass with later ones.  Truth: the derivative of what was computed, or an
error."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import StateError

CHANGES = {
    "val": lambda w: setattr(w, "val", np.array([5.0, 6.0])),
    "val in place": lambda w: w.val.__setitem__(0, 5.0),
    "detached": lambda w: w.detach().numpy().__setitem__(..., 0.0),
    "view": lambda w: w.detach().numpy()[::-1].__setitem__(0, 7.0),
    "operator": lambda w: w.__iadd__(1.0),
    "entry": lambda w: w.__setitem__(0, 9.0),
    "step": lambda w: learn.SGD([w], lr=0.1).step(),
}


@pytest.mark.parametrize("kind", [learn.Var, lambda v: learn.tensor(v, requires_grad=True)], ids=["Var", "tensor"])
@pytest.mark.parametrize("how", list(CHANGES))
def test_a_leaf_changed_after_the_forward_pass_is_refused(how, kind):
    w = kind([1.0, 2.0])
    y = (w * w).sum()
    (w + 0.0).sum().backward()  # so that a step moves
    before = np.array(w.grad)
    with learn.no_grad():
        CHANGES[how](w)
    with pytest.raises(StateError, match=r"argument 1.* of multiply.* was changed after the forward pass"):
        y.backward()
    assert np.array_equal(w.grad, before)  # nothing was added


@pytest.mark.parametrize("how", list(CHANGES))
def test_what_reads_no_values_may_go_on(how):
    """d sum(3 w)/dw does not depend on w."""
    w = learn.Var([1.0, 2.0])
    y = (w + 3.0).sum()
    with learn.no_grad():
        CHANGES[how](w)
    w.grad = None
    y.backward()
    assert w.grad.tolist() == [1.0, 1.0]


def test_a_second_backward_after_a_step_is_refused():
    net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.Tanh(), learn.Linear(3, 1, seed=2))
    optimizer = learn.SGD(net.parameters(), lr=0.1)
    loss = learn.MSELoss()(net(np.ones((4, 2))), np.zeros((4, 1)))
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(StateError, match="changed after the forward pass"):
        loss.backward()


def test_loading_and_converting_count_as_changes():
    for change in (lambda n: n.load_state(n.state()), lambda n: n.astype(np.float32)):
        net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.Tanh(), learn.Linear(3, 1, seed=2))
        loss = net(np.ones((4, 2))).sum()
        change(net)
        with pytest.raises(StateError, match="changed after"):
            loss.backward()


def test_an_intermediate_value_is_watched_too():
    x = learn.Var([1.0, 2.0])
    y = np.exp(x)
    z = y.sum()
    y.val[0] = 0.0  # exp's derivative is y itself
    with pytest.raises(StateError, match="the result of exp"):
        z.backward()


def test_reading_is_no_change_and_evaluate_makes_it_whole():
    x = learn.Var([1.0, 2.0])
    f = (x * x).sum()
    assert x.val.tolist() == [1.0, 2.0] and x.detach().numpy()[0] == 1.0
    f.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    x.val[...] = [3.0, 4.0]
    f.zero_grad()
    assert f.evaluate() == 25.0
    f.backward()
    assert x.grad.tolist() == [6.0, 8.0]


def test_an_expression_evaluated_elsewhere_is_not_mixed_in():
    """f and g share a; f is evaluated afresh, so g's own values are old."""
    x = learn.Var(2.0)
    a = x * x
    f, g = a * 1.0, np.exp(a)
    x.val = 3.0
    f.evaluate()
    with pytest.raises(StateError, match="changed after"):
        g.backward()


def test_a_training_step_costs_no_checksum(monkeypatch):
    """Only arrays that were handed out are summed."""
    from spikesim.learn.autodiff import memory

    net = learn.Sequential(learn.Linear(2, 3, seed=1), learn.Tanh(), learn.Linear(3, 1, seed=2))
    optimizer = learn.Adam(net.parameters())
    monkeypatch.setattr(memory, "_checksum", lambda array: pytest.fail("a checksum"))
    for _ in range(3):
        optimizer.zero_grad()
        learn.MSELoss()(net(np.ones((4, 2))), np.zeros((4, 1))).backward()
        optimizer.step()
