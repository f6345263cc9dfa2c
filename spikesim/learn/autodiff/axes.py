"""Along which axes: NumPy says ``axis``, PyTorch ``dim``."""

from __future__ import annotations

from operator import index
from typing import Any

from ...errors import InvalidTypeError
from ...kinds import typed

__all__ = ["axes", "axis_or_dim"]


def axes(axis: Any, name: str = "axis") -> Any:
    """Return axes as Python's numbers."""
    if axis is None:
        return None
    try:
        return tuple(map(index, axis)) if isinstance(axis, (tuple, list)) else index(axis)
    except TypeError:
        raise InvalidTypeError(f"{name}: wanted a whole number or a tuple of them, got {typed(axis)}") from None


def axis_or_dim(name: str, axis: Any, dim: Any) -> Any:
    """NumPy says axis, PyTorch dim; both is one too many."""
    if axis is not None and dim is not None:
        raise InvalidTypeError(f"{name}: axis = {axis!r} and dim = {dim!r} are two names of one thing; give one")
    return axes(axis, f"{name}: axis") if dim is None else axes(dim, f"{name}: dim")
