"""What docs/extending.md makes from outside the package works as it says.  Truth: the page's own checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from code_blocks import ROOT, run

from spikesim import testing


@pytest.mark.slow
def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scope = run(ROOT / "docs" / "extending.md")
    assert {"ExponentialNeuron", "Ramp", "ring", "upwards", "Drift", "Depression", "Counter"} <= set(scope)


def test_the_page_uses_every_check() -> None:
    """A contract that can be checked is shown with its check."""
    text = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    assert [name for name in testing.__all__ if f"{name}(" not in text] == []
