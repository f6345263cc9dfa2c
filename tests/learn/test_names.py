"""The notes' words and PyTorch's names.  Truths: the notes' definitions; NumPy; PyTorch's documented meanings."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim import learn as torch
from spikesim.errors import InvalidTypeError, StateError


def test_steps_and_pieces_by_their_letters():
    """Section 2.2: P(x; b, delta) = H(x; b) - H(x; b + delta)."""
    x = np.linspace(-1.0, 1.0, 41) + 1e-3
    assert learn.H(x, 0.2).tolist() == (x > 0.2).astype(float).tolist()
    assert np.array_equal(learn.P(x, 0.2, 0.3), learn.H(x, 0.2) - learn.H(x, 0.5))


def test_an_operation_of_ones_own():
    scale = learn.operation(
        lambda a, b: a * np.exp(b), (lambda s, y, a, b: s * np.exp(b), lambda s, y, a, b: s * y), name="scale"
    )
    rng = np.random.default_rng(0)
    assert learn.gradcheck(scale, [rng.normal(size=(3, 2)), rng.normal(size=2)])  # b is broadcast
    x = learn.Var(2.0, name="x")
    assert str(learn.graph(scale(x, 0.0))).splitlines()[-1].startswith("v1 = scale(x, 0)")
    wrong = learn.operation(np.sin, lambda s, y, x: s * np.sin(x))
    assert not learn.gradcheck(wrong, [0.3], raises=False)
    with pytest.raises(InvalidTypeError, match="1 arguments, but 2 derivatives"):
        scale(1.0)
    twice = learn.operation(lambda x: x**3, lambda s, y, x: 3.0 * s * x**2)
    assert learn.hessian(lambda v: twice(v).sum(), [2.0]).tolist() == [[12.0]]


def test_functions_are_layers_and_their_vars_parameters():
    W, inner = learn.Var([[1.0], [2.0]]), learn.Linear(1, 1, seed=1)
    net = learn.Sequential(learn.Identity(), lambda z: inner(z @ W), learn.logistic)
    assert len(list(net.parameters())) == 3 and any(p is W for p in net.parameters())
    assert "Lambda" in repr(net) and net[:2](np.ones((1, 2))).shape == (1, 1)
    assert learn.network((learn.Identity(), lambda z: z @ W))([[3.0, 4.0]]).tolist() == [[11.0]]
    for wrong in (learn.ReLU, 3):
        with pytest.raises(InvalidTypeError, match="wanted a Module"):
            learn.Sequential(wrong)


def test_finite_differences_of_a_parameter():
    """Section 3.1.2: theta moved to both sides, and put back."""
    net = learn.Sequential(learn.Linear(2, 2, seed=1), learn.Logistic(), learn.Linear(2, 1, seed=2), learn.Logistic())
    loss, x, t = learn.BCELoss(), [[0.6, 1.0]], [[1.0]]
    before = net.state()
    for parameter in net.parameters():
        numeric = learn.finite_difference(lambda: loss(net(x), t), parameter, step=1e-4)
        net.zero_grad()
        loss(net(x), t).backward()
        assert np.asarray(parameter.grad) == pytest.approx(numeric, abs=1e-8)
    assert all(np.array_equal(a, b) for a, b in zip(before.values(), net.state().values()))
    with pytest.raises(InvalidTypeError, match="noise"):
        learn.finite_difference(lambda: 0.0, learn.Var([1.0], dtype=np.float32))


def test_algorithms_say_when_they_fail():
    v = learn.Var(1.0)
    with pytest.raises(ArithmeticError, match="smaller k"), np.errstate(all="ignore"):
        learn.gradient_descent(v**2, v, k=1e200)
    with pytest.raises(ArithmeticError, match="not converged"):
        learn.gradient_descent(v * 1.0, v, k=0.1, most=5)
    with pytest.raises(ValueError, match="no parameters"):
        learn.neural_learning([[1.0]], [[1.0]], (learn.logistic,), learn.MSELoss())


# -- PyTorch ----------------------------------------------------------------------------------------------------


def test_creation():
    torch.manual_seed(1)
    for made, shape, dtype in (
        (torch.zeros(2, 3), (2, 3), torch.float),
        (torch.ones((2, 3), dtype=torch.double), (2, 3), torch.float64),
        (torch.full((2,), 7.0), (2,), torch.float),
        (torch.arange(5), (5,), torch.long),
        (torch.arange(0.0, 1.0, 0.25), (4,), torch.float),
        (torch.linspace(0, 1, 3), (3,), torch.float),
        (torch.randint(0, 5, (4,)), (4,), torch.long),
        (torch.rand_like(torch.zeros(2, 2)), (2, 2), torch.float),
        (torch.zeros_like(torch.eye(2)), (2, 2), torch.float),
    ):
        assert made.shape == shape and made.dtype == dtype and torch.is_tensor(made)
    a = torch.rand(3)
    torch.manual_seed(1)
    assert torch.is_tensor(a) and not np.array_equal(a.numpy(), torch.randn(3).numpy())
    zn = np.array([1.0, 2.0])
    shared = torch.from_numpy(zn)
    zn[0] = 5.0
    assert shared.tolist() == [5.0, 2.0] and torch.as_tensor(shared) is shared


def test_methods_and_sizes():
    x = torch.tensor([[1.0, 5.0, 3.0], [4.0, 2.0, 6.0]])
    assert repr(x.shape) == repr(x.size()) == "torch.Size([2, 3])" and x.size(1) == 3 and x.size == 6 and x.numel() == 6
    assert x.sum(dim=1).tolist() == torch.sum(x, dim=1).tolist() == [9.0, 12.0]
    assert x.mean(dim=0, keepdim=True).shape == (1, 3) and x.view(3, 2).shape == (3, 2) and x.t().shape == (3, 2)
    values, indices = x.max(dim=1)
    assert values.tolist() == [5.0, 6.0] and indices.tolist() == [1, 2] and x.max().item() == 6.0
    assert x.min(dim=0).indices.tolist() == [0, 1, 0] and torch.argmax(x).item() == 5
    assert (x > 2.5).float().mean().item() == pytest.approx(4 / 6) and bool((x == x).all())
    assert torch.cat([x, x], dim=1).shape == (2, 6) and x.unsqueeze(0).shape == (1, 2, 3)
    assert x.flatten().shape == (6,) and x.long().dtype == torch.long and x.norm().item() == pytest.approx(91**0.5)
    with pytest.raises(InvalidTypeError, match="two names of one thing"):
        x.sum(axis=0, dim=1)
    y = torch.zeros(3, requires_grad=True)
    with torch.no_grad():
        y += 1.0
    z = (y.clone() * 2.0).sum()
    z.backward()
    assert y.grad.tolist() == [2.0] * 3 and y.grad.zero_().tolist() == [0.0] * 3 and y.grad.tolist() == [0.0] * 3


def test_retain_graph_has_pytorchs_meaning():
    z = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.prod(z)
    y.backward()
    with pytest.raises(StateError, match="second time"):
        y.backward()
    assert "grad_fn=<ProdBackward>" in repr(y)
    shared = z * z
    first, second = shared.sum(), shared.prod()
    first.backward()
    with pytest.raises(RuntimeError, match="second time"):
        second.backward()
    v = learn.Var([1.0, 2.0])  # the notes' Var keeps its graph
    f = learn.prod(v)
    f.backward(), f.backward()
    assert v.grad.tolist() == [4.0, 2.0]


def test_layers_losses_and_optimisers_by_pytorchs_names():
    net = torch.nn.Sequential(
        torch.nn.Linear(in_features=2, out_features=3), torch.nn.Dropout(p=0.2), torch.nn.Linear(3, 1)
    )
    assert net[0].in_features == 2 and net[1].alpha == 0.2
    with pytest.raises(InvalidTypeError, match="give one"):
        torch.nn.Linear(2, 3, in_features=2)
    state = net.state_dict()
    assert list(state) == ["0.weight", "0.bias", "2.weight", "2.bias"] and torch.is_tensor(state["0.bias"])
    other = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Dropout(), torch.nn.Linear(3, 1)).load_state_dict(state)
    assert np.array_equal(other[2].weight.detach().numpy(), net[2].weight.detach().numpy())
    y, t = np.array([[0.2, 0.7], [0.9, 0.4]]), np.array([[0.0, 1.0], [1.0, 1.0]])
    assert torch.nn.MSELoss()(y, t).item() == pytest.approx(np.mean((y - t) ** 2))
    bce = -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))
    assert torch.nn.BCELoss()(y, t).item() == pytest.approx(bce)
    for make in (torch.optim.SGD, torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.Adam, torch.optim.AdamW):
        optim = make(net.parameters(), lr=0.01)
        optim.zero_grad()
        torch.nn.MSELoss()(net(torch.ones(4, 2)), torch.zeros(4, 1)).backward()
        optim.step()
        optim.load_state_dict(optim.state_dict())
    assert torch.optim.RMSprop(net.parameters(), alpha=0.9).decay == 0.9
    states, last = torch.nn.GRU(3, 4)(torch.zeros(7, 2, 3))
    assert states.shape == (7, 2, 4) and last.shape == (2, 4)


def test_data_where_pytorch_has_it():
    from spikesim.learn.utils.data import DataLoader, TensorDataset, random_split

    data = TensorDataset(np.arange(10.0)[:, None], np.arange(10))
    loader = DataLoader(data, batch_size=4)
    assert [t.tolist() for _, t in loader] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert all(torch.is_tensor(x) for x, _ in loader)
    a, b = random_split(data, [7, 3])
    assert sorted([*a.classes().tolist(), *b.classes().tolist()]) == list(range(10)) and len(b) == 3
    assert torch.utils.data.DataLoader is DataLoader


def test_star_import_leaves_pythons_own_names_alone():
    assert not {"float", "int", "bool", "long"} & set(learn.__all__)
