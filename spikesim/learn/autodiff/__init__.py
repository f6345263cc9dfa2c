"""Automatic differentiation (chapters 3.2 and 4): one tape, one table of rules, one walk."""
