"""Along which axes: NumPy says ``axis``, PyTorch ``dim``."""

from __future__ import annotations

from operator import index
from typing import Any

from ...errors import InvalidTypeError

__all__ = ["axes", "one_of"]


def axes(axis: Any) -> Any:
    """Return axes as Python's numbers."""
    if axis is None:
        return None
    return tuple(int(k) for k in axis) if isinstance(axis, (tuple, list)) else index(axis)


def one_of(name: str, axis: Any, dim: Any) -> Any:
    """NumPy says axis, PyTorch dim; both is one too many."""
    if axis is not None and dim is not None:
        raise InvalidTypeError(f"{name}: axis = {axis!r} and dim = {dim!r} are two names of one thing; give one")
    return axes(axis if dim is None else dim)
