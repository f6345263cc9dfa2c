"""What an equation may be, and what is said where it may not.  Truth: the line of the slip itself."""

from __future__ import annotations

import inspect
import math
import random
import subprocess
import sys
from collections import namedtuple
from datetime import datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import special

import spikesim as ss
from spikesim.engine.equations import fingerprint
from spikesim.errors import InvalidTypeError, SpikesimError, UnknownNameError
from spikesim.jit import where
from spikesim.jit.reads import reads
from spikesim.neurons import equation, model

LIST, TUPLE, ARRAY = [1.0, 2.0], (1.0, (2.0, 3.0)), np.ones(3)
settings = SimpleNamespace(tau=3.0)


class Constants:
    K = 2.0


constants = ModuleType("constants")
constants.K = 2.0  # type: ignore[attr-defined]
generator = np.random.default_rng(1)


def positive(x: Any) -> Any:
    return x if x > 0.0 else 0.0


def square(x: Any) -> Any:
    return constants.K * x * x


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models declared here must not stay in the table of models."""
    import spikesim.neurons.contract as contract

    monkeypatch.setattr(contract, "_registry", dict(contract._registry))


def declare(slope: Any) -> Any:
    """A model of one state with this slope."""
    cls: Any = namedtuple("Mine", ["tau"])
    cls._field_defaults = {"tau": 10.0}
    cls.__new__.__defaults__ = (10.0,)
    cls.states = ("v",)
    cls.slope = equation(slope)
    cls.margin = equation(lambda s, p: s[0] - 1.0)
    return model(cls)


REFUSED = [
    (lambda s, u, p: (LIST[0] * s[0],), InvalidTypeError, "LIST is of type list"),
    (lambda s, u, p: (ARRAY[0] * s[0],), InvalidTypeError, "ARRAY is of type ndarray"),
    (lambda s, u, p: (Constants.K * s[0],), InvalidTypeError, r"Constants\.K stands in the class Constants.*K = Const"),
    (lambda s, u, p: (special.erf(s[0]),), InvalidTypeError, r"special\.erf is of type ufunc"),
    (lambda s, u, p: (np.linalg.norm(s[0]),), InvalidTypeError, r"np\.linalg\.norm is .*cannot be compiled"),
    (lambda s, u, p: (0.0 * datetime.now().second,), InvalidTypeError, r"datetime\.now stands in the class datetime"),
    (lambda s, u, p: (s[0] / settings.tau,), InvalidTypeError, r"settings is of type Simple.*tau = settings\.tau"),
    (lambda s, u, p: (squar(s[0]),), UnknownNameError, "nothing is called 'squar'; did you mean 'square'"),  # noqa: F821
    (lambda s, u, p: (constants.L * s[0],), UnknownNameError, "constants has no 'L'"),
    (lambda s, u, p: (s[0] + np.random.normal(),), InvalidTypeError, r"np\.random\.normal draws other .*ss\.Noise"),
    (lambda s, u, p: (s[0] + generator.normal(),), InvalidTypeError, "generator draws other numbers"),
    (lambda s, u, p: (s[0] + random.random(),), InvalidTypeError, r"random\.random draws other numbers"),
    (lambda s, u, p: (positive(s[0]),), InvalidTypeError, "no `if`.*where"),
    (lambda s, u, p: (s[0] > 0.0 and 1.0,), InvalidTypeError, "no `if`.*&"),
    (lambda s, u, p: tuple(x for x in s), InvalidTypeError, "loop"),
    (lambda s, u, p: ([1.0, 2.0][1] * s[0],), InvalidTypeError, "a list cannot be compiled"),
    (lambda s, u, p: (print(s[0]),), InvalidTypeError, "print is of type"),
    (lambda s, u, p: (s[0], s[0]), InvalidTypeError, r"a tuple of 1 value\(s\)"),
    (lambda s, u, p: ("a",), InvalidTypeError, "must return numbers, got str"),
]  # fmt: skip


@pytest.mark.parametrize(("slope", "error", "match"), REFUSED)
def test_refused_where_it_is_declared(slope: Any, error: type, match: str) -> None:
    """The model, the verb, the line, the rule."""
    with pytest.raises(error, match=match) as caught:
        declare(slope)
    message = str(caught.value)
    assert message.startswith("model Mine: slope") and isinstance(caught.value, SpikesimError)
    own = slope.__code__.co_firstlineno
    if "must return" not in message and "positive" not in inspect.getsource(slope):
        assert f"line {own} of test_equations.py" in message


@pytest.mark.parametrize(
    "slope",
    [
        lambda s, u, p: (TUPLE[1][0] * s[0],),
        lambda s, u, p: (constants.K * square(s[0]) + abs(s[0]) + np.tanh(s[0]),),
        lambda s, u, p: (where(s[0] > 0.0, s[0], 0.0),),
        lambda s, u, p: (*s,),
    ],
)
def test_accepted(slope: Any) -> None:
    """Numbers, tuples of them, modules of them, functions of NumPy and one's own."""
    assert declare(slope)().tau == 10.0


def test_a_name_in_a_closure_is_followed() -> None:
    """Each read with its value and line."""
    inner = 3.0

    def f(x: Any) -> Any:
        return inner * square(x) + np.exp(x)

    found = {read.chain: read for read in reads(f)}
    assert (found["inner"].value, found["square"].value, found["np.exp"].value) == (3.0, square, np.exp)
    assert {read.line for read in found.values()} == {f.__code__.co_firstlineno + 1}


def test_the_fingerprint_follows_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of modules, in functions that functions call; what is not read does not count."""
    before = fingerprint(lambda s, u, p: (square(s[0]),))
    same = fingerprint(lambda s, u, p: (square(s[0]),))
    monkeypatch.setattr(constants, "K", 8.0)
    after = fingerprint(lambda s, u, p: (square(s[0]),))
    monkeypatch.setattr(constants, "M", 8.0, raising=False)
    assert before == same != after == fingerprint(lambda s, u, p: (square(s[0]),))


OWN = """
from typing import NamedTuple
import consts
import spikesim as ss
from spikesim.neurons import equation, model

@model(states=("v",))
class Drift(NamedTuple):
    tau: float = 10.0
    @equation
    def slope(s, u, p):
        return (consts.K + 0.0 * s[0] * s[0],)
    @equation
    def margin(s, p):
        return s[0] - 1e9

net = ss.Network()
cells = net.population("c", 1, Drift(), v=0.0)
net.record(cells, "v")
print(net.run(1.0, progress=False, threads=1).traces["c"]["v"].values[-1, 0])
"""


@pytest.mark.slow
def test_an_edited_constant_is_compiled_anew(tmp_path: Path) -> None:
    """In a new process, whatever lies in the cache: v = K t."""
    (tmp_path / "own.py").write_text(OWN)
    for k in (1.0, 8.0):
        (tmp_path / "consts.py").write_text(f"K = {k}\n")
        run = subprocess.run(
            [sys.executable, "-B", "own.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
        )
        assert run.returncode == 0, run.stderr
        assert float(run.stdout) == pytest.approx(k, rel=1e-12)


def test_a_function_of_one_number_is_named_where_arrays_are_needed() -> None:
    cls = declare(lambda s, u, p: (-s[0] - s[0] * s[0] + math.sin(s[0]),))
    net = ss.Network()
    net.population("cells", 2, cls(), v=0.0)
    with pytest.raises(InvalidTypeError, match=r"slope does not run on whole arrays: .*write np\.sin for math\.sin"):
        net.run(1.0, progress=False)
