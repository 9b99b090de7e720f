"""The page does what it shows, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.renderers.html.browser import Browser
from tests.renderers.html.conftest import SLOW, Pages

CHARTS = (
    "snr-overview",
    "snr-chart",
    "share-chart",
    "histogram-chart",
    "range-chart",
    "code-chart",
    "input-chart-0",
)
# How many points of a chart have a place.
POINTS = """chartOf(arguments[0]).getSortedVisibleDatasetMetas().flatMap(meta => meta.data)
    .filter(point => !point.skip && Number.isFinite(point.y)).length"""
# How many pixels of a chart hold anything.
PIXELS = """(canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
    .filter((value, at) => at % 4 === 3 && value).length)(chartOf(arguments[0]).canvas)"""
SHOWN_ROWS = "Array.from(document.querySelectorAll('#layer-table tbody tr:not([hidden])'))"


def column(browser: Browser, heading: str) -> list[str]:
    """Cells of a column of the table of layers, of the rows that are shown."""
    heads = browser.js(
        "Array.from(document.querySelectorAll('#layer-table thead button'), b => b.title)"
    )
    at = heads.index(heading)
    cells: list[str] = browser.js(f"{SHOWN_ROWS}.map(row => row.cells[{at}].textContent)")
    return cells


def sort_by(browser: Browser, heading: str) -> None:
    browser.click(f"#layer-table thead button[title='{heading}']")


def opened(browser: Browser, page: Path, dark: bool = False) -> None:
    browser.open(page, dark=dark)
    browser.unfold()


def choose(browser: Browser, selector: str, label: str) -> None:
    from selenium.webdriver.support.select import Select

    Select(browser.element(selector)).select_by_visible_text(label)


@pytest.mark.parametrize("name", ["demo", *SLOW])
def test_every_chart_is_drawn(name: str, browser: Browser, pages: Pages) -> None:
    opened(browser, pages(name))
    first = browser.js("chosen")
    weighted = browser.js("DATA.layers.findIndex(layer => layer.codes)")
    browser.driver.execute_script("chooseLayer(arguments[0])", weighted)
    for chart in CHARTS:
        assert browser.js(POINTS, chart) > 3, chart
        assert browser.js(PIXELS, chart) > 300, chart
    assert first in browser.js("DATA.marked") or not browser.js("DATA.marked.length")


def test_folded_charts_wait_until_they_are_opened(browser: Browser, pages: Pages) -> None:
    browser.open(pages("demo"))
    assert browser.js(POINTS, "snr-overview") > 3
    assert browser.js("chartOf('snr-chart') === undefined")
    browser.click("#noise > details > summary")
    browser.wait("chartOf('snr-chart') !== undefined")
    assert browser.js("chartOf('histogram-chart') === undefined")


@pytest.mark.parametrize("name", ["demo", "static", *SLOW])
def test_the_page_logs_nothing_and_asks_for_nothing(
    name: str, browser: Browser, pages: Pages
) -> None:
    page = pages(name)
    opened(browser, page)
    assert browser.console() == []
    assert {u for u in browser.requests() if not u.startswith("data:")} == {page.as_uri()}
    assert page.stat().st_size < (4_000_000 if name == "deep" else 1_000_000)


def test_the_watch_sees_errors_and_requests(browser: Browser, tmp_path: object) -> None:
    page = tmp_path / "bad.html"  # type: ignore[operator]
    page.write_text(
        "<html data-ready=yes><script>console.error('x')</script><img src='http://127.0.0.1:9/i'>"
    )
    browser.open(page)
    assert any("http://127.0.0.1:9/i" in address for address in browser.requests())
    assert any("'x'" in line or '"x"' in line for line in browser.console())


@pytest.mark.slow
def test_all_layers_of_a_deep_network_are_in_the_table(browser: Browser, pages: Pages) -> None:
    browser.open(pages("deep"))
    assert len(browser.js(SHOWN_ROWS)) >= 300
    assert browser.js("DATA.snr.at.length") >= 300


@pytest.mark.slow
def test_the_table_is_sorted_by_numbers_both_ways(browser: Browser, pages: Pages) -> None:
    opened(browser, pages("deep"))
    order = column(browser, "Order of the graph")
    sort_by(browser, "Everything quantized, at this layer")
    rising = [float(text.replace("−", "-")) for text in filter(None, at_layer(browser))]
    assert len(rising) > 200
    assert rising == sorted(rising)
    assert rising[0] < rising[-1]
    sort_by(browser, "Everything quantized, at this layer")
    falling = [float(text.replace("−", "-")) for text in filter(None, at_layer(browser))]
    assert falling == rising[::-1]
    assert browser.js("document.querySelectorAll('[aria-sort]').length") == 1
    sort_by(browser, "Order of the graph")
    assert column(browser, "Order of the graph") == order


def test_large_counts_come_first_and_small_ratios(browser: Browser, pages: Pages) -> None:
    opened(browser, pages("demo"))
    for heading, falls in (
        ("Findings that name the layer", True),
        ("What this layer itself adds", False),
    ):
        sort_by(browser, heading)
        numbers = [
            float(t.replace("−", "-").replace("exact", "inf"))
            for t in column(browser, heading)
            if t
        ]
        assert numbers == sorted(numbers, reverse=falls)
        assert numbers[0] != numbers[-1]


def test_what_is_folded_opens_by_a_link_or_a_key(browser: Browser, pages: Pages) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(pages("demo"))
    folded = "document.querySelector('.folded').open"
    assert not browser.js(folded)
    assert not browser.element(".folded .card").is_displayed()
    browser.element(".folded > summary").send_keys(Keys.ENTER)
    browser.wait(folded)
    card = browser.js("document.querySelector('.folded .card').id")
    for _ in range(2):  # the second time the address stays as it is
        browser.driver.execute_script("document.querySelector('.folded').open = false")
        browser.driver.execute_script(
            "const link = document.createElement('a'); link.href = `#${arguments[0]}`;"
            "document.body.append(link); link.click();",
            card,
        )
        browser.wait(folded)


def test_a_consequence_on_the_first_screen_leads_to_its_card(
    browser: Browser, pages: Pages
) -> None:
    browser.open(pages("demo"))
    browser.click(".chain a")
    anchor = browser.js("location.hash.slice(1)")
    browser.wait(f"document.getElementById('{anchor}').open")
    assert browser.element(f"#{anchor} .card-body").is_displayed()


def test_a_chart_that_fails_is_told_and_keeps_no_other_from_being_drawn(
    browser: Browser, pages: Pages, tmp_path: Path
) -> None:
    text = pages("demo").read_text(encoding="utf-8")
    page = tmp_path / "broken.html"
    page.write_text(text.replace('"local":[', '"other":[', 1), encoding="utf-8")
    opened(browser, page)
    assert "could not be drawn" in browser.element("#snr-chart").text
    assert ["snr-chart could not be drawn" in line for line in browser.console()] == [True]
    for chart in ("snr-overview", "share-chart", "histogram-chart", "input-chart-0"):
        assert browser.js(POINTS, chart) > 3, chart


def at_layer(browser: Browser) -> list[str]:
    return column(browser, "Everything quantized, at this layer")


def test_layers_without_a_number_stay_at_the_end(browser: Browser, pages: Pages) -> None:
    opened(browser, pages("demo"))
    for _ in range(2):
        sort_by(browser, "What this layer itself adds")
        known = [bool(text) for text in column(browser, "What this layer itself adds")]
        assert known == sorted(known, reverse=True)
        assert not all(known)


def test_the_table_is_filtered_by_text_type_and_findings(browser: Browser, pages: Pages) -> None:
    opened(browser, pages("demo"))
    everything = len(column(browser, "Kind of layer"))
    browser.element("#table-filter").send_keys("DEPTHWISE/conv")
    assert [text.split("/")[0] for text in column(browser, "Order of the graph")] == ["dw1"]
    assert browser.element("#table-count").text == f"1 of {everything} layers"
    browser.element("#table-filter").clear()
    browser.element("#table-filter").send_keys(" ")
    choose(browser, "#table-type", "conv")
    assert set(column(browser, "Kind of layer")) == {"conv"}
    choose(browser, "#table-type", "all types")
    browser.click("#table-found")
    found = column(browser, "Findings that name the layer")
    assert 0 < len(found) < everything
    assert all(found)


def test_choosing_a_layer_draws_its_charts(browser: Browser, pages: Pages) -> None:
    opened(browser, pages("demo"))
    choose(browser, "#layer-choice", "conv6")
    assert "shape_detector/conv6" in browser.element("#layer-facts").text
    assert [browser.js(POINTS, chart) for chart in ("range-chart", "code-chart")] == [64, 32]
    choose(browser, "#layer-choice", "conv1")
    assert browser.js(POINTS, "code-chart") == 8
    choose(browser, "#layer-choice", "maxpool1")
    assert not browser.element("#code-chart").is_displayed()
    assert "no integer weights" in browser.element("#code-chart-empty").text


def test_channels_without_weights_are_counted_and_many_are_sorted(
    browser: Browser, pages: Pages
) -> None:
    opened(browser, pages("demo"))
    drawn = browser.js(
        "(() => { const codes = { channels: 60, limit: 7, used: Array(60).fill(1),"
        " low: Array(60).fill(0), high: Array.from({length: 60}, (_, at) => (7 * at) % 8) };"
        " DATA.layers[chosen] = { codes }; drawAgain('code-chart');"
        " return chartOf('code-chart').data.datasets[0].data.map(([, high]) => high); })()"
    )
    assert drawn == sorted(drawn, reverse=True)
    assert "8 of 60 channels hold nothing but zeros" in browser.element("#code-note").text
    browser.driver.execute_script("chooseLayer(DATA.layers.findIndex(layer => layer.codes))")


@pytest.mark.slow
def test_a_layer_is_found_by_search_and_by_steps(browser: Browser, pages: Pages) -> None:
    opened(browser, pages("deep"))
    browser.element("#layer-search").send_keys("conv20")
    labels = browser.js("Array.from(document.getElementById('layer-choice').options, o => o.text)")
    assert labels == ["conv20", *(f"conv20{digit}" for digit in range(10))]
    assert "deep/conv20" in browser.element("#layer-facts").text
    browser.click("#layer-after")
    assert "deep/conv200" in browser.element("#layer-facts").text
    assert (
        f"11 of {browser.js('DATA.labels.length')}" in browser.element("#layer-search-result").text
    )


def test_a_layer_of_a_finding_leads_to_its_charts(browser: Browser, pages: Pages) -> None:
    browser.open(pages("demo"))
    link = browser.element("#finding-coarse-channels [data-layer]")
    browser.driver.execute_script("arguments[0].click()", link)
    browser.wait("document.querySelector('#one-layer > details').open")
    assert link.get_attribute("title") in browser.element("#layer-facts").text
    assert browser.js("document.activeElement.id") == "one-layer-title"


@pytest.mark.slow
def test_a_chart_stands_beside_its_table(browser: Browser, pages: Pages) -> None:
    browser.open(pages("demo"))
    browser.unfold()
    tops = browser.js("""Array.from(document.querySelectorAll('.beside'),
        pair => Array.from(pair.children, each => Math.round(each.getBoundingClientRect().top)))""")
    assert tops
    assert all(len(pair) == 2 and pair[0] == pair[1] for pair in tops)


def test_zooming_needs_no_mouse(browser: Browser, pages: Pages) -> None:
    opened(browser, pages("deep"))
    whole, ticks = snr_axis(browser)
    for _ in range(4):
        browser.click("[data-zoom='in']")
    near, names = snr_axis(browser)
    assert near[1] - near[0] == pytest.approx((whole[1] - whole[0]) / 16, abs=3)
    # Every layer in sight has its name now.
    assert len(names) == near[1] - near[0] + 1
    assert len(ticks) < 60
    browser.click("[data-zoom='left']")
    assert snr_axis(browser)[0][0] < near[0]
    browser.click("[data-zoom='all']")
    assert snr_axis(browser)[0] == whole


def snr_axis(browser: Browser) -> tuple[list[float], list[str]]:
    axis = "chartOf('snr-chart').scales.x"
    return browser.js(f"[{axis}.min, {axis}.max]"), browser.js(f"{axis}.ticks.map(t => t.label)")


@pytest.mark.parametrize("has_clipboard", [True, False])
def test_lines_are_copied(has_clipboard: bool, browser: Browser, pages: Pages) -> None:
    opened(browser, pages("demo"))
    browser.driver.execute_script(
        "window.taken = [];"
        "const writeText = async text => { taken.push(text); };"
        "const clipboard = arguments[0] ? {writeText} : undefined;"
        "Object.defineProperty(navigator, 'clipboard', {value: clipboard});"
        "document.execCommand = what => {"
        "  taken.push(what === 'copy' && !arguments[0] ? String(getSelection()) || "
        "    document.activeElement.value : null); return true; };",
        has_clipboard,
    )
    browser.click("#finding-fragile-layer-compressed [data-copy]")
    browser.wait("taken.length === 1")
    browser.click(".script-bar [data-copy]")
    browser.wait("taken.length === 2")
    browser.click(".next-step [data-copy]")
    browser.wait("taken.length === 3")
    command, script, step = browser.js("taken")
    lines = [each.text for each in browser.elements(".next-step code span")]
    assert step == "\n".join(lines) != ""
    assert command == "quantization_param([shape_detector/dw1], precision_mode=a8_w8)"
    assert script.startswith("# The network was trained on images in 0..1")
    widened = "quantization_param([shape_detector/dw1, shape_detector/conv6], precision_mode=a8_w8)"
    assert widened in script.splitlines()  # as emulation has proven it
    assert browser.element("#announcer").get_attribute("textContent") == "Copied"


def test_charts_take_the_colours_of_the_scheme(browser: Browser, pages: Pages) -> None:
    colours = []
    for dark in (False, True):
        browser.open(pages("demo"), dark=dark)
        colours.append(
            browser.js(
                "[getComputedStyle(document.body).backgroundColor,"
                " chartOf('snr-overview').data.datasets[0].borderColor,"
                " chartOf('snr-overview').options.color]"
            )
        )
    assert all(light != dark for light, dark in zip(*colours, strict=True)), json.dumps(colours)


def test_printing_opens_everything_on_white(browser: Browser, pages: Pages) -> None:
    browser.open(pages("demo"), dark=True)
    closed = "document.querySelectorAll('details:not([open]):not(.in-network)').length"
    before = browser.js(closed)
    assert before > 0
    browser.driver.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert browser.js(closed) == 0
    assert browser.js("chartOf('snr-overview').options.color") == "#1a2330"
    assert browser.js(POINTS, "snr-chart") > 3
    browser.driver.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert browser.js(closed) == before
