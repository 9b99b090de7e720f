"""What single charts and bars show, in a real browser."""

from __future__ import annotations

import pytest

from tests.renderers.html.browser import DESKTOP, PHONE, Browser
from tests.renderers.html.conftest import Pages

# Labels of the series of a chart, with the number of their points that have a place.
SERIES = """(chart => Object.fromEntries(chart.data.datasets.map((series, at) => [
    series.label, chart.getDatasetMeta(at).data.filter((point, i) =>
        series.data[i] !== null && Number.isFinite(point.y)).length])))(chartOf(arguments[0]))"""


def changed(browser: Browser, page: Pages, data: str, *charts: str, name: str = "demo") -> None:
    """A page with other data; its charts are drawn again."""
    browser.open(page(name))
    browser.unfold("details.part")
    names = ", ".join(f"'{chart}'" for chart in charts)
    browser.driver.execute_script(f"{data}; drawAgain({names});")


def test_the_telling_layer_is_drawn_at_once_and_chosen_below(
    browser: Browser, pages: Pages
) -> None:
    browser.open(pages("demo"))
    drawn = browser.js("chartOf('telling-chart').data.datasets[0].data.map(({ y }) => y)")
    told = browser.js("DATA.layers[DATA.telling].histogram.counts.map(count => count || null)")
    assert drawn == told
    assert browser.element("#telling-chart").is_displayed()
    assert browser.js("chosen === DATA.telling")


def test_values_are_drawn_across_and_up_with_the_threshold(browser: Browser, pages: Pages) -> None:
    data = """DATA.pairs = [{ float: [-2, 1, 3, 3], chip: [-1, -1, 2, 3], threshold: 0,
        sentence: "Two change", drawn: "All 4" }]"""
    changed(browser, pages, data, "pairs-chart")
    assert browser.js(SERIES, "pairs-chart") == {
        "on the other side on the chip": 1,
        "same side of the threshold": 3,
    }
    chart = "chartOf('pairs-chart')"
    assert browser.js(f"{chart}.data.datasets[0].data") == [{"x": 1, "y": -1}]
    scales = [
        browser.js(f"[{chart}.scales.{axis}.min, {chart}.scales.{axis}.max]") for axis in "xy"
    ]
    assert scales[0] == scales[1]  # or the diagonal would not say where both agree
    lines = browser.js(f"Object.values({chart}.options.plugins.annotation.annotations).length")
    assert lines == 3
    assert browser.element("#pairs-sentence").text == "Two change"


def test_without_a_threshold_all_values_are_alike(browser: Browser, pages: Pages) -> None:
    data = """DATA.pairs = [{ float: [-2, "inf", 5], chip: [1, 0, 5], threshold: null,
        sentence: "", drawn: "All 3" }]"""
    changed(browser, pages, data, "pairs-chart")
    assert browser.js(SERIES, "pairs-chart") == {"values": 2}


def test_the_run_before_and_this_one_are_joined_layer_by_layer(
    browser: Browser, pages: Pages
) -> None:
    data = """DATA.comparison = { labels: ["a", "b", "c", "d"], before: [10, 30, null, "inf"],
        now: [25, 12, 9, "inf"] }"""
    changed(browser, pages, data, "gain-chart", name="script")
    assert browser.js(SERIES, "gain-chart") == {"now": 4, "before": 3, "difference": 3}
    series = "chartOf('gain-chart').data.datasets"
    assert browser.js(f"{series}[2].data.slice(0, 2)") == [[10, 25], [30, 12]]
    assert browser.js(f"{series}[0].pointStyle.slice(0, 2)") == ["circle", "triangle"]
    better, worse = browser.js(f"{series}[2].backgroundColor.slice(0, 2)")
    assert better != worse
    said = browser.js(f"{series}[0].words")
    assert said[2] == ["c", "before: not measured", "now: 9.0 dB"]


def test_channels_that_do_nothing_have_bands_of_their_own_and_are_last(
    browser: Browser, pages: Pages
) -> None:
    data = """DATA.layers[chosen] = {
        codes: { channels: 60, limit: 7, used: Array(60).fill(1),
            low: Array.from({ length: 60 }, (_, at) => at < 3 ? 0 : -5),
            high: Array.from({ length: 60 }, (_, at) => at < 3 ? 0 : -1) },
        ranges: { channels: 3, measured: [[0, 0, -1], [0, 2, 1]],
            calibrated: [[0, 0, 0], [1, 1, 1]] } }"""
    changed(browser, pages, data, "code-chart", "range-chart")
    assert browser.js(SERIES, "code-chart") == {"codes": 60, "nothing but zeros": 3}
    bands = browser.js("chartOf('code-chart').data.datasets[1].data")
    assert bands == [None] * 57 + [[-7, 7]] * 3
    assert "3 of 60 channels hold nothing but zeros (hatched)" in browser.element("#code-note").text
    assert browser.js(SERIES, "range-chart")["the same throughout"] == 1
    assert "1 of 3 channels have the same value" in browser.element("#range-note").text


def test_where_all_channels_do_something_there_is_no_band(browser: Browser, pages: Pages) -> None:
    data = """DATA.layers[chosen] = {
        codes: { channels: 2, limit: 7, used: [3, 3], low: [-5, 0], high: [1, 3] },
        ranges: { channels: 1, measured: [[0], [1]] } }"""
    changed(browser, pages, data, "code-chart", "range-chart")
    assert list(browser.js(SERIES, "code-chart")) == ["codes"]
    assert list(browser.js(SERIES, "range-chart")) == ["measured"]
    assert "hatched" not in browser.element("#code-note").text


def test_an_input_of_many_channels_is_sorted(browser: Browser, pages: Pages) -> None:
    data = """const zeros = Array(60).fill(0), high = zeros.map((_, at) => (7 * at) % 60);
        DATA.inputs[0] = { channels: 60, at: Array.from(high.keys()),
            measured: [zeros, high, zeros, zeros] }"""
    changed(browser, pages, data, "input-chart-0")
    spans = browser.js("chartOf('input-chart-0').data.datasets[2].data")
    assert [each["x"] for each in spans] == list(range(60))
    assert [each["y"][1] for each in spans] == list(range(60))[::-1]


def test_bars_of_one_figure_have_one_scale(browser: Browser, pages: Pages) -> None:
    browser.open(pages("demo"))
    browser.driver.execute_script(
        "document.querySelectorAll('.bar-row .value')[0].textContent = '-1.234 to 56789'"
    )
    for width in (DESKTOP, PHONE):
        browser.resize(width)
        widths = browser.js(
            "Array.from(document.querySelectorAll('.ranges'), figure => "
            "Array.from(figure.querySelectorAll('.track'), each => each.clientWidth))"
        )
        assert [len(each) for each in widths] == [3]
        assert all(len(set(each)) == 1 and each[0] > 40 for each in widths)


@pytest.mark.parametrize(("width", "is_shown"), [(1900, False), (PHONE, True)])
def test_a_table_says_that_there_is_more_at_its_side(
    width: int, is_shown: bool, browser: Browser, pages: Pages
) -> None:
    browser.open(pages("demo"), width)
    assert browser.element("#layers .scroll-hint").is_displayed() is False  # folded
    browser.click("#layers > details > summary")
    hidden = "document.querySelector('#layers .scroll-hint').hidden"
    browser.wait(f"{hidden} !== {'true' if is_shown else 'false'}")
    area = "document.querySelector('#layers .scroll')"
    assert browser.js(f"{area}.scrollWidth > {area}.clientWidth + 1") is is_shown


@pytest.mark.parametrize(("most", "labels"), [(4, {"1", "2"}), (90_000, {"1", "10", "1,000"})])
def test_a_logarithmic_axis_names_what_there_is_room_for(
    most: int, labels: set[str], browser: Browser, pages: Pages
) -> None:
    data = f"""DATA.layers[chosen].histogram = {{ low: 0, high: 1, below: 0, above: 0,
        counts: [1, {most}] }}"""
    changed(browser, pages, data, "histogram-chart")
    ticks = "chartOf('histogram-chart').scales.y.ticks"
    assert labels <= set(browser.js(f"{ticks}.map(tick => tick.label)"))
    assert ("2" in browser.js(f"{ticks}.map(tick => tick.label)")) is (most < 100)
