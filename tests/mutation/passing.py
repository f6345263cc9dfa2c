"""A plugin of pytest: which lines each test passes through, in how many seconds, and a limit of seconds for each.

Seconds are those of the processor, so that a busy machine kills no mutant.  What is told through the environment:
``MUTATION_LINES`` (a file: a line of JSON a test that passes is added), ``MUTATION_ROOMS`` (the folder whose lines
count), ``MUTATION_LIMITS`` (a JSON file: test -> seconds, "" for any other).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

import pytest

ENOUGH = 2000  # lines in a row that were seen before: the rest of a function is taken to be so too
FILE_SECONDS = 7.0  # of all tests of a file, while lines are recorded


class Lines:
    """The lines of one function that were passed through."""

    def __init__(self, path: str) -> None:
        self.path, self.seen, self.quiet = path, set[int](), 0

    def follow(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            if frame.f_lineno in self.seen:
                self.quiet += 1
                if self.quiet > ENOUGH:
                    return None
            else:
                self.seen.add(frame.f_lineno)
                self.quiet = 0
        return self.follow


class Recorder:
    """Writes down what each test passes through."""

    def __init__(self, file: str, room: str) -> None:
        self.file, self.room = file, room
        self.codes: dict[CodeType, Lines | None] = {}
        self.used: dict[str, float] = {}
        self.slow: set[str] = set()
        self.passed, self.begun = True, 0.0

    def enter(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        lines = self.codes.get(code, self)
        if lines is self:
            name = os.path.abspath(code.co_filename)
            lines = Lines(os.path.relpath(name, os.path.dirname(self.room))) if name.startswith(self.room) else None
            self.codes[code] = lines
        if lines is None or lines.quiet > ENOUGH:
            return None
        return lines.follow(frame, event, None)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        for lines in self.codes.values():
            if lines is not None:
                lines.seen, lines.quiet = set(), 0
        self.passed, self.begun = True, time.process_time()
        threading.settrace(self.enter)
        sys.settrace(self.enter)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
        seconds = time.process_time() - self.begun
        file, function = item.nodeid.split("::", 1)[0], item.nodeid.split("[", 1)[0]
        self.used[file] = self.used.get(file, 0.0) + seconds
        if not self.passed:
            self.slow.add(function)
            return
        found: dict[str, set[int]] = {}
        for lines in self.codes.values():
            if lines is not None and lines.seen:
                found.setdefault(lines.path, set()).update(lines.seen)
        with open(self.file, "a", encoding="utf-8") as out:
            kept = {path: sorted(seen) for path, seen in found.items()}
            out.write(json.dumps({"test": item.nodeid, "seconds": seconds, "lines": kept}) + "\n")

    def pytest_runtest_setup(self, item: Any) -> None:
        file, function = item.nodeid.split("::", 1)[0], item.nodeid.split("[", 1)[0]
        if function in self.slow or self.used.get(file, 0.0) > FILE_SECONDS:
            pytest.skip("too long for every mutant")

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.passed &= report.passed or (report.when == "call" and hasattr(report, "wasxfail"))


class Limits:
    """A test that takes longer than this many seconds of the processor fails."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

        def stop(number: int, frame: Any) -> None:
            pytest.fail("does not end")

        signal.signal(signal.SIGPROF, stop)

    def _limited(self, item: Any) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, self.seconds.get(item.nodeid, self.seconds[""]))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item: Any) -> Iterator[None]:
        yield from self._limited(item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: Any) -> Iterator[None]:
        yield from self._limited(item)


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Tests that would take too long in plain Python are left out by their time alone, not by what they say of it."""
    for item in items:
        for node in item.listchain():
            node.own_markers = [m for m in node.own_markers if "plain Python" not in m.kwargs.get("reason", "")]


@pytest.hookimpl(trylast=True)
def pytest_configure(config: Any) -> None:
    """Do what the environment asks for."""
    if file := os.environ.get("MUTATION_LINES"):
        config.pluginmanager.register(Recorder(file, os.environ["MUTATION_ROOMS"]))
    if file := os.environ.get("MUTATION_LIMITS"):
        with open(file, encoding="utf-8") as read:
            config.pluginmanager.register(Limits(json.load(read)))


@pytest.hookimpl(trylast=True, hookwrapper=True)
def pytest_unconfigure(config: Any) -> Iterator[None]:
    """Do not wait for threads that a mutant has left behind."""
    yield
    if os.environ.get("MUTATION_LIMITS"):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(getattr(config, "mutation_status", 1))


def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    """Keep the status for `pytest_unconfigure`."""
    session.config.mutation_status = int(exitstatus)
