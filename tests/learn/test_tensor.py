"""Section 5.1.1: tensors.  Truth: the notes' printed values."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import StateError


def z12():
    return learn.tensor([1, 2], dtype=float, requires_grad=True)


def test_printed_values():
    x = learn.tensor([[1, 2], [3, 4.0]])
    assert repr(x) == "tensor([[1., 2.],\n        [3., 4.]])"
    assert repr(learn.log(x)) == "tensor([[0.0000, 0.6931],\n        [1.0986, 1.3863]])"


def test_prod_and_its_gradient():
    z = z12()
    y = learn.prod(z)
    y.backward()
    assert z.grad.tolist() == [2.0, 1.0]
    with pytest.raises(StateError, match="does not require grad"):
        learn.prod(learn.tensor([1.0, 2.0])).backward()


def test_no_grad_suspends():
    z = z12()
    y1 = learn.prod(z)
    with learn.no_grad():
        y2 = learn.sum(z)
    (y1 + y2).backward()
    assert z.grad.tolist() == [2.0, 1.0]
    z = z12()
    (learn.prod(z) + learn.sum(z)).backward()
    assert z.grad.tolist() == [3.0, 2.0]


def test_recording_goes_on_after_an_error_in_no_grad():
    with pytest.raises(ZeroDivisionError), learn.no_grad():
        _ = 1 / 0
    assert learn.sum(z12()).creator is not None


def test_two_backward_calls_add():
    z = z12()
    y = learn.prod(z)
    y.backward(retain_graph=True)
    assert z.grad.tolist() == [2.0, 1.0]
    learn.sum(z).backward()
    assert z.grad.tolist() == [3.0, 2.0]


def test_forgotten_graph_cannot_go_back():
    z = z12()
    y = learn.prod(z)
    y.backward(retain_graph=False)
    assert y.creator is None and z.grad.tolist() == [2.0, 1.0]


def test_array_to_tensor_copies_and_tensor_to_array_shares():
    zn = np.array([1, 2], dtype=float)
    zt = learn.tensor(zn)
    zn[0] = 5.0
    assert zt.tolist() == [1.0, 2.0]
    back = zt.numpy()
    back[0] = -1000.0
    assert zt.tolist() == [-1000.0, 2.0]


def test_numpy_of_a_var_that_requires_grad_names_detach():
    z = z12()
    with pytest.raises(RuntimeError, match=r"detach\(\)\.numpy\(\)"):
        z.numpy()
    with pytest.raises(RuntimeError, match="detach"):
        np.asarray(z)
    shared = z.detach().numpy()
    shared[0] = 7.0
    assert z.val[0] == 7.0 and z.detach().creator is None and not z.detach().requires_grad


def test_update_in_place_needs_no_grad():
    z = z12()
    memory = z.val
    with pytest.raises(StateError, match="no_grad"):
        z -= 1.0
    with learn.no_grad():
        z -= 0.5 * np.array([2.0, 2.0])
    assert z.val is memory and z.tolist() == [0.0, 1.0]
    w = z * 2.0
    w += 1.0  # a new Var: recorded
    learn.sum(w).backward()
    assert z.grad.tolist() == [2.0, 2.0]


def test_array_manners():
    x = learn.Var(np.arange(6.0).reshape(2, 3))
    assert len(x) == 2 and x.shape == (2, 3) and x.T.shape == (3, 2) and x.ndim == 2 and x.size == 6
    assert [row.tolist() for row in x] == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert x[1, 2].item() == 5.0 and float(x[0, 1]) == 1.0 and f"{x[1, 0]:.1f}" == "3.0"
    assert (x > 2).tolist() == [[False] * 3, [True] * 3] and x.argmax(axis=1).tolist() == [2, 2]
