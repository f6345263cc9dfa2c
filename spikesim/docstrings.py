"""Documentation that is said once: what overrides a documented method takes from it the sections it does not write.

A contract says what the arguments of its methods are, once; each model, layer or sink says in a line what is its own.
``help(ss.LIF.slope)`` shows both.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

__all__ = ["complete", "inherit", "sections"]

#: In the order of numpydoc.
ORDER = ("Parameters", "Other Parameters", "Returns", "Yields", "Raises", "Warns", "Notes", "References", "Examples")
_HEAD = re.compile(r"^(\S[^\n]*)\n-{3,}[ ]*$", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    r"""Return the parts of a docstring by heading; what stands before the first heading is under ``""``.

    Parameters
    ----------
    text : str
        A docstring without indentation, as :func:`inspect.getdoc` returns it.

    Returns
    -------
    dict of str to str
        In the order of the text.

    Examples
    --------
    >>> from spikesim.docstrings import sections
    >>> sections("Sum.\n\nReturns\n-------\nfloat")
    {'': 'Sum.', 'Returns': 'float'}
    """
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found = {"": text[: heads[0].start() if heads else len(text)].strip()}
    return found | {head[1]: text[head.end() : end].strip("\n").rstrip() for head, end in zip(heads, ends)}


def complete(function: Callable[..., Any], contract: Callable[..., Any]) -> None:
    """Give a function the sections of its contract that its own docstring lacks.

    Parameters
    ----------
    function : function
        What is documented; its arguments are named as the contract's, else nothing is taken over.
    contract : function
        What it implements.

    Examples
    --------
    >>> from spikesim.docstrings import complete
    >>> def area(r):
    ...     '''Return the area.
    ...
    ...     Returns
    ...     -------
    ...     float
    ...     '''
    >>> def disc(r):
    ...     '''Return pi r^2.'''
    >>> complete(disc, area)
    >>> disc.__doc__.split()
    ['Return', 'pi', 'r^2.', 'Returns', '-------', 'float']
    """
    own, said = inspect.cleandoc(function.__doc__ or ""), inspect.cleandoc(contract.__doc__ or "")
    if not said or _arguments(function) != _arguments(contract):
        return
    found = sections(said) | {head: text for head, text in sections(own).items() if text}
    rest = [head for head in found if head and head not in ORDER]
    heads = [head for head in (*ORDER[:-2], *rest, *ORDER[-2:]) if head in found]
    function.__doc__ = "\n\n".join([found[""], *(f"{head}\n{'-' * len(head)}\n{found[head]}" for head in heads)])


def inherit(cls: type, contract: type | None = None) -> None:
    """Complete the documentation of every public method of a class from the class that says what it must do.

    Parameters
    ----------
    cls : type
        A class just made: for ``__init_subclass__`` and decorators.
    contract : type, optional
        Whose methods say it; the nearest class above that has the method unless given.

    Examples
    --------
    >>> from spikesim.docstrings import inherit
    >>> class Shape:
    ...     def area(self):
    ...         '''Return the area.
    ...
    ...         Returns
    ...         -------
    ...         float
    ...         '''
    >>> class Disc(Shape):
    ...     def area(self):
    ...         '''Return pi r^2.'''
    >>> inherit(Disc)
    >>> "float" in Disc.area.__doc__
    True
    """
    above = cls.__mro__[1:] if contract is None else contract.__mro__
    for name, value in vars(cls).items():
        function = _function(value)
        if name.startswith("_") or function is None:
            continue
        said = next((_function(vars(base)[name]) for base in above if name in vars(base)), None)
        if said is not None:
            complete(function, said)


def _arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's arguments."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return tuple(inspect.signature(function).parameters)
    n = code.co_argcount + code.co_kwonlyargcount
    n += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return code.co_varnames[:n]


def _function(value: Any) -> Callable[..., Any] | None:
    value = getattr(value, "__func__", value)  # of a static method, a class method
    return value if inspect.isfunction(value) else None
