"""Eight colours for white and eight for black that colour-blind readers tell apart, and what is legible on what.

Any two colours of a palette differ by at least 15 (CIEDE2000) to a normal, a protanopic, a deuteranopic and a
tritanopic eye (simulated after Machado et al. 2009, IEEE TVCG 15:1291), and each has a contrast of at least 3
(WCAG 2.2: graphical objects) with the background it is for; text takes :func:`legible`, of at least 4.5.  Excitatory
populations have the four cool colours, inhibitory ones the four warm ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = [
    "BLUE",
    "COLOURS",
    "COOL",
    "GREEN",
    "GREY",
    "ON_BLACK",
    "VERMILION",
    "contrast",
    "kind_of",
    "legible",
    "of_names",
]

BLUE, PURPLE, GREEN, INDIGO = "#3B71FF", "#60008A", "#819972", "#0F00FF"
VERMILION, CRIMSON, ROSE, RED = "#F26A06", "#88001E", "#B4356B", "#CC0300"

#: On white, and on black: cool and warm in turn, the k-th of one standing for the k-th of the other.
COLOURS = (BLUE, VERMILION, PURPLE, GREEN, ROSE, RED, INDIGO, CRIMSON)
ON_BLACK = ("#56B4E9", "#D2C31E", "#6969FF", "#4BFFA5", "#C34B96", "#F00000", "#00875A", "#F087A5")
#: Places of the cool and of the warm colours.
COOL, WARM = (0, 2, 3, 6), (1, 7, 4, 5)

#: For reference lines and what is no population; contrast 6.9 with white and 3.0 with black.
GREY = "#5A5A5A"


def _rgb(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5))  # type: ignore[return-value]


def _luminance(colour: str) -> float:
    """The relative luminance Y of sRGB, 0 ... 1 (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Return the contrast of two colours "#RRGGBB", 1 ... 21: (Y_light + 0.05) / (Y_dark + 0.05)."""
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def legible(colour: str, background: str, least: float = 4.5) -> str:
    """Return `colour` moved towards black or white until its contrast with `background` is at least `least`."""
    end = 0.0 if contrast("#000000", background) > contrast("#FFFFFF", background) else 1.0
    for step in range(21):
        mixed = [c + (end - c) * step / 20.0 for c in _rgb(colour)]
        found = "#" + "".join(f"{round(255.0 * c):02X}" for c in mixed)
        if contrast(found, background) >= least:
            return found
    return found


def kind_of(name: str) -> str | None:
    """Whether a name tells an excitatory or an inhibitory population: exc, inh, L23E, L4I, pyramidal."""
    if re.search(r"inh|[^a-z]i$|^i$|\di$|[A-Z0-9]I$|basket|pv|sst|vip", name, re.IGNORECASE):
        return "I"
    if re.search(r"exc|[^a-z]e$|^e$|\de$|pyr", name, re.IGNORECASE):
        return "E"
    return None


def of_names(names: Sequence[str]) -> list[int]:
    """Return the place in the palette of each population: cool and warm where all names tell E from I."""
    kinds = [kind_of(name) for name in names]
    if None in kinds or len(names) < 2:
        return [k % len(COLOURS) for k in range(len(names))]
    seen = {"E": 0, "I": 0}
    chosen = []
    for kind in map(str, kinds):
        places = COOL if kind == "E" else WARM
        chosen.append(places[seen[kind] % len(places)])
        seen[kind] += 1
    return chosen
