"""One measurement, one process: nothing is warm, nothing is left over, and the peak of memory is its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "MeasurementError", "answer", "call", "measure", "surroundings"]

ROOT = Path(__file__).resolve().parent.parent
MARK = "RESULT "  # what stands before the answer: other lines of a child's output are its own


class MeasurementError(RuntimeError):
    """A child that gave no answer."""


def surroundings() -> dict[str, str]:
    """Return the environment of a child: it finds what this process finds, and Python may keep its byte code."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return environment


def measure(question: str, settings: dict[str, Any], cache: str | None = None, limit: float = 7200.0) -> dict[str, Any]:
    """Return what ``benchmarks.<question>.measure(**settings)`` returns in a new process.

    `cache`: a folder for compiled code, instead of the usual one.
    """
    environment = surroundings()
    if cache is not None:
        environment["NUMBA_CACHE_DIR"] = cache
    command = [sys.executable, "-m", "benchmarks.process", question, json.dumps(settings)]
    return call(command, environment, limit)


def call(command: list[str], environment: dict[str, str] | None = None, limit: float = 7200.0) -> dict[str, Any]:
    """Run a command and return its answer."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        raise MeasurementError(f"no answer within {limit:g} s") from None
    answers = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if done.returncode or not answers:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()
        raise MeasurementError(f"exit code {done.returncode}: {said[-1][:300]}")
    return json.loads(answers[-1][len(MARK) :])


def answer(result: dict[str, Any]) -> None:
    """Hand the result to the parent."""
    print(MARK + json.dumps(result), flush=True)


if __name__ == "__main__":
    from importlib import import_module

    answer(import_module(f"benchmarks.{sys.argv[1]}").measure(**json.loads(sys.argv[2])))
