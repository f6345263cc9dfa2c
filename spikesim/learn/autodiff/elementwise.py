"""The elementwise operations by name, made of one table: formula, arguments of an example and its value."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ...keywords import named
from .rules import RULES
from .tape import Var, apply

#: name: (what it returns, arguments, value).
SAID = {
    "add": ("a + b", "2.0, 3.0", "tensor(5.)"),
    "subtract": ("a - b", "2.0, 3.0", "tensor(-1.)"),
    "multiply": ("a b", "2.0, 3.0", "tensor(6.)"),
    "divide": ("a / b", "3.0, 2.0", "tensor(1.5)"),
    "power": ("a^b; with a derivative by b where a > 0", "2.0, 3.0", "tensor(8.)"),
    "matmul": ("the matrix product a b", "[[1.0, 2.0]], [[3.0], [4.0]]", "tensor([[11.]])"),
    "maximum": ("the larger of a and b", "[1.0, 5.0], 2.0", "tensor([2., 5.])"),
    "minimum": ("the smaller of a and b", "[1.0, 5.0], 2.0", "tensor([1., 2.])"),
    "arctan2": ("the angle of the point (b, a) in radian, -pi ... pi", "1.0, 1.0", "tensor(0.7854)"),
    "hypot": ("sqrt(a^2 + b^2)", "3.0, 4.0", "tensor(5.)"),
    "logaddexp": ("ln(e^a + e^b), without overflow", "0.0, 0.0", "tensor(0.6931)"),
    "negative": ("-x", "2.0", "tensor(-2.)"),
    "absolute": ("the absolute value of x", "[-2.0, 2.0]", "tensor([2., 2.])"),
    "sign": ("-1, 0 or 1; the derivative is 0", "[-2.0, 0.0, 2.0]", "tensor([-1.,  0.,  1.])"),
    "square": ("x^2", "3.0", "tensor(9.)"),
    "sqrt": ("the square root of x >= 0", "9.0", "tensor(3.)"),
    "reciprocal": ("1 / x", "4.0", "tensor(0.25)"),
    "exp": ("e^x", "1.0", "tensor(2.7183)"),
    "expm1": ("e^x - 1, right for small x", "1e-3", "tensor(0.001)"),
    "log": ("ln x", "2.0", "tensor(0.6931)"),
    "log1p": ("ln(1 + x), right for small x", "1e-3", "tensor(0.001)"),
    "log2": ("the logarithm to base 2", "8.0", "tensor(3.)"),
    "log10": ("the logarithm to base 10", "1000.0", "tensor(3.)"),
    "sin": ("the sine of x (rad)", "0.5", "tensor(0.4794)"),
    "cos": ("the cosine of x (rad)", "0.5", "tensor(0.8776)"),
    "tan": ("the tangent of x (rad)", "0.5", "tensor(0.5463)"),
    "arcsin": ("the inverse of the sine, -pi/2 ... pi/2", "0.5", "tensor(0.5236)"),
    "arccos": ("the inverse of the cosine, 0 ... pi", "0.5", "tensor(1.0472)"),
    "arctan": ("the inverse of the tangent, -pi/2 ... pi/2", "0.5", "tensor(0.4636)"),
    "sinh": ("(e^x - e^-x) / 2", "0.5", "tensor(0.5211)"),
    "cosh": ("(e^x + e^-x) / 2", "0.5", "tensor(1.1276)"),
    "tanh": ("sinh x / cosh x", "0.5", "tensor(0.4621)"),
    "erf": ("the error function", "0.5", "tensor(0.5205)"),
    "logistic": ("1 / (1 + e^-x) (section 1.5)", "[-1.0, 0.0, 1.0]", "tensor([0.2689, 0.5000, 0.7311])"),
    "relu": ("max(0, x)", "[-1.0, 0.0, 1.0]", "tensor([0., 0., 1.])"),
    "softplus": ("ln(1 + e^x)", "[-1.0, 0.0, 1.0]", "tensor([0.3133, 0.6931, 1.3133])"),
}


def _elementwise(name: str) -> Callable[..., Var]:
    arguments = ("x",) if len(RULES[name].derivatives) == 1 else ("a", "b")
    returned, given, value = SAID[name]

    def function(*args: Any) -> Var:
        return apply(name, *args)

    function.__name__ = function.__qualname__ = name
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(a, inspect.Parameter.POSITIONAL_ONLY, annotation=Any) for a in arguments],
        return_annotation=Var,
    )
    how = "Stacks of matrices are broadcast." if name == "matmul" else "Entry by entry, with broadcasting."
    function.__doc__ = f"""Return {returned}.

{how}

Parameters
----------
{", ".join(arguments)} : Var, Tensor or array_like
    Numbers and arrays count as constants.

Returns
-------
Var
    It knows its derivative.

Examples
--------
>>> from spikesim import learn
>>> learn.{name}({given})
{value}
"""
    return named(function)


add, subtract, multiply, divide = (_elementwise(n) for n in ("add", "subtract", "multiply", "divide"))
power, matmul, maximum, minimum = (_elementwise(n) for n in ("power", "matmul", "maximum", "minimum"))
arctan2, hypot, logaddexp = (_elementwise(n) for n in ("arctan2", "hypot", "logaddexp"))
negative, absolute, sign, square = (_elementwise(n) for n in ("negative", "absolute", "sign", "square"))
sqrt, reciprocal, exp, expm1 = (_elementwise(n) for n in ("sqrt", "reciprocal", "exp", "expm1"))
log, log1p, log2, log10 = (_elementwise(n) for n in ("log", "log1p", "log2", "log10"))
sin, cos, tan, arcsin, arccos, arctan = (_elementwise(n) for n in ("sin", "cos", "tan", "arcsin", "arccos", "arctan"))
sinh, cosh, tanh, erf = (_elementwise(n) for n in ("sinh", "cosh", "tanh", "erf"))
logistic, relu, softplus = (_elementwise(n) for n in ("logistic", "relu", "softplus"))
