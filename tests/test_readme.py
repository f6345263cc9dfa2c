"""The README's code is run as it stands, and what it points to is there."""

from __future__ import annotations

import math
import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from code_blocks import blocks, run
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erfcx

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PROMISES = ROOT / "docs" / "guide" / "promises.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = blocks(README)
PNG = b"\x89PNG\r\n\x1a\n"


def brunel_rate() -> float:
    """The self-consistent rate (Hz) of the first example: Brunel (2000), equations 4 and 21."""

    def response(rate: float) -> float:
        excitation, inhibition = 6.0 + 0.4 * rate, 0.1 * rate  # spikes a neuron receives, a ms
        mean, sd = 20.0 * (0.2 * excitation - inhibition), math.sqrt(20.0 * (0.04 * excitation + inhibition))
        area = quad(lambda u: erfcx(-u), (10.0 - mean) / sd, (20.0 - mean) / sd)[0]
        return 1000.0 / (2.0 + 20.0 * math.sqrt(math.pi) * area)

    return brentq(lambda rate: response(rate) - rate, 0.1, 100.0)


def test_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """Every block after the other, as a reader would type them.

    Truths: the diffusion theory of the network; more current, more spikes; the interval of the quadratic neuron,
    tau (atan 100 - atan -100); d(sin x + x y)/dx at (2, 3); for the classifier chance, 0.1, from which it must be far.
    """
    monkeypatch.chdir(tmp_path)
    assert len(BLOCKS) == 4
    run(README)
    text = capsys.readouterr().out
    printed = re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)
    one, other = map(int, re.findall(r"\[(\d+), (\d+)\]", text)[0])
    assert 0 < one < other
    network, neuron, value, by_x, by_y, score = map(float, printed)
    assert network == pytest.approx(brunel_rate(), rel=0.15)  # theory: many weak inputs, no correlations
    # from -1 to 100 once, then whole intervals, in 100 ms
    assert neuron == 1000.0 * (1 + int((100.0 - 8.0 * 2.3462) / (8.0 * 3.1216))) / 100.0
    assert (value, by_x, by_y) == pytest.approx((6.909297426825682, 2.5838531634528574, 2.0), rel=1e-15)
    assert score > 0.85
    assert (tmp_path / "raster.png").read_bytes().startswith(PNG)


def test_first_example_is_short() -> None:
    """A whole network in about fifteen lines."""
    assert len([line for line in BLOCKS[0].splitlines() if line]) <= 15


def test_links_lead_somewhere() -> None:
    """Every file that is linked or named as the holder of a promise exists."""
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", TEXT)
    held = re.findall(r"`(tests/[\w/]+\.py)`", PROMISES.read_text(encoding="utf-8"))
    assert len(linked) > 10 and len(held) > 10
    assert not [path for path in [*linked, *held] if not (ROOT / path).exists()]
    assert (ROOT / "docs" / "raster.png").read_bytes().startswith(PNG)


def test_commands_exist() -> None:
    """The set-up commands are those that setup.cfg provides."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert "pip install . && spikesim demo" in TEXT
    assert "spikesim = spikesim.cli:main" in setup["options.entry_points"]["console_scripts"]
    assert 'pip install ".[test]" && pytest' in TEXT and "pytest" in setup["options.extras_require"]["test"]


@pytest.mark.slow
def test_type_checkers_accept_the_code(tmp_path: Path) -> None:
    """mypy, on every block as it stands, also inside its functions."""
    api = pytest.importorskip("mypy.api")
    file = tmp_path / "readme.py"
    file.write_text("\n".join(BLOCKS), encoding="utf-8")
    said, _, status = api.run(["--check-untyped-defs", "--ignore-missing-imports", "--no-incremental",
                               "--config-file=", str(file)])  # fmt: skip
    assert status == 0, said
