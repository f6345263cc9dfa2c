"""A recording as one page of HTML that anybody can open: see :func:`report`."""

from .written import report

__all__ = ["report"]
