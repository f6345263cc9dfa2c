"""e^x and what is made of it, and the choice between two values, for equations: scalars, arrays, compiled loops.

math.exp is a call and stops a loop from vectorising; a polynomial does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload, register_jitable

from .compiler import INLINE

_LOG2E = 1.4426950408889634
_LN2_HI = 6.93147180369123816490e-01
_LN2_LO = 1.90821492927058770002e-10
_SHIFT = 6755399441055744.0  # 1.5 * 2^52: adding it leaves round-to-nearest in the low bits


@intrinsic
def _bits(typingctx: Any, x: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), codegen


@intrinsic
def _float(typingctx: Any, x: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), codegen


@register_jitable(forceinline=True)
def _reduced(x: Any) -> Any:
    """(q, 2^n) with exp(x) = 2^n (1 + q): n = round(x/ln 2), |r| <= ln(2)/2, q = exp(r) - 1 of degree 11.

    The polynomial for (e^r - 1 - r) / r^2 interpolates at Chebyshev's nodes; its part of the error is 2e-17.
    """
    y = -708.0 if x < -708.0 else x  # a NaN stays one: it fails both comparisons
    y = 709.0 if y > 709.0 else y
    shifted = y * _LOG2E + _SHIFT
    n = shifted - _SHIFT
    r = (y - n * _LN2_HI) - n * _LN2_LO
    p = 2.510038549551032e-08
    p = p * r + 2.7620088445409746e-07
    p = p * r + 2.7557268459997064e-06
    p = p * r + 2.4801521295954376e-05
    p = p * r + 1.9841269863053618e-04
    p = p * r + 1.3888888917213717e-03
    p = p * r + 8.333333333330062e-03
    p = p * r + 4.166666666662413e-02
    p = p * r + 0.16666666666666669
    p = p * r + 0.5
    return (p * r) * r + r, _float((_bits(shifted) - _bits(_SHIFT) + 1023) << 52)


@register_jitable(forceinline=True)
def _exp_polynomial(x: Any) -> Any:
    """exp(x), relative error < 3e-16, inf and 0 beyond its range."""
    q, power = _reduced(x)
    result = (q + 1.0) * power
    result = 0.0 if x < -708.0 else result
    return np.inf if x > 709.0 else result


@register_jitable(forceinline=True)
def _expm1_polynomial(x: Any) -> Any:
    """exp(x) - 1 for x <= 709, relative error < 1e-15 (no digit is lost at 0)."""
    q, power = _reduced(x)
    return power * q + (power - 1.0)


def exp(x: Any) -> Any:
    """e^x on floats, arrays and tape variables; in compiled code a polynomial that vectorises (rel. error < 3e-16)."""
    return np.exp(x)


# (overloads carry no annotations: Numba wants their signature to equal the implementation's)


@overload(exp, jit_options=INLINE)
def _exp_overload(x):
    if isinstance(x, (types.Float, types.Integer)):
        return lambda x: _exp_polynomial(float(x))
    return lambda x: np.exp(x)


def expm1(x: Any) -> Any:
    """e^x - 1; in compiled code a polynomial (rel. error < 1e-15, x <= 709)."""
    return np.expm1(x)


@overload(expm1, jit_options=INLINE)
def _expm1_overload(x):
    return lambda x: _expm1_polynomial(float(x))


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where `condition` holds, else `b`: the one way to choose inside an equation."""
    if isinstance(condition, (bool, np.bool_)):
        return a if condition else b
    select = getattr(type(a), "__where__", None) or getattr(type(b), "__where__", None)
    return select(condition, a, b) if select else np.where(condition, a, b)


@overload(where, jit_options=INLINE)
def _where_overload(condition, a, b):
    if isinstance(condition, types.Boolean):
        return lambda condition, a, b: a if condition else b
    return lambda condition, a, b: np.where(condition, a, b)


def exprel(x: Any) -> Any:
    """x / (e^x - 1), right at 0 where it is 1 (series below |x| = 0.05; relative error < 1e-14 everywhere)."""
    return exprel_of(x, exp(x))


def exprel_of(x: Any, power: Any) -> Any:
    """x / (e^x - 1) where e^x is known already."""
    x2 = x * x
    series = 1.0 - 0.5 * x + x2 * (1.0 / 12.0 - x2 * (1.0 / 720.0 - x2 * (1.0 / 30240.0 - x2 * (1.0 / 1209600.0))))
    small = abs(x) < 0.05
    return where(small, series, x / where(small, 1.0, power - 1.0))


register_jitable(forceinline=True)(exprel)
register_jitable(forceinline=True)(exprel_of)
