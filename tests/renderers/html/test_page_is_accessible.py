"""Widths, colours and structure of the page, judged by axe and by measuring."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.renderers.html.browser import DESKTOP, PHONE, Browser
from tests.renderers.html.conftest import SLOW, Pages

GRAVE = ("serious", "critical")
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations));
"""


@cache
def axe() -> str:
    spec = find_spec("axe_core_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core-python, which brings axe along, is not installed")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(browser: Browser) -> list[str]:
    browser.driver.execute_script(axe())
    browser.driver.set_script_timeout(60)
    found: list[Any] = browser.driver.execute_async_script(RUN)
    return [
        f"{each['id']}: {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in GRAVE
    ]


@pytest.mark.parametrize(
    ("name", "width", "dark"),
    [
        ("demo", DESKTOP, False),
        ("static", PHONE, True),
        pytest.param("demo", PHONE, True, marks=pytest.mark.slow),
        pytest.param("jet", DESKTOP, True, marks=pytest.mark.slow),
        pytest.param("jet", PHONE, False, marks=pytest.mark.slow),
        pytest.param("static", DESKTOP, False, marks=pytest.mark.slow),
        pytest.param("markup", DESKTOP, True, marks=pytest.mark.slow),
    ],
)
def test_axe_finds_no_grave_fault(
    name: str, width: int, dark: bool, browser: Browser, pages: Pages
) -> None:
    browser.open(pages(name), width, dark)
    browser.unfold()
    assert violations(browser) == []


def test_axe_finds_faults_where_there_are(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<html data-ready=yes><body><img src='data:,'><button></button>")
    browser.open(page)
    assert any(each.startswith("button-name") for each in violations(browser))


@pytest.mark.parametrize(
    "name", ["demo", *SLOW, pytest.param("everything", marks=pytest.mark.slow)]
)
def test_nothing_is_wider_than_the_window(name: str, browser: Browser, pages: Pages) -> None:
    browser.open(pages(name), PHONE)
    for width in (PHONE, 320, 768, DESKTOP):
        browser.resize(width)
        assert browser.js("document.documentElement.scrollWidth") <= width, width
    browser.unfold()
    for width in (PHONE, 320, 768, DESKTOP):
        browser.resize(width)
        assert browser.js("document.documentElement.scrollWidth") <= width, width


def test_the_keyboard_reaches_what_the_mouse_does(browser: Browser, pages: Pages) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(pages("demo"))
    browser.unfold()
    browser.element("body").send_keys(Keys.TAB)
    assert browser.js("document.activeElement.className") == "skip"
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.wait("location.hash === '#findings'")
    head = browser.element("#layer-table thead button[title='Everything quantized, at this layer']")
    head.send_keys(Keys.ENTER)
    assert browser.js("document.querySelector('[aria-sort]').textContent").startswith("SNR at")
    before = browser.js("chosen")
    browser.element("#layer-after").send_keys(Keys.SPACE)
    assert browser.js("chosen") == before + 1


@pytest.mark.parametrize("name", ["demo", pytest.param("deep", marks=pytest.mark.slow)])
def test_headings_leave_no_level_out(name: str, browser: Browser, pages: Pages) -> None:
    browser.open(pages(name))
    levels = browser.js(
        "Array.from(document.querySelectorAll('h1,h2,h3,h4,h5,h6'), h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(now <= before + 1 for before, now in pairwise(levels))
    assert len(browser.elements("main, header, nav, footer")) == 4
