"""Do the tests bite?  Change one thing of a kernel or rule at a time, and see that the ordinary suite fails.

``python -m tests.mutation`` draws mutants of the modules in `GROUPS`, as many of each group, and prints a line each:
killed or survived, by what, in how many seconds; then a table.  First, without a mutant, it writes down which lines
each test passes through in plain Python; a mutant then meets the tests that pass through its line, the quickest first,
each with a limit of time.  What survives these, or is not reached, meets the compiled tests of its group
(``--compiled``: minutes each).

``--count`` and ``--seed`` say which are drawn, ``--only`` whose path holds a text, ``--named`` those in NAMED,
``--again FILE`` the survivors of an earlier output (on the tests of `ABOUT`), ``--list`` only prints them.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import importlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, TextIO

import pytest

from .modules import EQUIVALENT, GROUPS, ROOT, about, group_of
from .mutants import Mutant, by_text, mutants
from .named import NAMED

#: What every test imports: once for all of them.
SHARED = "numba scipy.linalg scipy.integrate scipy.optimize scipy.stats scipy.special h5py hypothesis mpmath"

ENOUGH = 20.0  # seconds of the processor, unmutated, of the tests that a mutant meets
MOST = 60  # of them


class Test(NamedTuple):
    """One test, in plain Python."""

    name: str
    seconds: float
    lines: dict[str, set[int]]


class Place:
    """A copy of the repository in which one line at a time is changed."""

    def __init__(self, folder: Path, limit: float) -> None:
        self.folder, self.limit = folder, limit
        self.copy, self.recorded = folder / "copy", folder / "recorded"
        self.recorded.mkdir(exist_ok=True, parents=True)
        if not self.copy.exists():
            ignore = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", ".*_cache", "made", "site")
            shutil.copytree(ROOT, self.copy, ignore=ignore)
        self.tests: list[Test] = []
        self.known: dict[str, bool] = {}
        self.clock = int(time.time())

    def run(self, tests: list[str], plain: bool, limit: float, **more: str) -> tuple[int, str]:
        """Run tests; return pytest's status (-1: stopped at the limit) and what it printed."""
        changed = {"PYTHONPATH": str(self.copy), "NUMBA_CACHE_DIR": str(self.folder / "cache")} | more
        changed["NUMBA_DISABLE_JIT"] = "1" if plain else "0"
        arguments = ["-q", "-p", "tests.mutation.passing", "-p", "no:cacheprovider", "--tb=no", *tests]
        with tempfile.TemporaryFile("w+") as out:
            if plain:
                process = forked(arguments, self.copy, changed, out)
            else:
                command = [sys.executable, "-m", "pytest", *arguments]
                process = subprocess.Popen(
                    command, cwd=self.copy, env=os.environ | changed, stdin=subprocess.DEVNULL, stdout=out,
                    stderr=subprocess.STDOUT, preexec_fn=bounded, start_new_session=True,
                ).pid  # fmt: skip
            status = awaited(process, limit)
            out.seek(0)
            return status, out.read()

    def record(self, group: str) -> None:
        """Write down which lines the plain tests of a group pass through, once."""
        for what in GROUPS[group].plain.split():
            file = self.recorded / (what.replace("/", "-") + ".jsonl")
            if not file.exists():
                begin = time.perf_counter()
                new = file.with_suffix(".new")
                new.write_text("")
                limits = self.folder / "limits.json"
                limits.write_text(json.dumps({"": 2.0}))
                how = {"MUTATION_LINES": str(new), "MUTATION_ROOMS": str(self.copy / "spikesim")}
                status, out = self.run([f"tests/{what}"], True, 400.0, MUTATION_LIMITS=str(limits), **how)
                new.rename(file)
                n = len(file.read_text().splitlines())
                last = (out.strip().splitlines() or [""])[-1]
                print(f"# tests/{what}: {n} tests, {time.perf_counter() - begin:.0f} s; {status}, {last}", flush=True)
            for line in file.read_text().splitlines():
                found = json.loads(line)
                lines = {path: set(numbers) for path, numbers in found["lines"].items()}
                self.tests.append(Test(found["test"], found["seconds"], lines))

    def through(self, mutant: Mutant) -> list[Test]:
        """The tests that pass through the line of a mutant: one of each function first, the quickest first."""
        lines = set(range(mutant.first, mutant.last + 1))
        found = {t.name: t for t in self.tests if lines & t.lines.get(mutant.path, set())}
        rank: collections.Counter[str] = collections.Counter()
        ordered = []
        for test in sorted(found.values(), key=lambda t: t.seconds):
            function = test.name.split("[", 1)[0]
            ordered.append((rank[function] > 0, rank[function] // 4, test.seconds, test))
            rank[function] += 1
        ordered.sort(key=lambda o: o[:3])
        chosen, seconds = [], 0.0
        for *_, test in ordered:
            seconds += test.seconds
            if chosen and (seconds > ENOUGH or len(chosen) >= MOST):
                break
            chosen.append(test)
        return chosen

    def tried(self, mutant: Mutant, compiled: bool) -> tuple[str, str]:
        """Return "killed", "SURVIVED" or "not met", and by what."""
        file = self.copy / mutant.path
        whole = file.read_text(encoding="utf-8")
        try:
            self.write(file, mutant.applied(whole))
            met = self.through(mutant)
            limits = self.folder / "limits.json"
            if met:
                limits.write_text(json.dumps({"": 60.0} | {t.name: 5.0 + 10.0 * t.seconds for t in met}))
                status, out = self.run(["-x", *(t.name for t in met)], True, self.limit, MUTATION_LIMITS=str(limits))
                if status:
                    return "killed", because(status, out)
            tests = about(mutant.path)
            unsound: list[str] = []
            while tests:
                limits.write_text(json.dumps({"": 30.0}))
                left = [f"--deselect={name}" for name in unsound]
                status, out = self.run(["-x", *tests, *left], True, self.limit, MUTATION_LIMITS=str(limits))
                if status in (-1, 0, 5):  # -1: how long they take when nothing is changed is not known
                    break
                name = failing(out)
                if name is None or self.passes(name, mutant.path, whole):
                    return "killed", because(status, out)
                unsound.append(name)
                self.write(file, mutant.applied(whole))
            if not compiled:
                return ("SURVIVED", f"{len(met)} tests in plain Python") if met or tests else ("not met", "")
            group = next(g for g in GROUPS if mutant.path in group_of(g))
            tests = [f"tests/{t}" for t in GROUPS[group].compiled.split()]
            status, out = self.run(["-x", *tests], False, 4 * self.limit)
            return ("killed", because(status, out) + " (compiled)") if status else ("SURVIVED", "compiled tests too")
        finally:
            self.write(file, whole)

    def passes(self, test: str, path: str, whole: str) -> bool:
        """Whether a test passes in plain Python when nothing is changed."""
        if test not in self.known:
            self.write(self.copy / path, whole)
            limits = self.folder / "limits.json"
            limits.write_text(json.dumps({"": 20.0}))
            self.known[test] = self.run([test], True, self.limit, MUTATION_LIMITS=str(limits))[0] == 0
        return self.known[test]

    def write(self, file: Path, text: str) -> None:
        """Write a module at a time of its own: byte code is kept by seconds and size."""
        self.clock += 2
        file.write_text(text, encoding="utf-8")
        os.utime(file, (self.clock, self.clock))


def bounded() -> None:
    """A mutant may ask for all memory there is: it gets 8 GiB."""
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))


def forked(arguments: list[str], folder: Path, changed: dict[str, str], out: TextIO) -> int:
    """Run pytest in a child that has the packages of others already; return its process."""
    process = os.fork()
    if process:
        return process
    try:
        os.setsid()
        bounded()
        os.chdir(folder)
        os.environ.update(changed)
        sys.path[:] = [str(folder), *(p for p in sys.path if p not in ("", str(ROOT)))]
        for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "spikesim")]:
            del sys.modules[name]
        for number in (1, 2):
            os.dup2(out.fileno(), number)
        os._exit(int(pytest.main(arguments)))
    finally:
        os._exit(70)


def awaited(process: int, limit: float) -> int:
    """Wait for the leader of a group of processes, end all that is left of them; return its status, -1 at the limit."""
    end, status = time.monotonic() + limit, -1
    while time.monotonic() < end:
        found, code = os.waitpid(process, os.WNOHANG)
        if found:
            status = os.waitstatus_to_exitcode(code) if os.WIFEXITED(code) else 70
            break
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    if status == -1:
        os.waitpid(process, 0)
    return status


def failing(out: str) -> str | None:
    """The test that failed."""
    found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", out, re.MULTILINE)
    return found[1] if found else None


def because(status: int, out: str) -> str:
    """What killed a mutant."""
    if status < 0:
        return "the limit of time"
    found = re.search(r"^(?:FAILED|ERROR) (\S+)(?: - (.*))?", out, re.MULTILINE)
    if found:
        late = " (does not end)" if "does not end" in (found[2] or "") else ""
        return found[1].split("/")[-1] + late
    return (out.strip().splitlines() or ["no start"])[-1][:100]


def drawn(count: int, seed: int, only: str, again: str) -> dict[str, list[Mutant]]:
    """Mutants of each group: as many of each, the same chance for each of its modules."""
    chance = random.Random(seed)
    found: dict[str, list[Mutant]] = {}
    texts = {}
    wanted = set(
        re.findall(
            r"(?:SURVIVED|not met) .*?(spikesim/\S+): (.*)  ->  (.*?)  \|", Path(again).read_text() if again else ""
        )
    )
    for group in GROUPS:
        piles = []
        for path in group_of(group):
            text = texts[path] = (ROOT / path).read_text(encoding="utf-8")
            pile = [m for m in mutants(path, text) if (path, *stripped(m, text)) not in EQUIVALENT]
            if again:
                pile = [m for m in pile if (f"{path}:{m.line}", *stripped(m, text)) in wanted]
            if only == group or (only in path and only not in GROUPS):
                chance.shuffle(pile)
                piles.append(pile)
        chance.shuffle(piles)
        each: list[Mutant] = []
        most = -(-count // len(GROUPS)) if not only else count
        while any(piles) and len(each) < most:
            for pile in piles:
                if pile and len(each) < most:
                    each.append(pile.pop())
        found[group] = each
    return found


def stripped(mutant: Mutant, text: str) -> tuple[str, str]:
    """The line as it stands and as it becomes, without what is before them."""
    old, new = mutant.of(text)
    return old.strip(), new.strip()


def main() -> int:
    """Draw, try, count; return 0 if at least 95 of 100 were killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=200, help="how many are drawn (200)")
    parser.add_argument("--seed", type=int, default=1, help="which (1)")
    parser.add_argument("--only", default="", help="modules whose path holds this, or a group")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a mutant is killed (300)")
    parser.add_argument("--compiled", action="store_true", help="try what survives in plain Python on compiled tests")
    parser.add_argument("--named", action="store_true", help="those of NAMED")
    parser.add_argument("--again", default="", help="an earlier output: its survivors")
    parser.add_argument("--folder", default="", help="where the copy and what is known of tests are kept")
    parser.add_argument("--list", action="store_true", help="print them and stop")
    given = parser.parse_args()
    found = drawn(given.count, given.seed, given.only, given.again)
    texts = {m.path: (ROOT / m.path).read_text(encoding="utf-8") for each in found.values() for m in each}
    if given.named:
        found = {group: [] for group in GROUPS}
        for _, path, old, new, which in NAMED:
            texts[path] = (ROOT / path).read_text(encoding="utf-8")
            group = next(g for g in GROUPS if path in group_of(g))
            found[group].append(by_text(path, old, new, which, texts[path]))
    table: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # of this process, whose children are the plain runs
    for name in SHARED.split():
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as scratch:
        place = Place(Path(given.folder or scratch), given.limit)
        for group, each in found.items():
            if each and not given.list and not given.again and not given.named:
                place.record(group)
            for k, mutant in enumerate(each, 1):
                old, new = stripped(mutant, texts[mutant.path])
                what = f"{mutant.path}:{mutant.line}: {old}  ->  {new}  |"
                if given.list:
                    print(f"{mutant.kind:10} {what}")
                    continue
                begin = time.perf_counter()
                fate, by = place.tried(mutant, given.compiled)
                table[group][fate] += 1
                print(f"{k:4} {fate:8} {time.perf_counter() - begin:5.0f} s  {what}  {by}", flush=True)
    if given.list:
        return 0
    print(f"\n{'':16} tried killed")
    for group, fates in table.items():
        print(f"{group:16} {sum(fates.values()):5} {fates['killed']:6}")
    tried, killed = sum(sum(f.values()) for f in table.values()), sum(f["killed"] for f in table.values())
    print(f"{'all':16} {tried:5} {killed:6}")
    return 0 if killed >= 0.95 * tried else 1


if __name__ == "__main__":
    raise SystemExit(main())
