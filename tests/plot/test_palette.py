"""The palette, held to what is promised of it.  Truth: published colour differences, published simulations of sight."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from spikesim.plot.palette import COLOURS, COOL, GREY, ON_BLACK, contrast, legible, of_names

#: Linear RGB as a dichromat sees it (Machado, Oliveira and Fernandes 2009, severity 1).
SIGHTS = {
    "normal": np.eye(3),
    "protanopic": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopic": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopic": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
SRGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> np.ndarray:
    s = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255.0
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB, D65."""
    x = SRGB @ rgb / np.array([0.95047, 1.0, 1.08883])
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """CIEDE2000 (Sharma, Wu and Dalal 2005), equations 2-22."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    dh = (h2 - h1 + 180) % 360 - 180
    dl, dc, dhue = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    l, c = (l1 + l2) / 2, (c1 + c2) / 2
    h = (h1 + h2) / 2 if abs(h1 - h2) <= 180 else (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    cos = lambda degrees: np.cos(np.radians(degrees))  # noqa: E731
    t = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.20 * cos(4 * h - 63)
    rotation = -np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2)))) * 2 * np.sqrt(c**7 / (c**7 + 25.0**7))
    sl = 1 + 0.015 * (l - 50) ** 2 / np.sqrt(20 + (l - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    return float(np.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dhue / sh) ** 2 + rotation * dc / sc * dhue / sh))


@pytest.mark.parametrize(
    "one, other, wanted",
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ],
)
def test_the_yardstick_itself(one: tuple, other: tuple, wanted: float) -> None:
    """Pairs of the test data of Sharma et al. 2005, table 1."""
    assert difference(np.array(one), np.array(other)) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("palette", [COLOURS, ON_BLACK])
def test_any_two_colours_differ_to_every_eye(palette: tuple[str, ...], sight: str) -> None:
    seen = {colour: lab(np.clip(SIGHTS[sight] @ linear(colour), 0, 1)) for colour in palette}
    least = min((difference(seen[a], seen[b]), a, b) for a, b in itertools.combinations(palette, 2))
    assert least[0] >= 15.0, least


@pytest.mark.parametrize("palette, paper", [(COLOURS, "#FFFFFF"), (ON_BLACK, "#000000")])
def test_lines_and_text_stand_out(palette: tuple[str, ...], paper: str) -> None:
    assert min(contrast(colour, paper) for colour in (*palette, GREY)) >= 3.0
    assert min(contrast(legible(colour, paper), paper) for colour in (*palette, GREY)) >= 4.5


def test_contrast_and_legibility() -> None:
    """Black on white is 21 by definition; what is legible already stays as it is."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)  # the known least grey
    assert legible("#60008A", "#FFFFFF") == "#60008A"


def test_populations_are_cool_and_warm_where_names_tell() -> None:
    layers = [f"L{layer}{kind}" for layer in ("23", "4", "5", "6") for kind in "EI"]
    places = of_names(layers)
    assert set(places) == set(range(8)) and set(places[::2]) == set(COOL)
    assert of_names(["a", "b", "c"]) == [0, 1, 2]
    assert len(set(of_names([f"p{k}" for k in range(8)]))) == 8
