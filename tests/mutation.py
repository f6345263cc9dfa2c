"""Do the tests bite?  Change one operator of a kernel or rule at a time, and see that the ordinary suite fails.

``python -m tests.mutation`` draws mutants of the modules named in MODULES, runs the tests named beside each on a copy
of the package that holds the one change, and prints a line a mutant: killed or survived, by what, in how many seconds.
``--count`` and ``--seed`` say which are drawn, ``--only`` whose path holds a text, ``--list`` only prints them.
Mutants that change nothing anybody could see stand in EQUIVALENT, each with its reason.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLOCK = (
    "tests/engine/test_stimuli.py tests/engine/test_synaptic_input.py tests/engine/clock "
    "tests/engine/test_naive_twin.py"
)
EVENT = (
    "tests/engine/test_event_exact.py tests/engine/test_event_moves.py tests/engine/event "
    "tests/engine/test_event_nonlinear.py"
)
PLASTIC = "tests/plasticity/test_closed_form.py tests/plasticity/test_sums.py tests/plasticity/test_rules.py"
LEARN = (
    "tests/learn/test_rules.py tests/learn/test_derivatives.py tests/learn/test_layers.py tests/learn/test_losses.py"
)
HASHES = " tests/engine/test_hashes.py"

#: Module -> the tests that are about it, the quickest first.
MODULES = {
    "spikesim/engine/clock/refractory.py": CLOCK + HASHES,
    "spikesim/engine/clock/fused.py": CLOCK + HASHES,
    "spikesim/engine/clock/threshold.py": CLOCK + HASHES,
    "spikesim/engine/clock/poisson.py": "tests/engine/clock/test_poisson.py " + CLOCK + HASHES,
    "spikesim/engine/clock/deliver.py": CLOCK + HASHES,
    "spikesim/engine/clock/listed.py": "tests/engine/clock/test_listed.py " + CLOCK + HASHES,
    "spikesim/engine/clock/sample.py": "tests/engine/test_recording.py " + CLOCK + HASHES,
    "spikesim/engine/clock/synaptic.py": CLOCK + " tests/synapses" + HASHES,
    "spikesim/engine/clock/release.py": "tests/engine/test_release.py" + HASHES,
    "spikesim/engine/clock/plastic.py": PLASTIC + HASHES,
    "spikesim/engine/event/leaky.py": EVENT + HASHES,
    "spikesim/engine/event/crossing.py": EVENT + HASHES,
    "spikesim/engine/event/deliver.py": EVENT + HASHES,
    "spikesim/engine/event/flow.py": EVENT + HASHES,
    "spikesim/engine/event/queue.py": "tests/engine/event/test_queue.py " + EVENT + HASHES,
    "spikesim/engine/event/release.py": "tests/engine/test_release.py" + HASHES,
    "spikesim/engine/event/plastic.py": "tests/plasticity/test_event.py" + HASHES,
    "spikesim/learn/train/optim.py": "tests/learn/test_optim.py tests/learn/test_updates.py",
    "spikesim/learn/layers/losses.py": LEARN,
    "spikesim/random.py": "tests/engine/test_seeds.py tests/network" + HASHES,
}

#: (path, the line as it stands, what it becomes): why nobody can see the difference.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "spikesim/engine/event/crossing.py",
        "far = (after - t) * c.a > FAR",
        "far = (after - t) / c.a > FAR",
    ): "how far a step must lead for the next estimate to be put off: the crossing that is found is the same",
}

COMPARE = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="}
BINARY = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.LShift: ">>",
    ast.RShift: "<<",
}
SPELT = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Add: "+",
         ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.LShift: "<<", ast.RShift: ">>"}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change of one line of a module."""

    path: str
    line: int
    begin: int
    end: int
    new: str

    def of(self, text: str) -> tuple[str, str]:
        """The line as it stands, and as it becomes."""
        old = text.splitlines()[self.line - 1]
        return old, old[: self.begin] + self.new + old[self.end :]

    def applied(self, text: str) -> str:
        """The module with the change."""
        lines = text.splitlines(keepends=True)
        old, new = self.of(text)
        lines[self.line - 1] = lines[self.line - 1].replace(old, new)
        return "".join(lines)


def mutants(path: str) -> Iterator[Mutant]:
    """Every change of an operator, a constant or an update inside a function of a module."""
    text = (ROOT / path).read_text(encoding="utf-8")
    lines = text.splitlines()
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef) or function.name.startswith("__"):
            continue
        for statement in function.body:
            for node in ast.walk(statement):
                yield from _of_node(path, lines, node)


def _between(path: str, lines: list[str], a: ast.expr, b: ast.expr, old: str, new: str) -> Iterator[Mutant]:
    """The operator between two operands that stand on one line."""
    if a.end_lineno != b.lineno:
        return
    found = re.search(re.escape(old), lines[b.lineno - 1][a.end_col_offset : b.col_offset])
    if found:
        begin = a.end_col_offset + found.start()
        yield Mutant(path, b.lineno, begin, begin + len(old), new)


def _of_node(path: str, lines: list[str], node: ast.AST) -> Iterator[Mutant]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARE:
        kind = type(node.ops[0])
        yield from _between(path, lines, node.left, node.comparators[0], SPELT[kind], COMPARE[kind])
    elif isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        yield from _between(path, lines, node.left, node.right, SPELT[type(node.op)], BINARY[type(node.op)])
    elif isinstance(node, ast.BoolOp):
        both = isinstance(node.op, ast.And)
        old, new = ("and", "or") if both else ("or", "and")
        yield from _between(path, lines, node.values[0], node.values[1], old, new)
    elif isinstance(node, ast.AugAssign) and type(node.op) in BINARY:
        old = SPELT[type(node.op)] + "="
        for new in ("=", BINARY[type(node.op)] + "="):
            yield from _between(path, lines, node.target, node.value, old, new)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.lineno == node.end_lineno:
        new = repr(node.value + 1) if node.value else "1" if isinstance(node.value, int) else "1.0"
        yield Mutant(path, node.lineno, node.col_offset, node.end_col_offset or 0, new)


def bounded() -> None:
    """A mutant may ask for all memory there is: it gets 8 GiB (POSIX)."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))


def tried(mutant: Mutant, limit: float) -> tuple[bool, str, float]:
    """Run the tests of a mutant in a copy of the package; return whether they failed, where, and the seconds."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
        for name in ("spikesim", "tests", "examples"):
            shutil.copytree(ROOT / name, copy / name, ignore=ignore)
        shutil.copy(ROOT / "setup.cfg", copy)
        shutil.copy(ROOT / "pyproject.toml", copy)
        file = copy / mutant.path
        file.write_text(mutant.applied(file.read_text(encoding="utf-8")), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": folder, "NUMBA_CACHE_DIR": str(copy / "cache")}
        tests = [test for test in MODULES[mutant.path].split() if (copy / test).exists()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        try:
            run = subprocess.run(
                command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=limit,
                preexec_fn=bounded if os.name == "posix" else None,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return True, "does not end", time.perf_counter() - begin
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
    by = found[1].split("/")[-1] if found else run.stdout.strip().splitlines()[-1] if run.stdout.strip() else "no start"
    return run.returncode != 0, by if run.returncode else "", time.perf_counter() - begin


def main() -> int:
    """Draw, try, count; return 0 if at least 95 of 100 were killed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=200, help="how many are drawn (200)")
    parser.add_argument("--seed", type=int, default=1, help="which (1)")
    parser.add_argument("--only", default="", help="modules whose path holds this")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which a mutant is killed (900)")
    parser.add_argument("--list", action="store_true", help="print them and stop")
    given = parser.parse_args()
    drawn = sorted({m for path in MODULES if given.only in path for m in mutants(path)}, key=repr)
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in MODULES}
    drawn = [m for m in drawn if (m.path, *(x.strip() for x in m.of(texts[m.path]))) not in EQUIVALENT]
    drawn = random.Random(given.seed).sample(drawn, min(given.count, len(drawn)))
    killed = 0
    for k, mutant in enumerate(drawn, 1):
        old, new = (x.strip() for x in mutant.of(texts[mutant.path]))
        what = f"{mutant.path}:{mutant.line}: {old}  ->  {new}"
        if given.list:
            print(what)
            continue
        dead, by, seconds = tried(mutant, given.limit)
        killed += dead
        print(f"{k:4} {'killed  ' if dead else 'SURVIVED'} {seconds:5.0f} s  {what}  {by}", flush=True)
    if not given.list:
        print(f"{killed} of {len(drawn)} killed")
    return 0 if given.list or killed >= 0.95 * len(drawn) else 1


if __name__ == "__main__":
    raise SystemExit(main())
