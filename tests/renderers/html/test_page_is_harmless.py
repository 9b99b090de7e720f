"""Names that mean harm are read as they are, and nothing of them runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.renderers.hostile import NAMES, SCRIPT
from tests.renderers.html.browser import Browser
from tests.renderers.html.conftest import Pages
from tests.renderers.html.reports import CHART_MARKUP

ADDRESSES = (
    "Array.from(document.querySelectorAll('a'),"
    " a => a.getAttribute('href') || a.getAttribute('xlink:href'))"
)


@pytest.mark.parametrize(
    "name", ["script", "markup", pytest.param("everything", marks=pytest.mark.slow)]
)
def test_harmful_names_do_no_harm(name: str, browser: Browser, pages: Pages) -> None:
    page = pages(name)
    browser.open(page)
    browser.unfold()
    assert browser.console() == []
    assert {u for u in browser.requests() if not u.startswith("data:")} == {page.as_uri()}
    assert browser.js("document.querySelectorAll('script').length") == 3
    assert browser.js("document.querySelectorAll('img, iframe, object, embed, form').length") == 0
    assert all(address.startswith("#") for address in filter(None, browser.js(ADDRESSES)))
    for chart in ("snr-chart", "share-chart", "histogram-chart", "range-chart", "gain-chart"):
        assert browser.js(f"chartOf('{chart}').data.datasets.length"), chart


@pytest.mark.parametrize(("name", "text"), [("script", SCRIPT), ("markup", CHART_MARKUP)])
def test_a_name_is_shown_as_it_is(name: str, text: str, browser: Browser, pages: Pages) -> None:
    browser.open(pages(name))
    browser.unfold()
    assert text in browser.element("#findings blockquote").text
    # Sentences call layers by what follows the last slash of their names.
    called = text.rpartition("/")[2]
    for place in ("#first-cause", ".next-step", "#findings .evidence", "#findings h3"):
        assert called in browser.element(place).text, place
    browser.element("#table-filter").send_keys(text[:20])
    # Two bear the name; the third was not measured because of it.
    assert len(browser.elements("#layer-table tbody tr:not([hidden])")) == 3
    # Charts draw the texts on a canvas, where nothing is markup.
    said = browser.js("chartOf('snr-chart').data.datasets[0].words.map(words => words[0])")
    assert said[1].endswith(called[-9:])


def test_the_policy_lets_no_other_script_run(
    browser: Browser, pages: Pages, tmp_path: Path
) -> None:
    text = pages("script").read_text(encoding="utf-8")
    page = tmp_path / "changed.html"
    page.write_text(
        text.replace("<main>", "<main><script>window.ran = 1</script><p onclick='1'>x</p>"),
        encoding="utf-8",
    )
    browser.open(page)
    assert browser.js("window.ran === undefined")
    assert any("Content Security Policy" in line for line in browser.console())


def test_control_characters_are_spelled_out(pages: Pages) -> None:
    text = pages("everything").read_bytes().decode("utf-8")
    own = text[: text.index('<script type="application/json"')]
    harmful = {c for name in NAMES for c in name if not c.isprintable()} - {"\n"}
    assert len(harmful) > 5
    assert not {c for c in harmful if c in own}
    assert "\\x1b" in own
    assert "\\u202e" in own
