"""Parameters as values: checked when they are made, frozen, equal where all their numbers are."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidTypeError
from ..keywords import answering, freeze
from .parameters import checked

__all__ = ["freeze_values"]


def freeze_values(cls: Any, check: Callable[[Any, tuple], list[Any]] = checked) -> None:
    """Let a class check its parameters (`check`: class, values -> values) when a value is made; compare by value."""
    refractory = "t_ref" in cls._fields
    # names and defaults, so that help(), Shift-Tab and a refused call show them
    form = inspect.signature(cls.__new__)
    plain = [
        p.replace(annotation=getattr(p.annotation, "__forward_arg__", p.annotation)) for p in form.parameters.values()
    ]
    if refractory:
        plain.append(inspect.Parameter("hold", inspect.Parameter.KEYWORD_ONLY, default=True, annotation=bool))
    cls.__new__.__signature__ = form.replace(parameters=plain)
    make = answering(cls.__new__, None)

    def __new__(kind: Any, *args: Any, **kwargs: Any) -> Any:
        if refractory and "hold" in kwargs:
            hold = kwargs.pop("hold")
            if not isinstance(hold, (bool, np.bool_)):
                raise InvalidTypeError(f"{kind.__name__}: hold must be True or False, got {hold!r:.60}")
            held = kind if kind.held else kind.__mro__[1]
            kind = held if hold else running(held)
        return tuple.__new__(kind, check(kind, make(kind, *args, **kwargs)))

    __new__.__signature__ = form.replace(parameters=plain)  # type: ignore[attr-defined]
    cls.__new__ = __new__
    freeze(cls)
    cls.__copy__ = cls.__deepcopy__ = lambda self, memo=None: self  # (nothing of it can be changed)
    cls._replace = lambda self, **changed: type(self)(**{**self._asdict(), **changed})
    cls._make = classmethod(lambda kind, values: kind(*values))
    cls.__eq__ = _equal
    cls.__ne__ = lambda self, other: not _equal(self, other)
    cls.__hash__ = _hash
    cls.__spikesim_equations__ = True


@functools.cache
def running(cls: Any) -> Any:
    """Return a model all of whose states go on while it is refractory: what ``hold=False`` makes."""
    contents: dict[str, Any] = {
        "__slots__": (), "__module__": cls.__module__, "__doc__": cls.__doc__, "clamped": (), "held": False,
        "__reduce__": lambda self: (functools.partial(cls, hold=False), tuple(self)),
        "__repr__": lambda self: f"{cls.__repr__(self)[:-1]}, hold=False)",
    }  # fmt: skip
    return type(cls.__name__, (cls,), contents)


def _equal(self: Any, other: Any) -> bool:
    return type(self) is type(other) and all(np.array_equal(a, b) for a, b in zip(self, other))


def _hash(self: tuple) -> int:
    return hash((type(self).__name__, *(v.tobytes() if isinstance(v, np.ndarray) else v for v in self)))
