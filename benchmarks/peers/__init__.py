"""The other simulators: where they are, and how to have them run a network.

Each stands in a Python of its own, or in this one.  ``SPIKESIM_PEER_PYTHON`` lists the executables to look in,
separated as in PATH; without it, only this Python is asked.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..process import call

__all__ = ["PEERS", "Peer"]

HERE = Path(__file__).parent


@functools.cache
def has(python: str, module: str) -> bool:
    """Whether that Python finds that module."""
    question = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    try:
        return not subprocess.run([python, "-c", question], capture_output=True, timeout=60).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


@dataclass(frozen=True)
class Peer:
    """A simulator: its name here, its module, the script that runs a network in it, whether it has threads."""

    name: str
    module: str
    script: str
    threads: bool = True
    mode: str = ""

    def python(self) -> str | None:
        """Return the first Python that has it."""
        listed = os.environ.get("SPIKESIM_PEER_PYTHON", "").split(os.pathsep)
        return next((p for p in [*filter(None, listed), sys.executable] if has(p, self.module)), None)

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Return what a network cost in it: the keys of `benchmarks.timing` that it can know."""
        python = self.python()
        if python is None:
            raise LookupError(f"{self.module} is in none of the Pythons of SPIKESIM_PEER_PYTHON")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "job.json"
            path.write_text(json.dumps({**job, "mode": self.mode, "folder": folder}))
            return call([python, str(HERE / self.script), str(path)], environment)


#: Brian 2 and NEURON have no synapses sorted by anything, NEST no say in it; where it can be chosen, it is by source.
PEERS = {
    peer.name: peer
    for peer in (
        Peer("nest", "nest", "run_nest.py"),
        Peer("brian-cpp", "brian2", "run_brian.py", mode="cpp"),
        Peer("brian-cython", "brian2", "run_brian.py", threads=False, mode="cython"),
        Peer("neuron", "neuron", "run_neuron.py"),
        Peer("torch", "torch", "run_torch.py"),
        Peer("torch-step", "torch", "run_torch_step.py", threads=False),
        *(
            Peer(name, name, "run_spiking.py", threads=False, mode=name)
            for name in ("snntorch", "norse", "spikingjelly")
        ),
        Peer("jax", "jax", "run_jax.py", threads=False),
    )
}
