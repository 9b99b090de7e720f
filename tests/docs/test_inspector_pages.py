"""Every inspector has a page, and every finding an entry in it that can be linked to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import inspectors
from docs import generate
from docs.generate import DOCS, ROOT
from docs.inspector_pages import INDEX, inspector_documents
from inspectors.base_inspector import BaseInspector, Context, Need
from inspectors.documentation import documentation
from tests.docs.markdown_pages import anchors, headings, links
from utils.findings import Finding
from utils.findings.documentation import InspectorDoc

REAL = documentation(inspectors.discover()[0]).inspectors


class ToneInspector(BaseInspector):
    """Is it too loud?

    Then `too-loud` is found, but neither `too-long` nor ``too-loud``.

    - `too-loud` (warning or error): it is loud, which `too-quiet` is not.
    - `too-quiet`: it is quiet. See `not-a-finding`.
    """

    NEEDS = Need.NOISE | Need.PREVIEWS

    def inspect(self, context: Context) -> Iterator[Finding]:
        yield from ()


class TimeInspector(ToneInspector):
    """Is it too long?

    - `too-long` (info): it is long, and `too-loud`.
    """

    NEEDS = Need.NOTHING


PAGES = inspector_documents([ToneInspector, TimeInspector])


@pytest.mark.parametrize("doc", REAL, ids=lambda doc: doc.name)
def test_every_finding_has_an_anchor_in_its_page(doc: InspectorDoc) -> None:
    assert doc.page
    page = ROOT / doc.page
    assert anchors(page)[1:] == [finding.id for finding in doc.findings]
    assert next(headings(page)) == doc.name


def test_the_index_leads_to_every_page_and_entry() -> None:
    linked = set(links(ROOT / INDEX))
    for doc in REAL:
        name = doc.page.rpartition("/")[2]
        assert {name, *(f"{name}#{finding.id}" for finding in doc.findings)} <= linked


def test_no_page_of_an_inspector_that_is_gone_is_left() -> None:
    assert list(generate.left_over()) == [], "run `make docs`"


def test_a_page_says_what_the_docstring_says() -> None:
    page = PAGES["docs/inspectors/tone-inspector.md"]
    assert page.startswith("# ToneInspector\n")
    assert "\nIs it too loud?\n" in page
    assert "\n## too-loud\n\n**Warning or error.** It is loud, which" in page
    assert "\n## too-quiet\n\nIt is quiet." in page
    assert "number 1 of 2 and asks for these measurements: thumbnails of some" in page
    assert "the noise of the quantized network." in page
    assert (
        "number 2 of 2 and asks for no measurement." in PAGES["docs/inspectors/time-inspector.md"]
    )


def test_findings_that_are_named_are_linked() -> None:
    tone, time = (PAGES[f"docs/inspectors/{name}-inspector.md"] for name in ("tone", "time"))
    assert "Then [`too-loud`](#too-loud) is found" in tone
    assert "neither [`too-long`](time-inspector.md#too-long) nor ``too-loud``." in tone
    assert "See `not-a-finding`." in tone
    assert "and [`too-loud`](tone-inspector.md#too-loud)." in time


def test_the_index_has_a_row_for_each() -> None:
    assert PAGES[INDEX].splitlines()[-1] == (
        "| [TimeInspector](time-inspector.md) | Is it too long? "
        "| [`too-long`](time-inspector.md#too-long) |"
    )


def test_whatever_can_be_measured_has_words() -> None:
    for need in Need:
        if need is not Need.NOTHING:
            cls = type("Any", (ToneInspector,), {"NEEDS": need})
            page = inspector_documents([cls])["docs/inspectors/any.md"]
            assert "asks for these measurements: " in page, need


def test_a_new_page_gets_into_the_navigation() -> None:
    text = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    for doc in REAL:
        assert f"- {doc.page.removeprefix('docs/')}\n" in text
