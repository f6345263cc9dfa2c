"""The compile cache, whatever happened to it.  Truth: the value a function has, and whether it was compiled again."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from source_tree import FILES, parsed, room, short

from spikesim.jit import JIT, cache

pytestmark = pytest.mark.skipif(not JIT, reason="nothing is compiled")

#: Prints the value, and how often it came from the cache.
PROGRAM = """
import sys, warnings
warnings.simplefilter("always")
import numpy as np
from spikesim.jit import compiled

def made(factor):
    @compiled
    def scaled(x, k):
        total = 0.0
        for i in range(k):
            total += factor * x[i]
        return total
    return scaled

loop = made(float(sys.argv[1]))
try:
    value = loop(np.ones(3), int(sys.argv[2]))
except IndexError:
    value = "IndexError"
print(value, sum(loop.stats.cache_hits.values()))
"""


class Place:
    """A program, its cache, and how to run it."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.program = folder / "program.py"
        self.program.write_text(PROGRAM)

    def start(self, *arguments: Any, options: tuple[str, ...] = (), **environment: str) -> subprocess.Popen[str]:
        env = os.environ | {"NUMBA_CACHE_DIR": str(self.cache)} | environment
        command = [sys.executable, *options, str(self.program), *map(str, arguments or (2.0, 3))]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)

    def run(self, *arguments: Any, **how: Any) -> tuple[str, int, str]:
        """Value, hits of the cache, what was said on stderr."""
        child = self.start(*arguments, **how)
        out, err = child.communicate(timeout=120)
        assert child.returncode == 0, err
        value, hits = out.split()
        return value, int(hits), err

    @property
    def files(self) -> list[Path]:
        return sorted(self.cache.rglob("*.nbc"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_kept_and_found(place: Place) -> None:
    assert place.run() == ("6.0", 0, "")
    assert place.run() == ("6.0", 1, "")
    assert len(place.files) == 1 and not list(place.cache.rglob("*.nbi"))


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "foreign"])
def test_damaged(place: Place, damage: str) -> None:
    """Compiled again, with one warning; whole from then on."""
    place.run()
    (file,) = place.files
    data = bytearray(file.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 1
    file.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "flipped": data, "foreign": b"x" * 1000}[damage])
    value, hits, said = place.run()
    assert (value, hits) == ("6.0", 0) and said.count("SpikesimWarning") == 1
    assert f"{file} is damaged; compiled again" in said
    assert place.run() == ("6.0", 1, "")


def planted(place: Place) -> Path:
    """Put code where the cache looks; returns the file that it would make."""
    place.run()
    (file,) = place.files
    trace = place.cache.parent / "executed"
    program = (
        "import sys; from pathlib import Path; import hashlib, pickle\n"
        "class Evil:\n    def __reduce__(self): return (open, (sys.argv[2], 'w'))\n"
        "data = pickle.dumps(Evil()); Path(sys.argv[1]).write_bytes(data + hashlib.sha256(data).digest())"
    )
    subprocess.run([sys.executable, "-c", program, str(file), str(trace)], check=True)
    return trace


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("who", ["everybody", "a group", "above"])
def test_where_others_may_write_nothing_is_executed(place: Place, who: str) -> None:
    trace = planted(place)
    (file,) = place.files
    file.parent.chmod({"everybody": 0o777, "a group": 0o775, "above": 0o755}[who])
    if who == "above":
        place.cache.chmod(0o777)
    value, hits, said = place.run()
    assert (value, hits) == ("6.0", 0) and not trace.exists()
    assert said.count("SpikesimWarning") == 1 and "is not used, because what stands there is executed" in said
    file.parent.chmod(0o755)
    place.cache.chmod(0o755)
    place.run()
    assert trace.exists()  # it was really there to be executed


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only the superuser gives files away")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_of_another_user(place: Place, what: str) -> None:
    trace = planted(place)
    (file,) = place.files
    os.chown(file if what == "file" else file.parent, 65534, 65534)
    value, hits, said = place.run()
    assert (value, hits) == ("6.0", 0) and not trace.exists() and "belongs to user 65534" in said


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_made_for_nobody_else(place: Place) -> None:
    """A generous umask does not open the cache to a group."""
    before = os.umask(0o002)
    try:
        assert place.run()[1] == 0 and place.run()[1:] == (1, "")
    finally:
        os.umask(before)
    for folder in {file.parent for file in place.files}:
        assert not stat.S_IMODE(folder.stat().st_mode) & 0o022


def test_no_room(place: Place) -> None:
    """A limit on the size of files, as on a full disk: nothing is kept, nothing is lost, nothing is left."""
    pytest.importorskip("resource")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))\n"
    place.program.write_text(limit + PROGRAM)
    assert place.run()[:2] == ("6.0", 0) and place.run()[:2] == ("6.0", 0)
    assert not [f for f in place.cache.rglob("*") if f.is_file()]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only(place: Place) -> None:
    place.cache.mkdir(mode=0o500)
    assert place.run()[:2] == ("6.0", 0)


def test_many_processes_at_once(place: Place) -> None:
    """Two models share a name and a line; each process gets its own, and all is found afterwards."""
    factors = [2.0, 5.0] * 3
    children = [place.start(factor, 3) for factor in factors]
    for factor, child in zip(factors, children):
        out, err = child.communicate(timeout=180)
        assert child.returncode == 0 and out.split()[0] == f"{3 * factor}", err
    assert place.run(2.0, 3) == ("6.0", 1, "") and place.run(5.0, 3) == ("15.0", 1, "")
    assert len(place.files) == 2


def test_checked_bounds_have_loops_of_their_own(place: Place) -> None:
    place.run()
    assert place.run(2.0, 5, NUMBA_BOUNDSCHECK="1")[:2] == ("IndexError", 0)
    assert place.run(2.0, 5, NUMBA_BOUNDSCHECK="1")[:2] == ("IndexError", 1)
    assert place.run()[:2] == ("6.0", 1)
    assert place.run(options=("-O",))[:2] == ("6.0", 0) and place.run(options=("-O",))[:2] == ("6.0", 1)


def test_an_older_source_is_forgotten(place: Place) -> None:
    place.run()
    place.program.write_text(PROGRAM.replace("total = 0.0", "total = 1.0"))
    assert place.run()[:2] == ("7.0", 0) and len(place.files) == 1


NETWORK = """
import spikesim as ss
net = ss.Network(seed=1)
cells = net.population("cells", 20, ss.LIF(I_e=500.0))
net.connect(cells, cells, ss.fixed_indegree(3), weight=20.0, delay=1.0, synapse=ss.Exponential(2.0))
net.record(cells, "spikes")
print(len(net.run(50.0, threads=1).spikes["cells"]), len(net.run(50.0, threads=1, engine="event").spikes["cells"]))
"""


@pytest.mark.slow
def test_a_network_under_every_interpreter_option() -> None:
    counts = set()
    for options, environment in (((), {}), (("-O",), {}), ((), {"NUMBA_BOUNDSCHECK": "1"})):
        run = subprocess.run(
            [sys.executable, *options, "-c", NETWORK],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert run.returncode == 0, run.stderr
        counts.add(run.stdout)
    assert len(counts) == 1 and int(counts.pop().split()[0]) > 50


DECORATORS = {"compiled", "inlined", "part_of"}


def test_a_loop_is_made_again_when_anything_changes_that_it_has_compiled_in() -> None:
    """Truth: the syntax trees: what a loop reads from other files stands in rooms that are in its stamp."""
    wrong, seen = [], set()
    for file in FILES:
        tree = parsed(file)
        loops = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            and any(isinstance(d, ast.Name) and d.id in DECORATORS for d in node.decorator_list)
        ]
        read = {n.id for loop in loops for n in ast.walk(loop) if isinstance(n, ast.Name)}
        parts = ("spikesim", *short(file).split("/")[:-1])
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.level and read & {(a.asname or a.name) for a in node.names}:
                module = ".".join((*parts[: len(parts) - node.level + 1], *filter(None, [node.module])))
                seen.add((own := cache._room(str(file)), theirs := room(module + ".x")))
                if theirs not in (*cache._COMPILED, own) and f"{module[9:].replace('.', '/')}.py" not in cache._FILES:
                    wrong.append(f"{short(file)} reads from {module}")
    assert not wrong
    assert {("engine", "jit"), ("learn", "learn"), ("engine", "random")} <= seen
    stamps = {name: cache._source_stamp(name) for name in ("", "engine", "learn", "analysis")}
    assert stamps[""] == stamps["engine"] and len({stamps[n] for n in ("engine", "learn", "analysis")}) == 3
    assert cache._room(__file__) == "" and cache._room(str(FILES[0].parent / "random.py")) == ""
