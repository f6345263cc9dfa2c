"""Loops over arrays, compiled: no names, no checks, no objects."""
