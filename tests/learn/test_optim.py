"""Sections 3.1.1, 5.4.1, 6.3: optimisers.  Truths: three-step tables by hand, equal forms, step counts."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import learn
from spikesim.errors import InvalidValueError, UnknownNameError

G = [1.0, 2.0, -1.0]  # the gradients of three steps


def walk(make, start=0.5, gradients=G):
    v = learn.Var([start])
    optimizer = make([v])
    path = []
    for g in gradients:
        v.grad = [g]
        optimizer.step()
        path.append(v.val[0])
    return path


# each table is worked out in plain arithmetic from theta = 0.5
TABLES = {
    "SGD": (lambda p: learn.SGD(p, lr=0.1), [0.4, 0.2, 0.3]),
    # V = 1, 2.9, 1.61
    "momentum": (lambda p: learn.SGD(p, lr=0.1, momentum=0.9), [0.4, 0.11, -0.051]),
    # V <- 0.8 V + 0.5 g = 0.5, 1.4, 0.62
    "friction": (lambda p: learn.SGD(p, lr=0.1, friction=0.2, force=0.5), [0.45, 0.31, 0.248]),
    # g + 0.9 V = 1.9, 4.61, 0.449
    "nesterov": (lambda p: learn.SGD(p, lr=0.1, momentum=0.9, nesterov=True), [0.31, -0.151, -0.1959]),
    # theta moves with the old V = 0, -0.1, -0.29
    "Euler": (lambda p: learn.Euler(p, lr=0.1, friction=0.1), [0.5, 0.49, 0.461]),
    # g + 0.2 theta = 1.1, 2.078, -0.96356
    "decay": (lambda p: learn.SGD(p, lr=0.1, weight_decay=0.2), [0.39, 0.1822, 0.278556]),
    # g + 0.2 sign(theta) = 1.2, 2.2, -0.8
    "l1": (lambda p: learn.SGD(p, lr=0.1, l1=0.2), [0.38, 0.16, 0.24]),
    "ascent": (lambda p: learn.SGD(p, lr=0.1, ascent=True), [0.6, 0.8, 0.7]),
    # sum of squares 1, 5, 6
    "AdaGrad": (
        lambda p: learn.AdaGrad(p, lr=0.1, eps=0.0),
        [0.4, 0.4 - 0.2 / 5**0.5, 0.4 - 0.2 / 5**0.5 + 0.1 / 6**0.5],
    ),
    # mean of squares 0.5, 2.25, 1.625
    "RMSProp": (
        lambda p: learn.RMSProp(p, lr=0.1, decay=0.5, eps=0.0),
        [
            0.5 - 0.1 / 0.5**0.5,
            0.5 - 0.1 / 0.5**0.5 - 0.2 / 1.5,
            0.5 - 0.1 / 0.5**0.5 - 0.2 / 1.5 + 0.1 / 1.625**0.5,
        ],
    ),
    # m = 0.5, 1.25, 0.125; v = 0.25, 1.1875, 1.140625; m^ = 1, 5/3, 1/7; v^ = 1, 1.1875/0.4375,
    # 1.140625/0.578125
    "Adam": (
        lambda p: learn.Adam(p, lr=0.1, betas=(0.5, 0.75), eps=0.0),
        [
            0.4,
            0.4 - 0.1 * (5 / 3) / (1.1875 / 0.4375) ** 0.5,
            0.4 - 0.1 * (5 / 3) / (1.1875 / 0.4375) ** 0.5 - 0.1 / 7 / (1.140625 / 0.578125) ** 0.5,
        ],
    ),
    # first theta <- theta (1 - 0.1 * 0.2), then Adam's step
    "AdamW": (lambda p: learn.AdamW(p, lr=0.1, betas=(0.5, 0.75), eps=0.0, weight_decay=0.2), None),
}


@pytest.mark.parametrize("name", [n for n in TABLES if n != "AdamW"])
def test_three_steps_by_hand(name):
    make, expected = TABLES[name]
    assert walk(make) == pytest.approx(expected, rel=1e-14)


def test_adamw_by_hand():
    steps = np.diff([0.5, *TABLES["Adam"][1]])
    theta, expected = 0.5, []
    for step in steps:
        theta = theta * 0.98 + step
        expected.append(theta)
    assert walk(TABLES["AdamW"][0]) == pytest.approx(expected, rel=1e-14)
    assert expected != pytest.approx(
        walk(lambda p: learn.Adam(p, lr=0.1, betas=(0.5, 0.75), eps=0.0, weight_decay=0.2)), rel=1e-3
    )


def test_adam_with_eps_as_published():
    """The published form, with its eps beside sqrt(v^), against the fused one."""
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=20) * 1e-6
    m = v = 0.0
    theta, expected = 0.5, []
    for t, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta -= 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        expected.append(theta)
    assert walk(learn.Adam, gradients=gradients) == pytest.approx(expected, rel=1e-13)


def test_both_forms_of_momentum_are_one():
    """beta = 1 - r, and kappa eta rescaled; also as PyTorch's SGD: V = beta V + g, theta -= lr V (to
    1e-15)."""
    gradients = np.random.default_rng(1).normal(size=30)
    a = walk(lambda p: learn.SGD(p, lr=0.1, momentum=0.75), gradients=gradients)
    b = walk(lambda p: learn.SGD(p, lr=0.4, friction=0.25, force=0.25), gradients=gradients)
    assert a == pytest.approx(b, abs=1e-15)
    v, theta, c = 0.0, 0.5, []
    for g in gradients:
        v = 0.75 * v + g
        theta -= 0.1 * v
        c.append(theta)
    assert a == pytest.approx(c, abs=1e-15)


def test_euler_lags_one_step_behind_momentum():
    """Equations (6.1), (6.2): the position moves with the old velocity."""
    gradients = np.random.default_rng(2).normal(size=20)
    euler = walk(lambda p: learn.Euler(p, lr=0.1, friction=0.2), gradients=[*gradients, 0.0])
    momentum = walk(lambda p: learn.SGD(p, lr=0.01, momentum=0.8), gradients=gradients)
    assert euler[1:] == pytest.approx(momentum, abs=1e-15)


def test_weight_decay_is_the_gradient_of_the_penalty():
    """E + lambda/2 ||theta||^2 differentiated by the tape, or weight_decay=lambda: the same step (5.4.1)."""
    rng = np.random.default_rng(3)
    x, t, start = rng.normal(size=(8, 3)), rng.normal(size=(8, 1)), rng.normal(size=(1, 3))
    w1, w2, w3 = learn.Var(start), learn.Var(start), learn.Var(start)
    for w, options in ((w1, {"weight_decay": 0.3}), (w2, {})):
        e = learn.MSELoss()(learn.matmul(x, w.T), t)
        if not options:
            e = e + 0.15 * (w * w).sum()
        e.backward()
        learn.SGD([w], lr=0.1, **options).step()
    assert w1.val == pytest.approx(w2.val, rel=1e-14)
    e = learn.MSELoss()(learn.matmul(x, w3.T), t) + 0.3 * learn.absolute(w3).sum()
    e.backward()
    learn.SGD([w3], lr=0.1).step()
    w4 = learn.Var(start)
    learn.MSELoss()(learn.matmul(x, w4.T), t).backward()
    learn.SGD([w4], lr=0.1, l1=0.3).step()
    assert w3.val == pytest.approx(w4.val, rel=1e-14)


def surface(v):
    """A wave-function-like surface: two hills of different height, two valleys (section 3.1.1's figure)."""
    a, b = v[0], v[1]
    return (1.0 + 0.3 * a) * learn.sin(a) * learn.sin(b) * learn.exp(-0.05 * (a * a + b * b))


def climb(start):
    v = learn.Var(start)
    optimizer = learn.SGD([v], lr=0.2, ascent=True)
    for _ in range(500):
        optimizer.zero_grad()
        e = surface(v)
        e.backward()
        optimizer.step()
    return v.val, surface(v).item()


def test_gradient_ascent_finds_a_maximum_of_its_neighbourhood():
    grid = np.stack(np.meshgrid(np.linspace(-3, 3, 601), np.linspace(-3, 3, 601)))
    top = surface(learn.Var(grid)).val.max()
    good, bad = climb([0.5, 0.5]), climb([-0.5, -0.5])
    assert good[1] == pytest.approx(top, rel=1e-4) and (good[0] > 0).all()
    assert bad[1] < 0.8 * top and (bad[0] < 0).all()
    for place, _ in (good, bad):
        v = learn.Var(place)
        surface(v).backward()
        assert np.abs(v.grad).max() < 1e-6


def steps_to(optimizer, v, curvature, goal=1e-6, limit=20_000):
    for k in range(limit):
        if 0.5 * np.sum(curvature * v.val**2) < goal:
            return k
        v.grad = curvature * v.val
        optimizer.step()
    return limit


def test_momentum_in_the_valley():
    """Case 1: condition number 100, kappa = 1/L: momentum needs less than half of the steps."""
    curvature = np.array([1.0, 100.0])
    plain, fast = learn.Var([10.0, 1.0]), learn.Var([10.0, 1.0])
    n = steps_to(learn.SGD([plain], lr=0.01), plain, curvature)
    assert steps_to(learn.SGD([fast], lr=0.01, momentum=0.8), fast, curvature) < n / 2


def test_momentum_leaves_the_shallow_minimum():
    """Case 2: the double well x^4/4 - x^2/2 + 0.3 x has its deep minimum on the left."""
    ends = []
    for momentum in (0.0, 0.95):
        v = learn.Var(2.0)
        optimizer = learn.SGD([v], lr=0.01, momentum=momentum)
        for _ in range(2000):
            optimizer.zero_grad()
            (0.25 * v**4 - 0.5 * v**2 + 0.3 * v).backward()
            optimizer.step()
        ends.append(float(v.val))
    roots = np.sort(np.roots([1.0, 0.0, -1.0, 0.3]).real)
    assert ends[0] == pytest.approx(roots[2], abs=1e-6) and ends[1] == pytest.approx(roots[0], abs=1e-6)


def test_schedules():
    assert [learn.exponential(0.5)(k) for k in range(3)] == [1.0, 0.5, 0.25]
    assert [learn.step_decay(2, 0.1)(k) for k in range(4)] == pytest.approx([1.0, 1.0, 0.1, 0.1])
    assert [learn.cosine(4)(k) for k in (0, 2, 4, 9)] == pytest.approx([1.0, 0.5, 0.0, 0.0], abs=1e-15)
    assert [learn.warmup(2, learn.exponential(0.5))(k) for k in range(4)] == [0.5, 1.0, 1.0, 0.5]


def test_early_stopping_rule():
    rule = learn.EarlyStopping(patience=2)
    assert not rule.stops([3.0, 2.0, 2.5]) and rule.stops([3.0, 2.0, 2.5, 2.0]) and not rule.stops([3.0, 2.0, 2.5, 1.9])


def test_updates_are_in_place_and_keep_precision():
    for make in (learn.SGD, learn.Adam, learn.AdamW, learn.RMSProp, learn.AdaGrad, learn.Euler):
        v = learn.Var(np.ones(3, dtype=np.float32))
        memory, optimizer = v.val, make([v], lr=0.1)
        for _ in range(2):
            v.grad = np.ones(3)
            optimizer.step()
        assert v.val is memory and v.dtype == np.float32 and (v.val < 1.0).all(), make


def test_wrong_settings_are_named():
    v = learn.Var([1.0])
    with pytest.raises(InvalidValueError, match="not both"):
        learn.SGD([v], momentum=0.9, friction=0.1)
    with pytest.raises(InvalidValueError, match="lr = -1"):
        learn.SGD([v], lr=-1)
    with pytest.raises(InvalidValueError, match="no parameters"):
        learn.SGD([])
    with pytest.raises(InvalidValueError, match="no leaf Var"):
        learn.SGD([v * 2.0])


def test_l1_is_sparse_where_l2_is_not():
    """Section 5.4.1: at about equal test loss, at least five times the share of weights below 1e-3.

    A linear task of 50 inputs of which 5 matter; with friction-free arithmetic of plain SGD.
    """
    rng = np.random.default_rng(0)
    truth = np.zeros((50, 1))
    truth[:5] = rng.normal(size=(5, 1)) + 2.0
    x, x_test = rng.normal(size=(80, 50)), rng.normal(size=(1000, 50))
    t, t_test = x @ truth + 0.5 * rng.normal(size=(80, 1)), x_test @ truth
    share, loss = {}, {}
    for kind, options in (("l1", {"l1": 0.05}), ("l2", {"weight_decay": 0.05})):
        net = learn.Linear(50, 1, bias=False, seed=1)
        optimizer = learn.SGD(net.parameters(), lr=0.01, **options)
        learn.fit(net, (x, t), loss=learn.MSELoss(), optimizer=optimizer, epochs=1500, batch_size=None)
        share[kind] = learn.sparsity(net)
        loss[kind] = learn.evaluate(net, (x_test, t_test), learn.MSELoss())["loss"]
    assert loss["l1"] <= 1.1 * loss["l2"] and share["l1"] >= 5.0 * max(share["l2"], 0.02)


def test_stability_of_euler_and_momentum():
    """Closed form on a bowl of curvature c: the moduli of the step's matrix are 1 at dt^2 c = r and 2 (2 - r)."""
    r, c = 0.2, 3.0
    for make, limit in (
        (lambda p, dt: learn.Euler(p, lr=dt, friction=r), r),
        (lambda p, dt: learn.SGD(p, lr=dt * dt, momentum=1.0 - r), 2.0 * (2.0 - r)),
    ):
        for share, converges in ((0.9, True), (1.1, False)):
            theta = learn.Var([1.0])
            optimizer = make([theta], float(np.sqrt(share * limit / c)))
            for _ in range(400):
                optimizer.zero_grad()
                (0.5 * c * theta * theta).sum().backward()
                optimizer.step()
            assert (abs(theta.val[0]) < 0.1) == converges and (abs(theta.val[0]) > 10.0) == (not converges)


def test_a_state_without_steps_or_rate_is_refused():
    """Either alone is not enough; both are, and what else belongs to it is taken."""
    opt = learn.Adam([learn.Var(np.ones(2))], lr=0.25)
    state = opt.state()
    opt.load_state(state)
    for name in ("steps", "lr"):
        with pytest.raises(UnknownNameError, match="no steps and lr in its state"):
            opt.load_state({k: v for k, v in state.items() if k != name})
