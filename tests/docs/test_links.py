"""Every link within the documentation leads somewhere, on the site and in the repository."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs.generate import DOCS, ROOT
from tests.docs.markdown_pages import anchors, links

README = ROOT / "README.md"
PAGES = [README, *sorted(DOCS.rglob("*.md"))]
SHORT_ENOUGH = 300  # lines that somebody still reads


def complaint(page: Path, link: str) -> str:
    """What is wrong with a link; "" if nothing is, or if it leads out of the project."""
    parts = urlsplit(link)
    if parts.scheme:
        return ""
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.exists():
        return f"{link} leads to no file"
    if page != README and not target.is_relative_to(DOCS):
        return f"{link} leads out of the site"
    if parts.fragment and parts.fragment not in anchors(target):
        return f"{link} leads to no heading"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(filter(None, (complaint(page, link) for link in links(page)))) == []


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("usage.md#help-text", ""),
        ("#reports", ""),
        ("https://example.org/gone", ""),
        ("gone.md", "no file"),
        ("usage.md#gone", "no heading"),
        ("#gone", "no heading"),
        ("../README.md", "out of the site"),
    ],
)
def test_a_dead_link_is_seen(link: str, said: str) -> None:
    assert bool(complaint(DOCS / "output.md", link)) == bool(said)
    assert said in complaint(DOCS / "output.md", link)


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= SHORT_ENOUGH
    linked = {(README.parent / urlsplit(link).path).resolve() for link in links(README)}
    top = set(DOCS.glob("*.md")) - {DOCS / "index.md"}
    assert top - linked == set()


def test_headings_that_are_alike_have_anchors_of_their_own(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A `b`, c!\n\nText\n\n## A b c\n\n```\n# no heading\n```\n", encoding="utf-8")
    assert anchors(page) == ["a-b-c", "a-b-c-1"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_exists(page: Path) -> None:
    names = re.findall(
        r"`((?:utils|inspectors|diagnosis|docs|tests|examples|benchmarks)/[\w./]*)`",
        page.read_text(encoding="utf-8"),
    )
    assert [name for name in names if not (ROOT / name).exists()] == []
