"""From the description of a network to the arrays its loops run on: no names left to look up."""

from .program import Program, compile_network

__all__ = ["Program", "compile_network"]
