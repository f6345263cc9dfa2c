"""Truth: plain Python.  With NUMBA_DISABLE_JIT=1 the same source runs uncompiled and gives the same spikes.

Compiled code may fuse a multiplication and an addition, so potentials agree to rounding, not to the bit.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from engine.networks import everything

import spikesim as ss
from spikesim.jit import JIT

DURATION = 25.0  # ms: several volleys, and too short for chaos to amplify rounding


def record(path: Path) -> None:
    """Run a network with every kind of neuron, synapse, source and stimulus, and keep all of it."""
    net = everything()
    for name in "abhtxz":
        net.record(net[name], "v", "I_syn", every=0.5)
    result = net.run(DURATION, dt=0.1, threads=2, progress=False)
    kept = {"jit": np.array(JIT)}
    for name, trains in result.spikes.items():
        kept[f"{name}/times"], kept[f"{name}/ids"] = trains.times, trains.ids
    for name, traces in result.traces.items():
        kept |= {f"{name}/{variable}": trace.values for variable, trace in traces.items()}
    np.savez(path, **kept)


def in_a_process(path: Path, disable: str) -> dict[str, np.ndarray]:
    """Record in a new Python: the switch is read when Numba is imported."""
    code = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\n"
    code += f"import test_jit_off, pathlib; test_jit_off.record(pathlib.Path({str(path)!r}))"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "NUMBA_DISABLE_JIT": disable}, check=True)
    with np.load(path) as stored:
        return dict(stored)


@pytest.mark.skipif(not JIT, reason="compares with compiled code")
def test_plain_python_gives_the_same(tmp_path: Path) -> None:
    """Every spike, and every potential and synaptic current to 1e-9 of its range."""
    compiled = in_a_process(tmp_path / "compiled.npz", "0")
    plain = in_a_process(tmp_path / "plain.npz", "1")
    assert compiled.pop("jit") and not plain.pop("jit")
    assert compiled.keys() == plain.keys()
    assert sum(values.size for name, values in compiled.items() if name.endswith("/ids")) > 200
    for name, values in compiled.items():
        scale = np.abs(values).max(initial=1.0)
        np.testing.assert_allclose(plain[name], values, rtol=0.0, atol=1e-9 * scale, err_msg=name)


def test_the_switch_is_read() -> None:
    """`spikesim.jit.JIT` says how this process runs."""
    assert JIT == (os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0"))
    assert ss.jit.JIT is JIT
