"""The page of a fleet, as text and in a real browser."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.renderers.fleet.made import BAD, FAILED, FINE, HOSTILE, fleet, many
from tests.renderers.html.browser import DESKTOP, PHONE, Browser
from tests.renderers.html.test_page_is_accessible import violations
from utils.fleet.history import Point
from utils.renderers.fleet.page import render
from utils.renderers.fleet.trend_lines import snr_trend

NAMES = """Array.from(document.querySelectorAll('#archives tbody tr:not([hidden]) th'),
    cell => cell.firstChild.textContent)"""
LISTED = 2.0  # seconds


def written(folder: Path, text: str) -> Path:
    page = folder / "fleet.html"
    page.write_text(text, encoding="utf-8")
    return page


def sort_by(browser: Browser, column: int) -> None:
    browser.click(f"#archives thead th:nth-child({column}) button")


def test_archives_are_listed_sorted_and_filtered(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, render(fleet(FINE, BAD, FAILED))))
    assert browser.js(NAMES) == ["failed", "bad", "fine"]
    sort_by(browser, 4)
    assert browser.js(NAMES) == ["bad", "fine", "failed"]
    sort_by(browser, 4)
    assert browser.js(NAMES) == ["fine", "bad", "failed"]  # what has no number stays last
    sort_by(browser, 1)
    assert browser.js(NAMES) == ["bad", "failed", "fine"]
    browser.element("#filter").send_keys("normalized TWICE")
    assert browser.js(NAMES) == ["bad"]
    assert browser.element("#count").text == "1 of 3 archives"
    browser.element("#filter").send_keys(" nowhere")
    assert browser.element("#empty").is_displayed()
    links = browser.js("Array.from(document.querySelectorAll('#archives a'), a => a.href)")
    base = (tmp_path / "archives").as_uri()
    assert sorted(links) == [f"{base}/bad/report.html", f"{base}/fine/report.html"]
    assert browser.console() == []


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_long_name_stays_in_its_column(browser: Browser, tmp_path: Path, width: int) -> None:
    row = replace(FINE, name="a_network_whose_name_is_long_and_has_no_blank", archive="/n/a.har")
    browser.open(written(tmp_path, render(fleet(row))), width)
    assert browser.js("""Array.from(document.querySelectorAll('#archives tbody th'))
        .every(cell => cell.scrollWidth <= cell.clientWidth)""")


def test_300_archives_are_listed_in_time(browser: Browser, tmp_path: Path) -> None:
    found, trends = many(300)
    page = written(tmp_path, render(found, trends=trends))
    spent = []
    for _ in range(3):
        browser.driver.get("about:blank")
        started = time.perf_counter()
        browser.open(page)
        spent.append(time.perf_counter() - started)
    assert len(browser.js(NAMES)) == 300
    assert min(spent) < LISTED
    assert browser.js("document.querySelectorAll('svg.trend').length") == 600


@pytest.mark.parametrize(
    ("width", "dark"),
    [(DESKTOP, False), pytest.param(PHONE, True, marks=pytest.mark.slow)],
)
def test_axe_finds_no_grave_fault(width: int, dark: bool, browser: Browser, tmp_path: Path) -> None:
    found, trends = many(9)
    browser.open(written(tmp_path, render(found, trends=trends)), width, dark)
    assert violations(browser) == []


def test_names_stay_names(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, render(fleet(HOSTILE))))
    assert browser.js(NAMES) == [HOSTILE.name]
    assert browser.js("document.querySelectorAll('img, th script').length") == 0
    assert "\u202e" not in browser.driver.page_source
    (link,) = browser.js("Array.from(document.querySelectorAll('#archives a'), a => a.href)")
    assert link == f"{tmp_path.as_uri()}/archives/%252e%23%3F/report.html"
    assert browser.console() == []


def test_pages_elsewhere_lead_to_the_folder_of_results() -> None:
    assert 'href="../results/archives/fine/report.html"' in render(fleet(FINE), "../results/")


def test_a_trend_has_gaps_where_nothing_was_measured() -> None:
    values = (10.0, 20.0, None, 30.0, None, float("inf"))
    trend = snr_trend([Point("", value) for value in values])
    assert trend is not None
    assert [len(stretch.split()) for stretch in trend.stretches] == [2, 1, 1]
    assert trend.in_words == "SNR over 6 runs: 10.0 dB at first, exact at last"
    assert snr_trend([Point("", 1.0), Point("")]) is None
