"""Every argument of a public call, replaced by values that it cannot be: what the package answers.

A docstring's example is run with its calls intercepted.  At the first call of what is audited the process forks: a
child makes the call with one argument replaced and, where that is taken, runs the example to its end.  So nothing that
a bad value does outlives its child, and the valid calls are those that the reference shows.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import inspect
import io
import json
import linecache
import os
import shutil
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from forked import listen, spawn, tell
from test_docstrings import FOUND

from spikesim.docstrings import sections
from spikesim.errors import MissingPackageError, SpikesimError

#: What is called with the engine's own arguments in loops that check nothing, or says what is wrong, or is a contract.
KERNELS = {
    "slope", "margin", "reset", "rest", "flow", "hazard", "observe", "input", "jump", "rows_of", "on_spike", "on_pre",
    "on_post", "on_step", "active", "breaks", "on_grid", "pieces", "range", "averaged", "listed", "blocks", "update",
    "require_unchanged", "kept", "gradient", "counts", "each", "h_inf", "m_inf", "n_inf", "tau_h", "tau_m", "tau_n",
    "require_idle", "derivatives", "check", "inspect",
}  # fmt: skip
#: The seconds that a call has.
LIMIT = 20.0
#: The bytes that it has.
MEMORY = 8 << 30


def bad() -> dict[str, Any]:
    """Values of which hardly any argument takes more than a few."""
    return {
        "nan": float("nan"), "inf": float("inf"), "-1": -1, "0": 0, "1.5": 1.5, "True": True, "None": None, "'a'": "a",
        "''": "", "[]": [], "[1, 2]": [1.0, 2.0], "4 x 4": np.ones((4, 4)), "1j": 1j,
        "objects": np.array([object(), "x"], object), "a function": lambda *a: 1.0, "a dict": {"a": 1},
        "1e300": 1e300, "10**18": 10**18, "10**400": 10**400,
        "empty": np.zeros(0), "ragged": [[1.0, 2.0], [3.0]], "nans": np.array([np.nan] * 3), "an object": object(),
        "a set": {1.0, 2.0}, "bytes": b"a",
    }  # fmt: skip


def good(value: Any) -> dict[str, Any]:
    """The same value as NumPy, a file or another machine would hand it over."""
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "iuf":
        locked = value.copy()
        locked.flags.writeable = False
        return {
            "read-only": locked,
            "big-endian": value.astype(value.dtype.newbyteorder(">")),
            "strided": np.repeat(value, 2, axis=-1)[..., ::2],
            "Fortran": np.asfortranarray(value),
        }
    if isinstance(value, bool):
        return {"np.bool_": np.bool_(value)}
    if isinstance(value, int) and abs(value) < 2**31:
        return {"np.int64": np.int64(value), "np.int32": np.int32(value)}
    if isinstance(value, float):
        return {"np.float64": np.float64(value), "np.float32": np.float32(value)}
    return {"np.str_": np.str_(value)} if isinstance(value, str) else {}


def nans(x: Any, depth: int = 0) -> int:
    """How many NaN are in what a call returned."""
    if isinstance(x, (float, np.floating)):
        return int(x != x)
    if isinstance(x, np.ndarray):
        return int(np.isnan(x).sum()) if x.dtype.kind == "f" else 0
    if isinstance(x, dict):
        inside: Any = x.values()
    elif isinstance(x, (list, tuple)):
        inside = x
    else:
        inside = list(vars(x).values()) if hasattr(x, "__dict__") and not inspect.isroutine(x) else []
    return sum(nans(value, depth + 1) for value in inside) if depth < 4 else 0


class Audit:
    """The calls whose full names are wanted, and what went wrong in them: (call, argument, value, what)."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self.open = {id(p.value): p.name for p in FOUND.values() if wanted(p.name)}
        self.calls = self.arguments = 0
        self.seen: list[str] = []
        self.faults: list[tuple[str, str, str, str]] = []
        self.quiet, self.usual = True, ""  # what is said of the valid call itself
        self.child: dict[str, Any] | None = None

    def run(self) -> None:
        """Run the examples that call what is wanted; each once before, so that children compile nothing."""
        texts: dict[str, list[str]] = {}
        for public in FOUND.values():
            texts.setdefault(sections(public.text).get("Examples", ""), []).append(public.name)
        names = set(self.open.values())
        for text, shown in texts.items():
            if not names.isdisjoint(shown):
                for self.quiet in (True, False):
                    with tempfile.TemporaryDirectory() as folder:
                        os.chdir(folder)
                        self.example(text)
                        os.chdir(folder + "/..")

    def example(self, text: str) -> None:
        scope = {"__name__": "__main__", "__call": self.call}
        failed: BaseException | None = None
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for k, piece in enumerate(doctest.DocTestParser().get_examples(text)):
                    file = f"<example {k} {hash(text)}>"  # equations are read from their source
                    linecache.cache[file] = (len(piece.source), None, piece.source.splitlines(True), file)
                    for statement in ast.parse(piece.source, file).body:
                        tree = ast.fix_missing_locations(Intercept().visit(ast.Interactive([statement])))
                        exec(compile(tree, file, "single"), scope)
        except BaseException as error:
            failed = error
        if self.child is not None:
            self.tell(self.child["value"], of(failed, later=True) if failed else "")
            os._exit(0)
        if failed is not None and not isinstance(failed, MissingPackageError):
            raise failed

    def call(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """What the example calls, intercepted; folders that it makes are in that of the child, which is a copy."""
        if function is tempfile.TemporaryDirectory or function is tempfile.mkdtemp:
            os.makedirs(place := f"place {len(os.listdir())}")
            return contextlib.nullcontext(place) if function is tempfile.TemporaryDirectory else place
        name = self.open.get(id(getattr(function, "__func__", function)))
        if self.child is not None or self.quiet or name is None:
            return function(*args, **kwargs)
        del self.open[id(getattr(function, "__func__", function))]
        self.seen.append(name)
        trials = list(variants(function, args, kwargs))
        self.arguments += len({argument for argument, *_ in trials}) - 1
        self.calls += len(trials)
        while trials:
            trials = self.fork(name, function, trials)
            if self.child is not None:
                return self.child["result"]
        return function(*args, **kwargs)

    def fork(self, name: str, function: Any, trials: list[Any]) -> list[Any]:
        """Try values in a child until one is taken; return those that are left."""
        child, pipe = spawn(MEMORY)
        if child == 0:
            self.in_child(function, trials, pipe)
            return []
        said, _ = listen(child, pipe, LIMIT)
        for k, what in said.items():
            self.note(name, trials[k], what)
        # a child ends with the first value that is taken
        return trials[max(said, default=len(trials)) + 1 :]

    def note(self, name: str, trial: Any, what: str) -> None:
        argument, value, *_ = trial
        if not argument:
            self.usual = what
        if what and argument and not (what == self.usual and what.endswith("NaN")):
            self.faults.append((name, argument, value, what))

    def in_child(self, function: Any, trials: list[Any], pipe: int) -> None:
        shutil.copytree(os.getcwd(), own := tempfile.mkdtemp(dir=os.getcwd() + "/.."), dirs_exist_ok=True)
        os.chdir(own)
        for k, (_, value, valid, args, kwargs) in enumerate(trials):
            self.child = {"value": k, "pipe": pipe}
            tell(pipe, k)
            try:
                with warnings.catch_warnings(record=True) as said:
                    warnings.simplefilter("always")
                    result = function(*args, **kwargs)
            except BaseException as error:
                self.tell(k, f"{value} is refused: {error}"[:200] if valid is True else of(error))
                continue
            heard = [str(w.message) for w in said if issubclass(w.category, RuntimeWarning)]
            numbers = [f"it warns: {words}" for words in heard if "figures" not in words]
            made = nans(result) if valid is not True and "nan" not in value else 0
            self.child |= {"result": result, "so far": numbers[0] if numbers else f"{made} NaN" if made else ""}
            return
        os._exit(0)

    def tell(self, k: int, what: str) -> None:
        assert self.child is not None
        tell(self.child["pipe"], k, self.child.get("so far") or what)


def of(error: BaseException, later: bool = False) -> str:
    """What is wrong about an error: nothing where it is the package's own, or the example's."""
    if isinstance(error, SpikesimError):
        return ""
    inside = [f for f in traceback.extract_tb(error.__traceback__) if f"{os.sep}spikesim{os.sep}" in f.filename]
    if later and not inside:
        return ""
    if isinstance(error, AssertionError) and inside and f"{os.sep}testing{os.sep}" in inside[-1].filename:
        return ""  # how a battery says that what it was given does not hold
    at = f" at {os.path.basename(inside[-1].filename)}:{inside[-1].lineno}" if inside else ""
    return f"{'later ' if later else ''}{type(error).__name__}: {error}{at}"[:200]


def variants(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Yield (argument, value in words, whether it must work, args, kwargs), first the valid call itself."""
    yield "", "as it is", None, args, kwargs
    try:
        form = inspect.signature(function).parameters
    except ValueError:
        return
    placed = [p.name for p in form.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    slots: list[tuple[str, Any, Any]] = []
    for k, value in enumerate(args):
        slots.append((placed[k] if k < len(placed) else f"*{k}", value, k))
    slots += [(key, value, key) for key, value in kwargs.items()]
    given = {name for name, _, _ in slots}
    slots += [
        (p.name, p.default, p.name)
        for p in form.values()
        if p.name not in given and p.default is not p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    for name, value, at in slots:
        for valid, values in ((False, bad()), (True, good(value))):
            for words, other in values.items():
                if isinstance(at, int):
                    yield name, words, valid, (*args[:at], other, *args[at + 1 :]), kwargs
                else:
                    yield name, words, valid, args, {**kwargs, at: other}


class Intercept(ast.NodeTransformer):
    """f(x) becomes __call(f, x), outside functions and classes: those are compiled."""

    def visit_FunctionDef(self, node: Any) -> Any:
        return node

    visit_ClassDef = visit_Lambda = visit_FunctionDef

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        called = ast.Call(ast.Name("__call", ast.Load()), [node.func, *node.args], node.keywords)
        return ast.copy_location(called, node)


def audited(prefixes: tuple[str, ...]) -> Audit:
    """Audit all public callables whose full names begin so, but for kernels and contracts."""
    sinks = ("MemorySink.", "HDF5Sink.", ".Sink.", ".errors.", ".docstrings.", "Release.", "Markram.")

    def wanted(name: str) -> bool:
        kernel = name.rpartition(".")[2] in KERNELS or any(part in name for part in sinks)
        return name.startswith(prefixes) and not kernel

    audit = Audit(wanted)
    audit.run()
    return audit


if __name__ == "__main__":
    found = audited(tuple(sys.argv[1:]))
    shown = {"seen": found.seen, "calls": found.calls, "arguments": found.arguments, "faults": found.faults}
    json.dump(shown, sys.stdout)
