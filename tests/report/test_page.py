"""The page as text: complete, self-contained, escaped, small; spikes survive the packing bit by bit."""

from __future__ import annotations

import base64
import html.parser
import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest

import spikesim as ss
from spikesim import errors
from spikesim.record.result import Result
from spikesim.report.facts import fingerprint, warned
from spikesim.report.page import page
from spikesim.report.spikes import packed
from spikesim.trains import SpikeTrains, Traces

pytestmark = pytest.mark.filterwarnings("error")

EVIL = "<script>alert(1)</script>"


def poisson(name: str, neurons: int, spikes: int, stop: float, seed: int = 0) -> SpikeTrains:
    rng = np.random.default_rng(seed)
    steps, ids = rng.integers(1, round(stop / 0.1) + 1, spikes), rng.integers(0, neurons, spikes)
    order = np.lexsort((ids, steps))
    return SpikeTrains(steps[order] / 10.0, ids[order], neurons, 0.0, stop, name)


def unpacked(head: dict, data: str) -> dict[str, list[list[int]]]:
    """The obvious inverse of the packing: ticks of each row of each population."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(data)), np.uint8).reshape(4, -1)
    numbers = (planes.astype(np.int64) * (256 ** np.arange(4))[:, None]).sum(0).tolist()
    rows = sum(p["rows"] for p in head["populations"])
    counts, gaps = iter(numbers[:rows]), iter(numbers[rows:])
    return {
        p["name"]: [np.cumsum([next(gaps) for _ in range(next(counts))]).tolist() for _ in range(p["rows"])]
        for p in head["populations"]
    }


def test_spikes_survive_the_packing() -> None:
    some = poisson("some", 50, 400, 100.0)[[3, 40, 7]]  # selected, not in order
    found = {"a": poisson("a", 30, 500, 100.0), "none": SpikeTrains.from_lists([], stop=100.0), "some": some}
    found["silent"] = SpikeTrains.from_lists([[], [5.0], []], stop=100.0)
    pack = packed(found, 0.1, False)
    assert pack.every == 1 and [p["ids"] for p in pack.head["populations"]] == [None, None, [3, 40, 7], None]
    for name, rows in unpacked(pack.head, pack.data).items():
        assert rows == [np.rint(train * 10).astype(int).tolist() for train in found[name].lists()]


def test_exact_times_are_rounded_to_a_tenth_of_a_step_and_a_late_start_is_the_origin() -> None:
    exact = {"x": SpikeTrains.from_lists([[1000.0, 1000.123, 1000.5]], start=1000.0, stop=1001.0)}
    pack = packed(exact, 0.1, True)
    assert unpacked(pack.head, pack.data)["x"] == [[0, 12, 50]] and pack.head["start"] == 1000.0


def test_too_many_spikes_are_thinned_to_whole_neurons_and_the_page_says_so() -> None:
    full = poisson("x", 100, 5000, 1000.0)
    pack = packed({"x": full}, 0.1, False, most=1000)
    assert pack.every == 5 and pack.head["populations"][0]["ids"] == list(range(0, 100, 5))
    assert unpacked(pack.head, pack.data)["x"] == [np.rint(full.lists()[k] * 10).tolist() for k in range(0, 100, 5)]
    result = Result.of({"x": full}, {}, start=0.0, stop=1000.0, dt=0.1)
    assert any("one neuron in 5" in line for line in warned(result, pack.every))


class Elements(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def evil() -> Result:
    """A result whose every name is an attack, as a foreign file may hold it."""
    spikes = {EVIL: poisson(EVIL, 20, 200, 200.0), '"><img src=x onerror=alert(2)>': poisson("", 5, 50, 200.0, 1)}
    traces = Traces(
        np.arange(1.0, 200.0), np.random.default_rng(0).normal(size=(199, 2)), np.arange(2), "v", EVIL, EVIL
    )
    description = {
        "populations": {name: {"size": 20, "model": f"LIF({EVIL})"} for name in spikes},
        "projections": [{"name": EVIL, "pre": EVIL, "post": EVIL, "rule": "]]>", "weight": "</td></script>"}],
        "backgrounds": [{"name": "'; drop", "target": EVIL}],
    }
    stats = {"engine": EVIL, "seed": 1, "delays_rounded": {EVIL: [3, 0.04]}, "versions": {"spikesim": EVIL}}
    run = {"start": 0.0, "stop": 200.0, "dt": 0.1, "stats": stats, "description": description}
    return Result.of(spikes, {(EVIL, "v"): traces}, **run)


def test_names_are_text_and_nothing_is_loaded() -> None:
    made = page(evil(), EVIL)
    reader = Elements()
    reader.feed(made)
    scripts = [attributes for tag, attributes in reader.found if tag == "script"]
    assert [s.get("type") for s in scripts] == ["application/json", "application/octet-stream", None]
    for tag, attributes in reader.found:
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        assert "srcset" not in attributes
        link = attributes.get("src", "data:")
        assert re.match(r"data:image/(png|svg\+xml);base64,[A-Za-z0-9+/=]+$|data:$", link)
        assert attributes.get("href", "#").startswith("#")
    svgs = [base64.b64decode(code).decode() for code in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", made)]
    assert len(svgs) >= 8 and not any("<script" in svg for svg in svgs)
    policy = next(a["content"] for tag, a in reader.found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
    assert EVIL in reader.texts  # shown as it is
    head = json.loads(re.search(r'id="head">(.*?)</script>', made, re.S)[1])  # type: ignore[index]
    assert head["populations"][0]["name"] == EVIL


def test_the_page_holds_what_the_result_holds(tmp_path: Path) -> None:
    net = ss.Network(seed=3)
    cells = net.population("cells", 30, ss.LIF(I_e=ss.uniform(300.0, 600.0)))
    net.connect(cells, cells, ss.fixed_indegree(5), weight=20.0, delay=1.5, synapse=ss.Exponential(5.0))
    net.record(cells, "spikes")
    net.record(cells[:2], "v", every=1.0)
    memory = net.run(200.0, progress=False, out=tmp_path / "run.h5")
    for result in (memory, ss.load(tmp_path / "run.h5")):
        made = ss.report(result, tmp_path / "page.html", overwrite=True).read_text()
        for words in ("cells to cells", "fixed_indegree(5)", "LIF(", "Exponential(", "seed=3", fingerprint(memory)):
            assert words in made or words.replace("(", "&#40;") in made
        assert f"{result.spikes['cells'].rate():.3f}" in made and "v of up to five neurons of cells" in made
        alts = re.findall(r'alt="([^"]*)"', made)
        assert len(alts) >= 5 and all(alts)
    assert "Distribution of the" in page(memory, "x") or not memory.weights
    assert page(memory, "x") == page(memory, "x")  # the same result, the same page


def test_nothing_is_overwritten_unasked_and_mistakes_are_named(tmp_path: Path) -> None:
    result = Result.of({}, {}, start=0.0, stop=10.0, dt=0.1)
    path = ss.report(result, tmp_path / "empty.html")
    assert "<canvas" not in path.read_text()
    with pytest.raises(errors.OutputFileError, match="exists"):
        ss.report(result, path)
    with pytest.raises(errors.OutputFileError, match="folder"):
        ss.report(result, tmp_path)
    with pytest.raises(errors.OutputFileError, match="cannot be written"):
        ss.report(result, tmp_path / "nowhere" / "page.html")
    with pytest.raises(errors.InvalidTypeError, match=r"ss\.load"):
        ss.report("run.h5", tmp_path / "other.html")  # type: ignore[arg-type]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty.html"]


@pytest.mark.parametrize("lists, stop", [([], 100.0), ([[0.0]], 0.0), ([[], []], 100.0), ([[5.0, 5.0]], 10.0)])
def test_little_or_nothing_still_is_a_page(lists: list, stop: float) -> None:
    trains = SpikeTrains.from_lists(lists, stop=stop, name="x")
    made = page(Result.of({"x": trains}, {}, start=0.0, stop=stop, dt=0.1), "x")
    assert "<canvas" in made


@pytest.mark.slow
def test_a_million_spikes_fit_into_five_megabytes() -> None:
    spikes = {name: poisson(name, 5000, 500_000, 10_000.0, k) for k, name in enumerate(("exc", "inh"))}
    made = page(Result.of(spikes, {}, start=0.0, stop=10_000.0, dt=0.1), "million")
    assert len(made.encode()) < 5e6
