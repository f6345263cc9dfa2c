"""The page written to a file; what it needs is loaded when it is asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidTypeError, OutputFileError
from ..keywords import named

if TYPE_CHECKING:
    from ..record.result import Result

__all__ = ["report"]


@named
def report(result: Result, path: str | Path, *, title: str = "", overwrite: bool = False) -> Path:
    """Write a recording as one self-contained HTML page.

    The page shows the network, its parameters, a raster that can be zoomed and filtered, rates, intervals, traces,
    weights, statistics, warnings, and how to repeat the run.  It loads nothing from anywhere and may load nothing: its
    content security policy allows its own script and pictures only.

    Parameters
    ----------
    result : Result
        Of a run, or of :func:`spikesim.load`.
    path : str or Path
        The file, usually ending in ``.html``.
    title : str
        Its heading; the name of the file without it.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputFileError
        If the file exists and `overwrite` is False, or cannot be written.
    InvalidTypeError
        If `result` is no Result.

    Notes
    -----
    Up to 1.5 million spikes are all in the page, at about two bytes each; of more, every k-th neuron of each
    population, and the page says so.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> net.record(net.population("cells", 10, ss.LIF(I_e=500.0)), "spikes")
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> ss.report(net.run(100.0, progress=False), folder / "run.html").name
    'run.html'
    """
    from .page import page

    if not (hasattr(result, "spikes") and hasattr(result, "stats")):
        raise InvalidTypeError(f"report: wanted a Result, got {type(result).__name__}; load a file with ss.load(path)")
    path = Path(path)
    if path.is_dir():
        raise OutputFileError(f"output file {str(path)!r} is a folder")
    if path.exists() and not overwrite:
        raise OutputFileError(f"output file {str(path)!r} exists; give another name, or overwrite=True")
    made = page(result, title or path.stem)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(made, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputFileError(f"output file {str(path)!r} cannot be written: {error.strerror or error}") from error
    return path
