"""The page: sections of facts and figures, one style, one script, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from .. import plot
from ..analysis.rates import n_recorded
from ..analysis.statistics import statistics
from ..html import table, text
from ..plot.palette import COLOURS, ON_BLACK, legible, of_names
from ..plot.rows import height_of
from ..record.result import Result
from . import facts
from .figures import picture
from .spikes import packed

__all__ = ["page"]

#: At most so many pictures of traces and of weights, and rows of a table that stand open.
PICTURES, OPEN = 8, 40


@cache
def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    """What a content security policy calls a script or a style: its SHA-256."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def page(result: Result, title: str) -> str:
    """Return the whole page of a recording as HTML."""
    style, script = _asset("page.css"), _asset("raster.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    sections = [section for section in _sections(result) if section[2]]
    links = "".join(f'<li><a href="#{name}">{text(head)}</a></li>' for name, head, _ in sections)
    body = "\n".join(
        f'<section id="{name}" aria-labelledby="{name}-head">'
        f'<h2 id="{name}-head">{text(head)}</h2>\n{content}</section>'
        for name, head, content in sections
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(title)} - spikesim report</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><h1>{text(title)}</h1>
<nav aria-label="Sections"><ul>{links}</ul></nav></header>
<main id="main">
{body}
</main>
{f"<script>{script}</script>" if result.spikes else ""}
</body>
</html>
"""


def _sections(result: Result) -> Iterator[tuple[str, str, str]]:
    spikes = dict(result.spikes)
    pack = packed(spikes, result.dt, result.stats.get("engine") == "event")
    yield "overview", "Overview", _overview(result, pack.every)
    yield "raster-section", "Spikes", _raster(result, pack) if spikes else ""
    yield "statistics", "Rates, regularity, synchrony", _statistics(result) if spikes else ""
    yield "network", "Network", _network(result)
    yield "traces", "Traces", _traces(result)
    yield "weights", "Weights", _weights(result)
    yield "parameters", "Parameters", _parameters(result)
    yield "repeat", "How to repeat it", _repeat(result)


def _scrolled(content: str, label: str) -> str:
    return f'<div class="wide" tabindex="0" role="region" aria-label="{text(label)}">{content}</div>'


def _overview(result: Result, every: int) -> str:
    found = facts.warned(result, every)
    items = "".join(f"<li>{text(line)}</li>" for line in found)
    noted = f'<div class="warnings" role="note"><strong>Note</strong><ul>{items}</ul></div>' if found else ""
    return noted + _scrolled(table(facts.overview(result)), "Overview")


def _raster(result: Result, pack: Any) -> str:
    names = [p["name"] for p in pack.head["populations"]]
    for p, place in zip(pack.head["populations"], of_names(names)):
        p["light"], p["dark"] = COLOURS[place], ON_BLACK[place]
        p["lightText"], p["darkText"] = legible(p["light"], "#FFFFFF"), legible(p["dark"], "#000000")
    head = json.dumps(pack.head).replace("<", "\\u003c")
    spikes = sum(map(len, result.spikes.values()))
    label = f"Raster of {spikes:,} spikes of {len(names)} populations, with their rates below"
    still = picture(lambda ax: plot.raster(result, rate=False, ax=ax), label, (7.0, 4.0), "png", dark=False, dpi=80.0)
    buttons = "".join(
        f'<button type="button" id="{name}" aria-label="{label}" title="{label}">{sign}</button>'
        for name, label, sign in (
            ("zoom-in", "Zoom in", "+"),
            ("zoom-out", "Zoom out", "−"),
            ("earlier", "Earlier", "←"),
            ("later", "Later", "→"),
            ("fewer-rows", "Fewer neurons", "⇱"),
            ("more-rows", "More neurons", "⇲"),
            ("all", "Show all", "All"),
        )
    )
    return f"""<div class="controls" role="group" aria-label="Zoom and move">{buttons}
<label>From <input type="number" id="from" step="any"> ms</label>
<label>to <input type="number" id="to" step="any"> ms</label>
<label>Neurons <input type="text" id="neurons" placeholder="all, or 0-99, 150"></label></div>
<fieldset id="populations"><legend>Populations</legend></fieldset>
<canvas id="raster" tabindex="0" role="application" aria-label="{text(label)}" aria-describedby="keys status"></canvas>
<p id="status" role="status" aria-live="polite"></p>
<p id="keys" class="hint">Drag to move, wheel to zoom (Shift: neurons).
Keys: arrows move, + and − zoom, * and / zoom neurons, 0 shows all.</p>
<noscript>{still}</noscript>
<script type="application/json" id="head">{head}</script>
<script type="application/octet-stream" id="spikes">{pack.data}</script>"""


def _statistics(result: Result) -> str:
    whole = any(trains.stop > trains.start for trains in result.spikes.values())
    found = statistics(result) if whole and result.stop - result.start >= 15.0 else {}
    header = ["Population", "Neurons recorded", "Spikes", "Rate (Hz)", "CV", "LV", "Correlation", "Synchrony"]
    rows = []
    for name, trains in result.spikes.items():
        rate = trains.rate() if n_recorded(trains) and trains.stop > trains.start else np.nan
        values = [rate, *(found[name][2:] if name in found else [np.nan] * 4)]
        shown = ["-" if not np.isfinite(value) else f"{value:.3f}" for value in values]
        rows.append([name, f"{n_recorded(trains):,}", f"{len(trains):,}", *shown])
    names = list(result.spikes)
    size = (5.4, height_of(len(names), 3.2))
    which = f"of {len(names)} populations" if len(names) > 1 else f"of {names[0]}"
    drawn = [
        picture(lambda ax: plot.rate(result, ax=ax, bin=_bin(result)), f"Rate over time {which}", size),
        picture(lambda ax: plot.isi(result, ax=ax), f"Distribution of interspike intervals {which}", size),
        picture(lambda ax: plot.cv(result, ax=ax), f"Distribution over neurons of the CV of intervals {which}", size),
    ]
    note = (
        '<p class="hint">CV, LV: mean over neurons. Correlation: of pairs, counts in 5 ms. '
        "Synchrony: variance over mean of the population count in 3 ms.</p>"
    )
    return _scrolled(table(rows, header, numeric=7), "Statistics") + note + _figures(drawn)


def _bin(result: Result) -> float:
    """Of the rates: a 300th of the recording, in whole ms."""
    return max(1.0, float(round((result.stop - result.start) / 300.0)))


def _figures(drawn: list[str]) -> str:
    return '<div class="figures">' + "".join(f"<figure>{each}</figure>" for each in drawn) + "</div>" if drawn else ""


def _network(result: Result) -> str:
    populations = result.description.get("populations") or {}
    if not populations:
        return ""
    projections = len(result.description.get("projections") or ())
    alt = f"Diagram of {len(populations)} populations and {projections} projections, listed under Parameters"
    caption = "Boxes grow with the number of neurons, arrows with a target's synapses times their mean weight."
    drawn = picture(lambda ax: plot.network(result, ax=ax), alt, (7.5, 7.0))
    return f"<figure>{drawn}<figcaption>{caption}</figcaption></figure>"


def _traces(result: Result) -> str:
    recorded = [(name, variable) for name, found in result.traces.items() for variable in found]
    drawn = []
    for name, variable in recorded[:PICTURES]:

        def draw(ax: Any, name: str = name, variable: str = variable) -> None:
            plot.trace(result, name, variable, ax=ax)

        if result.traces[name][variable].values.size:
            drawn.append(picture(draw, f"{variable} of up to five neurons of {name} over time", (6.4, 2.8), "png"))
    return _more(recorded, "traces") + _figures(drawn)


def _weights(result: Result) -> str:
    drawn = []
    names = list(result.weights)
    for name in names[:PICTURES]:
        matrix = result.weights[name]
        alt = f"Distribution of the {matrix.nnz:,} weights of {name}"

        def draw(ax: Any, matrix: Any = matrix, name: str = name) -> None:
            plot.weights(matrix, kind="hist", ax=ax).set_title(plot.style.short_name(name, 40), loc="left")

        drawn.append(picture(draw, alt, (5.0, 2.8)))
    return _more(names, "projections") + _figures(drawn)


def _more(found: list[Any], what: str) -> str:
    return f'<p class="hint">The first {PICTURES} of {len(found)} {what}.</p>' if len(found) > PICTURES else ""


def _parameters(result: Result) -> str:
    parts = []
    for what in ("populations", "projections", "backgrounds", "stimuli"):
        header, rows = facts.described(result, what)
        if rows:
            made = _scrolled(table(rows, header), what)
            head = f"{len(rows)} {what}"
            parts.append(f"<details{' open' if len(rows) <= OPEN else ''}><summary>{head}</summary>{made}</details>")
    return "\n".join(parts)


def _repeat(result: Result) -> str:
    lines, mark = facts.repeat(result)
    return (
        f"<pre><code>{text(lines)}</code></pre>"
        f"<p>The same network, seed and step give the same bits for any number of threads. "
        f"SHA-256 of all recorded spikes (<code>spikesim.report.facts.fingerprint</code>): <code>{mark}</code></p>"
    )
