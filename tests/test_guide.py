"""The pages of the site: their code runs as it stands, and what they list is what there is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from code_blocks import ROOT, blocks, run

import spikesim as ss
from spikesim import errors

DOCS = ROOT / "docs"
PAGES = {path.relative_to(DOCS).as_posix(): path for path in sorted(DOCS.rglob("*.md")) if "made" not in path.parts}
WITH_CODE = [name for name, path in PAGES.items() if name != "extending.md" and blocks(path)]


def test_there_are_pages() -> None:
    """An empty folder would pass every test below."""
    assert {"index.md", "migration.md", "guide/network.md", "guide/saving.md", "guide/training-spikes.md"} <= {
        *WITH_CODE
    }


#: Pages whose code needs a package that few have.
NEEDED = {"guide/pynn.md": "pyNN"}


@pytest.mark.parametrize("name", WITH_CODE)
def test_code_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Truth: the pages' own assertions."""
    from matplotlib import pyplot as plt

    if name in NEEDED:
        pytest.importorskip(NEEDED[name])
    monkeypatch.chdir(tmp_path)
    run(PAGES[name])
    plt.close("all")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    """What is made when the site is built is not there yet; everything else is."""
    linked = re.findall(r"\]\((?!http)([^)#\s]+)[^)]*\)", PAGES[name].read_text(encoding="utf-8"))
    gone = [path for path in linked if "made/" not in path and not (PAGES[name].parent / path).exists()]
    assert not gone


def test_every_error_has_a_paragraph() -> None:
    """Every class of errors and warnings is a heading of the page, and no other."""
    kinds = {name for name in errors.__all__ if isinstance(getattr(errors, name), type)}
    assert set(re.findall(r"^## `(\w+)`$", (DOCS / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)) == kinds


@pytest.mark.parametrize("name", [name for name in errors.__all__ if isinstance(getattr(errors, name), type)])
def test_a_message_ends_with_the_short_name_of_its_paragraph(name: str) -> None:
    """Truth: a paragraph has the short name as its address, and says what, why and how to mend it."""
    with pytest.raises(getattr(errors, name)) as raised:
        raise getattr(errors, name)("LIF: tau_m = -1.0 ms, wanted > 0")
    said, short = re.fullmatch(r"(.*) \[([a-z-]+)\]", str(raised.value)).groups()  # type: ignore[union-attr]
    assert said == "LIF: tau_m = -1.0 ms, wanted > 0" == raised.value.args[0]
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    heading, text = re.search(rf"^\({short}\)=\n## `(\w+)`\n\n(.*(?:\n.+)*)", page, re.MULTILINE).groups()  # type: ignore[union-attr]
    assert heading == name and text.startswith(f"`[{short}]` *What*: ")
    assert "*Why*: " in text and "*Mend it*: " in text.replace("\n", " ")


def test_a_finer_class_has_the_short_name_of_the_one_that_the_page_knows(tmp_path: Path) -> None:
    with pytest.raises(errors.InputFileError, match=r"\[input-file\]$"):
        ss.load(tmp_path)


def links(page: str) -> set[str]:
    """The pages that a page leads to: its links and its list of contents."""
    text, folder = PAGES[page].read_text(encoding="utf-8"), PAGES[page].parent
    written = re.findall(r"\]\((?!http)([^)#\s]+)", text)
    listed = [
        f"{line}.md" for block in re.findall(r"toctree}\n(.*?):::", text, re.DOTALL) for line in block.split("\n")
    ]
    there = {(folder / path).resolve() for path in [*written, *listed]}
    return {name for name, path in PAGES.items() if path.resolve() in there}


def test_first_questions_have_an_answer_two_clicks_away() -> None:
    """Questions of newcomers stand on a page of the menu, each with a page that answers; and every page is near."""
    rows = re.findall(r"^\| (.+\?) \| (.+) \|$", PAGES["questions.md"].read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) >= 20 and all("](" in answer for _, answer in rows)
    first = links("index.md")
    assert "questions.md" in first
    second = first.union(*map(links, first))
    assert {*PAGES} - second - {"index.md"} == set()


@pytest.mark.slow
def test_the_site_is_built(tmp_path: Path) -> None:
    """Without a warning, from the docstrings and examples as they are; pictures of the gallery are left out."""
    for package in ("sphinx", "pydata_sphinx_theme", "numpydoc", "myst_parser", "sphinx_gallery"):
        pytest.importorskip(package)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(tmp_path / "trees")]
    built = subprocess.run(
        [*command, str(DOCS), str(tmp_path / "site")],
        env={**os.environ, "SPIKESIM_GALLERY": "none", "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr[-5000:]
    for page in ("index.html", "guide/network.html", "made/gallery/index.html", "made/reference/spikesim.html"):
        assert (tmp_path / "site" / page).stat().st_size > 5000
