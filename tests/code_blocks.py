"""The Python blocks of a page, run one after the other as a reader would type them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(page: Path) -> list[str]:
    """Return the code of every block that is marked as Python."""
    return _BLOCK.findall(page.read_text(encoding="utf-8"))


def run(page: Path) -> dict[str, object]:
    """Run the blocks in one scope, with the page's own lines in tracebacks, and return what they left."""
    text = page.read_text(encoding="utf-8")
    scope: dict[str, object] = {"__name__": "__main__"}  # loops that a page compiles are found again under it
    for found in _BLOCK.finditer(text):
        above = text.count("\n", 0, found.start(1))
        exec(compile("\n" * above + found[1], str(page), "exec"), scope)
    return scope
