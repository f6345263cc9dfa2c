"""The house: a room imports only from the rooms above it.  Truth: the imports themselves, read from the syntax trees.

Two kinds of import may point the other way:

- under ``if TYPE_CHECKING:``, because it is never executed;
- methods of a network that are carried out above it, inside the function (UPWARD below): ``run``, ``to_sonata``.
"""

from __future__ import annotations

import subprocess
import sys

from source_tree import FILES, PACKAGE, Import, imports, room, short

#: From the foundations up: nothing in a line may import from its own line (but for its own room) or from a later one.
ROOMS = [
    ["blas", "docstrings", "frames", "glossary", "html", "units"],
    ["errors"],
    ["kinds"],
    ["failures"],
    ["keywords", "machine", "optional", "plausibility", "scalars"],
    ["files"],
    ["export"],
    ["jit"],
    ["grid", "random", "trains"],
    ["neurons"],
    ["synapses", "plasticity"],
    ["record"],
    ["network"],
    ["program"],
    ["engine"],
    ["testing"],
    ["runs"],
    ["analysis"],
    ["plot"],
    ["report"],
    ["published"],
    ["learn"],
    ["formats", "pynn"],
    ["completion", "destination", "doctor", "repeat", "warmup"],
    ["cli"],
]
HEIGHT = {name: height for height, names in enumerate(ROOMS) for name in names}
DOORS = {"__init__.py", "__main__.py"}  # they show the rooms and belong to none

#: (file, room): deferred imports that point upwards on purpose.
UPWARD = {("network/network.py", "engine"), ("network/exported.py", "formats")}

#: Who may import matplotlib, and that only to draw.
DRAWS = ("plot/", "report/figures.py", "learn/plots.py")


def of_the_house(file: str) -> bool:
    return file not in DOORS


def every_import() -> list[Import]:
    return [found for file in FILES if of_the_house(short(file)) for found in imports(file)]


def points_up(found: Import) -> bool:
    here, there = found.file.split("/")[0].removesuffix(".py"), room(found.module)
    return here != there and bool(there) and HEIGHT[there] >= HEIGHT[here]


def test_every_room_has_a_height() -> None:
    """A new room must be given a place before anything else."""
    found = {short(file).split("/")[0].removesuffix(".py") for file in FILES if of_the_house(short(file))}
    assert found == set(HEIGHT)


def test_the_walk_sees_imports() -> None:
    """A walk that finds nothing would pass: it sees plain, relative, deferred and guarded imports."""
    found = every_import()
    assert len(found) > 300
    seen = {(i.file, i.module, i.deferred, i.typing) for i in found}
    assert ("network/network.py", "spikesim.engine.simulation", True, False) in seen
    assert ("network/projection.py", "spikesim.network.checked", False, False) in seen
    assert ("network/projection.py", "spikesim.network.network", False, True) in seen


def test_imports_point_down() -> None:
    """No room knows those that stand on it."""
    wrong = [
        f"{i.file}:{i.line} imports {i.module}"
        for i in every_import()
        if i.module.startswith("spikesim.")
        and points_up(i)
        and not i.typing
        and not (i.deferred and (i.file, room(i.module)) in UPWARD)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_exception_is_needed() -> None:
    """UPWARD lists nothing that is not there any more."""
    used = {(i.file, room(i.module)) for i in every_import() if i.module.startswith("spikesim.") and i.deferred}
    assert used >= UPWARD


def test_nobody_imports_the_door() -> None:
    """`import spikesim` inside the package would be a circle; the number of the version is the one thing to fetch."""
    wrong = [f"{i.file}:{i.line}" for i in every_import() if i.module == "spikesim" and not i.deferred]
    assert not wrong


def test_only_plots_draw() -> None:
    """matplotlib stays in the rooms that draw."""
    wrong = [
        f"{i.file}:{i.line}"
        for i in every_import()
        if i.module.split(".")[0] == "matplotlib" and not i.typing and not i.file.startswith(DRAWS)
    ]
    assert not wrong, "\n".join(wrong)


def test_import_is_light() -> None:
    """`import spikesim` alone loads nothing that takes longer than the rest (Numba itself loads the door of SciPy)."""
    heavy = ("scipy.linalg", "scipy.sparse", "scipy.special", "scipy.stats", "h5py", "matplotlib", "tqdm")
    code = f"import sys, spikesim; sys.exit(', '.join(m for m in {heavy} if m in sys.modules) or 0)"
    run = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_run_in_memory_is_light() -> None:
    """A network without Poisson processes that records into memory waits neither for h5py nor for special functions."""
    code = (
        "import sys, spikesim as ss; net = ss.Network(seed=1); "
        "net.record(net.population('cells', 5, ss.LIF(I_e=500.0)), 'spikes'); net.run(10.0, progress=False); "
        "sys.exit(', '.join(m for m in ('h5py', 'scipy.special', 'matplotlib') if m in sys.modules) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
