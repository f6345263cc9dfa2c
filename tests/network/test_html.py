"""What a notebook shows says what the text says, word for word, and names are text.

Truth: the plain text of the same objects, and an HTML parser of the standard library.
"""

from __future__ import annotations

import html.parser

import pytest

import spikesim as ss
from spikesim import analysis
from spikesim.html import listing, table, text


class Reader(html.parser.HTMLParser):
    """Keeps the words and the elements; closes what was opened, in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.elements.append(tag)
        self.open.append(tag)
        assert all(name in ("class", "scope") for name, _ in attributes)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data.split()


@pytest.fixture
def net() -> ss.Network:
    net = ss.Network(seed=4)
    exc = net.population("<b>exc & co", 30, ss.LIF(I_e=500.0))
    inh = net.population("inh", 5, ss.LIF())
    current = ss.Exponential(5.0)
    net.connect(exc, inh, ss.fixed_indegree(3), weight=ss.normal(5.0, 1.0), delay=1.5, synapse=current)
    net.background(inh, rate=100.0, weight=10.0, synapse=current)
    net.inject(exc[:3], ss.DC(100.0))
    net.record(exc, "spikes")
    net.record(exc[:2], "v", every=1.0)
    return net


def test_html_says_what_the_text_says(net: ss.Network) -> None:
    result = net.run(100.0, progress=False)
    for shown, plain in (
        (net, str(net)),
        (net["inh"], repr(net["inh"])),
        (net["<b>exc & co"], repr(net["<b>exc & co"])),
        (result, repr(result)),
        (analysis.statistics(result), repr(analysis.statistics(result))),
        (ss.Network(), str(ss.Network())),
    ):
        read = Reader(shown._repr_html_())
        assert read.words == plain.split()
        assert "b" not in read.elements and read.elements


def test_text_is_escaped_and_control_characters_are_shown_as_such() -> None:
    assert text("\x00<a href='x'>&\"\n") == "\ufffd&lt;a href=&#x27;x&#x27;&gt;&amp;&quot;\n"
    made = Reader(table([("<i>", "<u>")], ("<s>", "n"), "<em>", numeric=1))
    assert made.words == ["<em>", "<s>", "n", "<i>", "<u>"]
    assert set(made.elements) == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert Reader(listing("<p>", ["<li>"])).words == ["<p>", "<li>"]
