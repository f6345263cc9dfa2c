"""Who is connected to whom: a box a population, an arrow a projection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidTypeError
from ..keywords import named
from ..network.graph import graph
from ..network.network import Network
from .palette import kind_of
from .style import BLUE, GREY, VERMILION, axes, colours, ink, note, paper, short_name, text_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["network"]

#: Distance of columns and rows, and width and height of the largest box.
APART, WIDTH, HEIGHT = (3.6, 1.55), 1.35, 0.8
#: The line of gap junctions.
DOTTED = (0, (1, 1))


def _graph(net: Any) -> dict[str, Any]:
    """The graph of a network, or of the one that a Result came from."""
    if isinstance(net, Network):
        return graph(net)
    description = getattr(net, "description", net)
    if not hasattr(description, "get"):
        raise InvalidTypeError(f"network: wanted a Network or a Result, got {type(net).__name__}")
    if "graph" in description:
        return description["graph"]
    # a file of release 0.1: who is there, but not how strongly connected
    populations = description.get("populations", {})
    named = [{"name": name, "size": p["size"], "model": ""} for name, p in populations.items()]
    listed = [p for p in description.get("projections", ()) if {p["pre"], p["post"]} <= set(populations)]
    edges = [{**p, "synapses": 0.0, "weight": 0.0, "unit": "", "sign": 0, "plastic": "plasticity" in p} for p in listed]
    return {"populations": named, "projections": edges, "inputs": []}


@named
def network(net: Any, *, ax: Axes | None = None) -> Axes:
    """Draw populations as boxes and projections as arrows.

    Boxes grow with the square root of the number of neurons.  Arrows are as wide as a target neuron's synapses times
    their mean weight, relative to the strongest projection in the same unit; excitatory ones end in a head, inhibitory
    ones in a bar, plastic ones are dashed.  A short grey arrow is a background or an injected current.  Populations
    whose names tell excitatory from inhibitory stand in two columns, a layer a row; others in a circle.

    Parameters
    ----------
    net : Network or Result
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network()
    >>> cells = net.population("cells", 10, ss.LIF())
    >>> _ = net.connect(cells, cells, ss.fixed_indegree(2), weight=-5.0, delay=1.0, synapse=ss.Exponential(5.0))
    >>> [text.get_text() for text in ss.plot.network(net).texts]
    ['cells\\n10']
    """
    found = _graph(net)
    people = found["populations"]
    names = [p["name"] for p in people]
    where = _places(names)
    low, high = (
        (np.min(list(where.values()), axis=0), np.max(list(where.values()), axis=0)) if where else ([0, 0], [0, 0])
    )
    margin = np.array([1.75, 1.25])
    span = np.asarray(high) - low + 2.0 * margin
    panel = axes(ax, 0.9 * span[0], 0.9 * span[1] + 0.35)
    panel.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    panel.set_aspect("equal")
    panel.set_axis_off()
    if not people:
        note(panel, "no populations")
        return panel
    largest = max(1, *(p["size"] for p in people))
    sides = {p["name"]: 0.62 + 0.38 * np.sqrt(p["size"] / largest) for p in people}
    boxes = {}
    for name, colour, person in zip(names, colours(names, panel), people):
        boxes[name] = _box(panel, where[name], sides[name], colour, name, person["size"])
    middle = (np.asarray(low) + high) / 2.0
    for edge, share in sorted(zip(found["projections"], _shares(found)), key=lambda pair: pair[1]):
        _arrow(panel, edge, share, where, sides, boxes, middle)
    for edge in found.get("couplings", []):
        _coupling(panel, edge, where, sides, boxes)
    for target in dict.fromkeys(entry["target"] for entry in found["inputs"]):
        x, y = where[target]
        top = y + HEIGHT * sides[target] / 2.0
        look = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.2, "shrinkA": 0.0, "shrinkB": 0.0}
        panel.annotate("", (x - 0.2, top), (x - 0.2, top + 0.28), arrowprops=look)
    _legend(panel, found)
    return panel


def _places(names: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Where each population stands: layers in rows and E, I in columns, else a circle."""
    kinds = [kind_of(name) for name in names]
    layers = [re.sub(r"(exc\w*|inh\w*|[EI])$", "", name, flags=re.IGNORECASE) for name in names]
    slots = list(zip(layers, kinds))
    if None not in kinds and len(set(slots)) == len(slots):
        order = list(dict.fromkeys(layers))
        if len(order) == len(slots):  # each layer has one kind: two rows or columns of layers that do not match
            seen = {"E": 0, "I": 0}
            layers = []
            for kind in map(str, kinds):
                layers.append(str(seen[kind]))
                seen[kind] += 1
            order = list(dict.fromkeys(layers))
        return {
            name: (0.0 if kind == "E" else APART[0], -APART[1] * order.index(layer))
            for name, kind, layer in zip(names, kinds, layers)
        }
    if len(names) < 3:
        return {name: (APART[0] * k, 0.0) for k, name in enumerate(names)}
    radius = max(1.9, 2.1 * len(names) / (2.0 * np.pi))
    angle = np.pi / 2.0 - 2.0 * np.pi * np.arange(len(names)) / len(names)
    return {name: (float(radius * np.cos(a)), float(radius * np.sin(a))) for name, a in zip(names, angle)}


def _shares(found: dict[str, Any]) -> list[float]:
    """How strong each projection is, 0 ... 1: synapses a target neuron times weight, relative to its unit's largest."""
    sizes = {p["name"]: max(1, p["size"]) for p in found["populations"]}
    strength = [abs(e["weight"]) * e["synapses"] / sizes[e["post"]] for e in found["projections"]]
    most: dict[str, float] = {}
    for edge, value in zip(found["projections"], strength):
        most[edge["unit"]] = max(most.get(edge["unit"], 0.0), value)
    return [value / most[e["unit"]] if most[e["unit"]] else 0.0 for e, value in zip(found["projections"], strength)]


def _box(panel: Axes, place: tuple[float, float], side: float, colour: str, name: str, size: int) -> Any:
    from matplotlib.patches import FancyBboxPatch

    width, height = WIDTH * side, HEIGHT * side
    corner = (place[0] - width / 2.0, place[1] - height / 2.0)
    look: dict[str, Any] = {
        "boxstyle": "round,pad=0,rounding_size=0.12",
        "facecolor": paper(panel),
        "edgecolor": colour,
    }
    box = panel.add_patch(FancyBboxPatch(corner, width, height, linewidth=1.8, zorder=4, **look))
    text: dict[str, Any] = {
        "ha": "center",
        "va": "center",
        "zorder": 5,
        "fontsize": max(6.0, 8.0 * side),
        "linespacing": 1.3,
    }
    panel.text(*place, f"{short_name(name, 13)}\n{size:,}", color=text_colour(colour, panel), **text)
    return box


def _arrow(
    panel: Axes, edge: dict[str, Any], share: float, where: Any, sides: Any, boxes: Any, middle: np.ndarray
) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    colour = ink(panel, BLUE) if edge["sign"] > 0 else ink(panel, VERMILION) if edge["sign"] < 0 else GREY
    width = 0.6 + 3.0 * share
    look: dict[str, Any] = {
        "arrowstyle": "-[,widthB=0.35,lengthB=0" if edge["sign"] < 0 else "-|>",
        "mutation_scale": 7.0 + 1.6 * width,
        "linewidth": width,
        "linestyle": (0, (2.5, 1)) if edge["plastic"] else "-",
        "color": colour,
        "alpha": 0.3 + 0.6 * share,
        "zorder": 2.0 + share,
    }
    a, b = np.array(where[edge["pre"]]), np.array(where[edge["post"]])
    if edge["pre"] == edge["post"]:
        out = 1.0 if a[0] > middle[0] else -1.0
        side = a + np.array([out * WIDTH * sides[edge["pre"]] / 2.0, 0.0])
        turns = side + np.array([(0.0, 0.17), (out * 0.75, 0.42), (out * 0.75, -0.42), (out * 0.06, -0.17)])
        loop = Path(turns, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
        panel.add_patch(FancyArrowPatch(path=loop, **look))
        return
    far = float(np.hypot(*(b - a)))
    bend = 0.14  # to its own right, so that there and back are two arrows
    if abs(a[0] - b[0]) < 1e-9 and far > 1.2 * APART[1]:  # past the boxes between
        bend = 2.0 * (0.55 * WIDTH + 0.09 * far / APART[1]) / far
    look.update(connectionstyle=f"arc3,rad={bend:.3f}", patchA=boxes[edge["pre"]], patchB=boxes[edge["post"]])
    panel.add_patch(FancyArrowPatch(tuple(a), tuple(b), shrinkA=2.0, shrinkB=2.0, **look))


def _coupling(panel: Axes, edge: dict[str, Any], where: Any, sides: Any, boxes: Any) -> None:
    """A dotted line without a head: gap junctions between two populations, or within one (below its box)."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    look: dict[str, Any] = {"arrowstyle": "-", "color": GREY, "linewidth": 1.6, "linestyle": DOTTED, "zorder": 2.0}
    a, b = np.array(where[edge["a"]]), np.array(where[edge["b"]])
    if edge["a"] == edge["b"]:
        side = a - np.array([0.0, HEIGHT * sides[edge["a"]] / 2.0])
        turns = side + np.array([(-0.22, 0.0), (-0.4, -0.4), (0.4, -0.4), (0.22, 0.0)])
        panel.add_patch(FancyArrowPatch(path=Path(turns, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]), **look))
        return
    ends = {"patchA": boxes[edge["a"]], "patchB": boxes[edge["b"]], "shrinkA": 0.0, "shrinkB": 0.0}
    panel.add_patch(FancyArrowPatch(tuple(a), tuple(b), **ends, **look))


def _legend(panel: Axes, found: dict[str, Any]) -> None:
    from matplotlib.lines import Line2D

    edges = found["projections"]
    entries = [
        ("excitatory", {"color": ink(panel, BLUE)}, any(e["sign"] > 0 for e in edges)),
        ("inhibitory", {"color": ink(panel, VERMILION)}, any(e["sign"] < 0 for e in edges)),
        ("plastic", {"color": GREY, "linestyle": (0, (2.5, 1))}, any(e["plastic"] for e in edges)),
        ("gap junctions", {"color": GREY, "linestyle": DOTTED}, bool(found.get("couplings"))),
        ("from outside", {"color": GREY}, bool(found["inputs"])),
    ]
    lines = [Line2D([], [], label=label, **look) for label, look, there in entries if there]  # type: ignore[arg-type]
    if lines:
        options: dict[str, Any] = {"frameon": False, "fontsize": 8.0, "ncols": 4, "handlelength": 1.4}
        panel.legend(handles=lines, loc="upper center", bbox_to_anchor=(0.5, 0.04), **options)
