"""What is said of arguments that do not fit an operation of the tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import IndexRangeError, InvalidTypeError, InvalidValueError, SpikesimError
from ...failures import is_the_users
from ...kinds import typed

__all__ = ["unfit"]


def unfit(name: str, values: Sequence[Any], error: Exception) -> SpikesimError | None:
    """What to say of values that an operation refused; None: the error is the package's or the user's own."""
    if isinstance(error, SpikesimError) or is_the_users(error):
        return None
    arrays = [np.asarray(value) for value in values]
    strange = next((a for a in arrays if a.dtype.kind not in "biufc"), None)
    if strange is not None:
        return InvalidTypeError(f"{name}: wanted numbers, got {typed(strange[()])}")
    shapes = " and ".join(str(a.shape) for a in arrays)
    kind = IndexRangeError if isinstance(error, IndexError) else InvalidValueError
    return kind(f"{name}: arguments of shape {shapes} do not fit: {' '.join(str(error).split()):.160}")
