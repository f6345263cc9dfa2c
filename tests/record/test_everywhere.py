"""The recorder and the loader with what every operating system has.  Truth: the suite of this folder, run again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .test_crash import environment

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def suite(*arguments: str) -> str:
    """Run tests of this folder without the names of POSIX; returns the report."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.record.without_posix", *arguments],
        cwd=ROOT,
        env=environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    return run.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="takes away what it knows of Linux")
def test_stores_without_posix() -> None:
    report = suite(
        str(HERE / "test_stores.py"), str(HERE / "test_output.py"), "-k", "not disk_full and not memory_stays"
    )
    assert int(report.rsplit(" passed", 1)[0].split()[-1]) > 30


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="takes away what it knows of Linux")
def test_whole_suite_without_posix() -> None:
    report = suite(str(HERE), "--ignore", __file__, "-k", "not disk_full and not memory_on_every")
    assert int(report.rsplit(" passed", 1)[0].split()[-1]) > 100


def test_the_plugin_takes_something_away() -> None:
    """Renaming an open file fails there, as it does on Windows: a test that finds nothing would prove nothing."""
    program = (
        "import os, tests.record.without_posix as w; w.pytest_configure()\n"
        "import tempfile; d = tempfile.mkdtemp(); f = open(d + '/a', 'w')\n"
        "assert not hasattr(os, 'pwrite')\n"
        "try: os.rename(d + '/a', d + '/b')\n"
        "except PermissionError: print('refused')\n"
        "f.close(); os.rename(d + '/a', d + '/b')"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.stdout == "refused\n", run.stderr
