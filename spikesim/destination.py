"""Where a command writes: a file that is there is replaced by nobody who was not told to."""

from __future__ import annotations

import argparse
from pathlib import Path

from .errors import OutputFileError

__all__ = ["destination", "next_free"]


def destination(options: argparse.Namespace, default: Path, *beside: str) -> Path:
    """Return the file that -o means; refused if it, or one with an ending of `beside`, is there and is to stay."""
    path = Path(options.out) if options.out else default
    if path.is_dir() or (options.out and not path.suffix):
        path = path / default.name
    for each in (path, *(path.with_suffix(ending) for ending in beside)):
        if each.is_dir():
            raise OutputFileError(f"output file {str(each)!r} is a folder")
        if each.exists() and not options.overwrite:
            raise OutputFileError(f"{str(each)!r} exists: replace it with --overwrite, or write elsewhere with -o PATH")
    return path


def next_free(path: Path, *beside: str) -> Path:
    """Return that path, or the first free one if it, or one with an ending of `beside`, is there."""
    found, k = path, 1
    while any(found.with_suffix(ending).exists() for ending in (path.suffix, *beside)):
        k += 1
        found = path.with_stem(f"{path.stem}-{k}")
    return found
