"""The page in a real browser: what is shown is what was recorded, and nothing else happens.

Skipped where there is no Chromium with its driver, or no Selenium.  Truth: counting spikes in NumPy.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikesim as ss
from spikesim.record.result import Result

from .test_page import evil, poisson

webdriver = pytest.importorskip("selenium.webdriver")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (BROWSER and DRIVER), reason="needs Chromium and chromedriver")

FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1200,900",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    root = ("--no-sandbox",) if getattr(os, "geteuid", lambda: 1)() == 0 else ()
    for flag in (*FLAGS, *root, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def run() -> Result:
    spikes = {"exc": poisson("exc", 80, 4000, 1000.0), "inh": poisson("inh", 20, 1500, 1000.0, 1)}
    description = {"populations": {name: {"size": 80, "model": "LIF()"} for name in spikes}}
    return Result.of(spikes, {}, start=0.0, stop=1000.0, dt=0.1, description=description)


@pytest.fixture(scope="module")
def file(run: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ss.report(run, tmp_path_factory.mktemp("report") / "run.html")


@pytest.fixture
def opened(browser: Any, file: Path) -> Any:
    look(browser, file)
    return browser


def look(
    browser: Any, path: Path, width: int = 1200, height: int = 900, scheme: str = "light", media: str = ""
) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    browser.get(path.as_uri())
    for _ in range(200):
        if browser.execute_script("return document.documentElement.dataset.ready"):
            return
        time.sleep(0.05)
    pytest.fail(f"the page was not ready; console: {browser.get_log('browser')}")


def settled(browser: Any) -> dict[str, float]:
    """What the canvas says it shows, after the next frame."""
    browser.execute_async_script("const d = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(d))")
    found = browser.execute_script("return {...document.getElementById('raster').dataset}")
    return {name: float(value) for name, value in found.items()}


def press(browser: Any, keys: str) -> dict[str, float]:
    browser.find_element("id", "raster").send_keys(keys)
    return settled(browser)


def inside(run: Result, view: dict[str, float], names: tuple[str, ...] = ("exc", "inh")) -> int:
    """Spikes within the window, both ends included."""
    return sum(
        int(((t := run.spikes[n].times) >= view["t0"] - 1e-9).sum() - (t > view["t1"] + 1e-9).sum()) for n in names
    )


def test_all_spikes_are_there_and_nothing_complains_or_is_loaded(opened: Any, run: Result) -> None:
    assert settled(opened)["total"] == settled(opened)["spikes"] == 5500
    assert opened.get_log("browser") == []
    assert (
        opened.execute_script(
            "return performance.getEntriesByType('resource').filter(e => !e.name.startsWith('data:')).length"
        )
        == 0
    )
    blocked = "const d = arguments[0]; fetch('https://example.org/').then(() => d('loaded'), () => d('refused'))"
    assert opened.execute_async_script(blocked) == "refused"  # by the page's own policy
    assert "Content Security Policy" in opened.get_log("browser")[0]["message"]


def test_keys_zoom_and_move_and_show_all(opened: Any, run: Result) -> None:
    view = press(opened, "+")
    assert (view["t0"], view["t1"]) == (250.0, 750.0) and view["spikes"] == inside(run, view)
    view = press(opened, "\ue014")  # right
    assert (view["t0"], view["t1"]) == (350.0, 850.0) and view["spikes"] == inside(run, view)
    view = press(opened, "*")
    assert view["y1"] - view["y0"] == 50 and view["spikes"] < inside(run, view)
    view = press(opened, "0")
    assert (view["t0"], view["t1"], view["y1"], view["spikes"]) == (0.0, 1000.0, 100.0, 5500)
    view = press(opened, "-")  # no further than all
    assert (view["t0"], view["t1"]) == (0.0, 1000.0)
    for _ in range(40):
        view = press(opened, "+")
    assert view["t1"] > view["t0"]  # never so far that nothing is left


def test_the_wheel_zooms_a_chosen_raster_at_the_pointer_and_scrolls_the_page_otherwise(
    opened: Any, run: Result
) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    canvas = opened.find_element("id", "raster")
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    wheel = lambda: ActionChains(opened).scroll_from_origin(ScrollOrigin.from_element(canvas), 0, -200).perform()  # noqa: E731
    wheel()
    assert settled(opened)["t1"] == 1000.0
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    canvas.click()
    before = settled(opened)
    wheel()
    after = settled(opened)
    assert after["t1"] - after["t0"] < before["t1"] - before["t0"] and after["spikes"] == inside(run, after)
    ActionChains(opened).drag_and_drop_by_offset(canvas, 100, 0).perform()
    moved = settled(opened)
    assert moved["t0"] < after["t0"] and moved["t1"] - moved["t0"] == pytest.approx(after["t1"] - after["t0"])


def test_filters_show_the_chosen_populations_neurons_and_time(opened: Any, run: Result) -> None:
    boxes = opened.find_elements("css selector", "#populations input")
    boxes[0].click()
    view = settled(opened)
    assert view["spikes"] == 1500 and view["y1"] == 20
    neurons = opened.find_element("id", "neurons")
    neurons.send_keys("3, 5-7\t")
    view = settled(opened)
    assert view["spikes"] == np.isin(run.spikes["inh"].ids, [3, 5, 6, 7]).sum() and view["y1"] == 4
    for name, value in (("from", "100"), ("to", "200")):
        field = opened.find_element("id", name)
        opened.execute_script("arguments[0].value = ''", field)
        field.send_keys(value + "\t")
    view = settled(opened)
    ids, times = run.spikes["inh"].ids, run.spikes["inh"].times
    assert view["spikes"] == (np.isin(ids, [3, 5, 6, 7]) & (times >= 100) & (times <= 200)).sum()
    assert f"{view['spikes']:.0f} spikes of 4 neurons" in opened.find_element("id", "status").text  # told aloud
    boxes[1].click()
    assert settled(opened)["spikes"] == 0  # nothing chosen: drawn, not broken
    assert opened.get_log("browser") == []


def test_pixels_are_where_the_spikes_are(browser: Any, tmp_path: Path) -> None:
    """A diagonal of spikes marks the diagonal of the plot and nothing else, in both colour schemes."""
    import matplotlib.image

    n = 200
    line = ss.SpikeTrains(np.arange(1.0, n + 1), np.arange(n), n, 0.0, float(n), "line")
    path = ss.report(Result.of({"line": line}, {}, start=0.0, stop=float(n), dt=0.1), tmp_path / "line.html")
    for scheme, paper in (("light", 1.0), ("dark", 0.0)):
        look(browser, path, scheme=scheme)
        shot = base64.b64decode(browser.find_element("id", "raster").screenshot_as_base64)
        pixels = matplotlib.image.imread(io.BytesIO(shot))[..., :3]
        height, width = pixels.shape[:2]
        assert np.allclose(pixels[3, width // 2], paper, atol=0.02)
        plot = pixels[10 : int(0.55 * height), 60 : width - 16]
        marked = np.abs(plot - paper).max(axis=2) > 0.4
        rows, columns = np.nonzero(marked)
        fit = np.polyfit(columns, rows, 1)
        assert fit[0] > 0 and np.abs(np.polyval(fit, columns) - rows).max() < 3
        assert np.unique(rows).size > 0.5 * plot.shape[0]  # from top to bottom


def test_names_of_populations_are_harmless(browser: Any, tmp_path: Path) -> None:
    look(browser, ss.report(evil(), tmp_path / "evil.html", title="</title><script>alert(3)</script>"))
    from selenium.common.exceptions import NoAlertPresentException

    with pytest.raises(NoAlertPresentException):
        browser.switch_to.alert.accept()
    assert browser.execute_script("return document.querySelectorAll('img[src=x]').length") == 0
    assert browser.execute_script("return document.scripts.length") == 3  # the data and our own
    assert "<script>alert(1)</script>" in browser.find_element("id", "populations").text
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_needs_no_scrolling_sideways(browser: Any, file: Path, scheme: str) -> None:
    look(browser, file, width=400, height=800, scheme=scheme)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 400
    assert settled(browser)["spikes"] == 5500


def test_everything_has_a_name_for_screen_readers_and_is_reached_by_tab(opened: Any) -> None:
    tree = opened.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = ("button", "checkbox", "textbox", "spinbutton", "img", "image", "application", "region", "link", "heading")
    named = [
        (n["role"]["value"], n.get("name", {}).get("value", ""))
        for n in tree
        if n.get("role", {}).get("value") in roles
    ]
    assert len(named) > 25 and all(name for _, name in named), [role for role, name in named if not name]
    assert any(role == "application" and "5,500 spikes" in name for role, name in named)
    assert opened.execute_script("return document.documentElement.lang") == "en"
    opened.execute_script("document.body.focus()")
    reached = set()
    for _ in range(60):
        opened.execute_cdp_cmd(
            "Input.dispatchKeyEvent", {"type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
        )
        reached.add(opened.execute_script("return document.activeElement.id"))
    assert {"zoom-in", "all", "from", "to", "neurons", "raster"} <= reached


def test_it_prints_on_white_without_controls(browser: Any, file: Path) -> None:
    look(browser, file, scheme="dark")
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000
    look(browser, file, scheme="dark", media="print")
    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    assert browser.execute_script(style, ".controls", "display") == "none"
    assert browser.execute_script(style, "img.dark", "display") == "none"
    assert browser.execute_script(style, "img.light", "display") == "inline"
    assert browser.execute_script(style, "body", "backgroundColor") == "rgb(255, 255, 255)"


def test_without_scripts_a_still_picture_is_shown(browser: Any, file: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(file.as_uri())
        picture = browser.find_element("css selector", "noscript img")
        assert picture.is_displayed() and picture.size["height"] > 100
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.slow
def test_a_million_spikes_are_smooth(browser: Any, tmp_path: Path) -> None:
    """Measured on two shared cores: 0.8 s until shown, 20-150 ms a frame; the bounds leave room for a busy machine."""
    spikes = {f"p{k}": poisson(f"p{k}", 5000, 125_000, 10_000.0, k) for k in range(8)}
    path = ss.report(Result.of(spikes, {}, start=0.0, stop=10_000.0, dt=0.1), tmp_path / "million.html")
    clock = time.perf_counter()
    look(browser, path)
    assert time.perf_counter() - clock < 10.0
    view = settled(browser)
    assert view["total"] == view["spikes"] == 1_000_000
    frames = [press(browser, key)["milliseconds"] for key in "++-+-"]
    assert np.median(frames) < 400.0
    assert browser.get_log("browser") == []
