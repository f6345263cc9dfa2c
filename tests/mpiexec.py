"""Processes that run one script together under mpiexec, where it and mpi4py are installed (the extra "mpi")."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["ended", "mpiexec", "start"]

#: Open MPI alone wants to be told that a machine may have fewer cores than ranks, and that its user may be root.
ALLOWED = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


def start(ranks: int, *arguments: object) -> subprocess.Popen[str]:
    """Start a script on so many ranks; `arguments`: of Python."""
    beside = Path(sys.executable).with_name("mpiexec")
    command = str(beside) if beside.exists() else shutil.which("mpiexec")
    if command is None or importlib.util.find_spec("mpi4py") is None:
        pytest.skip('mpiexec or mpi4py is missing; pip install "spikesim[mpi]"')
    return subprocess.Popen(
        [command, "-n", str(ranks), sys.executable, *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **ALLOWED}, start_new_session=True,
    )  # fmt: skip


def ended(started: subprocess.Popen[str], timeout: float = 240.0) -> subprocess.CompletedProcess[str]:
    """Return how it ended; one that does not is a failure."""
    try:
        out, err = started.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        out, err = started.communicate()
        pytest.fail(f"the ranks hang; they said:\n{out}\n{err}")
    return subprocess.CompletedProcess(started.args, started.returncode, out, err)


def mpiexec(ranks: int, *arguments: object, timeout: float = 240.0) -> subprocess.CompletedProcess[str]:
    """Run a script on so many ranks."""
    return ended(start(ranks, *arguments), timeout)
