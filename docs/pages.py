"""Pages that are made: the reference from the public names, the gallery from the examples, the root's own pages."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
from pathlib import Path

from spikesim.glossary import ELSEWHERE

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
MADE = DOCS / "made"

#: Rooms of the reference, with what is said about them.
ROOMS = {
    "spikesim": "What a script imports as `ss`",
    "spikesim.neurons": "Neurons",
    "spikesim.synapses": "Synapses",
    "spikesim.plasticity": "Plasticity",
    "spikesim.record": "Recording and files",
    "spikesim.runs": "Many runs",
    "spikesim.analysis": "Analysis",
    "spikesim.plot": "Plots",
    "spikesim.published": "Networks of the literature",
    "spikesim.learn": "Training",
    "spikesim.errors": "Errors and warnings",
    "spikesim.testing": "Contracts for what you make yourself",
}

#: Examples that take some seconds.
QUICK = ("tuning_curve", "weight_matrix", "own_model", "psc_filters", "hodgkin_huxley_and_lif", "tolerance",
         "astrocyte", "brette_guigon", "brunel_hakim", "rossant")  # fmt: skip

#: Files of the repository that are pages of the site.
PAGES = {
    "CHANGELOG.md": "made/changelog.md",
    "CONTRIBUTING.md": "made/contributing.md",
    "SECURITY.md": "made/security.md",
    "CODE_OF_CONDUCT.md": "made/conduct.md",
    "benchmarks/README.md": "made/benchmarks.md",
    "tests/against/README.md": "made/against.md",
    "README.md": "index.md",
    "examples": "made/gallery/index.rst",
}


def make() -> None:
    """Write all of them."""
    for file, page in PAGES.items():
        if page.startswith("made/") and file.endswith(".md"):
            write(DOCS / page, linked((ROOT / file).read_text(encoding="utf-8"), ROOT / file, DOCS / page))
    _reference()
    _examples()


def write(path: Path, text: str) -> None:
    """Write a file where it says something new: what has not changed is not built again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def linked(text: str, file: Path, page: Path | None = None) -> str:
    """Return a page's text whose links lead to pages of the site; other files of the repository are only named."""
    page = page or file

    def turned(found: re.Match[str]) -> str:
        mark, name, target = found[1], found[2], found[3]
        path, _, anchor = target.partition("#")
        if "://" in target or not path:
            return found[0]
        whole = (file.parent / path).resolve()
        if not whole.exists() or ROOT not in whole.parents:
            return found[0]
        inside = whole.relative_to(ROOT).as_posix()
        if inside in PAGES:
            whole = DOCS / PAGES[inside]
        elif DOCS not in whole.parents:
            return name if name.startswith("`") else f"`{inside}`"
        there = Path(os.path.relpath(whole, page.parent)).as_posix()
        return f"{mark}[{name}]({there}{'#' + anchor if anchor else ''})"

    return re.sub(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", turned, text)


def _reference() -> None:
    """A page a room, a page a name: where a name is shown by several rooms, in the first of them."""
    pages: dict[int, str] = {}
    for room, title in ROOMS.items():
        module = importlib.import_module(room)
        kinds: dict[str, list[str]] = {"Modules": [], "Classes": [], "Functions": [], "Constants": []}
        for name in sorted(module.__all__, key=str.lower):
            value = getattr(module, name)
            if inspect.ismodule(value):
                kinds["Modules"].append(name)
            elif inspect.isclass(value):
                kinds["Classes"].append(name)
            else:
                kinds["Functions" if callable(value) else "Constants"].append(name)
        text = f"{title}\n{'=' * len(title)}\n\n.. currentmodule:: {room}\n\n"
        first = (inspect.getdoc(module) or "").split("\n\n")[0].split(":\n")[0]
        text += f"``{room}``\n\n{first}\n" if "::" not in first else f"``{room}``\n"
        for kind, names in kinds.items():
            if not names:
                continue
            text += f"\n{kind}\n{'-' * len(kind)}\n\n"
            if kind in ("Modules", "Constants"):
                text += "".join(f"- ``{name}``\n" for name in names)
            else:
                full = {name: f"{room}.{name}" for name in names}
                found = {name: pages.setdefault(id(getattr(module, name)), full[name]) for name in names}
                here = [name for name in names if found[name] == full[name]]
                other = sorted({page for name, page in found.items() if page != full[name]} - {*full.values()})
                there = [f"~{page}" for page in other]  # another name of the same room has its page already
                for options, listed in (("   :toctree: each\n", here), ("", there)):
                    if listed:
                        text += f".. autosummary::\n{options}   :nosignatures:\n\n"
                        text += "".join(f"   {name}\n" for name in listed) + "\n"
        write(MADE / "reference" / f"{room}.rst", text)
    for stub in (MADE / "reference" / "each").glob("*.rst"):  # of names that are gone, or have another page now
        if stub.stem not in pages.values():
            stub.unlink()
    rows = "".join(f"   * - ``{name}``\n     - {_literal(here)}\n" for name, here in sorted(ELSEWHERE.items()))
    title = "Names of other simulators"
    text = f"{title}\n{'=' * len(title)}\n\nWhat an error says, too, where one of these names is used.\n\n"
    text += f".. list-table::\n   :header-rows: 1\n\n   * - name\n     - here\n{rows}"
    write(MADE / "reference" / "elsewhere.rst", text)


def _literal(text: str) -> str:
    """Return a remark with what looks like code as code."""
    return re.sub(r"((?:ss|net|sim|result)\.[\w.]+(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?)", r"``\1``", text)


def _examples() -> None:
    """Copies of the examples with the headings that sphinx-gallery reads."""
    where = {
        "": ("Gallery", "A script a question; each runs as it is, with ``--quick`` in seconds to a minute."),
        "notes": ("The lecture notes", "The numbers and figures of the notes, chapter by chapter."),
        "from_papers": ("From papers", "Published models, each held to its paper's figures or to those of its code."),
    }
    for folder, (title, remark) in where.items():
        write(MADE / "examples" / folder / "GALLERY_HEADER.rst", f"{title}\n{'=' * len(title)}\n\n{remark}\n")
        for file in sorted((ROOT / "examples" / folder).glob("*.py")):
            write(MADE / "examples" / folder / file.name, _headed(file.read_text(encoding="utf-8")))


def _headed(source: str) -> str:
    """Return a script whose docstring is a heading, and the rest of it as it was typed."""
    text = ast.get_docstring(ast.parse(source)) or ""
    first, _, rest = text.partition("\n\n")
    title = " ".join(first.split()).rstrip(".")
    body = "\n\n".join(map(_paragraph, rest.split("\n\n")))
    heading = f"{title}\n{'=' * max(len(title), 4)}\n\n{body}"
    code = source[source.index('"""', 3) + 3 :]
    # what the script says about itself on the command line is the first line, as before
    return f'r"""\n{heading}\n"""\n' + code.replace("__doc__.splitlines()[0]", repr(title))


def _paragraph(text: str) -> str:
    """Return a paragraph as reStructuredText: an indented one is a formula or a listing and stays as it was typed."""
    if text.startswith(" "):
        return "::\n\n" + "\n".join(f"    {line.strip()}" for line in text.splitlines())
    plain = re.sub(r"([\\\\*|]|_(?=\\W|$))", r"\\\1", text)
    return re.sub(r"`([^`]+)`", r"``\1``", plain)
