"""Adds figures of NEST's own examples to data/papers.json, for the models of examples/from_papers.

The originals come with the package (`nest/doc/examples/pynest`) and are run as they stand, but for the few changes of
their text that stand below; what is stored is read from their variables.  Made with nest-simulator 3.10.0:

    python -m venv nest && nest/bin/pip install nest-simulator==3.10.0 matplotlib
    nest/bin/python tests/against/make_nest_papers.py [NAME...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nest
import numpy as np
from papers import Original, add

Names = dict[str, Any]


def astrocyte(n: Names) -> dict[str, float]:
    """Calcium and IP3 (uM): means, and how often calcium rises above half its largest value in a minute."""
    ca, ip3 = np.asarray(n["data"]["Ca_astro"]), np.asarray(n["data"]["IP3"])
    up = np.flatnonzero((ca[1:] > 0.3) & (ca[:-1] <= 0.3))
    return {"ca": float(ca.mean()), "ca most": float(ca.max()), "ip3": float(ip3.mean()), "waves": float(up.size)}


def gif_population(n: Names) -> dict[str, float]:
    """Rate (Hz) and Fano factor of the population's count in 5 ms."""
    times = np.asarray(n["spike_det"].events["times"])
    times = times[times > 500.0]
    counts = np.histogram(times, np.arange(500.0, 2000.1, 5.0))[0]
    return {"rate": times.size / 100.0 / 1.5, "fano": float(counts.var() / counts.mean())}


Reader = Callable[[Names], dict[str, float]]
#: Example of ours: its original, how to read it, changes of its text, and the seeds.
ORIGINALS: dict[str, tuple[str, Reader, dict[str, str], int]] = {
    "astrocyte": ("astrocytes/astrocyte_single.py", astrocyte, {
        "sim_time = 60000": "sim_time = 600000", "poisson_rate = 1.0": "nest.ResetKernel(); poisson_rate = 1.0"}, 3),
    "gif_population": ("gif_population.py", gif_population, {
        "nest.raster_plot.from_device(spike_det, hist=True)": ""}, 4),
}  # fmt: skip


if __name__ == "__main__":
    folder = Path(nest.__file__).parent / "doc" / "examples" / "pynest"
    for name in sys.argv[1:] or ORIGINALS:
        path, read, changes, runs = ORIGINALS[name]
        for seed in range(1, runs + 1):
            reset = {"nest.ResetKernel()": f"nest.ResetKernel(); nest.rng_seed = {seed}"} if runs > 1 else {}
            add(Original(name, f"NEST {nest.__version__}", path), {**changes, **reset}, folder, read, seed)
