"""Is an equation affine?  Proved by following it, not by trying values.

An equation is run on expressions  c + sum_i a_i x_i  of its variables x.  Sums, differences, and products and quotients
by constants stay of that form; whatever else is done to a variable (a product of two, a comparison, an exponential, a
choice that depends on it) ends the proof.  So a leak that is stronger below some potential, or an input that saturates,
is seen for what it is, wherever the break lies.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Expression", "NotAffine", "variables"]


class NotAffine(Exception):
    """The equation does to a variable what no affine function does."""


class Expression:
    """c + sum_i a_i x_i: `terms[0]` is c, `terms[1 + i]` a_i; numbers, or arrays of one value a neuron."""

    __slots__ = ("terms",)
    __array_ufunc__ = None  # NumPy hands products with arrays to the methods below; its functions refuse

    def __init__(self, terms: tuple[Any, ...]) -> None:
        self.terms = terms

    def _of(self, other: Any) -> Expression:
        if isinstance(other, Expression):
            return other
        if not isinstance(other, (int, float, np.number, np.ndarray)):
            raise NotAffine
        return Expression((other, *(0.0,) * (len(self.terms) - 1)))

    def _map(self, function: Any) -> Expression:
        return Expression(tuple(function(term) for term in self.terms))

    def __add__(self, other: Any) -> Expression:
        return Expression(tuple(a + b for a, b in zip(self.terms, self._of(other).terms)))

    __radd__ = __add__

    def __neg__(self) -> Expression:
        return self._map(lambda term: -term)

    def __pos__(self) -> Expression:
        return self

    def __sub__(self, other: Any) -> Expression:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> Expression:
        return self._of(other) + -self

    @property
    def constant(self) -> bool:
        """Whether no variable is left in it."""
        return all(not np.any(term) for term in self.terms[1:])

    def __mul__(self, other: Any) -> Expression:
        other = self._of(other)
        if other.constant:
            return self._map(lambda term: term * other.terms[0])
        if self.constant:
            return other._map(lambda term: term * self.terms[0])
        raise NotAffine

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Expression:
        other = self._of(other)
        if not other.constant:
            raise NotAffine
        return self._map(lambda term: term / other.terms[0])

    def __rtruediv__(self, other: Any) -> Expression:
        return self._of(other) / self

    def __pow__(self, exponent: Any) -> Expression:
        if isinstance(exponent, (int, float)) and exponent == 1:
            return self
        raise NotAffine

    @staticmethod
    def __where__(condition: Any, a: Any, b: Any) -> Any:
        """A choice that parameters make, neuron by neuron (`spikesim.jit.where`)."""
        if not isinstance(condition, (bool, np.bool_, np.ndarray)):
            raise NotAffine
        some = a if isinstance(a, Expression) else b
        a, b = some._of(a), some._of(b)
        return Expression(tuple(np.where(condition, x, y) for x, y in zip(a.terms, b.terms)))

    def _refuse(self, *_: Any) -> Any:
        raise NotAffine

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refuse
    __bool__ = __float__ = __int__ = __index__ = __abs__ = __rpow__ = _refuse
    __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = _refuse
    __hash__ = None  # type: ignore[assignment]


def variables(count: int) -> list[Expression]:
    """Return `count` variables."""
    return [Expression(tuple(float(k == 1 + i) for k in range(count + 1))) for i in range(count)]
